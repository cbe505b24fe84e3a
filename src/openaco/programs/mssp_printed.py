"""Where CMS's settlement report prints each worksheet line: by table, letter, enrollment type and column.

The keys are those of `openaco.feeds.workbooks.settlement_report`: table `table_1`, `table_2`, `table_3`, `table_a1`,
`table_a3`; row an enrollment type, `all` or a label; column `by1`, `by2`, `by3`, `py` or `benchmark`.
"""

from __future__ import annotations

from openaco.programs.configuration import ENROLLMENT_TYPES

WHOLE = "all"
_TABLE_2_TOTAL = "regionally-adjusted historical benchmark"

_TABLE_A3 = {
    "A": "trend.national_per_capita.{row}.{column}",
    "B": "trend.national_factor.{row}.{column}",
    "C": "trend.regional_per_capita.{row}.{column}",
    "D": "trend.regional_factor.{row}.{column}",
    "E": "trend.national_weight.{row}.{weights}",
    "F": "trend.regional_weight.{row}.{weights}",
    "G": "trend.blended_factor.{row}.{column}",
}
_TABLE_1_YEARS = {
    "A1": "benchmark.assigned_beneficiaries.{column}",
    "A2": "benchmark.person_years.{column}",
    "B": "benchmark.per_capita.{row}.{column}",
    "C": "benchmark.risk_score.{row}.{column}",
    "D": "benchmark.risk_ratio.{row}.{column}",
    "E": "trend.blended_factor.{row}.{column}",
    "F": "benchmark.trended.{row}.{column}",
    "G": "benchmark.weighted.{row}.{column}",
}
_TABLE_1_BY3 = _TABLE_1_YEARS | {"H": "benchmark.proportion.{row}", "J": "trend.regional_per_capita.{row}.by3"}
_TABLE_1_BENCHMARK = {
    "G": "benchmark.historical.{row}",
    "I": "benchmark.historical_total",
    "K": "benchmark.regional_for_aco.{row}",
    "L": "benchmark.regional_difference.{row}",
    "M": "benchmark.regional_difference_total",
    "N": "benchmark.regional_weight",
    "O": "benchmark.regional_adjustment_before_cap.{row}",
    "P": "benchmark.regional_cap.{row}",
    "Q": "benchmark.regional_adjustment.{row}",
    "R": "benchmark.adjusted.{row}",
    "S": "benchmark.adjusted_total",
}
_TABLE_A1 = {
    "A": "benchmark.risk_score.{row}.by3",
    "B": "update.risk_score.{row}",
    "C": "update.risk_ratio_uncapped.{row}",
    "D": "update.risk_ratio_cap",
    "E": "update.risk_ratio.{row}",
}
_TABLE_2 = {
    "B": "update.risk_score.{row}",
    "C": "update.risk_ratio.{row}",
    "D": "update.risk_adjusted.{row}",
    "E": "update.update_factor.{row}",
    "F": "update.updated.{row}",
    "G": "update.proportion.{row}",
    "H": "update.updated_total",
}
_TABLE_2_BENCHMARK = {"A": "benchmark.adjusted.{row}", "B": "benchmark.risk_score.{row}.by3"}
_TABLE_3 = {
    "A": "settlement.assigned_beneficiaries",
    "B": "settlement.person_years",
    "C": "settlement.per_capita.{row}",
    "D": "update.proportion.{row}",
    "E": "settlement.expenditures_per_capita",
    "F": "settlement.benchmark_per_capita",
    "G": "settlement.total_expenditures",
    "H": "settlement.total_benchmark",
    "I": "settlement.difference",
    "J": "settlement.savings",
    "K": "settlement.losses",
    "L": "settlement.minimum_savings_rate",
    "M": "settlement.minimum_loss_rate",
    "N": "settlement.minimum_savings",
    "O": "settlement.minimum_losses",
    "P": "settlement.outcome",
    "Q": "settlement.maximum_sharing_rate",
    "R": "settlement.quality_score",
    "S": "settlement.quality_standard",
    "T": "settlement.final_sharing_rate",
    "U": "settlement.shared_loss_rate",
    "V": "settlement.shared_savings",
    "W": "settlement.savings_cap",
    "X": "settlement.sequestration",
    "Y": "settlement.earned_performance_payment",
    "Z": "settlement.shared_losses",
    "AA": "settlement.participant_revenue",
    "BB": "settlement.losses_cap",
    "CC": "settlement.losses_after_cap",
    "DD": "settlement.extreme_circumstances_beneficiary_share",
    "EE": "settlement.extreme_circumstances_month_share",
    "FF": "settlement.extreme_circumstances_adjustment",
    "GG": "settlement.payment_due_to_cms",
}


def line_printed_at(table: str, letter: str, row: str, column: str) -> str | None:
    """The id of the worksheet line that CMS prints in a cell; None for a cell that the worksheet does not hold."""
    if (table, letter, column) == ("table_2", "A", "benchmark") and row == _TABLE_2_TOTAL:
        return "benchmark.adjusted_total"
    template = _lines_of(table, column).get(letter)
    by_type = row in ENROLLMENT_TYPES
    if template is None or (row != WHOLE and not by_type) or ("{row}" in template and not by_type):
        return None
    return template.format(row=row, column=column, weights="py" if column == "py" else "by3")


def _lines_of(table: str, column: str) -> dict[str, str]:
    if table == "table_1":
        return {"by3": _TABLE_1_BY3, "benchmark": _TABLE_1_BENCHMARK}.get(column, _TABLE_1_YEARS)
    if table == "table_2":
        return _TABLE_2_BENCHMARK if column == "benchmark" else _TABLE_2
    return {"table_a3": _TABLE_A3, "table_a1": _TABLE_A1, "table_3": _TABLE_3}.get(table, {})
