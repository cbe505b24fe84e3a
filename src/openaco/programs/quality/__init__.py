"""From measure results to the quality result of a settlement (42 CFR 425.512).

`read_rates` reads what an ACO reported; `score_quality` makes points, score and standard of it, with its worksheet;
`gap_worths` says what one more closed gap is worth; `with_quality` puts the result into a configuration.
"""

from openaco.programs.quality.assess import Assessment, Scored, assess
from openaco.programs.quality.gaps import GapWorth, gap_worths
from openaco.programs.quality.rates import MeasureRate, QualityRates
from openaco.programs.quality.rates_file import read_rates
from openaco.programs.quality.score import QualityResult, score_quality
from openaco.programs.quality.settlement import run_worksheet, settled_with, settlement_facts, with_quality

__all__ = [
    "Assessment",
    "GapWorth",
    "MeasureRate",
    "QualityRates",
    "QualityResult",
    "Scored",
    "assess",
    "gap_worths",
    "read_rates",
    "run_worksheet",
    "score_quality",
    "settled_with",
    "settlement_facts",
    "with_quality",
]
