"""Who takes part, who they are, and the public figures a benchmark needs (the `roster` feed)."""

from openaco.tables.base import Column, Delivered


class Participant(Delivered):
    """A TIN or CCN on the participant list of an ACO (ours or another)."""

    name = "participant"
    grain = "one TIN or CCN in one ACO for a span of time"
    key = ("aco_id", "tin", "ccn", "start_date")

    aco_id = Column("text", "", required=True)
    tin = Column("text", "Billing TIN of the participant", required=True)
    ccn = Column("text", "A CCN enrolled under the TIN (FQHC, RHC, CAH, ETA hospital); blank = the TIN itself")
    name_of_participant = Column("text", "")
    start_date = Column("date", "")
    end_date = Column("date", "Blank = still takes part")


class Provider(Delivered):
    """A clinician as enrolled (PECOS): specialty where the claim has none."""

    name = "provider"
    grain = "one NPI"
    key = ("npi",)

    npi = Column("text", "", required=True)
    specialty_code = Column("text", "CMS specialty code")
    name_of_provider = Column("text", "")


class ElectingHospital(Delivered):
    """An electing teaching amendment (ETA) hospital, from CMS's list."""

    name = "electing_hospital"
    grain = "one CCN"
    key = ("ccn",)

    ccn = Column("text", "", required=True)


class FeeScheduleAmount(Delivered):
    """The physician fee schedule amount by which an ETA hospital's line is valued (42 CFR 425.402(d))."""

    name = "fee_schedule_amount"
    grain = "one HCPCS code in one year"
    key = ("calendar_year", "hcpcs_code")

    calendar_year = Column("whole", "", required=True)
    hcpcs_code = Column("text", "", required=True)
    amount = Column("money", "", required=True)


class CountyExpenditure(Delivered):
    """Assignable beneficiaries of a county (CMS county-level FFS data for the Shared Savings Program)."""

    name = "county_expenditure"
    grain = "one county, one year, one enrollment type"
    key = ("calendar_year", "state_county_code", "enrollment_type")

    calendar_year = Column("whole", "", required=True)
    state_county_code = Column("text", "SSA state (2) and county (3), five digits", required=True)
    enrollment_type = Column("text", "esrd, disabled, aged_dual or aged_non_dual", required=True)
    per_capita_expenditure = Column("number", "US dollars per person-year; blank = suppressed")
    risk_score = Column("number", "Mean renormalized CMS-HCC score; blank = suppressed")
    person_years = Column("number", "Person-years of assignable beneficiaries; blank = suppressed")
