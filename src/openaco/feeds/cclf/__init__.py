"""Claim and Claim Line Feed (CCLF): the fixed-width claim files that CMS sends an ACO every month."""

from openaco.feeds.cclf.load import deliveries_in, load

__all__ = ["deliveries_in", "load"]
