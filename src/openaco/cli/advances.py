"""`openaco advances`: the account of an ACO's advances on shared savings."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from openaco.cli.words import command
from openaco.errors import ConfigurationError

if TYPE_CHECKING:
    from openaco.programs.advances import AdvanceAccount, Entry

_ANSWERS = {True: "yes", False: "no", None: "not known"}


def advances(
    aco: Annotated[Path, typer.Option("--aco", help="Folder of the ACO: its aco.toml has a table [advances].")] = Path(
        "."
    ),
    file: Annotated[
        Path | None, typer.Option("--file", help="A TOML file that states advances alone, instead of an aco.toml.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print account, conditions and worksheet as JSON.")] = False,
) -> None:
    """Show what was **paid in advance**, what each settlement keeps back, and what is still owed.

    Knows advance investment payments, prepaid shared savings, and of old the Advance Payment and ACO Investment Models.
    Amounts are US dollars: above zero they come to the ACO.
    """
    account = _account(aco, file)
    if as_json:
        typer.echo(json.dumps(_as_data(account), indent=1))
        return
    _print(account, aco, file)


def _account(aco: Path, file: Path | None) -> AdvanceAccount:
    from openaco.programs.advances import account_of, advance_account, read_advances
    from openaco.programs.configuration import read_configuration
    from openaco.programs.folder import AcoFolder

    if file is not None:
        if not file.is_file():
            raise ConfigurationError("no such file", where=str(file), remedy="Name a TOML file that states advances.")
        return advance_account(read_advances(file))
    path = AcoFolder(aco).configuration
    account = account_of(read_configuration(path))
    if account is None:
        raise ConfigurationError(
            "no [advances]",
            where=str(path),
            remedy="Add the table; a new aco.toml of `openaco init` shows its keys. Or name a file with --file.",
        )
    return account


def _as_data(account: AdvanceAccount) -> dict[str, Any]:
    return {
        "label": account.label,
        "eligible": account.eligible,
        "conditions": [
            {"name": each.name, "met": each.met, "words": each.words, "cite": each.basis.cite}
            for each in account.conditions
        ],
        "entries": [entry.to_dict() for entry in account.entries],
        "paid": float(account.total("payment")),
        "recouped": float(account.total("recoupment")),
        "due": float(account.total("due")),
        "balance": float(account.balance),
        "worksheet": account.worksheet.to_dict(),
    }


def _print(account: AdvanceAccount, aco: Path, file: Path | None) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    table = Table(title=account.label, title_justify="left", show_edge=False, pad_edge=False)
    table.add_column("Day")
    table.add_column("What")
    table.add_column("US dollars", justify="right")
    table.add_column("Balance", justify="right")
    for day, what, amount, balance in _shown(account.entries):
        table.add_row(day, what, _money(amount), _money(balance))
    console.print(table)
    console.print(_closing(account, aco, file), soft_wrap=True)


def _closing(account: AdvanceAccount, aco: Path, file: Path | None) -> str:
    """The sums, who may have them, how sure it is, and where the balance goes."""
    paid, kept, due = (_money(account.total(kind)) for kind in ("payment", "recoupment", "due"))
    said = [
        f"Paid {paid}, kept back {kept}, demanded {due}, still to be repaid {_money(account.balance)}",
        f"Eligible: {_ANSWERS[account.eligible]}{_reasons(account)}",
    ]
    unsure = account.worksheet.unverified()
    if unsure:
        said.append(f"{len(unsure)} lines rest on values not confirmed against a source: see --json, `confidence`")
    if file is None:
        said.append(f"A settlement takes the balance from here: {command('run', '--year', 'YEAR', aco=aco)}")
    return "\n".join(said)


def _reasons(account: AdvanceAccount) -> str:
    """What is not met, or what is not stated."""
    unmet = [each.words for each in account.conditions if each.met is False]
    if unmet:
        return f", because it is not so that: {'; '.join(unmet)}"
    unknown = [each.words for each in account.conditions if each.met is None]
    return f"; not stated whether: {'; '.join(unknown)}" if unknown else ""


def _shown(entries: tuple[Entry, ...]) -> Iterator[tuple[str, str, Decimal, Decimal]]:
    """The entries, with payments of one amount that follow one another in one row."""
    for (kind, amount), found in groupby(entries, key=lambda entry: (entry.kind, entry.amount)):
        same = list(found)
        if kind == "payment" and len(same) > 1:
            days = f"{same[0].day} – {same[-1].day}"
            yield days, f"{len(same)} payments of {_money(amount)}", amount * len(same), same[-1].balance
        else:
            yield from ((str(entry.day), entry.what, entry.amount, entry.balance) for entry in same)


def _money(amount: Decimal) -> str:
    return f"{amount:,.2f}"
