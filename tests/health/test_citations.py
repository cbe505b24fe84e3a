"""Every rule names the paragraph it follows, every number its source; nothing unread calls itself read."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from openaco.parameters import all_parameters

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "openaco"
RULES = sorted((SOURCE / "rules").rglob("*.py"))
PARAGRAPH = re.compile(
    r"\b425\.\d|\b414\.\d|\bCFR\b|Information Packet|packet v38|Specifications v11|specifications v11"
    r"|Pioneer ACO Model|Next\s+Generation ACO Model|ACO\s+REACH Model|LEAD Model"  # outside the CFR: section 1115A
    r"|AHRQ|Chronic Conditions (?:Data )?Warehouse|Claims Processing Manual|measure 4(?:79|84)"
    r"|Quan et al\. 2005|van Walraven et al\. 20|Johnston et al\. 2017",
    re.IGNORECASE,
)
HELPERS = {
    "rules/alignment/years.py": {"day_of"},
    "rules/assignment/codes.py": {"codes_with", "list_confidence"},
    "rules/benchmark.py": {"shares", "weighted_total"},
    "rules/cited.py": {"cited", "weakest", "citations"},
    "rules/claims/adjust.py": {"within"},
    "rules/claims/deliveries.py": {"without", "all_but_first", "key", "keys", "same", "oldest_first"},
    "rules/enrollment.py": {"in_year", "month_number"},
    "rules/expenditures.py": {"only"},
    "rules/groupers/code_sets.py": {"beginnings"},
    "rules/groupers/codes.py": {"listed", "in_ranges", "all_of", "any_of", "first_match", "whole"},
    "rules/risk/models.py": {"reference", "table_rows"},
}


def public(module: Path) -> list[ast.FunctionDef]:
    return [
        node
        for node in ast.parse(module.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    ]


@pytest.mark.parametrize("module", RULES, ids=lambda path: path.stem)
def test_every_rule_cites_its_paragraph(module: Path) -> None:
    helpers = HELPERS.get(module.relative_to(SOURCE).as_posix(), set())
    functions = {function.name: ast.get_docstring(function) or "" for function in public(module)}
    assert helpers <= set(functions), "a helper left; take it off the list"
    silent = [name for name, said in functions.items() if name not in helpers and not PARAGRAPH.search(said)]
    assert not silent
    if functions:
        assert PARAGRAPH.search(ast.get_docstring(ast.parse(module.read_text(encoding="utf-8"))) or "")


def test_what_is_quoted_or_verified_was_read() -> None:
    for name, found in all_parameters().items():
        for row in found.values:
            unread = re.match(r"not confirmed", row.source, re.IGNORECASE) or "from memory" in row.source
            assert not (unread and row.confidence != "unverified"), f"{name} {row.since}"


def test_every_parameter_is_read() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.py"))
    unread = {name for name in all_parameters() if not re.search(rf'["/]{name.rsplit("/", 1)[1]}["/]', code)}
    assert not unread
