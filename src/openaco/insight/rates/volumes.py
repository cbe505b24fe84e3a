"""How much of each unit was provided: from the lake's own claims, or from a file of one's own.

From claims: final-action lines of a calendar year that the ACO's participants billed, carrier lines by tax number,
facility claims by CMS certification number. Outpatient lines count by HCPCS code, inpatient stays by MS-DRG. Equipment
is left out: the claims do not state its units.
"""

from __future__ import annotations

import csv
import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from openaco.engine import Engine, Lake, Table, _, coalesce, ifelse
from openaco.errors import ConfigurationError, LakeError
from openaco.feeds.rates.prices import READERS, Unreadable
from openaco.insight.rates.units import (
    BillingClass,
    Unit,
    Volume,
    family,
    plain_code,
    pricing_modifier,
    setting_of_place,
)
from openaco.programs.population import CLAIMS
from openaco.rules.claims import ClaimSet, adjust, claim_versions, current_mbi, institutional_line_payments
from openaco.tables import MbiCrosswalk, ProfessionalLine

INPATIENT, OUTPATIENT = ("60", "61"), ("40",)
_MODIFIERS = tuple(f"hcpcs_modifier_{number}" for number in range(1, 6))
COLUMNS = {
    "billing_code": True,
    "units": True,
    "billing_code_type": False,
    "modifiers": False,
    "billing_class": False,
    "setting": False,
    "payer": False,
    "allowed_amount": False,
    "paid_amount": False,
}
"""The columns of a volume file, and whether one cannot do without."""


@dataclass(frozen=True)
class Own:
    """Whose claims are ours: tax numbers and CMS certification numbers. None: everybody's."""

    tins: frozenset[str]
    ccns: frozenset[str]


def volume_of_claims(engine: Engine, lake: Lake, year: int, own: Own | None) -> list[Volume]:
    """The year's volume in the lake, one row a unit. Amounts are Medicare's.

    Raises LakeError where no claims were delivered.
    """
    if not lake.files(ProfessionalLine):
        raise LakeError(
            "no claims to take the volume from",
            where=str(lake.path),
            remedy="Load them with `openaco load cclf PATH…`, or give a volume file with --volume.",
        )
    claims = _claims(engine, lake, year)
    found = [*_professional(engine, claims, year, own), *_outpatient(engine, claims, year, own)]
    return merged([*found, *_inpatient(engine, claims, own)])


def _claims(engine: Engine, lake: Lake, year: int) -> ClaimSet:
    """The final-action claims of a calendar year, with everything known today."""
    keep = engine.checkpoint
    identities = keep(current_mbi(lake.read(engine, MbiCrosswalk), checkpoint=keep))
    tables = {table.name: lake.read(engine, table) for table in CLAIMS}
    versions = claim_versions(tables, identities, checkpoint=keep)
    period = (datetime.date(year, 1, 1), datetime.date(year, 12, 31))
    return adjust(versions, year=year, period=period, checkpoint=keep)


def _professional(engine: Engine, claims: ClaimSet, year: int, own: Own | None) -> Iterator[Volume]:
    lines = claims.professional.filter(_.hcpcs_code.notnull())
    if own is not None:
        lines = lines.filter(_.billing_tin.isin(sorted(own.tins)))
    by = ["hcpcs_code", "place_of_service_code", *_MODIFIERS]
    sums = (
        lines.mutate(units=_units())
        .group_by(by)
        .aggregate(
            units=_.units.sum(),
            lines=_.count(),
            paid=_.paid_amount.sum(),
            allowed=_.allowed_amount.sum(),
            paid_units=ifelse(_.allowed_amount.notnull(), _.units, 0).sum(),
        )
    )
    for row in engine.to_rows(sums):
        setting = setting_of_place(row["place_of_service_code"], year)
        unit = Unit("HCPCS", row["hcpcs_code"], _modifier(row, year), "professional", setting)
        yield _volume(unit, row)


def _outpatient(engine: Engine, claims: ClaimSet, year: int, own: Own | None) -> Iterator[Volume]:
    """Lines of outpatient facility claims. Their payments count only where they sum to the claim's."""
    headers = _ours(claims.institutional.filter(_.claim_type_code.isin(OUTPATIENT)), own)
    lines = claims.institutional_line.filter(_.hcpcs_code.notnull()).semi_join(headers, "claim_id")
    paid = institutional_line_payments(headers, claims.institutional_line)
    told = paid.filter(_.lines_sum_to_claim).select(
        paid_claim=_.claim_id, paid_line=_.claim_line_number, told_amount=_.paid_amount
    )
    lines = lines.left_join(told, [("claim_id", "paid_claim"), ("claim_line_number", "paid_line")])
    sums = (
        lines.mutate(units=_units())
        .group_by(["hcpcs_code", *_MODIFIERS])
        .aggregate(
            units=_.units.sum(),
            lines=_.count(),
            paid=_.told_amount.sum(),
            paid_units=ifelse(_.told_amount.notnull(), _.units, 0).sum(),
        )
    )
    for row in engine.to_rows(sums):
        unit = Unit("HCPCS", row["hcpcs_code"], _modifier(row, year), "institutional", "outpatient")
        yield _volume(unit, row)


def _inpatient(engine: Engine, claims: ClaimSet, own: Own | None) -> Iterator[Volume]:
    stays = _ours(claims.institutional.filter(_.claim_type_code.isin(INPATIENT), _.ms_drg_code.notnull()), own)
    sums = stays.group_by("ms_drg_code").aggregate(
        units=_.count(), lines=_.count(), paid=_.paid_amount.sum(), paid_units=_.paid_amount.count()
    )
    for row in engine.to_rows(sums):
        unit = Unit("MS-DRG", plain_code("MS-DRG", row["ms_drg_code"]), "", "institutional", "inpatient")
        yield _volume(unit, row)


def _ours(headers: Table, own: Own | None) -> Table:
    return headers if own is None else headers.filter(_.billing_ccn.isin(sorted(own.ccns)))


def _units() -> Any:
    """Units of a line; a line that states none, or zero, is one."""
    stated = coalesce(_.service_unit_quantity, 1)
    return ifelse(stated > 0, stated, 1)


def _modifier(row: Mapping[str, Any], year: int) -> str:
    return pricing_modifier((row[name] for name in _MODIFIERS), year)


def _volume(unit: Unit, row: Mapping[str, Any]) -> Volume:
    def number(name: str) -> Decimal | None:
        return None if row.get(name) is None else Decimal(row[name])

    return Volume(
        unit,
        number("units") or Decimal(0),
        lines=row["lines"],
        paid=number("paid"),
        allowed=number("allowed"),
        paid_units=number("paid_units"),
    )


def merged(volumes: Iterable[Volume]) -> list[Volume]:
    """One row for each payer and unit, in their order: lines that differ only in other modifiers are added up."""
    groups: dict[tuple[str, Unit], list[Volume]] = defaultdict(list)
    for volume in volumes:
        groups[(volume.payer or "", volume.unit)].append(volume)
    return [
        Volume(
            unit,
            sum((one.units for one in group), Decimal(0)),
            payer=group[0].payer,
            lines=sum(one.lines for one in group),
            paid=_sum(one.paid for one in group),
            allowed=_sum(one.allowed for one in group),
            paid_units=_sum(one.paid_units for one in group),
        )
        for (_payer, unit), group in sorted(groups.items())
    ]


def _sum(amounts: Iterable[Decimal | None]) -> Decimal | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if known else None


def volume_of_file(path: Path, year: int) -> list[Volume]:
    """A volume file: CSV with billing_code and units; class, setting, modifiers, payer and amounts where known.

    Raises ConfigurationError naming line and column of what cannot be read: a sum over part of a file misleads.
    """
    if not path.is_file():
        raise ConfigurationError("no such file", where=str(path), remedy="Check the path given with --volume.")
    with path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        header = {name.strip().lower(): name for name in reader.fieldnames or ()}
        missing = [name for name, needed in COLUMNS.items() if needed and name not in header]
        if missing:
            raise ConfigurationError(
                f"the header has no {', '.join(missing)}",
                where=f"{path.name}, line 1",
                remedy=f"Columns are {', '.join(COLUMNS)}; the first two are needed.",
            )
        rows = [
            _of_line(path.name, reader.line_num, {name: row.get(header.get(name, "")) or "" for name in COLUMNS}, year)
            for row in reader
        ]
    if not rows:
        raise ConfigurationError("holds no volume", where=path.name, remedy="Write one line for each code.")
    return merged(rows)


def _of_line(file: str, line: int, cells: Mapping[str, str], year: int) -> Volume:
    try:
        code = READERS["billing_code"](cells["billing_code"])
        if not code:
            raise Unreadable("billing_code is blank")
        kind = family(READERS["billing_code_type"](cells["billing_code_type"]) or "HCPCS")
        stay = kind == "MS-DRG"
        said = READERS["billing_class"](cells["billing_class"]) or ("institutional" if stay else "professional")
        setting = READERS["setting"](cells["setting"]) or ("inpatient" if stay else "outpatient")
        if "both" in (said, setting):
            raise Unreadable("billing_class and setting of a volume are one of two, not both")
        billing_class: BillingClass = "institutional" if said == "institutional" else "professional"
        modifier = pricing_modifier((READERS["modifiers"](cells["modifiers"]) or "").split("|"), year)
        units = _amount(cells["units"], "units")
        if not units:
            raise Unreadable("units is blank or zero")
    except Unreadable as error:
        raise ConfigurationError(str(error), where=f"{file}, line {line}", remedy="Correct the line.") from None
    return Volume(
        Unit(
            kind,
            plain_code(kind, code),
            modifier,
            billing_class,
            "inpatient" if setting == "inpatient" else "outpatient",
        ),
        units,
        payer=READERS["payer"](cells["payer"]),
        paid=_optional(file, line, cells, "paid_amount"),
        allowed=_optional(file, line, cells, "allowed_amount"),
        paid_units=units,
    )


def _optional(file: str, line: int, cells: Mapping[str, str], name: str) -> Decimal | None:
    try:
        return _amount(cells[name], name)
    except Unreadable as error:
        raise ConfigurationError(str(error), where=f"{file}, line {line}", remedy="Correct the line.") from None


def _amount(text: str, name: str) -> Decimal | None:
    """A number of zero or more; blank is None."""
    plain = text.strip().removeprefix("$").replace(",", "")
    if not plain:
        return None
    try:
        found = Decimal(plain)
    except ArithmeticError:
        raise Unreadable(f"{name} is not a number") from None
    if not found.is_finite() or found < 0:
        raise Unreadable(f"{name} is not a number of zero or more")
    return found
