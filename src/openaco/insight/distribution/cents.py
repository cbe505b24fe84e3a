"""Exact money: whole cents, fractions, and the rounding that keeps a sum (largest remainder)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from openaco.errors import OpenACOError

CENT = Decimal("0.01")


def to_cents(dollars: float | int | Decimal) -> int:
    """US dollars as whole cents; halves round away from zero. A float is read as it is printed."""
    exact = dollars if isinstance(dollars, Decimal) else Decimal(str(dollars))
    return int(exact.quantize(CENT, rounding=ROUND_HALF_UP) * 100)


def to_dollars(cents: int) -> float:
    """Whole cents as US dollars, for worksheet lines and JSON; exact to the cent up to ninety trillion dollars."""
    return cents / 100


def as_fraction(number: float | int | Decimal) -> Fraction:
    """A number as it is printed: 0.1 is one tenth."""
    return Fraction(Decimal(str(number)))


def half_up(amount: Fraction) -> int:
    """A fraction of cents as whole cents; halves round away from zero."""
    whole = (2 * abs(amount) + 1) // 2
    return int(-whole if amount < 0 else whole)


def largest_remainder(shares: Mapping[str, Fraction], total: int) -> dict[str, int]:
    """Whole cents that add up to `total`, each less than one cent from its exact share.

    Every share is rounded down; the cents left go to the largest remainders, those alike in the order of their ids.
    So the result does not depend on the order of the shares, and a share that is whole stays as it is.
    Raises OpenACOError if the exact shares do not add up to `total`.
    """
    if sum(shares.values(), Fraction(0)) != total:
        raise OpenACOError("shares do not add up to what is shared", where="distribution")
    floors = {key: share.numerator // share.denominator for key, share in shares.items()}
    left = total - sum(floors.values())
    by_remainder = sorted(shares, key=lambda key: (floors[key] - shares[key], key))
    return floors | {key: floors[key] + 1 for key in by_remainder[:left]}


def proportional(total: int, weights: Mapping[str, Fraction]) -> dict[str, int]:
    """`total` cents in proportion to weights of at least zero; nothing to anybody if all weights are zero."""
    whole = sum(weights.values(), Fraction(0))
    if not whole:
        return dict.fromkeys(weights, 0)
    return largest_remainder({key: total * weight / whole for key, weight in weights.items()}, total)
