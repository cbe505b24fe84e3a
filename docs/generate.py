"""Writes the reference pages that are generated from the code: tables, parameters, commands.

    .venv/bin/python docs/generate.py           # write them
    .venv/bin/python docs/generate.py --check   # exit 1 if one is not current
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

REFERENCE = Path(__file__).parent / "reference"


def tables_page() -> str:
    """Every lake table, column by column."""
    from openaco.tables import all_tables

    return "\n".join(["# Tables of the lake", "", "Generated from `src/openaco/tables`.", *_tables(all_tables())]) + "\n"


def _tables(tables: Any) -> Iterator[str]:
    for table in sorted(tables, key=lambda item: item.name):
        yield from ["", f"## {table.name}", "", str(table.__doc__).strip(), ""]
        yield f"One row is {table.grain}; named by {', '.join(f'`{name}`' for name in table.key)}."
        yield from ["", "| column | kind | meaning |", "|---|---|---|"]
        for name, column in table.columns().items():
            required = " (required)" if column.required else ""
            yield f"| `{name}` | {column.kind} | {column.description}{required} |"


def parameters_page() -> str:
    """Every dated value with its citation and confidence."""
    from openaco.parameters import all_parameters

    parameters = all_parameters()
    rows = [row for found in parameters.values() for row in found.values]
    counts = {kind: sum(row.confidence == kind for row in rows) for kind in ("quoted", "verified", "unverified")}
    lines = [
        "# Parameters",
        "",
        "Generated from `src/openaco/parameters`. Every number and code list that a rule uses, with the years it holds",
        "for, where it stands, and how sure it is: *quoted* (read in the source), *verified* (reproduced on published",
        "results), *unverified* (not confirmed; every result that rests on it says so).",
        "",
        f"{len(parameters)} parameters with {len(rows)} dated values: "
        + ", ".join(f"{count} {kind}" for kind, count in counts.items())
        + ".",
    ]
    for name, found in parameters.items():
        lines += ["", f"## {name}", "", f"{found.title} ({found.unit}; by {found.dated_by.replace('_', ' ')}).", ""]
        lines += ["| years | for | value | cite | confidence |", "|---|---|---|---|---|"]
        for row in found.values:
            keys = ", ".join(row.keys.values())
            years = f"{row.since}–{row.through}"
            lines.append(f"| {years} | {keys} | {_shown(row.value)} | {_cell(row.cite)} | {row.confidence} |")
    return "\n".join(lines) + "\n"


def _shown(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        kind = "rows" if value and isinstance(value[0], dict) else "values"
        text = ", ".join(map(str, value))
        return f"{len(value)} {kind}" if kind == "rows" or len(text) > 80 else _cell(text)
    text = ", ".join(f"{key} {item}" for key, item in value.items()) if isinstance(value, dict) else str(value)
    return _cell(text if len(text) <= 160 else f"{len(value)} entries")


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def commands_page() -> str:
    """Every command with its options, as `--help` tells them."""
    import click
    import typer

    from openaco.cli.main import app

    root = typer.main.get_command(app)
    lines = ["# Commands", "", "Generated from the commands themselves. Exit status: 0 fine, 1 a difference was found,"]
    lines += ["2 wrong use or unusable input. Commands that have `--json` print one JSON document and nothing else."]

    def describe(command: Any, path: str) -> None:
        if hasattr(command, "commands"):
            for name, child in command.commands.items():
                describe(child, f"{path} {name}")
            return
        context = click.Context(command, info_name=path)
        lines.extend(["", f"## {path}", "", (command.help or "").strip(), ""])
        lines.extend([f"`{' '.join([path, *command.collect_usage_pieces(context)])}`", ""])
        lines.extend(["| option | meaning |", "|---|---|"])
        for parameter in command.params:
            shown = parameter.human_readable_name if parameter.param_type_name == "argument" else ", ".join(parameter.opts)
            lines.append(f"| `{shown}` | {_cell(getattr(parameter, 'help', '') or '')} |")

    describe(root, "openaco")
    return "\n".join(lines) + "\n"


PAGES: dict[str, Callable[[], str]] = {
    "tables.md": tables_page,
    "parameters.md": parameters_page,
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
