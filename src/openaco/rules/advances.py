"""Repayment of money advanced to an ACO: Advance Payment, AIM and advance investment payments.

Sources: 42 CFR 425.630–425.650; CMS results files 2014–2021 (`Adv_Pay_Recoup`) and 2024 (`AIPRecoup`).
"""

from __future__ import annotations


def recoupment(earned_payment: float, outstanding_balance: float, share: float = 1.0) -> float:
    """US dollars kept back from an earned payment: the lesser of (a share of) the payment and the balance.

    Never negative and never more than was earned; what is left of the balance is carried forward.
    42 CFR 425.630–425.650.
    """
    return max(0.0, min(earned_payment * share, outstanding_balance))


def remaining_balance(outstanding_balance: float, recouped: float) -> float:
    """US dollars of advances still to be repaid from later performance years (42 CFR 425.630–425.650)."""
    return max(0.0, outstanding_balance - recouped)
