"""What the assigned cost and used, by month, year, practice and county. Every table sums to the run's expenditures."""

from __future__ import annotations

from openaco.engine import Table, _, cases, coalesce, literal


def person_months(months: Table, *by: str) -> Table:
    """Months that count and the people behind them. Grain: one combination of `by`. Columns: `months`, `people`."""
    return months.group_by(*by).aggregate(months=_.count(), people=_.person_id.nunique())


def spending_by_group(spending: Table, *by: str) -> Table:
    """Dollars that count by group of services. Grain: `by` and `service_group`.

    Columns: `dollars` (US dollars, not truncated nor completed), `people` with any such service.
    """
    return spending.group_by(*by, "service_group").aggregate(dollars=_.amount.sum(), people=_.person_id.nunique())


def spending_by_category(spending: Table, *by: str) -> Table:
    """The same by category of service, finer. Grain: `by`, `service_group` and `category`. Columns: `dollars` (US
    dollars), `people`."""
    return spending.group_by(*by, "service_group", "category").aggregate(
        dollars=_.amount.sum(), people=_.person_id.nunique()
    )


def use(events: Table, *by: str) -> Table:
    """Admissions, visits and days. Grain: `by` and `measure`. Columns: `quantity` (events, or days), `people`."""
    return events.group_by(*by, "measure").aggregate(
        quantity=_.quantity.sum().cast("int64"), people=_.person_id.nunique()
    )


def placed(rows: Table, months: Table) -> Table:
    """Spending or events with `tin` and `county` of the person's month; both blank where the month has none."""
    where = months.select("tin", "county", at_person="person_id", at_month="month")
    joined = rows.left_join(where, [("person_id", "at_person"), ("month", "at_month")]).drop("at_person", "at_month")
    return joined.mutate(tin=coalesce(_.tin, literal("")), county=coalesce(_.county, literal("")))


def by_destination(spending: Table, *by: str) -> Table:
    """Dollars inside and outside the ACO's participants. Grain: `by` and `inside` (yes, no, unknown: the claim names
    neither a TIN nor a facility). Columns: `dollars` (US dollars), `services` (claims or lines), `people`."""
    named = spending.filter(_.category != "not_final")
    return named.group_by(*by, "inside").aggregate(
        dollars=_.amount.sum(), services=_.count(), people=_.person_id.nunique()
    )


def top_outside(spending: Table) -> Table:
    """Where people went outside the participants. Grain: one TIN or facility (`provider`) and group of services.

    Columns: `dollars` (US dollars), `services`, `people`.
    """
    outside = spending.filter(_.inside == "no", _.category != "not_final")
    return outside.group_by("provider", "service_group").aggregate(
        dollars=_.amount.sum(), services=_.count(), people=_.person_id.nunique()
    )


VISITS = ("primary_care_visits", "specialist_visits", "preventive_visits", "care_management")


def visit_places(spending: Table, months: Table) -> Table:
    """Visits of the people of each practice. Grain: one visit (claim line). Columns: `person_id`, `tin` (the person's
    practice), `where`: own (that practice), others (another participant) or elsewhere."""
    visits = placed(spending.filter(_.category.isin(list(VISITS)), _.inside != "unknown"), months)
    where = cases(
        (_.provider == "tin:" + _.tin, literal("own")),
        (_.inside == "yes", literal("others")),
        else_=literal("elsewhere"),
    )
    return visits.filter(_.tin != "").select("person_id", "tin", where=where)
