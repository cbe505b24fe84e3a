"""CAHPS for MIPS from the survey vendor's result file: one CSV of summary survey measures."""

from openaco.feeds.cahps.load import load

__all__ = ["load"]
