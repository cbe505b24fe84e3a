"""The report in a real browser: readable by everybody, complete without a network or scripts, printable."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from openaco.reports.html import write_html
from openaco.reports.run_results import RunResults
from reports_fixture import demo_inputs, write_run

pytestmark = pytest.mark.browser
DESKTOP, PHONE = {"width": 1200, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A report with savings and one with losses."""
    found = {}
    for name, inputs in {"savings": demo_inputs(), "losses": demo_inputs(1.06)}.items():
        folder = write_run(tmp_path_factory.mktemp(name), inputs)
        found[name] = write_html(RunResults.read(folder), folder / "report.html")
    return found


@pytest.fixture
def open_report(open_page: Any, reports: dict[str, Path]) -> Any:
    """Opens the report with savings, or the one with losses."""

    def opener(name: str = "savings", viewport: dict[str, int] = DESKTOP, scripts: bool = True) -> Any:
        return open_page(reports[name], viewport, scripts)

    return opener


@pytest.mark.parametrize(("name", "viewport"), [("savings", DESKTOP), ("losses", PHONE)], ids=["desktop", "phone"])
def test_accessibility_rules_find_nothing(open_report: Any, name: str, viewport: dict[str, int]) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = open_report(name, viewport)
    page.evaluate("document.querySelectorAll('details').forEach(item => { item.open = true })")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("name", ["savings", "losses"])
def test_nothing_is_asked_of_any_network(open_report: Any, name: str) -> None:
    opened = open_report(name)
    assert [url for url in opened.asked if not url.startswith(("file:", "data:"))] == []
    assert len([url for url in opened.asked if url.startswith("file:")]) == 1


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_page_never_scrolls_sideways(open_report: Any, viewport: dict[str, int]) -> None:
    page = open_report(viewport=viewport)
    page.evaluate("document.querySelectorAll('details').forEach(item => { item.open = true })")
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


def test_the_answer_comes_first_and_its_numbers_are_doors(open_report: Any) -> None:
    page = open_report("losses")
    assert "OpenACO Demo ACO owes CMS $1.92 million for 2024" in page.locator(".answer").inner_text()
    page.get_by_role("link", name="$1,920,726").click()
    line = page.locator("td:target")
    assert line.get_attribute("id") == "line-settlement.payment"
    assert line.inner_text() == "−$1,920,726"


def test_the_keyboard_opens_a_line_and_follows_an_input(open_report: Any) -> None:
    page = open_report()
    summary = page.locator(".how summary", has_text="Total savings:")
    summary.focus()
    page.keyboard.press("Enter")
    inputs = summary.locator("xpath=following-sibling::div")
    assert inputs.is_visible()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Total benchmark minus total expenditures"
    page.keyboard.press("Enter")
    assert page.url.endswith("#line-settlement.difference")


def test_every_link_leads_to_a_place_on_the_page(open_report: Any) -> None:
    page = open_report()
    lost = page.evaluate(
        "[...document.querySelectorAll('a[href]')].map(link => link.getAttribute('href'))"
        ".filter(href => !document.getElementById(href.slice(1)))"
    )
    assert lost == []


def test_without_scripts_everything_is_there(open_report: Any) -> None:
    page = open_report(scripts=False)
    assert page.locator("svg:visible").count() >= 6
    page.locator("summary", has_text="All years").click()
    assert page.get_by_role("table", name="Spending by year and enrollment type").is_visible()


def test_every_chart_has_a_title_a_description_and_its_table(open_report: Any) -> None:
    page = open_report()
    for figure in page.locator("figure").all():
        titles = figure.locator("svg > title").all_text_contents()
        assert len(set(titles)) == 1
        assert titles[0] == figure.locator("figcaption").text_content().strip()
        assert all(figure.locator("svg > desc").all_text_contents())
        assert figure.locator("table tbody tr").count() >= 2


def test_charts_keep_their_words_apart(open_report: Any) -> None:
    """No label runs into its value, in either width of any chart."""
    for viewport in (DESKTOP, PHONE):
        page = open_report(viewport=viewport)
        page.evaluate("document.querySelectorAll('details').forEach(item => { item.open = true })")
        overlaps = page.evaluate(
            """() => [...document.querySelectorAll('figure svg')].filter(svg => svg.checkVisibility()).flatMap(svg => {
                const words = [...svg.querySelectorAll('text')].map(text => [text, text.getBoundingClientRect()]);
                return words.flatMap(([text, box], index) => words.slice(index + 1)
                    .filter(([, other]) => box.left < other.right - 1 && other.left < box.right - 1
                        && box.top < other.bottom - 4 && other.top < box.bottom - 4)
                    .map(([other]) => text.textContent + ' / ' + other.textContent));
            })"""
        )
        assert overlaps == []


def test_it_prints_the_whole_worksheet(open_report: Any, tmp_path: Path) -> None:
    page = open_report()
    page.emulate_media(media="print")
    assert page.locator("nav").is_hidden()
    assert page.locator("#line-settlement\\.payment").is_visible()
    pages = re.findall(rb"/Type\s*/Page\b", page.pdf(format="Letter"))
    assert 8 <= len(pages) <= 40
