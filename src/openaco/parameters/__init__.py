"""Every number and code list that a rule uses: dated, cited, strictly checked. Data only; no rule lives here.

A parameter is one YAML file, named by its path: `mssp/settlement/sequestration_rate`.

    title: Sequestration rate on earned shared savings
    unit: fraction
    dated_by: performance_year          # or agreement_start_year, calendar_year
    keyed_by: [track]                   # optional further keys
    values:
      - from: 2012
        through: 2018
        for: {track: BASIC_E}           # one entry per name in keyed_by
        value: 0.02                     # a scalar, a list, a mapping, or {table: codes.csv}
        cite: 42 CFR 425.605(d)(1)
        source: CMS methodology specifications v11, page 40
        confidence: quoted              # quoted | verified | unverified

Unknown keys, gaps and overlaps are errors; so is a year outside the stated range: nothing is extrapolated.
"""

from __future__ import annotations

from openaco.parameters.loader import ROOT, Parameter, ParameterValue, all_parameters, load_parameter

__all__ = ["ROOT", "Parameter", "ParameterValue", "all_parameters", "load_parameter", "parameter"]


def parameter(name: str, date: int, **keys: str) -> ParameterValue:
    """The value of a parameter for a year, with its citation and confidence.

    name: path without ending, such as `mssp/settlement/sequestration_rate`.
    date: the year it is dated by. keys: the further keys it is keyed by, such as `track="BASIC_E"`.
    Raises ParameterError if there is no such parameter, key or year.
    """
    return load_parameter(name).value_on(date, **keys)
