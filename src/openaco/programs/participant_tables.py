"""The tables of a run that say which participant and clinician each assigned beneficiary belongs to, and their scores.

They hold the performance year alone: what is earned in it is shared out by them.
"""

from __future__ import annotations

from collections.abc import Mapping

from openaco.engine import Table, _, literal
from openaco.programs.ledger import LedgerRun
from openaco.programs.reported_scores import with_scores
from openaco.rules.assignment import (
    assignment_window,
    charges_by_clinician,
    entities,
    list_takes_effect,
    on_list,
)

CHARGES = (
    "person_id",
    "biller",
    "npi",
    "source",
    "services",
    "primary_charges",
    "specialist_charges",
    "latest_primary",
    "latest_specialist",
    "expanded_services",
    "expanded_charges",
    "expanded_latest_primary",
    "expanded_latest_specialist",
)


def participant_tables(run: LedgerRun) -> Mapping[str, Table]:
    """Tables by file name, in one order of rows.

    participants          a TIN, or a CCN under a TIN, on the ACO's list of the year: `tin`, `ccn`, `name`
    clinicians            a clinician of `primary_care_charges`: `npi`, `specialty_code`, `name`
    primary_care_charges  an assigned person, biller (`tin:…`, `ccn:…`), clinician and kind of service: see
                          `rules.assignment.charges_by_clinician`
    risk_scores           an assigned person and enrollment type: CMS's renormalized `score`, blank if not reported
    """
    charges = _charges(run)
    aco_id, listed_on = run.configuration.aco.id, list_takes_effect(run.performance_year)
    listed = on_list(run.population.participant, listed_on).filter(_.aco_id == aco_id)
    types = run.performance.spending.by_person.select("person_id", "enrollment_type")
    scores = with_scores(types, run.population, run.performance_year).drop("reported")
    tables = {
        "participants": (listed.select("tin", "ccn", name="name_of_participant").distinct(), ["tin", "ccn", "name"]),
        "clinicians": (_clinicians(run, charges), ["npi"]),
        "primary_care_charges": (charges, ["person_id", "biller", "npi", "source"]),
        "risk_scores": (scores, ["person_id", "enrollment_type"]),
    }
    year = literal(run.performance_year)
    return {name: table.mutate(year=year).order_by(order) for name, (table, order) in tables.items()}


def _charges(run: LedgerRun) -> Table:
    """Primary care charges of the assigned at the ACO's own participants."""
    window = assignment_window(
        run.performance_year, run.configuration.agreement.assignment_method, run.performance_year
    )
    listed = entities(run.population.participant, list_takes_effect(run.performance_year))
    assigned = run.performance.assignment.filter(_.assigned)
    charges = charges_by_clinician(run.performance.services, listed, window, run.configuration.aco.id)
    counted = charges.mutate(services=_.services.cast("int64"), expanded_services=_.expanded_services.cast("int64"))
    return counted.select(*CHARGES).semi_join(assigned, "person_id")


def _clinicians(run: LedgerRun, charges: Table) -> Table:
    enrolled = run.population.provider.semi_join(charges, "npi")
    return enrolled.select("npi", "specialty_code", name="name_of_provider").distinct()
