"""Beneficiaries' choices on sharing their claims, as CMS passes them on from 1-800-MEDICARE (42 CFR 425.708)."""

from openaco.feeds.package import files_in as deliveries_in
from openaco.feeds.preference.load import load

__all__ = ["deliveries_in", "load"]
