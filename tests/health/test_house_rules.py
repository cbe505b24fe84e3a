"""Lints that are ours: money, clocks, engines, citations, and what may never appear in the project."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from openaco.parameters import all_parameters
from openaco.tables import all_tables as every_table
from openaco.tables.base import LakeTable

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "openaco"
MODULES = sorted(SOURCE.rglob("*.py"))
PERSONAL = re.compile(r"mbi|hicn|person_id|beneficiary_id|bene_|first_name|last_name|birth|death|\bcontent\b|claim_id")


def all_tables() -> list[type[LakeTable]]:
    """The project's tables; those that other tests invent are not looked at."""
    return [table for table in every_table() if table.__module__.startswith("openaco.")]


def test_help_opens_without_the_engines() -> None:
    """Cold start stays short because no engine is imported before a command needs it."""
    probe = (
        "import sys, openaco.cli.main; "
        "print([name for name in ('ibis', 'duckdb', 'deltalake', 'pyspark', 'altair', 'numpy', 'pyarrow') "
        "if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True, timeout=60)
    assert result.stdout.strip() == "[]"


@pytest.mark.parametrize("module", [path for path in MODULES if path.parent.name != "cli"], ids=lambda path: path.stem)
def test_no_module_reads_the_clock_in_rules_or_programs(module: Path) -> None:
    room = module.relative_to(SOURCE).parts[0]
    if room not in {"rules", "programs", "parameters", "tables", "worksheet.py"}:
        return
    calls = {ast.unparse(node.func) for node in ast.walk(ast.parse(module.read_text())) if isinstance(node, ast.Call)}
    clocks = {"datetime.date.today", "date.today", "datetime.datetime.now", "datetime.now", "time.time"}
    assert not calls & clocks


def test_every_parameter_file_loads_and_cites() -> None:
    parameters = all_parameters()
    assert len(parameters) > 20
    for name, found in parameters.items():
        for row in found.values:
            assert row.cite.strip(), name
            assert row.source.strip(), name


def test_every_table_says_grain_and_key() -> None:
    for table in all_tables():
        columns = table.columns()
        assert table.grain, table.name
        assert set(table.key) <= set(columns), table.name
        assert table.__doc__, table.name


def test_amounts_are_money() -> None:
    """No stored amount is a float: what is an amount by its name, or in dollars by its description, is decimal.

    Dollars per person-year are averages that CMS publishes, no amounts.
    """
    for table in all_tables():
        for name, column in table.columns().items():
            dollars = "US dollars" in column.description and "per person-year" not in column.description
            if name.endswith(("amount", "payment", "paid", "charge")) or dollars:
                assert column.kind == "money", f"{table.name}.{name}"


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_no_error_names_a_person(module: Path) -> None:
    """What stands in a message is a place or a name of ours; never a variable that holds a person's value."""
    shown = [
        ast.unparse(part.value)
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.Raise) and node.exc is not None
        for part in ast.walk(node.exc)
        if isinstance(part, ast.FormattedValue)
    ]
    assert not [text for text in shown if PERSONAL.search(text)]


def public_functions(module: Path) -> list[ast.FunctionDef]:
    return [
        node
        for node in ast.parse(module.read_text()).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    ]


@pytest.mark.parametrize("module", sorted((SOURCE / "rules").rglob("*.py")), ids=lambda path: path.stem)
def test_every_rule_has_a_docstring_and_its_module_a_citation(module: Path) -> None:
    functions = public_functions(module)
    for function in functions:
        assert ast.get_docstring(function), f"{module.name}:{function.name} says nothing"
    if functions:
        text = module.read_text()
        assert any(mark in text for mark in ("425.", "CFR", "IP ", "Information Packet")), (
            f"{module.name} cites nothing"
        )


def test_files_stay_readable() -> None:
    """Mostly under 400 lines; nothing over 600."""
    lengths = {path: len(path.read_text().splitlines()) for path in MODULES}
    assert not {str(path.relative_to(ROOT)): length for path, length in lengths.items() if length > 600}
    assert sum(length > 400 for length in lengths.values()) <= len(lengths) // 10
