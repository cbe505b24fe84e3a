"""Where clinical data come from: the people of each record system, evidence people enter, crosswalks and decisions."""

from openaco.tables.base import Column, Delivered


class SourcePerson(Delivered):
    """A person as one record system knows them: what matching across systems looks at."""

    name = "source_person"
    grain = "one person in one record system, one delivery"
    key = ("source_system", "source_person_id", "delivery_id")

    source_system = Column("text", "Record system, as named when loading", required=True)
    source_person_id = Column("text", "The person's id in it", required=True)
    mbi = Column("text", "Medicare Beneficiary Identifier, where the system has one")
    record_numbers = Column("text", "Medical record numbers as |assigner:number|, assigners as the source names them")
    first_name = Column("text", "")
    middle_name = Column("text", "")
    last_name = Column("text", "")
    former_last_name = Column("text", "Maiden or earlier family name, where stated")
    birth_date = Column("date", "")
    sex_code = Column("text", "1 male, 2 female, blank not known")
    address_line_1 = Column("text", "")
    zip_code = Column("text", "Five digits")
    phone = Column("text", "Ten digits")


class Evidence(Delivered):
    """What somebody entered by hand about a person: a test done elsewhere, a result on paper. The engine decides."""

    name = "evidence"
    grain = "one entry, one delivery; the newest delivery of an entry counts"
    key = ("evidence_id", "delivery_id")

    evidence_id = Column("text", "The entry's id, given by those who enter", required=True)
    source_system = Column("text", "Record system the person's id is of; blank: the id is an MBI")
    source_person_id = Column("text", "The person's id there, or the MBI", required=True)
    measure = Column("text", "Measure it was entered for, such as CMS130; for reading only")
    kind = Column(
        "text",
        "visit, diagnosis, procedure, laboratory, assessment, imaging, blood_pressure, medication, order, device",
        required=True,
    )
    system = Column("text", "Code system by its short name; blank for a blood pressure")
    code = Column("text", "The code; blank for a blood pressure")
    event_date = Column("date", "Day it was done", required=True)
    value = Column("text", "Result: a number, `systolic/diastolic`, or system|code")
    value_unit = Column("text", "Unit of a numeric result (UCUM)")
    self_reported = Column("flag", "The patient said so; counts only where the measure lets it")
    retracted = Column("flag", "The entry was wrong and counts no more")
    document = Column("text", "Where the proof is kept")
    entered_by = Column("text", "Who entered it", required=True)
    entered_on = Column("date", "When it was entered", required=True)


class CodeCrosswalk(Delivered):
    """The user's own translation of codes, such as NDC to RxNorm. None comes with OpenACO."""

    name = "code_crosswalk"
    grain = "one code of one system and what it also means"
    key = ("from_system", "from_code", "to_system", "to_code", "delivery_id")

    from_system = Column("text", "Code system by its short name: ndc, cpt, hcpcs …", required=True)
    from_code = Column("text", "The code as claims have it", required=True)
    to_system = Column("text", "Code system by its short name: rxnorm, loinc, sct …", required=True)
    to_code = Column("text", "What it means there", required=True)
    kind = Column(
        "text", "Kind of event it then is: observation, procedure, device_request …; blank: as the claim's own"
    )


class MatchDecision(Delivered):
    """What a person decided about two records: the same human being or not. It overrules every score."""

    name = "match_decision"
    grain = "one pair of records, one delivery; the newest delivery of a pair counts"
    key = ("source_system_1", "source_person_id_1", "source_system_2", "source_person_id_2", "delivery_id")

    source_system_1 = Column("text", "Record system of the first record", required=True)
    source_person_id_1 = Column("text", "The person's id in it", required=True)
    source_system_2 = Column("text", "Record system of the second record", required=True)
    source_person_id_2 = Column("text", "The person's id in it", required=True)
    decision = Column("text", "same or different", required=True)
    decided_by = Column("text", "Who decided", required=True)
    decided_on = Column("date", "When", required=True)


class SurveyResult(Delivered):
    """A summary survey measure of CAHPS for MIPS, as the survey vendor reports it."""

    name = "survey_result"
    grain = "one survey measure of one performance year, one delivery"
    key = ("performance_year", "measure", "delivery_id")

    performance_year = Column("whole", "Calendar year the survey is about", required=True)
    measure = Column("text", "CAHPS_1 … CAHPS_11", required=True)
    score = Column("number", "Mean score from 0 to 100; blank where suppressed")
    respondents = Column("whole", "How many answered")
    suppressed = Column("flag", "Too few answered, or too unreliable to show", required=True)
