"""Section A of the program: size, revenue, tracks, length of agreements, and their edges."""

from __future__ import annotations

import datetime

import pytest

from openaco.errors import ParameterError
from openaco.parameters import parameter
from openaco.rules import participation as rule
from spec_tables import cells

DAY = datetime.date.fromisoformat

AGREEMENTS = """
start      | may_start | first | last
---------- | --------- | ----- | ----
2012-04-01 | yes       | 2013  | 2015
2012-07-01 | yes       | 2013  | 2015
2012-01-01 | no        | 2013  | 2015
2016-01-01 | yes       | 2016  | 2018
2018-01-01 | yes       | 2018  | 2020
2018-07-01 | no        | 2018  | 2020
2019-07-01 | yes       | 2019  | 2024
2019-01-01 | yes       | 2019  | 2021
2019-06-30 | no        | 2019  | 2021
2020-01-01 | yes       | 2020  | 2024
2024-01-01 | yes       | 2024  | 2028
2024-07-01 | no        | 2024  | 2028
"""


@pytest.mark.parametrize("row", cells(AGREEMENTS), ids=lambda row: row["start"])
def test_start_and_length_of_agreements(row: dict[str, str]) -> None:
    start = DAY(row["start"])
    assert rule.may_start(start) is (row["may_start"] == "yes")
    years = rule.agreement_years(start)
    assert (years[0], years[-1]) == (int(row["first"]), int(row["last"]))


@pytest.mark.parametrize(
    ("start", "year"),
    [("2012-04-01", 2012), ("2018-01-01", 2018), ("2019-01-01", 2018), ("2019-07-01", 2019), ("2024-01-01", 2024)],
)
def test_the_year_whose_rules_an_agreement_follows(start: str, year: int) -> None:
    assert rule.year_of_rules(DAY(start)) == year


@pytest.mark.parametrize("start", ["2011-01-01", "2028-01-01"])
def test_an_agreement_of_a_year_without_rules_is_an_error(start: str) -> None:
    with pytest.raises(ParameterError, match=start[:4]):
        rule.may_start(DAY(start))


def test_tracks_by_start_of_agreement() -> None:
    assert rule.tracks_open(2015) == ("TRACK_1", "TRACK_2")
    assert rule.tracks_open(2016) == ("TRACK_1", "TRACK_1_PLUS", "TRACK_2", "TRACK_3")
    assert rule.tracks_open(2018) == ("TRACK_1", "TRACK_1_PLUS", "TRACK_2", "TRACK_3")
    assert rule.tracks_open(2019) == rule.tracks_open(2026) == rule.RISK_ORDER


@pytest.mark.parametrize(
    ("earlier", "track", "may"),
    [
        ("TRACK_1", "TRACK_1_PLUS", True),
        ("TRACK_1_PLUS", "TRACK_1", False),
        ("BASIC_A", "BASIC_A", True),
        ("BASIC_A", "BASIC_B", True),
        ("BASIC_A", "BASIC_E", True),
        ("BASIC_E", "ENHANCED", True),
        ("BASIC_C", "BASIC_B", False),
        ("ENHANCED", "BASIC_E", False),
        ("TRACK_1", "TRACK_1", True),
        ("TRACK_1", "TRACK_2", False),
        ("TRACK_1", "BASIC_A", False),
    ],
)
def test_the_glide_path_goes_one_way(earlier: str, track: str, may: bool) -> None:
    assert rule.may_follow(track, earlier) is may


def test_one_sided_years() -> None:
    assert rule.may_stay_one_sided(6, 2024)
    assert not rule.may_stay_one_sided(7, 2024)
    assert rule.may_stay_one_sided(4, 2027)
    assert not rule.may_stay_one_sided(5, 2027)


SIZES = """
start | by1  | by2  | by3  | enough
----- | ---- | ---- | ---- | ------
2024  | 5000 | 5000 | 5000 | yes
2024  | 4999 | 5000 | 5000 | no
2024  | 5000 | 4999 | 9000 | no
2024  | 9000 | 9000 | 4999 | no
2027  | 100  | 100  | 5000 | yes
2027  | 9000 | 9000 | 4999 | no
"""


@pytest.mark.parametrize("row", cells(SIZES), ids=lambda row: "-".join(row.values()))
def test_beneficiaries_needed_to_start(row: dict[str, str]) -> None:
    assigned = {year: int(row[year]) for year in ("by1", "by2", "by3")}
    assert rule.large_enough_to_start(assigned, int(row["start"])) is (row["enough"] == "yes")


def test_beneficiaries_needed_in_a_performance_year() -> None:
    assert rule.large_enough(5_000, 2024)
    assert not rule.large_enough(4_999, 2024)


@pytest.mark.parametrize(("revenue", "status"), [(34_999_999.0, "low"), (35_000_000.0, "high"), (35_000_001.0, "high")])
def test_low_revenue_is_less_than_35_percent(revenue: float, status: str) -> None:
    assert rule.revenue_status(revenue, 100_000_000.0, 2024) == status


def test_experience_re_entry_governance_and_affiliates() -> None:
    assert rule.experienced_with_risk(40, 100, 2024)
    assert not rule.experienced_with_risk(39, 100, 2024)
    assert rule.experienced_with_risk(14, 35, 2024), "exactly 40 percent, though 0.4 × 35 is not 14 in binary"
    assert rule.re_enters(51, 100, 2024)
    assert not rule.re_enters(50, 100, 2024)
    assert rule.participants_govern(9, 12, 2024)
    assert not rule.participants_govern(8, 12, 2024)
    assert rule.may_waive_three_days(3, True, 2024)
    assert not rule.may_waive_three_days(2, True, 2024)
    assert not rule.may_waive_three_days(5, False, 2024)


def test_changes_of_ownership_are_reported_within_the_year_from_2026() -> None:
    assert parameter("mssp/structure/participant_list", 2025).value["ownership_changes_reported"] is False
    assert parameter("mssp/structure/participant_list", 2026).value["ownership_changes_reported"] is True


def test_ways_to_report_by_year() -> None:
    name = "mssp/quality/collection_types"
    assert parameter(name, 2023).value == ["ecqm", "mips_cqm", "web_interface"]
    assert "medicare_cqm" in parameter(name, 2024).value
    assert parameter(name, 2025).value == ["ecqm", "mips_cqm", "medicare_cqm"]
