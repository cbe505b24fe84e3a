"""What every contract is settled from: the people whom each kind of alignment counts, year by year, person by person.

The claims of a year are read once for all alignments. What comes out are arrays by person and enrollment type, so
that the figures of a whole ACO can be summed again in milliseconds: for a redrawn population, or without a practice.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np

from openaco.engine import Engine, Lake, Table, _, cases, literal, money
from openaco.programs.configuration import ENROLLMENT_TYPES, Configuration
from openaco.programs.contract import Alignment
from openaco.programs.mssp.inputs import BENCHMARK_YEARS, YearInputs
from openaco.programs.population import Population, read_population
from openaco.programs.region import region
from openaco.programs.reported_scores import mean_scores, with_scores
from openaco.programs.year_claims import YearClaims, year_claims
from openaco.programs.year_figures import months_that_count, to_cents
from openaco.rules.alignment import AlignmentYear, align, alignment_note, alignment_years, model_year
from openaco.rules.assignment import assign, assignment_window, primary_care_services
from openaco.rules.assignment.participants import list_takes_effect
from openaco.rules.claims.dollars import COMPONENTS, REDUCTIONS
from openaco.rules.enrollment import in_year
from openaco.rules.expenditures import Expenditures, completion_factor, covid_episodes, expenditures, per_capita

ROLES = (*BENCHMARK_YEARS, "py")
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class PersonYears:
    """The people whom one alignment counts for one year.

    Arrays; one entry a person and enrollment type with months that count, but `aligned`: one entry a person aligned.
    `person` and `aligned` are positions in `Experience.people`; `kind` in ENROLLMENT_TYPES; `cents` are dollars × 100
    of those months, neither annualized nor completed; `annual_cents` the same × 12, truncated; `score` is CMS's, nan
    where no report has one. `fixed` holds the figures that do not depend on who is counted twice or left out.
    """

    year: int
    aligned: np.ndarray
    person: np.ndarray
    kind: np.ndarray
    months: np.ndarray
    cents: np.ndarray
    annual_cents: np.ndarray
    score: np.ndarray
    completion: Decimal
    fixed: YearInputs
    note: str = ""

    def figures(self, truncated: bool) -> YearInputs:
        """The figures of everybody, exact to the cent: those of a run."""
        spent = self.annual_cents if truncated else self.cents * 12
        person_years, amounts = {}, {}
        for position, kind in enumerate(ENROLLMENT_TYPES):
            of_kind = self.kind == position
            months = int(self.months[of_kind].sum())
            dollars = Decimal(int(spent[of_kind].sum())) / 100
            person_years[kind] = months / 12
            amounts[kind] = (per_capita(dollars, months, self.completion) if months else None) or 0.0
        return replace(
            self.fixed, assigned_beneficiaries=len(self.aligned), person_years=person_years, per_capita=amounts
        )

    def redrawn(self, weights: np.ndarray, truncated: bool) -> list[YearInputs]:
        """The figures of redrawn populations. weights: draws × people, how often each person is in each draw."""
        spent = (self.annual_cents if truncated else self.cents * 12) / 100.0
        counted = weights[:, self.aligned].sum(axis=1)
        by_kind = {}
        for position, kind in enumerate(ENROLLMENT_TYPES):
            at = np.flatnonzero(self.kind == position)
            drawn = weights[:, self.person[at]].astype(float)
            known = np.isfinite(self.score[at])
            scored = np.where(known, self.months[at], 0)
            by_kind[kind] = (
                drawn @ self.months[at],
                drawn @ spent[at],
                drawn @ scored,
                drawn @ (scored * np.where(known, self.score[at], 0.0)),
            )
        return [self._draw(draw, int(people), by_kind) for draw, people in enumerate(counted)]

    def _draw(self, draw: int, people: int, by_kind: Mapping[str, tuple[np.ndarray, ...]]) -> YearInputs:
        person_years, amounts, scores = {}, {}, {}
        for kind, (months, dollars, scored, score) in by_kind.items():
            person_years[kind] = float(months[draw]) / 12
            amounts[kind] = float(dollars[draw] / months[draw]) * float(self.completion) if months[draw] else 0.0
            scores[kind] = float(score[draw] / scored[draw]) if scored[draw] else self.fixed.risk_score[kind]
        return replace(
            self.fixed,
            assigned_beneficiaries=people,
            person_years=person_years,
            per_capita=amounts,
            risk_score=scores,
        )


@dataclass(frozen=True)
class Experience:
    """One population under several alignments: who is counted, what they cost, for the years of an agreement.

    people  identifiers, sorted: everybody whom any alignment counts in any year
    years   by alignment and role (by1, by2, by3, py)
    """

    performance_year: int
    people: tuple[str, ...]
    years: Mapping[Alignment, Mapping[str, PersonYears]]

    def figures(self, alignment: Alignment, *, truncated: bool) -> dict[str, YearInputs]:
        """The figures of the three baseline years and the performance year, as `Contract.settle` takes them."""
        return {role: of_year.figures(truncated) for role, of_year in self.years[alignment].items()}

    def redrawn(self, alignment: Alignment, weights: np.ndarray, *, truncated: bool) -> Iterable[dict[str, YearInputs]]:
        """The same for redrawn populations: a person drawn twice counts twice in every year."""
        drawn = {role: of_year.redrawn(weights, truncated) for role, of_year in self.years[alignment].items()}
        for figures in zip(*drawn.values(), strict=True):
            yield dict(zip(drawn, figures, strict=True))

    def notes(self, alignment: Alignment) -> tuple[str, ...]:
        """What the reader must know of an alignment, each thing once."""
        return tuple(dict.fromkeys(year.note for year in self.years[alignment].values() if year.note))


@dataclass(frozen=True)
class _Rows:
    """What one alignment and year came to in the engine, before people have positions."""

    year: int
    aligned: list[str]
    rows: list[dict[str, Any]]
    completion: Decimal
    fixed: YearInputs
    note: str


def experience(
    engine: Engine,
    population: Population,
    configuration: Configuration,
    performance_year: int,
    alignments: Iterable[Alignment],
    progress: Progress | None = None,
    use: Mapping[str, Decimal] | None = None,
) -> Experience:
    """Align, spend and locate the people of four years under several alignments.

    use: what-if: by claim type code, what dollars of the performance year are multiplied by.
    Raises ConfigurationError for national figures that nobody stated and counties without figures.
    """
    wanted = tuple(dict.fromkeys(alignments))
    years = dict(zip(ROLES, (*configuration.agreement.benchmark_years, performance_year), strict=True))
    tell = progress or (lambda what, done, total: None)
    found: dict[Alignment, dict[str, _Rows]] = {alignment: {} for alignment in wanted}
    for done, (role, year) in enumerate(years.items()):
        tell(f"{role.upper()} {year}: alignments and expenditures", done, len(years))
        changed = use if role == "py" else None
        of_year = _of_year(engine, population, configuration, year, performance_year, wanted, changed)
        for alignment, rows in of_year.items():
            found[alignment][role] = rows
    tell("Done", len(years), len(years))
    people = sorted({person for roles in found.values() for rows in roles.values() for person in rows.aligned})
    position = {person: number for number, person in enumerate(people)}
    return Experience(
        performance_year=performance_year,
        people=tuple(people),
        years={
            alignment: {role: _person_years(rows, position) for role, rows in roles.items()}
            for alignment, roles in found.items()
        },
    )


def population_for(
    engine: Engine,
    lake: Lake,
    configuration: Configuration,
    performance_year: int,
    alignments: Iterable[Alignment],
) -> Population:
    """Everything that `experience` under these alignments reads from the lake."""
    first_year = configuration.agreement.benchmark_years[0]
    return read_population(
        engine,
        lake,
        first_month=earliest_service(alignments, first_year, performance_year).replace(day=1),
        last_month=datetime.date(performance_year, 12, 1),
    )


def earliest_service(alignments: Iterable[Alignment], year: int, performance_year: int) -> datetime.date:
    """The first day on which a service can matter to any of the alignments for a year."""
    days = [datetime.date(year, 1, 1)]
    for alignment in alignments:
        if alignment.rule == "shared_savings":
            days.append(assignment_window(year, alignment.variant, performance_year).earliest)
        else:
            rules = model_year(alignment.variant, performance_year)
            days.append(alignment_years(year, alignment.variant, rules)[0].start)
    return min(days)


def _of_year(
    engine: Engine,
    population: Population,
    configuration: Configuration,
    year: int,
    performance_year: int,
    alignments: tuple[Alignment, ...],
    use: Mapping[str, Decimal] | None,
) -> dict[Alignment, _Rows]:
    keep = engine.checkpoint
    earliest = earliest_service(alignments, year, performance_year)
    of_year = year_claims(engine, population, year, earliest)
    services = _services(engine, population, of_year, performance_year, earliest, datetime.date(year, 12, 31))
    episodes = keep(covid_episodes(of_year.facility_claims, of_year.claims.institutional_diagnosis, year))
    dollars = engine.store(with_use(of_year.claims.dollars.filter(in_year(_.month, year)), use or {}))
    spending = _spending(engine, population, configuration, dollars, episodes, year)
    found = {}
    for alignment in alignments:
        decided, note = _decide(engine, population, configuration, services, alignment, year, performance_year)
        aligned = keep(decided.filter(_.assigned).select("person_id"))
        found[alignment] = _rows(engine, population, configuration, aligned, spending, episodes, year, note)
    return found


def _spending(
    engine: Engine,
    population: Population,
    configuration: Configuration,
    dollars: Table,
    episodes: Table,
    year: int,
) -> tuple[Expenditures, Decimal]:
    """Everybody's expenditures in the year, whoever is aligned, and the completion factor."""
    national = configuration.national_for(year)
    completion = Decimal(str(national.completion_factor)) if national.completion_factor else completion_factor(year)
    spending = expenditures(
        dollars,
        population.person_months,
        year=year,
        thresholds={kind: to_cents(most) for kind, most in national.truncation_threshold.as_dict().items()},
        completion_factor=completion,
        covid_episodes=episodes,
        checkpoint=engine.checkpoint,
    )
    return spending, completion


def with_use(dollars: Table, use: Mapping[str, Decimal]) -> Table:
    """The dollars with every amount of some claim types multiplied by a factor. Columns as `ClaimSet.dollars`."""
    if not use:
        return dollars
    factors = [(_.claim_type_code == code, literal(factor)) for code, factor in sorted(use.items())]
    factor = cases(*factors, else_=literal(Decimal(1)))
    amounts = ("paid_amount", *COMPONENTS, *REDUCTIONS)
    return dollars.mutate(**{name: money(_[name] * factor) for name in amounts})


def _decide(
    engine: Engine,
    population: Population,
    configuration: Configuration,
    services: Table,
    alignment: Alignment,
    year: int,
    performance_year: int,
) -> tuple[Table, str]:
    """Everybody known, whether aligned, and what the reader must know. services: of all windows of the year."""
    who = {
        "people": population.people,
        "person_months": population.person_months,
        "participant": population.participant,
        "designations": population.designations,
        "aco_id": configuration.aco.id,
        "window_year": year,
        "rules_year": performance_year,
        "keep": engine.checkpoint,
    }
    if alignment.rule == "shared_savings":
        return assign(services=services, method=alignment.variant, seed=configuration.seed, **who), ""
    rules = model_year(alignment.variant, performance_year)
    years, note = _years_of_alignment(alignment.variant, year, rules, population.first_claim_date)
    decided = align(
        services=services,
        variant=alignment.variant,
        years=years,
        participants_on=list_takes_effect(performance_year),
        seed=configuration.seed,
        **{**who, "rules_year": rules},
    )
    return decided, note


def _years_of_alignment(
    variant: str, year: int, rules: int, since: datetime.date
) -> tuple[tuple[AlignmentYear, ...], str]:
    """The alignment years whose services are known, at least the most recent one, and what the reader must know."""
    wanted = alignment_years(year, variant, rules)
    known = tuple(each for each in wanted if each.start >= since) or wanted[-1:]
    notes = [alignment_note(variant, year, rules, known)]
    if known[0].start < since:
        notes.append(f"Services of {year}'s alignment year are known from {since.isoformat()} only.")
    return known, " ".join(note for note in notes if note)


def _services(
    engine: Engine,
    population: Population,
    of_year: YearClaims,
    rules_year: int,
    start: datetime.date,
    end: datetime.date,
) -> Table:
    return engine.checkpoint(
        primary_care_services(
            professional=of_year.claims.professional,
            institutional=of_year.facility_claims,
            institutional_line=of_year.claims.institutional_line,
            provider=population.provider,
            electing_hospital=population.electing_hospital,
            fee_schedule_amount=population.fee_schedule_amount,
            rules_year=rules_year,
            start=start,
            end=end,
        )
    )


def _rows(
    engine: Engine,
    population: Population,
    configuration: Configuration,
    aligned: Table,
    spending: tuple[Expenditures, Decimal],
    episodes: Table,
    year: int,
    note: str,
) -> _Rows:
    spent, completion = spending
    rows = engine.to_rows(with_scores(spent.by_person.semi_join(aligned, "person_id"), population, year))
    months = engine.checkpoint(months_that_count(population, year, aligned, episodes))
    regional, weights, _source = region(engine, population, configuration, months, year)
    stated = configuration.risk_scores.get(year)
    demographic = configuration.demographic_risk_scores.get(year)
    return _Rows(
        year=year,
        aligned=sorted(row["person_id"] for row in engine.to_rows(aligned)),
        rows=sorted(rows, key=lambda row: (row["person_id"], row["enrollment_type"])),
        completion=completion,
        fixed=YearInputs(
            year=year,
            assigned_beneficiaries=0,
            person_years={},
            per_capita={},
            risk_score=stated.as_dict() if stated else mean_scores(rows, year),
            regional_per_capita=regional,
            national_per_capita=configuration.national_for(year).per_capita.as_dict(),
            demographic_risk_score=demographic.as_dict() if demographic else None,
            national_weight=weights,
        ),
        note=note,
    )


def _person_years(rows: _Rows, position: Mapping[str, int]) -> PersonYears:
    def column(values: Iterable[Any], kind: str) -> np.ndarray:
        return np.array(list(values), dtype=kind)

    return PersonYears(
        year=rows.year,
        aligned=column((position[person] for person in rows.aligned), "int64"),
        person=column((position[row["person_id"]] for row in rows.rows), "int64"),
        kind=column((ENROLLMENT_TYPES.index(row["enrollment_type"]) for row in rows.rows), "int64"),
        months=column((row["months"] for row in rows.rows), "int64"),
        cents=column((int(row["dollars"] * 100) for row in rows.rows), "int64"),
        annual_cents=column((int(row["dollar_months"] * 100) for row in rows.rows), "int64"),
        score=column((np.nan if row["score"] is None else row["score"] for row in rows.rows), "float64"),
        completion=rows.completion,
        fixed=rows.fixed,
        note=rows.note,
    )
