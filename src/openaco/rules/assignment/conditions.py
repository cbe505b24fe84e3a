"""Conditions on a primary care service: the clinician's role, payable dates, facility stays, a base service.

42 CFR 425.400(c)(1), 425.402(b)–(c); CMS methodology specifications v11, Tables 8–10.
"""

from __future__ import annotations

from openaco.engine import Table, Value, _, cases, coalesce, date_of, literal, stack
from openaco.parameters import parameter
from openaco.rules.assignment.codes import codes_with, listed_codes, specialties

ROLES = ("pcp", "npp", "specialist")
STAY_CONDITIONS = ("not_during_snf_stay", "not_during_inpatient_stay")
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


def outside_stays(services: Table, institutional: Table, rules_year: int) -> Table:
    """Leave out nursing facility visits during a SNF stay and advance care planning during an inpatient stay.

    A stay covers the first through the last day of a facility claim. 42 CFR 425.400(c)(1); specifications v11,
    Table 8. Only the few codes concerned are compared with stays.
    """
    for condition in STAY_CONDITIONS:
        exclusion = parameter("assignment/overlap_exclusions", rules_year, condition=condition).value
        if exclusion["claim_types"]:
            services = _outside(services, institutional, codes_with(rules_year, condition), exclusion)
    return services


def _outside(services: Table, institutional: Table, codes: list[str], exclusion: dict[str, list[str]]) -> Table:
    concerned = coalesce(_.hcpcs_code.isin(codes) & _.source.isin(exclusion["sources"]), literal(False))
    stays = institutional.filter(_.claim_type_code.isin(exclusion["claim_types"])).select(
        stay_person_id=_.person_id, stay_start=_.claim_start_date, stay_end=_.claim_end_date
    )
    checked = services.filter(concerned)
    free = checked.anti_join(
        stays,
        [
            checked.person_id == stays.stay_person_id,
            checked.service_date >= stays.stay_start,
            checked.service_date <= stays.stay_end,
        ],
    )
    return stack([services.filter(~concerned), free])


def with_base_service(services: Table, rules_year: int) -> Table:
    """Keep a prolonged service only beside another listed service that counts. 42 CFR 425.400(c)(1).

    Reading: the base service has the same person, day and biller. The rule says only that the base code must be a
    primary care service; the claim need not be the same one.
    """
    prolonged = codes_with(rules_year, "with_base_service")
    concerned = coalesce(_.hcpcs_code.isin(prolonged) & ~_.source.isin(EVERY_LINE_COUNTS), literal(False))
    others = services.filter(~concerned)
    based = services.filter(concerned).semi_join(
        others.select("person_id", "service_date", "biller"), ["person_id", "service_date", "biller"]
    )
    return stack([others, based])
