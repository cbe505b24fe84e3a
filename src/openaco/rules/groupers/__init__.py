"""Groupers: claims sorted into services, stays and visits, and people by what those say (42 CFR 425.601(a)(1)).

Use: `found = groupers.run(engine, claims, people, year)`; every table's columns are in the docstring of the function
that makes it.
"""

from openaco.rules.groupers.grouped import Groupers, run

__all__ = ["Groupers", "run"]
