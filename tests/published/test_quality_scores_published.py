"""Quality scores of every ACO, from the rates that CMS published, against the score that CMS published.

A published score also holds what CMS does not publish with it: improvement on the year before (up to 10 points) and the
health equity adjustment (up to 10). So a score is either the same, or above by no more than those.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from openaco.programs.quality import QualityRates, assess

ROUNDING = 0.03  # rates are published with two decimals, points hang on them
pytestmark = pytest.mark.shared
COLLECTION_TYPES = {"WI": "web_interface", "eCQM": "ecqm", "MIPSCQM": "mips_cqm", "MedicareCQM": "medicare_cqm"}

# Published rates and scores of performance year 2023 of twelve ACOs that reported through the Web Interface.
NAMES = (
    "QualScore,CAHPS_1,CAHPS_2,CAHPS_3,CAHPS_4,CAHPS_5,CAHPS_6,CAHPS_7,CAHPS_11,CAHPS_9,CAHPS_8,Measure_479,"
    "Measure_484,QualityID_318,QualityID_110,QualityID_226,QualityID_134_WI,QualityID_113,QualityID_112,QualityID_438,"
    "QualityID_370,QualityID_001_WI,QualityID_236_WI"
)
COLUMNS = NAMES.split(",")
ROWS_2023 = {
    "A1001": "89.91,84.69,93.9,93.27,72.64,65.74,64.73,75.68,31.73,91.33,87.83,0.1698,25.87"
    ",95.45,85.9,93.75,90.16,87.22,91.02,95.18,15.62,4.78,90.12",
    "A1041": "89.92,87.58,92.64,91.35,80.29,70.29,66.39,73.96,23.43,92.3,85.95,0.164,-"
    ",92.64,87.8,100,86.64,93.41,91.69,88,20,8.89,88.06",
    "A1051": "95.70,83.81,93.41,92.07,75.28,68.14,62.95,74.16,28.47,93.2,86.82,0.1414,-"
    ",95.34,80.95,95.45,95.86,93.73,94.66,92.16,26.32,4.12,91.79",
    "A1059": "71.81,84.65,94.21,92.84,75.64,71.85,68.25,75.51,26.81,92.22,89.75,0.1596,49.65"
    ",80.33,71.5,60.87,51.56,72.68,74.38,82.21,9.38,12.25,72.2",
    "A1061": "82.90,85.28,94.64,93.95,82.36,58.37,60.52,73.96,30,91.75,88.8,0.1537,-"
    ",93.95,70.46,64.71,67.34,71.77,67.34,83.19,10.64,12.5,82.66",
    "A1063": "83.91,83.93,95.61,92.81,74.22,70.29,65.95,77.13,31.68,94.37,86.04,0.1584,-"
    ",94.2,66.54,68.97,80.34,73.9,80.49,86.76,2.63,8.95,80.2",
    "A1066": "88.06,79.12,93.6,92.12,70.01,69.46,57.26,73.81,25.11,92.41,84.91,0.1443,-"
    ",98.03,65.9,72.41,88.45,85.04,85.47,89.43,24.55,9.69,85.62",
    "A1083": "85.93,92.39,93.73,91.98,81.3,66.45,66.11,75.57,29.03,95.41,87.47,0.1491,-"
    ",83.42,65.57,68.75,84.48,75.31,72.11,86.56,20,13.44,75.77",
    "A1095": "81.50,88.82,95.65,94.04,74.8,70.01,58.09,71.49,30.85,93.19,84.88,0.1637,55.58"
    ",100,82.03,100,90.44,84.13,82.33,92.27,6.52,9.92,80.63",
    "A1131": "87.27,80.68,92.02,91.88,76.68,63.69,64.13,72,21.87,92.92,85.29,0.1446,-"
    ",94.36,72.57,93.33,81.44,73.39,75,80.3,17.92,9.51,81.16",
    "A1175": "84.84,81.85,96.03,92.72,78.45,68.02,63.26,73.44,23.22,93.58,88.72,0.1561,-"
    ",93.3,69.66,81.25,79.09,73.94,80.94,85.46,10,11.49,74.23",
    "A1196": "93.55,81.04,92.27,90.7,80.83,70.2,66.88,74.47,31.24,91.31,85.89,0.1397,-"
    ",94.35,91.3,100,92.55,79.86,82.55,84,7.14,9.09,83.27",
}


def number(text: str | None) -> float | None:
    """A published figure; None for a blank, a dash or a suppressed one."""
    try:
        return float((text or "").replace("%", ""))
    except ValueError:
        return None


def rates_of(row: Mapping[str, str], year: int, prior: float | None = None) -> QualityRates:
    """The published row of one ACO as a rates file."""
    figures = {name: value for name, text in row.items() if (value := number(text)) is not None}
    measures = []
    for name, value in figures.items():
        if name.startswith("QualityID_"):
            _, measure, *kind = name.split("_")
            stated = COLLECTION_TYPES[kind[0]] if kind else "web_interface"
            measures.append({"measure": measure, "collection_type": stated, "rate": value})
    scores = {name: value for name, value in figures.items() if name.startswith("CAHPS_")}
    return QualityRates.model_validate(
        {
            "performance_year": year,
            "measure": measures,
            "survey": {"administered": bool(scores), "scores": scores},
            "claims": {name[-3:]: value for name, value in figures.items() if name.startswith("Measure_")},
            "prior_achievement": prior,
        }
    )


def published(shared_data: Path, year: int) -> Iterator[dict[str, str]]:
    with (shared_data / "mssp-puf" / f"mssp_results_py{year}.csv").open(encoding="utf-8") as file:
        yield from csv.DictReader(file)


EXPECTED = {  # lifted to the threshold, the same, above by at most 10 points, above by more, below
    2022: {"lifted": 39, "same": 156, "above": 286, "far above": 1},
    2024: {"lifted": 35, "same": 140, "above": 298, "far above": 3},
}


@pytest.mark.parametrize("year", EXPECTED)
def test_no_published_score_is_below_what_the_published_rates_come_to(shared_data: Path, year: int) -> None:
    counted: Counter[str] = Counter()
    for row in published(shared_data, year):
        if "1" in (row.get("Recvd30p"), row.get("Recvd40p")):
            counted["lifted"] += 1
            continue
        score, stated = assess(rates_of(row, year)).category_score, number(row["QualScore"])
        assert score is not None
        assert stated is not None
        difference = stated - score
        if abs(difference) <= ROUNDING:
            counted["same"] += 1
        else:
            counted["below" if difference < 0 else "above" if difference <= 10 else "far above"] += 1
    assert dict(counted) == EXPECTED[year]


@pytest.mark.parametrize("aco", ROWS_2023)
def test_improvement_from_2022_gives_the_published_score_of_2023(shared_data: Path, aco: str) -> None:
    before = next(row for row in published(shared_data, 2022) if row["ACO_ID"] == aco)
    row = dict(zip(COLUMNS, ROWS_2023[aco].split(","), strict=True))
    prior = assess(rates_of(before, 2022)).achievement
    score = assess(rates_of(row, 2023, prior)).category_score
    assert score == pytest.approx(float(row["QualScore"]), abs=ROUNDING)
