"""Invented participants and plans for the tests of a distribution; strategies that draw any of them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from openaco.insight.distribution.facts import Clinician, Facts, Panel, Participant, together
from openaco.insight.distribution.plan import CLASSES, Plan

FORMULAS = ("equal", "panel", "quality_weighted_panel", "points", "contribution")


def participant(
    number: int,
    people: int = 100,
    *,
    difference: int = 0,
    quality: str | None = None,
    points: str | None = None,
    kind: str = "primary_care",
    clinicians: int = 2,
) -> Participant:
    """A participant whose panel costs $10,000 a person-year expected, and that less the difference (US dollars in all)
    actual; its people are spread over clinicians as evenly as whole people can be."""
    sizes = [people // clinicians + (place < people % clinicians) for place in range(clinicians)] if clinicians else []
    found = []
    for place, size in enumerate(sizes):
        expected = size * 1_000_000
        share = difference * 100 if place == 0 else 0
        found.append(
            Clinician(
                f"99{number:04d}{place:04d}", f"Clinician {place}", Panel(size, size * 12, expected, expected - share)
            )
        )
    return Participant(
        id=f"{number:09d}",
        name=f"Practice {number}",
        classification=kind,
        panel=together(one.panel for one in found),
        clinicians=tuple(found),
        quality=Decimal(quality) if quality is not None else None,
        points=Decimal(points) if points is not None else None,
    )


def facts(*participants: Participant, payment: str = "100000.00", aco_quality: str | None = "80") -> Facts:
    """A year with these participants and a payment in US dollars."""
    cents = int(Decimal(payment) * 100)
    return Facts(
        run_id="mssp-2024-0000000000",
        aco_id="A9990",
        aco_name="Invented ACO",
        performance_year=2024,
        track="BASIC_E",
        payment=cents,
        earned=max(cents, 0),
        recouped=0,
        participants=participants,
        aco_quality=Decimal(aco_quality) if aco_quality is not None else None,
    )


def plan(*pools: dict[str, Any], **keys: Any) -> Plan:
    """A plan; a pool without a name gets a number."""
    named = [{"name": f"Pool {number}"} | pool for number, pool in enumerate(pools, start=1)]
    return Plan.model_validate({"name": "Test plan", "missing_quality": "not_met"} | keys | {"pool": named})


def dollars(most: int) -> st.SearchStrategy[Decimal]:
    """Amounts in whole cents, with the round ones that people choose."""
    cents = st.one_of(st.integers(0, most * 100), st.integers(0, most).map(lambda whole: whole * 100))
    return cents.map(lambda amount: Decimal(amount) / 100)


shares = st.integers(0, 100).map(lambda whole: Decimal(whole) / 100)
scores = st.integers(0, 1000).map(lambda tenths: str(Decimal(tenths) / 10))


@st.composite
def participants(draw: st.DrawFn, least: int = 0, most: int = 7) -> tuple[Participant, ...]:
    """Any participants, the empty and the sick ones too."""
    count = draw(st.integers(least, most))
    return tuple(
        participant(
            number,
            draw(st.one_of(st.integers(0, 30), st.integers(0, 3000))),
            difference=draw(st.integers(-500_000, 500_000)),
            quality=draw(st.one_of(st.none(), scores)),
            points=draw(st.one_of(st.none(), st.integers(0, 12).map(str))),
            kind=draw(st.sampled_from(CLASSES)),
            clinicians=draw(st.integers(1, 3)),
        )
        for number in range(1, count + 1)
    )


@st.composite
def pools(draw: st.DrawFn, share: Decimal | None) -> dict[str, Any]:
    """A pool with a share, or (None) a fixed one."""
    formula = "fixed" if share is None else draw(st.sampled_from(FORMULAS))
    found: dict[str, Any] = {"formula": formula, "minimum_panel": draw(st.sampled_from([0, 0, 1, 20, 100]))}
    found["below_minimum_panel"] = draw(st.sampled_from(["excluded", "combined"]))
    found["classes"] = draw(st.lists(st.sampled_from(CLASSES), max_size=4, unique=True))
    if draw(st.booleans()) or formula == "contribution":
        found["minimum_quality"] = Decimal(draw(scores))
    if formula == "contribution":
        found["credibility_person_years"] = draw(st.sampled_from([Decimal(0), Decimal(500), Decimal("12.5")]))
    if formula == "fixed":
        return found | {"amount": draw(dollars(5_000))}
    found["share"] = share
    if draw(st.booleans()):
        found["cap"] = draw(dollars(20_000))
        found["floor"] = min(found["cap"], draw(dollars(3_000)))
    elif draw(st.booleans()):
        found["floor"] = draw(dollars(3_000))
    if draw(st.booleans()):
        found["cap_share"] = draw(shares)
    if draw(st.booleans()):
        limited = draw(st.lists(st.sampled_from(CLASSES), max_size=3, unique=True))
        found["class_cap_shares"] = {name: draw(shares) for name in limited}
        if limited and draw(st.booleans()):
            found["class_floor_shares"] = {limited[0]: min(draw(shares), found["class_cap_shares"][limited[0]])}
    return found


@st.composite
def split(draw: st.DrawFn, parts: int) -> list[Decimal]:
    """Shares that add up to 1."""
    cuts = sorted(draw(st.lists(st.integers(0, 100), min_size=parts - 1, max_size=parts - 1)))
    return [Decimal(end - start) / 100 for start, end in zip([0, *cuts], [*cuts, 100], strict=True)]


@st.composite
def plans(draw: st.DrawFn, most_pools: int = 4, losses: bool = False) -> Plan:
    """Any plan OpenACO accepts."""
    sharing = [draw(pools(share)) for share in draw(split(draw(st.integers(1, most_pools))))]
    fixed = [draw(pools(None)) for _number in range(draw(st.integers(0, 1)))]
    keys: dict[str, Any] = {
        "missing_quality": draw(st.sampled_from(["aco_score", "not_met"])),
        "unpaid": draw(st.sampled_from(["held", "next_pool"])),
        "use": [
            {"name": "Loan", "kind": "advance", "balance": draw(dollars(50_000)), "at_most": draw(shares)},
            {"name": "Staff", "kind": "infrastructure", "share": draw(shares), "of": "remaining"},
            {"name": "Reserve", "kind": "reserve", "share": draw(shares), "target": draw(dollars(60_000))},
        ],
    }
    if draw(st.booleans()):
        keys["limits"] = {"cap": draw(dollars(30_000)), "cap_share": draw(shares)}
    if losses:
        keys["losses_are_shared"] = True
        keys["losses"] = {
            "formula": draw(st.sampled_from(["equal", "panel"])),
            "share": draw(shares),
            "from_reserve": draw(dollars(50_000)),
            "cap": draw(st.one_of(st.none(), dollars(10_000))),
            "minimum_panel": draw(st.sampled_from([0, 20])),
        }
    return plan(*fixed, *sharing, **keys)
