"""A what-if question: what shall be different, and in which words it is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from openaco.errors import ConfigurationError
from openaco.parameters import parameter
from openaco.programs.configuration import Method, Track
from openaco.rules.sharing import Election


@dataclass(frozen=True)
class Question:
    """What shall be different; what is left out stays as it is.

    drop_tins, add_tins   participants that leave, and billers that join; assignment, benchmark and revenue follow
    method                the other assignment method
    track                 another level
    minimum_savings_rate  another choice of a two-sided ACO
    risk_score            what the performance year's risk scores are multiplied by
    services              by service (`expenditures/service_categories`), what its dollars in the performance year are
                          multiplied by
    """

    drop_tins: tuple[str, ...] = ()
    add_tins: tuple[str, ...] = ()
    method: Method | None = None
    track: Track | None = None
    minimum_savings_rate: Election | None = None
    risk_score: float = 1.0
    services: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def changes_people(self) -> bool:
        """Whether somebody else may be assigned."""
        return bool(self.drop_tins or self.add_tins or self.method)

    @property
    def is_empty(self) -> bool:
        """Whether nothing shall be different."""
        return self == Question()

    def in_words(self) -> str:
        """The question as the beginning of a sentence."""
        parts = [f"without participant {tin}" for tin in self.drop_tins]
        parts += [f"with participant {tin}" for tin in self.add_tins]
        parts += [f"with {self.method} assignment"] if self.method else []
        parts += [f"on {self.track.replace('_', ' ')}"] if self.track else []
        if self.minimum_savings_rate is not None:
            chosen = self.minimum_savings_rate
            parts.append(f"with a minimum savings rate of {chosen if chosen == 'variable' else f'{chosen:.1%}'}")
        if self.risk_score != 1:
            parts.append(f"with risk scores {_percent(self.risk_score - 1)}")
        parts += [
            f"with {name.replace('_', ' ')} spending {_percent(float(factor) - 1)}"
            for name, factor in self.services.items()
        ]
        words = " and ".join(parts)
        return words[:1].upper() + words[1:]

    def use_by_claim_type(self, year: int) -> dict[str, Decimal]:
        """What dollars are multiplied by, by claim type code. Raises ConfigurationError for an unknown service."""
        categories: Mapping[str, Any] = parameter("expenditures/service_categories", year).value
        unknown = sorted(set(self.services) - set(categories))
        if unknown:
            raise ConfigurationError(
                f"no such service: {', '.join(unknown)}", where="--service", remedy=f"Known: {', '.join(categories)}."
            )
        return {code: factor for name, factor in self.services.items() for code in categories[name]}


def _percent(change: float) -> str:
    return f"{abs(change):.1%} {'higher' if change > 0 else 'lower'}"
