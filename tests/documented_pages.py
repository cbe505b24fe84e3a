"""The commands that the pages show: found in their ```console blocks, run, and compared with what the pages promise.

A promised line is compared with blanks and numbers evened out: `…` stands for anything, a number for any number, an
invented identifier, package, claim or run for any other, so that pages may print figures of the large demonstration.
"""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from openaco.cli.main import main

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
NEEDS_SHARED = ("replay", "check-workbook")
MBI, CLAIM = re.compile(r"1S00\w{7}"), re.compile(r"\b[123]0000\d{8}\b")
_EVENED = (
    (MBI, "MBI"),
    (re.compile(r"ZC\w[YR]"), "ZC"),
    (re.compile(r"mssp-(\d{4})-[0-9a-f]{10}"), r"mssp-\1-run"),
    (re.compile(r"\d(?:[\d,.]*\d)?(?:e[-+]?\d+)?"), "#"),
)


@dataclass
class Command:
    """One `$ openaco …` line of a page with the lines promised below it."""

    page: Path
    line: int
    words: list[str]
    promised: list[str] = field(default_factory=list)

    @property
    def needs_shared(self) -> bool:
        """Whether it reads CMS's published files."""
        return len(self.words) > 1 and self.words[1] in NEEDS_SHARED

    @property
    def status(self) -> int:
        """The exit status it should have."""
        return 2 if any(text.startswith("Error:") for text in self.promised) else 0

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(page: Path, language: str) -> Iterator[tuple[int, list[str]]]:
    """The fenced blocks of a language: the number of the first line, and the lines."""
    lines = page.read_text(encoding="utf-8").splitlines()
    start = None
    for number, text in enumerate(lines, start=1):
        if start is None and text == f"```{language}":
            start = number
        elif start is not None and text == "```":
            yield start + 1, lines[start : number - 1]
            start = None


def commands(page: Path) -> list[Command]:
    """The commands of a page in their order."""
    found: list[Command] = []
    for first, lines in blocks(page, "console"):
        for number, text in enumerate(lines, start=first):
            if text.startswith("$ "):
                found.append(Command(page, number, shlex.split(text[2:])))
            elif text.strip():
                found[-1].promised.append(text)
    return found


def typed(words: list[str], monkeypatch: pytest.MonkeyPatch) -> tuple[int, str]:
    """Run the command line in this process, 80 columns wide: exit status, and everything printed."""
    monkeypatch.setattr(sys, "argv", words)
    monkeypatch.setenv("COLUMNS", "80")
    out, status = io.StringIO(), 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        try:
            main()
        except SystemExit as stop:
            status = stop.code if isinstance(stop.code, int) else 1 if stop.code else 0
    return status, out.getvalue()


def missing(promised: list[str], printed: str) -> list[str]:
    """The promised lines that were not printed."""
    flat = _even(printed)
    return [text for text in promised if not re.search(_pattern(text), flat)]


def _pattern(text: str) -> str:
    return r".*?".join(re.escape(part) for part in _even(text).split("…"))


def _even(text: str) -> str:
    for pattern, replacement in _EVENED:
        text = pattern.sub(replacement, text)
    return " ".join(text.split())
