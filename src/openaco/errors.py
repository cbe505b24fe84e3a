"""The errors OpenACO raises on purpose. Each says what happened, where, and what to do about it.

They are part of the interface: the command line prints them without a traceback and exits with status 2.
"""

from __future__ import annotations


class OpenACOError(Exception):
    """What happened (`what`), where (`where`), and what to do next (`remedy`).

    No message may carry a person's data: name files, lines, columns and keys, never values of a person.
    """

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        self.what = what
        self.where = where
        self.remedy = remedy
        super().__init__(self.message)

    @property
    def message(self) -> str:
        """The whole message in one line."""
        parts = [f"{self.where}: {self.what}" if self.where else self.what]
        if self.remedy:
            parts.append(self.remedy)
        return " ".join(part if part.endswith((".", "?")) else part + "." for part in parts)


class ParameterError(OpenACOError):
    """A parameter file is malformed, or a parameter has no value for what was asked."""


class FeedError(OpenACOError):
    """A delivery cannot be accepted as it is; nothing of it was stored."""


class LakeError(OpenACOError):
    """The lake cannot be opened, read or written."""


class ConfigurationError(OpenACOError):
    """`aco.toml`, or an input that it names, is missing, unknown or contradictory."""


class WorksheetError(OpenACOError):
    """A worksheet line is missing, doubled, or refers to a line that does not exist."""


class WorkbookError(OpenACOError):
    """A CMS workbook or results file does not have the layout it should have."""
