"""Beneficiaries whose claims CMS withholds from the ACO: the exclusion file (BNEX) in XML."""

from openaco.feeds.bnex.load import load
from openaco.feeds.package import files_in as deliveries_in

__all__ = ["deliveries_in", "load"]
