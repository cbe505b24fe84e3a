"""A participant's statement: the answer first, every step with its numbers, the same on page and paper."""

from __future__ import annotations

import io
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from pypdf import PdfReader

from distribution_world import facts, participant, plan
from openaco.insight.distribution.comparison import compare_plans
from openaco.insight.distribution.distribute import Distribution, distribute
from openaco.insight.distribution.public_file import Public
from openaco.insight.distribution.public_report import public_report
from openaco.insight.distribution.sheet import distribution_worksheet
from openaco.reports.distribution.files import statement_stems
from openaco.reports.distribution.pages import (
    answer,
    comparison_answer,
    public_answer,
    render_comparison,
    render_distribution,
)
from openaco.reports.distribution.statement import Statement, statement
from openaco.reports.distribution.statement_html import render_statement
from openaco.reports.distribution.statement_pdf import statement_pdf
from openaco.reports.distribution.words import rate_text
from openaco.worksheet import Worksheet

SETTLED = Worksheet("mssp", "invented", 2024)
PEOPLE = (
    participant(1, 500, difference=500_000, quality="80"),
    participant(2, 500, difference=-100_000, quality="80"),
    participant(3, 0, kind="hospital"),
)
POOLS = (
    {
        "name": "Savings",
        "formula": "contribution",
        "share": Decimal("0.8"),
        "minimum_quality": 50,
        "credibility_person_years": 500,
    },
    {"name": "Panels", "formula": "quality_weighted_panel", "share": Decimal("0.2"), "classes": ["primary_care"]},
)
QUESTIONS = {"contact": "Finance office", "email": "finance@example.org", "days": 30}


def result(payment: str = "100000.00", **keys: Any) -> Distribution:
    rules = {
        "questions": QUESTIONS,
        "use": [{"kind": "care", "name": "Nurses", "share": Decimal("0.2"), "why": "They call."}],
    }
    return distribute(plan(*POOLS, **rules | keys), facts(*PEOPLE, payment=payment))


def told(of: Distribution, tin: str = "000000001") -> Statement:
    return statement(of, distribution_worksheet(of, SETTLED), tin)


def paper(of: Statement) -> str:
    """The words of the PDF, blanks evened out."""
    reader = PdfReader(io.BytesIO(statement_pdf(of)))
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def test_the_answer_comes_first_and_says_why() -> None:
    one = told(result())
    assert one.answer == "Your practice receives $64,000.00 for 2024."
    assert one.because == (
        "Invented ACO received $100,000.00; participants share $80,000.00 of it, and your part is 80.0%."
    )
    assert ("Your assigned people", "500", "of 1,000 in the ACO") in one.stats
    assert ("Quality score", "80", "your own, of 100") in one.stats


def test_every_step_shows_its_numbers() -> None:
    """Own $1,000, mean $400, half of each: $700 × 500 person-years; the other panel $100 × 500."""
    savings, panels = told(result()).pools
    steps = {step.label: (step.how, step.value) for step in savings.steps}
    assert steps["The pool"] == ("80% of the $80,000.00 that participants share", "$64,000.00")
    assert steps["Asked for"] == ("a quality score of 50, yours is 80", "passed")
    assert steps["What your people cost less than expected"] == (
        "($5,000,000.00 expected for people as sick − $4,500,000.00 actual) ÷ 500 person-years",
        "$1,000.00 a person-year",
    )
    assert steps["How much of it counts"] == (
        "500 ÷ (500 + 500) counts as it is; the rest counts as the whole ACO’s $400.00",
        "50.0%",
    )
    assert steps["Your measure"] == ("$700.00 × 500 person-years", "$350,000.00")
    assert steps["All measures"] == ("of 2 participants", "$400,000.00")
    assert steps["Rate per dollar credited"] == ("the pool ÷ all measures", "$0.16")
    assert steps["You receive"] == ("rate × measure", "$56,000.00")
    assert [step.value for step in panels.steps][-1] == "$8,000.00"


def test_a_participant_without_a_share_reads_why() -> None:
    none = told(result(), "000000003")
    assert none.answer == "Your hospital receives nothing for 2024."
    assert [pool.reason for pool in none.pools] == [
        "This pool asks for a quality score of 50, and no quality score is known.",
        "This pool is for: Primary care.",
    ]


@pytest.mark.parametrize(
    ("payment", "keys", "answer", "because"),
    [
        ("0", {}, "Your practice receives nothing for 2024.", "Invented ACO earned no shared savings"),
        ("-900.00", {}, "Your practice owes nothing for 2024.", "its plan does not share losses with participants"),
        (
            "-900.00",
            {"losses_are_shared": True, "losses": {"formula": "equal"}},
            "Your practice owes $300.00 for 2024.",
            "participants pay $900.00 of it, and your part is 33.3%",
        ),
        (
            "-900.00",
            {"losses_are_shared": True, "losses": {"formula": "panel", "minimum_panel": 501}},
            "Your practice owes nothing for 2024.",
            "Your part is nothing: losses are shared from 501 assigned people on",
        ),
        (
            "-900.00",
            {"losses_are_shared": True, "losses": {"formula": "panel", "from_reserve": 900}},
            "Your practice owes nothing for 2024.",
            "Your part is nothing: the reserve and the ACO pay",
        ),
    ],
)
def test_years_without_savings_are_answered(payment: str, keys: dict[str, Any], answer: str, because: str) -> None:
    of = result(payment, **keys)
    one = told(of)
    assert one.answer == answer
    assert because in one.because
    page = render_statement(one, "000000001")
    assert answer in page
    assert answer in paper(one)
    assert render_distribution(of, statement_stems(of), pdf=False)


def test_page_and_paper_say_the_same() -> None:
    one = told(result())
    page, printed = render_statement(one, "000000001"), paper(one)
    words = [one.answer, one.because, one.questions, "They call.", *one.promise]
    words += [step.how for pool in one.pools for step in pool.steps] + [row.amount for row in one.clinicians]
    words += [line.value for line in one.trace]
    for said in words:
        assert said.replace("’", "’") in page.replace("&#39;", "'")
        assert " ".join(said.replace("−", "–").split()) in printed, said
    assert "Page 1 of" in printed


def test_the_pdf_names_itself_and_is_the_same_every_time() -> None:
    one = told(result())
    first, second = statement_pdf(one), statement_pdf(one)
    assert first == second
    reader = PdfReader(io.BytesIO(first))
    assert reader.metadata is not None
    assert reader.metadata.title == "Practice 1: share of Invented ACO for 2024"
    assert reader.trailer["/Root"]["/Lang"] == "en-US"  # type: ignore[index]
    assert all(page.mediabox.width == 612 for page in reader.pages)


def test_what_cms_kept_for_advances_is_told() -> None:
    of = result("60000.00")
    kept = replace(of, facts=replace(of.facts, earned=10_000_000, recouped=4_000_000))
    one = told(kept)
    assert [bar.label for bar in one.above][:3] == ["Earned", "Kept by CMS for advances", "Received from CMS"]
    assert "CMS kept $40,000.00 of what was earned" in paper(one)
    none = distribute(of.plan, replace(of.facts, payment=0, earned=4_000_000, recouped=4_000_000))
    assert told(none).because.startswith("Invented ACO earned $40,000.00, and CMS kept all of it for advances")
    assert "CMS kept all of it" in answer(none)
    assert "CMS kept all of it" in public_answer(public_report(none, Public()), none)


def test_letters_that_the_usual_font_lacks_are_printed() -> None:
    one = replace(told(result()), name="Łukasz Ångström & Søn <Praxis> 診療所", aco_name="Año ACO")
    printed = paper(one)
    assert "Łukasz" in printed
    assert "Ångström & Søn <Praxis>" in printed
    assert "Año ACO" in printed


def test_a_long_list_of_clinicians_goes_over_pages() -> None:
    of = distribute(plan(*POOLS), facts(participant(1, 900, quality="80", clinicians=120), payment="5000.00"))
    printed = paper(told(of))
    assert printed.count("Arises from them, US dollars") >= 3
    assert "9900010119" in printed


def test_the_tin_is_never_printed_in_full_and_others_are_only_counted() -> None:
    one = told(result())
    page, printed = render_statement(one, "000000001"), paper(one)
    for text in (page, printed):
        assert "TIN ending 0001" in text
        assert "000000001" not in text
        assert "Practice 2" not in text
        assert "000000002" not in text
    assert any("the same of" in line.inputs for line in one.trace)


def test_every_step_leads_to_a_line_of_the_page() -> None:
    page = render_statement(told(result()), "000000001")
    for href in [part.split('"')[0] for part in page.split('href="#line-')[1:]]:
        assert f'id="line-{href}"' in page


def test_what_this_never_pays_for_names_the_quality_gate() -> None:
    promise = " ".join(told(result()).promise)
    assert "No part of this payment is for care left out" in promise
    assert "Savings looks at cost only against what people as sick as yours are expected to cost" in promise
    assert "a quality score of at least 50" in promise


def test_whom_to_ask_or_that_nobody_is_named() -> None:
    assert told(result()).questions.startswith("Ask Finance office, finance@example.org within 30 days")
    assert "the plan names nobody" in told(result(questions={})).questions


def test_a_what_if_says_so_everywhere() -> None:
    of = result()
    supposed = replace(of, facts=replace(of.facts, supposed=True))
    settled = Worksheet("mssp", "invented", 2024)
    settled.add("settlement.payment", 5.0, label="Payment", unit="usd")
    sheet = distribution_worksheet(supposed, settled)
    assert sheet.line("settlement.payment").note == "Supposed; the settlement says 5.00."
    one = statement(supposed, sheet, "000000001")
    assert "A what-if: this payment is supposed" in render_statement(one, "000000001")
    assert "A what-if: this payment is supposed" in paper(one)
    assert "A what-if: this payment is supposed" in render_distribution(supposed, {}, pdf=False)


def test_files_of_two_participants_alike_are_told_apart() -> None:
    twins = (replace(participant(10_001), name="Sun"), replace(participant(20_001), name="Sun"), participant(3))
    stems = statement_stems(distribute(plan(*POOLS), facts(*twins)))
    assert stems == {"000010001": "sun-0001-1", "000020001": "sun-0001-2", "000000003": "practice-3-0003"}


@pytest.mark.parametrize(
    ("rate", "shown"),
    [(0.16, "$0.16"), (0.0922349, "$0.092235"), (15000.0, "$15,000.00"), (104.9914834, "$104.991483")],
)
def test_rates_have_the_digits_they_need(rate: float, shown: str) -> None:
    assert rate_text(rate) == shown


def test_two_plans_are_answered_in_one_sentence() -> None:
    year = result().facts
    panel = plan({"name": "All", "formula": "panel", "share": 1}, name="B")
    first = compare_plans(result().plan, panel, year)
    assert comparison_answer(first) == (
        "Under “Test plan” 1 participant is better off than under “B”, and 1 worse; $14,000.00 changes hands among "
        "them. Participants share $20,000.00 less."
    )
    page = render_comparison(first)
    assert comparison_answer(first) in page
    assert "+$14,000.00" in page
    assert "−$34,000.00" in page
    same = compare_plans(panel, panel, year)
    assert comparison_answer(same) == "“B” and “B” give every participant the same."
