"""Advances of the ACO that an `aco.toml` describes: its account, and what its settlements have to repay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from openaco.programs.advances.account import AdvanceAccount, advance_account
from openaco.programs.advances.stated import Advances, Settlement
from openaco.rules.cited import cited

if TYPE_CHECKING:
    from openaco.programs.configuration import Configuration


def account_of(configuration: Configuration, performance_year: int | None = None) -> AdvanceAccount | None:
    """The account that `[advances]` makes; None without such a table. The agreement fills in what it leaves out.

    performance_year: a year whose settlement is at hand: it counts as one, with nothing earned if none is stated.
    """
    stated = configuration.advances
    if stated is None:
        return None
    stated = _with_agreement(configuration, stated)
    settled = {each.performance_year for each in stated.settlements}
    if performance_year is not None and performance_year not in settled:
        open_one = Settlement(performance_year=performance_year, earned=0.0)
        stated = stated.model_copy(update={"settlements": (*stated.settlements, open_one)})
    return advance_account(stated, configuration.agreement.start)


def advance_balance(configuration: Configuration, performance_year: int) -> float:
    """US dollars that the settlement of a performance year can repay: as stated, else what `[advances]` comes to."""
    stated = configuration.performance_for(performance_year).advance_balance
    account = None if stated else account_of(configuration, performance_year)
    return stated if account is None else float(account.outstanding(performance_year))


def open_to(configuration: Configuration, level: str) -> bool:
    """Whether the stated advances are given to ACOs of a level or track; False without any."""
    stated = configuration.advances
    if stated is None:
        return False
    start = stated.agreement_start or configuration.agreement.start
    return level in cited("advances/levels", start.year, model=stated.model).value


def _with_agreement(configuration: Configuration, stated: Advances) -> Advances:
    """The statement with what the agreement says where it is silent itself."""
    agreement = configuration.agreement
    known: dict[str, Any] = {
        "level": agreement.track,
        "period": agreement.period,
        "revenue_status": agreement.revenue_status,
    }
    silent = {name: value for name, value in known.items() if getattr(stated.organization, name) is None}
    changes: dict[str, Any] = {"organization": stated.organization.model_copy(update=silent)}
    if stated.left is None and agreement.end is not None:
        changes["left"] = agreement.end
    return stated.model_copy(update=changes)
