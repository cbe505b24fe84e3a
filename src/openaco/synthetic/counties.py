"""County figures in CMS's layout, as they would be without our ACO's effect; each county a little above or below."""

from __future__ import annotations

from openaco.synthetic.geography import COUNTIES, HOME_COUNTIES
from openaco.synthetic.roster import csv_text
from openaco.synthetic.truth.enrollment import TYPES

_KINDS = (("ESRD", "ESRD"), ("DISABLED", "DISABLED"), ("AGED/DUAL", "AGED/DUAL"), ("AGED/NON-DUAL", "AGED/NON-DUAL"))
HEADER = (
    *("Year", "State Name", "County Name", "State ID", "County ID"),
    *(
        column
        for kind, label in _KINDS
        for column in (
            f"Per capita {kind} expenditures",
            f"Average {label} HCC risk score",
            f"{label} person-years ",
        )
    ),
)
OUR_SHARE = 0.22
"""Our ACO's share of the assignable people of a county, and so the weight of national growth."""
LEVEL = 1.012
FEWEST = 11.0
FACTORS = (1.0, 0.985, 1.02, 0.99, 1.01, 1.03, 0.975, 0.95)


def county_file(year: int, usual: dict[int, float], months: dict[tuple[int, int], int]) -> str:
    """One year's file. usual: per capita by type; months: of our assigned people by county and type.

    Fewer than eleven people of a type: suppressed, but never in the county with the most of them.
    """
    largest = [_largest(months, kind) for kind in range(len(TYPES))]
    rows = []
    for at, county in enumerate(COUNTIES):
        if not county.in_united_states:
            continue
        factor = FACTORS[at % len(FACTORS)]
        cells: list[object] = []
        for kind in range(len(TYPES)):
            person_years = months.get((at, kind), 0) / 12 / OUR_SHARE
            if person_years < FEWEST and at != largest[kind]:
                cells += ["*", "*", "*"]
            else:
                level = usual[kind] * LEVEL * factor
                cells += [f"{level:.2f}", f"{factor:.5f}", f"{max(person_years, FEWEST):.2f}"]
        rows.append((year, county.state_name, county.name, int(county.ssa[:2]), int(county.ssa[2:]), *cells))
    return csv_text(HEADER, rows)


def _largest(months: dict[tuple[int, int], int], kind: int) -> int:
    return max(HOME_COUNTIES, key=lambda at: months.get((at, kind), 0))
