"""CMS's Assignment List Reports (ALR), kept under their table numbers. A report is a statement by CMS, not by us."""

from openaco.tables.base import Column, Delivered


class AssignmentReport(Delivered):
    """What every report row carries."""

    mbi = Column("text", "", required=True)
    performance_year = Column("whole", "Performance year the report belongs to", required=True)
    report_period = Column("text", "annual, initial, Q1–Q4, benchmark", required=True)
    window_start = Column("date", "First of the twelve months the report covers", required=True)


class AssignedBeneficiary(AssignmentReport):
    """Table 1-1: an assigned beneficiary. Monthly enrollment flags are stored in `enrollment_month`."""

    name = "assigned_beneficiary"
    grain = "one beneficiary, one report"
    key = ("mbi", "delivery_id")

    first_name = Column("text", "")
    last_name = Column("text", "")
    sex_code = Column("text", "")
    birth_date = Column("date", "")
    death_date = Column("date", "")
    state_county_code = Column("text", "SSA state and county")
    voluntarily_aligned = Column("flag", "IN_VA_MAX")
    voluntary_tin = Column("text", "")
    voluntary_npi = Column("text", "")
    claims_based = Column("flag", "CBA_FLAG")
    assignment_step = Column("text", "ASSIGNMENT_TYPE: 1, 2 or 3")
    newly_assigned = Column("flag", "")
    excluded = Column("flag", "EXCLUDED, where the year's report has it")
    esrd_score = Column("number", "Renormalized CMS-HCC score for the months as ESRD")
    disabled_score = Column("number", "")
    aged_dual_score = Column("number", "")
    aged_non_dual_score = Column("number", "")
    esrd_demographic_score = Column("number", "")
    disabled_demographic_score = Column("number", "")
    aged_dual_demographic_score = Column("number", "")
    aged_non_dual_demographic_score = Column("number", "")
    hcc_version = Column("text", "")


class AssignedBeneficiaryParticipant(AssignmentReport):
    """Table 1-2 (and 1-3): primary care services of an assigned beneficiary by participant TIN or CCN."""

    name = "assigned_beneficiary_participant"
    grain = "one beneficiary, one participant, one report"
    key = ("mbi", "participant_id", "delivery_id")

    participant_id = Column("text", "TIN or CCN (MASTER_ID)", required=True)
    service_count = Column("whole", "Primary care services (B_EM_LINE_CNT_T)")


class AssignedBeneficiaryClinician(AssignmentReport):
    """Table 1-4: primary care services by participant and NPI."""

    name = "assigned_beneficiary_clinician"
    grain = "one beneficiary, one participant, one NPI, one report"
    key = ("mbi", "participant_id", "npi", "delivery_id")

    participant_id = Column("text", "TIN or CCN (MASTER_ID)", required=True)
    npi = Column("text", "NPI_USED")
    service_count = Column("whole", "PCS_COUNT")


class AssignmentTurnover(AssignmentReport):
    """Table 1-5: a beneficiary of the last report who is not in this one, and why."""

    name = "assignment_turnover"
    grain = "one beneficiary, one report"
    key = ("mbi", "delivery_id")

    plurality_elsewhere = Column("flag", "PLUR_R05")
    part_a_or_b_only = Column("flag", "AB_R01")
    group_health_plan = Column("flag", "HMO_R03")
    outside_united_states = Column("flag", "NO_US_R02")
    other_initiative = Column("flag", "MDM_R04")
    not_found = Column("flag", "NOFND_R06")


class AssignableBeneficiary(AssignmentReport):
    """Table 1-6: an assignable beneficiary."""

    name = "assignable_beneficiary"
    grain = "one beneficiary, one report"
    key = ("mbi", "delivery_id")

    voluntary_selection_only = Column("flag", "VA_SELECTION_ONLY")


class UnderservedBeneficiary(AssignmentReport):
    """Table 1-9: what the health-equity adjustment is computed from."""

    name = "underserved_beneficiary"
    grain = "one beneficiary, one report"
    key = ("mbi", "delivery_id")

    area_deprivation_rank = Column("whole", "National percentile 1–100; blank = missing")
    low_income_subsidy = Column("flag", "")
    dual = Column("flag", "")
    subsidy_or_dual_person_years = Column("number", "Person-years with LIS or dual status")
    person_years = Column("number", "")
