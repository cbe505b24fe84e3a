"""Clinical data of an ACO from its whole lake: claims, record systems, evidence; one person, one event once."""
