"""The population of a run as tables that every insight is made of: months that count, dollars by service, events.

Each year is seen as its own run saw it: claims known on the year's run-out date, months and dollars that count
(42 CFR 425.601(a)), so that sums over these tables are the run's own expenditures.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from openaco.engine import Engine, Lake, Table, _, cases, coalesce, ifelse, literal, month_of, stack
from openaco.errors import ConfigurationError
from openaco.feeds.code_tables import CodeTables
from openaco.insight.distribution.panels import panel_members, run_tables
from openaco.programs.population import Population, read_population
from openaco.programs.year_claims import year_claims
from openaco.rules.claims import ClaimSet
from openaco.rules.expenditures import counted_months, covid_episodes, run_out_date
from openaco.rules.groupers.categories import NOT_FINAL, service_names, services
from openaco.rules.groupers.diagnoses import stated_procedures
from openaco.rules.groupers.emergency import emergency_visits, observation_stays
from openaco.rules.groupers.planned import excluded_discharges, planned_admissions
from openaco.rules.groupers.readmissions import readmissions
from openaco.rules.groupers.stays import ACUTE, admissions, bills, facility_stays, with_admissions

Progress = Callable[[str, int, int], None]
MEASURES = ("admissions", "emergency_visits", "skilled_nursing_days", "index_discharges", "readmissions")
LONGEST_LOOK_BACK_YEARS = 3


@dataclass(frozen=True)
class YearView:
    """One year's claims of its assigned people, sorted into services, stays and visits (`rules.groupers`)."""

    year: int
    claims: ClaimSet
    services: Table
    stays: Table
    stay_claims: Table
    admissions: Table
    visits: Table
    readmissions: Table


@dataclass(frozen=True)
class PopulationView:
    """The assigned of each year of a run.

    months       one assigned person, one month that counts: `person_id`, `year`, `month`, `enrollment_type`, `county`
                 (state and county code), `tin` (practice with the most primary care; blank but in the performance year)
    spending     one dollar row that counts (`claim_dollars` of the run): `person_id`, `year`, `month`, `claim_kind`,
                 `claim_id`, `claim_line_number`, `category`, `service_group`, `provider` (`tin:…`, `ccn:…` or blank),
                 `inside` (yes, no, unknown: whether the provider is a participant), `amount` US dollars
    events       one event: `person_id`, `year`, `month`, `measure` (of MEASURES), `quantity`; a stay counts in the
                 month it ends, a visit in the month it begins, nursing days in the month their bill ends
    practices    participants by TIN: `tin`, `name`
    people       one row a person: `person_id`, `birth_date`, `death_date`
    first_enrollment   the first month that enrollment is known for: readmissions ask for a year before
    of_year      the performance year's services, stays and visits
    tables       the run's own tables
    """

    run_id: str
    aco_name: str
    performance_year: int
    years: tuple[int, ...]
    as_of: datetime.date
    months: Table
    spending: Table
    events: Table
    practices: Table
    people: Table
    first_enrollment: datetime.date
    of_year: YearView
    tables: dict[str, Table]


def population_view(
    engine: Engine, lake: Lake, run: Path, tables: CodeTables | None = None, progress: Progress | None = None
) -> PopulationView:
    """Everything that insight asks of a finished run and of the lake it was made from.

    Raises ConfigurationError for a run that an older version wrote.
    """
    tell = progress or (lambda what, done, total: None)
    manifest = json.loads((run / "run.json").read_text(encoding="utf-8"))
    year = int(manifest["performance_year"])
    found = run_tables(engine, run)
    if not (run / "claim_dollars.parquet").is_file():
        raise ConfigurationError("the run has no claim_dollars", where=str(run), remedy="Run it again.")
    found["claim_dollars"] = engine.read_parquet([run / "claim_dollars.parquet"])
    years = tuple(sorted(row["year"] for row in engine.to_rows(found["assignment"].select("year").distinct())))
    tell("Claims and people", 0, len(years) + 1)
    population = read_population(
        engine, lake, first_month=datetime.date(years[0] - 1, 1, 1), last_month=datetime.date(year, 12, 1)
    )
    members = engine.checkpoint(panel_members(found, year).select("person_id", "tin"))
    listed = engine.checkpoint(_providers(found["participants"]))
    months, spending, events = [], [], []
    last: YearView | None = None
    for done, each in enumerate(years, start=1):
        tell(f"{each}: services, stays and visits", done, len(years) + 1)
        assigned = engine.checkpoint(
            found["assignment"].filter(_.year == each, _.assigned).select("person_id").distinct()
        )
        counted, view = _year(engine, population, each, assigned, tables or CodeTables(), each == year)
        dollars = found["claim_dollars"].filter(_.year == each, _.exclusion_rule.isnull())
        months.append(counted.mutate(year=literal(each)))
        spending.append(engine.store(_spending(dollars, view.services, listed, each)))
        events.append(engine.checkpoint(_events(view).semi_join(counted, ["person_id", "month"])))
        last = view
    tell("Done", len(years) + 1, len(years) + 1)
    assert last is not None
    first = engine.to_rows(population.person_months.aggregate(first=_.month.min()))[0]["first"]
    placed = stack(months).left_join(
        members.select(member="person_id", tin="tin", of_year=literal(year)),
        [("person_id", "member"), ("year", "of_year")],
    )
    return PopulationView(
        run_id=str(manifest["run_id"]),
        aco_name=str(manifest["aco_name"]),
        performance_year=year,
        years=years,
        as_of=run_out_date(year),
        months=engine.checkpoint(
            placed.select("person_id", "year", "month", "enrollment_type", "county", tin=coalesce(_.tin, literal("")))
        ),
        spending=stack(spending),
        events=stack(events),
        practices=found["participants"].group_by("tin").aggregate(name=_.name.min()),
        people=population.people,
        first_enrollment=first,
        of_year=last,
        tables=found,
    )


def _year(
    engine: Engine, population: Population, year: int, assigned: Table, tables: CodeTables, look_back: bool
) -> tuple[Table, YearView]:
    """The months that count and the grouped claims of one year's assigned."""
    keep = engine.checkpoint
    first = year - LONGEST_LOOK_BACK_YEARS if look_back else year
    of_year = year_claims(engine, population, year, datetime.date(first, 1, 1))
    episodes = keep(covid_episodes(of_year.facility_claims, of_year.claims.institutional_diagnosis, year))
    counted = counted_months(population.person_months, year, assigned, episodes).filter(_.eligible)
    places = population.person_months.select(
        place_of="person_id", place_month="month", county=coalesce(_.state_county_code, literal(""))
    )
    months = keep(
        counted.left_join(places, [("person_id", "place_of"), ("month", "place_month")]).select(
            "person_id", "month", "enrollment_type", "county"
        )
    )
    wide = of_year.claims
    known_by = run_out_date(year)
    claims = replace(
        wide,
        institutional=keep(of_year.facility_claims.semi_join(assigned, "person_id")),
        professional=keep(wide.professional.semi_join(assigned, "person_id")),
        equipment=keep(wide.equipment.semi_join(assigned, "person_id")),
        period=(datetime.date(first, 1, 1), known_by),
    )
    people = keep(population.people.semi_join(assigned, "person_id"))
    return months, grouped_year(engine, claims, people, year, tables, population.person_months)


def grouped_year(
    engine: Engine, claims: ClaimSet, people: Table, year: int, tables: CodeTables, person_months: Table | None = None
) -> YearView:
    """The services, stays, visits and readmissions of a year's claims."""
    keep = engine.checkpoint
    sorted_services = engine.store(services(claims, year))
    found, members = facility_stays(keep(bills(claims, year)), people, year, checkpoint=keep)
    stay_claims, stays = keep(members), with_admissions(found, year, checkpoint=keep)
    observed = keep(observation_stays(claims, people, year, checkpoint=keep))
    visits = keep(emergency_visits(claims, people, stays, observed, year, checkpoint=keep))
    procedures = keep(stated_procedures(claims))
    planned = keep(planned_admissions(engine, stays, stay_claims, procedures, tables, year))
    excluded = keep(excluded_discharges(engine, stays, stay_claims, procedures, tables, year))
    returned = readmissions(
        stays,
        planned,
        excluded,
        people,
        year,
        person_months=person_months,
        claims_end=claims.period[1] if claims.period else None,
        checkpoint=keep,
    )
    return YearView(year, claims, sorted_services, stays, stay_claims, keep(admissions(stays)), visits, keep(returned))


def _providers(participants: Table) -> Table:
    """Grain: one biller of the ACO, `listed`: `tin:…` or `ccn:…`."""
    tins = participants.filter(coalesce(_.tin, literal("")) != "").select(listed="tin:" + _.tin)
    ccns = participants.filter(coalesce(_.ccn, literal("")) != "").select(listed="ccn:" + _.ccn)
    return stack([tins, ccns]).distinct()


def _spending(dollars: Table, found: Table, listed: Table, year: int) -> Table:
    """The dollars that count with their service and provider. Columns: see `PopulationView.spending`."""
    line = coalesce(_.claim_line_number, literal(0, "int64"))
    known = (
        found.mutate(line=line)
        .group_by(known_kind=_.claim_kind, known_claim=_.claim_id, known_line=_.line)
        .agg(category=_.category.max(), billing_tin=_.billing_tin.max(), billing_ccn=_.billing_ccn.max())
    )
    joined = dollars.mutate(line=line).left_join(
        known, [("claim_kind", "known_kind"), ("claim_id", "known_claim"), ("line", "known_line")]
    )
    groups = [(_.category == name, literal(group)) for name, (group, _label) in service_names(year).items()]
    provider = cases(
        (_.billing_tin.notnull(), "tin:" + _.billing_tin),
        (_.billing_ccn.notnull(), "ccn:" + _.billing_ccn),
        else_=literal(""),
    )
    named = joined.mutate(provider=provider, category=coalesce(_.category, literal(NOT_FINAL)))
    placed = named.left_join(listed, [("provider", "listed")])
    inside = ifelse(_.provider == "", literal("unknown"), ifelse(_.listed.notnull(), literal("yes"), literal("no")))
    return placed.mutate(inside=inside, service_group=cases(*groups, else_=literal("other"))).select(
        "person_id",
        "year",
        "month",
        "claim_kind",
        "claim_id",
        "claim_line_number",
        "category",
        "service_group",
        "provider",
        "inside",
        amount=_.counted_amount,
    )


def _events(view: YearView) -> Table:
    """Grain: one event of MEASURES in the year. Columns: see `PopulationView.events`."""
    one = literal(1, "int64")
    index = view.readmissions.filter(_.is_index)
    parts = {
        "admissions": (view.admissions.filter(_.kind == ACUTE), _.end_date, one),
        "emergency_visits": (view.visits, _.visit_date, one),
        "skilled_nursing_days": (
            view.stay_claims.filter(_.kind == "skilled_nursing"),
            _.end_date,
            _.new_days.cast("int64"),
        ),
        "index_discharges": (index, _.discharge_date, one),
        "readmissions": (index.filter(_.readmitted), _.discharge_date, one),
    }
    tables = [
        table.select("person_id", day=day, measure=literal(name), quantity=quantity)
        for name, (table, day, quantity) in parts.items()
    ]
    of_year = stack(tables).filter(_.day.year() == view.year)
    return of_year.select("person_id", "measure", "quantity", month=month_of(_.day), year=literal(view.year))
