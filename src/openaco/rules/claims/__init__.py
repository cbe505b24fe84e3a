"""Claims as delivered → claims that count: identity, re-delivery, denials, signed money, final action, run-out.

Use: `identities = current_mbi(...)`, `versions = claim_versions(tables, identities)` once, then
`adjust(versions, year=…, period=…, run_out_date=…)` for each period. Rules R1–R16 of the feeds design; the packet is
CMS's CCLF Information Packet v38.
"""

from openaco.rules.claims.adjust import ClaimSet, ClaimVersions, Period, adjust, claim_versions
from openaco.rules.claims.checkpoints import Checkpoint, lazily
from openaco.rules.claims.deliveries import pick_newest, superseded_deliveries
from openaco.rules.claims.identity import current_mbi, with_person

__all__ = [
    "Checkpoint",
    "ClaimSet",
    "ClaimVersions",
    "Period",
    "adjust",
    "claim_versions",
    "current_mbi",
    "lazily",
    "pick_newest",
    "superseded_deliveries",
    "with_person",
]
