"""The few claim versions that a cancellation may concern: only these are ever sorted and paired.

Natural keys: CCLF Information Packet v38, 5.1.2 (feeds rule R3).
Each function returns narrow rows, one per delivered version or line.
"""

from __future__ import annotations

from openaco.engine import Table, _, coalesce, desc, literal, row_number
from openaco.rules.claims.deliveries import CLAIM_TABLES, key, keys, same, without
from openaco.rules.claims.identity import with_person
from openaco.rules.claims.pairing import Stage, pair_cancellations

CANCELLATION = "1"
INSTITUTIONAL_KEY = ("person_id", "billing_ccn", "claim_start_date", "claim_end_date")
SUPPLIER_KEY = ("person_id", "control_number")
DRUG_KEY = (
    "person_id",
    "dispensing_date",
    "provider_qualifier_code",
    "dispensing_provider_id",
    "dispensing_status_code",
    "prescription_number",
    "fill_number",
)
_TIMES = ("adjustment_type_code", "effective_date", "load_date")
_CONTENT = ("claim_type_code", "charge_amount", "ms_drg_code", "principal_diagnosis_code")
_NUMBERS = ("claim_control_number", "original_claim_control_number")

INSTITUTIONAL_STAGES = (
    Stage((*INSTITUTIONAL_KEY, "paid_amount", "claim_control_number"), ("claim_control_number",)),
    Stage((*INSTITUTIONAL_KEY, "paid_amount", *_CONTENT)),
    Stage((*INSTITUTIONAL_KEY, "paid_amount")),
    Stage(("person_id", "paid_amount", "claim_control_number"), ("claim_control_number",)),
    Stage(("person_id", "paid_amount", "cancelled_number"), ("cancelled_number",)),
    Stage(INSTITUTIONAL_KEY, only_earlier=True),
)
SUPPLIER_STAGES = (Stage((*SUPPLIER_KEY, "paid_amount")), Stage(SUPPLIER_KEY, only_earlier=True))
_SUPPLIER_VERSION = (*SUPPLIER_KEY, "claim_id", "adjustment_type_code", "effective_date")


def contested_institutional(claims: Table, identities: Table, repeated: Table) -> Table:
    """Institutional versions that share their natural key, or a control number, with a cancellation.

    Control numbers find the version that a cancellation with other dates takes back (R10). Packet v38, 5.1.2, 5.2.1.
    """
    columns = [*INSTITUTIONAL_KEY[1:], *_TIMES, *_CONTENT, *_NUMBERS, "paid_amount", "mbi"]
    columns += ["nonpayment_reason_code", "bill_facility_type_code", *CLAIM_TABLES["institutional_claim"].row]
    rows = with_person(claims.select(*dict.fromkeys(columns)), identities)
    cancellations = with_person(
        claims.filter(_.adjustment_type_code == CANCELLATION).select("mbi", *INSTITUTIONAL_KEY[1:], *_NUMBERS),
        identities,
    )
    cancelled_keys = cancellations.select(**keys(INSTITUTIONAL_KEY, "cancelled_")).distinct()
    numbers = cancellations.select("person_id", number=_.claim_control_number).union(
        cancellations.select("person_id", number=_.original_claim_control_number)
    )
    numbers = numbers.filter(_.number.notnull()).distinct().rename(numbers_person="person_id")
    marked = rows.left_join(cancelled_keys, same(INSTITUTIONAL_KEY, "cancelled_"))
    marked = marked.left_join(numbers, [("person_id", "numbers_person"), ("claim_control_number", "number")])
    found = marked.filter(_.cancelled_person_id.notnull() | _.number.notnull()).select(*rows.columns)
    return without(found, repeated, CLAIM_TABLES["institutional_claim"].row)


def pair_institutional(contested: Table) -> Table:
    """The contested institutional versions with the `partner` of each (blank = none) (Packet v38, 5.2.1)."""
    cancels = _.adjustment_type_code == CANCELLATION
    number = cancels.ifelse(_.original_claim_control_number, _.claim_control_number)
    marked = contested.mutate(cancels=coalesce(cancels, literal(False)), cancelled_number=number)
    return pair_cancellations(marked, INSTITUTIONAL_STAGES)


def contested_lines(lines: Table, identities: Table, repeated: Table, name: str) -> Table:
    """Carrier or equipment lines whose claim has a cancellation under its control number.

    name: `professional_line` or `equipment_line`. Where there is no control number the claim_id stands for it.
    Packet v38, 5.1.2, 5.2.1.
    """
    columns = ["mbi", "claim_control_number", "claim_line_number", *_TIMES, "paid_amount"]
    columns += ["payment_denial_code", "processing_indicator_code", *CLAIM_TABLES[name].row]
    control = coalesce(_.claim_control_number, _.claim_id)
    rows = with_person(lines.select(*dict.fromkeys(columns)), identities).mutate(control_number=control)
    cancellations = lines.filter(_.adjustment_type_code == CANCELLATION).select(
        "mbi", "claim_control_number", "claim_id"
    )
    cancelled = with_person(cancellations, identities).mutate(control_number=control)
    cancelled_keys = cancelled.select(**keys(SUPPLIER_KEY)).distinct()
    found = rows.semi_join(cancelled_keys, same(SUPPLIER_KEY))
    return without(found, repeated, CLAIM_TABLES[name].row)


def pair_lines(contested: Table) -> Table:
    """The contested lines with the `partner` of their claim version: whole versions are paired, by their total.

    Packet v38, 5.2.1.
    """
    cancels = coalesce(_.adjustment_type_code == CANCELLATION, literal(False))
    versions = contested.group_by(**keys(_SUPPLIER_VERSION)).agg(paid_amount=coalesce(_.paid_amount, 0).sum())
    paired = pair_cancellations(versions.mutate(cancels=cancels), SUPPLIER_STAGES)
    paired = paired.select(*[_[name].name(f"version_{name}") for name in _SUPPLIER_VERSION], "partner")
    joined = contested.left_join(paired, same(_SUPPLIER_VERSION, "version_"))
    return joined.select(*contested.columns, "partner", cancels=cancels)


def contested_drugs(events: Table, identities: Table, repeated: Table) -> Table:
    """Part D events of which there are several versions (Packet v38, 3.3, 5.1.2)."""
    columns = ["mbi", *DRUG_KEY[1:], *_TIMES, *CLAIM_TABLES["drug_event"].row]
    rows = with_person(events.select(*columns), identities)
    several = rows.group_by(**keys(DRUG_KEY)).agg(times=_.count()).filter(_.times > 1)
    found = rows.semi_join(several, same(DRUG_KEY))
    return without(found, repeated, CLAIM_TABLES["drug_event"].row)


def rank_drugs(contested: Table) -> Table:
    """The contested events with `rank`: 0 is the version in force. Dates decide, and the code only between equals.

    Source: packet v38, 3.3 (R12): a later deletion ends an earlier adjustment.
    """
    newest_first = [key(_[name], name).desc() for name in ("effective_date", "load_date")]
    order = [*newest_first, desc("adjustment_type_code"), desc("delivery_id"), desc("claim_id")]
    return contested.mutate(rank=row_number().over(group_by=list(DRUG_KEY), order_by=order))
