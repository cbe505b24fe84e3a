"""Which claim lines are primary care services, whose they are and what they are worth.

42 CFR 425.400(c), 425.402(b)–(d), 425.404(b); CMS methodology specifications v11, Tables 8–10 and Appendix D.
"""

from __future__ import annotations

import datetime

from openaco.engine import Table, _, coalesce, date_of, literal, money, stack
from openaco.rules.assignment.codes import codes_with, listed_codes
from openaco.rules.assignment.conditions import conditions_met, role_of, while_payable
from openaco.rules.assignment.institutional_services import institutional_services


def primary_care_services(
    *,
    professional: Table,
    institutional: Table,
    institutional_line: Table,
    provider: Table,
    electing_hospital: Table,
    fee_schedule_amount: Table,
    rules_year: int,
    start: datetime.date,
    end: datetime.date,
) -> Table:
    """Every primary care service with a date from `start` through `end` under the rules of a performance year.

    Tables as in `contract`: FinalProfessionalLine, FinalInstitutionalClaim, FinalInstitutionalLine; the lake's
    provider, electing_hospital, fee_schedule_amount. Returns `contract.PrimaryCareService`. One call may span all
    windows of a run, because benchmark years follow the rules of the performance year. A service with an allowed
    charge of zero is a service: it counts where the rule asks whether one was received, and adds nothing to charges.
    42 CFR 425.400(c)(1), 425.402(b).
    """
    listed = professional_services(professional, rules_year, start, end)
    facility = institutional_services(
        institutional=institutional,
        institutional_line=institutional_line,
        provider=provider,
        electing_hospital=electing_hospital,
        fee_schedule_amount=fee_schedule_amount,
        rules_year=rules_year,
        start=start,
        end=end,
    )
    payable = while_payable(stack([listed, facility]), rules_year)
    return conditions_met(payable, institutional, rules_year)


def professional_services(professional: Table, rules_year: int, start: datetime.date, end: datetime.date) -> Table:
    """Carrier lines with a listed code, billed under a TIN; the line's specialty gives the role.

    Codes for electing hospitals alone are left out. Source: 42 CFR 425.402(b), (c); specifications v11, Tables 8–10.
    """
    electing_only = set(codes_with(rules_year, "electing_hospital_only"))
    codes = sorted({code.hcpcs_code for code in listed_codes(rules_year)} - electing_only)
    service_date = coalesce(_.claim_line_end_date, _.claim_line_start_date)
    lines = professional.filter(_.hcpcs_code.isin(codes), service_date.between(date_of(start), date_of(end)))
    return lines.select(
        person_id=_.person_id,
        service_date=service_date,
        biller="tin:" + coalesce(_.billing_tin, literal("unknown")),
        npi=_.rendering_npi,
        specialty_code=_.specialty_code,
        role=role_of(_.specialty_code, rules_year),
        allowed_amount=money(coalesce(_.allowed_amount, money(0))),
        charge_basis=literal("line"),
        hcpcs_code=_.hcpcs_code,
        source=literal("professional"),
        claim_id=_.claim_id,
        claim_line_number=_.claim_line_number,
    )
