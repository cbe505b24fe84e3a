"""The counties of the made-up ACO: real codes, invented people. SSA and FIPS codes differ on purpose of nobody."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class County:
    """A place to live. ssa and fips: state (2) and county (3); weight: how many of the people live there."""

    name: str
    state_name: str
    state: str
    ssa: str
    fips: str
    zip_code: str
    city: str
    weight: float
    in_united_states: bool = True


COUNTIES = (
    County("Hampden", "Massachusetts", "MA", "22070", "25013", "01101", "Springfield", 0.34),
    County("Hampshire", "Massachusetts", "MA", "22080", "25015", "01060", "Northampton", 0.20),
    County("Franklin", "Massachusetts", "MA", "22060", "25011", "01301", "Greenfield", 0.14),
    County("Berkshire", "Massachusetts", "MA", "22010", "25003", "01201", "Pittsfield", 0.14),
    County("Worcester", "Massachusetts", "MA", "22170", "25027", "01601", "Worcester", 0.10),
    County("Windham", "Vermont", "VT", "47120", "50025", "05301", "Brattleboro", 0.05),
    County("Cheshire", "New Hampshire", "NH", "30020", "33005", "03431", "Keene", 0.03),
    County("San Juan", "Puerto Rico", "PR", "40640", "72127", "00901", "San Juan", 0.0),
    County("Canada", "Canada", "ON", "56000", "", "", "Toronto", 0.0, in_united_states=False),
    County("Europe", "Europe", "FC", "58000", "", "", "Lisbon", 0.0, in_united_states=False),
)
HOME_COUNTIES = tuple(index for index, county in enumerate(COUNTIES) if county.weight > 0)
ABROAD = tuple(index for index, county in enumerate(COUNTIES) if not county.in_united_states)
PUERTO_RICO = next(index for index, county in enumerate(COUNTIES) if county.state == "PR")
