"""Primary care services on institutional claims: Method II critical access hospitals (cah), electing teaching
amendment hospitals (eta), Federally qualified health centers (fqhc) and rural health clinics (rhc).

42 CFR 425.402(b), (d), 425.404(b); CMS methodology specifications v11, Appendix D.
"""

from __future__ import annotations

import datetime
from typing import Any

from openaco.engine import Table, Value, _, cases, coalesce, date_of, ifelse, literal, money, null, stack
from openaco.parameters import parameter
from openaco.rules.assignment.codes import codes_with, listed_codes
from openaco.rules.assignment.conditions import role_of


def institutional_services(
    *,
    institutional: Table,
    institutional_line: Table,
    provider: Table,
    electing_hospital: Table,
    fee_schedule_amount: Table,
    rules_year: int,
    start: datetime.date,
    end: datetime.date,
) -> Table:
    """The services of all four kinds of facility, billed under a CCN, with the columns of PrimaryCareService.

    The date is the revenue center's, else the line's last day, else the claim's. 42 CFR 425.402(d), 425.404(b).
    """
    claims = claims_with_source(institutional, electing_hospital, rules_year).filter(
        _.claim_end_date >= date_of(start), _.claim_start_date <= date_of(end)
    )
    lines = _lines_of(claims, institutional_line)
    kinds = [
        every_line(lines.filter(_.source.isin(["fqhc", "rhc"]))),
        listed_lines(lines.filter(_.source == "cah"), provider, "cah", rules_year),
        by_fee_schedule(
            listed_lines(lines.filter(_.source == "eta"), provider, "eta", rules_year), fee_schedule_amount
        ),
    ]
    return stack(kinds).filter(_.service_date.between(date_of(start), date_of(end)))


def claims_with_source(institutional: Table, electing_hospital: Table, rules_year: int) -> Table:
    """The institutional claims that can hold primary care services, with `source`: cah, eta, fqhc or rhc.

    Decided by type of bill; 13x only from hospitals on CMS's list of electing hospitals. Specifications v11,
    Appendix D.
    """
    rows = parameter("assignment/institutional_claims", rules_year).value
    bill = _.bill_facility_type_code + _.bill_classification_code
    source = cases(*[(bill == r["bill_facility_type"] + r["bill_classification"], r["source"]) for r in rows], else_="")
    claims = institutional.mutate(source=source).filter(_.source != "")
    elected = electing_hospital.select(billing_ccn=_.ccn)
    return stack([claims.filter(_.source != "eta"), claims.filter(_.source == "eta").semi_join(elected, "billing_ccn")])


def every_line(lines: Table) -> Table:
    """Health centers and rural clinics: every line is a primary care physician's service. 42 CFR 425.404(b).

    Amounts of lines stand only where they sum to the claim; otherwise the claim's amount stands on its first line
    (CCLF Information Packet 3.5). A claim without lines is one service.
    """
    by_claim = lines.group_by("claim_id").aggregate(
        total=money(coalesce(_.line_amount.sum(), money(0))), first_line=_.claim_line_number.min()
    )
    joined = lines.join(by_claim, "claim_id")
    adds_up = coalesce(_.total == _.claim_amount, literal(False))
    whole = ifelse(coalesce(_.claim_line_number == _.first_line, literal(True)), _.claim_amount, money(0))
    return _as_services(
        joined,
        npi=null("string"),
        specialty_code=null("string"),
        role=literal("pcp"),
        allowed_amount=ifelse(adds_up, _.line_amount, whole),
        charge_basis=ifelse(adds_up, literal("line"), literal("claim")),
    )


def listed_lines(lines: Table, provider: Table, source: str, rules_year: int) -> Table:
    """Lines with a listed code; the specialty is that of the first NPI on the claim as enrolled (PECOS).

    Critical access hospitals: only revenue centers of professional fees. Specifications v11, Appendix D.
    """
    prefixes = _revenue_centers(source, rules_year)
    electing_only = set() if source == "eta" else set(codes_with(rules_year, "electing_hospital_only"))
    codes = sorted({code.hcpcs_code for code in listed_codes(rules_year)} - electing_only)
    listed = lines.filter(_.hcpcs_code.isin(codes))
    if prefixes:
        listed = listed.filter(_.revenue_center_code.substr(0, 3).isin(prefixes))
    named = listed.mutate(npi=_first_npi(listed, source, rules_year))
    enrolled = provider.group_by(enrolled_npi=_.npi).aggregate(specialty_code=_.specialty_code.max())
    known = named.left_join(enrolled, named.npi == enrolled.enrolled_npi)
    return _as_services(
        known,
        npi=_.npi,
        specialty_code=_.specialty_code,
        role=role_of(_.specialty_code, rules_year),
        allowed_amount=_.line_amount,
        charge_basis=literal("line"),
    )


def by_fee_schedule(services: Table, fee_schedule_amount: Table) -> Table:
    """Electing hospitals: the physician fee schedule amount stands for the allowed charge. 42 CFR 425.402(d).

    One amount a line. A code without an amount for its year counts as a service with a charge of zero and is marked
    `missing`.
    """
    amounts = fee_schedule_amount.group_by(fee_year=_.calendar_year, fee_code=_.hcpcs_code).aggregate(
        fee_amount=_.amount.max()
    )
    dated = services.mutate(service_year=_.service_date.year().cast("int64"))
    priced = dated.left_join(amounts, [dated.service_year == amounts.fee_year, dated.hcpcs_code == amounts.fee_code])
    return priced.mutate(
        allowed_amount=money(coalesce(_.fee_amount, money(0))),
        charge_basis=ifelse(_.fee_amount.isnull(), literal("missing"), literal("fee_schedule")),
    ).select(*services.columns)


def _lines_of(claims: Table, institutional_line: Table) -> Table:
    """Claims with their lines; one row for a claim without. Amounts: allowed where a source has them, else paid."""
    amount = _.allowed_amount if "allowed_amount" in institutional_line.columns else _.paid_amount
    lines = institutional_line.select(
        line_claim_id=_.claim_id,
        line_number=_.claim_line_number,
        revenue_center_code=_.revenue_center_code,
        hcpcs_code=_.hcpcs_code,
        line_date=coalesce(_.revenue_center_date, _.claim_line_end_date),
        amount=amount,
    )
    joined = claims.left_join(lines, claims.claim_id == lines.line_claim_id)
    return joined.mutate(
        service_date=coalesce(_.line_date, _.claim_end_date),
        claim_line_number=coalesce(_.line_number, literal(0, "int64")),
        line_amount=money(coalesce(_.amount, money(0))),
        claim_amount=money(coalesce(_.paid_amount, money(0))),
    )


def _as_services(lines: Table, **columns: Value) -> Table:
    found: dict[str, Any] = {
        "person_id": _.person_id,
        "service_date": _.service_date,
        "biller": "ccn:" + coalesce(_.billing_ccn, literal("unknown")),
        **columns,
        "hcpcs_code": _.hcpcs_code,
        "source": _.source,
        "claim_id": _.claim_id,
        "claim_line_number": _.claim_line_number,
    }
    return lines.select(**found)


def _revenue_centers(source: str, rules_year: int) -> list[str]:
    rows = parameter("assignment/institutional_claims", rules_year).value
    found = {row["revenue_center_prefixes"] for row in rows if row["source"] == source}
    return sorted(prefix for text in found for prefix in text.split(";") if prefix)


def _first_npi(lines: Table, source: str, rules_year: int) -> Value:
    """The first NPI on the claim in CMS's order; a column that a source does not have is passed over."""
    order = parameter("assignment/clinician_on_institutional_claim", rules_year, source=source).value
    stated = [lines[column].nullif("") for column in order if column in lines.columns]
    return coalesce(*stated, null("string"))
