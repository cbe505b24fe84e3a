"""Replaying invented rows: every branch of the settlement, and how honest the comparison is."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from invented_results import LATEST, YEAR_2014, YEAR_2019, YEAR_2024, write_results
from openaco.programs.replay.mssp import HEADER, Replay, ReplayedResult, replay_mssp

TWO_SIDED = {"Risk_Model": "Two-Sided"}


def replay(tmp_path: Path, rows: list[dict[str, Any]], year: int | None = None) -> Replay:
    return replay_mssp(write_results(tmp_path / "results.csv", rows), year)


def only(tmp_path: Path, row: dict[str, Any], year: int | None = None) -> ReplayedResult:
    (result,) = replay(tmp_path, [row], year).results
    return result


def amounts(result: ReplayedResult) -> tuple[float | None, float | None]:
    return result.gen_save_loss, result.earn_save_loss


@pytest.mark.parametrize(("shape", "year"), [(YEAR_2014, 2014), (YEAR_2019, 2019), (LATEST, 2022), (YEAR_2024, 2024)])
def test_each_shape_agrees_within_a_dollar(tmp_path: Path, shape: dict[str, str], year: int) -> None:
    result = only(tmp_path, shape, year)
    assert (result.agrees, result.note, result.special) == ("exact", "", "")


def test_the_table_of_all_acos_has_the_stable_header(tmp_path: Path) -> None:
    rows = list(csv.reader(io.StringIO(replay(tmp_path, [LATEST]).to_csv())))
    assert ",".join(rows[0]) == (
        "aco_id,gen_save_loss,earn_save_loss,published_gen_save_loss,published_earn_save_loss,agrees,note"
    )
    assert tuple(rows[0]) == HEADER
    assert rows[1] == ["A9001", "5000000.00", "1960000.00", "5000000.00", "1960000.00", "exact", ""]


@pytest.mark.parametrize(
    ("name", "printed"),
    [("EarnSaveLoss", "1960002"), ("EarnSaveLoss", "0"), ("GenSaveLoss", "5000100"), ("GenSaveLoss", "0")],
)
def test_a_changed_result_is_found(tmp_path: Path, name: str, printed: str) -> None:
    result = only(tmp_path, LATEST | {name: printed})
    assert (result.agrees, result.special) == ("no", "differs")
    assert f"{name}: recomputed" in result.note


@pytest.mark.parametrize(
    "changes",
    [
        {"ABtotExp": "94000000"},
        {"ABtotBnchmk": "101000000"},
        {"Current_Track": "EN"},
        {"N_AB": "100", "MinSavPerc": "12.2%"},
    ],
)
def test_a_changed_input_is_found(tmp_path: Path, changes: dict[str, str]) -> None:
    assert only(tmp_path, LATEST | changes).agrees == "no"


def test_one_dollar_agrees_and_two_do_not(tmp_path: Path) -> None:
    assert only(tmp_path, LATEST | {"EarnSaveLoss": "1960001"}).agrees == "exact"
    assert only(tmp_path, LATEST | {"EarnSaveLoss": "1960002"}).agrees == "no"


def test_the_printed_score_allows_what_its_digits_leave_open(tmp_path: Path) -> None:
    """0.9 stands for 0.85 to 0.95: 2,082,500 to 2,327,500 less than that share's ends; FinalShareRate narrows it."""
    row = YEAR_2014 | {"QualScore": "0.9", "FinalShareRate": "", "EarnSaveLoss": "2300000"}
    result = only(tmp_path, row, 2014)
    assert result.agrees == "rounding"
    assert "EarnSaveLoss $95,000.00" in result.note
    assert only(tmp_path, row | {"EarnSaveLoss": "2328000"}, 2014).agrees == "no"
    assert only(tmp_path, row | {"FinalShareRate": "0.45"}, 2014).agrees == "no"
    assert only(tmp_path, row | {"FinalShareRate": "0.47"}, 2014).agrees == "rounding"


def test_digits_that_do_not_decide_the_minimum_say_so(tmp_path: Path) -> None:
    """Savings of 3,000,000 are the minimum of 3 percent to the dollar: rounding may have hidden which side they are."""
    edge = {"ABtotExp": "97000000", "BnchmkMinExp": "3000000"}
    met = only(tmp_path, LATEST | edge | {"GenSaveLoss": "3000000", "EarnSaveLoss": "1176000"})
    assert met.agrees == "exact"
    missed = only(tmp_path, LATEST | edge | {"GenSaveLoss": "0", "EarnSaveLoss": "0"})
    assert missed.agrees == "rounding"
    assert missed.note == "the printed digits do not decide whether the minimum savings or loss rate was met"
    clear = {"ABtotExp": "97000002", "BnchmkMinExp": "2999998", "GenSaveLoss": "0", "EarnSaveLoss": "0"}
    assert only(tmp_path, LATEST | clear).agrees == "exact"


def test_excel_that_swallowed_digits_makes_rounding_of_it(tmp_path: Path) -> None:
    row = LATEST | {"ABtotBnchmk": "1.00E+08", "BnchmkMinExp": "5.00E+06"}
    result = only(tmp_path, row | {"GenSaveLoss": "5004000", "ABtotExp": "9.50E+07", "EarnSaveLoss": "1961568"})
    assert result.agrees == "rounding"


def test_the_payment_limit_binds_after_sequestration(tmp_path: Path) -> None:
    row = YEAR_2014 | {
        "QualScore": "1",
        "FinalShareRate": "0.5",
        "ABtotExp": "78000000",
        "BnchmkMinExp": "22000000",
        "GenSaveLoss": "22000000",
        "EarnSaveLoss": "10000000",
    }
    assert only(tmp_path, row, 2014).agrees == "exact"


def test_a_failed_standard_earns_nothing(tmp_path: Path) -> None:
    row = YEAR_2024 | {"Met_QPS": "0", "Met_AltQPS": "0", "FinalShareRate": "0", "EarnSaveLoss": "0"}
    assert only(tmp_path, row).agrees == "exact"
    assert only(tmp_path, row | {"EarnSaveLoss": "1960000"}).agrees == "no"


def test_every_aco_met_the_standard_in_years_of_the_public_health_emergency(tmp_path: Path) -> None:
    result = only(tmp_path, LATEST | {"Met_QPS": "0"})
    assert result.agrees == "exact"
    assert "counts as met" in result.note


def test_the_alternative_standard_scales_by_score(tmp_path: Path) -> None:
    row = YEAR_2024 | {"Met_QPS": "0", "Met_AltQPS": "1", "QualScore": "60", "FinalShareRate": "24"}
    assert only(tmp_path, row | {"EarnSaveLoss": "1176000"}).agrees == "exact"


def test_low_revenue_below_the_minimum_is_paid_at_half_rate(tmp_path: Path) -> None:
    row = YEAR_2024 | {
        "ABtotExp": "98000000",
        "BnchmkMinExp": "2000000",
        "GenSaveLoss": "2000000",
        "EarnSaveLoss": "392000",
        "ReducedSS": "1",
        "FinalShareRate": "20",
    }
    result = only(tmp_path, row)
    assert result.agrees == "exact"
    assert "reduced rate (42 CFR 425.605(h))" in result.note
    high = only(tmp_path, row | {"Rev_Exp_Cat": "High Revenue"})
    assert (high.agrees, amounts(high)) == ("no", (0.0, 0.0))
    earlier = only(tmp_path, row | {"Current_Start_Date": "1/1/2023"}, 2024)
    assert (earlier.agrees, amounts(earlier)) == ("no", (0.0, 0.0))
    assert "ReducedSS is set, but the rules do not reduce this rate" in earlier.note


def test_the_guardrail_leaves_small_savings_unpaid(tmp_path: Path) -> None:
    row = YEAR_2024 | TWO_SIDED | {
        "Current_Track": "E",
        "MinSavPerc": "0",
        "ABtotExp": "99990000",
        "BnchmkMinExp": "10000",
        "GenSaveLoss": "0",
        "EarnSaveLoss": "0",
        "Guardrail": "1",
        "FinalShareRate": "50",
        "FinalLossRate": "30",
    }  # fmt: skip
    result = only(tmp_path, row)
    assert result.agrees == "exact"
    assert "guardrail" in result.note


LOSSES = LATEST | TWO_SIDED | {
    "Current_Track": "EN",
    "MinSavPerc": "1.00%",
    "QualScore": "80.00%",
    "FinalShareRate": "75.00%",
    "ABtotExp": "105000000",
    "BnchmkMinExp": "-5000000",
    "GenSaveLoss": "-5000000",
    "DisAdj": "-2000000",
    "EarnSaveLoss": "0",
}  # fmt: skip


def test_losses_of_years_of_the_public_health_emergency_are_forgiven(tmp_path: Path) -> None:
    result = only(tmp_path, LOSSES)
    assert (result.agrees, amounts(result)) == ("exact", (-5_000_000.0, 0.0))
    assert "forgiven in full" in result.note


def losses_2024(**changes: str) -> dict[str, str]:
    return YEAR_2024 | TWO_SIDED | {
        "Current_Track": "EN",
        "MinSavPerc": "1",
        "QualScore": "80",
        "FinalShareRate": "75",
        "FinalLossRate": "40",
        "ABtotExp": "105000000",
        "BnchmkMinExp": "-5000000",
        "GenSaveLoss": "-5000000",
        "DisAdj": "-100000",
        "EarnSaveLoss": "-1900000",
    } | changes  # fmt: skip


def test_the_printed_disaster_adjustment_reduces_losses(tmp_path: Path) -> None:
    result = only(tmp_path, losses_2024())
    assert (result.agrees, amounts(result)) == ("exact", (-5_000_000.0, -1_900_000.0))
    assert "DisAdj" in result.note
    assert only(tmp_path, losses_2024(DisAdj="0")).agrees == "no"


def test_a_failed_standard_owes_the_most(tmp_path: Path) -> None:
    row = losses_2024(Met_QPS="0", Met_AltQPS="0", FinalShareRate="0", FinalLossRate="75", DisAdj="0")
    assert only(tmp_path, row | {"EarnSaveLoss": "-3750000"}).agrees == "exact"


def test_losses_below_the_minimum_are_not_shared(tmp_path: Path) -> None:
    row = losses_2024(ABtotExp="100900000", BnchmkMinExp="-900000", GenSaveLoss="0", EarnSaveLoss="0", DisAdj="0")
    assert only(tmp_path, row).agrees == "exact"


def test_a_chosen_rate_gives_way_to_the_table_below_5000(tmp_path: Path) -> None:
    """4,999 beneficiaries: 3.9 percent, whatever was chosen."""
    small = {"N_AB": "4999", "MinSavPerc": "3.9", "ABtotExp": "103900000", "BnchmkMinExp": "-3900000", "DisAdj": "0"}
    row = losses_2024(**small, GenSaveLoss="-3900000", EarnSaveLoss="-1560000")
    assert only(tmp_path, row).agrees == "exact"
    chosen = only(tmp_path, row | {"MinSavPerc": "1"})
    assert chosen.agrees == "exact"


def test_a_revenue_cap_is_named_with_the_revenue_it_implies(tmp_path: Path) -> None:
    """BASIC E owes 30 percent of 5,000,000, or 8 percent of a revenue that nobody publishes."""
    row = losses_2024(Current_Track="E", FinalShareRate="50", FinalLossRate="30", DisAdj="0", EarnSaveLoss="-800000")
    result = only(tmp_path, row)
    assert (result.agrees, result.special) == ("no", "revenue-capped")
    assert "8% of participants' revenue" in result.note
    assert "implies a revenue of 10,000,000" in result.note
    assert only(tmp_path, row | {"EarnSaveLoss": "-1500000"}).agrees == "exact"
    implausible = only(tmp_path, row | {"Rev_Exp_Cat": "High Revenue"})
    assert (implausible.agrees, implausible.special) == ("no", "differs")


def test_a_forgiven_revenue_cap_is_named_too(tmp_path: Path) -> None:
    basic = {"Current_Track": "E", "FinalShareRate": "50.00%"}
    result = only(tmp_path, LOSSES | basic | {"DisAdj": "-800000"})
    assert (result.agrees, result.special) == ("exact", "revenue-capped")
    assert only(tmp_path, LOSSES | basic | {"DisAdj": "-1500000"}).special == ""


@pytest.mark.parametrize(("earned", "told"), [("1960000", "in full"), ("0", "nothing")])
def test_early_termination_is_named(tmp_path: Path, earned: str, told: str) -> None:
    result = only(tmp_path, LATEST | {"Prorate_Shared_Losses": "1", "EarnSaveLoss": earned})
    assert (result.agrees, result.special) == ("exact", "early termination")
    assert result.note.endswith(f"the printed amount tells: {told}")


def test_early_termination_prorates_losses_by_months(tmp_path: Path) -> None:
    row = losses_2024(DisAdj="0", Impact_Mid_Year_Termination="1")
    assert only(tmp_path, row | {"EarnSaveLoss": "-1500000"}).agrees == "exact", "nine months of 2,000,000"
    assert only(tmp_path, row | {"EarnSaveLoss": "-1550000"}).agrees == "no"
    scored = row | {"QualScore": "70.00", "FinalLossRate": "47.50", "EarnSaveLoss": "-1781300"}
    assert only(tmp_path, scored).agrees == "rounding", "nine months of 47.5 percent, within 0.00375 percent"


def test_one_sided_losses_are_shown_as_the_file_shows_them(tmp_path: Path) -> None:
    loser = YEAR_2014 | {
        "ABtotExp": "106000000",
        "BnchmkMinExp": "-6000000",
        "GenSaveLoss": "0",
        "EarnSaveLoss": "0",
    }
    assert replay(tmp_path, [loser, loser], 2014).count("exact") == 2
    shown = loser | {"GenSaveLoss": "-6000000"}
    assert replay(tmp_path, [shown, shown], 2014).count("exact") == 2
    assert [result.agrees for result in replay(tmp_path, [shown, loser], 2014).results] == ["exact", "no"]


@pytest.mark.parametrize(
    ("generated", "earned"), [("2,500,000", "1,125,000"), ("5,000,000", "1,125,000")], ids=["half", "whole"]
)
def test_six_month_years_take_half(tmp_path: Path, generated: str, earned: str) -> None:
    row = YEAR_2019 | {"participation_six_months": "1", "gensaveloss": generated, "earnsaveloss": earned}
    result = only(tmp_path, row)
    assert result.agrees == "exact"
    assert "42 CFR 425.609" in result.note
    assert only(tmp_path, row | {"earnsaveloss": "2,250,000"}).agrees == "no"


def test_totals_of_six_months_are_not_halved_again(tmp_path: Path) -> None:
    row = YEAR_2019 | {"participation_six_months": "1", "updatedbnchmk": "20000", "n_ab_year_py": "10000"}
    assert only(tmp_path, row).agrees == "exact"


def test_reporting_counts_as_a_full_score_unless_nothing_was_shared(tmp_path: Path) -> None:
    row = YEAR_2014 | {"QualScore": "P4R", "FinalShareRate": "0.5", "EarnSaveLoss": "2450000"}
    assert only(tmp_path, row, 2014).agrees == "exact"
    failed = only(tmp_path, row | {"FinalShareRate": "0", "EarnSaveLoss": "0"}, 2014)
    assert failed.agrees == "exact"
    assert "did not report completely" in failed.note


def test_2013_without_tracks_and_without_generated_savings(tmp_path: Path) -> None:
    row = {name: cell for name, cell in YEAR_2014.items() if name not in ("Track1", "Track2", "GenSaveLoss")}
    result = only(tmp_path, row, 2013)
    assert result.agrees == "exact"
    assert result.published_gen_save_loss is None
    assert "Track 1 by its maximum sharing rate" in result.note
    unknown = only(tmp_path, row | {"QualPerfShare": ""}, 2013)
    assert (unknown.agrees, unknown.gen_save_loss) == ("no", None)
    assert "does not tell this ACO's track" in unknown.note


def test_a_track_that_did_not_exist_is_named(tmp_path: Path) -> None:
    result = only(tmp_path, LATEST | {"Current_Track": "Track 3"})
    assert (result.agrees, result.special) == ("no", "not recomputed")
    assert "TRACK_3" in result.note


def test_a_suppressed_total_is_named(tmp_path: Path) -> None:
    result = only(tmp_path, LATEST | {"ABtotBnchmk": "*"})
    assert (result.agrees, result.note) == ("no", "not recomputed: ABtotBnchmk is not printed")


def test_printed_figures_that_do_not_fit_are_named_but_decide_nothing(tmp_path: Path) -> None:
    result = only(tmp_path, LATEST | {"BnchmkMinExp": "4000000", "MinSavPerc": "2.50%", "FinalShareRate": "45.00%"})
    assert result.agrees == "exact"
    for part in ("BnchmkMinExp prints 4,000,000", "MinSavPerc prints 2.5000%", "FinalShareRate prints 0.4500"):
        assert part in result.note


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    benchmark=st.floats(2e7, 2e9),
    rate=st.floats(-0.2, 0.3),
    score=st.floats(0.3, 1.0),
    beneficiaries=st.integers(500, 100_000),
    decimals=st.integers(1, 6),
)
def test_what_was_rounded_before_printing_always_agrees(
    tmp_path: Path, benchmark: float, rate: float, score: float, beneficiaries: int, decimals: int
) -> None:
    """True figures settle exactly; printed with few digits, the replay must never call that a difference."""
    from openaco.programs.mssp.settlement import SettlementFacts, settle

    facts = SettlementFacts(
        track="TRACK_1",
        performance_year=2014,
        agreement_start_year=2013,
        assigned_beneficiaries=beneficiaries,
        benchmark_total=benchmark,
        expenditures_total=benchmark * (1 - rate),
        quality_score=score,
    )
    sheet = settle(facts)
    met = sheet["settlement.outcome"] == "Savings"
    row = YEAR_2014 | {
        "N_AB": str(beneficiaries),
        "ABtotBnchmk": f"{benchmark:.0f}",
        "ABtotExp": f"{benchmark * (1 - rate):.0f}",
        "BnchmkMinExp": f"{benchmark * rate:.0f}",
        "GenSaveLoss": f"{benchmark * rate if met else 0:.0f}",
        "EarnSaveLoss": f"{sheet['settlement.earned_performance_payment']:.0f}",
        "MinSavPerc": "",
        "QualScore": f"{score:.{decimals}f}",
        "FinalShareRate": "",
    }
    assert only(tmp_path, row, 2014).agrees in ("exact", "rounding")


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(off=st.floats(0.001, 0.5), up=st.booleans())
def test_what_lies_beyond_the_printed_digits_never_agrees(tmp_path: Path, off: float, up: bool) -> None:
    """A score printed with four decimals leaves 0.00005 ÷ 0.9 open: a payment 0.1 percent off is a difference."""
    earned = 2_205_000 * (1 + off if up else 1 - off)
    row = YEAR_2014 | {"QualScore": "0.9000", "FinalShareRate": "0.4500", "EarnSaveLoss": f"{earned:.0f}"}
    assert only(tmp_path, row, 2014).agrees == "no"
