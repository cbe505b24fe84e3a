"""Assignment, plainly: one person after the other through the paragraphs of 42 CFR 425.400 to 425.404."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date

from openaco.synthetic.days import day, month
from openaco.synthetic.landscape import OTHER, OURS, SHARED, Landscape
from openaco.synthetic.timeline import ACO_ID, OTHER_ACO_ID
from openaco.synthetic.truth.enrollment import Enrollment
from openaco.synthetic.truth.services import Service

METHODS = ("retrospective", "prospective")
OUR_ENTITY = f"aco:{ACO_ID}"
LONG_AGO = -(10**6)


@dataclass(frozen=True)
class Window:
    """The days of one year and method; `long_start` begins the twenty-four months, where the rules have them."""

    year: int
    method: str
    start: int
    end: int
    long_start: int | None
    cut_off: int

    @property
    def earliest(self) -> int:
        """First day that matters."""
        return self.start if self.long_start is None else self.long_start


def window(year: int, method: str, rules_year: int) -> Window:
    """The window of a year under the rules of a performance year."""
    cut_off = day(year - 1, 9, 30)
    expanded = rules_year >= 2025
    if method == "retrospective":
        long_start = day(year - 1, 1) if expanded else None
        return Window(year, method, day(year, 1), day(year, 12, 31), long_start, cut_off)
    long_start = day(year - 3, 10) if expanded else None
    return Window(year, method, day(year - 2, 10), day(year - 1, 9, 30), long_start, cut_off)


@dataclass
class Lists:
    """Participant lists on 1 January of the performance year: the ACOs of each biller."""

    acos: dict[str, set[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, land: Landscape, on: date) -> Lists:
        """The lists in force on a day."""
        lists = cls()
        of_group = {OURS: {ACO_ID}, OTHER: {OTHER_ACO_ID}, SHARED: {ACO_ID, OTHER_ACO_ID}}
        for one in land.entities:
            takes_part = (not one.start or one.start <= str(on)) and (not one.end or one.end >= str(on))
            if one.group in of_group and takes_part:
                for biller in [f"tin:{one.tin}"] + ([f"ccn:{one.ccn}"] if one.ccn else []):
                    lists.acos.setdefault(biller, set()).update(of_group[one.group])
        return lists

    def entity(self, biller: str) -> str | None:
        """The entity a service belongs to; None if its biller is on two lists."""
        acos = self.acos.get(biller)
        if not acos:
            return biller
        return f"aco:{next(iter(acos))}" if len(acos) == 1 else None

    def is_ours(self, biller: str) -> bool:
        """Whether a biller is a participant of our ACO (the first by name, if of several)."""
        return min(self.acos.get(biller, {""})) == ACO_ID


@dataclass
class Charges:
    """What one entity did for a person: in the twelve months, and (`long_…`) in the expanded window."""

    services: int = 0
    pcp: int = 0
    npp: int = 0
    specialist: int = 0
    primary_cents: int = 0
    specialist_cents: int = 0
    latest_primary: int = LONG_AGO
    latest_specialist: int = LONG_AGO
    long_services: int = 0
    long_physician: int = 0
    long_cents: int = 0
    long_latest_primary: int = LONG_AGO
    long_latest_specialist: int = LONG_AGO


def charges_by_entity(services: list[Service], lists: Lists, span: Window) -> dict[str, Charges]:
    """Sums of a person's services by entity."""
    found: dict[str, Charges] = {}
    for one in services:
        if not span.earliest <= one.day <= span.end:
            continue
        entity = lists.entity(one.biller)
        if entity is None:
            continue
        mine = found.setdefault(entity, Charges())
        primary, specialist = one.role in ("pcp", "npp"), one.role == "specialist"
        if primary or specialist:
            mine.long_services += 1
            mine.long_cents += one.cents
        if one.role in ("pcp", "specialist"):
            mine.long_physician += 1
        if primary:
            mine.long_latest_primary = max(mine.long_latest_primary, one.day)
        if specialist:
            mine.long_latest_specialist = max(mine.long_latest_specialist, one.day)
        if one.day < span.start:
            continue
        mine.services += 1
        mine.pcp += one.role == "pcp"
        mine.npp += one.role == "npp"
        mine.specialist += specialist
        if primary:
            mine.primary_cents += one.cents
            mine.latest_primary = max(mine.latest_primary, one.day)
        if specialist:
            mine.specialist_cents += one.cents
            mine.latest_specialist = max(mine.latest_specialist, one.day)
    return found


Entry = tuple[str, int, int, int, int]
"""Entity, cents, latest primary care, latest specialist, physicians' services."""


def plurality(entries: list[Entry], person_id: str, year: int, seed: int) -> Entry | None:
    """The entity with the most charges; ties by latest primary care, latest specialist, then the lower draw."""
    if not entries:
        return None
    best = max((cents, primary, specialist) for _, cents, primary, specialist, _ in entries)
    equal = [one for one in entries if (one[1], one[2], one[3]) == best]
    if len(equal) == 1:
        return equal[0]
    return min(equal, key=lambda one: (_draw(seed, year, person_id, one[0]), one[0]))


def _draw(seed: int, year: int, person_id: str, entity: str) -> str:
    return hashlib.sha256(f"{seed}|{year}|{person_id}|{entity}".encode()).hexdigest()


def by_claims(charges: dict[str, Charges], span: Window, person_id: str, seed: int) -> str:
    """What claims alone say: `step_1`, `step_2`, `step_3`, or why not."""
    ours = charges.get(OUR_ENTITY, Charges())
    if not any(one.services for one in charges.values()):
        return "no_primary_care_service"
    if not ours.services:
        return "no_aco_service"
    step, entries = _first_two(charges)
    winner = plurality(entries, person_id, span.year, seed)
    if not (ours.pcp or ours.specialist):
        if not (span.long_start is not None and ours.npp and ours.long_physician):
            return "no_aco_physician"
        if winner and _other_aco_wins(winner):
            return "no_aco_physician"
        step, entries = "step_3", _third(charges)
        winner = plurality(entries, person_id, span.year, seed)
    if winner is None or winner[1] <= 0:
        return "no_allowed_charges"
    return step if winner[0] == OUR_ENTITY else f"{step}_elsewhere"


def _first_two(charges: dict[str, Charges]) -> tuple[str, list[Entry]]:
    """Step 2 only for somebody whom no primary care clinician saw anywhere."""
    if any(one.pcp or one.npp for one in charges.values()):
        return "step_1", [
            (name, one.primary_cents, one.latest_primary, one.latest_specialist, one.pcp + one.specialist)
            for name, one in charges.items()
            if one.pcp or one.npp
        ]
    return "step_2", [
        (name, one.specialist_cents, one.latest_primary, one.latest_specialist, one.pcp + one.specialist)
        for name, one in charges.items()
        if one.specialist
    ]


def _third(charges: dict[str, Charges]) -> list[Entry]:
    return [
        (name, one.long_cents, one.long_latest_primary, one.long_latest_specialist, one.long_physician)
        for name, one in charges.items()
        if one.long_services
    ]


def _other_aco_wins(winner: Entry) -> bool:
    """Somebody whom another ACO has in Steps 1 and 2 is not left for Step 3."""
    entity, cents, _, _, physicians = winner
    return entity.startswith("aco:") and entity != OUR_ENTITY and physicians > 0 and cents > 0


def screen(enrollment: Enrollment, person: int, death: int, first: int, last: int) -> str | None:
    """Criteria A, B and D over the months that hold the days `first` to `last`; None if all are met."""
    both = one_part = in_plan = 0
    at_home = True
    for at in range(first - enrollment.first, last - enrollment.first + 1):
        a, b = enrollment.part_a[person][at], enrollment.part_b[person][at]
        if not (a or b):
            continue
        both += a and b
        one_part += a != b
        in_plan += enrollment.plan[person][at]
        at_home = enrollment.home[person][at]
    if not both:
        return "no_month_with_part_a_and_b"
    if one_part:
        return "month_with_part_a_or_b_only"
    if in_plan:
        return "group_health_plan"
    return None if at_home else "outside_united_states"


def screens(enrollment: Enrollment, person: int, death: int, span: Window) -> tuple[str | None, str | None]:
    """Why somebody cannot be assigned at all, and why not at the end of the year (prospective assignment)."""
    year_start = day(span.year, 1)
    if death < year_start:
        return "died_before_year", None
    first = month_number(span.start)
    now = screen(enrollment, person, death, first, month_number(span.end))
    if span.method != "prospective":
        return now, None
    later = screen(enrollment, person, death, month(span.year, 1), month(span.year, 12))
    return now, f"year_{later}" if later else None


def month_number(on: int) -> int:
    """The month of a day."""
    when = date.fromordinal(date(1970, 1, 1).toordinal() + on)
    return month(when.year, when.month)


def decide(now: str | None, later: str | None, designation: str | None, claims: str) -> str:
    """Where somebody ends: `voluntary`, a step, or a reason; designation: inside, outside or None."""
    if now:
        return now
    if designation == "inside":
        return later or "voluntary"
    if designation == "outside":
        return "designated_elsewhere"
    if claims in ("step_1", "step_2", "step_3"):
        return later or claims
    return claims
