"""Value sets as their users download them → one table of codes."""

from openaco.feeds.valuesets.read import read_value_sets

__all__ = ["read_value_sets"]
