"""The rates of the claims measures: observed, and risk-standardized where a national model was loaded."""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import pyarrow as pa

from openaco.engine import Engine, Table, _, coalesce, literal, null
from openaco.measures.claims import chronic_admission, readmission
from openaco.measures.claims.model import RiskModel
from openaco.parameters import parameter
from openaco.rules.groupers import Groupers

TITLES = {
    readmission.MEASURE: "Hospital-wide 30-day all-cause unplanned readmission",
    chronic_admission.MEASURE: "Unplanned admissions of people with multiple chronic conditions",
}
NOT_STANDARDIZED = "not risk-standardized: no national model was loaded"
STANDARDIZED = "observed over expected, times the national rate; CMS's own model also draws small groups to the mean"
_OF_NO_COHORT = "; {} index admissions are of no cohort of the model and are left out of it"
_HISTORY_DAYS = 365
_EXPECTED = pa.schema([("expected_person", pa.string()), ("expected", pa.float64())])


@dataclass(frozen=True)
class ClaimsRate:
    """The rate of a claims measure. Lower is better.

    people     who has an exposure; excluded: people of the cohort who are left out
    exposure   index admissions (479) or person-years at risk (484); outcomes: readmissions or admissions
    observed   outcomes over exposure: a fraction (479), per 100 person-years (484); None without exposure
    expected   outcomes that the loaded national model expects; standardized: observed ÷ expected × national rate
    """

    measure: str
    performance_year: int
    title: str
    people: int
    excluded: int
    exposure: float
    outcomes: int
    observed: float | None
    expected: float | None = None
    standardized: float | None = None
    note: str = NOT_STANDARDIZED
    inverse: bool = True

    @property
    def rate(self) -> float | None:
        """The standardized rate where there is one, else the observed one."""
        return self.observed if self.standardized is None else self.standardized

    def as_data(self) -> dict[str, Any]:
        """The rate as plain values."""
        return asdict(self) | {"rate": self.rate}


@dataclass(frozen=True)
class ClaimsMeasure:
    """What a claims measure says: its rate, and rows of `measure_episode`, `measure_exposure`, `measure_result`."""

    rate: ClaimsRate
    episodes: Table
    exposures: Table
    results: Table


def claims_measure(
    engine: Engine,
    measure: str,
    found: Groupers,
    people: Table,
    person_months: Table | None = None,
    model: RiskModel | None = None,
) -> ClaimsMeasure:
    """One claims measure over a population. people: `person_id`, `birth_date`, `death_date`."""
    if measure == readmission.MEASURE:
        episodes = engine.checkpoint(readmission.episodes(found))
        exposures = readmission.exposures(episodes, found.year).mutate(exclusion=null("string"))
    else:
        episodes = chronic_admission.episodes(engine, found, people, person_months)
        exposures = chronic_admission.exposures(engine, found, people, person_months)
    exposures = engine.checkpoint(exposures)
    expected = _expected(engine, measure, found, episodes, exposures, model)
    joined = exposures.left_join(expected.table(engine), [("person_id", "expected_person")]).drop("expected_person")
    exposures = engine.checkpoint(joined)
    return ClaimsMeasure(
        rate=_rate(engine, measure, found.year, exposures, model, expected),
        episodes=episodes,
        exposures=exposures,
        results=engine.checkpoint(_results(exposures, measure)),
    )


def per(measure: str, year: int) -> int:
    """What a rate is of: one index admission, or so many person-years."""
    if measure == readmission.MEASURE:
        return 1
    return int(parameter("measures/chronic_admissions", year).value["per"])


@dataclass
class _Expected:
    """Outcomes that the model expects, by person; `outcomes` those observed where it expects any."""

    by_person: dict[str, list[float]] = field(default_factory=dict)
    outcomes: int = 0
    of_no_cohort: int = 0

    def table(self, engine: Engine) -> Table:
        """`expected_person`, `expected`."""
        rows = [
            {"expected_person": person, "expected": math.fsum(parts)}
            for person, parts in sorted(self.by_person.items())
        ]
        return engine.from_arrow(pa.Table.from_pylist(rows, schema=_EXPECTED))

    @property
    def total(self) -> float:
        """All expected outcomes."""
        return math.fsum(part for parts in self.by_person.values() for part in parts)


def _rate(
    engine: Engine, measure: str, year: int, exposures: Table, model: RiskModel | None, expected: _Expected
) -> ClaimsRate:
    rows = engine.to_rows(exposures)
    exposure = math.fsum(row["exposure"] for row in rows)
    outcomes = sum(row["outcomes"] for row in rows)
    observed = per(measure, year) * outcomes / exposure if exposure else None
    plain = ClaimsRate(
        measure=measure,
        performance_year=year,
        title=TITLES[measure],
        people=sum(row["exposure"] > 0 for row in rows),
        excluded=sum(row["exposure"] == 0 for row in rows),
        exposure=exposure,
        outcomes=outcomes,
        observed=observed,
    )
    if model is None:
        return plain
    standardized = expected.outcomes / expected.total * model.national_rate if expected.total else None
    note = STANDARDIZED + (_OF_NO_COHORT.format(expected.of_no_cohort) if expected.of_no_cohort else "")
    return replace(plain, expected=expected.total, standardized=standardized, note=note)


def _results(exposures: Table, measure: str) -> Table:
    """`MeasureResult` rows: in the denominator is who could have an outcome, in the numerator who had one."""
    counts = exposures.exposure > 0
    return exposures.select(
        "person_id",
        "measure",
        "performance_year",
        rate=literal("1"),
        initial_population=literal(True),
        denominator=literal(True),
        denominator_exclusion=~counts,
        denominator_exception=literal(False),
        numerator=counts & (exposures.outcomes > 0),
        stratum=null("string"),
    )


def _expected(
    engine: Engine, measure: str, found: Groupers, episodes: Table, exposures: Table, model: RiskModel | None
) -> _Expected:
    if model is None:
        return _Expected()
    if measure == readmission.MEASURE:
        return _expected_readmissions(engine, found, episodes, model)
    return _expected_admissions(engine, found, exposures, model)


def _expected_readmissions(engine: Engine, found: Groupers, episodes: Table, model: RiskModel) -> _Expected:
    """Of each index stay: by age, principal diagnosis, and what stood on claims of the 365 days before it."""
    index = episodes.filter(_.counts).select("person_id", "episode_id", "start_date", "outcome")
    details = found.facility_stays.select(stay="stay_id", principal=coalesce(_.principal_diagnosis_code, literal("")))
    ages = found.readmissions.select(aged="stay_id", age="age")
    joined = index.left_join(details, [("episode_id", "stay")]).left_join(ages, [("episode_id", "aged")])
    spans = engine.checkpoint(joined)
    diagnoses = found.diagnoses.select(known="person_id", code="code", date="date")
    pairs = spans.join(diagnoses, [spans.person_id == diagnoses.known, diagnoses.date < spans.start_date])
    pairs = pairs.filter(pairs.date.epoch_days() >= pairs.start_date.epoch_days() - _HISTORY_DAYS)
    history = _history(engine, pairs.select(of="episode_id", code="code"))
    answer = _Expected()
    for row in engine.to_rows(spans.order_by("episode_id")):
        share = model.probability(row["age"], row["principal"], history.get(row["episode_id"], frozenset()))
        if share is None:
            answer.of_no_cohort += 1
            continue
        answer.by_person.setdefault(row["person_id"], []).append(share)
        answer.outcomes += int(row["outcome"])
    return answer


def _expected_admissions(engine: Engine, found: Groupers, exposures: Table, model: RiskModel) -> _Expected:
    """Of each person: by age, groups and the diagnoses of the year before, times the person-years at risk."""
    rows = exposures.filter(_.exposure > 0).join(found.multiple_chronic, "person_id")
    before = datetime.date(found.year - 1, 1, 1), datetime.date(found.year - 1, 12, 31)
    diagnoses = found.diagnoses.filter(_.date.between(*before)).semi_join(rows, "person_id")
    history = _history(engine, diagnoses.select(of="person_id", code="code"))
    names = [name for name in found.multiple_chronic.columns if name not in ("person_id", "age", "groups")]
    answer = _Expected()
    for row in engine.to_rows(rows.order_by("person_id")):
        groups = frozenset(name for name in names if row[name])
        yearly = model.yearly(row["age"], history.get(row["person_id"], frozenset()), groups)
        answer.by_person[row["person_id"]] = [yearly * row["exposure"]]
        answer.outcomes += row["outcomes"]
    return answer


def _history(engine: Engine, coded: Table) -> Mapping[str, frozenset[str]]:
    """The codes of each stay or person."""
    found: dict[str, set[str]] = {}
    for row in engine.to_rows(coded.distinct()):
        found.setdefault(row["of"], set()).add(row["code"])
    return {name: frozenset(codes) for name, codes in found.items()}
