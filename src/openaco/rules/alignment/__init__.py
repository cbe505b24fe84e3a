"""Alignment of beneficiaries to an ACO by weighted allowed charges: Pioneer, Next Generation and ACO REACH.

The order of use, for one baseline or performance year:

    rules = model_year(variant, performance_year)                    # another year than itself: "as if"
    years = years_known(alignment_years(year, variant, rules), since)  # since: the first day of the claims
    services = keep(primary_care_services(..., start=years[0].start, end=years[-1].end))   # rules/assignment
    result = align(services=services, ..., rules_year=rules, years=years, keep=keep)
    funnel(result), alignment_story(row), alignment_note(variant, year, rules, years)

`contract` documents the output column by column. Readings of ours, where no text was found, stand in the docstrings
and in `parameters/alignment/<variant>`. Not modeled: people for whom Medicare pays second, and service areas; neither
stands in the tables. The three models were tested under section 1115A of the Social Security Act.
"""

from openaco.rules.alignment.align import align
from openaco.rules.alignment.charges import deciding_kind, weighted_charges
from openaco.rules.alignment.explain import alignment_story
from openaco.rules.alignment.qualified_services import qualified_services
from openaco.rules.alignment.stages import ALIGNMENT_STAGES, funnel, stage_counts
from openaco.rules.alignment.years import AlignmentYear, alignment_note, alignment_years, model_year, years_known

__all__ = [
    "ALIGNMENT_STAGES",
    "AlignmentYear",
    "align",
    "alignment_note",
    "alignment_story",
    "alignment_years",
    "deciding_kind",
    "funnel",
    "model_year",
    "qualified_services",
    "stage_counts",
    "weighted_charges",
    "years_known",
]
