"""A population as one HTML page, one JSON file, and the candidates for a question as a file for those who care."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from openaco.engine import Engine
from openaco.insight.population import PopulationInsight
from openaco.insight.population.concentration import NEXT, TOP
from openaco.insight.population.funnel_plots import FunnelPoint
from openaco.insight.population.grids import ALL, Grid
from openaco.insight.population.repeated import PAIR
from openaco.reports import charts, formats
from openaco.reports.charts import Bar
from openaco.reports.figures import Figure, figure
from openaco.reports.html import asset, environment
from openaco.reports.population_charts import funnel_plot, year_lines

HIDDEN = "*"
PER_THOUSAND = 12_000.0
GROUPS = {
    "inpatient": "Inpatient",
    "post_acute": "After acute care",
    "hospice": "Hospice",
    "outpatient": "Outpatient facilities",
    "professional": "Clinicians",
    "imaging": "Imaging",
    "laboratory": "Laboratory",
    "part_b_drugs": "Part B drugs",
    "ambulance": "Ambulance",
    "equipment": "Equipment",
    "none": "Not paid",
    "other": "Corrections of earlier claims",
    ALL: "All services",
}
MEASURES = {
    "admissions": "Acute admissions",
    "emergency_visits": "Emergency visits",
    "skilled_nursing_days": "Skilled nursing days",
    "readmissions": "Readmissions in 30 days",
}
KINDS = {
    "skilled_nursing": "Skilled nursing",
    "home_health": "Home health",
    "inpatient_rehabilitation": "Rehabilitation hospital",
    "inpatient_long_term": "Long-term hospital",
    "none": "None of these",
    ALL: "All discharges",
}
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December")  # fmt: skip


def write_population(engine: Engine, found: PopulationInsight, folder: Path) -> Path:
    """Write `population.html`, `population.json` and `repeated_services.csv` (which holds people: for those who care
    for them alone); returns the page's path."""
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "population.json", json.dumps(as_data(found), indent=1) + "\n")
    _write_candidates(engine, found, folder / "repeated_services.csv")
    return _write(folder / "population.html", render(found))


def _write(path: Path, text: str) -> Path:
    draft = path.with_name(f".{path.name}.draft")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)
    return path


def _write_candidates(engine: Engine, found: PopulationInsight, path: Path) -> None:
    rows = engine.to_rows(found.repeated_lines.order_by(["family", "person_id", "date", "claim_id"]))
    draft = path.with_name(f".{path.name}.draft")
    with draft.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, fieldnames=list(PAIR))
        writer.writeheader()
        writer.writerows(rows)
    draft.replace(path)


def as_data(found: PopulationInsight) -> dict[str, Any]:
    """The tables as plain data: sums in US dollars and counts by row and column; null where hidden."""
    grids = (
        "spending_by_month", "use_by_month", "spending_by_practice", "use_by_practice", "spending_by_county",
        "use_by_county", "destinations", "network", "post_acute", "follow_up", "concentration",
    )  # fmt: skip
    return {
        "run": found.view.run_id,
        "performance_year": found.view.performance_year,
        "as_of": found.view.as_of.isoformat(),
        "least_people_in_a_cell": found.least,
        **{name: _grid_data(getattr(found, name)) for name in grids},
        "seasonality": {str(month): ratio for month, ratio in found.seasonality().items()},
        "funnels": {
            "cost": _funnel_data(found, "cost"),
            "admissions": _funnel_data(found, "admissions"),
        },
        "outside": [vars(item) for item in found.outside],
        "repeated": [vars(item) for item in found.repeated],
    }


def _grid_data(grid: Grid) -> list[dict[str, Any]]:
    return [
        {"row": row, "months": grid.months.get(row), **{column: grid.value(row, column) for column in grid.columns}}
        for row in grid.rows
    ]


def _funnel_data(found: PopulationInsight, what: str) -> list[dict[str, Any]]:
    return [
        {"practice": point.place, "ratio": point.ratio, "limits_95": point.inner, "limits_99_8": point.outer}
        for point in shown_points(found, what)
    ]


def shown_points(found: PopulationInsight, what: str) -> list[FunnelPoint]:
    """The practices whose cost, or admissions, the tables show too: a point would tell what they hide."""
    if what == "cost":
        points, grid, column = found.cost_funnel.points, found.spending_by_practice, ALL
    else:
        points, grid, column = found.admission_funnel.points, found.use_by_practice, "admissions"
    names = found.practice_names
    return [
        replace(point, place=names.get(point.place, point.place))
        for point in points
        if point.expected and grid.value(point.place, column) is not None
    ]


def answer(found: PopulationInsight) -> str:
    """The one sentence that the reader came for."""
    grid, year = found.spending_by_month, found.view.performance_year
    now = grid.rate(str(year), ALL, 1)
    before = grid.rate(str(year - 1), ALL, 1) if year - 1 in found.view.years else None
    if now is None:
        return f"Too few people were assigned in {year} to show what they cost."
    cost = f"A person cost {formats.dollars(now)} a month in {year}"
    if not before:
        return f"{cost}."
    change = now / before - 1
    way = "more" if change >= 0 else "less"
    return f"{cost}, {formats.percent(abs(change))} {way} than the year before."


def render(found: PopulationInsight) -> str:
    """The page: the same insight gives the same bytes."""
    return (
        environment()
        .get_template("population.html.j2")
        .render(
            found=found,
            view=found.view,
            answer=answer(found),
            style=asset("report.css"),
            trend=trend_figure(found),
            categories=category_figure(found),
            cost=funnel_figure(found, "cost"),
            admissions=funnel_figure(found, "admissions"),
            elsewhere=elsewhere_figure(found),
            high=concentration_figure(found),
            tables=tables(found),
            hidden=HIDDEN,
        )
    )


def trend_figure(found: PopulationInsight) -> Figure | None:
    """Dollars per person-month by month, a line a year, and the season."""
    grid, years = found.spending_by_month, found.view.years
    values = {year: [grid.rate(f"{year}-{month:02d}", ALL, 1) for month in range(1, 13)] for year in years}
    if not any(value is not None for series in values.values() for value in series):
        return None
    values = {year: series for year, series in values.items() if any(value is not None for value in series)}
    season = found.seasonality()
    high = max(season, key=lambda month: season[month])
    finding = (
        f"{MONTHS[high - 1]} costs most: {formats.percent(season[high] - 1, 0)} more than the year’s average month"
    )
    rows = [
        (
            MONTHS[month - 1],
            *(text(grid.rate(f"{year}-{month:02d}", ALL, 1), "$") for year in years),
            text(season.get(month), "ratio"),
        )
        for month in range(1, 13)
    ]
    return figure(
        "trend",
        finding,
        "US dollars per person-month by month, one line a year; the strong line is the last year.",
        lambda width: year_lines(values, width),
        ("Month", *map(str, years), "Season, 1 is average"),
        rows,
    )


def category_figure(found: PopulationInsight) -> Figure:
    """Dollars per person-month by group of services, beside the year before."""
    grid, year = found.spending_by_month, str(found.view.performance_year)
    before = str(found.view.performance_year - 1)
    amounts = {group: grid.rate(year, group, 1) for group in found.groups}
    known = {group: amount for group, amount in amounts.items() if amount is not None}
    first = max(known, key=lambda group: known[group]) if known else ALL
    share = grid.share(year, first)
    rows = [
        Bar(
            GROUPS.get(group, group),
            f"{formats.dollars(amount)}",
            amount,
            mark=grid.rate(before, group, 1) if before in grid.rows else None,
        )
        for group, amount in known.items()
    ]
    years = [str(each) for each in found.view.years]
    return figure(
        "groups",
        f"{GROUPS.get(first, first)} takes {formats.percent(share, 0)} of the dollars",
        "US dollars per person-month by group of services as bars from zero; the mark is the year before.",
        lambda width: charts.bars(rows, width),
        ("Services", *years),
        [
            (GROUPS.get(group, group), *(text(grid.rate(each, group, 1), "$") for each in years))
            for group in (*found.groups, ALL)
        ],
    )


def funnel_figure(found: PopulationInsight, what: str) -> Figure | None:
    """Variation between practices: cost or admissions."""
    of = found.cost_funnel if what == "cost" else found.admission_funnel
    points = shown_points(found, what)
    if not points:
        return None
    far = sum(point.verdict == "outside 99.8%" for point in points)
    near = sum(point.verdict == "outside 95%" for point in points)
    subject = "cost" if what == "cost" else "the rate of acute admissions"
    finding = (
        f"{far} of {formats.plural(len(points), 'practice')} {'differs' if far == 1 else 'differ'} in {subject} "
        "by more than chance explains"
        if far
        else f"Chance alone could explain how {subject} differs between practices"
        + (f"; {formats.plural(near, 'practice')} deserve{'s' if near == 1 else ''} a second look" if near else "")
    )
    return figure(
        f"funnel-{what}",
        finding,
        "Each point a practice: observed over expected for its people’s enrollment types and risk scores; larger "
        "practices to the right. The dark band holds 95% of practices by chance, the pale one 99.8%.",
        lambda width: funnel_plot(of, points, width),
        ("Practice", "Observed / expected", "95% limits", "99.8% limits", "Lies"),
        [
            (
                point.place,
                formats.number(point.ratio, 2),
                _limits(point.inner),
                _limits(point.outer),
                point.verdict,
            )
            for point in points
        ],
    )


def _limits(pair: tuple[float, float]) -> str:
    return f"{formats.number(pair[0], 2)} to {formats.number(pair[1], 2)}"


def elsewhere_figure(found: PopulationInsight) -> Figure:
    """What part of each group of services the participants gave."""
    grid = found.destinations
    shares = {row: grid.share(row, "no") for row in grid.rows}
    rows = [
        Bar(GROUPS.get(row, row), formats.percent(share, 0), share, strong=row == ALL)
        for row, share in shares.items()
        if share is not None
    ]
    whole = shares.get(ALL)
    finding = "Where people went cannot be shown" if whole is None else (
        f"{formats.percent(whole, 0)} of the dollars were paid elsewhere than to participants"
    )  # fmt: skip
    return figure(
        "elsewhere",
        finding,
        "Part of the dollars of each group of services paid elsewhere than to participants, as bars from zero.",
        lambda width: charts.bars(rows, width, (0.0, 1.0)),
        ("Services", "Participants", "Elsewhere", "Not told by the claim", "Elsewhere, share"),
        [
            (
                GROUPS.get(row, row),
                *(text(grid.value(row, column), "$") for column in ("yes", "no", "unknown")),
                text(shares[row], "%"),
            )
            for row in grid.rows
        ],
    )


def concentration_figure(found: PopulationInsight) -> Figure:
    """What the people with the most dollars use, as groups."""
    grid = found.concentration
    first, following = grid.value(ALL, TOP), grid.value(ALL, NEXT)
    whole = grid.value(ALL, ALL)
    if first is None or following is None or not whole:
        finding = "Too few people to show what the most expensive care went to"
    else:
        finding = (
            f"1% of people needed {formats.percent(first / whole, 0)} of the dollars, "
            f"5% needed {formats.percent((first + following) / whole, 0)}"
        )
    top = {row: grid.value(row, TOP) for row in grid.rows if row != ALL}
    rows = [
        Bar(GROUPS.get(row, row), formats.percent(amount / first, 0), amount / first)
        for row, amount in sorted(top.items(), key=lambda item: -(item[1] or 0.0))
        if amount is not None and first
    ]
    return figure(
        "concentration",
        finding,
        "What the dollars of the 1% of people with the most paid for, as bars from zero.",
        lambda width: charts.bars(rows or [Bar("Hidden: fewer than may be shown", "", 0.0)], width),
        ("Services", *grid.columns),
        [(GROUPS.get(row, row), *(text(grid.value(row, column), "$") for column in grid.columns)) for row in grid.rows],
    )


def text(value: float | None, unit: str = "") -> str:
    """A cell in words: hidden ones as `*`. unit: $, %, ratio, or none for a count."""
    if value is None:
        return HIDDEN
    if unit == "$":
        return formats.dollars(value)
    if unit == "%":
        return formats.percent(value, 0)
    return formats.number(value, 2 if unit == "ratio" else 0)


def tables(found: PopulationInsight) -> dict[str, dict[str, Any]]:
    """The tables of the page: caption with its unit, header, rows of text."""
    names = {**found.practice_names, "": "None of the practices", ALL: "All"}
    year = found.view.performance_year
    return {
        "use_by_year": _use_table(
            found, found.use_by_month, [str(each) for each in found.view.years], {}, "By year, per 1,000 person-years"
        ),
        "practices": _use_table(
            found, found.use_by_practice, found.use_by_practice.rows, names,
            f"By practice with most of a person’s primary care, {year}, per 1,000 person-years",
            found.spending_by_practice,
        ),
        "counties": _use_table(
            found, found.use_by_county, found.use_by_county.rows, {ALL: "All"},
            f"By county (state and county code), {year}, per 1,000 person-years", found.spending_by_county,
        ),
        "outside": {
            "caption": f"Elsewhere, most dollars first, {year}",
            "header": ("Provider", "Services", "US dollars", "Claims or lines", "People"),
            "rows": [
                (provider(item.provider), GROUPS.get(item.service_group, item.service_group),
                 formats.dollars(item.dollars), formats.number(item.services), formats.number(item.people))
                for item in found.outside
            ],
        },
        "network": _share_table(
            found.network, names, ("own", "others", "elsewhere"),
            ("Practice", "Own practice", "Other participants", "Elsewhere", "Visits"),
            f"Where the people of each practice had their visits, {year}, share of visits",
        ),
        "post_acute": _share_table(
            found.post_acute, {ALL: "All hospitals"}, found.post_acute.columns[:-1],
            ("Hospital (CCN)", *(KINDS.get(kind, kind) for kind in found.post_acute.columns[:-1]), "Discharges"),
            f"Where people went after acute care, {year}, share of discharges alive",
        ),
        "follow_up": _follow_up_table(found),
        "repeated": {
            "caption": f"Billed again by another practice within the window, {year}: candidates for a question",
            "header": ("Services", "Window, days", "Services billed", "Candidates", "Allowed, US dollars"),
            "rows": [
                (item.label, formats.number(item.days), text(item.services), text(item.candidates),
                 text(item.dollars, "$"))
                for item in found.repeated
            ],
        },
    }  # fmt: skip


def provider(code: str) -> str:
    """`tin:…` and `ccn:…` in words."""
    kind, _, number = code.partition(":")
    return f"{'Practice, TIN' if kind == 'tin' else 'Facility, CCN'} {number}"


def _use_table(
    found: PopulationInsight,
    grid: Grid,
    rows: Sequence[str],
    names: Mapping[str, str],
    caption: str,
    spending: Grid | None = None,
) -> dict[str, Any]:
    cost = spending or found.spending_by_month
    return {
        "caption": caption,
        "header": ("", "Person-years", "US dollars per person-month", *MEASURES.values(), "Readmitted, of discharges"),
        "rows": [
            (
                names.get(row, row),
                text(grid.months[row] / 12 if row in grid.months else None),
                text(cost.rate(row, ALL, 1), "$"),
                *(_use(found, grid, row, measure) for measure in MEASURES),
                _readmitted(found, grid, row),
            )
            for row in rows
        ],
    }


def _use(found: PopulationInsight, grid: Grid, row: str, measure: str) -> str:
    if measure == "readmissions" and not _known_before(found, row):
        return formats.NONE
    return text(grid.rate(row, measure, PER_THOUSAND))


def _readmitted(found: PopulationInsight, grid: Grid, row: str) -> str:
    if not _known_before(found, row):
        return formats.NONE
    again, index = grid.value(row, "readmissions"), grid.value(row, "index_discharges")
    if again is None or index is None:
        return HIDDEN
    return formats.percent(again / index) if index else formats.NONE


def _known_before(found: PopulationInsight, row: str) -> bool:
    """Whether the enrollment of the year before is known, without which no discharge of a year is an index one."""
    year = int(row) if len(row) == 4 and row.isdigit() else found.view.performance_year
    return found.view.first_enrollment.year < year


def _share_table(
    grid: Grid, names: Mapping[str, str], columns: Sequence[str], header: Sequence[str], caption: str
) -> dict[str, Any]:
    return {
        "caption": caption,
        "header": tuple(header),
        "rows": [
            (
                names.get(row, row),
                *(text(grid.share(row, column), "%") for column in columns),
                text(grid.value(row, ALL)),
            )
            for row in grid.rows
        ],
    }


def _follow_up_table(found: PopulationInsight) -> dict[str, Any]:
    grid = found.follow_up
    limits = [column for column in grid.columns if column not in ("none", ALL)]
    names = {"discharge": "Discharge from acute care", "emergency": "Emergency visit, then home"}
    rows = []
    for row in grid.rows:
        whole, shares = grid.value(row, ALL), []
        for place in range(len(limits)):
            parts = [grid.value(row, limit) for limit in limits[: place + 1]]
            known = [part for part in parts if part is not None]
            if whole is None or len(known) < len(parts):
                shares.append(HIDDEN)
            else:
                shares.append(formats.percent(sum(known) / whole, 0) if whole else formats.NONE)
        rows.append((names[row], text(whole), *shares))
    return {
        "caption": f"Seen by a clinician after it, {found.view.performance_year}, share",
        "header": ("After", "Count", *(f"Within {limit} days" for limit in limits)),
        "rows": rows,
    }
