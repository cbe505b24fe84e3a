"""Matching of people, edge by edge: what joins two records, what makes them a question, and what says nothing."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pytest

from openaco.programs.matching import compared
from openaco.programs.matching.links import Link, contradiction, exact_links
from openaco.programs.matching.match import match_people
from openaco.programs.matching.records import Record
from spec_tables import cells

ANNA = Record(
    "clinic",
    "1",
    first_name="ANNA",
    last_name="RIVERTON",
    birth_date=datetime.date(1950, 1, 12),
    sex_code="2",
    address="1 MAIN ST",
    zip_code="12345",
)

NAMES = """
written            | spelled
------------------ | -------
O'Hara-Stoneman    | OHARASTONEMAN
 García            | GARCIA
Winters, Jr.       | WINTERS
DE LA CRUZ III     | DELACRUZ
Sr                 | SR
"""


def test_names_are_spelled_alike() -> None:
    assert {row["written"]: compared.name(row["written"]) for row in cells(NAMES)} == {
        row["written"]: row["spelled"] for row in cells(NAMES)
    }
    assert compared.name(None) is None
    assert compared.name(" - ") is None
    assert compared.address("12 North Main Street, Apartment 4") == "12 N MAIN ST APT 4"
    assert compared.zip_code("12345-6789") == "12345"
    assert compared.zip_code("1234") is None


SLIPS = """
one     | other    | slip
------- | -------- | ----
RIVERS  | RIVERS   | yes
RIVERS  | RIVRES   | yes
RIVERS  | RIVIERS  | yes
RIVERS  | RIVER    | yes
RIVERS  | RIVARS   | yes
RIVERS  | RIVALS   | no
RIVERS  | SREVIR   | no
RIVERS  | RIV      | no
"""


@pytest.mark.parametrize("row", cells(SLIPS), ids=lambda row: row["other"])
def test_one_slip(row: dict[str, str]) -> None:
    assert compared.one_slip(row["one"], row["other"]) == (row["slip"] == "yes")
    assert compared.one_slip(row["other"], row["one"]) == (row["slip"] == "yes")


def test_birth_dates_that_may_be_one() -> None:
    day = datetime.date(1950, 3, 12)
    assert compared.dates_agree(day, datetime.date(1950, 12, 3))
    assert compared.dates_agree(day, datetime.date(1950, 3, 13))
    assert compared.dates_agree(day, None)
    assert not compared.dates_agree(day, datetime.date(1951, 4, 12))


def test_similarity_is_jaro_winkler() -> None:
    assert compared.similarity("MARTHA", "MARHTA") == pytest.approx(0.9611, abs=1e-4)
    assert compared.similarity("DIXON", "DICKSONX") == pytest.approx(0.8133, abs=1e-4)
    assert compared.similarity("ABC", "XYZ") == 0


EXACT = """
what differs            | change                       | links
----------------------- | ---------------------------- | -----
nothing                 |                              | same details
another ZIP code        | zip_code=54321               |
no sex known            | sex_code=                    |
the same Medicare number| mbi=1S00AA0AA11 zip_code=9   | mbi
the same record number  | number=x:7 zip_code=9        | record number
"""


@pytest.mark.parametrize("row", cells(EXACT), ids=lambda row: row["what differs"])
def test_exact_keys(row: dict[str, str | None]) -> None:
    stated = dict(part.split("=") for part in (row["change"] or "").split())
    one, other = ANNA, replace(ANNA, system="hospital", id="2")
    if "number" in stated:
        numbers = (stated.pop("number"),)
        one, other = replace(one, record_numbers=numbers), replace(other, record_numbers=numbers)
    if "mbi" in stated:
        one = replace(one, mbi=stated["mbi"])
    other = replace(other, **{name: value or None for name, value in stated.items()})
    assert [link.reason for link in exact_links([one, other])] == ([row["links"]] if row["links"] else [])


def test_a_shared_medicare_number_with_another_birth_date_is_a_question() -> None:
    one = replace(ANNA, mbi="1S00AA0AA11")
    other = replace(one, system="hospital", id="2", birth_date=datetime.date(1931, 7, 30), last_name="OAKLEY")
    found = match_people([one, other], probable=False)
    assert found.people == 2
    assert [question.why for question in found.questions] == ["birth dates differ"]


def test_the_same_details_under_two_medicare_numbers_are_a_question() -> None:
    one, other = replace(ANNA, mbi="1S00AA0AA11"), replace(ANNA, system="hospital", id="2", mbi="1S00AA0AA22")
    assert contradiction(one, other) == "Medicare numbers differ"
    found = match_people([one, other], probable=False)
    assert (found.people, len(found.questions)) == (2, 1)


def test_a_record_between_two_beneficiaries_joins_neither_to_the_other() -> None:
    first = replace(ANNA, system="medicare", id="M1", mbi="M1")
    second = replace(first, id="M2", mbi="M2")
    found = match_people([first, second, ANNA], probable=False)
    people = {item.record.key: item.person_id for item in found.placed}
    assert people[("medicare", "M1")] != people[("medicare", "M2")]
    assert people[("clinic", "1")] == "M1"
    assert [question.why for question in found.questions] == ["two Medicare numbers would be one person"]


def test_a_person_bears_the_medicare_number_or_the_first_record() -> None:
    other = replace(ANNA, system="hospital", id="2")
    assert {item.person_id for item in match_people([ANNA, other], probable=False).placed} == {"clinic/1"}
    medicare = replace(ANNA, system="medicare", id="M1", mbi="M1")
    found = match_people([ANNA, other, medicare], probable=False)
    assert {item.person_id for item in found.placed} == {"M1"}
    assert {item.reason for item in found.placed} == {"same details"}


def test_twins_are_never_joined_and_once_decided_never_asked_again() -> None:
    twin = replace(ANNA, system="hospital", id="2", first_name="ANNE", phone="5551234567")
    one = replace(ANNA, phone="5551234567")
    found = match_people([one, twin])
    assert found.people == 2
    assert len(found.questions) == 1
    decision = {
        "source_system_1": "clinic",
        "source_person_id_1": "1",
        "source_system_2": "hospital",
        "source_person_id_2": "2",
    }
    assert match_people([one, twin], [decision | {"decision": "different"}]).questions == ()
    assert match_people([one, twin], [decision | {"decision": "same"}]).people == 1


def test_a_link_of_an_earlier_run_falls_when_something_speaks_against_it() -> None:
    other = replace(ANNA, system="hospital", id="2", zip_code="54321")
    link = Link(("clinic", "1"), ("hospital", "2"), "probable", 0.9995)
    assert match_people([ANNA, other], probable=False, kept=[link]).people == 1
    born = replace(other, birth_date=datetime.date(1961, 2, 3))
    assert match_people([ANNA, born], probable=False, kept=[link]).people == 2
    assert match_people([ANNA], probable=False, kept=[link]).people == 1
