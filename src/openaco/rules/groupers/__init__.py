"""Groupers: claims sorted into services, stays and visits, and people by what those say (42 CFR 425.20).

Use: `found = groupers.run(engine, claims, people, year, tables)`; what each table of the answer holds stands in
`Groupers` and in the function that makes it. `tables`: `openaco.feeds.code_tables.read_code_tables(folder)`.
"""

from openaco.rules.groupers.grouped import Groupers, run

__all__ = ["Groupers", "run"]
