"""Payers' prices side by side with Medicare's and the market's: percent of Medicare, variance, money at stake."""

from openaco.insight.rates.compare import Comparison, PayerTotal, RateComparison, compare
from openaco.insight.rates.market import Market, market_of, percentile
from openaco.insight.rates.report import compare_rates
from openaco.insight.rates.units import Price, Unit, Volume

__all__ = [
    "Comparison",
    "Market",
    "PayerTotal",
    "Price",
    "RateComparison",
    "Unit",
    "Volume",
    "compare",
    "compare_rates",
    "market_of",
    "percentile",
]
