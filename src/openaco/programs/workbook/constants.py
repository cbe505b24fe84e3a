"""Rates and weights that CMS's settlement report prints and the regulation fixes: read from both, to be compared."""

from __future__ import annotations

from collections.abc import Iterator

from openaco.feeds.workbooks.settlement_report import ReportCell, SettlementReport, Value
from openaco.programs.configuration import Track
from openaco.programs.mssp.inputs import BENCHMARK_YEARS, MsspInputs
from openaco.rules.cited import cited

Constant = tuple[ReportCell, str, Value]

_TRACKS: tuple[Track, ...] = ("BASIC_A", "BASIC_B", "BASIC_C", "BASIC_D", "BASIC_E", "ENHANCED")
_LAST_REGIONAL_PERIOD = 4
_HIGHER = "aco determined to have higher spending"
_LOWER = "aco determined to have lower spending"


def printed_constants(report: SettlementReport, inputs: MsspInputs) -> Iterator[Constant]:
    """Each printed constant with `parameter:<path>` and what that parameter states."""
    yield from _year_weights(report, inputs)
    yield from _regional_weights(report, inputs)
    yield from _completion_factor(report)
    yield from _minimum_savings_rates(report)
    yield from _rates_by_track(report)


def _year_weights(report: SettlementReport, inputs: MsspInputs) -> Iterator[Constant]:
    period = "first" if inputs.agreement.period == 1 else "later"
    name = "mssp/benchmark/benchmark_year_weights"
    weights = cited(name, inputs.start_year, agreement_period=period).value
    for number, (year, weight) in enumerate(zip(BENCHMARK_YEARS, weights, strict=True), start=1):
        cell = report.parameter(f"benchmark year {number} ({year})", "benchmark year weights")
        yield cell, f"parameter:{name}", weight


def _regional_weights(report: SettlementReport, inputs: MsspInputs) -> Iterator[Constant]:
    name = "mssp/benchmark/regional_weight"
    period = str(min(inputs.agreement.regional_period, _LAST_REGIONAL_PERIOD))
    for label, spending in ((_HIGHER, "higher"), (_LOWER, "lower")):
        weight = cited(name, inputs.start_year, regional_period=period, spending=spending).value
        yield report.parameter(label), f"parameter:{name}", weight


def _completion_factor(report: SettlementReport) -> Iterator[Constant]:
    name = "expenditures/completion_factor"
    factor = float(cited(name, report.performance_year, run_out="three_months").value)
    yield report.parameter("claims completion factor"), f"parameter:{name}", float(factor)


def _minimum_savings_rates(report: SettlementReport) -> Iterator[Constant]:
    """Table A4: number of beneficiaries and rate at both ends of each row; words such as ≥12.2% are passed over."""
    name = "mssp/settlement/minimum_savings_rate_table"
    stated = cited(name, report.performance_year).value
    for cells, row in zip(report.rates, stated, strict=False):
        for cell, column in zip(cells, ("low", "high", "rate_at_low", "rate_at_high"), strict=True):
            if row[column] and not isinstance(cell.value, str):
                yield cell, f"parameter:{name}", float(row[column])


def _rates_by_track(report: SettlementReport) -> Iterator[Constant]:
    """Table A5: the rates that stand in numbers; limits stand in sentences."""
    year = report.performance_year
    for cells in report.tracks[:2]:
        for cell, track in zip(cells[1:], _TRACKS, strict=True):
            if isinstance(cell.value, str):
                continue
            if str(cells[0].value).casefold().startswith("maximum sharing rate"):
                name = "mssp/settlement/maximum_sharing_rate"
                yield cell, f"parameter:{name}", cited(name, year, track=track).value
            else:
                name = "mssp/settlement/shared_loss_rate"
                yield cell, f"parameter:{name}", (cited(name, year, track=track).value or {}).get("fixed")
