"""The account of an ACO's advances: payments, what each settlement repays, what is demanded, and each balance.

Advances are repaid from shared savings: each settlement keeps back the lesser of what was earned and the balance, and
the rest is carried forward, also into the next agreement period. An ACO that leaves before its agreement period ends
owes the whole balance.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from openaco.errors import ConfigurationError
from openaco.programs.advances.eligibility import Condition, conditions, eligible
from openaco.programs.advances.lines import ADVANCE_LINES
from openaco.programs.advances.schedule import Payment, payments, to_cents
from openaco.programs.advances.stated import Advances, Settlement
from openaco.programs.scribe import Scribe
from openaco.rules import advances as rule
from openaco.rules.cited import Cited, citations, cited, weakest
from openaco.rules.participation import agreement_years
from openaco.worksheet import Confidence, Worksheet

Kind = Literal["balance", "payment", "recoupment", "due"]
LABELS = {
    "advance_payment": "Advance Payment ACO Model",
    "aim_test_1": "ACO Investment Model, Test 1",
    "aim_test_2": "ACO Investment Model, Test 2",
    "advance_investment": "Advance investment payments",
    "prepaid_shared_savings": "Prepaid shared savings",
}


_OWED_DIRECTLY = "What shared savings do not repay the ACO owes itself; when CMS demands it is not computed."


@dataclass(frozen=True)
class Entry:
    """One movement: US dollars and cents, above zero to the ACO; `balance` is what it owes afterwards."""

    day: datetime.date
    kind: Kind
    amount: Decimal
    balance: Decimal
    what: str
    cite: str
    confidence: Confidence

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON; amounts as numbers with cents."""
        return {
            "date": self.day.isoformat(),
            "kind": self.kind,
            "amount": float(self.amount),
            "balance": float(self.balance),
            "what": self.what,
            "cite": self.cite,
            "confidence": self.confidence,
        }


@dataclass(frozen=True)
class AdvanceAccount:
    """Advances of one agreement period: who may have them, every movement in order, and the worksheet."""

    label: str
    entries: tuple[Entry, ...]
    conditions: tuple[Condition, ...]
    worksheet: Worksheet

    @property
    def balance(self) -> Decimal:
        """What is still to be repaid from later settlements, US dollars."""
        return self.entries[-1].balance if self.entries else Decimal(0)

    @property
    def eligible(self) -> bool | None:
        """Whether the ACO may have such advances; None where it hangs on what is not stated."""
        return eligible(list(self.conditions))

    def total(self, kind: Kind) -> Decimal:
        """The movements of one kind, summed, as an amount above zero."""
        return abs(sum((entry.amount for entry in self.entries if entry.kind == kind), Decimal(0)))

    def outstanding(self, performance_year: int) -> Decimal:
        """The balance that the stated settlement of a performance year can repay, US dollars.

        Raises WorksheetError for a year whose settlement is not stated.
        """
        return to_cents(self.worksheet.number(f"advances.outstanding.{performance_year}"))


def advance_account(stated: Advances, start: datetime.date | None = None) -> AdvanceAccount:
    """The account of what is stated. start: the agreement's, where the statement has none of its own.

    Raises ConfigurationError where the start is missing or a figure does not fit, ParameterError where there were no
    such advances in agreements of that year.
    """
    start = stated.agreement_start or start
    if start is None:
        raise ConfigurationError("no start of the agreement", where="advances.agreement_start", remedy="State it.")
    sheet = Worksheet("advances", LABELS[stated.model], start.year)
    scribe = Scribe(sheet, ADVANCE_LINES)
    scribe.given("advances.model", stated.model)
    found = _add_conditions(scribe, stated, start.year)
    book = _Book(scribe, stated, start)
    book.fill(payments(scribe, stated, start))
    return AdvanceAccount(LABELS[stated.model], tuple(book.entries), tuple(found), sheet)


def _add_conditions(scribe: Scribe, stated: Advances, start_year: int) -> list[Condition]:
    found = conditions(stated.model, start_year, stated.organization, stated.beneficiaries)
    for condition in found:
        note = condition.words if condition.met is not None else f"{condition.words}: not stated"
        scribe.computed(f"advances.condition.{condition.name}", condition.met, basis=[condition.basis], note=note)
    ids = [f"advances.condition.{condition.name}" for condition in found]
    unmet = [condition.words for condition in found if condition.met is False]
    scribe.computed("advances.eligible", eligible(found), ids, [each.basis for each in found], note=_not_met(unmet))
    return found


def _not_met(unmet: list[str]) -> str:
    return f"Not met: {'; '.join(unmet)}." if unmet else ""


class _Book:
    """Writes the entries in order of their days and keeps the balance."""

    def __init__(self, scribe: Scribe, stated: Advances, start: datetime.date) -> None:
        self.scribe, self.stated = scribe, stated
        self.years = agreement_years(start)
        self.terms = cited("advances/recoupment", start.year, model=stated.model)
        self.on_exit = cited("advances/due_on_exit", start.year, model=stated.model)
        self.entries: list[Entry] = []
        self.balance = to_cents(stated.balance_before)
        self.start = start

    def fill(self, paid: list[Payment]) -> None:
        """All movements; a payment comes before a settlement of the same day, leaving after both."""
        if self.balance:
            self._enter(self.start, "balance", self.balance, "Advances of earlier agreement periods", (self.terms,))
        self.scribe.given("advances.balance_before", float(self.balance))
        settlements = [(self._settled(each), each) for each in self.stated.settlements]
        moves: list[tuple[datetime.date, int, Payment | Settlement | None]] = [
            *((payment.day, 0, payment) for payment in paid),
            *((day, 1, each) for day, each in settlements),
        ]
        if self.stated.left is not None:
            moves.append((self.stated.left, 2, None))
        for day, _order, move in sorted(moves, key=lambda each: each[:2]):
            if isinstance(move, Payment):
                self._enter(day, "payment", move.amount, move.what, (*move.basis,))
            elif isinstance(move, Settlement):
                self._repay(day, move)
            else:
                self._leave(day)
        self._sum_up()

    def _settled(self, settlement: Settlement) -> datetime.date:
        if settlement.settled is not None:
            return settlement.settled
        quarter = cited("mssp/settlement/settlement_quarter", settlement.performance_year).value - 1
        years, rest = divmod(quarter, rule.QUARTERS_OF_YEAR)
        return datetime.date(settlement.performance_year + years, rest * rule.MONTHS_OF_QUARTER + 1, 1)

    def _enter(self, day: datetime.date, kind: Kind, amount: Decimal, what: str, basis: tuple[Cited, ...]) -> None:
        if kind != "balance":
            self.balance += amount
        confidence = weakest(*(each.confidence for each in basis))
        self.entries.append(Entry(day, kind, amount, self.balance, what, citations(basis), confidence))

    def _repay(self, day: datetime.date, settlement: Settlement) -> None:
        year = settlement.performance_year
        earned = self.scribe.given(f"advances.earned.{year}", settlement.earned)
        outstanding = min(self.balance, self._that_counts(day, year))
        left = self.scribe.computed(
            f"advances.outstanding.{year}", float(outstanding), ["advances.balance_before"], [self.terms]
        )
        share = cited("mssp/settlement/advance_recoupment_share", year)
        kept = to_cents(rule.recoupment(earned, left, share.value))
        self.scribe.computed(
            f"advances.recouped.{year}",
            float(kept),
            [f"advances.earned.{year}", f"advances.outstanding.{year}"],
            [share],
            note="The rest of the balance is carried forward." if kept < outstanding else "",
        )
        self._enter(day, "recoupment", -kept, f"Kept back from shared savings of {year}", (share, self.terms))

    def _that_counts(self, day: datetime.date, year: int) -> Decimal:
        """The balance without payments made after the day that counts: those belong to the next settlement."""
        last = datetime.date(year, 12, 31) if self.terms.value["counts_through"] == "performance_year" else day
        later = sum(
            (entry.amount for entry in self.entries if entry.kind == "payment" and entry.day > last), Decimal(0)
        )
        return self.balance - later

    def _leave(self, day: datetime.date) -> None:
        if self.on_exit.value and day < datetime.date(self.years[-1], 12, 31):
            what = "Whole balance due: the ACO left before its agreement period ended"
            if self.balance:
                self._enter(day, "due", -self.balance, what, (self.on_exit,))

    def _sum_up(self) -> None:
        def total(kind: Kind) -> float:
            return float(abs(sum((entry.amount for entry in self.entries if entry.kind == kind), Decimal(0))))

        scribe, lines = self.scribe, list(self.scribe.sheet.lines)
        money = ("advances.upfront_payment", "advances.monthly_payment", "advances.months", "advances.prepaid_quarter")
        paid = [line for line in lines if line.startswith((*money, "advances.quarterly_payment"))]
        scribe.computed("advances.paid", total("payment"), paid)
        recouped = [line for line in lines if line.startswith("advances.recouped.")]
        scribe.computed("advances.recouped_total", total("recoupment"), recouped)
        because = [self.on_exit] if self.stated.left else [self.terms]
        scribe.computed("advances.due", total("due"), ["advances.paid", "advances.recouped_total"], because)
        scribe.computed(
            "advances.balance",
            float(self.balance),
            ["advances.balance_before", "advances.paid", "advances.recouped_total", "advances.due"],
            [self.terms],
            note=_OWED_DIRECTLY if self.balance and self.terms.value["owed_directly"] else "",
        )
