"""Which kind of service each claim and line is: inpatient, post-acute, emergency, imaging, visits, drugs …

42 CFR 425.601(a)(1), 425.652(a)(1) name the claims; how they are sorted are the tables `parameters/groupers`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from openaco.engine import BooleanValue, Table, Value, _, cases, coalesce, least, literal, money, null, stack
from openaco.parameters import parameter
from openaco.rules.assignment.conditions import role_of
from openaco.rules.claims import ClaimSet, institutional_line_payments
from openaco.rules.claims.dollars import line_through_date
from openaco.rules.groupers.codes import all_of, facility_kind, first_match, hcpcs_classes, in_ranges, listed

NOT_FINAL = "not_final"
"""The category of dollars that a later version took back: they add up to almost nothing."""
_NONE = 999


def services(claims: ClaimSet, year: int) -> Table:
    """Every final-action claim of Part A and line of Part B with its `category`. Part D events are not among them.

    Grain: one institutional claim, or one carrier or equipment line. Columns: `person_id`, `claim_kind`
    (institutional, professional, equipment), `claim_id`, `claim_line_number` (blank for institutional claims),
    `claim_type_code`, `category`, `start_date`, `end_date`, `billing_ccn`, `facility_kind`, `billing_tin`, `npi`
    (rendering, attending or supplier), `specialty_code`, `hcpcs_code`, `paid_amount`, `allowed_amount`: US dollars,
    unsigned as delivered. year: whose code lists hold. 42 CFR 425.601(a)(1), 425.652(a)(1).
    """
    return stack(
        [
            institutional_services(claims.institutional, claims.institutional_line, year),
            line_services(claims.professional, "professional", year),
            line_services(claims.equipment, "equipment", year),
        ]
    )


def institutional_services(claims: Table, lines: Table, year: int) -> Table:
    """Institutional claims with their category: one for the whole claim, because Medicare pays the claim.

    A claim of outpatient care takes the first category that one of its lines gives. Columns as in `services`.
    42 CFR 425.601(a)(1), 425.652(a)(1).
    """
    rows = list(enumerate(parameter("groupers/institutional_services", year).value))
    by_line = [(place, row) for place, row in rows if row["revenue_centers"] or row["hcpcs_classes"]]
    by_claim = [(place, row) for place, row in rows if (place, row) not in by_line]
    known = claims.mutate(facility_kind=facility_kind(_.billing_ccn, year))
    placed = known.mutate(claim_place=cases(*[(_claim_fits(row), place) for place, row in by_claim], else_=_NONE))
    concerned = sorted({code for _place, row in by_line for code in listed(row["claim_types"])})
    headers = claims.filter(_.claim_type_code.isin(concerned)).select(line_of="claim_id")
    of_claims = with_hcpcs_class(lines.join(headers, [("claim_id", "line_of")]), year)
    line_place = cases(*[(line_fits(row), place) for place, row in by_line], else_=_NONE)
    first_line = of_claims.group_by(lined="claim_id").agg(line_place=line_place.min())
    joined = placed.left_join(first_line, [("claim_id", "lined")])
    place = least(_.claim_place, coalesce(_.line_place, literal(_NONE)))
    names = cases(*[(_.place == number, literal(row["category"])) for number, row in rows], else_=null("string"))
    return (
        joined.mutate(place=place)
        .select(
            "person_id",
            "claim_id",
            "claim_type_code",
            "billing_ccn",
            "facility_kind",
            claim_kind=literal("institutional"),
            claim_line_number=null("int64"),
            category=names,
            start_date=coalesce(_.claim_start_date, _.claim_end_date),
            end_date=coalesce(_.claim_end_date, _.claim_start_date),
            billing_tin=null("string"),
            npi=_.attending_npi,
            specialty_code=null("string"),
            hcpcs_code=null("string"),
            paid_amount=money(coalesce(_.paid_amount, money(0))),
            allowed_amount=null("decimal(18, 2)"),
        )
        .select(*SERVICE)
    )


def line_services(lines: Table, claim_table: str, year: int) -> Table:
    """Carrier or equipment lines with their category. claim_table: `professional` or `equipment`.

    42 CFR 425.601(a)(1), 425.652(a)(1).
    """
    rows = [row for row in parameter("groupers/line_services", year).value if claim_table in row["claim_tables"]]
    of_carrier = claim_table == "professional"
    classed = with_hcpcs_class(lines, year)
    if not of_carrier:
        classed = classed.mutate(specialty_code=null("string"), billing_tin=null("string"), npi=_.supplier_npi)
    else:
        classed = classed.mutate(npi=_.rendering_npi)
    classed = classed.mutate(role=role_of(_.specialty_code, max(year, FIRST_ROLES)))
    return classed.select(
        "person_id",
        "claim_id",
        "claim_line_number",
        "claim_type_code",
        "billing_tin",
        "npi",
        "specialty_code",
        "hcpcs_code",
        claim_kind=literal(claim_table),
        category=first_match(rows, [_line_fits_all(row) for row in rows]),
        start_date=coalesce(_.claim_line_start_date, _.claim_start_date, line_through_date()),
        end_date=line_through_date(),
        billing_ccn=null("string"),
        facility_kind=null("string"),
        paid_amount=money(coalesce(_.paid_amount, money(0))),
        allowed_amount=money(coalesce(_.allowed_amount, money(0))),
    ).select(*SERVICE)


def outpatient_line_services(claims: Table, lines: Table, year: int) -> Table:
    """The lines of outpatient claims with a category of their own, for questions about one service.

    Grain: one revenue-center line. Columns: `person_id`, `claim_id`, `claim_line_number`, `category`, `service_date`,
    `revenue_center_code`, `hcpcs_code`, `billing_ccn`, `quantity`, `paid_amount`: the line's own where the lines sum
    to the claim, else the whole claim's on its first line (CCLF packet v38, 3.5). 42 CFR 425.601(a)(1).
    """
    rows = parameter("groupers/outpatient_lines", year).value
    outpatient = claims.filter(_.claim_type_code == OUTPATIENT)
    paid = institutional_line_payments(outpatient, lines).rename(
        paid_claim="claim_id", paid_line="claim_line_number", line_paid="paid_amount"
    )
    headers = outpatient.select("person_id", line_of=_.claim_id, header_end=_.claim_end_date)
    columns = ["claim_id", "claim_line_number", "revenue_center_code", "hcpcs_code", "billing_ccn"]
    dated = lines.select(
        *columns,
        line_date=coalesce(_.revenue_center_date, _.claim_line_end_date),
        quantity=_.service_unit_quantity,
    )
    joined = with_hcpcs_class(dated.join(headers, [("claim_id", "line_of")]), year)
    joined = joined.left_join(paid, [("claim_id", "paid_claim"), ("claim_line_number", "paid_line")])
    return joined.select(
        "person_id",
        *columns,
        "quantity",
        service_date=coalesce(_.line_date, _.header_end),
        category=first_match(rows, [line_fits(row) for row in rows]),
        paid_amount=money(coalesce(_.line_paid, money(0))),
    )


def service_names(year: int) -> dict[str, tuple[str, str]]:
    """The broader group and the name in words of each category, in the order of a report. 42 CFR 425.601(a)(1)."""
    rows = parameter("groupers/service_names", year).value
    return {row["category"]: (row["group"], row["label"]) for row in rows}


def category_dollars(dollars: Table, services: Table) -> Table:
    """Signed dollars by category: they add up to all dollars of the claims, cancellations and all.

    Grain: a row of `ClaimSet.dollars`, with `category` (`not_final` for versions that something took back).
    42 CFR 425.601(a)(1), 425.652(a)(1).
    """
    line = coalesce(_.claim_line_number, literal(0, "int64"))
    known = (
        services.mutate(line=line)
        .group_by(known_kind=_.claim_kind, known_claim=_.claim_id, known_line=_.line)
        .agg(category=_.category.max())
    )
    keys = [("claim_kind", "known_kind"), ("claim_id", "known_claim"), ("line", "known_line")]
    joined = dollars.mutate(line=line).left_join(known, keys)
    return joined.mutate(category=coalesce(_.category, literal(NOT_FINAL))).drop(
        "line", "known_kind", "known_claim", "known_line"
    )


def with_hcpcs_class(lines: Table, year: int) -> Table:
    """The lines with `hcpcs_class`, blank where the number is in no class. 45 CFR 162.1002."""
    classes = hcpcs_classes(lines.select("hcpcs_code"), year)
    return lines.left_join(classes, [("hcpcs_code", "class_code")]).drop("class_code")


def line_fits(row: Mapping[str, Any]) -> BooleanValue:
    """Whether a line has one of a row's revenue centers and one of its HCPCS classes; a blank asks nothing.

    Medicare Claims Processing Manual, chapter 25, section 75.4 (42 CFR 424.32).
    """
    conditions = []
    if row["revenue_centers"]:
        conditions.append(in_ranges(_.revenue_center_code, row["revenue_centers"]))
    if row["hcpcs_classes"]:
        conditions.append(_one_of(_.hcpcs_class, listed(row["hcpcs_classes"])))
    return all_of(conditions)


SERVICE = (
    "person_id",
    "claim_kind",
    "claim_id",
    "claim_line_number",
    "claim_type_code",
    "category",
    "start_date",
    "end_date",
    "billing_ccn",
    "facility_kind",
    "billing_tin",
    "npi",
    "specialty_code",
    "hcpcs_code",
    "paid_amount",
    "allowed_amount",
)
OUTPATIENT = "40"
FIRST_ROLES = 2019
"""The first year of the list of specialties; older services are sorted by it too."""


def _claim_fits(row: Mapping[str, Any]) -> BooleanValue:
    conditions = [_one_of(_.claim_type_code, listed(row["claim_types"]))] if row["claim_types"] else []
    if row["bill_types"]:
        bill = coalesce(_.bill_facility_type_code, "") + coalesce(_.bill_classification_code, "")
        conditions.append(bill.isin(listed(row["bill_types"])))
    if row["facility_kinds"]:
        conditions.append(_.facility_kind.isin(listed(row["facility_kinds"])))
    return all_of(conditions)


def _line_fits_all(row: Mapping[str, Any]) -> BooleanValue:
    asked = {
        "claim_types": _.claim_type_code,
        "specialties": _.specialty_code,
        "roles": _.role,
        "places_of_service": _.place_of_service_code,
        "hcpcs_classes": _.hcpcs_class,
    }
    return all_of(_one_of(value, listed(row[name])) for name, value in asked.items() if row[name])


def _one_of(value: Value, codes: Sequence[str]) -> BooleanValue:
    return coalesce(value, literal("")).isin(list(codes))
