"""From the lake to the settlement: one run of the Medicare Shared Savings Program for one performance year."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass

from openaco.engine import Engine, Lake, _
from openaco.errors import ConfigurationError, ParameterError
from openaco.programs.advances import advance_balance
from openaco.programs.configuration import ENROLLMENT_TYPES, Configuration
from openaco.programs.figures_basis import assignment_basis, figures_basis
from openaco.programs.mssp.inputs import BENCHMARK_YEARS, MsspInputs, YearInputs
from openaco.programs.mssp.update import needs_prospective_trend, prospective_trend
from openaco.programs.mssp.worksheet import Scenario, sensitivity, worksheet
from openaco.programs.population import Population, read_population
from openaco.programs.year_figures import YearFigures, year_figures
from openaco.rules.assignment import assignment_window
from openaco.worksheet import Worksheet

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class LedgerRun:
    """A finished computation, before anything is written. `years` are BY1, BY2, BY3 and the performance year."""

    configuration: Configuration
    performance_year: int
    population: Population
    years: tuple[YearFigures, ...]
    inputs: MsspInputs
    worksheet: Worksheet
    sensitivity: tuple[Scenario, ...]

    @property
    def performance(self) -> YearFigures:
        """The performance year's figures."""
        return self.years[-1]


def settle(
    engine: Engine,
    lake: Lake,
    configuration: Configuration,
    performance_year: int,
    progress: Progress | None = None,
) -> LedgerRun:
    """Everything from claims to payment. `progress` is told what begins, and how many of how many steps are done.

    Raises ConfigurationError for figures that only CMS knows and nobody stated, LakeError for data never loaded.
    """
    tell = progress or (lambda what, done, total: None)
    roles = dict(
        zip((*BENCHMARK_YEARS, "py"), (*configuration.agreement.benchmark_years, performance_year), strict=True)
    )
    _check_stated(configuration, roles, performance_year)
    steps = len(roles) + 2
    tell("Claims, people and their months", 0, steps)
    population = read_population(
        engine,
        lake,
        first_month=_first_month(configuration, min(roles.values()), performance_year),
        last_month=datetime.date(performance_year, 12, 1),
    )
    _check_participants(engine, population, configuration.aco.id)
    years = []
    for done, (role, year) in enumerate(roles.items(), start=1):
        tell(f"{role.upper()} {year}: assignment and expenditures", done, steps)
        years.append(year_figures(engine, population, configuration, role, year, performance_year))
    tell("Benchmark and settlement", steps - 1, steps)
    inputs = settlement_inputs(configuration, performance_year, tuple(years))
    run = LedgerRun(
        configuration=configuration,
        performance_year=performance_year,
        population=population,
        years=tuple(years),
        inputs=inputs,
        worksheet=worksheet(inputs),
        sensitivity=tuple(sensitivity(inputs)),
    )
    tell("Done", steps, steps)
    return run


def _first_month(configuration: Configuration, first_year: int, performance_year: int) -> datetime.date:
    """The first month whose enrollment matters: where the earliest assignment window begins."""
    window = assignment_window(first_year, configuration.agreement.assignment_method, performance_year)
    return min(window.earliest, window.year_start).replace(day=1)


def _check_stated(configuration: Configuration, roles: dict[str, int], performance_year: int) -> None:
    """Fail before the long work, not after it."""
    result = configuration.performance_for(performance_year)
    _check_assignment_rules(configuration, performance_year)
    if needs_prospective_trend(configuration.agreement):
        prospective_trend(configuration.agreement, result, performance_year)
    for year in roles.values():
        configuration.national_for(year)
    if performance_year <= configuration.agreement.benchmark_years[-1]:
        raise ConfigurationError(
            f"performance year {performance_year} is not after the benchmark years",
            where="aco.toml",
            remedy=f"The agreement starts {configuration.agreement.start}.",
        )


def _check_assignment_rules(configuration: Configuration, performance_year: int) -> None:
    """Raises ConfigurationError for a year whose rules of assignment are not known: nobody could be counted."""
    try:
        assignment_basis(configuration, configuration.agreement.benchmark_years[0], performance_year)
    except ParameterError as error:
        raise ConfigurationError(
            f"who was assigned cannot be told from claims: {error.what} ({error.where})",
            where=f"performance.{performance_year}",
            remedy="Settle from the figures in CMS's report: openaco.programs.mssp.worksheet.worksheet takes them.",
        ) from error


def _check_participants(engine: Engine, population: Population, aco_id: str) -> None:
    """Without a participant of the ACO nobody could be assigned."""
    listed = population.participant.filter(_.aco_id == aco_id)
    if not engine.to_rows(listed.aggregate(count=_.count()))[0]["count"]:
        raise ConfigurationError(
            f"the roster lists no participant of {aco_id}",
            where="participants.csv",
            remedy="Its column aco_id must hold the id that aco.toml states under [aco].",
        )


def settlement_inputs(
    configuration: Configuration, performance_year: int, years: tuple[YearFigures, ...]
) -> MsspInputs:
    """What the worksheet is computed from: the figures of BY1, BY2, BY3 and the performance year, and `aco.toml`."""
    by_role = {figures.role: figures for figures in years}
    demographic = configuration.demographic_risk_scores

    def with_demographic(figures: YearFigures) -> YearInputs:
        stated = demographic.get(figures.year)
        return figures.inputs.with_demographic(stated.as_dict()) if stated else figures.inputs

    return MsspInputs(
        aco_id=configuration.aco.id,
        name=configuration.aco.name,
        performance_year=performance_year,
        agreement=configuration.agreement,
        benchmark_years={role: with_demographic(by_role[role]) for role in BENCHMARK_YEARS},
        performance=with_demographic(by_role["py"]),
        national_weight_by3=by_role["by3"].national_weight,
        national_weight_py=by_role["py"].national_weight,
        result=configuration.performance_for(performance_year).model_copy(
            update={"advance_balance": advance_balance(configuration, performance_year)}
        ),
        sources=_sources(configuration, years, performance_year),
        basis=figures_basis(configuration, {figures.role: figures.year for figures in years}, performance_year),
    )


def _sources(configuration: Configuration, years: tuple[YearFigures, ...], performance_year: int) -> dict[str, str]:
    """Where each given line came from."""
    stated = f"aco.toml:performance.{performance_year}"
    groups = configuration.performance_for(performance_year).assignment_groups
    demographic = f"{stated}.assignment_groups.continuously_assigned_demographic_score"
    rates = configuration.performance_for(performance_year).quality.rates
    sources = {
        "settlement.assigned_beneficiaries": "assignment.parquet:assigned",
        "settlement.per_capita": "expenditure.parquet:dollars",
        "settlement.person_years": "person_months.parquet:eligible",
        "settlement.minimum_savings_rate_election": "aco.toml:agreement.minimum_savings_rate",
        "settlement.participant_revenue": f"{stated}.participant_revenue",
        "settlement.advance_balance": "aco.toml:advances" if configuration.advances else f"{stated}.advance_balance",
        "quality.reported_score": f"{rates}:rates" if rates else f"{stated}.quality.score",
        "quality.reporting": f"{stated}.quality",
        "benchmark.low_income_dual_share": f"{stated}.low_income_dual_share",
        "benchmark.prior_savings_adjustment": f"{stated}.prior_savings_adjustment",
        "update.prospective_trend": f"{stated}.accountable_care_prospective_trend",
        **{
            f"update.{group}": f"{stated}.assignment_groups.{group}"
            for group in ("newly_assigned_share", "newly_assigned_risk_score", "continuously_assigned_risk_score")
        },
        "update.demographic_risk_score": demographic if groups else "aco.toml:demographic_risk_scores",
        "benchmark.demographic_risk_score": "aco.toml:demographic_risk_scores",
    }
    for figures in years:
        regional = figures.sources["regional_per_capita"]
        for kind in ENROLLMENT_TYPES:
            sources[f"trend.national_per_capita.{kind}.{figures.role}"] = f"aco.toml:national.{figures.year}.per_capita"
            sources[f"trend.regional_per_capita.{kind}.{figures.role}"] = regional
            sources[f"trend.national_weight.{kind}.{figures.role}"] = "county_expenditure:person_years"
            sources[f"benchmark.risk_score.{kind}.{figures.role}"] = figures.sources["risk_score"]
        sources[f"benchmark.assigned_beneficiaries.{figures.role}"] = "assignment.parquet:assigned"
    sources["benchmark.per_capita"] = "expenditure.parquet:dollars"
    sources["benchmark.person_years"] = "person_months.parquet:eligible"
    sources["update.person_years"] = "person_months.parquet:eligible"
    sources["update.risk_score"] = years[-1].sources["risk_score"]
    return sources
