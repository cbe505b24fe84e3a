"""LEAD, the successor of ACO REACH, as announced."""
