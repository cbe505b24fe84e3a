"""The report's text, without a browser: what it says, and what it must not say."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from openaco.reports import charts
from openaco.reports.html import render_html, write_html
from openaco.reports.run_results import RunResults
from openaco.reports.worksheet_view import common_label, sections
from reports_fixture import OLD_MBI, PERSON_1, demo_inputs, write_run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunResults:
    return RunResults.read(write_run(tmp_path_factory.mktemp("run")))


@pytest.fixture(scope="module")
def page(run: RunResults) -> str:
    return render_html(run)


class Shape(HTMLParser):
    """Collects ids, headings and addresses."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.headings: list[int] = []
        self.addresses: list[str] = []
        self.scripts = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        self.ids += [known["id"]] if known.get("id") else []
        self.addresses += [str(known[name]) for name in ("href", "src") if name in known]
        self.headings += [int(tag[1])] if re.fullmatch("h[1-6]", tag) else []
        self.scripts += tag == "script"


def test_every_line_of_the_worksheet_has_one_place(run: RunResults, page: str) -> None:
    ids = Shape(page).ids
    assert len(ids) == len(set(ids))
    assert {f"line-{line.id}" for line in run.worksheet} <= set(ids)


def test_the_page_needs_nothing_from_elsewhere(page: str) -> None:
    shape = Shape(page)
    assert shape.scripts == 0
    assert all(address.startswith(("#", "data:")) for address in shape.addresses)
    assert re.findall(r"url\((?!#)|@import", page) == []
    assert "default-src 'none'" in page


def test_headings_go_down_one_level_at_a_time(page: str) -> None:
    levels = Shape(page).headings
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_nobody_is_named(page: str) -> None:
    assert PERSON_1 not in page
    assert OLD_MBI not in page


def test_what_is_not_confirmed_is_said_and_marked(run: RunResults, page: str) -> None:
    marked = re.findall(r'id="line-([^"]+)"><span class="mark"', page)
    assert set(marked) == {line.id for line in run.worksheet.unverified()}
    assert f"{len(marked)} lines of {len(run.worksheet.lines)} rest directly on something not confirmed" in page


def test_what_cms_alone_knows_is_listed(page: str) -> None:
    listed = page[page.index("What CMS alone knows") :]
    for stated in ("participant_revenue", "quality.score", "aco.toml, national"):
        assert stated in listed


def test_small_counts_come_with_a_warning(tmp_path: Path, page: str) -> None:
    assert "Some counts are below 11" in page
    path = write_run(tmp_path) / "claims.json"
    path.write_text(path.read_text().replace('"claims": 7,', '"claims": 70,'))
    assert "Some counts are below 11" not in render_html(RunResults.read(tmp_path))


def test_the_same_run_gives_the_same_bytes(run: RunResults, page: str, tmp_path: Path) -> None:
    assert write_html(run, tmp_path / "report.html").read_text(encoding="utf-8") == page


def test_names_with_signs_of_html_do_no_harm(tmp_path: Path) -> None:
    run = RunResults.read(write_run(tmp_path))
    manifest = run.manifest.model_copy(update={"aco_name": "<b>A&B</b>"})
    page = render_html(RunResults(**{**vars(run), "manifest": manifest}))
    assert "<b>A" not in page
    assert "&lt;b&gt;A&amp;B&lt;/b&gt; earned" in page


def test_a_payment_that_cannot_be_told_says_why(tmp_path: Path) -> None:
    quality = demo_inputs().result.quality.model_copy(update={"score": None})
    inputs = demo_inputs(1.06, track="ENHANCED", quality=quality)
    path = write_run(tmp_path)
    scenarios = path / "sensitivity.json"
    scenarios.write_text('[{"group": "Quality", "label": "Only the alternative", "payment": null, "note": "no score"}]')
    page = render_html(RunResults.read(path))
    assert inputs.result.quality.score is None
    assert "Only the alternative: not known, because no score." in page


def test_lines_that_differ_by_type_and_year_stand_in_one_block(run: RunResults) -> None:
    blocks = {block.key: block for section in sections(run.worksheet) for block in section.blocks}
    trended = blocks["benchmark.trended"]
    assert trended.label == "Trended per capita expenditures"
    assert trended.rows == ["esrd", "disabled", "aged_dual", "aged_non_dual"]
    assert trended.cell("aged_dual", "by2") is run.worksheet.lines["benchmark.trended.aged_dual.by2"]
    assert sum(len(block.lines) for block in blocks.values()) == len(run.worksheet.lines)


@pytest.mark.parametrize(
    ("labels", "common"),
    [
        (["Per capita, ESRD, BY1", "Per capita, aged/non-dual, BY3"], "Per capita"),
        (["Score, disabled, performance year", "Score, ESRD, BY3"], "Score"),
        (["Weight, BY1", "Weight, BY2"], "Weight"),
        (["Payment"], "Payment"),
    ],
)
def test_common_label(labels: list[str], common: str) -> None:
    assert common_label(labels) == common


def luminance(color: str) -> float:
    channels = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4 for value in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("color", [*charts.TYPE_COLORS.values(), charts.NEUTRAL, charts.EARNED, charts.OWED])
def test_bars_stand_out_from_the_page(color: str) -> None:
    """At least 3 to 1 against white (WCAG 2.2, 1.4.11)."""
    assert 1.05 / (luminance(color) + 0.05) >= 3


def test_enrollment_types_can_be_told_apart_in_gray_print() -> None:
    shades = sorted(luminance(color) for color in charts.TYPE_COLORS.values())
    assert all((light + 0.05) / (dark + 0.05) > 1.15 for dark, light in pairwise(shades))
