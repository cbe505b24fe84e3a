"""What the market pays for a unit: percentiles over the prices of other providers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from openaco.insight.rates.units import Price, to_cents

FEWEST = 3
"""With fewer observations nothing is shown: two prices are no market."""


@dataclass(frozen=True)
class Market:
    """Percentiles of the prices of a unit, US dollars; None with fewer than FEWEST observations."""

    observations: int
    percentile_25: Decimal | None
    median: Decimal | None
    percentile_75: Decimal | None


def market_of(prices: Iterable[Price]) -> Market:
    """The market of one unit. An observation is one price of one payer, plan and provider: repeats count once."""
    rates = sorted(rate for rate, _whose in {(price.rate, (price.payer, *price.whose)) for price in prices})
    if len(rates) < FEWEST:
        return Market(len(rates), None, None, None)
    quarter, half = Decimal("0.25"), Decimal("0.5")
    return Market(len(rates), percentile(rates, quarter), percentile(rates, half), percentile(rates, Decimal("0.75")))


def percentile(rates: Sequence[Decimal], share: Decimal) -> Decimal:
    """The share (0 to 1) of ascending rates that lies below it, in a straight line between two; to the cent."""
    position = share * (len(rates) - 1)
    below = int(position)
    above = min(below + 1, len(rates) - 1)
    return to_cents(rates[below] + (rates[above] - rates[below]) * (position - below))
