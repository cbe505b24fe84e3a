"""Signed money: what each counted claim or line adds to, or takes back from, what Medicare paid.

Source: CCLF Information Packet v38, 3.5 and 5.3 (feeds rules R6, R7, R11 and R16).
"""

from __future__ import annotations

from openaco.engine import Table, Value, _, coalesce, ifelse, literal, money, month_of, null, stack
from openaco.rules.claims.contested import CANCELLATION

COMPONENTS = ("ime_amount", "dsh_amount", "uncompensated_care_amount")
REDUCTIONS = ("sequestration_amount", "population_payment_reduction_amount")


def signed(amount: Value) -> Value:
    """An unsigned amount with its sign: a cancellation takes back (packet v38, 5.3.1). Blank counts as zero."""
    amount = coalesce(amount, money(0))
    return money(ifelse(coalesce(_.adjustment_type_code == CANCELLATION, literal(False)), -amount, amount))


def claim_reductions(benefits: Table) -> Table:
    """Sequestration and population-based reductions of an institutional claim, once each (CCLFA).

    Grain: one claim_id. Since 2022 a claim has one row per related condition and each repeats the amounts: they are
    not added up. The newest delivery counts. Source: packet v38, 2.1.
    """
    amounts = {name: coalesce(_[name], money(0)).max() for name in REDUCTIONS}
    deliveries = benefits.group_by("claim_id", "delivery_id").agg(**amounts)
    return deliveries.group_by("claim_id").agg(**{name: _[name].argmax(_.delivery_id) for name in REDUCTIONS})


def institutional_dollars(claims: Table, reductions: Table) -> Table:
    """One row per institutional claim version that counts, signed. claims: not repeated, not denied, with person_id.

    Packet v38, 5.3.
    """
    rows = claims.left_join(reductions.rename(reduced_claim="claim_id"), [("claim_id", "reduced_claim")])
    return rows.select(
        **_common("institutional", _.claim_end_date),
        claim_line_number=null("int64"),
        hcpcs_code=null("string"),
        billing_ccn=_.billing_ccn,
        provider_state_code=_.provider_state_code,
        billing_tin=null("string"),
        paid_amount=signed(_.paid_amount),
        allowed_amount=null("decimal(18, 2)"),
        ime_amount=_sum_of(_.capital_ime_amount, _.operating_ime_amount),
        dsh_amount=_sum_of(_.capital_dsh_amount, _.operating_dsh_amount),
        uncompensated_care_amount=signed(_.uncompensated_care_amount),
        **{name: signed(_[name]) for name in REDUCTIONS},
    )


def professional_dollars(lines: Table, benefits: Table) -> Table:
    """One row per carrier line that counts, signed. benefits: CCLFB without repeated rows, so one row a line.

    Packet v38, 5.3.
    """
    reduced = benefits.select(*REDUCTIONS, reduced_claim="claim_id", reduced_line="claim_line_number")
    rows = lines.left_join(reduced, [("claim_id", "reduced_claim"), ("claim_line_number", "reduced_line")])
    return _line_dollars(rows, "professional", _.billing_tin, {name: signed(_[name]) for name in REDUCTIONS})


def equipment_dollars(lines: Table) -> Table:
    """One row per equipment line that counts, signed. CCLF states neither its TIN nor its sequestration.

    Packet v38, 5.3.
    """
    return _line_dollars(lines, "equipment", null("string"), {name: money(0) for name in REDUCTIONS})


def _line_dollars(lines: Table, kind: str, tin: Value, reductions: dict[str, Value]) -> Table:
    return lines.select(
        **_common(kind, line_through_date()),
        claim_line_number=_.claim_line_number,
        hcpcs_code=_.hcpcs_code,
        billing_ccn=null("string"),
        provider_state_code=null("string"),
        billing_tin=tin,
        paid_amount=signed(_.paid_amount),
        allowed_amount=signed(_.allowed_amount),
        **{name: money(0) for name in COMPONENTS},
        **reductions,
    )


def institutional_line_payments(claims: Table, lines: Table) -> Table:
    """What Medicare paid for each revenue-center line, where the lines tell it (R11; packet v38, 3.5).

    Grain: one line of a final-action claim: `claim_id`, `claim_line_number`, `paid_amount`, `lines_sum_to_claim`.
    Where the lines do not sum to the claim, the claim's whole payment stands on its first line and zero on the rest.
    """
    headers = claims.select(paid_claim="claim_id", claim_amount=money(coalesce(_.paid_amount, money(0))))
    stated = lines.select("claim_id", "claim_line_number", line_amount=money(coalesce(_.paid_amount, money(0))))
    found = amounts_of_lines(stated.join(headers, [("claim_id", "paid_claim")]))
    return found.select("claim_id", "claim_line_number", "lines_sum_to_claim", paid_amount=_.amount)


def amounts_of_lines(lines: Table) -> Table:
    """The lines with `amount` and `lines_sum_to_claim`: line amounts are used only where they sum to their claim.

    lines: needs `claim_id`, `claim_line_number`, `line_amount` and `claim_amount` (decimals, never blank). Otherwise
    the claim's amount stands on its first line and zero on the rest. Source: packet v38, 3.5 (R11).
    """
    compared = lines.mutate(
        line_sum=money(_.line_amount.sum().over(group_by="claim_id")),
        first_line=_.claim_line_number.min().over(group_by="claim_id"),
    )
    agrees = _.line_sum == _.claim_amount
    on_first = ifelse(_.claim_line_number == _.first_line, _.claim_amount, money(0))
    found = compared.mutate(lines_sum_to_claim=agrees, amount=money(ifelse(agrees, _.line_amount, on_first)))
    return found.drop("line_sum", "first_line")


def all_dollars(institutional: Table, professional: Table, equipment: Table) -> Table:
    """The three kinds as one table. Grain: one counted version of an institutional claim, or of a line.

    Packet v38, 5.3.
    """
    return stack([institutional, professional, equipment])


def line_through_date() -> Value:
    """The last day of a line's service, else of its claim (specifications v11, 3.1: line last expense date)."""
    return coalesce(_.claim_line_end_date, _.claim_end_date)


def _common(kind: str, through_date: Value) -> dict[str, Value]:
    return {
        "person_id": _.person_id,
        "claim_kind": literal(kind),
        "claim_id": _.claim_id,
        "claim_type_code": _.claim_type_code,
        "month": month_of(through_date),
        "through_date": through_date,
        "load_date": _.load_date,
        "delivery_id": _.delivery_id,
        "source_file": _.source_file,
        "source_line": _.source_line,
    }


def _sum_of(first: Value, second: Value) -> Value:
    return signed(money(coalesce(first, money(0)) + coalesce(second, money(0))))
