"""What must hold for any plan and any participants: it adds up, nobody pays, limits hold, better is never worse."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from distribution_world import dollars, facts, participants, plans
from openaco.errors import ConfigurationError
from openaco.insight.distribution.allocation import Claimant, Limits, allocate
from openaco.insight.distribution.cents import largest_remainder, to_cents
from openaco.insight.distribution.distribute import Distribution, by_clinician, distribute
from openaco.insight.distribution.facts import Facts, Participant
from openaco.insight.distribution.plan import Plan
from openaco.insight.distribution.sheet import distribution_worksheet
from openaco.reports.distribution.statement import statement
from openaco.worksheet import Worksheet

payments = st.one_of(dollars(500_000), st.sampled_from([Decimal(0), Decimal("0.01"), Decimal("0.07")]))


def made(plan: Plan, year: Facts) -> Distribution:
    """The distribution; plans that ask for points are not judged where nobody has any."""
    try:
        return distribute(plan, year)
    except ConfigurationError as error:
        assume("citizenship points" not in error.what)
        raise


@given(plans(), participants(), payments)
def test_every_cent_is_used_given_or_held_and_nobody_pays(
    plan: Plan, people: tuple[Participant, ...], payment: Decimal
) -> None:
    result = made(plan, facts(*people, payment=str(payment)))
    used = sum(item.amount for item in result.uses)
    assert used + result.distributed + result.held == to_cents(payment)
    assert min([result.held, *result.totals.values(), *(item.amount for item in result.uses)]) >= 0
    for pool in result.pools:
        assert pool.left >= 0
        assert sum(standing.cents for standing in pool.standings) == pool.amount - pool.left


@given(plans(), participants(), payments)
def test_limits_hold_and_whoever_misses_a_hurdle_shares_nothing(
    plan: Plan, people: tuple[Participant, ...], payment: Decimal
) -> None:
    result = made(plan, facts(*people, payment=str(payment)))
    most = [to_cents(plan.limits.cap)] if plan.limits.cap is not None else []
    if plan.limits.cap_share is not None:
        most.append(int(result.shareable * Fraction(plan.limits.cap_share)))
    assert all(cents <= min(most, default=cents) for cents in result.totals.values())
    for pool in result.pools:
        rule = pool.pool
        of_class = {one.id: one.classification for one in people}
        for standing in pool.standings:
            assert not (standing.reason and standing.cents)
            assert rule.cap is None or standing.cents <= to_cents(rule.cap)
            assert rule.cap_share is None or standing.cents <= pool.amount * Fraction(rule.cap_share)
            assert not rule.classes or of_class[standing.participant] in rule.classes
        for name, share in rule.class_cap_shares.items():
            total = sum(one.cents for one in pool.standings if of_class[one.participant] == name)
            assert total <= pool.amount * Fraction(share)


@given(plans(), participants(least=2), payments, st.randoms(use_true_random=False))
def test_the_order_of_participants_changes_nothing(
    plan: Plan, people: tuple[Participant, ...], payment: Decimal, chance: object
) -> None:
    shuffled = list(people)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = (made(plan, facts(*group, payment=str(payment))) for group in (people, shuffled))
    assert one.totals == other.totals
    assert one.pools == other.pools


@given(plans(), participants(least=1), payments, st.integers(0, 1000), st.integers(0, 1000))
@settings(max_examples=200)
def test_a_better_quality_score_never_pays_less(
    plan: Plan, people: tuple[Participant, ...], payment: Decimal, first: int, second: int
) -> None:
    worse, better = sorted((first, second))
    got = []
    for tenths in (worse, better):
        changed = replace(people[0], quality=Decimal(tenths) / 10)
        got.append(made(plan, facts(changed, *people[1:], payment=str(payment))).totals[changed.id])
    assert got[1] >= got[0]


@given(plans(), participants(least=1), payments)
def test_clinicians_add_up_to_their_participant(plan: Plan, people: tuple[Participant, ...], payment: Decimal) -> None:
    result = made(plan, facts(*people, payment=str(payment)))
    for one in people:
        parts = by_clinician(result, one.id)
        assert sum(parts.values()) == result.totals[one.id]
        assert min(parts.values(), default=0) >= 0


@given(plans(losses=True), participants(), payments)
def test_losses_add_up_and_stay_within_what_the_plan_says(
    plan: Plan, people: tuple[Participant, ...], owed: Decimal
) -> None:
    assume(owed > 0)
    result = made(plan, facts(*people, payment=str(-owed)))
    losses = result.losses
    assert losses is not None
    assert plan.losses is not None
    assert losses.from_reserve + losses.by_aco - result.distributed == to_cents(owed)
    assert min([losses.from_reserve, losses.by_aco, losses.shared]) >= 0
    assert losses.shared <= (losses.due - losses.from_reserve) * Fraction(plan.losses.share) + 1
    assert all(cents <= 0 for cents in result.totals.values())
    if plan.losses.cap is not None:
        assert all(-cents <= to_cents(plan.losses.cap) for cents in result.totals.values())


@given(plans(), participants(), payments)
def test_without_the_plans_word_nobody_pays_for_a_loss(
    plan: Plan, people: tuple[Participant, ...], owed: Decimal
) -> None:
    assume(owed > 0)
    result = made(plan, facts(*people, payment=str(-owed)))
    assert set(result.totals.values()) <= {0}
    assert result.losses is not None
    assert result.losses.by_aco == to_cents(owed)


@given(plans(losses=True), participants(), st.one_of(payments, payments.map(lambda amount: -amount)))
@settings(max_examples=60)
def test_every_amount_stands_in_the_worksheet_and_leads_back_to_the_payment(
    plan: Plan, people: tuple[Participant, ...], payment: Decimal
) -> None:
    result = made(plan, facts(*people, payment=str(payment)))
    sheet = distribution_worksheet(result, Worksheet("mssp", "none", 2024))
    assert to_cents(sheet.number("distribution.total")) == to_cents(payment)
    for one in people:
        line = f"receives.{one.id}"
        assert to_cents(sheet.number(line)) == result.totals[one.id]
        if result.totals[one.id]:
            assert "settlement.payment" in {behind.id for behind in sheet.ancestors(line)}
        for shared in result.pools:
            if shared.standing(one.id):
                assert to_cents(sheet.number(f"award.{shared.pool.slug}.{one.id}")) == result.pool_cents(shared, one.id)
        told = statement(result, sheet, one.id)
        assert all(name.id not in line.id for name in people if name is not one for line in told.trace)


weights = st.fractions(min_value=0, max_value=1000, max_denominator=60)


@st.composite
def claims(draw: st.DrawFn) -> list[Claimant]:
    found = []
    for number in range(draw(st.integers(1, 7))):
        cap = draw(st.one_of(st.none(), st.integers(0, 5000)))
        floor = draw(st.integers(0, 1000 if cap is None else min(cap, 1000)))
        found.append(Claimant(f"c{number}", draw(st.sampled_from("xyz")), draw(weights), floor, cap))
    return found


@st.composite
def class_limits(draw: st.DrawFn) -> dict[str, Limits]:
    found = {}
    for name in draw(st.lists(st.sampled_from("xyz"), unique=True)):
        cap = draw(st.one_of(st.none(), st.integers(0, 8000)))
        found[name] = Limits(draw(st.integers(0, 3000 if cap is None else min(cap, 3000))), cap)
    return found


@given(st.integers(0, 20_000), claims(), class_limits())
@settings(max_examples=300)
def test_an_allocation_is_the_fixed_point_of_sharing_again(
    amount: int, people: list[Claimant], limits: dict[str, Limits]
) -> None:
    """Everybody free in a class has one rate; who is held stands at the limit; what is left, nobody may have."""
    found = allocate(amount, people, limits)
    sharing = [one for one in people if one.weight > 0]
    assert sum(found.cents.values()) + found.left == amount
    if not sharing or not amount:
        return
    for one in sharing:
        cents = found.cents[one.id]
        assert one.cap is None or cents <= one.cap
        if not found.scaled and one.group not in limits:
            free = found.rates[one.group] * one.weight
            held = (
                max(free, Fraction(one.floor))
                if one.cap is None
                else min(max(free, Fraction(one.floor)), Fraction(one.cap))
            )
            assert abs(cents - held) < 1
    for name, limit in limits.items():
        assert limit.cap is None or sum(found.cents[one.id] for one in sharing if one.group == name) <= limit.cap
    if found.left:
        for one in sharing:
            of_class = sum(found.cents[other.id] for other in sharing if other.group == one.group)
            assert found.cents[one.id] == one.cap or of_class == limits[one.group].cap


@given(st.dictionaries(st.text("abcdef", min_size=1, max_size=3), weights, min_size=1), st.integers(0, 10_000))
def test_rounding_moves_nobody_by_a_cent_or_more(parts: dict[str, Fraction], total: int) -> None:
    whole = sum(parts.values())
    assume(whole)
    exact = {key: part * total / whole for key, part in parts.items()}
    found = largest_remainder(exact, total)
    assert sum(found.values()) == total
    assert all(abs(found[key] - exact[key]) < 1 for key in exact)
    assert list(accumulate(sorted(found.values())))[-1] == total
