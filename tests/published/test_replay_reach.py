"""ACO REACH and GPDC results, ACO by ACO: the counts are the claim, and a changed cell is found."""

from __future__ import annotations

import csv
import io
import json
import math
import statistics
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from invented_results import write_results
from openaco.cli import replay as command
from openaco.errors import OpenACOError, ParameterError, WorkbookError
from openaco.feeds.workbooks.reach_results import PublishedReachResult, read_reach_results
from openaco.programs.replay.reach import ReplayedReachResult, replay_reach
from openaco.programs.replay.replayed import ReplayedFile
from openaco.rules.cited import cited
from openaco.rules.reach import benchmark_share, earned_quality
from reach_published_rows import PY2021, PY2023, as_csv

HEADER = "aco_id,shared_savings,shared_savings_seq,published_shared_savings,published_shared_savings_seq,agrees,note"
INVENTED = {
    "ACO_ID": "D9001",
    "ACO_NAME": "Example Valley ACO",
    "ACO_TYPE": "STANDARD",
    "PERF_YEAR": "2022",
    "FIRST_PART_YEAR": "2021",
    "RISK_ARRANGEMENT": "PROFESSIONAL",
    "STOP_LOSS_ELECTION": "No",
    "DISCOUNT": "0.00",
    "RETENTION_WITHHOLD": "0.00",
    "SAV_RATE": "0.12",
    "FINAL_BENCHMARK": "100000000.00",
    "UNADJ_BENCHMARK": "105000000.00",
    "TOT_COST_CARE": "88000000.00",
    "TOT_COST_CARE_NET": "88000000.00",
    "GROSS_SAVINGS": "12000000.00",
    "SHARED_SAVINGS": "4550000.00",
    "SHARED_SAVINGS_SEQ": "4459000.00",
    "QUAL_SCR": "1.00",
}
"""Professional, 12 percent savings: 4.55 percent of the benchmark, less 2 percent sequestration."""


@cache
def replayed(path: Path) -> ReplayedFile[ReplayedReachResult]:
    return replay_reach(path)


@pytest.fixture(scope="module")
def published(shared_data: Path) -> Path:
    return shared_data / "reach-puf" / "reach_results_py2022.csv"


def invented(tmp_path: Path, *changes: dict[str, Any], **options: Any) -> ReplayedFile[ReplayedReachResult]:
    rows = [INVENTED | change for change in changes or ({},)]
    year = options.pop("year", None)
    return replay_reach(write_results(tmp_path / "results.csv", rows, **options), year)


def only(tmp_path: Path, **changes: str) -> ReplayedReachResult:
    (result,) = invented(tmp_path, changes).results
    return result


@pytest.mark.shared
def test_every_aco_of_2022_agrees_within_a_dollar(published: Path) -> None:
    replay = replayed(published)
    assert (len(replay.results), replay.count("exact")) == (99, 99)


@pytest.mark.shared
def test_2022_names_the_acos_that_left_and_why_one_is_not_paid(published: Path) -> None:
    named = {result.aco_id: result for result in replayed(published).named}
    assert set(named) == {"D0128", "D0149", "D0184", "D0185"}
    assert {result.special for result in named.values()} == {"early termination"}
    assert named["D0128"].shared_savings == pytest.approx(362_122, abs=1)
    assert named["D0128"].shared_savings_seq == 0
    assert named["D0128"].note.endswith("the printed amount tells: nothing")


@pytest.mark.shared
def test_2022_sequestration_is_of_savings_alone(published: Path) -> None:
    for result in replayed(published).results:
        assert result.shared_savings is not None
        paid = result.published_shared_savings_seq
        if result.shared_savings < 0:
            assert paid == result.published_shared_savings
        elif result.aco_id != "D0128":
            assert paid == pytest.approx(0.98 * result.shared_savings, abs=1)


@pytest.mark.shared
def test_2022_other_printed_figures_fit_but_one_rate_that_is_rounded(published: Path) -> None:
    """Discounts, capitation + claims, stop-loss and retention withholds come out as printed for every ACO."""
    odd = {result.aco_id: result.note for result in replayed(published).results if "prints" in result.note}
    assert odd == {"D0147": "SAV_RATE prints 4.06, GROSS_SAVINGS ÷ FINAL_BENCHMARK is 4.0586%"}
    assert not [result for result in replayed(published).results if "apart" in result.note]


def trend_adjustment(row: PublishedReachResult) -> float:
    """What the benchmark was multiplied by beside discount and withholds: the retrospective trend adjustment."""
    year = row.performance_year
    discount = cited("reach/benchmark/discount", year, risk_arrangement=row.risk_arrangement).value
    withhold = cited("reach/benchmark/quality_withhold", year).value
    assert row.quality_score
    assert row.final_benchmark
    assert row.unadjusted_benchmark
    kept = row.retention_withhold.value if row.retention_withhold else 0.0
    share = benchmark_share(discount, withhold, earned_quality(withhold, row.quality_score.value), kept)
    return row.final_benchmark.value / row.unadjusted_benchmark.value / share


@pytest.mark.shared
def test_2022_discount_and_withholds_leave_one_trend_adjustment(published: Path) -> None:
    """The adjustment of the aged and disabled was 0.9472; that of ESRD is another, so ACOs differ by their mix.

    D0013 has benchmarks of ten times the usual per person: its people have ESRD.
    """
    found = {row.aco_id: trend_adjustment(row) for row in read_reach_results(published).rows}
    usual = [factor for aco, factor in found.items() if aco != "D0013"]
    assert len(usual) == 98
    assert statistics.median(usual) == pytest.approx(0.9472, abs=0.002)
    assert max(usual) - min(usual) < 0.004
    assert found["D0013"] > 0.96


@pytest.mark.shared
def test_2022_the_file_reaches_bands_on_both_sides_of_their_boundaries(published: Path) -> None:
    rates: dict[str, list[float]] = {"global": [], "professional": []}
    for row in read_reach_results(published).rows:
        assert row.gross_savings
        assert row.final_benchmark
        rates[row.risk_arrangement].append(row.gross_savings.value / row.final_benchmark.value)
    assert sum(rate > 0.25 for rate in rates["global"]) == 1
    assert [sum(low < rate <= high for rate in rates["professional"]) for low, high in BANDS] == SAVINGS
    assert [sum(low < -rate <= high for rate in rates["professional"]) for low, high in BANDS] == LOSSES


BANDS = ((0, 0.05), (0.05, 0.10), (0.10, 0.15), (0.15, math.inf))
SAVINGS, LOSSES = [13, 1, 3, 2], [4, 3, 1, 0]


@pytest.mark.parametrize(
    ("rows", "year", "acos", "equity"), [(PY2021, 2021, 12, 0), (PY2023, 2023, 23, 23)], ids=["2021", "2023"]
)
def test_rows_of_other_years_agree_within_a_dollar(
    tmp_path: Path, rows: str, year: int, acos: int, equity: int
) -> None:
    file = tmp_path / "results.csv"
    file.write_text(as_csv(rows, year), encoding="utf-8")
    replay = replay_reach(file)
    assert (replay.performance_year, len(replay.results), replay.count("exact")) == (year, acos, acos)
    assert sum("health equity" in result.note for result in replay.results) == equity
    assert not [result.note for result in replay.results if "prints" in result.note]


def test_discount_and_quality_of_2023_leave_one_trend_adjustment(tmp_path: Path) -> None:
    """3 percent and 2 percent × (1 − score), for scores from 21 to 100 percent."""
    file = tmp_path / "results.csv"
    file.write_text(as_csv(PY2023, 2023), encoding="utf-8")
    factors = [trend_adjustment(row) for row in read_reach_results(file).rows]
    assert max(factors) - min(factors) < 0.001


def test_health_equity_adjustments_of_2023_are_multiples_of_six_dollars(tmp_path: Path) -> None:
    """+30 and −6 dollars a beneficiary and month."""
    file = tmp_path / "results.csv"
    file.write_text(as_csv(PY2023, 2023), encoding="utf-8")
    for row in read_reach_results(file).rows:
        assert row.gross_savings
        assert row.final_benchmark
        assert row.net_expenditures
        months = (row.gross_savings.value - row.final_benchmark.value + row.net_expenditures.value) / 6
        assert months == pytest.approx(round(months), abs=0.01)


def test_an_invented_row_agrees_without_a_note(tmp_path: Path) -> None:
    result = only(tmp_path)
    assert (result.agrees, result.note, result.special) == ("exact", "", "")
    assert result.shared_savings == pytest.approx(4_550_000)
    assert result.shared_savings_seq == pytest.approx(4_459_000)


def test_the_table_of_all_acos_has_the_stable_header(tmp_path: Path) -> None:
    rows = list(csv.reader(io.StringIO(invented(tmp_path).to_csv())))
    assert ",".join(rows[0]) == HEADER
    assert rows[1] == ["D9001", "4550000.00", "4459000.00", "4550000.00", "4459000.00", "exact", ""]


@pytest.mark.parametrize(
    "form",
    [
        {"SAV_RATE": "12%", "QUAL_SCR": "100%"},
        {"SAV_RATE": "12.0", "QUAL_SCR": "100"},
        {"FINAL_BENCHMARK": "$100,000,000.00", "RISK_ARRANGEMENT": "Professional"},
        {"RISK_ARRANGEMENT": " professional ", "ACO_TYPE": "High Needs Population"},
    ],
)
def test_percents_case_and_dollar_signs_do_not_matter(tmp_path: Path, form: dict[str, str]) -> None:
    assert (only(tmp_path, **form).agrees, only(tmp_path, **form).note) == ("exact", "")


def test_lower_case_names_and_tabs_do_not_matter(tmp_path: Path) -> None:
    lowered = {name.lower(): value for name, value in INVENTED.items()}
    file = write_results(tmp_path / "results.txt", [lowered], separator="\t")
    assert replay_reach(file).count("exact") == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"SHARED_SAVINGS": "4550002"},
        {"SHARED_SAVINGS_SEQ": "4550000"},
        {"TOT_COST_CARE_NET": "87000000", "GROSS_SAVINGS": "13000000"},
        {"FINAL_BENCHMARK": "101000000", "GROSS_SAVINGS": "13000000"},
        {"RISK_ARRANGEMENT": "Global"},
    ],
)
def test_a_changed_cell_is_found(tmp_path: Path, changes: dict[str, str]) -> None:
    result = only(tmp_path, **changes)
    assert (result.agrees, result.special) == ("no", "differs")
    assert "recomputed" in result.note


def test_one_dollar_agrees_and_two_do_not(tmp_path: Path) -> None:
    assert only(tmp_path, SHARED_SAVINGS="4550001").agrees == "exact"
    assert only(tmp_path, SHARED_SAVINGS="4550002").agrees == "no"


def test_rounded_totals_allow_what_their_digits_leave_open(tmp_path: Path) -> None:
    """A benchmark in millions with one decimal, 100.0, stands for 99.95 to 100.05 million."""
    in_thousands = {"FINAL_BENCHMARK": "1.000E+08", "TOT_COST_CARE_NET": "8.800E+07", "GROSS_SAVINGS": ""}
    result = only(tmp_path, **in_thousands, SHARED_SAVINGS="4551000", SHARED_SAVINGS_SEQ="4459980")
    assert result.agrees == "rounding"
    assert "within what the printed digits" in result.note


def test_losses_are_owed_in_full(tmp_path: Path) -> None:
    changes = {"TOT_COST_CARE": "112000000", "TOT_COST_CARE_NET": "112000000", "GROSS_SAVINGS": "-12000000"}
    result = only(tmp_path, **changes, SAV_RATE="-0.12", SHARED_SAVINGS="-4550000", SHARED_SAVINGS_SEQ="-4550000")
    assert (result.agrees, result.note) == ("exact", "")


@pytest.mark.parametrize(("printed", "told"), [("0", "nothing"), ("4459000", "in full")])
def test_an_aco_that_left_is_paid_what_the_printed_amount_tells(tmp_path: Path, printed: str, told: str) -> None:
    result = only(tmp_path, RETENTION_WITHHOLD="0.02", SHARED_SAVINGS_SEQ=printed)
    assert (result.agrees, result.special) == ("exact", "early termination")
    assert result.note.endswith(f"the printed amount tells: {told}")


def test_an_aco_that_left_is_not_excused_from_any_amount(tmp_path: Path) -> None:
    assert only(tmp_path, RETENTION_WITHHOLD="0.02", SHARED_SAVINGS_SEQ="1000000").agrees == "no"


def test_gross_savings_hold_the_health_equity_adjustment_from_2023_on(tmp_path: Path) -> None:
    """Professional, 12 million savings and 600,000 of equity: 5 percent bands of 100.6 million."""
    shared = 100_600_000 * (0.05 * 0.5 + 0.05 * 0.35) + (12_600_000 - 10_060_000) * 0.15
    changes = {"PERF_YEAR": "2023", "GROSS_SAVINGS": "12600000", "SAV_RATE": "0.126"}
    paid = {"SHARED_SAVINGS": f"{shared:.2f}", "SHARED_SAVINGS_SEQ": f"{shared * 0.98:.2f}"}
    result = only(tmp_path, **changes, **paid)
    assert (result.agrees, result.special) == ("exact", "")
    assert result.note == "GROSS_SAVINGS hold a health equity benchmark adjustment of 600,000, which is not printed"


def test_gross_savings_that_contradict_their_parts_before_2023_are_named(tmp_path: Path) -> None:
    result = only(tmp_path, GROSS_SAVINGS="12600000", SAV_RATE="0.126")
    assert result.agrees == "exact"
    assert "the latter is used" in result.note


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        ({"RISK_ARRANGEMENT": "Global", "DISCOUNT": "0.05"}, "DISCOUNT prints 5.00%, the rules give 2.00%"),
        ({"SAV_RATE": "0.1300"}, "SAV_RATE prints 0.13, GROSS_SAVINGS ÷ FINAL_BENCHMARK is 12.0000%"),
        ({"TOT_COST_CARE": "88500000"}, "without stop-loss TOT_COST_CARE is not TOT_COST_CARE_NET: 500,000 apart"),
        ({"RETENTION_WITHHOLD": "0.03"}, "RETENTION_WITHHOLD prints 3.00%, the rules give 2.00%"),
    ],
)
def test_printed_figures_that_do_not_fit_are_named(tmp_path: Path, changes: dict[str, str], note: str) -> None:
    assert note in only(tmp_path, **changes).note


@pytest.mark.parametrize(
    "name", ["ACO_ID", "RISK_ARRANGEMENT", "FINAL_BENCHMARK", "TOT_COST_CARE_NET", "SHARED_SAVINGS"]
)
def test_a_missing_column_is_named(tmp_path: Path, name: str) -> None:
    row = {key: value for key, value in INVENTED.items() if key != name}
    with pytest.raises(WorkbookError, match=f"no column for {name}"):
        replay_reach(write_results(tmp_path / "results.csv", [row]))


def test_the_least_columns_suffice(tmp_path: Path) -> None:
    names = ("ACO_ID", "RISK_ARRANGEMENT", "FINAL_BENCHMARK", "TOT_COST_CARE_NET", "SHARED_SAVINGS", "PERF_YEAR")
    file = write_results(tmp_path / "results.csv", [{name: INVENTED[name] for name in names}])
    (result,) = replay_reach(file).results
    assert (result.agrees, result.published_shared_savings_seq) == ("exact", None)


def test_a_row_without_a_benchmark_is_not_recomputed(tmp_path: Path) -> None:
    result = only(tmp_path, FINAL_BENCHMARK="*")
    assert (result.agrees, result.shared_savings) == ("no", None)
    assert result.note == "not recomputed: FINAL_BENCHMARK is not printed"


@pytest.mark.parametrize(
    ("name", "cell", "wanted"),
    [("RISK_ARRANGEMENT", "Partial", "Global or Professional"), ("FINAL_BENCHMARK", "a lot", "a number")],
)
def test_a_cell_that_is_not_understood_is_refused(tmp_path: Path, name: str, cell: str, wanted: str) -> None:
    with pytest.raises(WorkbookError, match=wanted):
        only(tmp_path, **{name: cell})


def test_of_several_years_one_must_be_named(tmp_path: Path) -> None:
    both = ({}, {"PERF_YEAR": "2023", "ACO_ID": "D9002"})
    with pytest.raises(WorkbookError, match="several performance years: 2022, 2023"):
        invented(tmp_path, *both)
    assert [result.aco_id for result in invented(tmp_path, *both, year=2023).results] == ["D9002"]


def test_a_year_that_the_file_contradicts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WorkbookError, match="not the results of 2021: its year column says 2022"):
        invented(tmp_path, year=2021)


def test_a_file_without_a_year_needs_one_and_a_year_without_the_model_is_an_error(tmp_path: Path) -> None:
    row = {key: value for key, value in INVENTED.items() if key != "PERF_YEAR"}
    file = write_results(tmp_path / "results.csv", [row])
    with pytest.raises(WorkbookError, match="does not tell its performance year"):
        replay_reach(file)
    assert replay_reach(file, 2022).count("exact") == 1
    with pytest.raises(ParameterError, match="no value for performance_year 2020"):
        replay_reach(file, 2020)


def run(*arguments: str) -> Any:
    return CliRunner().invoke(command.app, ["reach", *arguments])


def test_the_command_prints_ten_lines_writes_every_aco_and_exits_0(tmp_path: Path) -> None:
    file = write_results(tmp_path / "results.csv", [INVENTED])
    out = tmp_path / "out.csv"
    found = run(str(file), "--out", str(out))
    assert found.exit_code == 0, found.output
    assert "performance year 2022 (by its year column)" in found.output
    assert "1 ACOs recomputed: 1 within $1, 0 within printed rounding, 0 differ" in found.output
    assert len(found.output.splitlines()) <= 10
    assert out.read_text(encoding="utf-8").splitlines()[0] == HEADER


def test_the_command_names_what_differs_and_exits_1(tmp_path: Path) -> None:
    file = write_results(tmp_path / "results.csv", [INVENTED | {"SHARED_SAVINGS": "1"}])
    found = run(str(file))
    assert found.exit_code == 1
    assert "D9001: SHARED_SAVINGS: recomputed 4,550,000, printed 1" in found.output
    counts = json.loads(run(str(file), "--json").output)
    assert (counts["acos"], counts["exact"], counts["no"]) == (1, 0, 1)
    assert counts["named"][0]["special"] == "differs"


def test_the_command_refuses_another_kind_of_file(tmp_path: Path) -> None:
    file = tmp_path / "other.csv"
    file.write_text("ACO_ID,GenSaveLoss\nA1,5\n", encoding="utf-8")
    found = run(str(file))
    assert isinstance(found.exception, OpenACOError)
    assert "ACO REACH Financial and Quality Results" in str(found.exception)


@pytest.mark.shared
def test_the_command_on_the_published_file(published: Path) -> None:
    found = run(str(published))
    assert found.exit_code == 0
    assert "99 within $1, 0 within printed rounding, 0 differ" in found.output
    assert "D0128: retention withhold not returned" in found.output
