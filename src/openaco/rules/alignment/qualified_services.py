"""Which primary care services are qualified evaluation and management services, and whose: primary care or specialist.

The services come from `rules/assignment` (42 CFR 425.400(c)), of which these are a part. Reading of ours: the
conditions of the Shared Savings Program on a code (no visit in a nursing facility during a skilled nursing stay) hold
here too; no text of the three models was found that says otherwise or the same.
"""

from __future__ import annotations

from openaco.engine import Table, _, cases, coalesce, literal
from openaco.rules.assignment.conditions import EVERY_LINE_COUNTS
from openaco.rules.cited import cited


def qualified_codes(variant: str, rules_year: int) -> list[str]:
    """The numbers of qualified services in a year of a model, sorted. Pioneer ACO Model, Next Generation ACO Model,
    ACO REACH Model."""
    rows = cited(f"alignment/{variant}/qualified_services", rules_year).value
    return sorted(row["hcpcs_code"] for row in rows if row[variant] and int(row[variant]) <= rules_year)


def deciding_specialties(variant: str, rules_year: int, role: str) -> list[str]:
    """The specialty codes with a role, `primary` or `specialist`, sorted. Pioneer ACO Model, Next Generation ACO Model,
    ACO REACH Model."""
    rows = cited(f"alignment/{variant}/specialties", rules_year).value
    return sorted(row["specialty_code"] for row in rows if row[variant] == role)


def qualified_services(services: Table, variant: str, rules_year: int) -> Table:
    """The qualified services among primary care services, with `primary`: whether of primary care or of a specialist.

    services: `assignment.contract.PrimaryCareService`. Every line of a health center or rural clinic is one of primary
    care; others need a qualified code and a deciding specialty. Pioneer ACO Model, Next Generation ACO Model, ACO
    REACH Model.
    """
    sources = cited(f"alignment/{variant}/claim_sources", rules_year).value
    clinic = _.source.isin(EVERY_LINE_COUNTS)
    code, specialty = coalesce(_.hcpcs_code, literal("")), coalesce(_.specialty_code, literal(""))
    role = cases(
        (clinic, "primary"),
        (specialty.isin(deciding_specialties(variant, rules_year, "primary")), "primary"),
        (specialty.isin(deciding_specialties(variant, rules_year, "specialist")), "specialist"),
        else_="other",
    )
    listed = services.filter(_.source.isin(sources), clinic | code.isin(qualified_codes(variant, rules_year)))
    deciding = listed.mutate(deciding=role).filter(_.deciding != "other")
    return deciding.mutate(primary=_.deciding == "primary").drop("deciding")
