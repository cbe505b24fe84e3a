"""Statement, governing body's page, plans side by side and public report in a browser: for everybody, printable."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from distribution_world import facts, participant, plan
from openaco.insight.distribution.comparison import compare_plans
from openaco.insight.distribution.distribute import distribute
from openaco.insight.distribution.plan import check_plan, plan_text
from openaco.insight.distribution.public_file import Member, Public
from openaco.insight.distribution.public_report import public_report
from openaco.insight.distribution.sheet import distribution_worksheet
from openaco.reports.distribution.files import write_comparison, write_pages, write_public_pages
from openaco.worksheet import Worksheet

pytestmark = pytest.mark.browser
DESKTOP, PHONE = {"width": 1200, "height": 900}, {"width": 390, "height": 844}
PEOPLE = (
    participant(1, 780, difference=400_000, quality="82.4", points="5", clinicians=9),
    participant(2, 900, difference=-90_000, quality="61"),
    participant(3, 30, difference=9_000, quality="75"),
    participant(4, 12, kind="fqhc", quality="90"),
    participant(5, 140, kind="hospital", quality="39.9"),
)
PAGES = {
    "statement": "statements/practice-1-0001.html",
    "nothing": "statements/practice-5-0005.html",
    "loss": "loss/statements/practice-1-0001.html",
    "report": "report.html",
    "public": "public/public.html",
    "comparison": "comparison.html",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A distribution by the example plan, the same year with a loss, and the example beside another plan."""
    made = tmp_path_factory.mktemp("pages")
    settled = Worksheet("mssp", "invented", 2024)
    example = check_plan(plan_text("example"))
    result = distribute(example, facts(*PEOPLE, payment="1571693.03"))
    write_pages(result, distribution_worksheet(result, settled), made)
    body = Member(name="Kim Invented", represents="Medicare beneficiaries", voting_share=Decimal("0.2"))
    write_public_pages(public_report(result, Public(governing_body=(body,)), {2023: -90_000}), result, made)
    panels = plan({"name": "All", "formula": "panel", "share": 1}, name="By panel")
    write_comparison(compare_plans(example, panels, result.facts), made)
    sharing = plan({"formula": "panel", "share": 1}, losses_are_shared=True, losses={"formula": "panel", "cap": 90})
    lost = distribute(sharing, facts(*PEOPLE, payment="-250.00"))
    (made / "loss").mkdir()
    write_pages(lost, distribution_worksheet(lost, settled), made / "loss", pdf=False)
    return made


@pytest.fixture
def opened(open_page: Any, folder: Path) -> Any:
    """Opens one of PAGES."""

    def opener(name: str, viewport: dict[str, int] = DESKTOP, scripts: bool = True) -> Any:
        return open_page(folder / PAGES[name], viewport, scripts)

    return opener


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("name", PAGES)
def test_accessibility_rules_find_nothing(opened: Any, name: str, viewport: dict[str, int]) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = opened(name, viewport)
    page.evaluate("document.querySelectorAll('details').forEach(item => { item.open = true })")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_asked_of_any_network(opened: Any, name: str) -> None:
    page = opened(name, scripts=False)
    assert [url for url in page.asked if not url.startswith(("file:", "data:"))] == []
    assert len([url for url in page.asked if url.startswith("file:")]) == 1
    assert page.locator(".answer").inner_text().endswith(".")


def test_a_step_of_the_statement_opens_its_line(opened: Any) -> None:
    page = opened("statement")
    assert page.locator(".answer").inner_text().startswith("Your practice receives $")
    page.get_by_role("link", name="Rate per dollar credited").click()
    line = page.locator("tr:target")
    assert "rate.contribution_to_savings" in line.inner_text()
    assert line.is_visible()


@pytest.mark.parametrize("name", PAGES)
def test_every_link_on_the_page_leads_somewhere(opened: Any, folder: Path, name: str) -> None:
    page = opened(name)
    hrefs = page.evaluate("[...document.querySelectorAll('a[href]')].map(link => link.getAttribute('href'))")
    for href in hrefs:
        if href.startswith("#"):
            assert page.evaluate("id => !!document.getElementById(id)", href[1:]), href
        else:
            assert ((folder / PAGES[name]).parent / href).is_file(), href
    assert hrefs


def test_the_governing_body_goes_from_the_page_to_a_statement_and_its_pdf(opened: Any, folder: Path) -> None:
    page = opened("report")
    assert "share $" in page.locator(".answer").inner_text()
    assert page.get_by_role("link", name="PDF of Practice 4").get_attribute("href") == "statements/practice-4-0004.pdf"
    page.get_by_role("link", name="Page of Practice 1", exact=True).click()
    assert page.locator(".answer").inner_text().startswith("Your practice receives")


@pytest.mark.parametrize("name", ["statement", "report", "comparison"])
def test_charts_have_a_title_a_description_and_their_table_and_keep_words_apart(opened: Any, name: str) -> None:
    for viewport in (DESKTOP, PHONE):
        page = opened(name, viewport)
        page.evaluate("document.querySelectorAll('details').forEach(item => { item.open = true })")
        assert page.locator("figure").count() >= 1
        for figure in page.locator("figure").all():
            titles = figure.locator("svg > title").all_text_contents()
            assert set(titles) == {figure.locator("figcaption").text_content().strip()}
            assert figure.locator("table tbody tr").count() >= 2
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


def test_the_public_page_says_what_is_missing_and_shows_no_participants_amount(opened: Any) -> None:
    page = opened("public")
    assert "Not ready to publish" in page.locator(".supposed").inner_text()
    assert page.locator("section.missing").count() == 10
    assert page.get_by_role("row", name="2023").first.inner_text().split("\t")[1] == "$900.00"
    words = page.locator("body").inner_text()
    assert "Practice 1" in words
    assert not re.search(r"\b0{5}\d{4}\b", words)


def test_a_statement_prints_on_a_few_pages(opened: Any) -> None:
    page = opened("statement")
    page.emulate_media(media="print")
    pages = re.findall(rb"/Type\s*/Page\b", page.pdf(format="Letter"))
    assert 3 <= len(pages) <= 9
