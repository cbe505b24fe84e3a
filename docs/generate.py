"""Writes the reference pages that are generated from the code: tables, parameters, what is unverified, commands.

.venv/bin/python docs/generate.py           # write them
.venv/bin/python docs/generate.py --check   # exit 1 if one is not current
"""

from __future__ import annotations

import datetime
import enum
import itertools
import sys
import typing
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

REFERENCE = Path(__file__).parent / "reference"
LONGEST = 100
TABLE_GROUPS = {
    "deliveries": "What arrived",
    "claims": "Claims: every version as delivered",
    "beneficiaries": "People and their months",
    "assignment_reports": "CMS's assignment reports",
    "reference": "Who takes part, and public figures",
    "rates": "Prices",
    "events": "Clinical data and value sets",
    "clinical_sources": "Record systems, people and evidence",
    "measure_results": "Results of quality measures",
}
PARAMETER_GROUPS = {
    "advances": "Advances on shared savings",
    "alignment": "Alignment by weighted charges",
    "assignment": "Assignment",
    "expenditures": "Expenditures",
    "mssp/benchmark": "Benchmark",
    "mssp/quality": "Quality",
    "mssp/settlement": "Settlement",
    "mssp/structure": "Agreements and their limits",
    "feeds": "What files look like",
    "rates": "Comparison of prices",
    "measures": "Quality measures",
    "pioneer": "Pioneer ACO Model",
    "next_generation": "Next Generation ACO Model",
    "risk": "Risk scores",
    "public_results": "CMS's published results",
    "settlement_report": "CMS's settlement report",
}


def tables_page() -> str:
    """Every lake table, column by column."""
    from openaco.tables import all_tables

    by_group: dict[str, list[Any]] = {group: [] for group in TABLE_GROUPS}
    for table in all_tables():
        by_group[table.__module__.rpartition(".")[2]].append(table)
    lines = [
        "# Tables of the lake",
        "",
        "Generated from `src/openaco/tables`. A table holds rows as they were delivered, each with the delivery, file",
        "and line it came from; rules derive everything else. Kinds: text (codes keep leading zeros), date, money",
        "(US dollars, decimal(18,2)), quantity (decimal(18,4)), whole (an integer), flag (true or false), number",
        "(scores and ratios, never money).",
        "",
        "| table | one row is |",
        "|---|---|",
    ]
    for tables in by_group.values():
        lines += [f"| [{table.name}](#{table.name}) | {_cell(table.grain)} |" for table in tables]
    for group, tables in by_group.items():
        lines += ["", f"## {TABLE_GROUPS[group]}"]
        for table in tables:
            lines += _table(table)
    return "\n".join(lines) + "\n"


def _table(table: Any) -> Iterator[str]:
    yield from ["", f"### {table.name}", "", _prose(str(table.__doc__)), ""]
    yield f"One row is {table.grain}. Key: {', '.join(f'`{name}`' for name in table.key)}."
    yield from ["", "| column | kind | meaning |", "|---|---|---|"]
    for name, column in table.columns().items():
        required = " Never blank." if column.required else ""
        yield f"| `{name}` | {column.kind} | {_cell(_sentence(column.description) + required)} |"


def parameters_page() -> str:
    """Every dated value with its citation and confidence."""
    from openaco.parameters import all_parameters

    parameters = all_parameters()
    rows = [row for found in parameters.values() for row in found.values]
    counts = {kind: sum(row.confidence == kind for row in rows) for kind in ("quoted", "verified", "unverified")}
    lines = [
        "# Parameters",
        "",
        "Generated from `src/openaco/parameters`. Every number and code list that a rule uses, with the years it",
        "holds for, where it stands, and how sure it is: *quoted* (read in the source), *verified* (reproduced on",
        "published results), *unverified* (not confirmed; every result that rests on it says so). Long lists are shown",
        "as counts; the name of a parameter is its file.",
        "",
        f"{len(parameters)} parameters with {len(rows)} dated values: "
        + ", ".join(f"{count} {kind}" for kind, count in counts.items())
        + ".",
    ]
    for prefix, title in PARAMETER_GROUPS.items():
        lines += ["", f"## {title}"]
        for name, found in parameters.items():
            if name.startswith(f"{prefix}/"):
                lines += _parameter(name, found)
    return "\n".join(lines) + "\n"


def unverified_page() -> str:
    """Every value that is not confirmed against a source."""
    from openaco.parameters import all_parameters

    lines = [
        "# What is not confirmed",
        "",
        "Generated from `src/openaco/parameters`. Values of rules that could not be confirmed against a source. A",
        "result that rests on one says so. How to confirm or correct one: [CONTRIBUTING.md](../../CONTRIBUTING.md).",
    ]
    for prefix, title in PARAMETER_GROUPS.items():
        rows = [
            (found, row)
            for name, found in all_parameters().items()
            if name.startswith(f"{prefix}/")
            for row in found.values
            if row.confidence == "unverified"
        ]
        if rows:
            lines += ["", f"## {title}", "", "| parameter | years | value | cite | note |", "|---|---|---|---|---|"]
        for found, row in rows:
            place = " ".join([f"`{found.name}`", *(_cell(key) for key in row.keys.values())])
            years = f"{_years(row)}, by {found.dated_by.replace('_', ' ')}"
            lines.append(f"| {place} | {years} | {_shown(row.value)} | {_cell(row.cite)} | {_sentence(row.note)} |")
    return "\n".join(lines) + "\n"


def _parameter(name: str, found: Any) -> Iterator[str]:
    keys = list(found.keyed_by)
    unit = "" if found.unit in ("list", "table", "text", "mapping", "") else f" Unit: {found.unit}."
    yield from ["", f"### {name}", ""]
    yield f"{_sentence(found.title)} Dated by {found.dated_by.replace('_', ' ')}.{unit}"
    if found.description:
        yield from ["", _prose(found.description)]
    titles = ["years", *(key.replace("_", " ") for key in keys), "value", "cite", "confidence"]
    yield from ["", f"| {' | '.join(titles)} |", "|---" * len(titles) + "|"]
    for row in found.values:
        years = _years(row)
        of_keys = "".join(f"{_cell(row.keys[key])} | " for key in keys)
        yield f"| {years} | {of_keys}{_shown(row.value)} | {_cell(row.cite)} | {row.confidence} |"
    notes: dict[str, dict[str, None]] = {}
    for row in found.values:
        notes.setdefault(row.note, {})[_years(row)] = None
    told = [
        _sentence(note) if len(notes) == 1 else f"{', '.join(years)}: {_sentence(note)}"
        for note, years in notes.items()
        if note
    ]
    if told:
        yield from ["", " ".join(told)]


def _years(row: Any) -> str:
    return f"{row.since}" if row.since == row.through else f"{row.since}–{row.through}"


def _shown(value: Any) -> str:
    """A value that fits a cell, or how much of it there is."""
    text = _text(value)
    if len(text) <= LONGEST:
        return _cell(text)
    if isinstance(value, Mapping):
        parts = "; ".join(f"{key}: {_counted(item)}" for key, item in value.items())
        return _cell(parts if len(parts) <= 2 * LONGEST else f"{len(value)} entries")
    return _counted(value)


def _counted(value: Any) -> str:
    if len(_text(value)) <= LONGEST // 2:
        return _text(value)
    if isinstance(value, (list, tuple)):
        return f"{len(value)} rows" if isinstance(value[0], Mapping) else f"{len(value)} values"
    return f"{len(value)} entries" if isinstance(value, Mapping) else f"{_text(value)[:LONGEST]} …"


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {_text(item)}" for key, item in value.items())
    if isinstance(value, (list, tuple)):
        parts = (f"[{_text(item)}]" if isinstance(item, (list, tuple, Mapping)) else _text(item) for item in value)
        return ", ".join(parts) or "none"
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "none"}[value]
    if isinstance(value, float):
        return f"{value:.10g}"
    return value.isoformat() if isinstance(value, datetime.date) else str(value)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _sentence(text: str) -> str:
    text = _cell(text)
    return text if not text or text.endswith((".", "?", "!")) else f"{text}."


def _prose(text: str) -> str:
    """Paragraphs of a docstring, each on one line."""
    return "\n\n".join(_cell(paragraph) for paragraph in text.strip().split("\n\n"))


def commands_page() -> str:
    """Every command with its arguments and options, as `--help` tells them."""
    import typer

    from openaco.cli.main import app

    root = typer.main.get_command(app)
    found = list(_commands(root, "openaco"))
    lines = [
        "# Commands",
        "",
        "Generated from the commands themselves. `openaco --help` and `openaco COMMAND --help` say the same in the",
        "terminal; `openaco --version` prints the version.",
        "",
        "Exit status: **0** fine, **1** a difference was found (`replay`, `check-workbook`), **2** wrong use or",
        "unusable input; then standard error says what, where and what to do. Commands with `--json` print one JSON",
        "document on standard output and nothing else. Every command has `--help`.",
        "",
        "| command | |",
        "|---|---|",
    ]
    for path, command in found:
        first = _cell(_plain_help(command).split("\n\n")[0])
        lines.append(f"| [{path}](#{path.replace(' ', '-')}) | {first} |")
    for path, command in found:
        lines += _command(path, command)
    return "\n".join(lines) + "\n"


def _commands(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    if hasattr(command, "commands"):
        for name, child in command.commands.items():
            yield from _commands(child, f"{path} {name}")
    else:
        yield path, command


def _plain_help(command: Any) -> str:
    return (command.help or "").strip()


def _command(path: str, command: Any) -> Iterator[str]:
    arguments = [item for item in command.params if not _is_option(item)]
    options = [item for item in command.params if _is_option(item) and "--help" not in item.opts]
    kinds = typing.get_type_hints(command.callback)
    usage = " ".join([path, *map(_usage, arguments), *(["[OPTIONS]"] if options else [])])
    yield from ["", f"## {path}", "", "```text", usage, "```", "", _prose(_plain_help(command))]
    for title, parameters in (("argument", arguments), ("option", options)):
        if parameters:
            yield from ["", f"| {title} | meaning | default |", "|---|---|---|"]
        for item in parameters:
            shown = _argument(item) if title == "argument" else " / ".join([*item.opts, *item.secondary_opts])
            meaning = " ".join(part for part in (_sentence(item.help or ""), _choices(kinds.get(item.name))) if part)
            yield f"| `{shown}` | {_cell(meaning)} | {_default(item)} |"


def _is_option(parameter: Any) -> bool:
    return any(name.startswith("-") for name in parameter.opts)


def _argument(parameter: Any) -> str:
    return parameter.metavar or parameter.name.upper()


def _usage(parameter: Any) -> str:
    return _argument(parameter) if parameter.required else f"[{_argument(parameter)}]"


def _choices(kind: Any) -> str:
    """The words a parameter takes, if it takes only certain ones."""
    for item in itertools.chain([kind], typing.get_args(kind)):
        if isinstance(item, type) and issubclass(item, enum.Enum):
            return "One of " + ", ".join(f"`{choice.value}`" for choice in item) + "."
    return ""


def _default(parameter: Any) -> str:
    if parameter.required:
        return "required"
    value = parameter.default
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return f"`{parameter.opts[0] if value else parameter.secondary_opts[0]}`" if parameter.secondary_opts else ""
    if isinstance(value, datetime.datetime):
        return f"`{value.date().isoformat()}`"
    return f"`{value.value if isinstance(value, enum.Enum) else value}`"


PAGES: dict[str, Callable[[], str]] = {
    "tables.md": tables_page,
    "parameters.md": parameters_page,
    "unverified.md": unverified_page,
    "commands.md": commands_page,
}


def main() -> int:
    """Write the pages, or with --check compare them."""
    stale = []
    for name, page in PAGES.items():
        path, text = REFERENCE / name, page()
        if "--check" in sys.argv:
            if not path.is_file() or path.read_text(encoding="utf-8") != text:
                stale.append(name)
        else:
            path.write_text(text, encoding="utf-8")
    if stale:
        print(f"Not current: {', '.join(stale)}. Run: .venv/bin/python docs/generate.py")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
