"""The raw score of a CMS risk adjustment model: the sum of its factors, with every step kept (42 CFR 422.308(c))."""

from __future__ import annotations

from dataclasses import dataclass

from openaco.engine import Checkpoint, Table, Value, _, coalesce, lazily, literal, round_half_up, stack
from openaco.rules.risk.cases import (
    count_factors,
    demographic_factors,
    divisors,
    profiles,
    with_flags,
    with_profile,
    with_segments,
)
from openaco.rules.risk.diagnoses import (
    category_factors,
    interaction_factors,
    mapped_diagnoses,
    payment_categories,
    standing,
)
from openaco.rules.risk.reference import ReferenceTables

DIGITS = 3


@dataclass(frozen=True)
class RiskScores:
    """Raw scores and the way to them. No normalization, no coding adjustment.

    profiles    what the models know of people besides diagnoses: segment and flags, by `profile_id`
    people      one case that has a segment: see `with_profile`
    scores      one case that has a segment: `raw_score` (decimal, 3 digits), `exact_score` (number), `divisor` (1
                unless the model divides)
    numbered    one case, one `variable_id`, its `factor`
    categories  see `payment_categories`
    diagnoses   see `mapped_diagnoses`; computed only if it is asked for
    """

    profiles: Table
    people: Table
    scores: Table
    numbered: Table
    categories: Table
    diagnoses: Table
    reference: ReferenceTables

    def factors(self) -> Table:
        """The factors by name: `case_id`, `kind`, `variable`, `factor`. 42 CFR 422.308(c)."""
        named = self.numbered.join(self.reference.variable, "variable_id")
        return named.select("case_id", "kind", "variable", "factor")


def risk_scores(
    cases: Table, diagnoses: Table, reference: ReferenceTables, *, checkpoint: Checkpoint = lazily
) -> RiskScores:
    """Score cases (see `cases.CASE`) from their diagnoses (`case_id`, `icd10cm`), each by its model and segment.

    A case without a segment gets no score. Order: edits, heart patch on categories, hierarchies, interactions, counts
    (CMS macro V2823T2M lines 448-452). Factors are decimals, so the sum does not depend on their order; a divided sum
    is rounded half up once. 42 CFR 422.308(c).
    """
    described = checkpoint(with_flags(with_segments(profiles(cases), reference)))
    people = checkpoint(with_profile(cases, described))
    mapped = mapped_diagnoses(people, diagnoses, reference)
    categories = checkpoint(payment_categories(mapped, reference))
    stands = standing(categories)
    demographic = people.select("case_id", "profile_id").join(demographic_factors(described, reference), "profile_id")
    numbered = checkpoint(
        stack(
            [
                demographic.select("case_id", "variable_id", "factor"),
                category_factors(stands, reference),
                interaction_factors(stands, people, reference),
                count_factors(stands, reference),
            ]
        )
    )
    scores = checkpoint(_sums(people, described, numbered, reference))
    return RiskScores(described, people, scores, numbered, categories, mapped, reference)


def _sums(people: Table, described: Table, numbered: Table, reference: ReferenceTables) -> Table:
    sums = numbered.group_by("case_id").agg(total=_.factor.sum()).rename(summed_case="case_id")
    joined = people.select("case_id", "profile_id").left_join(sums, [("case_id", "summed_case")])
    if reference.divides:
        divided = divisors(described, reference).rename(divided_profile="profile_id")
        joined = joined.left_join(divided, [("profile_id", "divided_profile")])
        divisor: Value = coalesce(joined.divisor, 1.0)
    else:
        divisor = literal(1.0)
    exact = coalesce(joined.total.cast("float64"), 0.0) / divisor
    return joined.select("case_id", divisor=divisor, exact_score=exact, raw_score=round_half_up(exact, DIGITS))
