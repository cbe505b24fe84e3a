"""`public.toml`: what an ACO's public page says that no claim and no settlement tells. Optional; every part may be
left out and is then named as missing. Unknown keys are errors.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from pydantic import Field

from openaco.insight.distribution.plan import Dollars, Share
from openaco.insight.distribution.strict_toml import Strict, read_toml

REMEDY = "docs/how-to/distribute-savings.md shows every key."


class Organization(Strict):
    """The ACO's address, and the web address of its page."""

    address: str = ""
    web: str = ""


class Contact(Strict):
    """The primary contact."""

    name: str = ""
    email: str = ""
    phone: str = ""


class Member(Strict):
    """Somebody in the governing body. `represents`: ACO participants, a beneficiary, the community."""

    name: str
    position: str = ""
    represents: str = ""
    organization: str = ""
    voting_share: Share | None = None


class Leader(Strict):
    """Somebody in clinical or administrative leadership, or who leads a committee."""

    name: str
    position: str = ""


class Committee(Strict):
    """A committee and who leads it."""

    name: str
    leader: str = ""
    position: str = ""


class EarlierResult(Strict):
    """A performance year as published: dollars received (below zero: owed), and the shares of it that went where."""

    year: int
    payment: Decimal
    infrastructure: Share | None = None
    care: Share | None = None
    participants: Share | None = None


class Measure(Strict):
    """A quality measure's result; `mean`: of all ACOs, for comparison."""

    measure: str
    title: str = ""
    collected_by: str = ""
    result: Decimal
    mean: Decimal | None = None


class Incentives(Strict):
    """The beneficiary incentive program of a year, or that there is none."""

    established: bool
    beneficiaries: int | None = None
    payments: int | None = None
    services: tuple[str, ...] = ()
    total_value: Dollars | None = None
    kinds: dict[str, Dollars] = Field(default_factory=dict)


class Advances(Strict):
    """Money paid ahead of savings in a year, how it was planned and spent, or that there was none."""

    received: bool
    amount: Dollars | None = None
    planned: dict[str, Dollars] = Field(default_factory=dict)
    spent: dict[str, Dollars] = Field(default_factory=dict)


class Public(Strict):
    """The whole of `public.toml`. A list that is given and empty says: none."""

    organization: Organization = Organization()
    contact: Contact = Contact()
    joint_ventures: tuple[str, ...] | None = None
    governing_body: tuple[Member, ...] | None = None
    leadership: tuple[Leader, ...] | None = None
    committee: tuple[Committee, ...] | None = None
    participant_types: tuple[str, ...] | None = None
    result: tuple[EarlierResult, ...] = ()
    quality: tuple[Measure, ...] = ()
    waivers: tuple[str, ...] | None = None
    beneficiary_incentives: Incentives | None = None
    advance_investment: Advances | None = None
    prepaid_savings: Advances | None = None


def read_public(path: Path | None) -> Public:
    """Read and check the file; nothing is stated where there is none. Raises ConfigurationError naming file and key."""
    return Public() if path is None else read_toml(path, Public, REMEDY)
