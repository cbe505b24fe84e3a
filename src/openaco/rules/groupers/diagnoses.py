"""Every diagnosis and procedure that claims state, once each, with the setting of the claim (45 CFR 162.1002(c))."""

from __future__ import annotations

from openaco.engine import Checkpoint, Table, Value, _, cases, coalesce, lazily, literal, stack
from openaco.rules.claims import ClaimSet

SETTINGS = ("inpatient", "skilled_nursing", "home_health", "hospice", "outpatient", "professional")
"""Where a claim is from, by its claim type: 60, 20 and 30, 10, 50, 40, 71 and 72."""
STAYS = ("inpatient", "skilled_nursing", "home_health")
_ICD_9 = "9"
_HEADER = tuple(f"diagnosis_code_{number}" for number in range(1, 13))
_KEPT = ("person_id", "claim_id", "setting", "date")


def stated_diagnoses(claims: ClaimSet, *, checkpoint: Checkpoint = lazily) -> Table:
    """The ICD-10-CM codes of final-action claims. Grain: one claim, one code.

    Columns: `person_id`, `claim_id`, `setting`, `date` (last day of the claim), `code` without dot, `principal` (the
    principal diagnosis of a facility's claim, the first of a carrier claim). Equipment claims and drug events state no
    diagnosis that counts. 45 CFR 162.1002(c).
    """
    headers = claims.institutional.filter(_not_icd_9(_.icd_version)).select(
        "person_id",
        "claim_id",
        setting=_setting(_.claim_type_code),
        date=coalesce(_.claim_end_date, _.claim_start_date),
        code=_.principal_diagnosis_code,
    )
    headers = headers.filter(_.setting != "")
    headers = headers.mutate(code=plain(_.code))
    others = claims.institutional_diagnosis.filter(_not_icd_9(_.icd_version)).select(
        coded_claim=_.claim_id, other=plain(_.diagnosis_code)
    )
    secondary = headers.join(others.filter(_.other.notnull()).distinct(), [("claim_id", "coded_claim")])
    secondary = secondary.filter(coalesce(_.other != _.code, literal(True)))
    return stack(
        [
            headers.filter(_.code.notnull()).select(*_KEPT, "code", principal=literal(True)),
            secondary.select(*_KEPT, code=_.other, principal=literal(False)),
            *_of_carrier(claims, checkpoint),
        ]
    )


def stated_procedures(claims: ClaimSet) -> Table:
    """The ICD-10-PCS codes of institutional claims: `person_id`, `claim_id`, `code`. 45 CFR 162.1002(c)(3)."""
    rows = claims.institutional_procedure.filter(_not_icd_9(_.icd_version))
    return rows.select("person_id", "claim_id", code=plain(_.procedure_code)).filter(_.code.notnull()).distinct()


def plain(code: Value) -> Value:
    """A code without dot, blanks and small letters; a blank one is null. 45 CFR 162.1002(c)."""
    return coalesce(code, literal("")).upper().replace(".", "").strip().nullif("")


def _of_carrier(claims: ClaimSet, checkpoint: Checkpoint) -> list[Table]:
    """The header's codes stand on every line of a carrier claim: they are taken once a claim, each code once.

    A line's own code points to one of the header's; it is taken where the header has none.
    """
    lines = claims.professional.filter(_not_icd_9(_.icd_version)).mutate(
        setting=literal("professional"), day=coalesce(_.claim_end_date, _.claim_line_end_date)
    )
    by = ["person_id", "claim_id", "setting"]
    firsts = {name: _[name].max() for name in _HEADER}
    headers = lines.group_by(by).agg(date=_.day.max(), of_line=_.line_diagnosis_code.max(), **firsts)
    headers = headers.mutate(diagnosis_code_1=coalesce(_.diagnosis_code_1.nullif(""), _.of_line))
    headers = checkpoint(headers.mutate(**{name: plain(_[name]) for name in _HEADER}).drop("of_line"))
    return [
        headers.filter(_[name].notnull(), _new(name, _HEADER[:at])).select(
            *_KEPT, code=_[name], principal=literal(at == 0)
        )
        for at, name in enumerate(_HEADER)
    ]


def _new(name: str, before: tuple[str, ...]) -> Value:
    """Whether no earlier column of the header holds the same code."""
    found: Value = literal(True)
    for other in before:
        found = found & coalesce(_[other] != _[name], literal(True))
    return found


def _setting(claim_type: Value) -> Value:
    code = coalesce(claim_type, literal(""))
    return cases(
        (code == "60", literal("inpatient")),
        (code.isin(["20", "30"]), literal("skilled_nursing")),
        (code == "10", literal("home_health")),
        (code == "50", literal("hospice")),
        (code == "40", literal("outpatient")),
        else_=literal(""),
    )


def _not_icd_9(version: Value) -> Value:
    return coalesce(version, literal("0")) != _ICD_9
