"""What happens to a payment before participants share: advances repaid, infrastructure, care processes, reserve."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from openaco.insight.distribution.cents import as_fraction, half_up, to_cents
from openaco.insight.distribution.plan import Use


@dataclass(frozen=True)
class Used:
    """One use of the payment, in cents: what the plan asks (`asked`), what it gets, and what remains after it."""

    use: Use
    asked: int
    amount: int
    remaining: int
    why_less: str = ""


def apply_uses(payment: int, uses: Iterable[Use]) -> list[Used]:
    """The uses in their order. None takes more than what remains; together they never exceed the payment."""
    remaining = max(payment, 0)
    found = []
    for use in uses:
        asked, why_less = _asked(use, max(payment, 0), remaining)
        amount = min(asked, remaining)
        if amount < asked:
            why_less = "no more of the payment remained"
        remaining -= amount
        found.append(Used(use, asked, amount, remaining, why_less if payment > 0 else ""))
    return found


def _asked(use: Use, payment: int, remaining: int) -> tuple[int, str]:
    """What a use may take, and why it is less than its balance or share where it is."""
    if use.kind == "advance":
        balance = to_cents(use.balance or 0)
        most = half_up(payment * as_fraction(use.at_most)) if use.at_most is not None else balance
        return min(balance, most), "the plan repays no larger share in one year" if most < balance else ""
    base = payment if use.of == "payment" else remaining
    asked = half_up(base * as_fraction(use.share or 0))
    if use.kind == "reserve" and use.target is not None:
        room = max(0, to_cents(use.target) - to_cents(use.balance or 0))
        return min(asked, room), "the reserve has reached its target" if room < asked else ""
    return asked, ""
