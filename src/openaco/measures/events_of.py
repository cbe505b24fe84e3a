"""The events that count in a performance year: each kind with the status, intent, category and verification it needs.

What is needed is a parameter (`measures/accepted_statuses`), since it changes by year. Nothing here rests on profiles:
where a resource claims one it is believed, where it claims none its category decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from typing import Any

from openaco.engine import BooleanValue, Value, coalesce, literal
from openaco.measures.language import Coded, Condition, EventSet, Period, same_event
from openaco.parameters import parameter

_ENCOUNTER_DIAGNOSIS = "encounter-diagnosis"
_PROBLEMS = ("problem-list-item", "health-concern")
_PROFILE_OF_ENCOUNTER_DIAGNOSES = ("qicore-condition-encounter-diagnosis", "us-core-condition-encounter-diagnosis")
_PROFILE_OF_PROBLEMS = (
    "qicore-condition-problems-health-concerns",
    "us-core-condition-problems-health-concerns",
)


class EventsOf:
    """The events of a measurement period's year. Concepts are names in `measures/value_sets` and `measures/codes`."""

    def __init__(self, period: Period) -> None:
        self.period = period
        self.rules: dict[str, Any] = parameter("measures/accepted_statuses", period.year).value

    def encounters(self, *concepts: str) -> EventSet:
        """Visits and stays that took place."""
        return Coded("encounter", concepts).where(status(self.rules["encounter"]))

    def conditions(self, *concepts: str) -> EventSet:
        """Conditions, whether encounter diagnoses or problems, whose verification does not rule them out."""
        found: EventSet = Coded("condition", concepts)
        accepted = self.rules["verification"]
        return found.where(_verified(accepted)) if accepted else found

    def encounter_diagnoses(self, *concepts: str) -> EventSet:
        """Conditions recorded as the diagnosis of an encounter."""
        return self.conditions(*concepts).where(_recorded_as(_PROFILE_OF_ENCOUNTER_DIAGNOSES, (_ENCOUNTER_DIAGNOSIS,)))

    def procedures(self, *concepts: str) -> EventSet:
        """Procedures and interventions that were completed."""
        return Coded("procedure", concepts).where(status(self.rules["procedure"]))

    def assessments(self, *concepts: str) -> EventSet:
        """Completed assessments (surveys)."""
        return self._observations("assessment", concepts)

    def laboratory_tests(self, *concepts: str) -> EventSet:
        """Completed laboratory tests."""
        return self._observations("laboratory", concepts)

    def studies(self, *concepts: str) -> EventSet:
        """Completed diagnostic studies, such as imaging."""
        return self._observations("study", concepts)

    def symptoms(self, *concepts: str) -> EventSet:
        """Observed symptoms; a preliminary observation will do."""
        found = Coded("observation", concepts).where(status(self.rules["symptom"]))
        return self._observed_as("symptom", found)

    def service_orders(self, *concepts: str) -> EventSet:
        """Orders of services, written and not withdrawn."""
        return self._orders("service_request", concepts, self.rules["order"])

    def device_orders(self, *concepts: str) -> EventSet:
        """Orders of devices, written and not withdrawn."""
        return self._orders("device_request", concepts, self.rules["order"])

    def medication_orders(self, *concepts: str) -> EventSet:
        """Orders of medications, written and not withdrawn."""
        return self._orders("medication_request", concepts, self.rules["order"])

    def medications_in_use(self, *concepts: str) -> EventSet:
        """Orders of medications that are active."""
        return self._orders("medication_request", concepts, self.rules["medication_in_use"])

    def diagnosed(self, encounters: EventSet, *concepts: str) -> EventSet:
        """The encounters of a set whose diagnoses are among concepts.

        Where an encounter names its diagnoses changed with QI-Core 6: it was `diagnosis`, it is `reasonReference`.
        """
        kind = "encounter_diagnosis" if self.period.year < 2026 else "encounter_reason"
        return encounters.having(Coded(kind, concepts), same_event, "with the diagnosis")

    def _observations(self, kind: str, concepts: Sequence[str]) -> EventSet:
        found = Coded("observation", tuple(concepts)).where(status(self.rules["observation"]))
        categories = self.rules[f"{kind}_category"]
        return self._observed_as(kind, found.where(category(categories)) if categories else found)

    def _observed_as(self, kind: str, found: EventSet) -> EventSet:
        """By the profile the observation claims; by its category where it claims none of those that tell the kind."""
        kinds = self.rules["observed_as"]
        if not kinds:
            return found
        own, told = kinds[kind]["profiles"], [name for item in kinds.values() for name in item["profiles"]]
        categories = kinds[kind]["category"]

        def is_so(event: Any) -> BooleanValue:
            silent = ~has_token(event.profiles, told)
            if categories:
                silent = silent & has_token(event.categories, categories)
            return has_token(event.profiles, own) | silent

        return found.where(Condition("status", f"observed as {kind}", is_so))

    def _orders(self, kind: str, concepts: Sequence[str], statuses: list[str]) -> EventSet:
        found = Coded(kind, tuple(concepts)).where(status(statuses)).where(_intent(self.rules["order_intent"]))
        return found.where(NOT_FORBIDDEN)


def status(accepted: Iterable[str]) -> Condition:
    """The event has one of some statuses."""
    words = tuple(accepted)
    return Condition("status", f"status {', '.join(words)}", lambda t: known(t.status.isin(words)))


def category(accepted: Iterable[str]) -> Condition:
    """The event is of one of some categories."""
    words = tuple(accepted)
    return Condition("status", f"category {', '.join(words)}", lambda t: has_token(t.categories, words))


def code_of(name: str) -> tuple[str, str]:
    """System and code of a single code, by its name in `measures/codes`."""
    system, code = parameter("measures/codes", 2025).value[name]
    return system, code


def result_is(name: str) -> Condition:
    """The result of the event is a code."""
    system, code = code_of(name)
    return Condition(
        "value",
        f"result is {name.replace('_', ' ')}",
        lambda t: known((t.value_system == system) & (t.value_code == code)),
    )


def result_among(concept: str) -> Condition:
    """The result of the event is in a value set."""
    column = f"value_in_{concept}"
    return Condition("value", f"result in {concept.replace('_', ' ')}", lambda t: t[column], (column,))


HAS_RESULT = Condition("value", "has a result", lambda t: known(t.has_value))
NO_RESULT = Condition("value", "has no result", lambda t: ~known(t.has_value))
NOT_FORBIDDEN = Condition("status", "not an order to refrain", lambda t: ~known(t.negated))
NOT_BY_REFERENCE = Condition("detail", "the code stands in the order itself", lambda t: ~known(t.by_reference))


def at_site(name: str) -> Condition:
    """The condition is at a body site."""
    return Condition("detail", f"at the {name}", lambda t: has_token(t.body_sites, (":".join(code_of(name)),)))


def discharged(*names: str) -> Condition:
    """The stay ended with one of some discharges."""
    codes = tuple(":".join(code_of(name)) for name in names)
    said = " or ".join(name.replace("_", " ") for name in names)
    return Condition("detail", said, lambda t: has_token(t.discharge_codes, codes))


def has_token(column: Value, words: Iterable[str]) -> BooleanValue:
    """A text of tokens has one of some words."""
    found: list[Any] = [known(column.contains(f"|{word}|")) for word in words]
    return reduce(lambda one, other: one | other, found)


def known(test: BooleanValue) -> BooleanValue:
    """What is not known is not so."""
    return coalesce(test, literal(False))


def is_problem() -> Condition:
    """The condition is kept as a problem or health concern."""
    return _recorded_as(_PROFILE_OF_PROBLEMS, _PROBLEMS)


def in_problem_category() -> Condition:
    """The condition's category says problem list item or health concern."""
    return category(_PROBLEMS)


def _verified(accepted: list[str]) -> Condition:
    return Condition(
        "status",
        f"verification {', '.join(accepted)} or not stated",
        lambda t: t.verification.isnull() | known(t.verification.isin(accepted)),
    )


def _recorded_as(profiles: tuple[str, ...], categories: tuple[str, ...]) -> Condition:
    """By the profile the condition claims; by its category where it claims neither of the two kinds."""
    both = _PROFILE_OF_ENCOUNTER_DIAGNOSES + _PROFILE_OF_PROBLEMS
    return Condition(
        "status",
        f"recorded as {' or '.join(categories)}",
        lambda t: (
            has_token(t.profiles, profiles) | (~has_token(t.profiles, both) & has_token(t.categories, categories))
        ),
    )


def _intent(accepted: list[str]) -> Condition:
    return Condition("status", f"intent {', '.join(accepted)}", lambda t: known(t.intent.isin(accepted)))
