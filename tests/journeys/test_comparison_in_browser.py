"""Contracts side by side in a real browser: readable by everybody, complete without a network."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from contract_world import HalfOfEverything, spent
from openaco.insight.compare import compare
from openaco.reports.comparison import write_comparison

pytestmark = pytest.mark.browser
DESKTOP, PHONE = {"width": 1200, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def comparison(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two contracts of a population that saves a little: one can owe, one cannot."""
    one = HalfOfEverything()
    two = replace(one, id="upside", label="Half of savings alone", two_sided=False, corridor=0.02)
    found = compare(spent(*range(0, 1960, 20)), [one, two], draws=200, seed=5)
    return write_comparison(found, "Invented Valley ACO", tmp_path_factory.mktemp("comparison"))


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_accessibility_rules_find_nothing(open_page: Any, comparison: Path, viewport: dict[str, int]) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = open_page(comparison, viewport)
    page.evaluate("document.querySelectorAll('details').forEach(item => { item.open = true })")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_the_answer_names_the_contract_that_pays_most_and_its_payment_opens_the_worksheet(
    open_page: Any, comparison: Path
) -> None:
    page = open_page(comparison)
    assert page.locator(".answer").inner_text().startswith("Half of savings alone pays Invented Valley ACO most")
    page.locator("a[href='#sheet-upside']").click()
    assert page.locator("#sheet-upside").is_visible()
    assert [url for url in page.asked if not url.startswith(("file:", "data:"))] == []


def test_every_link_leads_to_a_place_on_the_page(open_page: Any, comparison: Path) -> None:
    page = open_page(comparison)
    targets = page.eval_on_selector_all("a[href^='#']", "links => links.map(link => link.getAttribute('href'))")
    assert len(targets) > 5
    assert [target for target in targets if page.locator(f"[id='{target[1:]}']").count() != 1] == []


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_page_never_scrolls_sideways(open_page: Any, comparison: Path, viewport: dict[str, int]) -> None:
    page = open_page(comparison, viewport)
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
