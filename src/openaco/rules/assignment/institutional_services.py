"""Primary care services on institutional claims: Method II critical access hospitals (cah), electing teaching
amendment hospitals (eta), Federally qualified health centers (fqhc) and rural health clinics (rhc).

42 CFR 425.402(b), (d), 425.404(b); CMS methodology specifications v11, Appendix D.
"""

from __future__ import annotations

import datetime

from openaco.engine import Table, Value, _, cases, coalesce, date_of, ifelse, literal, money, null
from openaco.parameters import parameter
from openaco.rules.assignment.codes import codes_with, listed_codes
from openaco.rules.assignment.conditions import EVERY_LINE_COUNTS, role_of
from openaco.rules.claims import amounts_of_lines


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
    lines = with_whole_claims(counting_lines(_with_lines(claims, institutional_line), rules_year))
    dated = lines.filter(_.service_date.between(date_of(start), date_of(end)))
    charges = with_fee_schedule(with_clinician(dated, provider, rules_year), fee_schedule_amount)
    return charges.select(
        person_id=_.person_id,
        service_date=_.service_date,
        biller="ccn:" + coalesce(_.billing_ccn, literal("unknown")),
        npi=_.npi,
        specialty_code=_.specialty_code,
        role=_.role,
        allowed_amount=_.line_amount,
        charge_basis=_.charge_basis,
        hcpcs_code=_.hcpcs_code,
        source=_.source,
        claim_id=_.claim_id,
        claim_line_number=_.claim_line_number,
    )


def claims_with_source(institutional: Table, electing_hospital: Table, rules_year: int) -> Table:
    """The institutional claims that can hold primary care services, with `source`: cah, eta, fqhc or rhc.

    Decided by type of bill; 13x only from hospitals on CMS's list of electing hospitals. Specifications v11,
    Appendix D.
    """
    rows = parameter("assignment/institutional_claims", rules_year).value
    bill = _.bill_facility_type_code + _.bill_classification_code
    source = cases(*[(bill == r["bill_facility_type"] + r["bill_classification"], r["source"]) for r in rows], else_="")
    claims = institutional.mutate(source=source).filter(_.source != "")
    elected = electing_hospital.select(elected_ccn=_.ccn).distinct()
    known = claims.left_join(elected, claims.billing_ccn == elected.elected_ccn)
    return known.filter((_.source != "eta") | _.elected_ccn.notnull()).drop("elected_ccn")


def counting_lines(lines: Table, rules_year: int) -> Table:
    """The lines that are primary care services: all of health centers and rural clinics, else those with a listed code.

    Critical access hospitals: only revenue centers of professional fees; some codes count at electing hospitals
    alone. 42 CFR 425.404(b); specifications v11, Appendix D.
    """
    codes = {code.hcpcs_code for code in listed_codes(rules_year)}
    elsewhere = sorted(codes - set(codes_with(rules_year, "electing_hospital_only")))
    center = coalesce(_.revenue_center_code, literal("")).substr(0, 3)
    professional_fee = center.isin(_revenue_centers("cah", rules_year))
    code = coalesce(_.hcpcs_code, literal(""))
    return lines.filter(
        _.source.isin(EVERY_LINE_COUNTS)
        | ((_.source == "cah") & code.isin(elsewhere) & professional_fee)
        | ((_.source == "eta") & code.isin(sorted(codes)))
    )


def with_clinician(lines: Table, provider: Table, rules_year: int) -> Table:
    """The lines with `npi`, its enrolled (PECOS) `specialty_code`, and `role`.

    Health centers and rural clinics: a primary care physician's service, whoever gave it. Others: the first NPI that
    stands on the claim in CMS's order. 42 CFR 425.402(b), 425.404(b); specifications v11, Appendix D.
    """
    named = lines.mutate(
        npi=cases(
            *[(lines.source == source, _first_npi(lines, source, rules_year)) for source in ("cah", "eta")],
            else_=null("string"),
        )
    )
    enrolled = provider.group_by(enrolled_npi=_.npi).aggregate(specialty_code=_.specialty_code.max())
    known = named.left_join(enrolled, named.npi == enrolled.enrolled_npi)
    by_specialty = role_of(known.specialty_code, rules_year)
    return known.mutate(role=ifelse(known.source.isin(EVERY_LINE_COUNTS), literal("pcp"), by_specialty))


def with_whole_claims(lines: Table) -> Table:
    """Amounts of health centers' and rural clinics' lines stand only where they sum to the claim.

    Otherwise the claim's amount stands on its first line (CCLF Information Packet 3.5). Sets `line_amount` and
    `charge_basis`: line or claim.
    """
    found = amounts_of_lines(lines)
    by_line = ~found.source.isin(EVERY_LINE_COUNTS) | found.lines_sum_to_claim
    return found.mutate(
        line_amount=ifelse(by_line, found.line_amount, found.amount),
        charge_basis=ifelse(by_line, literal("line"), literal("claim")),
    ).drop("amount", "lines_sum_to_claim")


def with_fee_schedule(lines: Table, fee_schedule_amount: Table) -> Table:
    """Electing hospitals: the physician fee schedule amount stands for the allowed charge. 42 CFR 425.402(d).

    One amount a line. A code without an amount for its year counts as a service with a charge of zero and is marked
    `missing`.
    """
    amounts = fee_schedule_amount.group_by(fee_year=_.calendar_year, fee_code=_.hcpcs_code).aggregate(
        fee_amount=_.amount.max()
    )
    dated = lines.mutate(service_year=_.service_date.year().cast("int64"))
    priced = dated.left_join(amounts, [dated.service_year == amounts.fee_year, dated.hcpcs_code == amounts.fee_code])
    electing = _.source == "eta"
    basis = ifelse(_.fee_amount.isnull(), literal("missing"), literal("fee_schedule"))
    return priced.mutate(
        line_amount=ifelse(electing, money(coalesce(_.fee_amount, money(0))), _.line_amount),
        charge_basis=ifelse(electing, basis, _.charge_basis),
    )


def _with_lines(claims: Table, institutional_line: Table) -> Table:
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


def _revenue_centers(source: str, rules_year: int) -> list[str]:
    rows = parameter("assignment/institutional_claims", rules_year).value
    found = {row["revenue_center_prefixes"] for row in rows if row["source"] == source}
    return sorted(prefix for text in found for prefix in text.split(";") if prefix)


def _first_npi(lines: Table, source: str, rules_year: int) -> Value:
    """The first NPI on the claim in CMS's order; a column that a source does not have is passed over."""
    order = parameter("assignment/clinician_on_institutional_claim", rules_year, source=source).value
    stated = [lines[column].nullif("") for column in order if column in lines.columns]
    return coalesce(*stated, null("string"))
