"""Evidence that people enter by hand: tests done elsewhere, results on paper. One CSV; see docs/how-to."""

from openaco.feeds.evidence.load import load

__all__ = ["load"]
