"""Beneficiaries whose claims CMS withholds from the ACO: the exclusion file (BNEX) in XML."""

from openaco.feeds.bnex.load import load

__all__ = ["load"]
