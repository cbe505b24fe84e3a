"""Code tables that others publish and a user puts into the folder `tables` of the ACO."""

from openaco.feeds.code_tables.read import CodeTables, MissingTable, read_code_tables

__all__ = ["CodeTables", "MissingTable", "read_code_tables"]
