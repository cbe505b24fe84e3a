"""CMS125: definition.yaml, measure.py (the logic), cases.md (our own cases, run as tests)."""
