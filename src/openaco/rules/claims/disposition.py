"""What became of every delivered claim version, and where the two answers differ: signed sums and final action.

Source: CCLF Information Packet v38, sections 5.2 and 5.3; the names of the dispositions are ours.
"""

from __future__ import annotations

from collections.abc import Iterable

from openaco.engine import (
    BooleanValue,
    Table,
    Value,
    _,
    asc,
    cases,
    coalesce,
    desc,
    ifelse,
    literal,
    money,
    null,
    pick_first,
    stack,
)
from openaco.rules.claims.adjust import ClaimSet, in_run_out, within
from openaco.rules.claims.contested import CANCELLATION, DRUG_KEY, INSTITUTIONAL_KEY, SUPPLIER_KEY
from openaco.rules.claims.deliveries import CLAIM_TABLES, key, keys, same
from openaco.rules.claims.denials import institutional_denied, line_denied
from openaco.rules.claims.dollars import line_through_date, signed

NATURAL_KEYS = {
    "institutional_claim": INSTITUTIONAL_KEY,
    "professional_line": SUPPLIER_KEY,
    "equipment_line": SUPPLIER_KEY,
    "drug_event": DRUG_KEY,
}
ADJUSTMENT = "2"
_PAID = ("institutional_claim", "professional_line", "equipment_line")


def claim_disposition(claims: ClaimSet, tables: Iterable[str] = tuple(NATURAL_KEYS)) -> Table:
    """What became of every delivered version of a claim or line.

    tables: names of the claim tables wanted. Grain: one delivered row. Columns: `claim_table`, `person_id`,
    `claim_id`, `claim_line_number`,
    `adjustment_type_code`, `effective_date`, `load_date`, `through_date`, the lineage, `disposition`,
    `partner_claim_id` (the cancellation of a version, or the version a cancellation takes back) and
    `replaced_by_claim_id` (the final version in its place, if there is one).

    Dispositions: `final`; `superseded` (cancelled, and another version is final in its place); `cancelled` (and none
    is); `cancellation` and `lone cancellation` (nothing found that it takes back); `denied`; `duplicate delivery`;
    `superseded delivery`; `outside run-out` (loaded too late); `outside period`. Packet v38, 5.2.
    """
    return stack([_disposition(claims, name) for name in tables])


def signed_and_final_differences(claims: ClaimSet) -> Table:
    """Where the signed sum (R7) of a natural key is not the sum of its final-action versions (R8).

    Grain: one natural key with a cancellation; only keys that differ. Columns: `claim_table`, `person_id`,
    `claim_id` (the least of the key), `versions`, `lone_cancellations`, `signed_amount`, `final_amount`,
    `difference` (signed less final, US dollars). All other keys agree by construction. Packet v38, 5.2, 5.3.
    """
    return stack([_differences(claims, name) for name in _PAID])


def _disposition(claims: ClaimSet, name: str) -> Table:
    shape = CLAIM_TABLES[name]
    rows = _described(claims, name)
    fates = _fates(claims, name).rename({f"fate_{column}": column for column in shape.row})
    joined = rows.left_join(fates, same(shape.row, "fate_"))
    disposition = cases(
        (_.fate.notnull() & (_.fate != "open"), _.fate),
        (_.late, literal("outside run-out")),
        (_.adjustment_type_code == CANCELLATION, literal("lone cancellation")),
        (_.denied, literal("denied")),
        (_.outside, literal("outside period")),
        else_=literal("final"),
    )
    return joined.select(
        "claim_table",
        "person_id",
        "claim_id",
        "claim_line_number",
        "adjustment_type_code",
        "effective_date",
        "load_date",
        "through_date",
        "delivery_id",
        "source_file",
        "source_line",
        disposition=disposition,
        partner_claim_id=_.partner,
        replaced_by_claim_id=_.replaced_by,
    )


def _described(claims: ClaimSet, name: str) -> Table:
    """Every delivered row with what the rules look at."""
    rows = claims.versions.delivered[name]
    line: Value = null("int64") if name in ("institutional_claim", "drug_event") else _.claim_line_number
    dated = {"institutional_claim": _.claim_end_date, "drug_event": _.dispensing_date}.get(name, line_through_date())
    if name == "institutional_claim":
        denied = institutional_denied(rows, claims.year)
    elif name == "drug_event":
        denied = coalesce(rows.claim_type_code, "") == "03"
    else:
        denied = line_denied(rows, claims.year)
    return rows.select(
        "person_id",
        "claim_id",
        "adjustment_type_code",
        "effective_date",
        "load_date",
        "delivery_id",
        "source_file",
        "source_line",
        claim_table=literal(name),
        claim_line_number=line,
        through_date=dated,
        denied=denied,
        late=~in_run_out(claims.run_out_date),
        outside=~coalesce(within(claims.period, dated), literal(False)),
    )


def _fates(claims: ClaimSet, name: str) -> Table:
    """The rows that did not simply pass: by row key, with `fate`, `partner` and `replaced_by`."""
    row = CLAIM_TABLES[name].row
    repeated = claims.versions.repeated[name].select(
        *row,
        fate=_.disposition,
        partner=null("string"),
        replaced_by=ifelse(_.disposition == "duplicate delivery", _.claim_id, null("string")),
    )
    paired = _with_replacement(claims, name)
    fate = cases(
        (_.cancels & _.takes_back, literal("cancellation")),
        (_.cancels, literal("lone cancellation")),
        (_.gone & _.replaced_by.notnull(), literal("superseded")),
        (_.gone, literal("cancelled")),
        else_=literal("open"),
    )
    kept = {column: key(_[column], column) for column in row}
    return repeated.union(paired.select(**kept, fate=fate, partner=_.partner, replaced_by=_.replaced_by))


def _with_replacement(claims: ClaimSet, name: str) -> Table:
    """Contested rows with `gone`, and for those that are gone the last version of the natural key that stands."""
    natural = NATURAL_KEYS[name]
    rows = claims.paired[name]
    if name == "drug_event":
        deleted = coalesce(_.adjustment_type_code == CANCELLATION, literal(False))
        rows = rows.mutate(cancels=deleted, takes_back=literal(True), gone=_.rank > 0, partner=null("string"))
    else:
        rows = rows.mutate(takes_back=_.partner.notnull(), gone=_.partner.notnull() & ~_.cancels)
    order = {f"standing_{part}": key(_[part], part) for part in ("effective_date", "adjustment_type_code")}
    standing = rows.filter(~_.gone & ~_.cancels).select(
        **keys(natural, "standing_"), **order, standing_claim="claim_id"
    )
    newest = [desc(name) for name in (*order, "standing_claim")]
    last = pick_first(standing, [f"standing_{part}" for part in natural], newest)
    joined = rows.left_join(last, same(natural, "standing_"))
    took_over = _.gone & _.standing_claim.notnull()
    if name != "drug_event":
        took_over = took_over & _later_than_the_one_gone()
    joined = joined.mutate(replaced_by=ifelse(took_over, _.standing_claim, null("string")))
    return _linked_by_number(claims, joined) if name == "institutional_claim" else joined


def _later_than_the_one_gone() -> BooleanValue:
    """A version takes another's place if it took effect later, or on the same day as an adjustment."""
    began = key(_.effective_date, "effective_date")
    adjusts = _.standing_adjustment_type_code == ADJUSTMENT
    return (_.standing_effective_date > began) | ((_.standing_effective_date == began) & adjusts)


def _linked_by_number(claims: ClaimSet, rows: Table) -> Table:
    """R10: a corrected through date changes the natural key; control numbers lead to the version that stands."""
    final = claims.institutional.select(
        "person_id", "claim_id", "effective_date", "claim_control_number", "original_claim_control_number"
    )
    links = stack(
        [
            final.filter(_.original_claim_control_number.notnull()).select(
                "person_id", "claim_id", "effective_date", number=_.original_claim_control_number
            ),
            final.filter(_.claim_control_number.notnull()).select(
                "person_id", "claim_id", "effective_date", number=_.claim_control_number
            ),
        ]
    )
    order = [desc(key(_.effective_date, "effective_date")), asc("claim_id")]
    links = pick_first(links, ["person_id", "number"], order)
    links = links.select(link_person=_.person_id, link_number=_.number, linked_claim=_.claim_id)
    joined = rows.left_join(links, [("person_id", "link_person"), ("claim_control_number", "link_number")])
    return joined.mutate(replaced_by=coalesce(_.replaced_by, ifelse(_.gone, _.linked_claim, null("string"))))


def _differences(claims: ClaimSet, name: str) -> Table:
    natural = NATURAL_KEYS[name]
    rows = claims.paired[name]
    denied = institutional_denied if name == "institutional_claim" else line_denied
    counted = rows.filter(~denied(rows, claims.year))
    final = ifelse(_.partner.isnull() & ~_.cancels, coalesce(_.paid_amount, money(0)), money(0))
    sums = counted.group_by(**keys(natural)).agg(
        least_claim_id=_.claim_id.min(),
        versions=_.claim_id.nunique(),
        lone_cancellations=_.claim_id.nunique(where=_.cancels & _.partner.isnull()),
        signed_amount=money(signed(_.paid_amount).sum()),
        final_amount=money(final.sum()),
    )
    return sums.filter(_.signed_amount != _.final_amount).select(
        "person_id",
        "versions",
        "lone_cancellations",
        "signed_amount",
        "final_amount",
        claim_table=literal(name),
        claim_id=_.least_claim_id,
        difference=money(_.signed_amount - _.final_amount),
    )
