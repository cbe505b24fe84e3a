"""Pairs of records that may be one person, with the probability: Splink on DuckDB, with weights that are given.

Nothing is learnt from the data but how frequent a name is, so the same records give the same scores in any order.
Splink is an optional part: `pip install 'openaco[matching]'`.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from openaco.errors import OpenACOError

_EXACT, _SIMILAR = '"{0}_l" = "{0}_r"', 'jaro_winkler_similarity("{0}_l", "{0}_r") >= {1}'
_SLIP = 'damerau_levenshtein("{0}_l", "{0}_r") <= 1'
_LEVELS = {
    "exact": _EXACT,
    "similar": _SIMILAR,
    "one_slip": _SLIP,
    "initial": 'least(length("{0}_l"), length("{0}_r")) = 1 AND left("{0}_l", 1) = left("{0}_r", 1)',
    "former": '"{0}_l" = "former_{0}_r" OR "former_{0}_l" = "{0}_r"',
    "zip_code": '"zip_code_l" = "zip_code_r"',
    "area": 'left("zip_code_l", 3) = left("zip_code_r", 3)',
}
_WHOLE_ADDRESS = '"address_l" = "address_r" AND "zip_code_l" = "zip_code_r"'
_NO_ADDRESS = '"zip_code_l" IS NULL OR "zip_code_r" IS NULL'
_CANDIDATES = (
    'l."birth_date" = r."birth_date"',
    'l."last_name" = r."last_name" AND l."first_name" = r."first_name"',
    'l."phone" = r."phone"',
    'l."zip_code" = r."zip_code" AND l."last_name" = r."last_name"',
)
"""Two records are compared only where one of these holds."""


@dataclass(frozen=True)
class ScoredPair:
    """Two records by their ids, the lesser first, and the probability that both are of one person."""

    first: str
    second: str
    probability: float


def score_pairs(
    records: pa.Table, weights: Mapping[str, Mapping[str, Mapping[str, Any]]], *, similar: float, least: float
) -> list[ScoredPair]:
    """The pairs whose probability is at least `least`, in the order of their ids.

    records: `unique_id` and the columns that `weights` names, `former_last_name` and `zip_code`; blank = not stated.
    weights: by column and level, shares `m` and `u` (see `parameters/matching/weights`). A record is expected to have
    about one other among all. Raises OpenACOError where Splink is not installed.
    """
    try:
        from splink import Linker
        from splink.backends.duckdb import DuckDBAPI
    except ImportError as error:
        raise OpenACOError(
            "records cannot be compared by probability: Splink is not installed",
            remedy="pip install 'openaco[matching]', or match by exact keys alone with --exact-only.",
        ) from error
    if len(records) < 2:
        return []
    logging.getLogger("splink").setLevel(logging.ERROR)
    database = DuckDBAPI()
    ordered = records.sort_by("unique_id")
    linker = Linker(database.register(ordered), _settings(len(records), weights, similar), log_level=None)
    found = linker.inference.predict(threshold_match_probability=least, warning_mode="never")
    rows = found.as_record_list()
    pairs = []
    for row in rows:
        first, second = sorted((row["unique_id_l"], row["unique_id_r"]))
        pairs.append(ScoredPair(first, second, round(row["match_probability"], 6)))
    database.duckdb_con.close()
    return sorted(pairs, key=lambda pair: (pair.first, pair.second))


def _settings(count: int, weights: Mapping[str, Mapping[str, Mapping[str, Any]]], similar: float) -> dict[str, Any]:
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "unique_id",
        "probability_two_random_records_match": 1 / count,
        "blocking_rules_to_generate_predictions": list(_CANDIDATES),
        "comparisons": [_comparison(column, levels, similar) for column, levels in weights.items()],
    }


def _comparison(column: str, levels: Mapping[str, Mapping[str, Any]], similar: float) -> dict[str, Any]:
    nothing = _NO_ADDRESS if column == "address" else f'"{column}_l" IS NULL OR "{column}_r" IS NULL'
    built: list[dict[str, Any]] = [
        {"sql_condition": nothing, "label_for_charts": "not stated", "is_null_level": True},
    ]
    for name, shares in levels.items():
        level = {
            "sql_condition": _condition(column, name, similar),
            "label_for_charts": name,
            "m_probability": shares["m"],
            "u_probability": shares["u"],
        }
        if shares.get("by_frequency"):
            level |= {"tf_adjustment_column": column, "tf_adjustment_weight": 1.0}
        built.append(level)
    return {"output_column_name": column, "comparison_levels": built}


def _condition(column: str, name: str, similar: float) -> str:
    if name == "else":
        return "ELSE"
    if column == "address" and name == "exact":
        return _WHOLE_ADDRESS
    return _LEVELS[name].format(column, similar)
