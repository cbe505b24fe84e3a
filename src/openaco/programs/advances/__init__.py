"""Money advanced to an ACO against shared savings: who may have it, payments by day, repayment, and the balance.

`advance_account` makes the account of what `[advances]` states. Sources: Advance Payment ACO Model, ACO Investment
Model, 42 CFR 425.630–425.650.
"""

from __future__ import annotations

from openaco.programs.advances.account import AdvanceAccount, Entry, advance_account
from openaco.programs.advances.eligibility import Condition
from openaco.programs.advances.file import read_advances
from openaco.programs.advances.of_agreement import account_of, advance_balance, open_to
from openaco.programs.advances.stated import AdvanceModel, Advances

__all__ = [
    "AdvanceAccount",
    "AdvanceModel",
    "Advances",
    "Condition",
    "Entry",
    "account_of",
    "advance_account",
    "advance_balance",
    "open_to",
    "read_advances",
]
