"""County figures in CMS's layout, as they would be without our ACO's effect; each county a little above or below."""

from __future__ import annotations

from openaco.synthetic.geography import COUNTIES
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
FACTORS = (1.0, 0.985, 1.02, 0.99, 1.01, 1.03, 0.975, 0.95)


def county_file(year: int, usual: dict[int, float], months: dict[tuple[int, int], int]) -> str:
    """One year's file. usual: per capita by type; months: of our assigned people by county and type.

    A county in which fewer than eleven people of a type would live has its figures suppressed.
    """
    rows = []
    for at, county in enumerate(COUNTIES):
        if not county.in_united_states:
            continue
        factor = FACTORS[at % len(FACTORS)]
        cells: list[object] = []
        for kind in range(len(TYPES)):
            person_years = months.get((at, kind), 0) / 12 / OUR_SHARE
            if person_years < 11:
                cells += ["*", "*", "*"]
            else:
                cells += [f"{usual[kind] * LEVEL * factor:.2f}", f"{factor:.5f}", f"{person_years:.2f}"]
        rows.append((year, county.state_name, county.name, int(county.ssa[:2]), int(county.ssa[2:]), *cells))
    return csv_text(HEADER, rows)
