"""The Tuva input layer: medical claims, pharmacy claims and eligibility, as CSV or Parquet, older or current names."""

from openaco.feeds.tuva.load import load

__all__ = ["load"]
