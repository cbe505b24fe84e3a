"""The contract: every lake table as a typed class. Feeds fill them, rules read them, nothing else is stored.

Claims tables keep every *version* of a claim as it was delivered (debits and credits, unsigned amounts);
`openaco.rules.claims` nets them. Column names follow the Tuva input layer where the concept is the same.
"""

from openaco.tables.assignment_reports import (
    AssignableBeneficiary,
    AssignedBeneficiary,
    AssignedBeneficiaryClinician,
    AssignedBeneficiaryParticipant,
    AssignmentTurnover,
    UnderservedBeneficiary,
)
from openaco.tables.base import PYTHON_TYPES, Column, Delivered, Kind, LakeTable, all_tables
from openaco.tables.beneficiaries import (
    Beneficiary,
    BeneficiaryExclusion,
    DataSharingPreference,
    EnrollmentMonth,
    MbiCrosswalk,
    VoluntaryAlignment,
)
from openaco.tables.claims import (
    DrugEvent,
    EquipmentLine,
    InstitutionalBenefit,
    InstitutionalClaim,
    InstitutionalDiagnosis,
    InstitutionalLine,
    InstitutionalProcedure,
    ProfessionalBenefit,
    ProfessionalLine,
)
from openaco.tables.clinical_sources import CodeCrosswalk, Evidence, MatchDecision, SourcePerson, SurveyResult
from openaco.tables.deliveries import Delivery, Quarantine
from openaco.tables.events import ClinicalPerson, ClinicalQuarantine, Event, ValueSetCode
from openaco.tables.measure_results import MeasureEpisode, MeasureExposure, MeasureGap, MeasureResult
from openaco.tables.rates import MarketRate, NegotiatedRate
from openaco.tables.reference import CountyExpenditure, ElectingHospital, FeeScheduleAmount, Participant, Provider

__all__ = [
    "PYTHON_TYPES",
    "AssignableBeneficiary",
    "AssignedBeneficiary",
    "AssignedBeneficiaryClinician",
    "AssignedBeneficiaryParticipant",
    "AssignmentTurnover",
    "Beneficiary",
    "BeneficiaryExclusion",
    "ClinicalPerson",
    "ClinicalQuarantine",
    "CodeCrosswalk",
    "Column",
    "CountyExpenditure",
    "DataSharingPreference",
    "Delivered",
    "Delivery",
    "DrugEvent",
    "ElectingHospital",
    "EnrollmentMonth",
    "EquipmentLine",
    "Event",
    "Evidence",
    "FeeScheduleAmount",
    "InstitutionalBenefit",
    "InstitutionalClaim",
    "InstitutionalDiagnosis",
    "InstitutionalLine",
    "InstitutionalProcedure",
    "Kind",
    "LakeTable",
    "MarketRate",
    "MatchDecision",
    "MbiCrosswalk",
    "MeasureEpisode",
    "MeasureExposure",
    "MeasureGap",
    "MeasureResult",
    "NegotiatedRate",
    "Participant",
    "ProfessionalBenefit",
    "ProfessionalLine",
    "Provider",
    "Quarantine",
    "SourcePerson",
    "SurveyResult",
    "UnderservedBeneficiary",
    "ValueSetCode",
    "VoluntaryAlignment",
    "all_tables",
]
