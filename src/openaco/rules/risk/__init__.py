"""CMS-HCC risk scores (42 CFR 422.308(c), 425.659): V22, V24, V28, ESRD V21 and V24, RxHCC V08.

Every model is rows of the tables under `parameters/risk`; the code knows none of them. `models` says what is here,
`reference` shapes the tables, `risk_scores` scores, `encounters` finds the diagnoses on claims that count.
"""

from openaco.rules.risk.cases import CASE
from openaco.rules.risk.models import (
    ModelYear,
    RiskModelError,
    confidence_of,
    known_model,
    model_year,
    model_years,
)
from openaco.rules.risk.reference import ReferenceTables, reference_tables
from openaco.rules.risk.score import RiskScores, risk_scores

__all__ = [
    "CASE",
    "ModelYear",
    "ReferenceTables",
    "RiskModelError",
    "RiskScores",
    "confidence_of",
    "known_model",
    "model_year",
    "model_years",
    "reference_tables",
    "risk_scores",
]
