"""The language measures are written in: sets of events, statements about people, windows, and their compilation."""

from openaco.measures.language.compile import Compiler, truth
from openaco.measures.language.events import Coded, Condition, EventSet, relaxed, same_event
from openaco.measures.language.people import (
    NEVER,
    Aged,
    Exists,
    Female,
    Predicate,
    at_least,
    exists,
    statements_of_events,
)
from openaco.measures.language.period import Period, Window, day_from, day_number
from openaco.measures.language.relations import Moment, Side, days_after, days_before

__all__ = [
    "NEVER",
    "Aged",
    "Coded",
    "Compiler",
    "Condition",
    "EventSet",
    "Exists",
    "Female",
    "Moment",
    "Period",
    "Predicate",
    "Side",
    "Window",
    "at_least",
    "day_from",
    "day_number",
    "days_after",
    "days_before",
    "exists",
    "relaxed",
    "same_event",
    "statements_of_events",
    "truth",
]
