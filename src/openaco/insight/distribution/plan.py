"""`distribution.toml`: how an ACO uses what it earned, in the order of the file. Unknown keys are errors.

The plan is the ACO's own (42 CFR 425.204(d) asks for it); the rules OpenACO holds every plan to are few: it adds up,
nobody pays unless the plan says so, and what is measured in dollars saved is risk-adjusted and gated by quality.
"""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from openaco.insight.distribution.strict_toml import Strict, check_toml, did_you_mean, one_of, read_toml

PLAIN = "plain"
REMEDY = "`openaco distribute --init FILE` writes a plan with every key and its meaning."
CLASSES = ("primary_care", "specialist", "hospital", "fqhc", "rhc", "other")
Formula = Literal["equal", "fixed", "panel", "quality_weighted_panel", "points", "contribution"]
Share = Annotated[Decimal, Field(ge=0, le=1)]
Dollars = Annotated[Decimal, Field(ge=0, decimal_places=2)]
Kind = Literal["advance", "infrastructure", "care", "reserve"]
Reported = Literal["infrastructure", "care", "participants", "reserve", "advance"]


class Questions(Strict):
    """Whom a participant asks about its statement, and within how many days."""

    contact: str = ""
    email: str = ""
    phone: str = ""
    days: int | None = Field(default=None, ge=1)


class Use(Strict):
    """One use before participants share, such as an advance to repay or a reserve to fill. `why` is printed.

    share   of the payment, or of what remains at this point (`of`); kinds infrastructure, care and reserve
    balance of an advance: what is owed; of a reserve: what it holds already
    target  of a reserve: it is never filled beyond
    at_most of an advance: the largest share of the payment that repays it in one year
    """

    kind: Kind
    name: str = Field(min_length=1)
    why: str = ""
    share: Share | None = None
    of: Literal["payment", "remaining"] = "payment"
    balance: Dollars | None = None
    target: Dollars | None = None
    at_most: Share | None = None
    reported_as: Reported | None = None

    @model_validator(mode="after")
    def _keys_of_the_kind(self) -> Use:
        allowed = {"advance": {"balance", "at_most"}, "reserve": {"share", "of", "balance", "target"}}
        mine = allowed.get(self.kind, {"share", "of"})
        given = self.model_fields_set & {"share", "of", "balance", "target", "at_most"}
        if given - mine:
            raise ValueError(
                f"{one_of(sorted(given - mine))}: not for kind {self.kind}, which has {one_of(sorted(mine))}"
            )
        needed = "balance" if self.kind == "advance" else "share"
        if getattr(self, needed) is None:
            raise ValueError(f"{needed}: missing")
        return self


class Pool(Strict):
    """One pool that participants share by one formula; see `docs/how-to/distribute-savings.md` for each key."""

    name: str = Field(min_length=1)
    formula: Formula
    why: str = ""
    share: Share | None = None
    amount: Dollars | None = None
    count: Literal["beneficiaries", "person_years"] = "beneficiaries"
    credibility_person_years: Decimal | None = Field(default=None, ge=0)
    classes: tuple[str, ...] = ()
    minimum_quality: Decimal | None = Field(default=None, ge=0, le=100)
    minimum_panel: int = Field(default=0, ge=0)
    minimum_points: Decimal | None = Field(default=None, ge=0)
    below_minimum_panel: Literal["excluded", "combined"] = "excluded"
    floor: Dollars = Decimal(0)
    cap: Dollars | None = None
    cap_share: Share | None = None
    class_floor_shares: dict[str, Share] = Field(default_factory=dict)
    class_cap_shares: dict[str, Share] = Field(default_factory=dict)

    @property
    def slug(self) -> str:
        """The name as part of a line id: `Primary care panels` → `primary_care_panels`."""
        return slug(self.name)

    @model_validator(mode="after")
    def _keys_of_the_formula(self) -> Pool:
        for problem in self._problems():
            raise ValueError(problem)
        return self

    def _problems(self) -> Iterator[str]:
        fixed, by_contribution = self.formula == "fixed", self.formula == "contribution"
        if fixed and self.amount is None:
            yield "amount: missing; a fixed pool pays each participant this many US dollars"
        if not fixed and self.share is None:
            yield "share: missing; the share of what is left after the uses"
        if fixed and self.share is not None:
            yield "share: not for formula fixed, whose size is amount × participants"
        if not fixed and self.amount is not None:
            yield "amount: only for formula fixed"
        if by_contribution and self.minimum_quality is None:
            yield (
                "minimum_quality: missing; what patients' costs decide must be gated by quality, "
                "so that no formula pays for care left out"
            )
        if by_contribution and self.credibility_person_years is None:
            yield "credibility_person_years: missing; the panel size at which own experience counts one half"
        if not by_contribution and self.credibility_person_years is not None:
            yield "credibility_person_years: only for formula contribution"
        if "count" in self.model_fields_set and self.formula not in ("panel", "quality_weighted_panel"):
            yield "count: only for formulas panel and quality_weighted_panel"
        if self.cap is not None and self.cap < self.floor:
            yield "cap: is less than floor"
        if fixed and (self.floor or self.cap is not None or self.cap_share is not None):
            yield "floor, cap, cap_share: not for formula fixed, which says the amount itself"
        for name, floor in self.class_floor_shares.items():
            if floor > self.class_cap_shares.get(name, Decimal(1)):
                yield f"class_cap_shares.{name}: is less than its class_floor_shares"
        if sum(self.class_floor_shares.values()) > 1:
            yield "class_floor_shares: add up to more than 1"


class TotalLimits(Strict):
    """The most one participant receives from all pools together, in US dollars or as a share of all pools."""

    cap: Dollars | None = None
    cap_share: Share | None = None


class Losses(Strict):
    """How participants share a payment due to CMS; only with `losses_are_shared = true`.

    share: of the payment due, after the reserve; the ACO bears the rest. Patients' costs never decide who pays.
    """

    formula: Literal["equal", "panel"]
    share: Share = Decimal(1)
    from_reserve: Dollars = Decimal(0)
    classes: tuple[str, ...] = ()
    minimum_panel: int = Field(default=0, ge=0)
    cap: Dollars | None = None
    why: str = ""


class Plan(Strict):
    """The whole of `distribution.toml`. Uses and pools are taken in the order of the file."""

    name: str = Field(min_length=1)
    adopted: datetime.date | None = None
    why: str = ""
    missing_quality: Literal["refuse", "aco_score", "not_met"] = "refuse"
    unpaid: Literal["held", "next_pool"] = "held"
    losses_are_shared: bool = False
    more_classes: tuple[str, ...] = ()
    questions: Questions = Questions()
    limits: TotalLimits = TotalLimits()
    losses: Losses | None = None
    use: tuple[Use, ...] = ()
    pool: tuple[Pool, ...] = ()

    @property
    def classes(self) -> tuple[str, ...]:
        """Every class a participant may be in."""
        return (*CLASSES, *self.more_classes)

    @property
    def needs_quality(self) -> bool:
        """Whether any pool reads quality scores."""
        return any(pool.formula == "quality_weighted_panel" or pool.minimum_quality is not None for pool in self.pool)

    @property
    def needs_points(self) -> bool:
        """Whether any pool reads citizenship points."""
        return any(pool.formula == "points" or pool.minimum_points is not None for pool in self.pool)

    @model_validator(mode="after")
    def _adds_up(self) -> Plan:
        problems = [] if self.pool else ["pool: missing; a plan has at least one [[pool]]"]
        problems += [*self._shares(), *self._names(), *self._unknown_classes(), *self._loss_rules()]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _shares(self) -> Iterator[str]:
        taken = sum((use.share for use in self.use if use.share is not None and use.of == "payment"), Decimal(0))
        if taken > 1:
            yield f"use: shares of the payment add up to {taken}, more than 1"
        shared = [pool.share for pool in self.pool if pool.share is not None]
        if shared and sum(shared) != 1:
            more = "more" if sum(shared) > 1 else "less"
            yield f"pool: shares add up to {sum(shared)}, {more} than 1"

    def _names(self) -> Iterator[str]:
        for kind, names in (("use", [use.name for use in self.use]), ("pool", [pool.name for pool in self.pool])):
            for found, count in Counter(map(slug, names)).items():
                if count > 1 or not found:
                    yield f"{kind}: two names that read alike ({found})" if found else f"{kind}: a name without letters"

    def _unknown_classes(self) -> Iterator[str]:
        for number, pool in enumerate(self.pool, start=1):
            for key in ("classes", "class_floor_shares", "class_cap_shares"):
                yield from self._unknown(f"pool[{number}].{key}", getattr(pool, key))
        if self.losses:
            yield from self._unknown("losses.classes", self.losses.classes)

    def _unknown(self, place: str, names: object) -> Iterator[str]:
        for name in names if isinstance(names, tuple | dict) else ():
            if name not in self.classes:
                yield f"{place}: {name} is no class{did_you_mean(name, self.classes)}; more_classes adds to them"

    def _loss_rules(self) -> Iterator[str]:
        if self.losses_are_shared and self.losses is None:
            yield "losses: missing; losses_are_shared needs [losses] with a formula"
        if self.losses and not self.losses_are_shared:
            yield "losses: needs losses_are_shared = true"


def slug(name: str) -> str:
    """A name as part of a line id or a file name."""
    return re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_")


def read_plan(path: Path) -> Plan:
    """Read and check a plan. Raises ConfigurationError naming file, key and remedy."""
    return read_toml(path, Plan, REMEDY)


def check_plan(text: str, name: str = "distribution.toml") -> Plan:
    """The text of a plan, checked as `read_plan` does."""
    return check_toml(text, name, Plan, REMEDY)


@cache
def plan_text(name: str) -> str:
    """The text of a plan that comes with OpenACO: `plain`, or `example`, which explains every key."""
    return (resources.files("openaco.insight.distribution") / "plans" / f"{name}.toml").read_text(encoding="utf-8")


def plain_plan() -> Plan:
    """The plan used where an ACO has none: nothing kept back, all by quality-weighted panel."""
    return check_plan(plan_text(PLAIN), f"{PLAIN}.toml")
