"""Prices by billing code: lists of one's own, hospitals' standard charges and insurers' in-network rates.

Hospital Price Transparency files (45 CFR 180.50; CSV tall and wide, JSON; versions 2 and 3) and Transparency in
Coverage in-network files (45 CFR 147.212; versions 1 and 2), read as a stream whatever their size.
"""

from openaco.feeds.rates.load import deliveries_in, load

__all__ = ["deliveries_in", "load"]
