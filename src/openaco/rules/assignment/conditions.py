"""Conditions on a primary care service: the clinician's role, payable dates, facility stays, a base service.

42 CFR 425.400(c)(1), 425.402(b)–(c); CMS methodology specifications v11, Tables 8–10.
"""

from __future__ import annotations

from collections.abc import Sequence

from openaco.engine import Table, Value, _, cases, coalesce, date_of, literal, stack
from openaco.parameters import parameter
from openaco.rules.assignment.codes import codes_with, listed_codes, specialties

ROLES = ("pcp", "npp", "specialist")
STAY_CONDITIONS = ("not_during_snf_stay", "not_during_inpatient_stay")
BY_CODE = ("professional", "cah", "eta")
EVERY_LINE_COUNTS = ("fqhc", "rhc")


def role_of(specialty_code: Value, rules_year: int) -> Value:
    """The role of a specialty code: pcp, npp, specialist, or other (counts nowhere). 42 CFR 425.20, 425.402(c)."""
    code = coalesce(specialty_code, literal(""))
    return cases(*[(code.isin(specialties(rules_year, role)), role) for role in ROLES], else_="other")


def while_payable(services: Table, rules_year: int) -> Table:
    """Leave out codes on days when Medicare did not pay for them (telephone visits). 42 CFR 425.400(c)(1).

    Lines of health centers and rural clinics count whatever their code.
    """
    for code in listed_codes(rules_year):
        if code.payable_from and code.payable_through:
            payable = _.service_date.between(date_of(code.payable_from), date_of(code.payable_through))
            other = _.hcpcs_code.isnull() | (_.hcpcs_code != code.hcpcs_code) | _.source.isin(EVERY_LINE_COUNTS)
            services = services.filter(other | payable)
    return services


def conditions_met(services: Table, institutional: Table, rules_year: int) -> Table:
    """The services whose code's condition holds: outside a stay, or beside a base service. 42 CFR 425.400(c)(1).

    Only the few codes concerned are compared with anything. Reading: the base service of a prolonged one has the
    same person, day and biller and counts itself; the rule says only that the base code must be a primary care
    service. Lines of health centers and rural clinics need no base service.
    """
    prolonged = _concerned(codes_with(rules_year, "with_base_service"), BY_CODE)
    barred = {condition: _exclusion(condition, rules_year) for condition in STAY_CONDITIONS}
    unconditional = ~prolonged
    for codes, exclusion in barred.values():
        unconditional = unconditional & ~_concerned(codes, exclusion["sources"])
    parts = [services.filter(unconditional)]
    for codes, exclusion in barred.values():
        if exclusion["claim_types"]:
            checked = services.filter(_concerned(codes, exclusion["sources"]))
            parts.append(outside_stays(checked, institutional, exclusion["claim_types"]))
    beside = ["person_id", "service_date", "biller"]
    based = services.filter(prolonged).semi_join(stack([part.select(*beside) for part in parts]), beside)
    return stack([*parts, based])


def outside_stays(services: Table, institutional: Table, claim_types: Sequence[str]) -> Table:
    """The services on days that no facility claim of these types covers, first and last day included.

    42 CFR 425.400(c)(1); specifications v11, Table 8.
    """
    stays = institutional.filter(_.claim_type_code.isin(claim_types)).select(
        stay_person_id=_.person_id, stay_start=_.claim_start_date, stay_end=_.claim_end_date
    )
    return services.anti_join(
        stays,
        [
            services.person_id == stays.stay_person_id,
            services.service_date >= stays.stay_start,
            services.service_date <= stays.stay_end,
        ],
    )


def _exclusion(condition: str, rules_year: int) -> tuple[list[str], dict[str, list[str]]]:
    value = parameter("assignment/overlap_exclusions", rules_year, condition=condition).value
    return codes_with(rules_year, condition), value


def _concerned(codes: Sequence[str], sources: Sequence[str]) -> Value:
    """Whether a service has one of the codes and comes from one of the kinds of claims; never blank."""
    return coalesce(_.hcpcs_code, "").isin(codes) & _.source.isin(sources)
