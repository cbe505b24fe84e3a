"""FHIR R4 (US Core, QI-Core, or untagged): Bundles and bulk exports → people and events.

`read_fhir(engine, paths)` reads files; `load(lake, path, system=…)` puts them into the lake; `clinical_tables(engine,
collected)` makes tables of rows already collected. Profiles are not needed: data without `meta.profile` are read the
same.
"""

from openaco.feeds.fhir.load import load
from openaco.feeds.fhir.read import ClinicalData, clinical_tables, read_fhir

__all__ = ["ClinicalData", "clinical_tables", "load", "read_fhir"]
