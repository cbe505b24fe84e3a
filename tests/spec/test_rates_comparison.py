"""Payers' prices beside Medicare's and the market's: units that match, percentiles, money at stake, what is missing."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from documented_pages import typed
from feeding import stamp, write
from openaco.engine import Engine, Lake
from openaco.errors import ConfigurationError, LakeError
from openaco.feeds.rates import load
from openaco.feeds.roster import load as load_roster
from openaco.insight.rates import Price, RateComparison, Unit, Volume, compare, compare_rates, market_of, percentile
from openaco.insight.rates.compare import Medicare
from openaco.insight.rates.prices import prices_of
from openaco.insight.rates.report import RatesReport
from openaco.insight.rates.units import plain_code, pricing_modifier, setting_of_price
from openaco.insight.rates.volumes import volume_of_file
from openaco.programs.folder import AcoFolder
from openaco.tables import (
    FeeScheduleAmount,
    InstitutionalClaim,
    InstitutionalLine,
    MarketRate,
    NegotiatedRate,
    Participant,
    ProfessionalLine,
)
from rates_files import TALL, in_network
from spec_tables import cells

VISIT = Unit("HCPCS", "99213", "", "professional", "outpatient")


def dollars(amount: str) -> Decimal:
    return Decimal(amount)


def price(rate: str, payer: str = "River", unit: Unit = VISIT, **changes: Any) -> Price:
    plain: dict[str, Any] = {
        "payer": payer,
        "code_type": unit.code_type,
        "code": unit.code,
        "modifier": unit.modifier,
        "billing_class": unit.billing_class,
        "setting": unit.setting,
        "rate": Decimal(rate),
    }
    return Price(**(plain | changes))


def market(*rates: str, unit: Unit = VISIT) -> list[Price]:
    return [price(rate, "Market", unit, whose=(str(number),)) for number, rate in enumerate(rates)]


PERCENTILES = """
rates                  | 25     | 50     | 75
---------------------- | ------ | ------ | ------
100 200                |        |        |
100 200 300            | 150.00 | 200.00 | 250.00
100 100 100 101        | 100.00 | 100.00 | 100.25
100.01 100.02 100.03 100.04 | 100.02 | 100.03 | 100.03
1 2 3 4 5              | 2.00   | 3.00   | 4.00
"""


@pytest.mark.parametrize("row", cells(PERCENTILES), ids=lambda row: str(row["rates"]))
def test_percentiles_of_a_market(row: Mapping[str, str | None]) -> None:
    found = market_of(market(*(row["rates"] or "").split()))
    expected = [None if row[share] is None else Decimal(row[share] or "") for share in ("25", "50", "75")]
    assert [found.percentile_25, found.median, found.percentile_75] == expected
    assert found.observations == len((row["rates"] or "").split())


def test_repeats_of_one_price_are_one_observation() -> None:
    same = [price("100", "Market", whose=("A",))] * 5
    assert market_of(same).observations == 1
    assert market_of([*same, price("100", "Market", whose=("B",))]).observations == 2
    assert market_of([*same, price("120", "Market", whose=("A",))]).observations == 2


def test_a_percentile_of_one_price() -> None:
    assert percentile([Decimal("3.335")], Decimal("0.5")) == dollars("3.34")


FITS = """
class         | setting    | fits
------------- | ---------- | ----
professional  | outpatient | yes
              |            | yes
professional  |            | yes
              | outpatient | yes
institutional | outpatient | no
professional  | inpatient  | no
"""


@pytest.mark.parametrize("row", cells(FITS), ids=lambda row: f"{row['class']}-{row['setting']}")
def test_a_price_that_says_nothing_holds_for_both(row: Mapping[str, str | None]) -> None:
    found = price("100", billing_class=row["class"], setting=row["setting"])
    assert found.fits(VISIT) is (row["fits"] == "yes")


def only_row(*args: Any) -> RateComparison:
    (row,) = compare(*args).rows
    return row


def test_one_row_by_hand() -> None:
    volume = Volume(VISIT, Decimal("120.5"), lines=119, paid=dollars("9000.00"))
    row = only_row([volume], [price("98.50")], market("100", "110", "120"), {VISIT: Medicare(dollars("92.05"), "x")})
    assert (row.rate, row.market.median, row.variance) == (dollars("98.50"), dollars("110.00"), dollars("-11.50"))
    assert row.at_stake == dollars("1385.75")
    assert row.percent_of_medicare == dollars("107.0")
    assert row.variance_percent == dollars("-10.5")
    assert (row.at_rate, row.at_market) == (dollars("11869.25"), dollars("13255.00"))


STAKES = """
units  | rate   | median | stake
------ | ------ | ------ | ------
3      | 10.00  | 10.00  | 0.00
1.5    | 10.01  | 10.04  | 0.05
1.5    | 10.04  | 10.01  | -0.05
0.1    | 10.00  | 10.05  | 0.01
"""


@pytest.mark.parametrize("row", cells(STAKES), ids=lambda row: str(row["stake"]))
def test_money_at_stake_is_rounded_to_the_cent_away_from_zero(row: Mapping[str, str]) -> None:
    found = only_row([Volume(VISIT, Decimal(row["units"]))], [price(row["rate"])], market(*[row["median"]] * 3), {})
    assert found.at_stake == Decimal(row["stake"])


def test_several_prices_of_a_payer_are_told_by_their_median_and_range() -> None:
    prices = [price("90", whose=("HMO",)), price("100", whose=("PPO",)), price("125", whose=("EPO",))]
    row = only_row([Volume(VISIT, Decimal(1))], prices, [], {})
    assert (row.rate, row.lowest, row.highest, row.prices) == (dollars("100"), dollars("90"), dollars("125"), 3)
    assert row.at_stake is None
    assert (row.market.observations, row.market.median) == (0, None)


def test_a_code_with_two_settings_and_modifiers_is_several_units() -> None:
    inpatient, component = VISIT._replace(setting="inpatient"), VISIT._replace(modifier="26")
    volumes = [Volume(VISIT, Decimal(10)), Volume(inpatient, Decimal(5)), Volume(component, Decimal(2))]
    prices = [price("100"), price("80", unit=inpatient), price("40", unit=component)]
    rows = compare(volumes, prices, market("1", "2", "3", unit=component), {}).rows
    assert {row.unit: row.rate for row in rows} == {
        VISIT: dollars("100"), inpatient: dollars("80"), component: dollars("40"),
    }  # fmt: skip
    assert [row.unit for row in rows if row.market.median is not None] == [component]
    assert [row.units for row in rows] == [10, 5, 2]


def test_codes_without_a_price_and_prices_without_volume_are_named() -> None:
    other = VISIT._replace(code="99214")
    found = compare(
        [Volume(VISIT, Decimal(1)), Volume(other, Decimal(9))], [price("10"), price("5", "Blue", other)], [], {}
    )
    assert found.missing == {"Blue": (VISIT,), "River": (other,)}
    assert {total.payer: total.without_price for total in found.totals} == {"Blue": 1, "River": 1}
    only = compare([Volume(VISIT, Decimal(1))], [price("10"), price("5", unit=other)], [], {})
    assert only.without_volume == ("HCPCS 99214",)


def test_a_payers_own_volume_replaces_the_common_one() -> None:
    volumes = [Volume(VISIT, Decimal(100)), Volume(VISIT, Decimal(7), payer="River")]
    rows = compare(volumes, [price("10"), price("10", "Blue")], [], {}).rows
    assert {row.payer: row.units for row in rows} == {"Blue": 100, "River": 7}


def test_what_was_paid_stands_in_for_a_contract() -> None:
    own = Volume(VISIT, Decimal(8), payer="River", paid=dollars("700"), allowed=dollars("801"), paid_units=Decimal(8))
    row = only_row([own], [], [], {})
    assert (row.rate, row.source) == (dollars("100.13"), "paid")
    assert only_row([own], [price("99")], [], {}).source == "contract"
    assert compare([Volume(VISIT, Decimal(8), payer="River")], [], [], {}).missing == {"River": (VISIT,)}


def test_totals_weigh_by_volume() -> None:
    other = VISIT._replace(code="99214")
    volumes = [Volume(VISIT, Decimal(3)), Volume(other, Decimal(1))]
    medicare = {VISIT: Medicare(dollars("50"), "x"), other: Medicare(dollars("200"), "x")}
    (total,) = compare(volumes, [price("100"), price("100", unit=other)], [], medicare).totals
    assert total.percent_of_medicare == dollars("114.3")
    assert (total.at_rate, total.at_stake, total.without_market) == (dollars("400"), 0, 2)


def test_units_are_told_apart_by_what_has_a_price() -> None:
    assert pricing_modifier(["25", "26", None, "59"], 2024) == "26"
    assert pricing_modifier(["TC", "26"], 2024) == "26|TC"
    assert [plain_code("MS-DRG", code) for code in ("0470", "470", "65")] == ["470", "470", "065"]
    assert plain_code("CPT", "0470T") == "0470T"
    assert setting_of_price(None, "21|51", 2024) == "inpatient"
    assert setting_of_price(None, "11|21", 2024) is None
    assert setting_of_price("both", "21", 2024) is None
    assert setting_of_price("outpatient", "21", 2024) == "outpatient"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> AcoFolder:
    """An ACO whose lake has claims, prices and a fee schedule, all invented."""
    home = AcoFolder(tmp_path_factory.mktemp("aco"))
    lake = Lake.create(home.lake)

    def line(number: int, code: str, tin: str, allowed: str, units: str = "1", **more: Any) -> dict[str, Any]:
        plain = {
            "claim_id": f"9{number:03d}",
            "claim_line_number": 1,
            "claim_type_code": "71",
            "mbi": "1S00A",
            "claim_start_date": date(2024, 3, 1),
            "claim_end_date": date(2024, 3, 1),
            "claim_line_end_date": date(2024, 3, 1),
            "adjustment_type_code": "0",
            "processing_indicator_code": "A",
            "payment_denial_code": "1",
            "claim_control_number": f"C{number}",
            "effective_date": date(2024, 4, 1),
            "place_of_service_code": "11",
            "hcpcs_code": code,
            "billing_tin": tin,
            "allowed_amount": Decimal(allowed),
            "paid_amount": Decimal(allowed) * 4 / 5,
            "service_unit_quantity": Decimal(units),
        }
        return plain | more

    stay = {
        "claim_id": "8001", "claim_type_code": "60", "mbi": "1S00A", "ms_drg_code": "0470", "billing_ccn": "990100",
        "claim_start_date": date(2024, 5, 1), "claim_end_date": date(2024, 5, 4), "paid_amount": Decimal("15000.00"),
        "adjustment_type_code": "0", "effective_date": date(2024, 6, 1),
    }  # fmt: skip
    visit = stay | {"claim_id": "8002", "claim_type_code": "40", "ms_drg_code": None, "paid_amount": Decimal("90.00")}
    of_visit = {
        "claim_id": "8002", "mbi": "1S00A", "claim_line_number": 1, "hcpcs_code": "99213", "claim_type_code": "40",
        "paid_amount": Decimal("90.00"), "service_unit_quantity": Decimal(1),
        "claim_start_date": date(2024, 5, 1), "claim_end_date": date(2024, 5, 4),
    }  # fmt: skip
    lines = [
        line(1, "99213", "000000001", "90.00"),
        line(2, "99213", "000000001", "94.00", hcpcs_modifier_1="25"),
        line(3, "99213", "000000001", "80.00", place_of_service_code="21"),
        line(4, "99213", "000000009", "85.00"),
        line(5, "93000", "000000001", "40.00", "2", hcpcs_modifier_1="26"),
        line(6, "J1450", "000000001", "10.00"),
        line(7, "99213", "000000001", "90.00", claim_line_end_date=date(2023, 3, 1), claim_end_date=date(2023, 3, 1)),
        line(8, "99214", "000000001", "120.00"),
        line(8, "99214", "000000001", "120.00", claim_id="9908", adjustment_type_code="1"),
    ]
    lineage = {"source_file": "f"}
    with lake.begin("cclf-20240801T0000000-0a1b2c3d") as draft:
        draft.add(ProfessionalLine, [row | lineage | {"source_line": n} for n, row in enumerate(lines, start=1)])
        draft.add(
            InstitutionalClaim, [row | lineage | {"source_line": n} for n, row in enumerate((stay, visit), start=1)]
        )
        draft.add(InstitutionalLine, [of_visit | lineage | {"source_line": 1}])
        draft.commit({"feed": "cclf", "file_name": "c", "content_hash": "h1", "coverage": "regular"})
    with lake.begin("roster-20240801T0000000-0a1b2c3d") as draft:
        draft.add(Participant, [{"aco_id": "A1234", "tin": "000000001", "ccn": "990100", "source_line": 1} | lineage])
        schedule = {"calendar_year": 2024, "hcpcs_code": "99213", "amount": Decimal("92.05"), "source_line": 1}
        draft.add(FeeScheduleAmount, [schedule | lineage])
        draft.commit({"feed": "roster", "file_name": "r", "content_hash": "h2"})
    files = home.root / "files"
    ours = "payer,plan,billing_code_type,billing_code,modifier,setting,rate,effective_date,expiration_date\n"
    ours += "River Health,PPO,CPT,99213,,outpatient,98.50,,\nRiver Health,PPO,CPT,99213,,inpatient,75,,\n"
    ours += "River Health,PPO,CPT,93000,26,,12,,\nRiver Health,PPO,CPT,99213,57,,1,,\n"
    ours += "River Health,PPO,MS-DRG,470,,inpatient,21000,,\n"
    ours += "River Health,PPO,CPT,99213,,outpatient,1,2020-01-01,2023-12-31\n"
    write(files, ours__csv=ours, tall__csv=TALL, network__json=in_network())
    load(lake, files / "ours.csv")
    load(lake, files / "tall.csv", role="market")
    load(lake, files / "network.json", role="market")
    others = "".join(f"Plan {n},{n:09d},99213,{100 + n}\n" for n in range(1, 6))
    write(files, others__csv=f"payer,tin,billing_code,rate\n{others}")
    load(lake, files / "others.csv", role="market")
    return home


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine.duckdb() as opened:
        yield opened


@pytest.fixture(scope="module")
def report(world: AcoFolder, engine: Engine) -> RatesReport:
    return compare_rates(engine, world, 2024)


def test_the_lakes_claims_beside_prices(report: RatesReport) -> None:
    rows = {row.unit: row for row in report.comparison.rows}
    visit = rows[VISIT]
    assert (visit.units, visit.lines, visit.paid, visit.rate) == (2, 2, dollars("147.20"), dollars("98.50"))
    assert visit.medicare == Medicare(dollars("92.05"), "fee schedule 2024")
    assert rows[VISIT._replace(setting="inpatient")].rate == dollars("75.00")
    component = rows[Unit("HCPCS", "93000", "26", "professional", "outpatient")]
    assert (component.units, component.medicare) == (2, Medicare(dollars("20.00"), "claims 2024, allowed"))
    stay = rows[Unit("MS-DRG", "470", "", "institutional", "inpatient")]
    assert (stay.units, stay.medicare) == (1, Medicare(dollars("15000.00"), "claims 2024, paid"))
    facility = rows[VISIT._replace(billing_class="institutional")]
    assert (facility.units, facility.medicare) == (1, Medicare(dollars("90.00"), "claims 2024, paid"))
    assert {unit.code for unit in report.comparison.missing["River Health"]} == {"J1450"}
    assert report.left_out["negotiated"] == {"for other modifiers": 1}
    assert report.unverified == ("rates/inpatient_places_of_service", "feeds/rates/code_types")


def test_the_market_leaves_out_our_own_numbers_and_what_is_not_comparable(report: RatesReport) -> None:
    professional = next(row.market for row in report.comparison.rows if row.unit == VISIT)
    # insurer: 110.50 twice (two tax numbers), 120 and 130; list: 102 to 105, without 101 of our own tax number
    assert (professional.observations, professional.median) == (8, dollars("107.75"))
    facility = next(
        row.market for row in report.comparison.rows if row.unit == VISIT._replace(billing_class="institutional")
    )
    assert facility.observations == 6  # the hospital's two prices and the list's four
    assert report.left_out["market"] == {
        "of the ACO's own tax numbers": 1, "percentages of charges": 2, "for a quantity of a drug": 1,
    }  # fmt: skip


def test_everybodys_claims(world: AcoFolder, engine: Engine) -> None:
    report = compare_rates(engine, world, 2024, all_providers=True)
    assert next(row.units for row in report.comparison.rows if row.unit == VISIT) == 3
    assert report.volume_from == "Medicare claims of 2024 of all providers"


def test_prices_hold_from_their_first_to_their_last_day(world: AcoFolder, engine: Engine) -> None:
    lake = Lake(world.lake)
    for year, rates in ((2023, {"1.00", "75.00", "98.50"}), (2024, {"75.00", "98.50"})):
        found, _reasons = prices_of(engine, lake, NegotiatedRate, year, codes=["99213"])
        assert {str(one.rate) for one in found} == rates
    assert prices_of(engine, lake, MarketRate, 2024, codes=["nothing"])[0] == []


def test_the_newest_statement_of_a_price_counts(tmp_path: Path, engine: Engine) -> None:
    lake = Lake.create(tmp_path / "lake")
    lists = {"2024-01-01T00:00:00": "P,99213,90\nP,99214,1\n", "2024-02-01T00:00:00": "P,99213,95\nP,99215,2\n"}
    for number, (when, lines) in enumerate(lists.items()):
        folder = write(tmp_path / str(number), list__csv=f"payer,code,rate\n{lines}")
        load(lake, stamp(folder / "list.csv", when))
    found, _reasons = prices_of(engine, lake, NegotiatedRate, 2024)
    assert {(one.code, str(one.rate)) for one in found} == {("99213", "95.00"), ("99214", "1.00"), ("99215", "2.00")}


VOLUME = (
    "billing_code,units,billing_code_type,modifiers,billing_class,setting,payer,allowed_amount,paid_amount\n"
    "99213,10,CPT,25,,,,,\n99213,5,CPT,,,,,,\n99213,2,,26,,,,,\n470,3,MS-DRG,,,,Blue,60000,55000\n"
    '99213,"1,000",CPT,,institutional,outpatient,,,\n'
)


def test_a_volume_file(tmp_path: Path) -> None:
    path = write(tmp_path, volume__csv=VOLUME) / "volume.csv"
    found = {(one.payer, one.unit): one for one in volume_of_file(path, 2024)}
    assert found[(None, VISIT)].units == 15
    assert found[(None, VISIT._replace(modifier="26"))].units == 2
    assert found[(None, VISIT._replace(billing_class="institutional"))].units == 1_000
    stay = found[("Blue", Unit("MS-DRG", "470", "", "institutional", "inpatient"))]
    assert (stay.units, stay.allowed, stay.paid) == (3, 60_000, 55_000)


WRONG_VOLUMES = [
    ("billing_code\n99213\n", "line 1: the header has no units"),
    ("billing_code,units\n", "volume.csv: holds no volume"),
    ("billing_code,units\n99213,\n", "line 2: units is blank or zero"),
    ("billing_code,units\n99213,0\n", "line 2: units is blank or zero"),
    ("billing_code,units\n99213,-1\n", "line 2: units is not a number of zero or more"),
    ("billing_code,units\n99213,many\n", "line 2: units is not a number"),
    ("billing_code,units\n,1\n", "line 2: billing_code is blank"),
    ("billing_code,units,setting\n99213,1,night\n", "line 2: setting is none of"),
    ("billing_code,units,setting\n99213,1,both\n", "line 2: billing_class and setting of a volume are one of two"),
    ("billing_code,units,paid_amount\n99213,1,x\n", "line 2: paid_amount is not a number"),
]


@pytest.mark.parametrize(("text", "says"), WRONG_VOLUMES, ids=[row[1] for row in WRONG_VOLUMES])
def test_a_wrong_volume_file_is_refused(text: str, says: str, tmp_path: Path) -> None:
    path = write(tmp_path, volume__csv=text) / "volume.csv"
    with pytest.raises(ConfigurationError) as caught:
        volume_of_file(path, 2024)
    assert says in str(caught.value)


def test_what_is_missing_is_told(world: AcoFolder, engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"--payer: no prices of 'Nobody'. Known: River Health"):
        compare_rates(engine, world, 2024, payer="Nobody")
    with pytest.raises(LakeError, match="no claims of 2022 that the ACO"):
        compare_rates(engine, world, 2022)
    with pytest.raises(ConfigurationError, match=r"no such file. Check the path given with --volume"):
        compare_rates(engine, world, 2024, volume=tmp_path / "nothing.csv")
    empty = AcoFolder(tmp_path)
    lake = Lake.create(empty.lake)
    load(lake, world.root / "files" / "others.csv", role="market")
    with pytest.raises(LakeError, match="no negotiated prices that hold in 2024"):
        compare_rates(engine, empty, 2024)
    load(lake, world.root / "files" / "ours.csv")
    with pytest.raises(LakeError, match="no claims to take the volume from"):
        compare_rates(engine, empty, 2024)


def test_whose_participants_they_are(world: AcoFolder, engine: Engine, tmp_path: Path) -> None:
    home = AcoFolder(tmp_path)
    lake = Lake.create(home.lake)
    roster = "aco_id,tin\nA1111,000000001\nA2222,000000002\n"
    load_roster(lake, write(tmp_path / "in", participants__csv=roster))
    load(lake, world.root / "files" / "others.csv", role="market")
    load(lake, world.root / "files" / "ours.csv")
    volume = write(tmp_path, volume__csv="billing_code,units\n99213,1\n") / "volume.csv"
    with pytest.raises(ConfigurationError, match=r"participants of 2 ACOs, and aco.toml does not say which is yours"):
        compare_rates(engine, home, 2024, volume=volume)
    home.configuration.write_text('[aco]\nid = "A2222"\n', encoding="utf-8")
    (row,) = compare_rates(engine, home, 2024, volume=volume).comparison.rows
    assert row.market.observations == 4  # without the price of 000000002


def test_the_command(world: AcoFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["openaco", "rates", "--year", "2024", "--aco", str(world.root)]
    status, printed = typed([*words, "--out", "rates.csv", "--json"], monkeypatch)
    assert status == 0, printed
    with (tmp_path / "rates.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    plain = json.loads(printed)
    (total,) = plain["totals"]
    assert len(plain["rows"]) == len(rows) == total["compared"]
    assert Decimal(total["at_stake"]) == sum(Decimal(row["at_stake"]) for row in rows if row["at_stake"])
    assert plain["missing"]["River Health"][0]["code"] == "J1450"


def test_the_command_tells_each_payer(world: AcoFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, volume__csv="billing_code,units,payer\n99213,10,\nJ1450,1,\n99214,4,Blue\n")
    words = ["openaco", "rates", "--year", "2024", "--aco", str(world.root), "--volume", "volume.csv"]
    status, printed = typed(words, monkeypatch)
    flat = " ".join(printed.split())
    assert status == 0, printed
    assert "River Health: 1 of 1 codes" in flat
    assert "99213 prof, outpatient 10 98.50 107.0 107.75 8 92.50" in flat
    assert "River Health: $985.00 at its prices, 107.0% of Medicare; at stake $92.50 over 1 of 1 codes." in flat
    assert "No price of Blue for 1 codes you provide: 99214." in flat
    assert "Volume: volume.csv." in flat
    assert "Prices not comparable (market): for a quantity of a drug 1, of the ACO's own tax numbers 1" in flat
