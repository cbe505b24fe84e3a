"""Tiny invented files with prices, in each form that is read. Codes are numbers only; nobody in them exists."""

from __future__ import annotations

import json
from typing import Any

PRICE_LIST = (
    "payer,plan,billing_code_type,billing_code,modifier,setting,rate,tin,effective_date,expiration_date\n"
    'River Health,PPO,CPT,99213,,outpatient,"$1,101.255",12-3456789,2024-01-01,2024-12-31\n'
    "River Health,PPO,CPT,99213,26,,40,123456789,01/01/2024,\n"
    "River Health,,,G0438,,,170.00,,,\n"
    "River Health,PPO,MS-DRG,470,,inpatient,21000,,,\n"
)

ATTESTATION = '"To the best of its knowledge, invented."'
TALL = (
    f"hospital_name,last_updated_on,version,location_name,hospital_address,license_number|CA,type_2_npi,{ATTESTATION},\n"
    'Lake Hospital,2025-11-14,3.0.0,Lake Hospital,"1 Main Street, Nowhere",1,1999999999,TRUE,\n'
    "description,code|1,code|1|type,code|2,code|2|type,modifiers,setting,drug_unit_of_measurement,"
    "drug_type_of_measurement,standard_charge|gross,standard_charge|discounted_cash,payer_name,plan_name,"
    "standard_charge|negotiated_dollar,standard_charge|negotiated_percentage,standard_charge|negotiated_algorithm,"
    "median_amount,10th_percentile,90th_percentile,count,standard_charge|methodology,standard_charge|min,"
    "standard_charge|max,additional_generic_notes\n"
    "visit,510,RC,99213,CPT,,outpatient,,,300,250,River Health,PPO,120.00,,,,,,,fee schedule,120,140,\n"
    "visit,510,RC,99213,CPT,,outpatient,,,300,250,Other Plan,HMO,140.00,,,,,,,fee schedule,120,140,\n"
    '"stay, two\nlines",470,MS-DRG,17,LOCAL,,inpatient,,,,,River Health,PPO,,50,,21345.12,1,2,23,percent of total'
    " billed charges,,,\n"
    "stay,871,MS-DRG,,,,inpatient,,,,,River Health,PPO,,,a formula,,,,0,other,,,\n"
    "modifier,,,,,50,both,,,,,River Health,PPO,,150,,,,,,,,,\n"
    "drug,J1450,HCPCS,25021-0184-82,NDC,,both,100,ML,75,45,River Health,PPO,35,,,,,,,fee schedule,35,37,\n"
    "cash only,99214,CPT,,,,outpatient,,,200,180,,,,,,,,,,,,,\n"
    "wrong,99215,CPT,,,,outpatient,,,,,River Health,PPO,-3,,,,,,,fee schedule,,,\n"
    "wrong,99215,CPT,,,,sometimes,,,,,River Health,PPO,30,,,,,,,fee schedule,,,\n"
)

WIDE = (
    f"hospital_name,last_updated_on,version,hospital_location,hospital_address,license_number|CA,{ATTESTATION}\n"
    'Lake Hospital,07/01/2024,2.0.0,Lake Hospital,"1 Main Street",1,true\n'
    "description,code | 1,code | 1 | type,modifiers,setting,standard_charge|gross,"
    "standard_charge | River Health | PPO | negotiated_dollar,standard_charge|River Health|PPO|negotiated_percentage,"
    "standard_charge|River Health|PPO|negotiated_algorithm,estimated_amount|River Health|PPO,"
    "standard_charge|River Health|PPO|methodology,additional_payer_notes|River Health|PPO,"
    "standard_charge|Other Plan|HMO|negotiated_dollar,standard_charge|Other Plan|HMO|negotiated_percentage,"
    "standard_charge|Other Plan|HMO|negotiated_algorithm,estimated_amount|Other Plan|HMO,"
    "standard_charge|Other Plan|HMO|methodology,additional_payer_notes|Other Plan|HMO,standard_charge|min\n"
    "visit,99213,CPT,25|57,outpatient,300,120.00,,,,fee schedule,,,60,,999999999,percent of total billed charges,,120\n"
    "visit,99214,CPT,,outpatient,300,,,,,,,155.5,,,,case rate,,155.5\n"
)


def hospital_json(**changes: Any) -> str:
    """A hospital's JSON of version 3: one visit in two settings, one drug, one stay by percentage."""
    visit = {
        "description": "visit",
        "code_information": [{"code": "510", "type": "RC"}, {"code": "99213", "type": "CPT"}],
        "standard_charges": [
            {
                "setting": "outpatient",
                "minimum": 120,
                "maximum": 140,
                "payers_information": [
                    {
                        "payer_name": "River Health",
                        "plan_name": "PPO",
                        "standard_charge_dollar": 120.005,
                        "methodology": "fee schedule",
                    },
                    {
                        "payer_name": "Other Plan",
                        "plan_name": "HMO",
                        "standard_charge_dollar": 0,
                        "methodology": "fee schedule",
                    },
                ],
            },
            {
                "setting": "inpatient",
                "modifier_code": ["26"],
                "payers_information": [
                    {
                        "payer_name": "River Health",
                        "plan_name": "PPO",
                        "standard_charge_percentage": 50,
                        "median_amount": 77.5,
                        "10th_percentile": 60,
                        "90th_percentile": 99,
                        "count": "23",
                        "methodology": "percent of total billed charges",
                    }
                ],
            },
            {"setting": "both", "gross_charge": 300},
        ],
    }
    drug = {
        "description": "drug",
        "drug_information": {"unit": 100, "type": "ML"},
        "code_information": [{"code": "J1450", "type": "HCPCS"}, {"code": "25021-0184-82", "type": "NDC"}],
        "standard_charges": [
            {
                "setting": "both",
                "payers_information": [
                    {
                        "payer_name": "River Health",
                        "plan_name": "PPO",
                        "standard_charge_dollar": 35,
                        "methodology": "fee schedule",
                    }
                ],
            }
        ],
    }
    plain = {
        "hospital_name": "Lake Hospital",
        "last_updated_on": "2025-11-14",
        "version": "3.0.0",
        "standard_charge_information": [visit, drug],
    }
    return json.dumps(plain | changes)


GROUPS = [
    {
        "provider_group_id": 1,
        "provider_groups": [
            {"npi": [1111111111, 2222222222], "tin": {"type": "ein", "value": "11-1111111"}},
            {"npi": [3333333333], "tin": {"type": "ein", "value": "22-2222222"}},
        ],
    },
    {
        "provider_group_id": 2.0,
        "provider_groups": [{"npi": [4444444444], "tin": {"type": "npi", "value": "4444444444"}}],
    },
    {"provider_group_id": 3, "location": "https://example.org/groups.json"},
]


def price(rate: Any, **changes: Any) -> dict[str, Any]:
    """One negotiated price of an in-network file."""
    plain = {
        "negotiated_type": "negotiated",
        "negotiated_rate": rate,
        "expiration_date": "9999-12-31",
        "billing_class": "professional",
        "service_code": ["11", "22"],
        "setting": "outpatient",
    }
    return plain | changes


def code(number: str, *rates: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """One billing code of an in-network file."""
    plain = {
        "negotiation_arrangement": "ffs",
        "name": "invented",
        "billing_code_type": "CPT",
        "billing_code_type_version": "2024",
        "billing_code": number,
        "description": "invented",
        "negotiated_rates": list(rates),
    }
    return plain | changes


def in_network(*, references_last: bool = False, **changes: Any) -> str:
    """An insurer's in-network file with references, inline groups, a percentage and things that are wrong."""
    plain: dict[str, Any] = {
        "reporting_entity_name": "River Health",
        "reporting_entity_type": "health insurance issuer",
        "plan_name": "PPO",
        "last_updated_on": "2025-02-01",
        "version": "2.0.0",
        "provider_references": GROUPS,
        "in_network": [
            code(
                "99213",
                {
                    "provider_references": [1],
                    "negotiated_prices": [price(110.5), price(55, billing_code_modifier=["26"])],
                },
                {"provider_references": [2], "negotiated_prices": [price(120)]},
                {"provider_references": [3], "negotiated_prices": [price(130)]},
                {"provider_references": [9], "negotiated_prices": [price(140)]},
            ),
            code(
                "470",
                {
                    "provider_groups": [
                        {"npi": [1111111111], "tin": {"type": "ein", "value": "111111111"}},
                        {"npi": [5555555555], "tin": {"type": "ein", "value": "11-1111111"}},
                    ],
                    "negotiated_prices": [
                        price(20_000, billing_class="institutional", setting="inpatient", service_code=None),
                        price(0, billing_class="institutional"),
                        price(62.5, negotiated_type="percentage", service_code=["CSTM-00"]),
                    ],
                },
                billing_code_type="MS-DRG",
            ),
            code(
                "", {"provider_references": [1], "negotiated_prices": [price(9)]}, negotiation_arrangement="capitation"
            ),
        ],
    }
    told = plain | changes
    if references_last:
        told["provider_references"] = told.pop("provider_references")
    return json.dumps(told)
