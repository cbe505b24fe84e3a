"""People: who they are, when they were enrolled, how their identifiers changed, what they chose."""

from openaco.tables.base import Column, Delivered


class Beneficiary(Delivered):
    """A beneficiary as of one delivery (CCLF8). Several rows a person: one per hospice range, one per delivery."""

    name = "beneficiary"
    grain = "one beneficiary, one hospice range, one delivery"
    key = ("mbi", "hospice_start_date", "delivery_id")

    mbi = Column("text", "Medicare Beneficiary Identifier as delivered", required=True)
    first_name = Column("text", "")
    middle_name = Column("text", "")
    last_name = Column("text", "")
    birth_date = Column("date", "")
    death_date = Column("date", "")
    sex_code = Column("text", "1 male, 2 female, 0 unknown")
    race_code = Column("text", "")
    state_fips_code = Column("text", "Two digits")
    county_fips_code = Column("text", "Three digits")
    zip_code = Column("text", "Five digits")
    medicare_status_code = Column("text", "10 aged, 11 aged with ESRD, 20 disabled, 21 disabled with ESRD, 31 ESRD")
    dual_status_code = Column("text", "01–09; 02, 04, 08 full; 01, 03, 05, 06 partial; NA or blank none")
    original_entitlement_code = Column("text", "0 age, 1 disability, 2 ESRD, 3 both (blank after death)")
    buy_in_code = Column("text", "0 none, 1/A Part A, 2/B Part B, 3/C both (A, B, C with state buy-in)")
    part_a_start_date = Column("date", "")
    part_b_start_date = Column("date", "")
    hospice_start_date = Column("date", "BENE_RNG_BGN_DT")
    hospice_end_date = Column("date", "BENE_RNG_END_DT")
    address_line_1 = Column("text", "")
    city = Column("text", "")
    state = Column("text", "Two letters")


class MbiCrosswalk(Delivered):
    """A change of identifier (CCLF9)."""

    name = "mbi_crosswalk"
    grain = "one previous identifier, one delivery"
    key = ("previous_mbi", "delivery_id")

    crosswalk_type_code = Column("text", "M MBI, H HICN (not used: HICNs are not in the claims any more)")
    current_mbi = Column("text", "CRNT_NUM", required=True)
    previous_mbi = Column("text", "PRVS_NUM", required=True)
    previous_start_date = Column("date", "")
    previous_end_date = Column("date", "")


class EnrollmentMonth(Delivered):
    """A beneficiary's enrollment in one calendar month, as one source states it."""

    name = "enrollment_month"
    grain = "one beneficiary, one month, one source row"
    key = ("mbi", "month", "delivery_id")

    mbi = Column("text", "", required=True)
    month = Column("date", "First day of the month", required=True)
    source = Column("text", "rif (beneficiary file), alr (assignment report) or tuva (eligibility)", required=True)
    has_part_a = Column("flag", "")
    has_part_b = Column("flag", "")
    in_group_health_plan = Column("flag", "Medicare Advantage, cost plan or PACE in that month")
    dual_status_code = Column("text", "Monthly code; 01, 02, 04, 08 count as dual")
    medicare_status_code = Column("text", "10 11 20 21 31, as in `beneficiary`")
    enrollment_type = Column("text", "esrd, disabled, aged_dual or aged_non_dual where the source states it itself")
    state_county_code = Column("text", "SSA state (2) and county (3) of residence; blank = not known")
    lives_in_united_states = Column("flag", "50 states, DC, PR, VI, GU, AS, MP")


class VoluntaryAlignment(Delivered):
    """A beneficiary's designation of a primary clinician on Medicare's site."""

    name = "voluntary_alignment"
    grain = "one designation"
    key = ("mbi", "designated_on")

    mbi = Column("text", "", required=True)
    designated_on = Column("date", "", required=True)
    ended_on = Column("date", "Blank = still stands")
    npi = Column("text", "Clinician designated", required=True)
    tin = Column("text", "Practice designated")


class BeneficiaryExclusion(Delivered):
    """A beneficiary whose claims CMS withholds from the ACO (BNEX)."""

    name = "beneficiary_exclusion"
    grain = "one beneficiary, one reason, one delivery"
    key = ("mbi", "reason_code", "delivery_id")

    mbi = Column("text", "", required=True)
    first_name = Column("text", "")
    last_name = Column("text", "")
    birth_date = Column("date", "")
    sex_code = Column("text", "")
    reason_code = Column("text", "As CMS gives it (BD, PC, BR, DE, MA seen); CMS's list is not public", required=True)


class DataSharingPreference(Delivered):
    """A beneficiary's choice on sharing claims, from 1-800-MEDICARE."""

    name = "data_sharing_preference"
    grain = "one beneficiary, one delivery"
    key = ("mbi", "delivery_id")

    mbi = Column("text", "", required=True)
    effective_date = Column("date", "")
    shares_claims = Column("flag", "False = opted out")
    substance_use_effective_date = Column("date", "")
    shares_substance_use = Column("flag", "")
    aco_id = Column("text", "")
