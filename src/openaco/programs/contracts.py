"""Every contract that an ACO's population can be put under, by id."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from openaco.errors import ConfigurationError
from openaco.parameters import load_parameter
from openaco.programs.commercial.contract import read_contract
from openaco.programs.configuration import Configuration
from openaco.programs.contract import Contract
from openaco.programs.lead.contract import LeadContract
from openaco.programs.mssp.contract import METHODS_BEFORE_2019, MsspContract
from openaco.programs.next_generation.contract import NextGenerationContract
from openaco.programs.pioneer.contract import PioneerContract
from openaco.programs.reach.contract import ReachContract, needed_quality, stated_quality
from openaco.programs.reach.inputs import RiskArrangement
from openaco.rules.alignment import model_year
from openaco.rules.next_generation import Arrangement as NextGenerationArrangement
from openaco.rules.participation import LEVELS_FROM, tracks_open, year_of_rules
from openaco.rules.pioneer import Arrangement as PioneerArrangement

DEFAULT = (
    "mssp-basic-a",
    "mssp-basic-e",
    "mssp-enhanced",
    "pioneer-core",
    "next-generation-a",
    "reach-professional",
    "reach-global",
)
"""One of each kind, for a comparison that names none."""


def catalog(configuration: Configuration, performance_year: int) -> dict[str, Contract]:
    """All contracts for a performance year, those of the agreement's own program first.

    A model that is not alive in the year stands by the rules of one of its own years, as its worksheet says: Pioneer by
    the one as far into it as the ACO is into its agreement, Next Generation by its last, LEAD by its first, Tracks 1 to
    3 of the Shared Savings Program by 2018. These and the other models need a quality score; without one in `aco.toml`
    they are left out.
    """
    contracts = _shared_savings(configuration, performance_year)
    if configuration.performance_for(performance_year).quality.score is not None:
        contracts += _models(configuration, performance_year)
    return {contract.id: contract for contract in contracts}


def _models(configuration: Configuration, performance_year: int) -> list[Contract]:
    return [
        *_pioneer(configuration, performance_year),
        *_next_generation(configuration, performance_year),
        *(
            ReachContract.from_configuration(configuration, performance_year, arrangement)
            for arrangement in get_args(RiskArrangement)
        ),
        *(
            LeadContract.from_configuration(configuration, performance_year, arrangement)
            for arrangement in get_args(RiskArrangement)
        ),
    ]


def _shared_savings(configuration: Configuration, performance_year: int) -> list[Contract]:
    start = configuration.agreement.start
    tracks = [*tracks_open(year_of_rules(start))]
    if start >= LEVELS_FROM and configuration.performance_for(performance_year).quality.score is not None:
        tracks += METHODS_BEFORE_2019
    return [MsspContract(configuration, performance_year, track=track) for track in tracks]  # type: ignore[arg-type]


def _pioneer(configuration: Configuration, performance_year: int) -> list[Contract]:
    years = load_parameter("pioneer/sharing").values
    first, last = min(row.since for row in years), max(row.through for row in years)
    rules_year = min(first + performance_year - configuration.agreement.start.year, last)
    return [
        PioneerContract(
            arrangement=arrangement,
            performance_year=performance_year,
            rules_year=rules_year,
            quality_score=stated_quality(configuration, performance_year),
            aco_id=configuration.aco.id,
            name=configuration.aco.name,
        )
        for arrangement in get_args(PioneerArrangement)
        if any(row.since <= rules_year <= row.through and row.keys == {"arrangement": arrangement} for row in years)
    ]


def _next_generation(configuration: Configuration, performance_year: int) -> list[Contract]:
    score = needed_quality(stated_quality(configuration, performance_year), performance_year)
    return [
        NextGenerationContract(
            arrangement=arrangement,
            performance_year=performance_year,
            rules_year=model_year("next_generation", performance_year),
            quality_score=score,
            aco_id=configuration.aco.id,
            name=configuration.aco.name,
        )
        for arrangement in get_args(NextGenerationArrangement)
    ]


def choose(
    configuration: Configuration, performance_year: int, known: dict[str, Contract], names: Sequence[str]
) -> list[Contract]:
    """The contracts of these ids and contract files (`….toml`), in this order.

    Raises ConfigurationError for an id that is not known, and what reading a contract file raises.
    """
    from difflib import get_close_matches

    chosen = []
    for name in names:
        if name in known:
            chosen.append(known[name])
        elif name.endswith(".toml"):
            chosen.append(read_contract(Path(name), performance_year))
        else:
            near = get_close_matches(name, known, n=3)
            raise ConfigurationError(
                f"no such contract: {name}",
                where="--contract",
                remedy=f"Did you mean {', '.join(near)}?"
                if near
                else "List them with `openaco compare --list`; models other than the Shared Savings Program need "
                f"performance.{performance_year}.quality.score in aco.toml.",
            )
    return chosen
