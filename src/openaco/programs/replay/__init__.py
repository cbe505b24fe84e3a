"""CMS's published results recomputed, ACO by ACO."""
