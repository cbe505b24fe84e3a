"""Every contract that an ACO's population can be put under, by id."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from openaco.errors import ConfigurationError
from openaco.programs.commercial import read_contract
from openaco.programs.configuration import Configuration
from openaco.programs.contract import Contract
from openaco.programs.mssp_contract import MsspContract
from openaco.programs.reach_contract import ReachContract
from openaco.programs.reach_inputs import RiskArrangement
from openaco.rules.participation import tracks_open

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
    """All contracts for a performance year, those of the agreement's own program first."""
    contracts: list[Contract] = [
        MsspContract(configuration, performance_year, track=track)  # type: ignore[arg-type]
        for track in tracks_open(configuration.agreement.start.year)
    ]
    contracts += [
        ReachContract.from_configuration(configuration, performance_year, arrangement)
        for arrangement in get_args(RiskArrangement)
    ]
    return {contract.id: contract for contract in contracts}


def choose(
    configuration: Configuration, performance_year: int, known: dict[str, Contract], names: Sequence[str]
) -> list[Contract]:
    """The contracts of these ids and contract files; one of each kind where none is named.

    Raises ConfigurationError for an id that is not known, and what reading a contract file raises.
    """
    from difflib import get_close_matches

    chosen = []
    for name in names or DEFAULT:
        if name in known:
            chosen.append(known[name])
        elif name.endswith(".toml"):
            chosen.append(read_contract(Path(name), performance_year))
        else:
            near = get_close_matches(name, known, n=3)
            raise ConfigurationError(
                f"no such contract: {name}",
                where="--contract",
                remedy=f"Did you mean {', '.join(near)}?" if near else "List them with `openaco compare --list`.",
            )
    return chosen
