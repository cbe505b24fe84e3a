"""What the Shared Savings Program worksheet is computed from: figures of four years, and what CMS alone knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from openaco.errors import ConfigurationError
from openaco.programs.configuration import ENROLLMENT_TYPES, Agreement, Performance, Track
from openaco.rules import participation
from openaco.rules.cited import Cited, cited
from openaco.rules.quality_standard import QualityFacts

BENCHMARK_YEARS = ("by1", "by2", "by3")
YEARS = (*BENCHMARK_YEARS, "py")
GROWS_WITH_NATION = ("425.602", "425.603(b)")
GROWS_WITH_REGION = ("425.603(c)",)
BEFORE_JULY_2019 = (*GROWS_WITH_NATION, *GROWS_WITH_REGION)
"""Sections of the regulation that make the benchmarks of agreements that started before July 2019."""


def methodology(agreement: Agreement) -> Cited:
    """The section of the regulation that makes the agreement's benchmark: `425.602` … `425.652`.

    Raises ParameterError where none is known.
    """
    period = "first" if agreement.period == 1 else "later"
    return cited("mssp/benchmark/methodology", participation.year_of_rules(agreement.start), agreement_period=period)


def needs_region(agreement: Agreement) -> bool:
    """Whether expenditures of the ACO's region decide its benchmark."""
    return methodology(agreement).value not in GROWS_WITH_NATION


@dataclass(frozen=True)
class YearInputs:
    """The figures of one benchmark year or of the performance year; mappings are by enrollment type.

    assigned_beneficiaries   count
    person_years             eligible months ÷ 12; for BY1 and BY2 `{"total": …}` will do
    per_capita               the ACO's expenditures, US dollars a person-year: annualized, truncated, completed
    risk_score               mean CMS-HCC score, renormalized
    regional_per_capita      risk-adjusted regional expenditures, US dollars a person-year; empty where the benchmark
                             grows with the nation alone
    national_per_capita      assignable fee-for-service expenditures, US dollars a person-year
    demographic_risk_score   mean demographic score; agreements before July 2019 and from 2024, BY3 and performance year
    national_weight          weight of national growth where it is blended with regional growth, from 0 to 1
    """

    year: int
    assigned_beneficiaries: int
    person_years: Mapping[str, float]
    per_capita: Mapping[str, float]
    risk_score: Mapping[str, float]
    regional_per_capita: Mapping[str, float]
    national_per_capita: Mapping[str, float]
    demographic_risk_score: Mapping[str, float] | None = None
    national_weight: Mapping[str, float] | None = None

    def with_demographic(self, scores: Mapping[str, float]) -> YearInputs:
        """The same figures with demographic scores."""
        return replace(self, demographic_risk_score=scores)

    @property
    def total_person_years(self) -> float:
        """Person-years of all enrollment types."""
        return sum(self.person_years.values())


@dataclass(frozen=True)
class MsspInputs:
    """One ACO, one performance year.

    benchmark_years     "by1", "by2", "by3"
    national_weight_…   weight of the national growth factor by enrollment type, in BY3 and in the performance year;
                        empty for agreements before July 2019, which do not blend
    result              what CMS states for the performance year
    sources             by line id, where a given value came from: `aco.toml:national.2021`, `expenditure:per_capita`,
                        `P.A9999….xlsx:Table 1 B10`; a line's own id, or the id without its last parts
    basis               in the same way, the parameters that figures computed from claims rest on
    """

    aco_id: str
    name: str
    performance_year: int
    agreement: Agreement
    benchmark_years: Mapping[str, YearInputs]
    performance: YearInputs
    national_weight_by3: Mapping[str, float]
    national_weight_py: Mapping[str, float]
    result: Performance
    sources: Mapping[str, str] = field(default_factory=dict)
    basis: Mapping[str, tuple[Cited, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raises ConfigurationError where a year, a type or a figure is missing or makes no sense."""
        if tuple(self.benchmark_years) != BENCHMARK_YEARS:
            raise ConfigurationError(f"benchmark years are {list(self.benchmark_years)}, not by1, by2, by3 in order")
        if self.performance_year < self.agreement.start.year:
            raise ConfigurationError(
                f"performance year {self.performance_year} lies before the agreement's start", where="agreement.start"
            )
        if self.methodology.value not in BEFORE_JULY_2019:
            for weights, where in ((self.national_weight_by3, "BY3"), (self.national_weight_py, "performance year")):
                _require_types(weights, f"national weight, {where}")
        growing = ("regional_per_capita", "national_per_capita") if self.has_region else ("national_per_capita",)
        for name, year in self.all_years().items():
            for figure in ("per_capita", "risk_score", *growing):
                _require_types(getattr(year, figure), f"{figure}, {name}")
            if name in ("by3", "py"):
                _require_types(year.person_years, f"person_years, {name}")
            for figure in growing:
                _require_positive(getattr(year, figure), f"{figure}, {name}")
            if year.total_person_years <= 0:
                raise ConfigurationError(f"no person-years in {name}")

    def all_years(self) -> dict[str, YearInputs]:
        """The benchmark years and the performance year (`py`), in order."""
        return {**self.benchmark_years, "py": self.performance}

    @property
    def by3(self) -> YearInputs:
        """The third benchmark year."""
        return self.benchmark_years["by3"]

    @property
    def start_year(self) -> int:
        """The year whose rules make the benchmark: of the start, but 2018 for a renewal put off to January 2019."""
        return participation.year_of_rules(self.agreement.start)

    @property
    def methodology(self) -> Cited:
        """The section of the regulation that makes the benchmark."""
        return methodology(self.agreement)

    @property
    def has_region(self) -> bool:
        """Whether expenditures of the ACO's region decide the benchmark."""
        return needs_region(self.agreement)

    @property
    def track(self) -> Track:
        """The level of this performance year."""
        return self.result.track or self.agreement.track

    @property
    def agreement_year(self) -> int:
        """1 for the agreement's first performance year."""
        return self.performance_year - participation.agreement_years(self.agreement.start)[0] + 1

    @property
    def performance_months(self) -> int:
        """Months of the performance year: 12, or fewer where the agreement started within it (42 CFR 425.609)."""
        start = self.agreement.start
        return 13 - start.month if start.year == self.performance_year else 12

    @property
    def quality(self) -> QualityFacts:
        """The quality result as the standard's rules take it."""
        stated = self.result.quality
        return QualityFacts(
            reported_any=stated.reported_any,
            reported_survey=stated.reported_survey,
            complete=stated.complete,
            all_ecqm_or_mips_cqm=stated.all_ecqm_or_mips_cqm,
            first_performance_year=stated.first_performance_year,
            score=stated.score,
            outcome_percentiles=stated.outcome_percentiles,
            other_percentiles=stated.other_percentiles,
            affected_share=self.result.extreme_circumstances_beneficiary_share,
            lacks_benchmark=stated.lacks_benchmark,
        )


def _require_types(figures: Mapping[str, float], what: str) -> None:
    if set(figures) != set(ENROLLMENT_TYPES):
        missing = [kind for kind in ENROLLMENT_TYPES if kind not in figures]
        raise ConfigurationError(f"{what}: {'missing ' + ', '.join(missing) if missing else 'unknown enrollment type'}")


def _require_positive(figures: Mapping[str, float], what: str) -> None:
    """Growth is measured from these: none may be zero."""
    wrong = [kind for kind, amount in figures.items() if not amount > 0]
    if wrong:
        raise ConfigurationError(f"{what}: not above zero for {', '.join(wrong)}")
