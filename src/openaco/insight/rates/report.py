"""The comparison of an ACO's prices from its lake: volume, prices, Medicare's amounts, the market."""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from openaco.engine import Engine, Lake, _, coalesce, date_of, literal
from openaco.errors import ConfigurationError, LakeError
from openaco.insight.rates.compare import COLUMNS, Comparison, Medicare, compare
from openaco.insight.rates.prices import prices_of
from openaco.insight.rates.units import Unit, Volume, to_cents
from openaco.insight.rates.volumes import Own, volume_of_claims, volume_of_file
from openaco.parameters import parameter
from openaco.programs.folder import AcoFolder
from openaco.tables import FeeScheduleAmount, MarketRate, NegotiatedRate, Participant

PARAMETERS = ("rates/pricing_modifiers", "rates/inpatient_places_of_service", "feeds/rates/code_types")
"""What matching prices with volume rests on."""


@dataclass(frozen=True)
class RatesReport:
    """A comparison, and what it rests on.

    volume_from  where the volume comes from, in words
    left_out     by reason, how many prices were left out: negotiated and of the market
    """

    year: int
    comparison: Comparison
    volume_from: str
    left_out: Mapping[str, Mapping[str, int]]

    @property
    def unverified(self) -> tuple[str, ...]:
        """The parameters behind the comparison that are not confirmed against a source."""
        found = {name: parameter(name, self.year) for name in PARAMETERS}
        return tuple(name for name, value in found.items() if value.confidence == "unverified")

    def as_json(self) -> dict[str, Any]:
        """Plain values; amounts as text, so that no cent is lost."""
        return {
            "year": self.year,
            "volume_from": self.volume_from,
            "totals": [_plain(total.as_dict()) for total in self.comparison.totals],
            "rows": [_plain(row.as_dict()) for row in self.comparison.rows],
            "missing": {
                payer: [unit._asdict() for unit in units] for payer, units in self.comparison.missing.items() if units
            },
            "without_volume": list(self.comparison.without_volume),
            "unverified": list(self.unverified),
            "left_out": {table: dict(sorted(reasons.items())) for table, reasons in self.left_out.items()},
        }

    def as_csv(self) -> str:
        """Every row, one column for each value."""
        text = io.StringIO()
        writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(row.as_dict() for row in self.comparison.rows)
        return text.getvalue()


def compare_rates(
    engine: Engine,
    home: AcoFolder,
    year: int,
    *,
    volume: Path | None = None,
    all_providers: bool = False,
    payer: str | None = None,
) -> RatesReport:
    """Compare every payer's prices, or one's, in a year.

    volume: a file in place of the lake's claims. all_providers: claims of everybody, not of the ACO's participants.
    Raises LakeError where no negotiated prices were loaded (and no payer's volume says what was paid) and where there
    is no volume; ConfigurationError where a payer is not known or the ACO's participants are not.
    """
    lake = Lake(home.lake)
    negotiated, our_reasons = prices_of(engine, lake, NegotiatedRate, year)
    of_file = [] if volume is None else volume_of_file(volume, year)
    payers = {price.payer for price in negotiated} | {one.payer for one in of_file if one.payer}
    if not payers:
        raise LakeError(
            f"no negotiated prices that hold in {year}",
            where=str(home.lake),
            remedy="Load them with `openaco load rates FILE`.",
        )
    if payer is not None and payer not in payers:
        known = f"Known: {', '.join(sorted(payers))}."
        raise ConfigurationError(f"no prices of {payer!r}", where="--payer", remedy=known)
    own = None if all_providers else _own(engine, lake, home, year)
    volumes = of_file or _of_claims(engine, lake, year, own)
    codes = {one.unit.code for one in volumes}
    market, their_reasons = prices_of(engine, lake, MarketRate, year, codes=codes, without_tins=own.tins if own else ())
    if payer is not None:
        negotiated = [price for price in negotiated if price.payer == payer]
        volumes = [one for one in volumes if one.payer in (None, payer)]
    comparison = compare(volumes, negotiated, market, _medicare(engine, lake, year, volumes))
    of_whom = " of all providers" if own is None else ""
    told = f"Medicare claims of {year}{of_whom}" if volume is None else volume.name
    return RatesReport(year, comparison, told, {"negotiated": our_reasons, "market": their_reasons})


def _of_claims(engine: Engine, lake: Lake, year: int, own: Own | None) -> list[Volume]:
    volumes = volume_of_claims(engine, lake, year, own)
    if not volumes:
        raise LakeError(
            f"no claims of {year} that {'anybody' if own is None else 'the ACO’s participants'} billed",
            where=str(lake.path),
            remedy="Name another --year, count everybody with --all-providers, or give a file with --volume.",
        )
    return volumes


def _own(engine: Engine, lake: Lake, home: AcoFolder, year: int) -> Own:
    """The ACO's participants in the year. Without a roster, and only then, there are none."""
    first, last = date_of(year, 1, 1), date_of(year, 12, 31)
    rows = engine.to_rows(
        lake.read(engine, Participant, deliveries="latest").filter(
            coalesce(_.start_date <= last, literal(True)), coalesce(_.end_date >= first, literal(True))
        )
    )
    names = sorted({row["aco_id"] for row in rows})
    if len(names) > 1:
        own = _aco_id(home.configuration)
        if own not in names:
            raise ConfigurationError(
                f"the roster has participants of {len(names)} ACOs, and aco.toml does not say which is yours",
                where=str(home.configuration),
                remedy="State [aco] id, or count everybody with --all-providers.",
            )
        rows = [row for row in rows if row["aco_id"] == own]
    tins = frozenset(row["tin"] for row in rows)
    return Own(tins, frozenset(row["ccn"] for row in rows if row["ccn"]))


def _aco_id(path: Path) -> str:
    """The id that aco.toml states; figures that are not filled in yet do not matter here."""
    try:
        return str(tomllib.loads(path.read_text(encoding="utf-8")).get("aco", {}).get("id", ""))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        return ""


def _medicare(engine: Engine, lake: Lake, year: int, volumes: list[Volume]) -> dict[Unit, Medicare]:
    """Medicare's amount of each unit: the fee schedule's for professional services without a modifier, else claims'.

    Claims say what was allowed per unit (professional), or what Medicare paid per unit or stay (facilities).
    """
    rows = lake.read(engine, FeeScheduleAmount, deliveries="latest").filter(_.calendar_year == year)
    schedule = {row["hcpcs_code"]: row["amount"] for row in engine.to_rows(rows)}
    found = {}
    for volume in volumes:
        unit = volume.unit
        listed = schedule.get(unit.code)
        if unit.code_type == "HCPCS" and unit.billing_class == "professional" and not unit.modifier and listed:
            found[unit] = Medicare(listed, f"fee schedule {year}")
        elif volume.payer is None and volume.lines:
            of_claims = _per_unit(volume, year)
            if of_claims:
                found[unit] = of_claims
    return found


def _per_unit(volume: Volume, year: int) -> Medicare | None:
    """What claims allowed, else paid, for one unit; None where they do not say."""
    amount, word = (volume.paid, "paid") if volume.allowed is None else (volume.allowed, "allowed")
    if not amount or not volume.paid_units:
        return None
    return Medicare(to_cents(amount / volume.paid_units), f"claims {year}, {word}")


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in values.items()}
