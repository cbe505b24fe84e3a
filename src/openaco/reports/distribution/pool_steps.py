"""How a pool came to a participant's amount: step by step, each with its numbers and its worksheet line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from openaco.insight.distribution.cents import to_cents
from openaco.insight.distribution.contribution import contribution
from openaco.insight.distribution.distribute import Distribution, LossShares
from openaco.insight.distribution.facts import Participant, together
from openaco.insight.distribution.formulas import quality_of
from openaco.insight.distribution.pools import PoolResult, Standing
from openaco.reports import formats
from openaco.reports.distribution.words import FORMULAS, cents, plain, rate_text

RATES = {
    "equal": "for each",
    "panel": "per unit of panel",
    "quality_weighted_panel": "per unit of quality-weighted panel",
    "points": "per point",
    "contribution": "per dollar credited",
}


@dataclass(frozen=True)
class Step:
    """One row of the computation: what, how with numbers, the value, and the worksheet line it stands in."""

    label: str
    how: str
    value: str
    line: str = ""
    strong: bool = False


@dataclass(frozen=True)
class PoolPart:
    """A pool as one participant sees it. `reason`: why it shares nothing there; then there are no steps."""

    name: str
    formula: str
    why: str
    amount: str
    steps: tuple[Step, ...] = ()
    reason: str = ""


def pool_part(result: Distribution, shared: PoolResult, standing: Standing, one: Participant) -> PoolPart:
    """A pool as a participant sees it."""
    pool = shared.pool
    if standing.reason or not shared.amount:
        reason = standing.reason or "there is nothing in this pool"
        return PoolPart(
            pool.name, FORMULAS[pool.formula], pool.why, cents(0), reason=f"{reason[:1].upper()}{reason[1:]}."
        )
    steps = [
        _size(result, shared),
        *_hurdles(result, shared, one),
        *_measure(result, shared, standing, one),
        *_rate(shared, standing, one),
    ]
    return PoolPart(pool.name, FORMULAS[pool.formula], pool.why, cents(standing.cents), tuple(steps))


def loss_part(result: Distribution, losses: LossShares, one: Participant) -> PoolPart:
    """A participant's part of what is due to CMS, step by step."""
    rule = result.plan.losses
    formula = "by assigned people" if rule and rule.formula == "panel" else "the same for each"
    name, why = "Your part of the loss", rule.why if rule else ""
    reason = losses.reasons.get(one.id, "")
    if reason or not losses.shared:
        reason = reason or "the reserve pays all of it"
        return PoolPart(name, formula, why, cents(0), reason=f"{reason[:1].upper()}{reason[1:]}.")
    paid, rate = losses.shares.get(one.id, 0), float(losses.rate) / 100
    rest = losses.due - losses.from_reserve
    by_people = rule is not None and rule.formula == "panel"
    held = rule is not None and rule.cap is not None and paid == to_cents(rule.cap)
    steps = (
        Step("Due to CMS", "", cents(losses.due), "losses.due"),
        Step("Paid by the reserve", "as the plan says", cents(losses.from_reserve), "losses.from_reserve"),
        Step(
            "Paid by participants",
            f"{formats.rate(float(rule.share) if rule else 0.0)} of the {cents(rest)} left, as far as caps allow",
            cents(losses.shared),
            "losses.shared",
        ),
        Step(
            "Your measure",
            "your assigned people" if by_people else "the same for each",
            plain(float(losses.weights[one.id])),
            f"panel.beneficiaries.{one.id}",
        ),
        Step("Rate per unit", "the one rate at which all parts add up", rate_text(rate), "losses.rate"),
        Step(
            "You pay",
            "held at the plan’s cap" if held else "rate × measure",
            cents(paid),
            f"losses.share.{one.id}",
            strong=True,
        ),
    )
    return PoolPart(name, formula, why, cents(-paid), steps)


def _size(result: Distribution, shared: PoolResult) -> Step:
    pool = shared.pool
    if pool.formula == "fixed":
        how = f"{formats.dollars(float(pool.amount or 0), cents=True)} for each who shares"
    else:
        fixed = sum(other.paid for other in result.pools if other.pool.formula == "fixed")
        of_what = "participants share after fixed amounts" if fixed else "participants share"
        how = f"{formats.rate(float(pool.share or 0))} of the {cents(result.shareable - fixed)} that {of_what}"
        how += f", and {cents(shared.carried)} that another pool could not pay" if shared.carried else ""
    return Step("The pool", how, cents(shared.amount), f"pool.amount.{pool.slug}")


def _hurdles(result: Distribution, shared: PoolResult, one: Participant) -> Iterator[Step]:
    """What the pool asks for, and what this participant has: it passed."""
    pool, asked = shared.pool, []
    quality = quality_of(one, result.plan, result.facts)
    if pool.minimum_quality is not None and quality is not None:
        asked.append(f"a quality score of {pool.minimum_quality:f}, yours is {quality:f}")
    if pool.minimum_points is not None and one.points is not None:
        asked.append(f"{pool.minimum_points:f} citizenship points, you have {one.points:f}")
    if pool.minimum_panel:
        asked.append(f"a panel of {pool.minimum_panel}, yours is {one.panel.beneficiaries}")
    if asked:
        passed = "passed" if one.panel.beneficiaries >= pool.minimum_panel else "passed together"
        yield Step("Asked for", "; ".join(asked), passed, f"panel.beneficiaries.{one.id}")


def _measure(result: Distribution, shared: PoolResult, standing: Standing, one: Participant) -> Iterator[Step]:
    pool, unit = shared.pool, standing.unit
    members = [result.facts.participant(other.participant) for other in shared.standings if other.unit == unit]
    together_words = f" of {len(members)} small panels together" if len(members) > 1 else ""
    line, yours = f"measure.{pool.slug}.{unit}", "Your measure" if len(members) == 1 else "Measure of the small panels"
    if pool.formula == "contribution":
        yield from _contribution(result, shared, unit, members, yours)
    elif pool.formula in ("panel", "quality_weighted_panel"):
        panel = together(member.panel for member in members)
        counted = (
            (panel.person_years, "person-years")
            if pool.count == "person_years"
            else (Fraction(panel.beneficiaries), "assigned people")
        )
        how = f"{plain(float(counted[0]))} {counted[1]}{together_words}"
        if pool.formula == "quality_weighted_panel":
            quality = quality_of(one, result.plan, result.facts)
            how += f" × {quality:f} ÷ 100" if len(members) == 1 else ", each × its quality score ÷ 100"
        yield Step(yours, how, plain(float(standing.weight)), line)
    elif pool.formula == "points":
        yield Step(yours, f"citizenship points{together_words}", plain(float(standing.weight)), line)
    else:
        yield Step(yours, f"the same for each{together_words and ', small panels together as one'}", "1", line)


def _contribution(
    result: Distribution, shared: PoolResult, unit: str, members: list[Participant], yours: str
) -> Iterator[Step]:
    panel, slug = together(member.panel for member in members), shared.pool.slug
    k = shared.pool.credibility_person_years or Decimal(0)
    found = contribution(panel, result.facts.everybody, k)
    years = plain(float(panel.person_years), 2)
    whose = "your people" if len(members) == 1 else "the people of the small panels"
    yield Step(
        f"What {whose} cost less than expected",
        f"({cents(panel.expected)} expected for people as sick − {cents(panel.actual)} actual) ÷ {years} person-years",
        f"{formats.dollars(float(found.own) / 100, cents=True)} a person-year",
        f"own_difference.{slug}.{unit}",
    )
    yield Step(
        "How much of it counts",
        f"{years} ÷ ({years} + {plain(float(k))}) counts as it is; the rest counts as the whole ACO’s "
        f"{formats.dollars(float(found.mean) / 100, cents=True)}",
        formats.percent(float(found.credibility), 1),
        f"credibility.{slug}.{unit}",
    )
    credited = float(found.credited) / float(panel.person_years) / 100 if panel.months else 0.0
    how = f"{formats.dollars(credited, cents=True)} × {years} person-years"
    yield Step(yours, how, formats.dollars(float(found.credited) / 100, cents=True), f"measure.{slug}.{unit}")


def _rate(shared: PoolResult, standing: Standing, one: Participant) -> Iterator[Step]:
    pool = shared.pool
    rate = shared.rates.get(one.classification, Fraction(0)) / 100
    sharing = len({other.unit for other in shared.standings if other.unit})
    money = pool.formula == "contribution"
    measured = formats.dollars(float(shared.total_weight), cents=True) if money else plain(float(shared.total_weight))
    if pool.formula != "fixed":
        yield Step("All measures", f"of {formats.plural(sharing, 'participant')}", measured, f"measured.{pool.slug}")
        held = any(other.bound for other in shared.standings) or any(shared.class_bound.values())
        how = "at this rate, with floors and caps, all parts add up to the pool" if held else "the pool ÷ all measures"
        how = f"everybody stands at a cap, and {cents(shared.left)} is not paid here" if shared.left else how
        limited = {*pool.class_floor_shares, *pool.class_cap_shares}
        line = f"rate.{pool.slug}.{one.classification}" if one.classification in limited else f"rate.{pool.slug}"
        yield Step(f"Rate {RATES[pool.formula]}", how, rate_text(float(rate)), line)
    free = float(rate * standing.weight)
    would = f"; rate × measure would be {formats.dollars(free, cents=True)}" if free * 100 > standing.cents else ""
    raised = f"; rate × measure would be {formats.dollars(free, cents=True)}"
    how = {
        "cap": f"held at the plan’s cap{would}",
        "floor": f"raised to the plan’s floor{raised}",
        "": "rate × measure",
    }[standing.bound]
    if pool.formula == "fixed":
        full = standing.cents >= to_cents(pool.amount or 0)
        how = "the amount of the plan" if full else "as much as there was for each, or as the plan’s cap leaves"
    if standing.unit not in ("", one.id):
        how = f"{formats.number(one.panel.beneficiaries)} of the people of the small panels together"
    yield Step("You receive", how, cents(standing.cents), f"award.{pool.slug}.{one.id}", strong=True)
