"""Prices: what payers agreed to pay us, and what is paid in the market (the `rates` feed)."""

from openaco.tables.base import Column, Delivered


class Rate(Delivered):
    """What both tables of prices hold. One service with several codes stands under its most specific one.

    Sources: 45 CFR 180.50 (hospitals' standard charges), 26 CFR 54.9815-2715A3, 29 CFR 2590.715-2715A3 and
    45 CFR 147.212 (insurers' in-network rates), and price lists of one's own.
    """

    published_by = Column("text", "Hospital or insurer that published the file; blank for a list of one's own")
    payer = Column("text", "Who pays", required=True)
    plan = Column("text", "Plan or product; blank where the price holds for all of the payer's")
    billing_code_type = Column("text", "Upper case as published: CPT, HCPCS, MS-DRG, APC, RC, NDC …", required=True)
    billing_code = Column("text", "Without leading text or blanks", required=True)
    other_codes = Column("text", "Further codes of the same service, `RC 0450|CDM 1234`")
    modifiers = Column("text", "In order, joined by `|`; blank = the price without a modifier")
    billing_class = Column("text", "professional, institutional or both; blank = not said")
    setting = Column("text", "inpatient, outpatient or both; blank = not said")
    place_of_service_codes = Column("text", "Two digits each, in order, joined by `|`; blank = any")
    arrangement = Column("text", "ffs, bundle or capitation; blank = fee for service")
    method = Column("text", "As published: negotiated, fee schedule, derived, case rate, per diem, percentage …")
    rate = Column("money", "US dollars per unit, case or day; blank where the price is a percentage or a formula")
    percentage = Column("number", "Percent of billed charges: 62.5; blank where the price is in dollars")
    typical_amount = Column("money", "What was typically allowed where the price is no amount: median, or estimate")
    drug_unit = Column("text", "Quantity of a drug that the price is for, `100 ML`; blank = one unit of the code")
    npi = Column("text", "Provider the price is for; blank = all of the tax number")
    tin = Column("text", "Tax number the price is for, nine digits; blank = not said")
    provider_count = Column("whole", "Providers of the tax number that share the price")
    effective_date = Column("date", "First day of the price; blank = not said")
    expiration_date = Column("date", "Last day of the price; blank = none")
    updated_on = Column("date", "Day the publisher last changed the file")


class NegotiatedRate(Rate):
    """What a payer agreed to pay this ACO's providers for a billing code."""

    name = "negotiated_rate"
    grain = "one price of one billing code for one payer, plan, provider or tax number, setting and modifiers"
    key = ("delivery_id", "source_file", "source_line", "payer", "plan", "billing_code", "tin")


class MarketRate(Rate):
    """What a payer pays other providers for a billing code: the market that one's own prices are compared with."""

    name = "market_rate"
    grain = "one price of one billing code for one payer, plan, provider or tax number, setting and modifiers"
    key = ("delivery_id", "source_file", "source_line", "payer", "plan", "billing_code", "tin")
