"""The Pioneer ACO Model."""
