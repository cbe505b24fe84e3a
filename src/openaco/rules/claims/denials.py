"""Claims and lines that Medicare denied (feeds rule R5; 42 CFR 425.601(a)(1)).

Where the packet and the specifications differ the specifications count, because expenditures are computed by them:
the packet drops a carrier or equipment claim by its denial code and a line by its processing indicator; the
specifications name the codes (denial 0 or D–Y; paid indicators A, R, S), so an indicator O does not count here though
some connectors keep it. They also leave out outpatient and home health claims of facility types 4 and 5.
Both sources apply the rule to equipment lines too. A blank indicator says nothing of a denial: the line counts.
"""

from __future__ import annotations

from openaco.engine import BooleanValue, Table, coalesce
from openaco.parameters import parameter


def institutional_denied(claims: Table, year: int) -> BooleanValue:
    """Whether an institutional claim is denied: all or nothing (packet 3.2; specifications v11, 3.1)."""
    rule = parameter("expenditures/denials", year).value
    reason = coalesce(claims.nonpayment_reason_code, "").strip() != ""
    facility = rule["facility_types_not_counted"]
    left_out = claims.claim_type_code.isin(facility["claim_types"]) & claims.bill_facility_type_code.isin(
        facility["facility_types"]
    )
    return reason | coalesce(left_out, False)


def line_denied(lines: Table, year: int) -> BooleanValue:
    """Whether a carrier or equipment line is denied: by the claim's code or its own indicator (packet v38, 3.2)."""
    rule = parameter("expenditures/denials", year).value
    by_claim = coalesce(lines.payment_denial_code, "").strip().isin(rule["payment_denial_codes"])
    indicator = coalesce(lines.processing_indicator_code, "").strip()
    paid = indicator.isin(rule["paid_processing_indicators"])
    if rule["blank_processing_indicator"] == "paid":
        paid = paid | (indicator == "")
    return by_claim | ~paid
