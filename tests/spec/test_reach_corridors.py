"""Risk corridors: each boundary on both sides and both signs, and bands that are refused."""

from __future__ import annotations

import math
from typing import Any

import pytest

from openaco.errors import ConfigurationError, ParameterError
from openaco.programs.lead.worksheet import lead_terms
from openaco.programs.reach.corridor_settlement import reach_terms
from openaco.rules.corridors import Band, Corridors, corridors_of, part_in_band, share_kept
from spec_tables import cells

KEPT = """
arrangement  | year | rate | kept
------------ | ---- | ---- | -------
professional | 2022 | 0.00 | 0
professional | 2022 | 0.01 | 0.005
professional | 2022 | 0.05 | 0.025
professional | 2022 | 0.06 | 0.0285
professional | 2022 | 0.10 | 0.0425
professional | 2022 | 0.12 | 0.0455
professional | 2022 | 0.15 | 0.05
professional | 2022 | 0.16 | 0.0505
professional | 2022 | 1.00 | 0.0925
global       | 2022 | 0.00 | 0
global       | 2022 | 0.20 | 0.20
global       | 2022 | 0.25 | 0.25
global       | 2022 | 0.30 | 0.275
global       | 2022 | 0.35 | 0.30
global       | 2022 | 0.40 | 0.3125
global       | 2022 | 0.50 | 0.3375
global       | 2022 | 0.60 | 0.3475
global       | 2025 | 0.25 | 0.25
global       | 2026 | 0.10 | 0.10
global       | 2026 | 0.11 | 0.105
global       | 2026 | 0.25 | 0.175
global       | 2026 | 0.35 | 0.225
"""
LEAD_KEPT = """
arrangement  | rate  | kept
------------ | ----- | -------
global       | 0.15  | 0.15
global       | 0.35  | 0.25
global       | 0.50  | 0.2875
global       | 1.00  | 0.3375
global       | -1.00 | -0.3375
professional | 0.10  | 0.06
professional | 0.15  | 0.0775
professional | 0.20  | 0.085
professional | 0.30  | 0.09
professional | -0.10 | -0.05
professional | -0.20 | -0.075
"""


def named(row: dict[str, Any]) -> str:
    return " ".join(str(value) for value in row.values())


@pytest.mark.parametrize("row", cells(KEPT), ids=named)
@pytest.mark.parametrize("sign", [1, -1], ids=["savings", "losses"])
def test_what_reach_leaves_the_aco(row: dict[str, Any], sign: int) -> None:
    terms = reach_terms(row["arrangement"], int(row["year"]))
    assert terms.kept(sign * float(row["rate"])) == pytest.approx(sign * float(row["kept"]), abs=1e-15)


@pytest.mark.parametrize("row", cells(LEAD_KEPT), ids=named)
def test_what_lead_leaves_the_aco(row: dict[str, Any]) -> None:
    terms = lead_terms(row["arrangement"], 2027)
    assert terms.kept(float(row["rate"])) == pytest.approx(float(row["kept"]), abs=1e-15)


@pytest.mark.parametrize(("year", "arrangement"), [(2020, "global"), (2027, "professional")])
def test_a_year_without_corridors_is_an_error(year: int, arrangement: Any) -> None:
    with pytest.raises(ParameterError, match=f"no value for performance_year {year}"):
        reach_terms(arrangement, year)


def test_lead_before_2027_is_an_error() -> None:
    with pytest.raises(ParameterError, match="no value for performance_year 2026"):
        lead_terms("global", 2026)


def test_losses_may_have_bands_of_their_own() -> None:
    savings, losses = Corridors((Band(0, None, 0.6),)), Corridors((Band(0, 0.1, 0.5), Band(0.1, None, 0.0)))
    assert share_kept(savings, 0.2, losses) == pytest.approx(0.12)
    assert share_kept(savings, -0.2, losses) == pytest.approx(-0.05)


def test_rows_are_read_as_text_or_numbers_in_any_order() -> None:
    text = [{"from": "0.1", "to": "", "kept": "0.2"}, {"from": "0", "to": "0.1", "kept": "1"}]
    assert corridors_of(text) == Corridors((Band(0.0, 0.1, 1.0), Band(0.1, None, 0.2)))


def test_a_part_outside_a_band_is_nothing() -> None:
    band = Band(0.1, 0.2, 0.5)
    assert [part_in_band(band, size) for size in (0.0, 0.1, 0.15, 0.2, 0.9)] == pytest.approx([0, 0, 0.05, 0.1, 0.1])


@pytest.mark.parametrize(
    ("bands", "wrong"),
    [
        ((), "no band"),
        ((Band(0.1, None, 1.0),), "corridor 1: it starts at 0.1"),
        ((Band(0, 0.1, 1.0),), "corridor 1: it must be open"),
        ((Band(0, None, 1.0), Band(0.1, None, 0.5)), "corridor 1: it has no end"),
        ((Band(0, 0.1, 1.0), Band(0.2, None, 0.5)), "corridor 2: it starts at 0.2"),
        ((Band(0, 0.2, 1.0), Band(0.1, None, 0.5)), "corridor 2: it starts at 0.1"),
        ((Band(0, 0.1, 1.5), Band(0.1, None, 0.5)), "corridor 1: the share kept is 1.5"),
        ((Band(0, 0.1, 1.0), Band(0.1, None, -0.5)), "corridor 2: the share kept is -0.5"),
        ((Band(0, 0.0, 1.0), Band(0.0, None, 0.5)), "corridor 1: it ends at 0.0"),
        ((Band(0, math.inf, 1.0), Band(math.inf, None, 0.5)), "corridor 1: it ends at inf"),
        ((Band(0, None, math.nan),), "corridor 1: the share kept is nan"),
    ],
)
def test_bands_that_are_no_corridors_are_refused(bands: tuple[Band, ...], wrong: str) -> None:
    with pytest.raises(ConfigurationError, match=wrong):
        Corridors(bands)


@pytest.mark.parametrize(
    ("row", "wrong"),
    [({"from": 0, "kept": 1}, "lacks 'to'"), ({"from": "none", "to": None, "kept": 1}, "no number")],
)
def test_rows_that_are_no_bands_are_refused(row: dict[str, Any], wrong: str) -> None:
    with pytest.raises(ConfigurationError, match=wrong):
        corridors_of([row])
