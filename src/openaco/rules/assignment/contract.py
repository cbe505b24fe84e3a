"""What assignment reads and returns, column by column (42 CFR 425.400–425.404).

The classes describe table expressions that pass between rules; none of them is stored in the lake. A table may
carry more columns than are named here. `person_id` is the current MBI (`openaco.rules.claims`).
"""

from __future__ import annotations

from openaco.tables import Column, LakeTable


class Person(LakeTable):
    """Input: everybody the ACO knows."""

    grain = "one person"
    key = ("person_id",)

    person_id = Column("text", "", required=True)
    death_date = Column("date", "Blank = alive as far as known")


class PersonMonth(LakeTable):
    """Input: enrollment by month, without months after death."""

    grain = "one person, one calendar month"
    key = ("person_id", "month")

    person_id = Column("text", "", required=True)
    month = Column("date", "First day of the month", required=True)
    has_part_a = Column("flag", "Blank counts as no")
    has_part_b = Column("flag", "Blank counts as no")
    in_group_health_plan = Column("flag", "Medicare Advantage, cost plan or PACE; blank counts as no")
    state_county_code = Column("text", "SSA state and county; used where the next column is blank")
    lives_in_united_states = Column("flag", "Blank and no state known counts as yes")


class FinalProfessionalLine(LakeTable):
    """Input: the final-action lines of carrier claims, denied lines left out."""

    grain = "one line of a carrier claim"
    key = ("claim_id", "claim_line_number")

    person_id = Column("text", "", required=True)
    claim_id = Column("text", "", required=True)
    claim_line_number = Column("whole", "", required=True)
    claim_line_start_date = Column("date", "Used where the next column is blank")
    claim_line_end_date = Column("date", "The date of the service")
    hcpcs_code = Column("text", "")
    specialty_code = Column("text", "CMS specialty of the line")
    billing_tin = Column("text", "")
    rendering_npi = Column("text", "")
    allowed_amount = Column("money", "Allowed charge, deductible and coinsurance included")


class FinalInstitutionalClaim(LakeTable):
    """Input: the final-action institutional claims, denied claims left out."""

    grain = "one institutional claim"
    key = ("claim_id",)

    person_id = Column("text", "", required=True)
    claim_id = Column("text", "", required=True)
    claim_type_code = Column("text", "20, 30 skilled nursing, 60 inpatient: they bar some services on their days")
    claim_start_date = Column("date", "")
    claim_end_date = Column("date", "")
    bill_facility_type_code = Column("text", "")
    bill_classification_code = Column("text", "")
    billing_ccn = Column("text", "")
    paid_amount = Column("money", "Stands for the claim where its lines do not sum to it")
    attending_npi = Column("text", "")
    other_npi = Column("text", "")


class FinalInstitutionalLine(LakeTable):
    """Input: revenue-center lines of final-action institutional claims.

    `allowed_amount` may be added where a source has it (CCLF has not); `paid_amount` stands for it otherwise.
    """

    grain = "one line of an institutional claim"
    key = ("claim_id", "claim_line_number")

    claim_id = Column("text", "", required=True)
    claim_line_number = Column("whole", "", required=True)
    revenue_center_code = Column("text", "Four digits")
    revenue_center_date = Column("date", "The date of the service")
    claim_line_end_date = Column("date", "Used where the date above is blank")
    hcpcs_code = Column("text", "")
    paid_amount = Column("money", "")


class Designation(LakeTable):
    """Input: voluntary alignment with the current identifier."""

    grain = "one designation"
    key = ("person_id", "designated_on")

    person_id = Column("text", "", required=True)
    designated_on = Column("date", "", required=True)
    ended_on = Column("date", "Blank = still stands")
    npi = Column("text", "", required=True)
    tin = Column("text", "Blank = the practices the NPI bills through")


class PrimaryCareService(LakeTable):
    """Output of `primary_care_services`."""

    grain = "one line that is a primary care service"
    key = ("claim_id", "claim_line_number")

    person_id = Column("text", "", required=True)
    service_date = Column("date", "")
    biller = Column("text", "`tin:` or `ccn:` and the number the service was billed under", required=True)
    npi = Column("text", "Clinician whose specialty decides the role")
    specialty_code = Column("text", "")
    role = Column("text", "pcp, npp, specialist or other (counts nowhere)", required=True)
    allowed_amount = Column("money", "", required=True)
    charge_basis = Column("text", "line, claim, fee_schedule or missing (no fee schedule amount: counts as 0)")
    hcpcs_code = Column("text", "")
    source = Column("text", "professional, cah, eta, fqhc or rhc", required=True)
    claim_id = Column("text", "", required=True)
    claim_line_number = Column("whole", "0 where the claim has no lines")


class EntityCharges(LakeTable):
    """Output of `charges_by_entity`. `expanded_` columns are of the twenty-four months, the others of the twelve."""

    grain = "one person, one entity that billed a primary care service in the window"
    key = ("person_id", "entity")

    person_id = Column("text", "", required=True)
    entity = Column("text", "`aco:` and its id, or `tin:` or `ccn:` outside every ACO", required=True)
    services = Column("whole", "Primary care services, any role")
    pcp_services = Column("whole", "")
    npp_services = Column("whole", "")
    specialist_services = Column("whole", "")
    primary_charges = Column("money", "Allowed charges of pcp and npp")
    specialist_charges = Column("money", "")
    latest_primary = Column("date", "Latest service of a pcp or npp")
    latest_specialist = Column("date", "")
    expanded_services = Column("whole", "Services of pcp, npp and specialist")
    expanded_physician_services = Column("whole", "Services of pcp and specialist")
    expanded_charges = Column("money", "Allowed charges of pcp, npp and specialist")
    expanded_latest_primary = Column("date", "")
    expanded_latest_specialist = Column("date", "")


class Assignment(LakeTable):
    """Output of `assign`: every person with the way the decision was made."""

    grain = "one person"
    key = ("person_id",)

    person_id = Column("text", "", required=True)
    assigned = Column("flag", "", required=True)
    basis = Column("text", "voluntary, step_1, step_2, step_3 or none", required=True)
    reason = Column("text", "Why not: a name of `stages.STAGES`; blank if assigned")
    step = Column("text", "The step whose charges are compared below: step_1, step_2 or step_3")
    winning_entity = Column("text", "Entity with the plurality in that step")
    winning_charges = Column("money", "")
    runner_up_entity = Column("text", "Blank = nobody else")
    runner_up_charges = Column("money", "")
    aco_charges = Column("money", "The ACO's charges in that step")
    tie_break = Column("text", "What set the winner apart: none, recent_pcp, recent_specialist or random")
    winning_draw = Column("text", "The draw of a random tie-break (lowest wins); blank otherwise")
    runner_up_draw = Column("text", "")
    designation = Column("text", "inside, outside or blank")
    designated_npi = Column("text", "")
    designated_on = Column("date", "")
