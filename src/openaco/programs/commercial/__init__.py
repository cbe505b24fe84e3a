"""Contracts of commercial and Medicaid payers, described in a file."""
