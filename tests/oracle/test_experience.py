"""The figures that contracts are compared on are those of a run; what-if questions are answered from the same."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from decimal import Decimal

import numpy as np
import pytest

from openaco.engine import Engine, Lake
from openaco.errors import ConfigurationError
from openaco.insight.what_if import Answer, Question, answer
from openaco.programs.contract import Alignment
from openaco.programs.experience import Experience, experience, population_for
from openaco.programs.ledger import LedgerRun
from synthetic_world import YEARS, World, make_world

RETROSPECTIVE = Alignment("shared_savings", "retrospective")
PROSPECTIVE = Alignment("shared_savings", "prospective")
FIGURES = ("assigned_beneficiaries", "person_years", "per_capita", "risk_score", "regional_per_capita")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_world(tmp_path_factory.mktemp("experience"), beneficiaries=900, seed=71)


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine.duckdb(threads=2) as opened:
        yield opened


@pytest.fixture(scope="module")
def runs(world: World, engine: Engine) -> dict[Alignment, LedgerRun]:
    return {
        alignment: world.settle(engine, alignment.variant, region_from_file=False)
        for alignment in (RETROSPECTIVE, PROSPECTIVE)
    }


@pytest.fixture(scope="module")
def found(world: World, engine: Engine, runs: dict[Alignment, LedgerRun]) -> Experience:
    configuration = runs[RETROSPECTIVE].configuration
    alignments = (RETROSPECTIVE, PROSPECTIVE)
    population = population_for(engine, Lake(world.home.lake), configuration, YEARS[-1], alignments)
    return experience(engine, population, configuration, YEARS[-1], alignments)


@pytest.mark.parametrize("alignment", [RETROSPECTIVE, PROSPECTIVE], ids=lambda alignment: alignment.variant)
def test_figures_are_those_of_a_run(alignment: Alignment, runs: dict[Alignment, LedgerRun], found: Experience) -> None:
    figures = found.figures(alignment, truncated=True)
    for role, inputs in runs[alignment].inputs.all_years().items():
        for name in FIGURES:
            assert getattr(figures[role], name) == getattr(inputs, name), (role, name)
    assert figures["by3"].national_weight == runs[alignment].inputs.national_weight_by3
    assert figures["py"].national_weight == runs[alignment].inputs.national_weight_py


def test_drawing_everybody_once_gives_the_figures_and_twice_the_same_per_capita(found: Experience) -> None:
    weights = np.vstack([np.ones(len(found.people), dtype="int64"), np.full(len(found.people), 2)])
    once, twice = found.redrawn(RETROSPECTIVE, weights, truncated=True)
    for role, inputs in found.figures(RETROSPECTIVE, truncated=True).items():
        assert once[role].assigned_beneficiaries == inputs.assigned_beneficiaries
        assert twice[role].assigned_beneficiaries == 2 * inputs.assigned_beneficiaries
        for kind, amount in inputs.per_capita.items():
            assert once[role].per_capita[kind] == pytest.approx(amount, abs=0.001)
            assert twice[role].per_capita[kind] == pytest.approx(amount, abs=0.001)
            assert once[role].risk_score[kind] == pytest.approx(inputs.risk_score[kind], rel=1e-12)
            assert twice[role].person_years[kind] == pytest.approx(2 * inputs.person_years[kind])


def test_leaving_one_person_out_takes_exactly_that_person(found: Experience) -> None:
    year = found.years[RETROSPECTIVE]["py"]
    leaver = int(year.aligned[0])
    weights = np.ones((1, len(found.people)), dtype="int64")
    weights[0, leaver] = 0
    (without,) = found.redrawn(RETROSPECTIVE, weights, truncated=False)
    whole = year.figures(truncated=False)
    months = year.months[year.person == leaver].sum()
    assert without["py"].assigned_beneficiaries == whole.assigned_beneficiaries - 1
    assert without["py"].total_person_years == pytest.approx(whole.total_person_years - months / 12)


def test_truncation_only_lowers(found: Experience) -> None:
    year = found.years[RETROSPECTIVE]["py"]
    assert (np.abs(year.annual_cents) <= np.abs(year.cents * 12)).all()
    assert (
        year.figures(truncated=True).per_capita["aged_non_dual"]
        <= year.figures(truncated=False).per_capita["aged_non_dual"]
    )


def ask(world: World, engine: Engine, runs: dict[Alignment, LedgerRun], question: Question) -> Answer:
    configuration = runs[RETROSPECTIVE].configuration
    return answer(engine, Lake(world.home.lake), configuration, YEARS[-1], question)


def test_another_method_gives_the_worksheet_of_a_run_by_that_method(
    world: World, engine: Engine, runs: dict[Alignment, LedgerRun]
) -> None:
    found = ask(world, engine, runs, Question(method="prospective"))
    for alignment, sheet in ((RETROSPECTIVE, found.before), (PROSPECTIVE, found.after)):
        assert {line.id: line.value for line in sheet} == {line.id: line.value for line in runs[alignment].worksheet}
    assert found.change == found.after.number("settlement.payment") - found.before.number("settlement.payment")


def test_a_participant_that_leaves_takes_its_people_and_its_revenue(
    world: World, engine: Engine, runs: dict[Alignment, LedgerRun]
) -> None:
    roster = csv.DictReader((world.files / "roster" / "participants.csv").open(encoding="utf-8"))
    configuration = runs[RETROSPECTIVE].configuration
    tin = min(row["tin"] for row in roster if row["aco_id"] == configuration.aco.id)
    found = ask(world, engine, runs, Question(drop_tins=(tin,)))
    before, after = found.before, found.after
    assert after.number("settlement.assigned_beneficiaries") < before.number("settlement.assigned_beneficiaries")
    assert after.number("benchmark.assigned_beneficiaries.by1") < before.number("benchmark.assigned_beneficiaries.by1")
    assert after.number("settlement.participant_revenue") < before.number("settlement.participant_revenue")
    assert "estimated" in found.notes[0]


def test_less_use_of_one_service_lowers_spending_and_nothing_before_it(
    world: World, engine: Engine, runs: dict[Alignment, LedgerRun]
) -> None:
    question = Question(services={"inpatient": Decimal("0.9")}, risk_score=1.0)
    found = ask(world, engine, runs, question)
    spent = "settlement.total_expenditures"
    assert 0.9 * found.before.number(spent) < found.after.number(spent) < found.before.number(spent)
    assert found.after["settlement.total_benchmark"] == found.before["settlement.total_benchmark"]
    assert {item.line.id.split(".")[0] for item in found.changed()} == {"settlement"}


def test_a_question_that_asks_nothing_or_the_impossible_is_told_so(
    world: World, engine: Engine, runs: dict[Alignment, LedgerRun]
) -> None:
    with pytest.raises(ConfigurationError, match="changes nothing"):
        ask(world, engine, runs, Question())
    with pytest.raises(ConfigurationError, match="is no participant"):
        ask(world, engine, runs, Question(drop_tins=("999999998",)))
    with pytest.raises(ConfigurationError, match="no such service"):
        ask(world, engine, runs, Question(services={"surgery": Decimal(1)}))
