"""The lists and windows of assignment against the specifications (v11, Tables 8–10, Appendices B and D)."""

from __future__ import annotations

import csv
import datetime
from importlib import resources

import pytest

from openaco.errors import ParameterError
from openaco.parameters import parameter
from openaco.rules.assignment import assignment_window, list_confidence
from openaco.rules.assignment.codes import codes_with, listed_codes, specialties

DAY = datetime.date
TABLE_8 = """
99201-99205 99211-99215 99304-99310 99315-99316 99318-99318 99324-99328 99334-99337 99339-99340 99341-99345
99347-99350 99354-99355 99421-99423 99424-99427 99437-99437 99439-99439 99441-99443 99483-99483
99484-99484 99487-99487 99489-99489 99490-99490 99491-99491 99492-99494 99495-99496 99497-99498 96160-96161
G0402-G0402 G0438-G0439 G0442-G0444 G0463-G0463 G0506-G0506 G2010-G2010 G2012-G2012 G2058-G2058 G2064-G2065
G2212-G2212 G2214-G2214 G2252-G2252 G0317-G0318 G3002-G3003
"""


def spelled_out(text: str) -> set[str]:
    codes = set()
    for span in text.split():
        first, last = span.split("-")
        letter = first[0] if first[0] == "G" else ""
        codes |= {
            f"{letter}{number:0{5 - len(letter)}d}" for number in range(int(first.strip("G")), int(last.strip("G")) + 1)
        }
    return codes


def file_rows() -> list[dict[str, str]]:
    path = resources.files("openaco.parameters") / "assignment" / "primary_care_services.csv"
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def test_the_list_of_2023_is_table_8_and_every_row_up_to_2023() -> None:
    codes = {code.hcpcs_code for code in listed_codes(2023)}
    assert codes == spelled_out(TABLE_8)
    assert codes == {row["hcpcs_code"] for row in file_rows() if int(row["first_performance_year"]) <= 2023}


def test_lists_only_grow_and_hold_each_code_once() -> None:
    assert len({row["hcpcs_code"] for row in file_rows()}) == len(file_rows())
    for year in range(2019, 2026):
        assert {code.hcpcs_code for code in listed_codes(year)} <= {code.hcpcs_code for code in listed_codes(year + 1)}


def test_a_list_is_as_certain_as_its_least_certain_code() -> None:
    for year in range(2019, 2027):
        listed = [row for row in file_rows() if int(row["first_performance_year"]) <= year]
        uncertain_year = year < 2023 and any(row["year_confidence"] != "quoted" for row in file_rows())
        doubt = uncertain_year or any(row["confidence"] != "quoted" for row in listed)
        assert list_confidence(year) == ("unverified" if doubt else "quoted"), year


def test_conditions_are_known_ones() -> None:
    assert {row["condition"] for row in file_rows()} == {
        "",
        "not_during_snf_stay",
        "not_during_inpatient_stay",
        "with_base_service",
        "electing_hospital_only",
        "while_payable",
    }
    assert codes_with(2023, "with_base_service") == ["99354", "99355"]
    assert codes_with(2023, "electing_hospital_only") == ["G0463"]
    assert codes_with(2023, "while_payable") == ["99441", "99442", "99443"]
    assert codes_with(2023, "not_during_inpatient_stay") == ["99497", "99498"]
    assert len(codes_with(2023, "not_during_snf_stay")) == 10


def test_specialties_by_role() -> None:
    assert specialties(2023, "pcp") == ["01", "08", "11", "37", "38"]
    assert specialties(2023, "npp") == ["50", "89", "97"]
    listed = "06 12 13 16 23 25 26 27 29 39 46 70 79 82 83 84 86 90 98"
    assert specialties(2023, "specialist") == listed.split()
    rows = parameter("assignment/specialties", 2023).value
    assert len({row["specialty_code"] for row in rows}) == len(rows) == 27


@pytest.mark.parametrize(
    ("year", "method", "rules", "start", "end", "expanded", "cutoff"),
    [
        (2023, "retrospective", 2023, DAY(2023, 1, 1), DAY(2023, 12, 31), None, DAY(2022, 9, 30)),
        (2023, "prospective", 2023, DAY(2021, 10, 1), DAY(2022, 9, 30), None, DAY(2022, 9, 30)),
        (2025, "retrospective", 2025, DAY(2025, 1, 1), DAY(2025, 12, 31), DAY(2024, 1, 1), DAY(2024, 9, 30)),
        (2025, "prospective", 2025, DAY(2023, 10, 1), DAY(2024, 9, 30), DAY(2022, 10, 1), DAY(2024, 9, 30)),
        (2022, "retrospective", 2025, DAY(2022, 1, 1), DAY(2022, 12, 31), DAY(2021, 1, 1), DAY(2021, 9, 30)),
        (2025, "retrospective", 2024, DAY(2025, 1, 1), DAY(2025, 12, 31), None, DAY(2024, 9, 30)),
        (2017, "retrospective", 2020, DAY(2017, 1, 1), DAY(2017, 12, 31), None, None),
        (2018, "retrospective", 2022, DAY(2018, 1, 1), DAY(2018, 12, 31), None, DAY(2017, 10, 31)),
        (2018, "prospective", 2022, DAY(2016, 10, 1), DAY(2017, 9, 30), None, DAY(2017, 10, 31)),
    ],
)
def test_windows(
    year: int, method: str, rules: int, start: DAY, end: DAY, expanded: DAY | None, cutoff: DAY | None
) -> None:
    window = assignment_window(year, method, rules)
    assert (window.start, window.end, window.expanded_start, window.voluntary_cutoff) == (start, end, expanded, cutoff)
    assert window.earliest == (expanded or start)


def test_a_year_or_method_without_a_rule_is_an_error() -> None:
    with pytest.raises(ParameterError, match="2027"):
        assignment_window(2027, "retrospective", 2027)
    with pytest.raises(ParameterError, match="assignment_method"):
        assignment_window(2023, "quarterly", 2023)
    with pytest.raises(ParameterError, match="2018"):
        listed_codes(2018)
