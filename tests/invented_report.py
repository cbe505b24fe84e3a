"""An invented settlement report in the form of CMS's, computed by plain arithmetic of its own.

The layout is not that of the samples: sheets stand in another order, tables begin lower, labels carry stray blanks,
and there are stray cells right of the printed columns. One-sided or two-sided; savings or losses.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl

TYPES = ("ESRD", "Disabled ", "Aged/dual", "Aged/non-dual")
YEARS = ("by1", "by2", "by3")
DASH = "–"
HEADS = {"by1": "BY1", "by2": "BY2", "by3": "BY3", "py": "PY ", "benchmark": "Benchmark"}
TRACKS = {
    "BASIC Level B": {"maximum": 0.40, "loss": None, "revenue": None, "benchmark": None, "limit": 0.10},
    "BASIC Level D": {"maximum": 0.50, "loss": 0.30, "revenue": 0.04, "benchmark": 0.02, "limit": 0.10},
    "ENHANCED": {"maximum": 0.75, "loss": "score", "revenue": None, "benchmark": 0.15, "limit": 0.20},
}
RATES = (
    (1, 499, "≥12.2%", "≥12.2%"), (500, 999, 0.122, 0.087), (1000, 2999, 0.087, 0.05), (3000, 4999, 0.05, 0.039),
    (5000, 5999, 0.039, 0.036), (6000, 6999, 0.036, 0.034), (7000, 7999, 0.034, 0.032), (8000, 8999, 0.032, 0.031),
    (9000, 9999, 0.031, 0.03), (10000, 14999, 0.03, 0.027), (15000, 19999, 0.027, 0.025), (20000, 49999, 0.025, 0.022),
    (50000, 59999, 0.022, 0.02), (60000, "+", 0.02, 0.02),
)  # fmt: skip

Rows = list[list[float]]


@dataclass
class Invented:
    """The given figures; lists of four are by enrollment type, BY1 to BY3 (and PY) are in order."""

    track: str = "BASIC Level D"
    chosen_rate: float | None = 0.005
    spending: float = 1.0
    person_years: tuple[float, float] = (9_800.25, 10_050.5)
    beneficiaries: int = 10_400
    score: float = 0.812
    revenue: float = 21_000_000.0
    national: Rows = field(default_factory=lambda: _grown((81_000.0, 11_000.0, 16_500.0, 9_900.0), 1.021))
    regional: Rows = field(default_factory=lambda: _grown((82_500.0, 10_400.0, 16_900.0, 10_300.0), 1.018))
    spent: Rows = field(default_factory=lambda: _grown((85_000.0, 10_900.0, 17_200.0, 9_700.0), 1.017))
    scores: Rows = field(default_factory=lambda: _grown((1.02, 1.03, 1.06, 1.01), 1.004))
    weight_by3: list[float] = field(default_factory=lambda: [0.11, 0.07, 0.13, 0.09])
    weight_py: list[float] = field(default_factory=lambda: [0.12, 0.08, 0.10, 0.14])
    share_by3: list[float] = field(default_factory=lambda: [0.01, 0.13, 0.08, 0.78])
    share_py: list[float] = field(default_factory=lambda: [0.009, 0.121, 0.085, 0.785])


def _grown(first: tuple[float, ...], factor: float) -> Rows:
    """Four types over BY1, BY2, BY3 and the performance year four years later."""
    return [[amount * factor**power for power in (0, 1, 2, 6)] for amount in first]


def computed(given: Invented) -> dict[str, Any]:
    """Every computed figure of the report, by table and letter."""
    four = range(4)
    national = [[row[2] / row[0], row[2] / row[1], 1.0, row[3] / row[2]] for row in given.national]
    regional = [[row[2] / row[0], row[2] / row[1], 1.0, row[3] / row[2]] for row in given.regional]
    weights = [[w, w, w, p] for w, p in zip(given.weight_by3, given.weight_py, strict=True)]
    blended = [[national[t][y] * weights[t][y] + regional[t][y] * (1 - weights[t][y]) for y in four] for t in four]
    ratio = [[given.scores[t][2] / given.scores[t][y] for y in range(3)] for t in four]
    trended = [[given.spent[t][y] * ratio[t][y] * blended[t][y] for y in range(3)] for t in four]
    third = 1 / 3
    history = [sum(amount * third for amount in trended[t]) for t in four]
    own_region = [given.scores[t][2] * given.regional[t][2] for t in four]
    apart = [own_region[t] - history[t] for t in four]
    mean_apart = sum(apart[t] * given.share_by3[t] for t in four)
    adjusting = 0.15 if mean_apart < 0 else 0.35
    before = [apart[t] * adjusting for t in four]
    cap = [0.05 * given.national[t][2] for t in four]
    adjustment = [max(-cap[t], min(cap[t], before[t])) for t in four]
    adjusted = [history[t] + adjustment[t] for t in four]
    uncapped = [given.scores[t][3] / given.scores[t][2] for t in four]
    capped = [min(one, 1.03) for one in uncapped]
    at_risk = [adjusted[t] * capped[t] for t in four]
    updated = [at_risk[t] * blended[t][3] for t in four]
    final = sum(updated[t] * given.share_py[t] for t in four)
    return {
        "A3B": national, "A3D": regional, "A3E": weights, "A3F": [[1 - w for w in row] for row in weights],
        "A3G": blended, "1D": ratio, "1E": [row[:3] for row in blended], "1F": trended,
        "1G": [[amount * third for amount in row] for row in trended], "1Gall": history,
        "1I": sum(history[t] * given.share_by3[t] for t in four), "1K": own_region, "1L": apart, "1M": mean_apart,
        "1N": adjusting, "1O": before, "1P": cap, "1Q": adjustment, "1R": adjusted,
        "1S": sum(adjusted[t] * given.share_by3[t] for t in four), "A1C": uncapped, "A1E": capped, "2D": at_risk,
        "2F": updated, "2H": final,
    } | _settled(given, final)  # fmt: skip


def minimum_rate(beneficiaries: int) -> float:
    for low, high, first, last in RATES[1:-1]:
        if low <= beneficiaries <= high:
            return float(first - (first - last) * (beneficiaries - low) / (high - low))
    return 0.02


def _settled(given: Invented, updated: float) -> dict[str, Any]:
    """Table 3 of 2022: the standard counts as met, and losses are forgiven in full."""
    track, years = TRACKS[given.track], given.person_years[1]
    spent = sum(given.spent[t][3] * given.spending * given.share_py[t] for t in range(4))
    expenditures, benchmark = spent * years, updated * years
    difference = benchmark - expenditures
    two_sided = track["loss"] is not None
    rate = given.chosen_rate if two_sided and given.chosen_rate is not None else minimum_rate(given.beneficiaries)
    minimum, size = rate * benchmark, abs(difference)
    outcome = DASH if size < minimum else "Savings" if difference > 0 else "Losses"
    shared = track["maximum"] * difference if difference > 0 and size >= minimum else 0
    loss_rate = max(0.4, min(0.75, 1 - 0.75 * given.score)) if track["loss"] == "score" else track["loss"]
    owed, limit = 0.0, None
    if two_sided:
        owed = difference * loss_rate if difference < 0 and size >= minimum else 0
        limit = track["benchmark"] * benchmark
        limit = limit if track["revenue"] is None else min(limit, track["revenue"] * given.revenue)
    after = max(owed, -limit) if limit is not None else DASH
    return {
        "E": spent, "F": updated, "G": expenditures, "H": benchmark, "I": difference, "J": max(difference, 0),
        "K": min(difference, 0), "L": rate, "M": -rate if two_sided else DASH, "N": minimum,
        "O": -minimum if two_sided else DASH, "P": outcome, "Q": track["maximum"], "R": given.score, "S": "Yes",
        "T": track["maximum"], "U": loss_rate if two_sided else DASH, "V": shared, "W": track["limit"] * benchmark,
        "X": 0.02 * shared, "Y": min(0.98 * shared, track["limit"] * benchmark), "Z": owed if two_sided else DASH,
        "AA": given.revenue, "BB": -limit if limit is not None else DASH, "CC": after,
        "DD": 1 if two_sided else DASH, "EE": 1 if two_sided else DASH, "FF": after, "GG": 0 if two_sided else DASH,
    }  # fmt: skip


class _Sheet:
    """Writes one table downwards."""

    def __init__(self, book: openpyxl.Workbook, title: str, columns: dict[str, int], first_row: int = 7) -> None:
        self.sheet = book.create_sheet(title)
        self.sheet["A1"] = title
        self.columns, self.row = columns, first_row

    def line(self, label: str, values: dict[str, Any] | None = None) -> None:
        self.sheet.cell(self.row, 1, label)
        if values is not None:
            for column, place in self.columns.items():
                self.sheet.cell(self.row, place, values.get(column, DASH))
        self.row += 1

    def typed(self, label: str, values: dict[str, list[float]]) -> None:
        """A heading and the four enrollment types."""
        self.line(label)
        for place, kind in enumerate(TYPES):
            self.line(f" {kind}  ", {column: by_type[place] for column, by_type in values.items()})

    def heads(self, names: dict[str, str]) -> None:
        for column, place in self.columns.items():
            self.sheet.cell(self.row, place, names[column])
        self.row += 1


def _columns(rows: Rows, names: tuple[str, ...]) -> dict[str, list[float]]:
    return {name: [row[place] for row in rows] for place, name in enumerate(names)}


def write_report(path: Path, given: Invented) -> Path:
    """Write the report."""
    found = computed(given)
    book = openpyxl.Workbook()
    book.remove(book.active)
    _table_3(book, given, found)
    _table_2(book, given, found)
    _table_1(book, given, found)
    _table_a3(book, given, found)
    _table_a1(book, given, found)
    _plain(book, "Table A4 - MSR", [("Number of Assigned Beneficiaries Range: \nLow", "High", "Low", "High"), *RATES])
    _table_a5(book)
    _parameters(book, given)
    _cover(book)
    book.save(path)
    return path


def _cover(book: openpyxl.Workbook) -> None:
    sheet = book.create_sheet("Cover", 0)
    for row, text in (
        (3, "A9997, Invented Hills ACO, LLC"),
        (4, "Financial Reconciliation Report, Performance Year 2022"),
        (9, "January 1, 2022 Agreement Start Date"),
    ):
        sheet.cell(row, 1, text)


def _parameters(book: openpyxl.Workbook, given: Invented) -> None:
    rows: list[tuple[Any, ...]] = [("Parameters", None), ("Time Periods and ACO Characteristics", None)]
    rows += [("Expenditure & Risk Score Period", None)]
    rows += [(f"Benchmark Year {n} (BY{n})", f"01/01/{2018 + n} - 12/31/{2018 + n}") for n in (1, 2, 3)]
    rows += [
        ("Claims Completion Factor", 1.013),
        ("ACO Track", given.track),
        ("ACO Agreement Period", "       2"),
        ("ACO Agreement Period Subject to Regional Adjustment", "       1"),
        ("ACO Assignment Methodology", "Preliminary Prospective"),
        ("Benchmark Year Weights", None),
        *((f"Benchmark Year {n} (BY{n})", "1/3") for n in (1, 2, 3)),
        ("Weight Used in Regional Adjustment Calculation", None),
        ("ACO Determined to Have Higher Spending than the ACO's Regional Service Area", 0.15),
        ("ACO Determined to Have Lower Spending than the ACO's Regional Service Area", 0.35),
    ]
    _plain(book, "Parameters", rows)


def _plain(book: openpyxl.Workbook, title: str, rows: list[tuple[Any, ...]]) -> None:
    sheet = book.create_sheet(title)
    for row, cells in enumerate(rows, start=3):
        for column, value in enumerate(cells, start=1):
            if value is not None:
                sheet.cell(row, column, value)


def _table_a5(book: openpyxl.Workbook) -> None:
    word = "Not applicable"
    _plain(
        book,
        "Table A5 - Inputs by Track",
        [
            ("Input", *(f"BASIC Track Level {level}" for level in "ABCDE"), "ENHANCED Track"),
            ("Maximum Sharing Rate \n(Row [Q] in Table 3)", 0.4, 0.4, 0.5, 0.5, 0.5, 0.75),
            ("Shared Loss Rate \n(Row [U] in Table 3)", word, word, 0.3, 0.3, 0.3, "One minus the product …"),
        ],
    )


def _table_a3(book: openpyxl.Workbook, given: Invented, found: dict[str, Any]) -> None:
    names = (*YEARS, "py")
    table = _Sheet(book, "Table A3 - Trend & Update", {"by1": 2, "by2": 3, "by3": 4, "py": 6})
    table.heads(HEADS)
    for letter, rows in (("A", given.national), ("B", found["A3B"]), ("C", given.regional), ("D", found["A3D"])):
        table.typed(f"[{letter}] Some label", _columns(rows, names))
    for letter in "EFG":
        table.typed(f"[{letter}] Some label ", _columns(found[f"A3{letter}"], names))
    table.sheet.cell(9, 9, 123.4)
    table.line("Note: rounded for presentation")
    table.line("[A] A note, not a line", {"by1": 1.0})


def _table_1(book: openpyxl.Workbook, given: Invented, found: dict[str, Any]) -> None:
    table = _Sheet(book, "Table 1 - Historical Benchmark", {"by1": 2, "by2": 3, "by3": 4, "benchmark": 6})
    table.heads(HEADS)
    table.line("[A1] Assigned Beneficiaries", dict.fromkeys(YEARS, 10_000))
    table.line("[A2] Person Years", dict.fromkeys(YEARS, given.person_years[0]))
    table.typed("[B] Per Capita Expenditures ($)", _columns(given.spent, YEARS))
    table.typed("[C] CMS-HCC Risk Score", _columns(given.scores, YEARS))
    for letter in "DEF":
        table.typed(f"[{letter}] Some label", _columns(found[f"1{letter}"], YEARS))
    table.typed("[G] Some label", {**_columns(found["1G"], YEARS), "benchmark": found["1Gall"]})
    table.typed("[H] Proportions", {"by3": given.share_by3})
    table.line("[I] Historical Benchmark", {"benchmark": found["1I"]})
    table.line("Determine Regional Adjustment")
    table.typed("[J] Some label", {"by3": [row[2] for row in given.regional]})
    for letter in "KL":
        table.typed(f"[{letter}] Some label", {"benchmark": found[f"1{letter}"]})
    for letter in "MN":
        table.line(f"[{letter}] Some label", {"benchmark": found[f"1{letter}"]})
    for letter in "OPQR":
        table.typed(f"[{letter}] Some label", {"benchmark": found[f"1{letter}"]})
    table.line("[S] Regionally-Adjusted Historical Benchmark ($)", {"benchmark": found["1S"]})
    table.line("Note: rounded for presentation")


def _table_a1(book: openpyxl.Workbook, given: Invented, found: dict[str, Any]) -> None:
    letters = ("A", "B", "C", "D", "E")
    table = _Sheet(book, "Table A1 - Risk", {letter: place for place, letter in enumerate(letters, start=2)})
    table.heads({letter: f"Some heading\n[{letter}]" for letter in letters})
    columns = ([row[2] for row in given.scores], [row[3] for row in given.scores], found["A1C"], [1.03] * 4)
    for place, kind in enumerate(TYPES):
        table.line(kind, dict(zip(letters, (*(column[place] for column in columns), found["A1E"][place]), strict=True)))
    table.line("Note: \n")


def _table_2(book: openpyxl.Workbook, given: Invented, found: dict[str, Any]) -> None:
    table = _Sheet(book, "Table 2 - Updated Benchmark", {"benchmark": 2, "py": 4})
    table.heads({"benchmark": "Benchmark Period", "py": "Performance Year"})
    table.typed("[A] Regionally-Adjusted Historical Benchmark Expenditures", {"benchmark": found["1R"]})
    table.line("Regionally-Adjusted Historical Benchmark ", {"benchmark": found["1S"]})
    scores = {"benchmark": [row[2] for row in given.scores], "py": [row[3] for row in given.scores]}
    table.typed("[B] ACO CMS-HCC Risk Score ", scores)
    table.typed("[C] ACO CMS-HCC Risk Ratio (Capped)", {"py": found["A1E"]})
    table.typed("[D] Some label", {"py": found["2D"]})
    table.typed("[E] Some label", {"py": [row[3] for row in found["A3G"]]})
    table.typed("[F] Some label", {"py": found["2F"]})
    table.typed("[G] Assigned Beneficiary Proportions", {"py": given.share_py})
    table.line("[H] Updated Benchmark ($) ", {"py": found["2H"]})


def _table_3(book: openpyxl.Workbook, given: Invented, found: dict[str, Any]) -> None:
    table = _Sheet(book, "Table 3 - Shared Savings Losses", {"py": 2})
    table.heads({"py": "Performance Year"})
    table.line("[A] Assigned Beneficiaries", {"py": given.beneficiaries})
    table.line("[B] Person Years", {"py": given.person_years[1]})
    table.typed("[C] Per Capita Expenditures", {"py": [row[3] * given.spending for row in given.spent]})
    table.typed("[D] Assigned Beneficiary Proportions", {"py": given.share_py})
    singles = [*"EFGHIJKLMNOPQRSTUVWXYZ", "AA", "BB", "CC", "DD", "EE", "FF", "GG"]
    for letter in singles:
        table.line(f"[{letter}] Some label ", {"py": found[letter]})
