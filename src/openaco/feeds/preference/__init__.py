"""Beneficiaries' choices on sharing their claims, as CMS passes them on from 1-800-MEDICARE (42 CFR 425.708)."""

from openaco.feeds.preference.load import load

__all__ = ["load"]
