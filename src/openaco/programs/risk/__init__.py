"""Risk scores of people, from files and from claims."""
