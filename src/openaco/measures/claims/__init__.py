"""Quality measures that CMS computes from claims: 479 readmission, 484 admissions with chronic conditions.

Observed rates are shown as such. A risk-standardized one asks for the coefficients of a national model, which are data
that the user loads (`model.read_model`).
"""
