"""One row of a Shared Savings Program results file, typed."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from openaco.feeds.workbooks.printed import Printed, read_date
from openaco.feeds.workbooks.results_cells import CellReader, cell_of, identifier_of, is_missing
from openaco.feeds.workbooks.results_columns import simple, words


@dataclass(frozen=True)
class PublishedResult:
    """One ACO in one published performance year. Grain: one row of the file.

    Dollars and rates as `Printed` (rates as fractions of 1); None where the file has no such column or prints no value.
    track                BASIC_A … TRACK_3, None if the file does not tell
    reporting_counts     no score is printed: the ACO counts as scoring 100 percent if it reported completely (P4R)
    six_months           a six-month performance year of 2019
    unread               what keeps this row from being recomputed, in words
    remarks              cells that could not be understood and were left out, in words
    """

    line: int
    aco_id: str
    name: str
    performance_year: int
    track: str | None = None
    agreement_start: datetime.date | None = None
    assigned_beneficiaries: int | None = None
    person_years: Printed | None = None
    benchmark_total: Printed | None = None
    expenditures_total: Printed | None = None
    difference: Printed | None = None
    updated_benchmark: Printed | None = None
    minimum_savings_rate: Printed | None = None
    maximum_sharing_rate: Printed | None = None
    final_sharing_rate: Printed | None = None
    final_loss_rate: Printed | None = None
    quality_score: Printed | None = None
    reporting_counts: bool = False
    met_quality_standard: bool | None = None
    met_alternative_standard: bool | None = None
    disaster_adjustment: Printed | None = None
    revenue_limited: bool | None = None
    low_revenue: bool | None = None
    guardrail: bool = False
    reduced_sharing: bool = False
    ended_in_mid_year: bool = False
    six_months: bool = False
    gen_save_loss: Printed | None = None
    earn_save_loss: Printed | None = None
    unread: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


class RowReader(CellReader):
    """Reads the rows of one file of Shared Savings Program results."""

    def read(self, line: int, cells: list[str]) -> PublishedResult:
        """One row."""
        columns = self.header.columns
        unread: list[str] = []
        remarks: list[str] = []
        score, reporting = self._score(cells, remarks)
        beneficiaries = self.number(line, cells, "assigned_beneficiaries")
        for name, value in (("N_AB", beneficiaries), ("ABtotBnchmk", self.number(line, cells, "benchmark_total"))):
            if value is None:
                unread.append(f"{name} is not printed")
        category = cell_of(cells, columns.get("revenue_category")).casefold()
        return PublishedResult(
            line=line,
            aco_id=identifier_of(self.header, cells) or cell_of(cells, columns.get("name")),
            name=cell_of(cells, columns.get("name")),
            performance_year=self.year,
            track=self._track(line, cells, unread),
            agreement_start=read_date(cell_of(cells, columns.get("agreement_start"))),
            assigned_beneficiaries=int(beneficiaries.value) if beneficiaries else None,
            reporting_counts=reporting,
            quality_score=score,
            low_revenue=("low" in category) if category and not is_missing(category) else None,
            six_months=self._six_months(line, cells),
            met_quality_standard=self.flag(line, cells, "met_quality_standard"),
            met_alternative_standard=self.flag(line, cells, "met_alternative_standard"),
            revenue_limited=self.flag(line, cells, "revenue_limited"),
            guardrail=bool(self.flag(line, cells, "guardrail")),
            reduced_sharing=bool(self.flag(line, cells, "reduced_sharing")),
            ended_in_mid_year=bool(self.flag(line, cells, "ended_in_mid_year")),
            **{name: self.number(line, cells, name) for name in _DECIDING},
            **{name: self.number_or_remark(cells, name, remarks) for name in _ACCOMPANYING},
            unread=tuple(unread),
            remarks=tuple(remarks),
        )

    def _score(self, cells: list[str], remarks: list[str]) -> tuple[Printed | None, bool]:
        """The quality score, and whether complete reporting counts as a score of 1."""
        column = self.header.columns.get("quality_score")
        meaning = words("score").get(cell_of(cells, column).casefold())
        if meaning == "reported":
            return None, True
        if meaning is not None:
            return Printed(float(meaning)), False
        return self.number_or_remark(cells, "quality_score", remarks), False

    def _track(self, line: int, cells: list[str], unread: list[str]) -> str | None:
        """The current track: from its own column, else from the one flag that is set."""
        column = self.header.columns.get("track")
        cell = cell_of(cells, column)
        if column is not None and not is_missing(cell):
            if simple(cell) not in words("track"):
                raise self.refuse(line, column, cell, "a track that we know")
            return words("track")[simple(cell)]
        flags = [name for name in self.header.columns if name.startswith("track:")]
        tracks = [name.removeprefix("track:") for name in flags if self.flag(line, cells, name)]
        if len(tracks) == 1:
            return tracks[0]
        if flags or column is not None:
            unread.append(f"the row names {'no track' if not tracks else 'several tracks: ' + ', '.join(tracks)}")
        return None

    def _six_months(self, line: int, cells: list[str]) -> bool:
        """Whether the row is of a six-month performance year: by its flag, or an agreement that began in July 2019."""
        start = read_date(cell_of(cells, self.header.columns.get("agreement_start")))
        began_in_july = self.year == 2019 and start == datetime.date(2019, 7, 1)
        return bool(self.flag(line, cells, "six_months")) or began_in_july


_DECIDING = (
    "benchmark_total",
    "expenditures_total",
    "difference",
    "minimum_savings_rate",
    "disaster_adjustment",
    "gen_save_loss",
    "earn_save_loss",
)
_ACCOMPANYING = (
    "person_years",
    "updated_benchmark",
    "maximum_sharing_rate",
    "final_sharing_rate",
    "final_loss_rate",
)
