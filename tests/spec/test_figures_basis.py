"""A line whose figure was computed from claims is as sure as the least sure parameter of that computation."""

from __future__ import annotations

import datetime

import pytest

from mssp_world import KINDS, aco, agreement, by_kind
from openaco.programs.configuration import Aco, ByType, Configuration, National, Performance, Quality
from openaco.programs.figures_basis import figures_basis
from openaco.programs.mssp.worksheet import worksheet
from openaco.worksheet import Worksheet


def stated(start: int, performance_year: int, factor: float | None = None) -> Configuration:
    """A configuration with national figures for four years."""
    contract = agreement(datetime.date(start, 1, 1))
    figures = ByType(**by_kind(1.0, 1.0, 1.0, 1.0))
    national = National(per_capita=figures, truncation_threshold=figures, completion_factor=factor)
    years = (*contract.benchmark_years, performance_year)
    return Configuration(
        aco=Aco(id="A9990", name="Invented ACO"),
        agreement=contract,
        performance={performance_year: Performance(quality=Quality(score=85.0))},
        national=dict.fromkeys(years, national),
    )


def sheet_of(start: int, performance_year: int, factor: float | None = None) -> Worksheet:
    configuration = stated(start, performance_year, factor)
    years = (*configuration.agreement.benchmark_years, performance_year)
    roles = dict(zip(("by1", "by2", "by3", "py"), years, strict=True))
    basis = figures_basis(configuration, roles, performance_year)
    return worksheet(aco(performance_year, contract=configuration.agreement, basis=basis))


def test_the_list_of_2023_is_quoted_and_so_are_the_figures_of_2023() -> None:
    sheet = sheet_of(2023, 2023, factor=1.013)
    unsure = {line.id for line in sheet.unverified()}
    assert unsure == {f"settlement.extreme_circumstances_{part}_share" for part in ("beneficiary", "month")}


def test_a_factor_that_was_not_seen_makes_per_capita_unsure_and_a_stated_one_does_not() -> None:
    """Benchmark years 2020 to 2022 of a start in 2023: the completion factor of 2022 was seen, those before not."""
    sheet = sheet_of(2023, 2023)
    for kind in KINDS:
        assert sheet.line(f"benchmark.per_capita.{kind}.by1").confidence == "unverified"
        assert sheet.line(f"benchmark.per_capita.{kind}.by3").confidence == "quoted"
        assert sheet.line(f"settlement.per_capita.{kind}").confidence == "quoted"
        assert sheet.line(f"benchmark.person_years_by_type.{kind}.by1").confidence == "quoted"
    assert sheet.rests_on_unverified("settlement.payment")


@pytest.mark.parametrize("year", [2022, 2024])
def test_an_unconfirmed_code_list_makes_assignment_and_all_figures_unsure(year: int) -> None:
    sheet = sheet_of(2022, year, factor=1.013)
    for line in ("settlement.assigned_beneficiaries", "update.person_years_by_type.esrd", "settlement.per_capita.esrd"):
        assert sheet.line(line).confidence == "unverified"
        assert "parameter:assignment/primary_care_services" in sheet.line(line).inputs
    assert sheet.line("benchmark.assigned_beneficiaries.by2").confidence == "unverified"
    assert "parameter:expenditures/completion_factor" not in sheet.line("settlement.per_capita.esrd").inputs
    assert sheet.line("trend.national_per_capita.esrd.py").confidence == "quoted"


def test_figures_without_a_basis_are_as_they_were() -> None:
    assert worksheet(aco()).line("settlement.per_capita.esrd").confidence == "quoted"
