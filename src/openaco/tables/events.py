"""Clinical data, flat: people, one table of events, and the value sets that name groups of codes.

Times are kept as the source states them. A date without a time is a span of possible instants, so every start and end
has an earliest and a latest possible instant, in milliseconds since 1970-01-01T00:00:00Z: a comparison is certain when
it holds for all of them. Ends that are not reached (ongoing) are 9999-12-31T23:59:59.999Z, beginnings that are not
stated (since ever) 0001-01-01T00:00:00Z. The columns of dates repeat the instants as UTC days, for reading.

Groups of tokens (`categories`, `body_sites`, …) are texts such as `|laboratory|survey|`, so that one can be looked for
without a second table. Code systems have short names (`parameters/measures/code_systems.yaml`).
"""

from openaco.tables.base import Column, Delivered, LakeTable


class ClinicalPerson(Delivered):
    """A person as clinical data describe them (FHIR Patient), for quality measures."""

    name = "clinical_person"
    grain = "one person"
    key = ("person_id",)

    person_id = Column("text", "The person's id in the source", required=True)
    birth_earliest = Column("date", "First possible day of birth; the day itself where it is stated whole")
    birth_latest = Column("date", "Last possible day of birth")
    gender = Column("text", "Administrative gender: female, male, other, unknown")
    sex_code = Column("text", "Code of the US Core sex extension, where there is one (SNOMED CT)")
    death_date = Column("date", "Day of death, where stated")
    race_code = Column("text", "OMB race category (CDC code), for reporting only")
    ethnicity_code = Column("text", "OMB ethnicity category (CDC code), for reporting only")
    payer_code = Column("text", "Source of payment typology code of the coverage, for reporting only")
    source_system = Column("text", "Record system that sent the data, as named when loading")


class Event(Delivered):
    """What happened to a person: one row for each code of an encounter, condition, procedure, observation or order."""

    name = "event"
    grain = "one code of one event (an event with two codings has two rows)"
    key = ("person_id", "event_id", "event_number", "kind", "system", "code", "value_code", "reason_code")

    person_id = Column("text", "The person, as in `clinical_person`", required=True)
    event_id = Column("text", "Type and id of the event in its source, such as Encounter/e1", required=True)
    event_number = Column("whole", "Place of the event in its source; decides ties of time", required=True)
    kind = Column(
        "text",
        "encounter, encounter_diagnosis, encounter_reason, condition, procedure, observation, component, "
        "medication_request, service_request, device_request",
        required=True,
    )
    system = Column("text", "Code system, by its short name: sct, icd10cm, icd10pcs, hcpcs, loinc, rxnorm, ndc, cpt …")
    code = Column("text", "The code")
    by_reference = Column("flag", "The code stands in another resource that the event refers to (Medication)")
    start_date = Column("date", "Day (UTC) the event starts; blank where it is unknown or since ever")
    end_date = Column("date", "Day (UTC) the event ends; blank where it is unknown or ongoing")
    start_earliest = Column("whole", "First possible instant of the start, ms since 1970 UTC")
    start_latest = Column("whole", "Last possible instant of the start, ms since 1970 UTC")
    end_earliest = Column("whole", "First possible instant of the end, ms since 1970 UTC")
    end_latest = Column("whole", "Last possible instant of the end, ms since 1970 UTC")
    recorded_earliest = Column("whole", "First possible instant of recording (issued, recordedDate), ms since 1970 UTC")
    recorded_latest = Column("whole", "Last possible instant of recording, ms since 1970 UTC")
    status = Column("text", "Status of the event in the words of FHIR")
    intent = Column("text", "Intent of an order in the words of FHIR")
    clinical_status = Column("text", "Clinical status of a condition: active, recurrence, relapse, inactive …")
    verification = Column("text", "Verification status of a condition: confirmed, refuted …")
    negated = Column("flag", "The order says that something shall not be done")
    categories = Column("text", "Category codes as |a|b|")
    profiles = Column("text", "Last parts of the profiles the resource claims, as |a|b|")
    body_sites = Column("text", "Body sites as |system:code|")
    discharge_codes = Column("text", "Discharge dispositions of an encounter as |system:code|")
    encounter_id = Column("text", "The encounter the event belongs to")
    encounter_class = Column("text", "Class of that encounter (of the encounter itself, for an encounter): AMB, IMP …")
    has_value = Column("flag", "The observation has a result of any kind")
    value_system = Column("text", "Code system of a coded result")
    value_code = Column("text", "Coded result")
    value_number = Column("number", "Numeric result")
    value_unit = Column("text", "Unit of the numeric result: its UCUM code, else as written")
    value_comparator = Column("text", "<, <=, >= or > where the result is a bound")
    reason_system = Column("text", "Code system of the reason why something was not done")
    reason_code = Column("text", "Reason why something was not done")
    supply_days = Column("number", "Days of supply that one dispense is expected to last")
    refills = Column("whole", "Further dispenses that are allowed")
    dispense_quantity = Column("number", "Units of one dispense")
    dose_quantity = Column("number", "Units of one dose (the higher end of a range)")
    doses_per_day = Column("number", "Doses a day as instructed")
    bounds_start_date = Column("date", "First day of the instructed use")
    bounds_end_date = Column("date", "Last day of the instructed use")
    validity_start_date = Column("date", "First day on which the order may be dispensed")
    source = Column(
        "text", "fhir, claims, evidence (entered by people) or self_report (said by the patient)", required=True
    )
    source_system = Column("text", "Record system that sent the event, as named when loading; `medicare` for claims")


class ClinicalQuarantine(Delivered):
    """A person, or a line that names none, whose clinical data cannot be read; the other people are not affected."""

    name = "clinical_quarantine"
    grain = "one person or line put aside"
    key = ("source_file", "source_line", "person_id", "reason")

    person_id = Column("text", "The person put aside; blank where the line names none")
    reason = Column("text", "What is wrong, naming the field, never its value", required=True)
    source_system = Column("text", "Record system that sent the data, as named when loading")


class ValueSetCode(LakeTable):
    """A code of a value set, as the user downloaded it from the Value Set Authority Center."""

    name = "valueset"
    grain = "one code of one value set in one year"
    key = ("year", "oid", "system", "code")

    year = Column("whole", "Performance year of the expansion; blank where the file does not say")
    oid = Column("text", "Object identifier of the value set", required=True)
    title = Column("text", "Name of the value set", required=True)
    version = Column("text", "Version of the value set")
    system = Column("text", "Code system, by its short name", required=True)
    code = Column("text", "The code", required=True)
    demonstration = Column("flag", "Of the demonstration set that comes with OpenACO: not for submission")
