"""The raw score of a CMS risk adjustment model: the sum of its factors, with every step kept (42 CFR 422.308(c))."""

from __future__ import annotations

from dataclasses import dataclass

from openaco.engine import Checkpoint, Table, Value, _, coalesce, lazily, literal, round_half_up, stack
from openaco.rules.risk.cases import count_factors, demographic_factors, divisors, with_flags, with_segments
from openaco.rules.risk.diagnoses import category_factors, interaction_factors, mapped_diagnoses, payment_categories
from openaco.rules.risk.reference import ReferenceTables

DIGITS = 3


@dataclass(frozen=True)
class RiskScores:
    """Raw scores and the way to them. No normalization, no coding adjustment.

    cases       the cases with their segments and flags
    scores      one case with a segment: `raw_score` (decimal, 3 digits), `exact_score` (number), `demographic_score`
                (number: what the person's age, sex and status count), `divisor` (1 unless the model divides)
    factors     one case, one variable: `kind` (demographic, cell, category, interaction, count), `variable`, `factor`
    categories  see `payment_categories`
    diagnoses   see `mapped_diagnoses`
    """

    cases: Table
    scores: Table
    factors: Table
    categories: Table
    diagnoses: Table


def risk_scores(
    cases: Table, diagnoses: Table, reference: ReferenceTables, *, checkpoint: Checkpoint = lazily
) -> RiskScores:
    """Score cases (see `cases.CASE`) from their diagnoses (`case_id`, `icd10cm`), each by its model and segment.

    A case without a segment gets no score. Order: edits, heart patch on categories, hierarchies, interactions, counts
    (CMS macro V2823T2M lines 448-452). Factors are decimals, so the sum does not depend on their order; a divided sum
    is rounded half up once. 42 CFR 422.308(c).
    """
    people = checkpoint(with_flags(with_segments(cases, reference)))
    placed = people.filter(people.segment.notnull())
    mapped = checkpoint(mapped_diagnoses(placed, diagnoses, reference))
    categories = checkpoint(payment_categories(mapped, reference))
    standing = categories.filter(_.stands == 1)
    demographic = demographic_factors(placed, reference)
    kind = (demographic.cell == 1).ifelse("cell", "demographic")
    factors = checkpoint(
        stack(
            [
                demographic.select("case_id", "variable", "factor", kind=kind),
                _of_kind("category", category_factors(standing, reference)),
                _of_kind("interaction", interaction_factors(standing, placed, reference)),
                _of_kind("count", count_factors(standing, reference)),
            ]
        )
    )
    return RiskScores(people, checkpoint(_sums(placed, factors, reference)), factors, categories, mapped)


def _of_kind(kind: str, factors: Table) -> Table:
    return factors.select("case_id", "variable", "factor", kind=literal(kind))


def _sums(placed: Table, factors: Table, reference: ReferenceTables) -> Table:
    personal = _.kind.isin(["cell", "demographic"])
    sums = factors.group_by("case_id").agg(total=_.factor.sum(), personal=_.factor.sum(where=personal))
    sums = sums.rename(summed_case="case_id")
    divided = divisors(placed, reference).rename(divided_case="case_id")
    joined = placed.select("case_id").left_join(sums, [("case_id", "summed_case")])
    joined = joined.left_join(divided, [("case_id", "divided_case")]).mutate(divisor=coalesce(_.divisor, 1.0))
    joined = joined.mutate(exact_score=_whole_sum(_.total) / _.divisor, personal=_whole_sum(_.personal) / _.divisor)
    return joined.select(
        "case_id",
        "divisor",
        "exact_score",
        raw_score=round_half_up(_.exact_score, DIGITS),
        demographic_score=_.personal,
    )


def _whole_sum(total: Value) -> Value:
    """A sum of three-digit decimals as a number; nothing summed is zero."""
    return coalesce(total.cast("float64"), 0.0)
