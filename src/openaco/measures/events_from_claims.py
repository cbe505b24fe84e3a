"""Claims that count → people and events, so that measures can be tried before clinical data are at hand.

What claims cannot say stays unsaid: results of tests and vital signs, orders, problem lists, refusals. Drug events are
coded in NDC, value sets in RxNorm: a crosswalk that the user loads puts the second beside the first, and any other code
beside the ones of claims. Rates from claims serve to find people and gaps; they are not for submission.
"""

from __future__ import annotations

from typing import Any

from openaco.engine import BooleanValue, Table, Value, _, cases, coalesce, ifelse, literal, null, stack
from openaco.parameters import parameter
from openaco.rules.claims import ClaimSet
from openaco.tables import ClinicalPerson, Event, LakeTable

DAY = 86_400_000
_TYPES = {"text": "string", "date": "date", "whole": "int64", "flag": "boolean", "number": "float64"}
_LINEAGE = ("delivery_id", "source_file", "source_line")
_OCCASION = ("person_id", "claim_id", "first_day", "last_day", *_LINEAGE)
MEDICARE = "medicare"
"""The record system that claims are of."""
_CROSSED = ("encounter", "procedure", "condition", "medication_request", "device_request")
_CARRIER_DIAGNOSES = ("line_diagnosis_code", *(f"diagnosis_code_{number}" for number in range(1, 13)))


def people_from_claims(people: Table) -> Table:
    """`ClinicalPerson` rows of everybody in `rules.enrollment.people`."""
    return _rows_of(
        ClinicalPerson,
        people,
        person_id=_.person_id,
        birth_earliest=_.birth_date,
        birth_latest=_.birth_date,
        gender=cases((_.sex_code == "1", literal("male")), (_.sex_code == "2", literal("female")), else_="unknown"),
        sex_code=null("string"),
        death_date=_.death_date,
        source_system=literal(MEDICARE),
    )


def events_from_claims(claims: ClaimSet, performance_year: int, crosswalk: Table | None = None) -> Table:
    """`Event` rows of a claim set: visits, stays, hospice care, procedures, imaging, diagnoses, devices, drugs.

    A visit is one day of one claim with all codes billed on it; a diagnosis holds for the days of its claim.
    performance_year: the year whose reading of claims is taken (`measures/claims_as_events`). crosswalk: the user's
    own `CodeCrosswalk` rows; what a code also means becomes a further row of the same event.
    """
    rules: dict[str, Any] = parameter("measures/claims_as_events", performance_year).value
    services = _services(claims)
    stays = _stays(claims.institutional, rules)
    events = stack(
        [
            _visits(services),
            stays,
            _billed_procedures(services),
            _imaging(services, rules["imaging"]),
            _coded_procedures(claims.institutional_procedure),
            *_diagnosed(claims, services, stays, rules),
            _devices(claims.equipment),
            _drugs(claims.drug),
        ]
    )
    return events if crosswalk is None else stack([events, _crossed(events, crosswalk)])


def _crossed(events: Table, crosswalk: Table) -> Table:
    """The same events under the codes that a crosswalk puts beside theirs, as the kind it names or their own.

    A line enters as a visit and as a procedure: where the crosswalk names another kind, it is taken from the procedure.
    """
    codes = crosswalk.select(
        old_system=_.from_system, old_code=_.from_code, new_system=_.to_system, new_code=_.to_code, new_kind=_.kind
    ).distinct()
    joined = events.filter(_.kind.isin(_CROSSED)).inner_join(codes, [("system", "old_system"), ("code", "old_code")])
    own = _.new_kind.isnull() | (_.new_kind == _.kind)
    joined = joined.filter(own | (_.kind != "encounter"))
    observed = _.new_kind == "observation"
    crossed = joined.mutate(
        system=_.new_system,
        code=_.new_code,
        kind=coalesce(_.new_kind, _.kind),
        status=ifelse(observed, literal("final"), _.status),
        categories=ifelse(observed, literal("|laboratory|survey|imaging|"), _.categories),
        has_value=ifelse(observed, literal(False), _.has_value),
        intent=ifelse(coalesce(_.new_kind, "").contains("request"), literal("order"), _.intent),
    )
    return crossed.select(*events.columns).distinct()


def _services(claims: ClaimSet) -> Table:
    """Lines with a HCPCS or CPT number, and the days they took."""
    carrier = _occasions(
        claims.professional,
        coalesce(_.claim_line_start_date, _.claim_start_date),
        coalesce(_.claim_line_end_date, _.claim_line_start_date, _.claim_start_date),
    )
    day = coalesce(_.revenue_center_date, _.claim_line_start_date, _.claim_start_date)
    facility = _occasions(claims.institutional_line, day, day)
    lines = [
        rows.filter(_.hcpcs_code.notnull(), _.first_day.notnull()).select(
            *_OCCASION, number=_.claim_line_number, code=_.hcpcs_code
        )
        for rows in (carrier, facility)
    ]
    return stack(lines)


def _occasions(rows: Table, first: Value, last: Value) -> Table:
    return rows.mutate(first_day=first).mutate(last_day=coalesce(last, _.first_day))


def _visits(services: Table) -> Table:
    return _events(
        services, "encounter", _visit_id(), system=_billing_system(), code=_.code, status=literal("finished")
    )


def _visit_id() -> Value:
    """One visit is one day of one claim."""
    return "Claim/" + _.claim_id + "/" + _.first_day.cast("string")


def _billing_system() -> Value:
    """HCPCS level II begins with a letter, CPT with a digit."""
    return ifelse(_.code.substr(0, 1).between("A", "Z"), literal("hcpcs"), literal("cpt"))


def _billed_procedures(services: Table) -> Table:
    return _events(
        services,
        "procedure",
        _visit_id() + "/procedure",
        system=_billing_system(),
        code=_.code,
        status=literal("completed"),
    )


def _imaging(services: Table, billed: dict[str, list[str]]) -> Table:
    """Imaging as the study it is, without a result."""
    codes = cases(*[(_.code.isin(numbers), literal(loinc)) for loinc, numbers in billed.items()], else_=null("string"))
    return _events(
        services.mutate(study=codes).filter(_.study.notnull()),
        "observation",
        _visit_id() + "/study",
        system=literal("loinc"),
        code=_.study,
        status=literal("final"),
        categories=literal("|imaging|"),
        has_value=literal(False),
    )


def _stays(institutional: Table, rules: dict[str, Any]) -> Table:
    """Inpatient stays with their discharge, and hospice care."""
    inpatient, hospice = (
        _.claim_type_code.isin(rules["inpatient_types"]),
        _.claim_type_code.isin(rules["hospice_types"]),
    )
    rows = _occasions(institutional, _.claim_start_date, _.claim_end_date).filter(inpatient | hospice)
    discharges = [
        (inpatient & _.discharge_status_code.isin(statuses), literal(f"|{':'.join(_single_code(name))}|"))
        for name, statuses in rules["discharge"].items()
    ]
    return _events(
        rows.mutate(number=literal(0)),
        "encounter",
        "Claim/" + _.claim_id,
        system=ifelse(inpatient, literal(rules["stay"][0]), literal(rules["hospice"][0])),
        code=ifelse(inpatient, literal(rules["stay"][1]), literal(rules["hospice"][1])),
        status=literal("finished"),
        encounter_class=ifelse(inpatient, literal("IMP"), null("string")),
        discharge_codes=cases(*discharges, else_=null("string")),
    )


def _single_code(name: str) -> list[str]:
    found: list[str] = parameter("measures/codes", 2025).value[name]
    return found


def _coded_procedures(procedures: Table) -> Table:
    rows = _occasions(procedures, coalesce(_.procedure_date, _.claim_start_date), _.procedure_date)
    return _events(
        rows.filter(_.procedure_code.notnull(), _is_icd10()).mutate(number=literal(0)),
        "procedure",
        "Claim/" + _.claim_id + "/procedure/" + _.procedure_code,
        system=literal("icd10pcs"),
        code=_.procedure_code,
        status=literal("completed"),
    )


def _is_icd10() -> BooleanValue:
    return coalesce(_.icd_version, "0") != "9"


def _diagnosed(claims: ClaimSet, services: Table, stays: Table, rules: dict[str, Any]) -> list[Table]:
    """Each diagnosis of a claim as a condition, and as a diagnosis (and reason) of the visits of the claim.

    A code that says a symptom is an observed symptom too: value sets of symptoms list ICD-10-CM codes.
    """
    diagnoses = _diagnoses(claims)
    conditions = _events(
        diagnoses.mutate(number=literal(0)),
        "condition",
        "Claim/" + _.claim_id + "/diagnosis/" + _.code,
        system=literal("icd10cm"),
        code=_.code,
        clinical_status=literal("active"),
        verification=literal("confirmed"),
        categories=literal("|encounter-diagnosis|"),
    )
    symptoms = _events(
        diagnoses.filter(_.code.substr(0, 1).isin(rules["symptom_chapters"])).mutate(number=literal(0)),
        "observation",
        "Claim/" + _.claim_id + "/symptom/" + _.code,
        system=literal("icd10cm"),
        code=_.code,
        status=literal("final"),
        has_value=literal(False),
    )
    codes = diagnoses.select(coded_claim=_.claim_id, coded_as=_.code).distinct()
    visits = services.mutate(event_id=_visit_id()).select("event_id", *_OCCASION)
    of_stays = stays.select("event_id", "person_id", *_LINEAGE, first_day=_.start_date, last_day=_.end_date)
    of_stays = of_stays.mutate(claim_id=_.event_id.substr(len("Claim/")))
    occasions = stack([visits, of_stays]).distinct()
    linked = occasions.inner_join(codes, occasions.claim_id == codes.coded_claim).mutate(number=literal(0))
    links = [
        _events(linked, kind, _.event_id, system=literal("icd10cm"), code=_.coded_as, status=literal("finished"))
        for kind in ("encounter_diagnosis", "encounter_reason")
    ]
    return [conditions, symptoms, *links]


def _diagnoses(claims: ClaimSet) -> Table:
    """The diagnoses of each claim, each once, over the days of the claim. The admitting diagnosis is not among them."""
    carrier = _occasions(claims.professional, _.claim_start_date, _.claim_end_date).filter(_is_icd10())
    headers = _occasions(claims.institutional, _.claim_start_date, _.claim_end_date)
    days = headers.select("claim_id", "first_day", "last_day").distinct()
    details = claims.institutional_diagnosis.filter(_is_icd10()).inner_join(days, "claim_id")
    found = [carrier.select(*_OCCASION, code=carrier[name]) for name in _CARRIER_DIAGNOSES]
    found.append(headers.filter(_is_icd10()).select(*_OCCASION, code=_.principal_diagnosis_code))
    found.append(details.select(*_OCCASION, code=_.diagnosis_code))
    stated = stack([rows.filter(rows.code.notnull(), rows.first_day.notnull()) for rows in found])
    whole = stated.mutate(code=_.code.strip().replace(".", ""))
    first = {name: whole[name].min() for name in ("first_day", *_LINEAGE)}
    return whole.group_by("person_id", "claim_id", "code").agg(**first, last_day=whole.last_day.max())


def _devices(equipment: Table) -> Table:
    rows = _occasions(equipment, coalesce(_.claim_line_start_date, _.claim_start_date), _.claim_line_end_date)
    rows = rows.filter(_.hcpcs_code.notnull()).mutate(number=_.claim_line_number, code=_.hcpcs_code)
    return _events(
        rows,
        "device_request",
        "Claim/" + _.claim_id + "/" + _.claim_line_number.cast("string"),
        system=_billing_system(),
        code=_.code,
        status=literal("completed"),
        intent=literal("order"),
        negated=literal(False),
    )


def _drugs(drugs: Table) -> Table:
    """Fills as orders that are active on the day of the fill: nobody fills what was not ordered."""
    rows = _occasions(drugs, _.dispensing_date, _.dispensing_date).filter(_.ndc_code.notnull())
    return _events(
        rows.mutate(number=literal(0)),
        "medication_request",
        "Claim/" + _.claim_id,
        system=literal("ndc"),
        code=_.ndc_code,
        status=literal("active"),
        intent=literal("order"),
        negated=literal(False),
        supply_days=_.days_supply.cast("float64"),
    )


def _events(rows: Table, kind: str, event_id: Value, **columns: Value) -> Table:
    """Event rows of occasions; a day is the span of its instants."""
    first, after_last = _.first_day.epoch_days().cast("int64") * DAY, (_.last_day.epoch_days().cast("int64") + 1) * DAY
    days = {
        "start_date": _.first_day,
        "end_date": _.last_day,
        "start_earliest": first,
        "start_latest": first + (DAY - 1),
        "end_earliest": after_last - DAY,
        "end_latest": after_last - 1,
        "recorded_earliest": first,
        "recorded_latest": first + (DAY - 1),
    }
    return _rows_of(
        Event,
        rows,
        person_id=_.person_id,
        event_id=event_id,
        event_number=_.number.cast("int64"),
        kind=literal(kind),
        source=literal("claims"),
        source_system=literal(MEDICARE),
        **{name: _[name] for name in _LINEAGE},
        **days,
        **columns,
    )


def _rows_of(table: type[LakeTable], rows: Table, **columns: Value) -> Table:
    """Rows of a lake table; what is not stated is null."""
    nulls = {name: null(_TYPES[column.kind]) for name, column in table.columns().items() if name not in columns}
    whole = rows.select(**columns, **nulls)
    return whole.select(*table.columns()).distinct()
