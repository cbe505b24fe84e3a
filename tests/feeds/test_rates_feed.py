"""Prices: own lists, hospitals' CSV tall and wide and JSON, insurers' in-network JSON; what is wrong is put aside."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from documented_pages import typed
from feeding import rows, write
from openaco.engine import Lake
from openaco.errors import FeedError
from openaco.feeds.package import open_package
from openaco.feeds.rates import load
from openaco.feeds.rates.in_network import provider_groups
from openaco.feeds.rates.prices import Unreadable, amount, chosen_codes
from openaco.feeds.textfile import opener_of
from openaco.tables import MarketRate, NegotiatedRate
from rates_files import GROUPS, PRICE_LIST, TALL, WIDE, hospital_json, in_network


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake.create(tmp_path / "lake")


def loaded(lake: Lake, folder: Path, name: str, content: str | bytes, **options: Any) -> Any:
    """Load one file as market prices unless told otherwise."""
    write(folder, **{name: content})
    return load(lake, folder / name.replace("__", "."), **({"role": "market"} | options))


def market(lake: Lake) -> list[dict[str, Any]]:
    return rows(lake, MarketRate)


def shown(row: dict[str, Any], *names: str) -> tuple[Any, ...]:
    return tuple(row[name] for name in names)


def test_a_price_list(lake: Lake, tmp_path: Path) -> None:
    report = loaded(lake, tmp_path / "in", "prices__csv", PRICE_LIST, role="negotiated")
    assert not report.quarantined
    found = rows(lake, NegotiatedRate)
    assert shown(found[0], "payer", "plan", "billing_code_type", "billing_code", "rate", "tin", "setting") == (
        "River Health", "PPO", "CPT", "99213", Decimal("1101.26"), "123456789", "outpatient",
    )  # fmt: skip
    assert shown(found[0], "effective_date", "expiration_date") == (date(2024, 1, 1), date(2024, 12, 31))
    assert shown(found[1], "modifiers", "effective_date", "rate") == ("26", date(2024, 1, 1), Decimal("40.00"))
    assert shown(found[2], "billing_code_type", "plan", "source_line") == ("HCPCS", None, 4)
    assert shown(found[3], "billing_code_type", "billing_code") == ("MS-DRG", "470")


WRONG_LINES = [
    ("River Health,CPT,99213,", "rate is blank"),
    ("River Health,CPT,99213,free", "rate is not a number"),
    ("River Health,CPT,99213,0", "rate is not above zero"),
    ("River Health,CPT,99213,-4", "rate is not above zero"),
    ("River Health,CPT,99213,NaN", "rate is not a number"),
    ("River Health,CPT,99213,1e15", "rate is not a number"),
    ("River Health,CPT,,10", "billing_code is blank"),
    ("River Health,,470,10", "billing_code_type is blank"),
    (",CPT,99213,10", "payer is blank"),
    ("River Health,CPT,99213,10,extra", "the line does not have 4 cells"),
]


@pytest.mark.parametrize(("line", "reason"), WRONG_LINES, ids=[reason for _line, reason in WRONG_LINES])
def test_a_bad_line_is_put_aside_with_its_reason(line: str, reason: str, lake: Lake, tmp_path: Path) -> None:
    text = f"payer,billing_code_type,billing_code,rate\nRiver Health,CPT,99214,11\n{line}\n"
    report = loaded(lake, tmp_path / "in", "prices__csv", text)
    assert report.quarantined == {reason: 1}
    assert [row["billing_code"] for row in market(lake)] == ["99214"]
    aside = lake.quarantine()
    assert shown(aside[0], "source_file", "source_line", "content") == ("prices.csv", 3, line)


def test_bad_dates_settings_and_numbers_are_put_aside(lake: Lake, tmp_path: Path) -> None:
    text = (
        "payer,billing_code,rate,effective_date,setting,billing_class,npi\n"
        "P,99213,10,2024-02-30,,,\nP,99213,10,,at night,,\nP,99213,10,,,nobody,\nP,99213,10,,,,12\n"
        "P,99213,10,,,facility,\n"
    )
    report = loaded(lake, tmp_path / "in", "prices__csv", text)
    assert Counter(report.quarantined) == Counter(
        {
            "a date is not of the form YYYY-MM-DD": 1,
            "setting is none of inpatient, outpatient, both": 1,
            "billing_class is none of professional, institutional, both": 1,
            "npi has not ten digits": 1,
        }
    )
    assert [row["billing_class"] for row in market(lake)] == ["institutional"]


def test_headers_are_named(lake: Lake, tmp_path: Path) -> None:
    text = "Procedure;x,Contracted Fee\n99213,88.4\n"
    report = loaded(
        lake,
        tmp_path / "in",
        "ours__csv",
        text,
        columns="billing_code=procedure;x, rate = contracted fee",
        payer="Blue",
    )
    assert report.row_count == 1
    assert shown(market(lake)[0], "payer", "billing_code", "rate") == ("Blue", "99213", Decimal("88.40"))


WRONG_LISTS = [
    ("code,payer\n99213,P\n", {}, "no column is known as rate. Name it: --columns rate=HEADER. Known headers are RATE"),
    ("rate,payer\n9,P\n", {}, "no column is known as billing_code"),
    ("code,rate\n99213,9\n", {}, "no column says who pays. Say it for the whole list with --payer NAME"),
    ("code,rate\n99213,9\n", {"columns": "rate=Fee", "payer": "P"}, "the header has no FEE. Correct it in --columns"),
    ("code,rate\n99213,9\n", {"columns": "rat=Fee"}, "'rat' is no column of a price list. Did you mean rate"),
    ("code,rate\n99213,9\n", {"columns": "rate"}, "'rate' names no header"),
    ("code,rate\n99213,9\n", {"role": "ours"}, "'ours' is neither negotiated nor market"),
    ('{"reporting_structure": []}', {}, "is JSON, but neither"),
    ('["a"]', {}, "is no well-formed JSON object"),
    ('{"in_network": [', {}, "is no well-formed JSON object, or is cut off"),
    ('{"in_network": []}', {}, "does not say reporting_entity_name"),
    ("hospital_name,version\nLake,3.0.0\n", {}, "has no three header lines"),
    ("hospital_name,version\nLake,3.0.0\na,b\n", {}, "line 3 does not name codes and negotiated charges"),
]


@pytest.mark.parametrize(("text", "options", "says"), WRONG_LISTS, ids=[row[2][:40] for row in WRONG_LISTS])
def test_a_file_of_no_known_form_is_refused(
    text: str, options: dict[str, Any], says: str, lake: Lake, tmp_path: Path
) -> None:
    with pytest.raises(FeedError) as caught:
        loaded(lake, tmp_path / "in", "prices__csv", text, **options)
    assert says in str(caught.value)
    assert lake.deliveries() == []


def test_a_hospitals_tall_file(lake: Lake, tmp_path: Path) -> None:
    report = loaded(lake, tmp_path / "in", "lake__csv", TALL)
    found = market(lake)
    assert [shown(row, "payer", "billing_code", "rate") for row in found[:2]] == [
        ("River Health", "99213", Decimal("120.00")),
        ("Other Plan", "99213", Decimal("140.00")),
    ]
    assert shown(found[0], "other_codes", "setting", "published_by", "updated_on", "method") == (
        "RC 510", "outpatient", "Lake Hospital", date(2025, 11, 14), "fee schedule",
    )  # fmt: skip
    stay = next(row for row in found if row["billing_code"] == "470")
    assert shown(stay, "rate", "percentage", "typical_amount", "other_codes", "source_line") == (
        None, 50.0, Decimal("21345.12"), "LOCAL 17", 7,
    )  # fmt: skip
    drug = next(row for row in found if row["billing_code"] == "J1450")
    assert shown(drug, "drug_unit", "other_codes", "setting") == ("100 ML", "NDC 25021-0184-82", "both")
    assert report.quarantined == {
        "rate is not above zero": 1,
        "setting is none of inpatient, outpatient, both": 1,
    }
    assert "1 prices that are a formula without any amount are not stored" in report.notes
    assert "99214" not in {row["billing_code"] for row in found}


def test_a_hospitals_wide_file_of_version_2(lake: Lake, tmp_path: Path) -> None:
    loaded(lake, tmp_path / "in", "lake__csv", WIDE.encode("cp1252").replace(b"visit", b"visit \x96", 1))
    found = market(lake)
    assert [shown(row, "payer", "plan", "billing_code", "rate", "percentage", "modifiers") for row in found] == [
        ("River Health", "PPO", "99213", Decimal("120.00"), None, "25|57"),
        ("Other Plan", "HMO", "99213", None, 60.0, "25|57"),
        ("Other Plan", "HMO", "99214", Decimal("155.50"), None, None),
    ]
    assert found[1]["typical_amount"] is None
    assert found[0]["updated_on"] == date(2024, 7, 1)


def test_a_hospitals_json(lake: Lake, tmp_path: Path) -> None:
    report = loaded(lake, tmp_path / "in", "lake__json", hospital_json())
    found = market(lake)
    assert [shown(row, "billing_code", "setting", "modifiers", "rate", "source_line") for row in found] == [
        ("99213", "outpatient", None, Decimal("120.01"), 1),
        ("99213", "inpatient", "26", None, 1),
        ("J1450", "both", None, Decimal("35.00"), 2),
    ]
    assert shown(found[1], "percentage", "typical_amount") == (50.0, Decimal("77.50"))
    assert report.quarantined == {"rate is not above zero": 1}
    assert json.loads(lake.quarantine()[0]["content"])["payer"]["payer_name"] == "Other Plan"


@pytest.mark.parametrize("references_last", [False, True])
def test_an_insurers_file(references_last: bool, lake: Lake, tmp_path: Path) -> None:
    report = loaded(lake, tmp_path / "in", "rates__json__gz", in_network(references_last=references_last))
    found = market(lake)
    visits = [row for row in found if row["billing_code"] == "99213"]
    assert [shown(row, "tin", "npi", "rate", "modifiers", "provider_count") for row in visits] == [
        ("111111111", None, Decimal("110.50"), None, 2),
        ("222222222", None, Decimal("110.50"), None, 1),
        ("111111111", None, Decimal("55.00"), "26", 2),
        ("222222222", None, Decimal("55.00"), "26", 1),
        (None, "4444444444", Decimal("120.00"), None, 1),
        (None, None, Decimal("130.00"), None, None),
    ]
    assert shown(visits[0], "payer", "plan", "place_of_service_codes", "setting", "expiration_date") == (
        "River Health", "PPO", "11|22", "outpatient", None,
    )  # fmt: skip
    stays = [row for row in found if row["billing_code"] == "470"]
    assert [shown(row, "rate", "percentage", "tin", "provider_count", "place_of_service_codes") for row in stays] == [
        (Decimal("20000.00"), None, "111111111", 2, None),
        (None, 62.5, "111111111", 2, None),
    ]
    assert report.quarantined == {
        "a provider_reference is not defined in the file": 1,
        "rate is not above zero": 1,
        "billing_code is blank": 1,
    }
    assert "1 provider groups stand in other files; their prices have no tax number" in report.notes


def test_only_our_own_tax_numbers(lake: Lake, tmp_path: Path) -> None:
    report = loaded(lake, tmp_path / "in", "rates__json", in_network(), role="negotiated", tins=["22-2222222"])
    assert {row["tin"] for row in rows(lake, NegotiatedRate)} == {"222222222"}
    assert "6 prices of other tax numbers are not stored" in report.notes


def test_the_head_of_a_large_file_is_enough_for_its_groups(tmp_path: Path) -> None:
    """Where the groups come first, what follows the first prices is not read for them, however long or broken."""
    head = json.dumps({"reporting_entity_name": "P", "provider_references": GROUPS})[:-1]
    path = write(tmp_path, big__json=f'{head}, "in_network": [' + " " * (3 << 20) + "broken") / "big.json"
    with open_package(path) as package:
        groups = provider_groups(opener_of(package.members[0]), "big.json")
    assert set(groups.by_id) == {"1", "2", "3"}
    assert groups.elsewhere == {"3"}


def test_the_same_file_twice_and_as_both(lake: Lake, tmp_path: Path) -> None:
    assert loaded(lake, tmp_path / "in", "rates__json", in_network()).loaded
    assert not loaded(lake, tmp_path / "in", "rates__json", in_network()).loaded
    ours = loaded(lake, tmp_path / "in", "rates__json", in_network(), role="negotiated", tins=["111111111"])
    assert ours.loaded
    assert {row["feed"] for row in lake.deliveries()} == {"market_rates", "negotiated_rates"}
    more = loaded(lake, tmp_path / "in", "rates__json", in_network(), role="negotiated", tins=["222222222"])
    assert more.loaded


AMOUNTS = [("0.005", "0.01"), ("0.014999", "0.01"), ("$1,234.5", "1234.50"), (" 12 ", "12.00"), (3, "3.00")]


@pytest.mark.parametrize(("written", "read"), AMOUNTS)
def test_amounts_are_rounded_to_the_cent_half_away_from_zero(written: Any, read: str) -> None:
    assert amount(written) == Decimal(read)


@pytest.mark.parametrize("written", ["1,23", "12.3.4", "", "$", "0.00", "-1"])
def test_what_is_no_amount(written: str) -> None:
    with pytest.raises(Unreadable):
        amount(written)


def test_a_service_stands_under_its_most_specific_codes() -> None:
    assert chosen_codes([("RC", "450"), ("cpt", "99283"), ("HCPCS", "G0382")]) == (
        [("CPT", "99283"), ("HCPCS", "G0382")],
        "RC 450",
    )
    assert chosen_codes([("CDM", "1"), ("", "2"), ("RC", "")]) == ([("CDM", "1")], None)
    assert chosen_codes([]) == ([], None)


def test_the_command_loads_prices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "in", lake__csv=TALL, rates__json=in_network())
    status, printed = typed(["openaco", "load", "rates", "in", "--as", "market", "--aco", "aco"], monkeypatch)
    assert status == 0, printed
    assert "2 deliveries loaded into aco/lake" in printed
    assert "Put aside: 5 lines" in printed
    status, printed = typed(["openaco", "load", "roster", "in", "--as", "market", "--aco", "aco"], monkeypatch)
    assert (status, "are for rates only" in printed) == (2, True)
