"""Claims as delivered: one row per version of a claim or line (CCLF1–7, A, B and the feeds that map to them).

Amounts are unsigned as Medicare sends them; a cancellation (`adjustment_type_code` 1) takes back what it names.
Source of meanings: CMS CCLF Information Packet v38, section 3 and appendix B.
"""

from openaco.tables.base import Column, Delivered


class ClaimVersion(Delivered):
    """What every claim table carries."""

    claim_id = Column("text", "Unique id of this version of the claim (CUR_CLM_UNIQ_ID)", required=True)
    mbi = Column("text", "Beneficiary identifier as delivered; `rules.claims.current_mbi` makes it a person_id")
    claim_type_code = Column("text", "10 20 30 40 50 60 61 institutional, 71 72 carrier, 81 82 DME, 01–04 Part D")


class InstitutionalClaim(ClaimVersion):
    """A Part A claim header: inpatient, SNF, outpatient, home health, hospice (CCLF1)."""

    name = "institutional_claim"
    grain = "one version of one institutional claim"
    key = ("claim_id", "delivery_id")

    claim_start_date = Column("date", "First day of the claim (CLM_FROM_DT)")
    claim_end_date = Column("date", "Last day of the claim (CLM_THRU_DT); decides month and year of its dollars")
    bill_facility_type_code = Column("text", "First digit of the type of bill: 1 hospital, 2 SNF, 3 HHA, 7 clinic, 8")
    bill_classification_code = Column("text", "Second digit of the type of bill")
    bill_frequency_code = Column("text", "Third digit of the type of bill")
    principal_diagnosis_code = Column("text", "ICD-10-CM without the dot")
    admitting_diagnosis_code = Column("text", "ICD-10-CM without the dot")
    nonpayment_reason_code = Column("text", "Any value means Medicare denied the claim (CLM_MDCR_NPMT_RSN_CD)")
    paid_amount = Column("money", "Medicare's payment for the claim, unsigned (CLM_PMT_AMT)")
    primary_payer_code = Column("text", "Who pays before Medicare, if anybody")
    provider_state_code = Column("text", "FIPS state of the facility")
    discharge_status_code = Column("text", "Where the patient went (BENE_PTNT_STUS_CD)")
    ms_drg_code = Column("text", "Diagnosis related group, inpatient only")
    outpatient_service_type_code = Column("text", "CLM_OP_SRVC_TYPE_CD")
    adjustment_type_code = Column("text", "0 original, 1 cancellation, 2 adjustment")
    effective_date = Column("date", "When this version took effect (CLM_EFCTV_DT)")
    load_date = Column("date", "When Medicare's repository took it in (CLM_IDR_LD_DT); decides run-out")
    admission_type_code = Column("text", "CLM_ADMSN_TYPE_CD")
    admission_source_code = Column("text", "CLM_ADMSN_SRC_CD")
    query_code = Column("text", "CLM_QUERY_CD")
    icd_version = Column("text", "0 ICD-10, 9 ICD-9 (DGNS_PRCDR_ICD_IND)")
    charge_amount = Column("money", "Total charges of the institution")
    capital_ime_amount = Column("money", "Indirect medical education in the capital payment")
    operating_ime_amount = Column("money", "Indirect medical education in the operating payment")
    capital_dsh_amount = Column("money", "Disproportionate share in the capital payment")
    operating_dsh_amount = Column("money", "Disproportionate share in the operating payment")
    uncompensated_care_amount = Column("money", "Uncompensated care payment per claim")
    facility_ccn = Column("text", "CMS certification number from enrollment (PRVDR_OSCAR_NUM)")
    billing_ccn = Column("text", "CMS certification number on the claim; the enrollment one where the claim has none")
    facility_npi = Column("text", "NPI of the facility")
    billing_npi = Column("text", "Billing NPI on the claim")
    operating_npi = Column("text", "NPI of the operating clinician")
    attending_npi = Column("text", "NPI of the attending clinician")
    other_npi = Column("text", "NPI of the other clinician")
    claim_control_number = Column("text", "CLM_CNTL_NUM, since 2022-12")
    original_claim_control_number = Column("text", "CLM_ORG_CNTL_NUM, since 2022-12")
    contractor_number = Column("text", "CLM_CNTRCTR_NUM")


class InstitutionalLine(ClaimVersion):
    """A revenue-center line of a Part A claim (CCLF2). Its amounts need not sum to the claim."""

    name = "institutional_line"
    grain = "one revenue-center line of one version of an institutional claim"
    key = ("claim_id", "claim_line_number", "delivery_id")

    claim_line_number = Column("whole", "Line on the claim", required=True)
    claim_line_start_date = Column("date", "CLM_LINE_FROM_DT")
    claim_line_end_date = Column("date", "CLM_LINE_THRU_DT")
    revenue_center_code = Column("text", "Four digits; 096x–098x professional fees")
    revenue_center_date = Column("date", "CLM_LINE_INSTNL_REV_CTR_DT")
    hcpcs_code = Column("text", "HCPCS or CPT number")
    hcpcs_modifier_1 = Column("text", "")
    hcpcs_modifier_2 = Column("text", "")
    hcpcs_modifier_3 = Column("text", "")
    hcpcs_modifier_4 = Column("text", "")
    hcpcs_modifier_5 = Column("text", "")
    apc_or_hipps_code = Column("text", "CLM_REV_APC_HIPPS_CD")
    service_unit_quantity = Column("quantity", "")
    paid_amount = Column("money", "CLM_LINE_CVRD_PD_AMT; never summed for totals (IP 5.3.1)")
    claim_start_date = Column("date", "")
    claim_end_date = Column("date", "")
    facility_ccn = Column("text", "PRVDR_OSCAR_NUM")
    billing_ccn = Column("text", "CLM_FAC_PRVDR_OSCAR_NUM; the enrollment one where the claim has none")


class InstitutionalProcedure(ClaimVersion):
    """An ICD procedure of a Part A claim (CCLF3)."""

    name = "institutional_procedure"
    grain = "one procedure of one version of an institutional claim"
    key = ("claim_id", "sequence_number", "procedure_code", "delivery_id")

    sequence_number = Column("text", "CLM_VAL_SQNC_NUM")
    procedure_code = Column("text", "ICD-10-PCS")
    procedure_date = Column("date", "")
    icd_version = Column("text", "")
    claim_start_date = Column("date", "")
    claim_end_date = Column("date", "")
    facility_ccn = Column("text", "")
    billing_ccn = Column("text", "")


class InstitutionalDiagnosis(ClaimVersion):
    """A diagnosis of a Part A claim (CCLF4)."""

    name = "institutional_diagnosis"
    grain = "one diagnosis of one version of an institutional claim"
    key = ("claim_id", "sequence_number", "diagnosis_code", "delivery_id")

    diagnosis_type_code = Column("text", "CLM_PROD_TYPE_CD: E external cause, 1 first external, D other")
    sequence_number = Column("text", "CLM_VAL_SQNC_NUM")
    diagnosis_code = Column("text", "ICD-10-CM without the dot")
    present_on_admission_code = Column("text", "")
    icd_version = Column("text", "")
    claim_start_date = Column("date", "")
    claim_end_date = Column("date", "")
    facility_ccn = Column("text", "")
    billing_ccn = Column("text", "")


class SupplierLine(ClaimVersion):
    """What carrier and equipment lines share."""

    claim_line_number = Column("whole", "Line on the claim", required=True)
    claim_start_date = Column("date", "CLM_FROM_DT")
    claim_end_date = Column("date", "CLM_THRU_DT")
    type_of_service_code = Column("text", "CLM_FED_TYPE_SRVC_CD")
    place_of_service_code = Column("text", "CLM_POS_CD")
    claim_line_start_date = Column("date", "CLM_LINE_FROM_DT")
    claim_line_end_date = Column("date", "CLM_LINE_THRU_DT; decides month and year of the line's dollars")
    hcpcs_code = Column("text", "HCPCS or CPT number")
    paid_amount = Column("money", "Medicare's payment for the line, unsigned (CLM_LINE_CVRD_PD_AMT)")
    allowed_amount = Column("money", "Allowed charge, deductible and coinsurance included, unsigned")
    primary_payer_code = Column("text", "")
    payment_denial_code = Column("text", "CLM_CARR_PMT_DNL_CD: 0 and D–Y are denials of the claim")
    processing_indicator_code = Column("text", "CLM_PRCSG_IND_CD: A, R, S are paid lines")
    adjustment_type_code = Column("text", "0 original, 1 cancellation")
    effective_date = Column("date", "CLM_EFCTV_DT")
    load_date = Column("date", "CLM_IDR_LD_DT; decides run-out")
    claim_control_number = Column("text", "CLM_CNTL_NUM: names the claim over all its versions")
    disposition_code = Column("text", "CLM_DISP_CD")
    referring_npi = Column("text", "")


class ProfessionalLine(SupplierLine):
    """A physician or other carrier line (CCLF5)."""

    name = "professional_line"
    grain = "one line of one version of a carrier claim"
    key = ("claim_id", "claim_line_number", "delivery_id")

    provider_type_code = Column("text", "RNDRG_PRVDR_TYPE_CD")
    provider_state_code = Column("text", "FIPS state of the provider")
    specialty_code = Column("text", "CMS specialty of the line (CLM_PRVDR_SPCLTY_CD)")
    line_diagnosis_code = Column("text", "CLM_LINE_DGNS_CD")
    billing_tin = Column("text", "Tax number the line was paid to (CLM_RNDRG_PRVDR_TAX_NUM)")
    rendering_npi = Column("text", "NPI on the claim; the enrollment one where the claim has none")
    service_unit_quantity = Column("quantity", "")
    hcpcs_modifier_1 = Column("text", "")
    hcpcs_modifier_2 = Column("text", "")
    hcpcs_modifier_3 = Column("text", "")
    hcpcs_modifier_4 = Column("text", "")
    hcpcs_modifier_5 = Column("text", "")
    diagnosis_code_1 = Column("text", "")
    diagnosis_code_2 = Column("text", "")
    diagnosis_code_3 = Column("text", "")
    diagnosis_code_4 = Column("text", "")
    diagnosis_code_5 = Column("text", "")
    diagnosis_code_6 = Column("text", "")
    diagnosis_code_7 = Column("text", "")
    diagnosis_code_8 = Column("text", "")
    diagnosis_code_9 = Column("text", "")
    diagnosis_code_10 = Column("text", "")
    diagnosis_code_11 = Column("text", "")
    diagnosis_code_12 = Column("text", "")
    icd_version = Column("text", "")
    betos_code = Column("text", "")
    contractor_number = Column("text", "")


class EquipmentLine(SupplierLine):
    """A durable medical equipment line (CCLF6)."""

    name = "equipment_line"
    grain = "one line of one version of an equipment claim"
    key = ("claim_id", "claim_line_number", "delivery_id")

    supplier_npi = Column("text", "PAYTO_PRVDR_NPI_NUM; the billing NPI on the claim where it has one")
    ordering_npi = Column("text", "")


class DrugEvent(ClaimVersion):
    """A Part D event (CCLF7): final action within its own month's file only."""

    name = "drug_event"
    grain = "one version of one prescription fill"
    key = ("claim_id", "delivery_id")

    ndc_code = Column("text", "Eleven digits; blank on a deletion")
    dispensing_date = Column("date", "CLM_LINE_FROM_DT")
    provider_qualifier_code = Column("text", "PRVDR_SRVC_ID_QLFYR_CD")
    dispensing_provider_id = Column("text", "CLM_SRVC_PRVDR_GNRC_ID_NUM")
    dispensing_status_code = Column("text", "CLM_DSPNSNG_STUS_CD")
    product_selection_code = Column("text", "CLM_DAW_PROD_SLCTN_CD")
    quantity = Column("quantity", "")
    days_supply = Column("whole", "")
    prescriber_qualifier_code = Column("text", "")
    prescribing_provider_id = Column("text", "")
    beneficiary_paid_amount = Column("money", "CLM_LINE_BENE_PMT_AMT")
    adjustment_type_code = Column("text", "0 original, 1 deletion, 2 adjustment")
    effective_date = Column("date", "")
    load_date = Column("date", "")
    prescription_number = Column("text", "CLM_LINE_RX_SRVC_RFRNC_NUM")
    fill_number = Column("text", "CLM_LINE_RX_FILL_NUM")
    pharmacy_service_type_code = Column("text", "")


class InstitutionalBenefit(ClaimVersion):
    """Benefit enhancements, demonstrations and payment reductions of a Part A claim (CCLFA); several rows a claim."""

    name = "institutional_benefit"
    grain = "one related-condition row of one version of an institutional claim"
    key = ("claim_id", "related_condition_code", "delivery_id")

    demonstration_code_1 = Column("text", "")
    demonstration_code_2 = Column("text", "")
    demonstration_code_3 = Column("text", "")
    demonstration_code_4 = Column("text", "")
    demonstration_code_5 = Column("text", "")
    population_payment_inclusion_amount = Column("money", "Payment had there been no population-based reduction")
    population_payment_reduction_amount = Column("money", "Reduced because of population-based payment")
    sequestration_amount = Column("money", "Reduced by sequestration")
    related_condition_code = Column("text", "62 = periodic interim payment")
    deductible_amount = Column("money", "")
    coinsurance_amount = Column("money", "")


class ProfessionalBenefit(ClaimVersion):
    """Benefit enhancements, demonstrations and payment reductions of a Part B line (CCLFB)."""

    name = "professional_benefit"
    grain = "one line of one version of a carrier claim"
    key = ("claim_id", "claim_line_number", "delivery_id")

    claim_line_number = Column("whole", "", required=True)
    demonstration_code_1 = Column("text", "")
    demonstration_code_2 = Column("text", "")
    demonstration_code_3 = Column("text", "")
    demonstration_code_4 = Column("text", "")
    demonstration_code_5 = Column("text", "")
    population_payment_inclusion_amount = Column("money", "")
    population_payment_reduction_amount = Column("money", "")
    sequestration_amount = Column("money", "")
    deductible_amount = Column("money", "")
