"""CMS's Assignment List Report: tables 1-1 to 1-6 and 1-9, as CSV or as the ZIP they come in."""

from openaco.feeds.alr.load import deliveries_in, load

__all__ = ["deliveries_in", "load"]
