"""CMS's Assignment List Reports, made from the truth: one a year, for benchmark years and performance year."""

from __future__ import annotations

import zipfile
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from openaco.synthetic.cclf_people import family_names, given_names
from openaco.synthetic.chunk import Chunk
from openaco.synthetic.days import NEVER, date_of, day, month
from openaco.synthetic.enrollment_files import place_of_year
from openaco.synthetic.geography import COUNTIES
from openaco.synthetic.roster import Designation
from openaco.synthetic.scores import demographic_scores, risk_scores
from openaco.synthetic.timeline import ACO_ID, Timeline, run_out_cut_off
from openaco.synthetic.truth.assignment import window
from openaco.synthetic.truth.chunk_truth import ASKED, ChunkTruth, standing_designations
from openaco.synthetic.truth.enrollment import Enrollment

WHO = ("BENE_MBI_ID", "BENE_HIC_NUM", "BENE_1ST_NAME", "BENE_LAST_NAME", "BENE_SEX_CD", "BENE_BRTH_DT", "BENE_DEATH_DT")
HEADERS = {
    "1": (
        *WHO,
        *("GEO_SSA_CNTY_CD_NAME", "GEO_SSA_STATE_NAME", "STATE_COUNTY_CD", "IN_VA_MAX", "VA_TIN", "VA_NPI", "CBA_FLAG"),
        *("ASSIGNMENT_TYPE", "ASG_STATUS", "PARTD_MONTHS"),
        *(f"EnrollFlag{number}" for number in range(1, 13)),
        *("HCC_version", "ESRD_SCORE", "DIS_SCORE", "AGDU_SCORE", "AGND_SCORE"),
        *("DEM_ESRD_SCORE", "DEM_DIS_SCORE", "DEM_AGDU_SCORE", "DEM_AGND_SCORE"),
    ),
    "2": (*WHO, "MASTER_ID", "B_EM_LINE_CNT_T"),
    "4": (*WHO, "MASTER_ID", "NPI_USED", "PCS_COUNT"),
    "6": (*WHO, "VA_SELECTION_ONLY"),
    "9": (*WHO, "ADI_NATRANK", "BENE_LIS_STATUS", "BENE_DUAL_STATUS", "BENE_PSNYRS_LIS_DUAL", "BENE_PSNYRS"),
}
ALWAYS, IF_INSIDE, IF_OUTSIDE = "-", "0", "1"
STEPS = {"step_1": "1", "step_2": "2", "step_3": "3"}


def report_lines(
    chunk: Chunk, truth: ChunkTruth, designated: list[Designation], method: str, year: int
) -> list[tuple[str, int, str, str]]:
    """Lines of one year's report as (table, person, condition, line); the condition is for assignments still asked."""
    stages = truth.stages[year, method]
    before = truth.stages.get((year - 1, method))
    writer = _Writer(chunk, truth, designated, method, year)
    found: list[tuple[str, int, str, str]] = []
    for person, stage in enumerate(stages):
        if stage == ASKED:
            _, inside, outside = truth.asked[year, method, person]
            variants = [(IF_INSIDE, inside), (IF_OUTSIDE, outside)]
        else:
            variants = [(ALWAYS, stage)]
        for condition, end in variants:
            if end == "voluntary" or end in STEPS:
                new = before is not None and before[person] != "voluntary" and before[person] not in STEPS
                for table, line in writer.assigned(person, end, new):
                    found.append((table, person, condition, line))
            if truth.assignable[year][person] or end == "voluntary":
                only = end == "voluntary" and not truth.assignable[year][person]
                found.append(("6", person, condition, f"{writer.who(person)},{int(only)}"))
    return found


class _Writer:
    """Writes the lines of people in one year's report."""

    def __init__(self, chunk: Chunk, truth: ChunkTruth, designated: list[Designation], method: str, year: int) -> None:
        people = chunk.people
        self.truth, self.year = truth, year
        self.mbis = [one.decode() for one in people.identifier_on(run_out_cut_off(year)).tolist()]
        self.first = [one.decode() for one in given_names(chunk).tolist()]
        self.last = [one.decode() for one in family_names(chunk).tolist()]
        self.sex, self.birth, self.death = people.sex.tolist(), people.birth.tolist(), people.death.tolist()
        self.known_on = run_out_cut_off(year)
        span = slice(month(year, 1) - chunk.months.first, month(year, 12) - chunk.months.first + 1)
        self.county = place_of_year(chunk, year).tolist()
        self.types = [row[span] for row in Enrollment(chunk).types]
        self.dual = (chunk.months.dual[:, span] > 0).tolist()
        self.scores, self.demographic = risk_scores(chunk, year).tolist(), demographic_scores(chunk, year).tolist()
        self.drugs = people.drug_plan.tolist()
        self.deprivation = (people.name_draws[:, 3] // 13 % 103).tolist()
        rules_year = chunk.timeline.performance_year
        self.designations = standing_designations(designated, window(year, method, rules_year))

    def who(self, person: int) -> str:
        """The columns that every table begins with."""
        death = self.death[person]
        cells = (
            self.mbis[person],
            "",
            self.first[person],
            self.last[person],
            str(self.sex[person]),
            _us(self.birth[person]),
            _us(death) if death <= self.known_on else "",
        )
        return ",".join(cells)

    def assigned(self, person: int, stage: str, new: bool) -> Iterable[tuple[str, str]]:
        """The lines of an assigned beneficiary in Tables 1-1, 1-2, 1-4 and 1-9."""
        who = self.who(person)
        yield "1", f"{who},{self._assignment(person, stage, new)}"
        by_participant: dict[str, int] = defaultdict(int)
        services = self.truth.ours[self.year].get(person, [])
        for biller, npi, count in services:
            by_participant[biller[4:]] += count
            if npi:
                yield "4", f"{who},{biller[4:]},{npi},{count}"
        for participant, count in by_participant.items():
            yield "2", f"{who},{participant},{count}"
        yield "9", f"{who},{self._underserved(person)}"

    def _assignment(self, person: int, stage: str, new: bool) -> str:
        county = COUNTIES[self.county[person]]
        voluntary = stage == "voluntary"
        chosen = self.designations.get(person) if voluntary else None
        types = self.types[person]
        flags = ["0" if kind is None else str(kind + 1) for kind in types]
        scores = [str(self.scores[person]) if kind in types else "" for kind in range(4)]
        demographic = [str(self.demographic[person]) if kind in types else "" for kind in range(4)]
        cells = (
            *(county.name, county.state_name, county.ssa, str(int(voluntary))),
            *((chosen.tin, chosen.npi) if chosen else ("", "")),
            *(str(int(not voluntary)), STEPS.get(stage, ""), str(int(new)), "12" if self.drugs[person] else "0"),
            *flags,
            "V28" if self.year >= 2024 else "V24",
            *scores,
            *demographic,
        )
        return ",".join(cells)

    def _underserved(self, person: int) -> str:
        dual = [flag and kind is not None for flag, kind in zip(self.dual[person], self.types[person], strict=True)]
        subsidy = any(dual) or self.deprivation[person] > 96
        rank = self.deprivation[person]
        person_years = sum(kind is not None for kind in self.types[person]) / 12
        assisted = person_years if subsidy and not any(dual) else sum(dual) / 12
        shown = str(rank) if 1 <= rank <= 100 else ""
        return f"{shown},{int(subsidy)},{int(any(dual))},{assisted:.6f},{person_years:.6f}"


def _us(on: int) -> str:
    return "" if on >= NEVER else f"{date_of(on):%m/%d/%Y}"


def report_name(timeline: Timeline, year: int) -> str:
    """The name of a year's annual report, as delivered for the performance year."""
    return f"P.{ACO_ID}.ACO.AALR.Y{year}.D{timeline.performance_year % 100:02d}9999.T0000000"


def write_report(folder: Path, timeline: Timeline, year: int, lines: dict[str, list[str]]) -> Path:
    """One year's report as a ZIP of its tables."""
    name = report_name(timeline, year)
    path = folder / name
    sent = date_of(day(timeline.performance_year + 1, 7))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        for table, columns in HEADERS.items():
            entry = zipfile.ZipInfo(f"{name}_1-{table}.csv", (sent.year, sent.month, sent.day, 12, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            header = ",".join(f'"{column}"' for column in columns)
            package.writestr(entry, "\n".join([header, *lines.get(table, ()), ""]), compresslevel=1)
    return path
