"""What each model pays in advance, and when: worksheet lines, and the payments by day.

CMS's own days differ; here money comes on the day of the first payment, then on the first of the month or quarter.
"""

from __future__ import annotations

import datetime
from collections import Counter
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from openaco.errors import ConfigurationError
from openaco.programs.advances.stated import Advances, Quarter
from openaco.programs.scribe import Scribe
from openaco.rules import advances as rule
from openaco.rules.cited import Cited, cited

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Payment:
    """Money to the ACO on one day, and the parameters it rests on."""

    day: datetime.date
    amount: Decimal
    what: str
    basis: tuple[Cited, ...]


def to_cents(amount: float) -> Decimal:
    """An amount as money, to the cent."""
    return Decimal(str(amount)).quantize(CENT, ROUND_HALF_UP)


def payments(scribe: Scribe, stated: Advances, start: datetime.date) -> list[Payment]:
    """Every payment in order, up to the day the ACO left. Adds the lines they follow from.

    Raises ConfigurationError for a quarter or year that is not paid, ParameterError for a start without such a model.
    """
    first = stated.first_payment or start
    if stated.model == "advance_investment":
        found = _by_quarter(scribe, stated, start.year, first)
    elif stated.model == "prepaid_shared_savings":
        found = _by_prepaid_year(scribe, stated)
    else:
        found = _by_month(scribe, stated, start.year, first)
    return [payment for payment in found if stated.left is None or payment.day <= stated.left]


def _by_month(scribe: Scribe, stated: Advances, start_year: int, first: datetime.date) -> list[Payment]:
    terms = cited("advances/amounts", start_year, model=stated.model)
    length = cited("advances/monthly_payments", start_year, model=stated.model)
    beneficiaries = scribe.given("advances.beneficiaries", stated.beneficiaries)
    once = scribe.computed(
        "advances.upfront_payment",
        rule.upfront_payment(terms.value, beneficiaries),
        ["advances.beneficiaries"],
        [terms],
        note=_capped(beneficiaries, terms),
    )
    every = scribe.computed(
        "advances.monthly_payment",
        rule.monthly_payment(terms.value, beneficiaries),
        ["advances.beneficiaries"],
        [terms],
        note=_capped(beneficiaries, terms),
    )
    days = rule.monthly_payment_days(first, length.value)
    paid_days = [day for day in days if stated.left is None or max(day, first) <= stated.left]
    scribe.computed("advances.months", len(paid_days), basis=[length])
    amounts = _monthly_amounts(scribe, stated, terms, len(days)) or [every] * len(days)
    return [
        Payment(first, to_cents(once), "Paid at the start", (terms,)),
        *(
            Payment(max(day, first), to_cents(amount), f"Month {number} of {len(days)}", (terms, length))
            for number, (day, amount) in enumerate(zip(days, amounts, strict=True), start=1)
        ),
    ]


def _monthly_amounts(scribe: Scribe, stated: Advances, terms: Cited, months: int) -> list[float]:
    """The amounts where the number of beneficiaries changed from month to month."""
    if not stated.monthly_beneficiaries:
        return []
    if len(stated.monthly_beneficiaries) != months:
        raise ConfigurationError(
            f"{len(stated.monthly_beneficiaries)} months are stated, but {months} are paid",
            where="advances.monthly_beneficiaries",
            remedy="State one number for each month, or none.",
        )
    for number, count in enumerate(stated.monthly_beneficiaries, start=1):
        scribe.given(f"advances.monthly_beneficiaries.{number}", count)
    return [rule.monthly_payment(terms.value, count) for count in stated.monthly_beneficiaries]


def _capped(beneficiaries: int, terms: Cited) -> str:
    most = terms.value["most_beneficiaries"]
    return f"At most {most:,} beneficiaries count." if most is not None and beneficiaries > most else ""


def _by_quarter(scribe: Scribe, stated: Advances, start_year: int, first: datetime.date) -> list[Payment]:
    terms = cited("advances/amounts", start_year, model=stated.model)
    count = cited("advances/quarters", start_year)
    once = scribe.computed("advances.upfront_payment", rule.upfront_payment(terms.value, 0), basis=[terms])
    days = {_name(day): day for day in rule.quarterly_payment_days(first, count.value)}
    found = [Payment(first, to_cents(once), "Paid at the start", (terms,))]
    for quarter in sorted(stated.quarters, key=lambda each: each.quarter):
        if quarter.quarter not in days:
            raise ConfigurationError(
                f"{quarter.quarter} is not one of the {count.value} quarters paid",
                where="advances.quarters",
                remedy=f"They are {min(days)} to {max(days)}.",
            )
        amount, basis = _quarter(scribe, quarter, start_year, terms)
        day = max(days[quarter.quarter], first)
        found.append(Payment(day, to_cents(amount), f"Quarterly payment {quarter.quarter}", (*basis, count)))
    return found


def _quarter(scribe: Scribe, stated: Quarter, start_year: int, terms: Cited) -> tuple[float, tuple[Cited, ...]]:
    scores, table = cited("advances/risk_score", start_year), cited("advances/quarterly_amounts", start_year)
    by_score: Counter[int] = Counter()
    by_score[rule.beneficiary_score(True, None, scores.value)] += stated.low_income
    by_score[rule.beneficiary_score(False, None, scores.value)] += stated.without_percentile
    for percentile, people in stated.by_percentile.items():
        by_score[rule.beneficiary_score(False, percentile, scores.value)] += people
    most = terms.value["most_beneficiaries"]
    amount, counted = rule.quarterly_payment(by_score, table.value, most)
    name = stated.quarter
    scribe.given(f"advances.quarter_beneficiaries.{name}", stated.beneficiaries)
    scribe.computed(
        f"advances.quarter_counted.{name}",
        counted,
        [f"advances.quarter_beneficiaries.{name}"],
        [terms],
        note=f"The {most:,} with the highest scores." if counted < stated.beneficiaries else "",
    )
    basis = (scores, table)
    paid = scribe.computed(
        f"advances.quarterly_payment.{name}", float(amount), [f"advances.quarter_counted.{name}"], basis
    )
    return paid, basis


def _name(day: datetime.date) -> str:
    return f"{day.year}-Q{(day.month - 1) // rule.MONTHS_OF_QUARTER + 1}"


def _by_prepaid_year(scribe: Scribe, stated: Advances) -> list[Payment]:
    found = []
    for year in sorted(stated.years, key=lambda each: each.performance_year):
        terms, name = cited("advances/prepaid_shared_savings", year.performance_year), str(year.performance_year)
        multiplier = scribe.given(f"advances.prepaid_multiplier.{name}", year.multiplier)
        people = scribe.given(f"advances.prepaid_beneficiaries.{name}", year.beneficiaries)
        most = scribe.computed(
            f"advances.prepaid_maximum.{name}",
            rule.prepaid_maximum(multiplier, people),
            [f"advances.prepaid_multiplier.{name}", f"advances.prepaid_beneficiaries.{name}"],
            [terms],
        )
        quarter = scribe.computed(
            f"advances.prepaid_quarter.{name}",
            rule.prepaid_quarter(most, year.requested, terms.value["payments"]),
            [f"advances.prepaid_maximum.{name}"],
            [terms],
            note="As much as was asked for." if year.requested is not None and year.requested < most else "",
        )
        direct = scribe.given(f"advances.direct_services.{name}", year.spent_on_direct_services)
        rest = scribe.given(f"advances.staff_and_infrastructure.{name}", year.spent_on_staff_and_infrastructure)
        scribe.computed(
            f"advances.spent_as_promised.{name}",
            rule.spent_as_promised(direct, rest, terms.value["direct_services"]),
            [f"advances.direct_services.{name}", f"advances.staff_and_infrastructure.{name}"],
            [terms],
        )
        start = datetime.date(year.performance_year, 1, 1)
        found += [
            Payment(day, to_cents(quarter), f"Prepaid shared savings {_name(day)}", (terms,))
            for day in rule.quarterly_payment_days(start, terms.value["payments"])
        ]
    return found
