"""A participant's statement: what it receives and why, once, for the page and for paper."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from openaco.insight.distribution.distribute import Distribution, by_clinician
from openaco.insight.distribution.facts import Facts, Participant, kept_by_cms
from openaco.insight.distribution.formulas import quality_of
from openaco.insight.distribution.plan import slug
from openaco.insight.distribution.pools import PoolResult, Standing
from openaco.reports import charts, formats
from openaco.reports.charts import Bar
from openaco.reports.distribution.pool_steps import PoolPart, loss_part, pool_part
from openaco.reports.distribution.trace import TraceLine, trace
from openaco.reports.distribution.words import (
    YOURS,
    cents,
    class_name,
    ending,
    share,
)
from openaco.worksheet import Worksheet

SMALL_CELL = 11
_HEADINGS = ("Where the ACO’s payment goes, and why", "What this payment never pays for")
_LOSS_HEADINGS = ("Who pays what is due to CMS", "What your part never depends on")


@dataclass(frozen=True)
class UseRow:
    """Where a part of the payment went: name, why, share of the payment, US dollars."""

    name: str
    why: str
    share: str
    amount: str
    strong: bool = False


@dataclass(frozen=True)
class ClinicianRow:
    """A clinician's people, and how much of the amount arises from them."""

    name: str
    npi: str
    people: str
    amount: str


@dataclass(frozen=True)
class Statement:
    """Everything a statement says, in words; `above` and `below` are the rows of its chart, `headings` those over
    `uses` and `promise`."""

    aco_name: str
    year: int
    name: str
    tin_ending: str
    classification: str
    answer: str
    because: str
    stats: tuple[tuple[str, str, str], ...]
    finding: str
    above: tuple[Bar, ...]
    below: tuple[Bar, ...]
    pools: tuple[PoolPart, ...]
    uses: tuple[UseRow, ...]
    clinicians: tuple[ClinicianRow, ...]
    promise: tuple[str, ...]
    headings: tuple[str, str]
    questions: str
    trace: tuple[TraceLine, ...]
    notes: tuple[str, ...]
    plan: str
    run_id: str
    supposed: bool = False

    @property
    def title(self) -> str:
        """The title of the document."""
        return f"{self.name}: share of {self.aco_name} for {self.year}"


def statement(result: Distribution, sheet: Worksheet, participant: str) -> Statement:
    """The statement of one participant (its TIN)."""
    one, facts = result.facts.participant(participant), result.facts
    total = result.totals[one.id]
    plan = result.plan
    adopted = f", adopted {formats.day(plan.adopted)}" if plan.adopted else ""
    return Statement(
        aco_name=facts.aco_name,
        year=facts.performance_year,
        name=one.name or f"Participant with TIN ending {ending(one.id)}",
        tin_ending=ending(one.id),
        classification=class_name(one.classification),
        answer=answer(result, one, total),
        because=because(result, one, total),
        stats=tuple(_stats(result, one, total)),
        finding=_finding(result, total),
        above=tuple(payment_bars(result)),
        below=tuple(_below(result, one, total)),
        pools=tuple(_pool_parts(result, one)),
        uses=tuple(use_rows(result)),
        clinicians=tuple(_clinicians(result, one)) if facts.payment > 0 else (),
        promise=tuple(_promise(result)),
        headings=_LOSS_HEADINGS if facts.payment < 0 else _HEADINGS,
        questions=_questions(result),
        trace=tuple(trace(result, sheet, one)),
        notes=tuple(_notes(result, one)),
        plan=f"{plan.name}{adopted}",
        run_id=facts.run_id,
        supposed=facts.supposed,
    )


def answer(result: Distribution, one: Participant, total: int) -> str:
    """The first sentence: what this participant receives or owes."""
    who, year = f"Your {YOURS.get(one.classification, 'organization')}", result.facts.performance_year
    if total > 0:
        return f"{who} receives {cents(total)} for {year}."
    if total < 0:
        return f"{who} owes {cents(-total)} for {year}."
    if result.facts.payment < 0:
        return f"{who} owes nothing for {year}."
    return f"{who} receives nothing for {year}."


def because(result: Distribution, one: Participant, total: int) -> str:
    """The second sentence: the ACO's own result, and the part of this participant."""
    facts = result.facts
    if facts.payment < 0:
        owed = f"{facts.aco_name} owes CMS {cents(-facts.payment)}"
        if result.plan.losses is None:
            return f"{owed}, and its plan does not share losses with participants."
        if total == 0 and result.losses:
            return (
                f"{owed}. Your part is nothing: {result.losses.reasons.get(one.id) or 'the reserve and the ACO pay'}."
            )
        part = share(total, result.distributed)
        return f"{owed}; participants pay {cents(-result.distributed)} of it, and your part is {part}."
    if facts.payment == 0:
        return f"{nothing_because(facts)}, so there is nothing to distribute."
    told = f"{facts.aco_name} received {cents(facts.payment)}; participants share {cents(result.distributed)} of it"
    if total == 0:
        return f"{told}. No pool pays your share; each says why below."
    return f"{told}, and your part is {share(total, result.distributed)}."


def nothing_because(facts: Facts) -> str:
    """Why there is no payment: nothing earned, or all of it kept by CMS."""
    if facts.earned and not facts.supposed:
        return f"{facts.aco_name} earned {cents(facts.earned)}, and CMS kept all of it for advances it had paid"
    return f"{facts.aco_name} earned no shared savings"


def _stats(result: Distribution, one: Participant, total: int) -> Iterator[tuple[str, str, str]]:
    facts = result.facts
    yield "You owe" if total < 0 else "Your payment", cents(abs(total)), "US dollars"
    everybody = formats.number(facts.everybody.beneficiaries)
    yield "Your assigned people", formats.number(one.panel.beneficiaries), f"of {everybody} in the ACO"
    quality = quality_of(one, result.plan, facts)
    if quality is not None:
        yield "Quality score", f"{quality:f}", "the ACO’s own" if one.quality is None else "your own, of 100"
    yield (
        "Your part",
        share(total, result.distributed),
        "of what participants pay" if total < 0 else "of what participants share",
    )


def _finding(result: Distribution, total: int) -> str:
    facts = result.facts
    if facts.payment <= 0:
        return "There are no savings to share"
    shared = formats.short_dollars(result.distributed / 100)
    yours = formats.short_dollars(total / 100)
    return f"Of {formats.short_dollars(facts.payment / 100)}, participants share {shared}; {yours} is yours"


def payment_bars(result: Distribution) -> Iterator[Bar]:
    """The ACO's payment and what is kept of it."""
    left = result.facts.payment
    if left <= 0:
        return
    if kept_by_cms(result.facts):
        kept = kept_by_cms(result.facts)
        yield Bar("Earned", cents(left + kept), left + kept, strong=True)
        yield Bar("Kept by CMS for advances", cents(-kept), left, left + kept, color=charts.PALE, quiet=True)
    yield Bar("Received from CMS", cents(left), left, strong=True)
    for used in result.uses:
        if used.amount:
            yield Bar(used.use.name, cents(-used.amount), left - used.amount, left, color=charts.PALE, quiet=True)
            left -= used.amount
    if result.held:
        yield Bar("Held by the ACO", cents(-result.held), left - result.held, left, color=charts.PALE, quiet=True)
    yield Bar("Shared by participants", cents(result.distributed), result.distributed, strong=True)


def _below(result: Distribution, one: Participant, total: int) -> Iterator[Bar]:
    """This participant's part of each pool, one on top of the other."""
    so_far = 0
    for shared, standing in _mine(result, one):
        if standing.cents:
            yield Bar(shared.pool.name, cents(standing.cents), so_far + standing.cents, so_far, color=charts.NEUTRAL)
            so_far += standing.cents
    if total > 0:
        yield Bar("You receive", cents(total), total, color=charts.EARNED, strong=True)


def _pool_parts(result: Distribution, one: Participant) -> Iterator[PoolPart]:
    """Every pool in the order of the plan; one that is not for this class says for whom it is."""
    if result.losses and result.plan.losses:
        yield loss_part(result, result.losses, one)
    if result.facts.payment <= 0:
        return
    for shared in result.pools:
        standing = shared.standing(one.id)
        whom = ", ".join(class_name(name) for name in shared.pool.classes)
        yield pool_part(result, shared, standing or Standing(one.id, f"this pool is for: {whom}"), one)


def _mine(result: Distribution, one: Participant) -> Iterator[tuple[PoolResult, Standing]]:
    for shared in result.pools:
        standing = shared.standing(one.id)
        if standing:
            yield shared, standing


def use_rows(result: Distribution) -> Iterator[UseRow]:
    """Where the payment goes, or who pays what is due; the last row is the whole."""
    facts, payment = result.facts, result.facts.payment
    if payment <= 0:
        yield from _loss_rows(result)
        return
    for used in (used for used in result.uses if used.asked or used.why_less):
        why = " ".join(
            part for part in (used.use.why, f"Less than planned: {used.why_less}." if used.why_less else "") if part
        )
        yield UseRow(used.use.name, why, share(used.amount, payment), cents(used.amount))
    if result.held:
        why = "No participant could receive it under the plan; the governing body decides."
        yield UseRow("Held by the ACO", why, share(result.held, payment), cents(result.held))
    many = formats.plural(sum(1 for total in result.totals.values() if total), "participant")
    yield UseRow(
        "Shared by participants",
        f"{many} receive a part.",
        share(result.distributed, payment),
        cents(result.distributed),
    )
    yield UseRow("Received from CMS", "", "100.0%", cents(facts.payment), strong=True)


def _loss_rows(result: Distribution) -> Iterator[UseRow]:
    losses = result.losses
    if losses is None:
        return
    for name, why, amount in (
        ("The reserve", "Savings of earlier years kept for this.", losses.from_reserve),
        ("Participants", result.plan.losses.why if result.plan.losses else "", losses.shared),
        ("The ACO", "Its plan shares no losses." if result.plan.losses is None else "", losses.by_aco),
    ):
        if amount:
            yield UseRow(name, why, share(amount, losses.due), cents(amount))
    yield UseRow("Due to CMS", "", "100.0%", cents(losses.due), strong=True)


def _clinicians(result: Distribution, one: Participant) -> Iterator[ClinicianRow]:
    parts = by_clinician(result, one.id)
    totals: dict[str, int] = {clinician.npi: 0 for clinician in one.clinicians if clinician.panel.beneficiaries}
    for (_pool_name, npi), amount in parts.items():
        totals[npi] = totals.get(npi, 0) + amount
    known = {clinician.npi: clinician for clinician in one.clinicians}
    for npi in sorted(totals, key=lambda npi: (-totals[npi], npi)):
        clinician = known.get(npi)
        name = (clinician.name if clinician else "") or ("Clinician" if npi else "No clinician named on the claims")
        people = formats.number(clinician.panel.beneficiaries) if clinician else formats.NONE
        yield ClinicianRow(name, npi or formats.NONE, people, cents(totals[npi]))


def _promise(result: Distribution) -> Iterator[str]:
    if result.facts.payment < 0:
        yield (
            "What your patients cost, whom they see and where you refer decide nothing about your part. Your patients "
            "may see any Medicare clinician, and their benefits are what they were."
        )
        yield "What the ACO owes and how it is shared is public (42 CFR 425.308(b)(4))."
        return
    yield (
        "No part of this payment is for care left out, for a referral, or for a patient won or turned away. Your "
        "patients may see any Medicare clinician, and their benefits are what they were."
    )
    gated = [shared.pool for shared in result.pools if shared.pool.formula == "contribution"]
    for pool in gated:
        yield (
            f"{pool.name} looks at cost only against what people as sick as yours are expected to cost, and only for "
            f"those with a quality score of at least {pool.minimum_quality:f}: spending little earns nothing by itself."
        )
    yield (
        "Shared savings go to ACO participants, or to work for the program’s purposes (42 CFR 425.204(d); 80 FR "
        "66726). A hospital may not pay a physician for reducing medically necessary care (Social Security Act "
        "§1128A(b)(1)); no waiver changes that. What the ACO does with its savings is public (42 CFR 425.308(b)(4))."
    )


def _questions(result: Distribution) -> str:
    asked = result.plan.questions
    reach = ", ".join(part for part in (asked.contact, asked.email, asked.phone) if part)
    if not reach:
        reach = "the ACO’s office (the plan names nobody)"
    within = f" within {formats.plural(asked.days, 'day')} of receiving this statement" if asked.days else ""
    return (
        f"Ask {reach}{within}. Name the step you question: each has a line in “Every line behind your amount”, with "
        "what it was computed from. If a patient, a charge or a score is wrong, say which; the amount is computed anew "
        "for everybody."
    )


def _notes(result: Distribution, one: Participant) -> Iterator[str]:
    facts = result.facts
    if facts.supposed:
        yield "This is a what-if: the payment was supposed, and nothing is paid by it."
    if kept_by_cms(facts):
        yield f"CMS kept {cents(kept_by_cms(facts))} of what was earned, for advances it had paid before."
    if facts.unverified:
        yield "The payment rests on values not confirmed against a source (◇); CMS’s own report decides."
    if not facts.scored_by_person:
        yield "CMS’s scores by person were not there, so expected cost follows enrollment type alone."
    counts = [clinician.panel.beneficiaries for clinician in one.clinicians]
    if any(0 < count < SMALL_CELL for count in counts):
        yield "Counts of people below 11 are for you alone: CMS’s cell-size rule forbids publishing them."
    yield (
        "Your people are those assigned to the ACO whose primary care charges at its participants were greatest at "
        "yours, or who chose a clinician of yours on Medicare’s site."
    )


def file_stem(name: str, tin: str) -> str:
    """The name of a statement's files: `valley-practice-1-0001`."""
    return f"{slug(name).replace('_', '-') or 'participant'}-{ending(tin)}"
