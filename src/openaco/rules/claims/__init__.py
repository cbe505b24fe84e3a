"""Claims as delivered → claims that count: identity, re-delivery, denials, signed money, final action, run-out.

Use: `identities = current_mbi(...)`, `versions = claim_versions(tables, identities)` once, then
`adjust(versions, year=…, period=…, run_out_date=…)` for each period. Rules R1–R16 of the feeds design; the packet is
CMS's CCLF Information Packet v38.
"""

from openaco.rules.claims.adjust import ClaimSet, ClaimVersions, Period, adjust, claim_versions
from openaco.rules.claims.deliveries import superseded_deliveries
from openaco.rules.claims.disposition import claim_disposition, signed_and_final_differences
from openaco.rules.claims.dollars import amounts_of_lines, institutional_line_payments
from openaco.rules.claims.identity import current_mbi, with_person

__all__ = [
    "ClaimSet",
    "ClaimVersions",
    "Period",
    "adjust",
    "amounts_of_lines",
    "claim_disposition",
    "claim_versions",
    "current_mbi",
    "institutional_line_payments",
    "signed_and_final_differences",
    "superseded_deliveries",
    "with_person",
]
