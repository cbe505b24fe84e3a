"""What people decided about pairs of records: the review file of `openaco quality match`, filled in."""

from openaco.feeds.matches.load import load

__all__ = ["load"]
