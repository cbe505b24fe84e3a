"""Whatever the prices and volumes: rows sum to totals to the cent, order does not matter, percentiles stay in range."""

from __future__ import annotations

from decimal import Decimal
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from openaco.insight.rates import Comparison, Price, Unit, Volume, compare, market_of, percentile
from openaco.insight.rates.compare import Medicare

RATES = st.integers(1, 10_000_000).map(lambda cents: Decimal(cents) / 100)
UNITS = st.builds(
    Unit,
    st.sampled_from(["HCPCS", "MS-DRG"]),
    st.sampled_from(["99213", "470"]),
    st.sampled_from(["", "26"]),
    st.sampled_from(["professional", "institutional"]),
    st.sampled_from(["inpatient", "outpatient"]),
)
PAYERS = st.sampled_from(["Blue", "Green", "River"])


@st.composite
def prices(draw: st.DrawFn) -> Price:
    unit = draw(UNITS)
    return Price(
        payer=draw(PAYERS),
        code_type=unit.code_type,
        code=unit.code,
        modifier=unit.modifier,
        billing_class=draw(st.sampled_from([None, unit.billing_class])),
        setting=draw(st.sampled_from([None, unit.setting])),
        rate=draw(RATES),
        whose=(draw(st.sampled_from("ABC")),),
    )


VOLUMES = st.lists(
    st.builds(Volume, UNITS, st.integers(1, 10**9).map(lambda units: Decimal(units) / 10_000), st.none() | PAYERS),
    max_size=12,
    unique_by=lambda volume: (volume.payer, volume.unit),
)
PRICES = st.lists(prices(), max_size=25)
MEDICARE = st.dictionaries(UNITS, RATES.map(lambda amount: Medicare(amount, "invented")), max_size=8)


@settings(max_examples=100, deadline=None)
@given(VOLUMES, PRICES, PRICES, MEDICARE)
def test_money_at_stake_sums_to_its_totals(
    volumes: list[Volume], ours: list[Price], market: list[Price], medicare: dict[Unit, Medicare]
) -> None:
    found = compare(volumes, ours, market, medicare)
    for total in found.totals:
        rows = [row for row in found.rows if row.payer == total.payer]
        stakes = [row.at_stake for row in rows if row.at_stake is not None]
        assert total.at_stake == sum(stakes, Decimal(0))
        assert total.at_rate == sum((row.at_rate for row in rows), Decimal(0))
        assert (total.compared, total.without_market) == (len(rows), len(rows) - len(stakes))
        assert total.without_price == len(found.missing[total.payer])
    for row in found.rows:
        assert row.lowest <= row.rate <= row.highest
        assert row.at_stake is None or row.at_stake == row.at_stake.quantize(Decimal("0.01"))
        assert (row.at_stake is None) == (row.market.observations < 3)


@settings(max_examples=50, deadline=None)
@given(VOLUMES, PRICES, PRICES, MEDICARE, st.integers())
def test_the_order_does_not_matter(
    volumes: list[Volume], ours: list[Price], market: list[Price], medicare: dict[Unit, Medicare], seed: int
) -> None:
    def shuffled() -> Comparison:
        again = [list(volumes), list(ours), list(market)]
        for items in again:
            Random(seed).shuffle(items)
        return compare(again[0], again[1], again[2], medicare)

    assert shuffled() == compare(volumes, ours, market, medicare)


@settings(max_examples=100, deadline=None)
@given(st.lists(RATES, min_size=1, max_size=30), st.sampled_from(["0", "0.25", "0.5", "0.75", "1"]))
def test_percentiles_lie_within_the_rates(rates: list[Decimal], share: str) -> None:
    found = percentile(sorted(rates), Decimal(share))
    assert min(rates) <= found <= max(rates)
    assert percentile(sorted(rates), Decimal(0)) == min(rates)
    assert percentile(sorted(rates), Decimal(1)) == max(rates)


@settings(max_examples=50, deadline=None)
@given(st.lists(prices(), max_size=20))
def test_the_percentiles_of_a_market_ascend(found: list[Price]) -> None:
    market = market_of(found)
    if market.median is not None:
        assert market.percentile_25 is not None
        assert market.percentile_75 is not None
        assert market.percentile_25 <= market.median <= market.percentile_75
    assert market.observations <= len(found)
