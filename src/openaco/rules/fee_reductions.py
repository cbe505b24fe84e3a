"""Payments of the month in place of fees: population-based payments, and infrastructure payments that are repaid.

Amounts are US dollars of a year, unrounded; shares are fractions from 0 to 1. Pioneer ACO Model and Next Generation
ACO Model, tested under section 1115A of the Social Security Act, not under 42 CFR part 425.
"""

from __future__ import annotations

MONTHS_IN_YEAR = 12


def monthly_payment(projected_fees: float, share: float) -> float:
    """What CMS pays each month in place of a share of participants' fees, as it projected them.

    Pioneer ACO Model and Next Generation ACO Model: population-based payments.
    """
    return projected_fees * share / MONTHS_IN_YEAR


def fees_reduced(fees: float, share: float) -> float:
    """By how much participants' claims were really reduced. Pioneer ACO Model and Next Generation ACO Model."""
    return fees * share


def reconciliation(reduced: float, paid: float) -> float:
    """Claims reduced − payments made: above zero CMS pays the rest, below zero the ACO repays what was too much.

    Afterwards the ACO and its participants have what they would have had. Pioneer ACO Model and Next Generation ACO
    Model: reconciliation of population-based payments.
    """
    return reduced - paid


def infrastructure_payments(per_beneficiary_month: float, person_years: float) -> float:
    """Infrastructure payments of a year; all of them are repaid. Next Generation ACO Model."""
    return per_beneficiary_month * person_years * MONTHS_IN_YEAR
