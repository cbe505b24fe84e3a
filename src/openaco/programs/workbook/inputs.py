"""From CMS's settlement report to the inputs of the worksheet: only cells that the report does not compute itself."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping

from openaco.errors import WorkbookError
from openaco.feeds.workbooks.printed import read_date
from openaco.feeds.workbooks.settlement_report import SettlementReport, as_number
from openaco.programs.configuration import ENROLLMENT_TYPES, Agreement, Method, Performance, Quality, Track
from openaco.programs.mssp.inputs import BENCHMARK_YEARS, MsspInputs, YearInputs
from openaco.rules.cited import cited
from openaco.rules.sharing import Election, minimum_savings_rate, terms_for

SAME = 1e-9
_TRACKS: tuple[Track, ...] = ("BASIC_A", "BASIC_B", "BASIC_C", "BASIC_D", "BASIC_E", "ENHANCED")


def inputs_of(report: SettlementReport) -> MsspInputs:
    """The worksheet's inputs, as CMS used them. Raises WorkbookError where a needed cell is missing or unreadable."""
    agreement = _agreement(report)
    years = {name: _benchmark_year(report, name, agreement) for name in BENCHMARK_YEARS}
    return MsspInputs(
        aco_id=report.aco_id,
        name=report.name,
        performance_year=report.performance_year,
        agreement=agreement,
        benchmark_years=years,
        performance=_performance_year(report),
        national_weight_by3={kind: _national_weight(report, kind) for kind in ENROLLMENT_TYPES},
        national_weight_py=_by_type(report, "table_a3", "E", "py"),
        result=_result(report),
        sources=_sources(report),
    )


def _by_type(report: SettlementReport, table: str, letter: str, column: str) -> dict[str, float]:
    return {kind: report.number(table, letter, kind, column) for kind in ENROLLMENT_TYPES}


def _national_weight(report: SettlementReport, kind: str) -> float:
    """The weight of BY3, which stands in three columns: what most of them say, so that one changed cell stands out."""
    printed = [report.number("table_a3", "E", kind, name) for name in BENCHMARK_YEARS]
    return max(reversed(printed), key=lambda weight: sum(abs(weight - one) <= SAME for one in printed))


def _shares(report: SettlementReport) -> dict[str, float]:
    """Proportions of the performance year: of the two tables that print them, the one whose proportions sum to 1."""
    printed, copied = (_by_type(report, *place, "py") for place in (("table_2", "G"), ("table_3", "D")))
    return copied if not _sums_to_one(printed) and _sums_to_one(copied) else printed


def _sums_to_one(shares: Mapping[str, float]) -> bool:
    return abs(sum(shares.values()) - 1) <= SAME


def _benchmark_year(report: SettlementReport, name: str, agreement: Agreement) -> YearInputs:
    total = report.number("table_1", "A2", column=name)
    person_years: Mapping[str, float] = {"total": total}
    if name == "by3":
        person_years = {kind: total * share for kind, share in _by_type(report, "table_1", "H", name).items()}
    return YearInputs(
        year=agreement.benchmark_years[BENCHMARK_YEARS.index(name)],
        assigned_beneficiaries=int(report.number("table_1", "A1", column=name)),
        person_years=person_years,
        per_capita=_by_type(report, "table_1", "B", name),
        risk_score=_by_type(report, "table_1", "C", name),
        regional_per_capita=_by_type(report, "table_a3", "C", name),
        national_per_capita=_by_type(report, "table_a3", "A", name),
    )


def _performance_year(report: SettlementReport) -> YearInputs:
    total = report.number("table_3", "B")
    return YearInputs(
        year=report.performance_year,
        assigned_beneficiaries=int(report.number("table_3", "A")),
        person_years={kind: total * share for kind, share in _shares(report).items()},
        per_capita=_by_type(report, "table_3", "C", "py"),
        risk_score=_by_type(report, "table_a1", "B", "py"),
        regional_per_capita=_by_type(report, "table_a3", "C", "py"),
        national_per_capita=_by_type(report, "table_a3", "A", "py"),
    )


def _agreement(report: SettlementReport) -> Agreement:
    return Agreement(
        track=_track(report),
        start=_start(report),
        period=_whole(report, "aco agreement period"),
        regional_period=_whole(report, "aco agreement period subject to regional adjustment"),
        benchmark_years=_benchmark_years(report),
        assignment_method=_method(report),
        minimum_savings_rate=chosen_rate(report),
        revenue_status="high",
    )


def _unknown(report: SettlementReport, label: str, wanted: str) -> WorkbookError:
    cell = report.parameter(label)
    return WorkbookError(
        f"{cell.value!r} is not {wanted}",
        where=f"{report.file}, {cell.where}",
        remedy="Use the report as CMS sent it.",
    )


def _track(report: SettlementReport) -> Track:
    words = str(report.parameter("aco track").value).casefold()
    level = re.fullmatch(r"basic (?:track )?level ([a-e])", words)
    named = f"BASIC_{level[1].upper()}" if level else "ENHANCED" if words.startswith("enhanced") else ""
    for track in _TRACKS:
        if track == named:
            return track
    raise _unknown(report, "aco track", "a track of the program: BASIC Level A to E, or ENHANCED")


def _start(report: SettlementReport) -> datetime.date:
    start = read_date(report.agreement_start)
    if start is None:
        raise WorkbookError("the cover names no agreement start date", where=report.file)
    return start


def _whole(report: SettlementReport, label: str) -> int:
    number = as_number(report.parameter(label), report.file)
    if number != int(number) or number < 1:
        raise _unknown(report, label, "a whole number from 1 on")
    return int(number)


def _benchmark_years(report: SettlementReport) -> tuple[int, int, int]:
    """The calendar years of expenditures; assignment windows of prospective ACOs are other ones."""
    heading = "expenditure & risk score period"
    first, second, third = (
        _year_of_end(report, f"benchmark year {number}", heading) for number in range(1, len(BENCHMARK_YEARS) + 1)
    )
    return first, second, third


def _year_of_end(report: SettlementReport, label: str, heading: str) -> int:
    cell = report.parameter(label, heading)
    end = read_date(str(cell.value).rpartition(" - ")[2])
    if end is None:
        raise WorkbookError(f"{cell.value!r} is no period", where=f"{report.file}, {cell.where}")
    return end.year


def _method(report: SettlementReport) -> Method:
    words = str(report.parameter("aco assignment methodology").value).casefold()
    return "retrospective" if "preliminary" in words or "retrospective" in words else "prospective"


def chosen_rate(report: SettlementReport) -> Election:
    """The minimum savings rate that the ACO chose, or "variable" where the table gives it.

    The choice is printed nowhere but in what follows from it: [L], [M], [N] ÷ [H] and [O] ÷ [H]. What most of them
    say holds, so that one changed cell does not pass for a choice.
    """
    track, year = _track(report), report.performance_year
    if not terms_for(track, year, _start(report).year).two_sided:
        return "variable"
    table = minimum_savings_rate(int(report.number("table_3", "A")), year)
    told = _told_rates(report)
    options = [table, *_allowed(track, _start(report).year)]
    support = {rate: sum(abs(rate - one) <= SAME for one in told) for rate in options}
    best = max(options, key=lambda rate: support[rate])
    return "variable" if best == table else best


def _told_rates(report: SettlementReport) -> list[float]:
    benchmark = report.number("table_3", "H")
    told = []
    for letter, divisor in (("L", 1.0), ("M", -1.0), ("N", benchmark), ("O", -benchmark)):
        value = report.cell("table_3", letter).value
        if isinstance(value, int | float) and divisor:
            told.append(value / divisor)
    return told


def _allowed(track: Track, start_year: int) -> list[float]:
    rates = cited("mssp/settlement/minimum_savings_rate_elections", start_year, track=track).value
    return [float(rate) for rate in rates if rate != "variable"]


def _result(report: SettlementReport) -> Performance:
    return Performance(
        quality=Quality(score=report.number("table_3", "R") * 100),
        participant_revenue=_if_printed(report, "AA"),
        extreme_circumstances_beneficiary_share=_if_printed(report, "DD") or 0.0,
        extreme_circumstances_month_share=_if_printed(report, "EE") or 0.0,
    )


def _if_printed(report: SettlementReport, letter: str) -> float | None:
    return None if report.cell("table_3", letter).value is None else report.number("table_3", letter)


def _sources(report: SettlementReport) -> dict[str, str]:
    """By line, the sheet it was read from."""
    sheets = {
        "benchmark": report.cell("table_1", "A1", column="by1").sheet,
        "trend": report.cell("table_a3", "A", "esrd", "by1").sheet,
        "update": report.cell("table_a1", "B", "esrd").sheet,
        "settlement": report.cell("table_3", "A").sheet,
    }
    return {line: f"{report.file}:{sheet}" for line, sheet in sheets.items()}
