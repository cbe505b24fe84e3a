"""What an ACO reports to the public (42 CFR 425.308(b)), made of its run, its distribution and `public.toml`.

Parts that nobody stated are named as missing, never filled in. Participants are named; their amounts are not shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from openaco.errors import ParameterError
from openaco.insight.distribution.cents import largest_remainder, to_cents, to_dollars
from openaco.insight.distribution.distribute import Distribution
from openaco.insight.distribution.facts import kept_by_cms
from openaco.insight.distribution.public_file import Advances, EarlierResult, Public
from openaco.rules.cited import Cited, cited
from openaco.worksheet import Confidence

Status = Literal["computed", "stated", "missing", "none"]
Cell = str | float | int | None
CATEGORIES = {
    "recouped": "Kept by CMS, which had paid it in advance",
    "advance": "Advances repaid",
    "infrastructure": "Infrastructure",
    "care": "Redesigned care processes and other resources",
    "participants": "Distributed to participants",
    "reserve": "Reserve",
    "held": "Held by the ACO, not yet decided",
}


@dataclass(frozen=True)
class Part:
    """One part of the page. `kinds` says how each column is read: text, usd, percent, number.

    status  computed from the run, stated by the ACO, missing (`text` says what to state where), or none: it applies
            to nobody
    """

    key: str
    paragraph: str
    title: str
    status: Status
    header: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    text: str = ""
    confidence: Confidence = "quoted"


@dataclass(frozen=True)
class YearResult:
    """A performance year: cents received (below zero: owed to CMS), and where that is known from."""

    year: int
    cents: int
    source: Literal["computed", "stated"]


@dataclass(frozen=True)
class PublicReport:
    """The page. `supposed`: the payment is a what-if, so the page must not be published."""

    aco_id: str
    aco_name: str
    performance_year: int
    parts: tuple[Part, ...]
    supposed: bool = False

    @property
    def missing(self) -> list[Part]:
        """The parts nobody stated."""
        return [part for part in self.parts if part.status == "missing"]


@dataclass(frozen=True)
class _Page:
    """What all parts are made of."""

    result: Distribution
    public: Public
    earlier: Mapping[int, int]


def public_report(result: Distribution, public: Public, earlier: Mapping[int, int] | None = None) -> PublicReport:
    """The page of a distribution. earlier: cents of other performance years that have a finished run.

    Raises ParameterError for a year nobody stated the paragraphs of.
    """
    facts = result.facts
    page = _Page(result, public, earlier or {})
    parts = []
    for key, (title, make) in _PARTS.items():
        paragraph = _paragraph(key, facts.performance_year)
        if paragraph:
            status, header, kinds, rows, text = make(page)
            parts.append(
                Part(key, str(paragraph.value), title, status, header, kinds, rows, text, paragraph.confidence)
            )
    return PublicReport(facts.aco_id, facts.aco_name, facts.performance_year, tuple(parts), facts.supposed)


def _paragraph(part: str, year: int) -> Cited | None:
    """The paragraph of a part; None where a later rule brought it. Every year must have the first one."""
    if part == "name":
        return cited("public_report/paragraphs", year, part=part)
    with suppress(ParameterError):
        return cited("public_report/paragraphs", year, part=part)
    return None


def proportions(result: Distribution) -> dict[str, int]:
    """The earned payment by category of the public page, in cents; the parts add up to it. Empty without savings."""
    facts = result.facts
    found = dict.fromkeys(CATEGORIES, 0) | {"recouped": kept_by_cms(facts)}
    if facts.payment <= 0 and not found["recouped"]:
        return {}
    for used in result.uses:
        found[used.use.reported_as or used.use.kind] += used.amount
    found["participants"] += result.distributed
    found["held"] += result.held
    return {key: cents for key, cents in found.items() if cents or key in ("infrastructure", "care", "participants")}


def permille(parts: Mapping[str, int]) -> dict[str, int]:
    """Parts as tenths of a percent that add up to 100.0 percent."""
    whole = sum(parts.values())
    if not whole:
        return dict.fromkeys(parts, 0)
    return largest_remainder({key: Fraction(1000 * cents, whole) for key, cents in parts.items()}, 1000)


def year_results(
    page_year: int, payment: int, earlier: Mapping[int, int], stated: tuple[EarlierResult, ...]
) -> list[YearResult]:
    """Every year known, newest first: this one, those the ACO stated, and those with a run of their own."""
    found = {year: YearResult(year, cents, "computed") for year, cents in earlier.items()}
    found |= {item.year: YearResult(item.year, to_cents(item.payment), "stated") for item in stated}
    found[page_year] = YearResult(page_year, payment, "computed")
    return [found[year] for year in sorted(found, reverse=True)]


Made = tuple[Status, tuple[str, ...], tuple[str, ...], tuple[tuple[Cell, ...], ...], str]


def _missing(what: str) -> Made:
    return "missing", (), (), (), what


def _stated(header: tuple[str, ...], rows: list[tuple[Cell, ...]], kinds: tuple[str, ...] = (), text: str = "") -> Made:
    return "stated", header, kinds or ("text",) * len(header), tuple(rows), text


def _name(page: _Page) -> Made:
    facts, organization = page.result.facts, page.public.organization
    rows: list[tuple[Cell, ...]] = [("Name", facts.aco_name), ("Identifier", facts.aco_id)]
    if not organization.address:
        return "missing", ("", "Value"), ("text", "text"), tuple(rows), "address in [organization]"
    rows.append(("Location", organization.address))
    if organization.web:
        rows.append(("This page", organization.web))
    return _stated(("", "Value"), rows)


def _contact(page: _Page) -> Made:
    contact = page.public.contact
    if not contact.name or not (contact.email or contact.phone):
        return _missing("name and email or phone in [contact]")
    given = [("Name", contact.name), ("Email", contact.email), ("Telephone", contact.phone)]
    return _stated(("", "Value"), [row for row in given if row[1]])


def _participants(page: _Page) -> Made:
    rows: list[tuple[Cell, ...]] = [
        (one.name or "(no name on the participant list)", words_of(one.classification))
        for one in sorted(page.result.facts.participants, key=lambda one: (one.name, one.id))
    ]
    return "computed", ("Participant", "Class"), ("text", "text"), tuple(rows), ""


def words_of(classification: str) -> str:
    """A class in words."""
    names = {"fqhc": "Federally qualified health center", "rhc": "Rural health clinic"}
    return names.get(classification, classification.replace("_", " ").capitalize())


def _joint_ventures(page: _Page) -> Made:
    found = page.public.joint_ventures
    if found is None:
        return _missing("joint_ventures, a list of names; [] if there are none")
    return _list("Participant", found, "No participant is a joint venture of ACO professionals and hospitals.")


def _list(header: str, names: tuple[str, ...], nothing: str) -> Made:
    if not names:
        return "none", (), (), (), nothing
    return _stated((header,), [(name,) for name in names])


def _governing_body(page: _Page) -> Made:
    found = page.public.governing_body
    if not found:
        return _missing("[[governing_body]] for each member")
    header = ("Name", "Position", "Voting share", "Represents", "Organization")
    rows: list[tuple[Cell, ...]] = [
        (
            one.name,
            one.position,
            float(one.voting_share) if one.voting_share is not None else None,
            one.represents,
            one.organization,
        )
        for one in found
    ]
    return _stated(header, rows, ("text", "text", "percent", "text", "text"))


def _leadership(page: _Page) -> Made:
    if not page.public.leadership:
        return _missing("[[leadership]] for each person")
    return _stated(("Name", "Position"), [(one.name, one.position) for one in page.public.leadership])


def _committees(page: _Page) -> Made:
    found = page.public.committee
    if found is None:
        return _missing("[[committee]] for each committee; committee = [] if there are none")
    if not found:
        return "none", (), (), (), "There are no committees."
    return _stated(("Committee", "Led by", "Position"), [(one.name, one.leader, one.position) for one in found])


def _participant_types(page: _Page) -> Made:
    if not page.public.participant_types:
        return _missing("participant_types, a list in the words of 42 CFR 425.102(a)")
    return _list("Type", page.public.participant_types, "")


def _results(page: _Page) -> Made:
    facts = page.result.facts
    rows: list[tuple[Cell, ...]] = []
    for item in year_results(facts.performance_year, facts.payment, page.earlier, page.public.result):
        kind = "received" if item.cents > 0 else "owed to CMS" if item.cents < 0 else "neither earned nor owed"
        known = "computed from claims; CMS's report decides" if item.source == "computed" else "as the ACO states"
        rows.append((item.year, to_dollars(abs(item.cents)), kind, known))
    return "computed", ("Year", "US dollars", "", "Known from"), ("number", "usd", "text", "text"), tuple(rows), ""


def _proportions(page: _Page) -> Made:
    parts, year = proportions(page.result), page.result.facts.performance_year
    rows: list[tuple[Cell, ...]] = []
    for key, tenths in permille(parts).items():
        rows.append((year, CATEGORIES[key], to_dollars(parts[key]), tenths / 1000))
    for item in sorted(page.public.result, key=lambda item: -item.year):
        shares = {"infrastructure": item.infrastructure, "care": item.care, "participants": item.participants}
        for key, share in shares.items():
            if share is not None and item.year != year:
                rows.append((item.year, CATEGORIES[key], _dollars(item.payment * share), float(share)))
    text = "" if parts else f"There were no savings to distribute for {year}."
    status: Status = "computed" if rows else "none"
    return (
        status,
        ("Year", "Where it went", "US dollars", "Share"),
        ("number", "text", "usd", "percent"),
        tuple(rows),
        text,
    )


def _dollars(amount: Decimal) -> float:
    return float(amount.quantize(Decimal("0.01")))


def _quality(page: _Page) -> Made:
    facts = page.result.facts
    score = (
        ""
        if facts.aco_quality is None
        else f"The ACO's quality score for {facts.performance_year} is {facts.aco_quality:f} of 100."
    )
    if not page.public.quality:
        what = "[[quality]] for each measure, with measure, title and result"
        return "missing", (), (), (), f"{what}. {score}".rstrip(". ") + ("." if score else "")
    rows: list[tuple[Cell, ...]] = [
        (one.measure, one.title, one.collected_by, float(one.result), None if one.mean is None else float(one.mean))
        for one in page.public.quality
    ]
    header = ("Measure", "What it measures", "Collected by", "Result", "Mean of all ACOs")
    return _stated(header, rows, ("text", "text", "text", "number", "number"), score)


def _waivers(page: _Page) -> Made:
    if page.public.waivers is None:
        return _missing("waivers, a list of those used; [] if none were")
    return _list("Waiver used", page.public.waivers, "The ACO used no payment rule waiver and no telehealth extension.")


def _incentives(page: _Page) -> Made:
    found = page.public.beneficiary_incentives
    if found is None:
        return _missing("[beneficiary_incentives] with established = false, or its figures")
    if not found.established:
        return "none", (), (), (), "The ACO has no beneficiary incentive program."
    rows: list[tuple[Cell, ...]] = [
        ("Beneficiaries who received a payment", found.beneficiaries),
        ("Payments", found.payments),
        ("Qualifying services, by HCPCS code", ", ".join(found.services) or None),
        ("Total value, US dollars", None if found.total_value is None else float(found.total_value)),
        *((f"Of it: {kind}", float(amount)) for kind, amount in found.kinds.items()),
    ]
    return _stated(("", "Value"), rows, ("text", "number"))


def _advances(found: Advances | None, key: str, nothing: str) -> Made:
    if found is None:
        return _missing(f"[{key}] with received = false, or its amount and how it was spent")
    if not found.received:
        return "none", (), (), (), nothing
    if found.amount is None:
        return _missing(f"amount in [{key}]")
    rows: list[tuple[Cell, ...]] = [("Received", None, float(found.amount))]
    for what in {**found.planned, **found.spent}:
        planned, spent = found.planned.get(what), found.spent.get(what)
        rows.append((what, None if planned is None else float(planned), None if spent is None else float(spent)))
    return _stated(("", "Planned", "Received or spent"), rows, ("text", "usd", "usd"))


def _advance_investment(page: _Page) -> Made:
    found = page.public.advance_investment
    return _advances(found, "advance_investment", "The ACO received no advance investment payments.")


def _prepaid_savings(page: _Page) -> Made:
    return _advances(page.public.prepaid_savings, "prepaid_savings", "The ACO received no prepaid shared savings.")


_PARTS: Mapping[str, tuple[str, Callable[[_Page], Made]]] = {
    "name": ("Name and place", _name),
    "contact": ("Whom to ask", _contact),
    "results": ("Savings and losses, year by year", _results),
    "proportions": ("What became of the savings", _proportions),
    "quality": ("Quality of care", _quality),
    "participants": ("Who takes part", _participants),
    "joint_ventures": ("Joint ventures of professionals and hospitals", _joint_ventures),
    "governing_body": ("Who governs", _governing_body),
    "leadership": ("Who leads", _leadership),
    "committees": ("Committees", _committees),
    "participant_types": ("Kinds of participants that formed the ACO", _participant_types),
    "waivers": ("Waivers of payment rules, and telehealth", _waivers),
    "beneficiary_incentives": ("Incentives paid to beneficiaries", _incentives),
    "advance_investment": ("Advance investment payments", _advance_investment),
    "prepaid_savings": ("Prepaid shared savings", _prepaid_savings),
}
