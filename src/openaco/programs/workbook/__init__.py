"""CMS's settlement report recomputed, line by line."""
