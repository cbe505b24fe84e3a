"""What is wrong in a contract file: every problem with its key, what it is and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from openaco.errors import ConfigurationError


class Problem(NamedTuple):
    """One thing that is wrong: the key it stands under, what is wrong, what to do about it."""

    key: str
    what: str
    remedy: str

    def __str__(self) -> str:
        """The whole problem as one or two sentences, without a full stop at the end."""
        what = self.what if self.what.endswith(".") else f"{self.what}."
        return f"{self.key} {what} {self.remedy}".rstrip(" .")


class ContractFileError(ConfigurationError):
    """A contract file in which something is wrong; `problems` are all of them."""

    def __init__(self, name: str, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        if len(self.problems) == 1:
            problem = self.problems[0]
            super().__init__(problem.what, where=f"{name}, {problem.key}", remedy=problem.remedy)
            return
        told = "; ".join(f"({number}) {problem}" for number, problem in enumerate(self.problems, start=1))
        super().__init__(
            f"{len(self.problems)} problems: {told}",
            where=name,
            remedy="`openaco contract init FILE` writes every key with its meaning.",
        )
