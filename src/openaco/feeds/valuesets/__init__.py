"""Value sets as their users download them → one table of codes."""

from openaco.feeds.valuesets.demonstration import demonstration_value_sets
from openaco.feeds.valuesets.read import read_value_sets

__all__ = ["demonstration_value_sets", "read_value_sets"]
