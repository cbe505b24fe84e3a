"""A small reader of spreadsheet formulas: arithmetic, comparisons, text, IF and the functions in `FUNCTIONS`.

It proves that a live formula gives the value that a worksheet states before the formula is written into a workbook.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

from openaco.errors import OpenACOError
from openaco.worksheet import Value

TOKEN = re.compile(
    r'\s*(?:(?P<reference>\{[^}]+\})|(?P<number>\d+\.?\d*(?:[eE][+-]?\d+)?)|"(?P<text>[^"]*)"'
    r"|(?P<name>[A-Z]+)(?=\()|(?P<sign><>|<=|>=|[-+*/(),=<>]))"
)
Lookup = Callable[[str], Value]
Computation = Callable[[], Any]


def evaluate(formula: str, lookup: Lookup) -> Value:
    """The value of a formula. `lookup` gives the value of a reference; an empty one counts as 0 or "".

    Only the branch of an IF that is taken is computed. Raises OpenACOError for a formula that it cannot read.
    """
    return _Parser(formula, lookup).whole()()


class _Parser:
    """Reads one formula from left to right, the loosest binding operator first; each part becomes a computation."""

    def __init__(self, formula: str, lookup: Lookup) -> None:
        self.formula = formula
        self.tokens = _tokens(formula.lstrip("="))
        self.lookup = lookup
        self.at = 0

    def whole(self) -> Computation:
        found = self.comparison()
        if self.at != len(self.tokens):
            raise OpenACOError("a formula goes on after its end", where=self.formula)
        return found

    def next_is(self, *signs: str) -> bool:
        return self.at < len(self.tokens) and self.tokens[self.at] in [("sign", sign) for sign in signs]

    def take(self) -> tuple[str, str]:
        if self.at == len(self.tokens):
            raise OpenACOError("a formula ends too early", where=self.formula)
        self.at += 1
        return self.tokens[self.at - 1]

    def comparison(self) -> Computation:
        return self.chain(self.sum, COMPARISONS)

    def sum(self) -> Computation:
        return self.chain(self.product, {"+": operator.add, "-": operator.sub})

    def product(self) -> Computation:
        return self.chain(self.factor, {"*": operator.mul, "/": operator.truediv})

    def chain(self, part: Callable[[], Computation], operators: Mapping[str, Callable[[Any, Any], Any]]) -> Computation:
        found = part()
        while self.next_is(*operators):
            found = _applied(operators[self.take()[1]], found, part())
        return found

    def factor(self) -> Computation:
        kind, text = self.take()
        if kind == "number":
            return lambda: float(text)
        if kind == "text":
            return lambda: text
        if kind == "reference":
            return lambda: _or_zero(self.lookup(text[1:-1]))
        if kind == "name":
            return self.call(text)
        inner = self.factor() if text == "-" else self.comparison()
        if text == "-":
            return lambda: -inner()
        self.take()
        return inner

    def call(self, name: str) -> Computation:
        self.take()
        arguments = [self.comparison()]
        while self.next_is(","):
            self.take()
            arguments.append(self.comparison())
        self.take()
        if name == "IF":
            condition, yes, no = arguments
            return lambda: yes() if condition() else no()
        return lambda: FUNCTIONS[name](*(argument() for argument in arguments))


def _tokens(formula: str) -> list[tuple[str, str]]:
    tokens, position = [], 0
    while position < len(formula.rstrip()):
        found = TOKEN.match(formula, position)
        if not found or not found.lastgroup:
            raise OpenACOError("a formula has a sign that cannot be read", where=formula)
        tokens.append((found.lastgroup, found[found.lastgroup]))
        position = found.end()
    return tokens


def _applied(apply: Callable[[Any, Any], Any], left: Computation, right: Computation) -> Computation:
    return lambda: apply(left(), right())


def _compared(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    """A comparison with both sides in one type, as a spreadsheet sees an empty cell beside text."""

    def with_like(left: Any, right: Any) -> bool:
        if isinstance(left, str) or isinstance(right, str):
            return compare(_as_text(left), _as_text(right))
        return compare(left, right)

    return with_like


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value == 0 else str(value)


def _or_zero(value: Value) -> Value:
    return 0.0 if value is None else value


COMPARISONS = {
    "=": _compared(operator.eq),
    "<>": _compared(operator.ne),
    "<": _compared(operator.lt),
    ">": _compared(operator.gt),
    "<=": _compared(operator.le),
    ">=": _compared(operator.ge),
}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "MAX": max,
    "MIN": min,
    "ABS": abs,
    "AND": lambda *conditions: all(conditions),
    "OR": lambda *conditions: any(conditions),
    "SUM": lambda *values: sum(values),
}
