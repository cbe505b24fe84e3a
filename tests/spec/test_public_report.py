"""The public report: what is computed, what the ACO states, and what is named as missing (42 CFR 425.308)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from distribution_world import facts, participant, plan
from openaco.errors import ConfigurationError, ParameterError
from openaco.insight.distribution.distribute import Distribution, distribute
from openaco.insight.distribution.public_file import Public, read_public
from openaco.insight.distribution.public_report import permille, proportions, public_report, year_results
from openaco.insight.distribution.write import public_data, public_rows
from openaco.reports.distribution.pages import public_answer, render_public, render_public_fragment

USES = [
    {"kind": "advance", "name": "Loan", "balance": Decimal("100.00"), "reported_as": "infrastructure"},
    {"kind": "infrastructure", "name": "Staff", "share": Decimal("0.1")},
    {"kind": "reserve", "name": "Reserve", "share": Decimal("0.2")},
]
PEOPLE = (participant(1, 600), participant(2, 400, kind="fqhc"))
STATED = """
joint_ventures = []
participant_types = ["ACO professionals in group practice arrangements"]
waivers = ["Three-day rule of nursing facilities"]

[organization]
address = "1 Valley Road, Springfield"

[contact]
name = "Alex Invented"
phone = "555-0100"

[[governing_body]]
name = "Kim Invented"
represents = "Medicare beneficiaries"
voting_share = 0.2

[[leadership]]
name = "Pat Invented"
position = "Medical director"

[[committee]]
name = "Quality"
leader = "Pat Invented"

[[result]]
year = 2022
payment = 1000.00
participants = 0.6

[[quality]]
measure = "001"
title = "Blood sugar control"
result = 21.4

[beneficiary_incentives]
established = false

[advance_investment]
received = true
amount = 250000.00
planned = { Nurses = 200000.00 }
spent = { Nurses = 180000.00, Software = 20000.00 }
"""


def year(payment: str = "1000.00") -> Distribution:
    return distribute(plan({"formula": "panel", "share": 1}, use=USES), facts(*PEOPLE, payment=payment))


def stated(tmp_path: Path, text: str = STATED) -> Public:
    path = tmp_path / "public.toml"
    path.write_text(text, encoding="utf-8")
    return read_public(path)


def test_without_a_file_everything_nobody_stated_is_named() -> None:
    report = public_report(year(), Public())
    assert [part.key for part in report.missing] == [
        "name",
        "contact",
        "quality",
        "joint_ventures",
        "governing_body",
        "leadership",
        "committees",
        "participant_types",
        "waivers",
        "beneficiary_incentives",
        "advance_investment",
    ]
    assert all(part.text for part in report.missing)
    page = render_public(report, year())
    assert "Not ready to publish: 11 parts are not stated yet" in page
    assert page.count("Not stated yet.") == 11


def test_with_everything_stated_nothing_is_missing(tmp_path: Path) -> None:
    report = public_report(year(), stated(tmp_path))
    assert report.missing == []
    page = render_public(report, year())
    for said in ("1 Valley Road", "Alex Invented", "20.0%", "Pat Invented", "Blood sugar control", "$180,000.00"):
        assert said in page
    assert "Not ready to publish" not in page
    assert "There are no committees" not in page


def test_proportions_add_up_and_follow_reported_as() -> None:
    found = proportions(year())
    assert found == {"infrastructure": 20_000, "care": 0, "participants": 60_000, "reserve": 20_000}
    assert permille(found) == {"infrastructure": 200, "care": 0, "participants": 600, "reserve": 200}


def test_tenths_of_a_percent_add_up_to_a_hundred() -> None:
    assert permille({"a": 1, "b": 1, "c": 1}) == {"a": 334, "b": 333, "c": 333}
    assert permille({"a": 0}) == {"a": 0}


def test_what_cms_kept_for_advances_counts_among_the_earned() -> None:
    people = facts(*PEOPLE, payment="600.00")
    kept = distribute(
        plan({"formula": "panel", "share": 1}),
        people.__class__(**{**vars(people), "earned": 100_000, "recouped": 40_000}),
    )
    assert proportions(kept) == {"recouped": 40_000, "infrastructure": 0, "care": 0, "participants": 60_000}


def test_years_come_newest_first_and_what_the_aco_states_stands_over_an_own_run(tmp_path: Path) -> None:
    found = year_results(2024, -5_000, {2023: 7_700, 2022: 1}, stated(tmp_path).result)
    assert [(item.year, item.cents, item.source) for item in found] == [
        (2024, -5_000, "computed"),
        (2023, 7_700, "computed"),
        (2022, 100_000, "stated"),
    ]


@pytest.mark.parametrize(
    ("payment", "said"),
    [
        ("1000.00", "received $1,000 in shared savings and distributed 60% of it among its participants"),
        ("0", "neither received shared savings nor owed losses"),
        ("-2500", "owes Medicare $2,500 in shared losses"),
    ],
)
def test_the_page_answers_first(payment: str, said: str) -> None:
    result = year(payment)
    report = public_report(result, Public())
    assert said in public_answer(report, result)
    assert said in render_public(report, result)


def test_no_amount_and_no_number_of_a_participant_is_public(tmp_path: Path) -> None:
    report = public_report(year(), stated(tmp_path))
    told = render_public(report, year()) + str(public_data(report)) + str(public_rows(report))
    assert "Practice 1" in told
    for one in PEOPLE:
        assert one.id not in told
        assert all(clinician.npi not in told for clinician in one.clinicians)
    assert "$360.00" not in told  # what Practice 1 receives


def test_the_fragment_stands_alone_and_data_say_the_same(tmp_path: Path) -> None:
    report = public_report(year(), stated(tmp_path))
    fragment = render_public_fragment(report).strip()
    assert fragment.startswith("<section")
    assert fragment.endswith("</section>")
    assert "<html" not in fragment
    data = public_data(report)
    assert [part["key"] for part in data["parts"]] == [part.key for part in report.parts]
    assert {part["paragraph"] for part in data["parts"]} >= {"42 CFR 425.308(b)(1)", "42 CFR 425.308(b)(4)(ii)"}
    unverified = {part["key"] for part in data["parts"] if part["confidence"] == "unverified"}
    assert unverified == {"advance_investment"}
    assert {row["part"] for row in public_rows(report)} == {part.key for part in report.parts}


def test_a_year_without_parameters_is_an_error() -> None:
    result = year()
    later = replace(result.facts, performance_year=2031)
    with pytest.raises(ParameterError, match="no value for performance_year 2031"):
        public_report(distribute(result.plan, later), Public())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[contakt]\n", "contakt: unknown key (did you mean contact?)"),
        ("[[governing_body]]\nname = 'A'\nvotes = 1\n", "governing_body[1].votes: unknown key"),
        ("[[result]]\nyear = 2022\n", "result[1].payment: missing"),
        ("[[quality]]\nmeasure = '1'\n", "quality[1].result: missing"),
    ],
)
def test_a_wrong_public_file_is_named(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        stated(tmp_path, text)
    assert caught.value.message.startswith("public.toml: ")
    assert said in caught.value.message
