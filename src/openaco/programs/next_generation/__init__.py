"""The Next Generation ACO Model."""
