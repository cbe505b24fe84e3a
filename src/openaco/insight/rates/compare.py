"""Prices, Medicare's and the market's put side by side, unit by unit and payer by payer. Plain numbers in and out.

Money is decimal and every amount is rounded to the cent where it arises, so that rows sum to their totals exactly.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from openaco.insight.rates.market import Market, market_of, percentile
from openaco.insight.rates.units import Price, Unit, Volume, to_cents


@dataclass(frozen=True)
class Medicare:
    """Medicare's amount for one unit, US dollars, and where it comes from: fee schedule, or what claims say."""

    amount: Decimal
    source: str


@dataclass(frozen=True)
class RateComparison:
    """One payer's price of one unit beside Medicare's and the market's. Amounts are US dollars a unit.

    rate                 the payer's price: the median where several hold; `lowest` and `highest` of them
    source               contract: a negotiated price; paid: what was allowed or paid per unit in the volume file
    paid                 what was paid for the volume, where known
    variance             rate − median of the market
    at_stake             units × (median − rate): above zero the market pays more than this payer
    """

    payer: str
    unit: Unit
    units: Decimal
    lines: int
    paid: Decimal | None
    rate: Decimal
    lowest: Decimal
    highest: Decimal
    prices: int
    source: str
    medicare: Medicare | None
    market: Market

    @property
    def percent_of_medicare(self) -> Decimal | None:
        """rate ÷ Medicare's amount × 100, to one decimal."""
        return _percent(self.rate, self.medicare.amount if self.medicare else None)

    @property
    def variance(self) -> Decimal | None:
        """The payer's price less the market's median."""
        return None if self.market.median is None else self.rate - self.market.median

    @property
    def variance_percent(self) -> Decimal | None:
        """The variance in percent of the median, to one decimal."""
        return None if self.variance is None else _percent(self.variance, self.market.median)

    @property
    def at_stake(self) -> Decimal | None:
        """Money at stake, to the cent; None without a market."""
        return None if self.market.median is None else to_cents(self.units * (self.market.median - self.rate))

    @property
    def at_rate(self) -> Decimal:
        """What the volume brings at the payer's price."""
        return to_cents(self.units * self.rate)

    @property
    def at_medicare(self) -> Decimal | None:
        """What it would bring at Medicare's amount."""
        return None if self.medicare is None else to_cents(self.units * self.medicare.amount)

    @property
    def at_market(self) -> Decimal | None:
        """What it would bring at the market's median: `at_rate` + `at_stake`."""
        return None if self.at_stake is None else self.at_rate + self.at_stake

    def as_dict(self) -> dict[str, Any]:
        """Plain values by name, as the CSV and the JSON have them."""
        return {
            "payer": self.payer,
            **self.unit._asdict(),
            "units": self.units,
            "lines": self.lines,
            "paid": self.paid,
            "rate": self.rate,
            "lowest_rate": self.lowest,
            "highest_rate": self.highest,
            "prices": self.prices,
            "rate_source": self.source,
            "medicare": self.medicare.amount if self.medicare else None,
            "medicare_source": self.medicare.source if self.medicare else None,
            "percent_of_medicare": self.percent_of_medicare,
            "market_25": self.market.percentile_25,
            "market_median": self.market.median,
            "market_75": self.market.percentile_75,
            "market_observations": self.market.observations,
            "variance": self.variance,
            "variance_percent": self.variance_percent,
            "at_stake": self.at_stake,
        }


COLUMNS = (
    "payer", "code_type", "code", "modifier", "billing_class", "setting", "units", "lines", "paid", "rate",
    "lowest_rate", "highest_rate", "prices", "rate_source", "medicare", "medicare_source", "percent_of_medicare",
    "market_25", "market_median", "market_75", "market_observations", "variance", "variance_percent", "at_stake",
)  # fmt: skip


@dataclass(frozen=True)
class PayerTotal:
    """All units of one payer, US dollars.

    at_rate              the compared volume at the payer's prices
    at_stake             sum of the rows' money at stake; rows without a market add nothing
    percent_of_medicare  volume at the payer's prices ÷ at Medicare's, over the units that have both
    without_price        units of volume (codes) for which the payer has no price
    without_market       compared codes with too few market prices
    """

    payer: str
    compared: int
    at_rate: Decimal
    at_stake: Decimal
    percent_of_medicare: Decimal | None
    without_price: int
    without_market: int

    def as_dict(self) -> dict[str, Any]:
        """Plain values by name."""
        return dict(vars(self))


@dataclass(frozen=True)
class Comparison:
    """All rows, their totals by payer, and what could not be compared.

    missing        by payer, the units with volume for which it has no price, the greatest volume first
    without_volume codes that have a negotiated price and no volume
    """

    rows: tuple[RateComparison, ...]
    totals: tuple[PayerTotal, ...]
    missing: Mapping[str, tuple[Unit, ...]] = field(default_factory=dict)
    without_volume: tuple[str, ...] = ()


def compare(
    volumes: Iterable[Volume],
    negotiated: Iterable[Price],
    market: Iterable[Price],
    medicare: Mapping[Unit, Medicare],
) -> Comparison:
    """Put every payer's prices beside Medicare's and the market's, on its own volume or on the common one.

    Payers are those with a negotiated price or a volume of their own. Rows stand by payer, greatest volume first.
    """
    volumes, negotiated = list(volumes), list(negotiated)
    ours, theirs = _by_code(negotiated), _by_code(market)
    payers = sorted({price.payer for price in negotiated} | {one.payer for one in volumes if one.payer})
    markets: dict[Unit, Market] = {}
    rows: list[RateComparison] = []
    missing: dict[str, list[Volume]] = defaultdict(list)
    for payer in payers:
        for volume in _of_payer(volumes, payer):
            unit = volume.unit
            found = [price.rate for price in ours[unit[:3]] if price.payer == payer and price.fits(unit)]
            told, source = (sorted(found), "contract") if found else (_paid_rate(volume), "paid")
            if not told:
                missing[payer].append(volume)
                continue
            if unit not in markets:
                markets[unit] = market_of(price for price in theirs[unit[:3]] if price.fits(unit))
            rows.append(_row(payer, volume, told, source, medicare.get(unit), markets[unit]))
    return Comparison(
        rows=tuple(rows),
        totals=tuple(_total(payer, rows, len(missing[payer])) for payer in payers),
        missing={payer: tuple(volume.unit for volume in missing[payer]) for payer in payers},
        without_volume=_without_volume(volumes, negotiated),
    )


def _row(
    payer: str, volume: Volume, rates: Sequence[Decimal], source: str, medicare: Medicare | None, market: Market
) -> RateComparison:
    return RateComparison(
        payer=payer,
        unit=volume.unit,
        units=volume.units,
        lines=volume.lines,
        paid=volume.paid,
        rate=percentile(rates, Decimal("0.5")),
        lowest=rates[0],
        highest=rates[-1],
        prices=len(rates),
        source=source,
        medicare=medicare,
        market=market,
    )


def _by_code(prices: Iterable[Price]) -> dict[tuple[str, ...], list[Price]]:
    found: dict[tuple[str, ...], list[Price]] = defaultdict(list)
    for price in dict.fromkeys(prices):
        found[(price.code_type, price.code, price.modifier)].append(price)
    return found


def _of_payer(volumes: Iterable[Volume], payer: str) -> list[Volume]:
    """A payer's own volume, where it has one, else the common one; the greatest first."""
    own = [volume for volume in volumes if volume.payer == payer]
    chosen = own or [volume for volume in volumes if volume.payer is None]
    return sorted(chosen, key=lambda volume: (-volume.units, volume.unit))


def _paid_rate(volume: Volume) -> list[Decimal]:
    """What a payer's own volume was allowed (else paid) per unit, where there is no contract price."""
    amount = volume.paid if volume.allowed is None else volume.allowed
    units = volume.paid_units or volume.units
    return [to_cents(amount / units)] if volume.payer and amount and units else []


def _total(payer: str, rows: Iterable[RateComparison], without_price: int) -> PayerTotal:
    own = [row for row in rows if row.payer == payer]
    both = [(row.at_rate, row.at_medicare) for row in own if row.at_medicare is not None]
    return PayerTotal(
        payer=payer,
        compared=len(own),
        at_rate=sum((row.at_rate for row in own), Decimal(0)),
        at_stake=sum((row.at_stake for row in own if row.at_stake is not None), Decimal(0)),
        percent_of_medicare=_percent(
            sum((rate for rate, _medicare in both), Decimal(0)),
            sum((amount for _rate, amount in both if amount is not None), Decimal(0)),
        ),
        without_price=without_price,
        without_market=sum(row.market.median is None for row in own),
    )


def _without_volume(volumes: Iterable[Volume], prices: Iterable[Price]) -> tuple[str, ...]:
    provided = {(volume.unit.code_type, volume.unit.code) for volume in volumes}
    priced = {(price.code_type, price.code) for price in prices}
    return tuple(f"{kind} {code}" for kind, code in sorted(priced - provided))


def _percent(part: Decimal, whole: Decimal | None) -> Decimal | None:
    return None if not whole else (part / whole * 100).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
