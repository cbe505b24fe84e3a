"""Everything that the page of a population tells, from one view of a run."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

from openaco.engine import Engine, Table, _, coalesce, date_of, desc, ifelse, literal
from openaco.insight.population import trends
from openaco.insight.population.concentration import NEXT, OTHERS, TOP, bands_of_people
from openaco.insight.population.follow_up import (
    discharges,
    follow_up_bands,
    follow_up_rule,
    followed,
    post_acute,
    released_visits,
)
from openaco.insight.population.funnel_plots import Funnel, PersonResult, funnel
from openaco.insight.population.grids import ALL, Grid, crossed, make_grid, with_margins
from openaco.insight.population.repeated import (
    families,
    family_lines,
    outside_hospital_care,
    repeated_by_family,
    repeated_services,
)
from openaco.insight.population.small_numbers import hidden_cells, is_small, least_shown
from openaco.insight.population.view import MEASURES, PopulationView

MOST_COUNTIES, MOST_PROVIDERS = 15, 20
OTHER_COUNTIES, NO_PRACTICE = "other counties", ""
ONE = literal(1, "int64")


@dataclass(frozen=True)
class Outside:
    """One TIN or facility outside the participants. dollars in US dollars."""

    provider: str
    service_group: str
    dollars: float
    services: int
    people: int


@dataclass(frozen=True)
class RepeatedFamily:
    """A family of services; `candidates` None where hidden. dollars: allowed, US dollars, of the candidates."""

    family: str
    label: str
    days: int
    services: int | None
    candidates: int | None
    dollars: float | None


@dataclass(frozen=True)
class PopulationInsight:
    """The tables of one population, small cells hidden. Unit of dollars: US dollars that count, neither truncated nor
    completed; of months: person-months that count.

    spending_by_month, use_by_month   rows months (`2024-01`) and years; columns groups of services, measures
    spending_by_practice …            rows practices (TIN) of the performance year
    destinations                      rows groups of services; columns inside yes, no, unknown: dollars
    network                           rows practices; columns own, others, elsewhere: visits
    post_acute                        rows hospitals; columns kinds of care: discharges
    follow_up                         rows discharge, emergency; columns the least window that holds a visit
    concentration                     rows groups of services; columns bands of people by dollars: dollars
    repeated_lines                    the candidates themselves: holds people, for those who care for them
    """

    view: PopulationView
    groups: tuple[str, ...]
    spending_by_month: Grid
    use_by_month: Grid
    spending_by_practice: Grid
    use_by_practice: Grid
    spending_by_county: Grid
    use_by_county: Grid
    cost_funnel: Funnel
    admission_funnel: Funnel
    destinations: Grid
    outside: tuple[Outside, ...]
    network: Grid
    post_acute: Grid
    follow_up: Grid
    concentration: Grid
    band_people: Mapping[str, int]
    repeated: tuple[RepeatedFamily, ...]
    repeated_lines: Table
    services_known_since: datetime.date
    practice_names: Mapping[str, str]
    least: int

    def seasonality(self) -> dict[int, float]:
        """By calendar month the middle of the years' ratios of the month's dollars per person-month to the
        year's; 1 is an average month. The middle, so that one late correction does not look like a season."""
        grid, found = self.spending_by_month, {}
        for month in range(1, 13):
            ratios = []
            for year in self.view.years:
                of_month = grid.rate(f"{year}-{month:02d}", ALL, 1)
                of_year = grid.rate(str(year), ALL, 1)
                if of_month is not None and of_year:
                    ratios.append(of_month / of_year)
            if ratios:
                found[month] = median(ratios)
        return found


def population_insight(engine: Engine, view: PopulationView) -> PopulationInsight:
    """All tables of a population."""
    least = least_shown(view.performance_year)
    year = view.performance_year
    spending, events, months = (table.filter(_.year == year) for table in (view.spending, view.events, view.months))
    spent = engine.store(trends.placed(spending, months))
    used = engine.checkpoint(trends.placed(events, months))
    groups = tuple(
        row["service_group"]
        for row in engine.to_rows(trends.spending_by_group(view.spending).order_by([desc("dollars"), "service_group"]))
    )
    by_month = _by_month(engine, view, groups, least)
    by_practice = _by_place(engine, spent, used, months, place="tin", groups=groups, least=least)
    by_county = _by_place(
        engine, *_large_counties(engine, spent, used, months), place="county", groups=groups, least=least
    )
    bands = engine.checkpoint(bands_of_people(engine, spent, months))
    lines, candidates = _repeated(engine, view)
    listed = view.practices.filter(_.tin.notnull())
    known = {row["tin"]: row["name"] or row["tin"] for row in engine.to_rows(listed)}
    first = engine.to_rows(lines.aggregate(first=_.date.min()))[0]["first"]
    return PopulationInsight(
        view=view,
        groups=groups,
        spending_by_month=by_month[0],
        use_by_month=by_month[1],
        spending_by_practice=by_practice[0],
        use_by_practice=by_practice[1],
        spending_by_county=by_county[0],
        use_by_county=by_county[1],
        cost_funnel=funnel(_person_results(engine, view, months, None)),
        admission_funnel=funnel(_person_results(engine, view, months, used)),
        destinations=crossed(
            engine, _real(spent), "service_group", "inside", _.amount, least=least, columns=["yes", "no", "unknown"]
        ),
        outside=_outside(engine, spent, least),
        network=crossed(
            engine,
            trends.visit_places(spending, months),
            "tin",
            "where",
            ONE,
            least=least,
            columns=["own", "others", "elsewhere"],
        ),
        post_acute=crossed(
            engine,
            post_acute(view.of_year.admissions, view.of_year.stays, view.people, year),
            "ccn",
            "kind",
            ONE,
            least=least,
        ),
        follow_up=_follow_up(engine, view, least),
        concentration=crossed(
            engine,
            spent.join(bands.select("band", banded="person_id"), [("person_id", "banded")]),
            "service_group",
            "band",
            _.amount,
            least=least,
            columns=[TOP, NEXT, OTHERS],
        ),
        band_people={
            row["band"]: int(row["people"])
            for row in engine.to_rows(bands.group_by("band").aggregate(people=_.count()))
        },
        repeated=_families(engine, view, lines, candidates, least),
        repeated_lines=candidates,
        services_known_since=first or datetime.date(year, 1, 1),
        practice_names=known,
        least=least,
    )


def _real(spending: Table) -> Table:
    """Spending without the versions that something took back: those name no provider and sum to almost nothing."""
    return spending.filter(_.category != "not_final")


def _month_key(table: Table) -> Table:
    number = _.month.month()
    two = ifelse(number < 10, "0" + number.cast("string"), number.cast("string"))
    return table.mutate(period=_.year.cast("string") + "-" + two, year_key=_.year.cast("string"))


def _by_month(engine: Engine, view: PopulationView, groups: tuple[str, ...], least: int) -> tuple[Grid, Grid]:
    months = _month_key(view.months)
    counts: dict[str, int] = {}
    people: dict[str, int] = {}
    for key in ("period", "year_key"):
        for row in engine.to_rows(trends.person_months(months, key)):
            counts[row[key]], people[row[key]] = int(row["months"]), int(row["people"])
    years = [str(year) for year in view.years]
    rows = sorted(counts)
    sums = [[*(key for key in rows if key.startswith(f"{year}-")), year] for year in years]
    grids = []
    for table, column, amount, columns, adds in (
        (view.spending, "service_group", _.amount, groups, True),
        (view.events, "measure", _.quantity, MEASURES, False),
    ):
        found: list[Mapping[str, Any]] = []
        for key in ("period", "year_key"):
            margins = with_margins(_month_key(table), key, column, amount, column_sums=adds)
            found += engine.to_rows(margins.filter(_.row_key != ALL))
        grids.append(
            make_grid(
                found,
                rows=rows,
                columns=[*columns, *([ALL] if adds else [])],
                least=least,
                people=people,
                months=counts,
                row_sums=sums,
            )
        )
    return grids[0], grids[1]


def _by_place(
    engine: Engine, spent: Table, used: Table, months: Table, *, place: str, groups: tuple[str, ...], least: int
) -> tuple[Grid, Grid]:
    counted = engine.to_rows(trends.person_months(months, place))
    whole = engine.to_rows(months.aggregate(months=_.count(), people=_.person_id.nunique()))[0]
    counts = {row[place]: int(row["months"]) for row in counted} | {ALL: int(whole["months"])}
    people = {row[place]: int(row["people"]) for row in counted} | {ALL: int(whole["people"])}
    rows = sorted((row[place] for row in counted), key=lambda key: (key in (NO_PRACTICE, OTHER_COUNTIES), key))
    cost = crossed(
        engine, spent, place, "service_group", _.amount,
        least=least, rows=rows, columns=groups, people=people, months=counts,
    )  # fmt: skip
    use = crossed(
        engine, used, place, "measure", _.quantity,
        least=least, rows=rows, columns=MEASURES, column_sums=False, people=people, months=counts,
    )  # fmt: skip
    return cost, use


def _large_counties(engine: Engine, spent: Table, used: Table, months: Table) -> tuple[Table, Table, Table]:
    """The tables with the counties of the most people, and all others as one."""
    sizes = trends.person_months(months.filter(_.county != ""), "county").order_by([desc("people"), "county"])
    large = [row["county"] for row in engine.to_rows(sizes.limit(MOST_COUNTIES))]
    county = ifelse(_.county.isin(large), _.county, literal(OTHER_COUNTIES)) if large else literal(OTHER_COUNTIES)
    return spent.mutate(county=county), used.mutate(county=county), months.mutate(county=county)


def _person_results(engine: Engine, view: PopulationView, months: Table, used: Table | None) -> list[PersonResult]:
    """One row a person and enrollment type: truncated dollars, or acute admissions where `used` holds the events."""
    tables, year = view.tables, view.performance_year
    scores = tables["risk_scores"].select(scored="person_id", scored_type="enrollment_type", score="score")
    spent = tables["expenditure"].filter(_.year == year).select(
        "person_id", "enrollment_type", "months", observed=_.dollar_months.cast("float64") / 12
    )  # fmt: skip
    if used is not None:
        kinds = months.select("enrollment_type", at_person="person_id", at_month="month")
        counted = used.filter(_.measure == "admissions").join(
            kinds, [("person_id", "at_person"), ("month", "at_month")]
        )
        counted = counted.group_by(counted_person=_.person_id, counted_type=_.enrollment_type).aggregate(
            admissions=_.quantity.sum().cast("float64")
        )
        keys = [("person_id", "counted_person"), ("enrollment_type", "counted_type")]
        spent = spent.left_join(counted, keys).mutate(observed=coalesce(_.admissions, literal(0.0)))
    where = months.group_by(placed=_.person_id).aggregate(tin=_.tin.max())
    joined = spent.left_join(where, [("person_id", "placed")])
    joined = joined.left_join(scores, [("person_id", "scored"), ("enrollment_type", "scored_type")])
    rows = joined.select("person_id", "enrollment_type", "months", "observed", "score", tin=coalesce(_.tin, ""))
    return [
        PersonResult(
            row["person_id"], row["tin"], row["enrollment_type"], int(row["months"]), row["score"], row["observed"]
        )
        for row in engine.to_rows(rows)
    ]


def _outside(engine: Engine, spent: Table, least: int) -> tuple[Outside, ...]:
    """The providers outside with the most dollars, but for those of few people and those that would tell them."""
    rows = engine.to_rows(trends.top_outside(spent))
    totals = {
        row["service_group"]: int(row["people"])
        for row in engine.to_rows(trends.by_destination(spent, "service_group"))
        if row["inside"] == "no"
    }
    people = {(row["service_group"], row["provider"]): int(row["people"]) for row in rows}
    people |= {(group, ALL): count for group, count in totals.items()}
    sums = [
        [*sorted(key for key in people if key[0] == group and key[1] != ALL), (group, ALL)] for group in sorted(totals)
    ]
    hidden = hidden_cells(people, sums, least)
    shown = [
        Outside(row["provider"], row["service_group"], float(row["dollars"]), int(row["services"]), int(row["people"]))
        for row in rows
        if (row["service_group"], row["provider"]) not in hidden
    ]
    return tuple(sorted(shown, key=lambda item: (-item.dollars, item.provider, item.service_group))[:MOST_PROVIDERS])


def _follow_up(engine: Engine, view: PopulationView, least: int) -> Grid:
    year, of_year = view.performance_year, view.of_year
    columns = [*map(str, sorted(follow_up_rule(year)["visit_days"])), "none", ALL]
    found: list[Mapping[str, Any]] = []
    for name, starts in {
        "discharge": discharges(of_year.admissions, view.people, year),
        "emergency": released_visits(of_year.visits, view.people, year),
    }.items():
        bands = follow_up_bands(followed(starts, of_year.services, year), year).mutate(start=literal(name))
        found += engine.to_rows(with_margins(bands, "start", "band", ONE).filter(_.row_key != ALL))
    return make_grid(found, rows=["discharge", "emergency"], columns=columns, least=least)


def _repeated(engine: Engine, view: PopulationView) -> tuple[Table, Table]:
    """Lines of families outside hospital care, and candidates of the performance year."""
    year, of_year = view.performance_year, view.of_year
    lines = engine.checkpoint(
        outside_hospital_care(family_lines(of_year.claims.professional, year), of_year.stays, of_year.visits)
    )
    since, until = datetime.date(year, 1, 1), datetime.date(year, 12, 31)
    return lines, engine.checkpoint(repeated_services(lines, since, until))


def _families(
    engine: Engine, view: PopulationView, lines: Table, candidates: Table, least: int
) -> tuple[RepeatedFamily, ...]:
    year = view.performance_year
    since, until = datetime.date(year, 1, 1), datetime.date(year, 12, 31)
    rows = {row["family"]: row for row in engine.to_rows(repeated_by_family(candidates, lines, since, until))}
    in_year = lines.filter(_.date.between(date_of(since), date_of(until)))
    served = {
        row["family"]: int(row["people"])
        for row in engine.to_rows(in_year.group_by("family").aggregate(people=_.person_id.nunique()))
    }
    everybody = engine.to_rows(candidates.aggregate(people=_.person_id.nunique()))[0]["people"]
    people = {name: int(row["people"]) for name, row in rows.items()} | {ALL: int(everybody)}
    hidden = hidden_cells(people, [[*sorted(rows), ALL]], least)
    found = []
    for family in families(year):
        row = rows.get(family["family"])
        few = row is not None and is_small(served[family["family"]], least)
        unseen = family["family"] in hidden or few
        found.append(
            RepeatedFamily(
                family=family["family"],
                label=family["label"],
                days=family["days"],
                services=None if few else int(row["services"]) if row else 0,
                candidates=None if unseen else int(row["candidates"]) if row else 0,
                dollars=None if unseen else float(row["allowed_amount"]) if row else 0.0,
            )
        )
    return tuple(found)
