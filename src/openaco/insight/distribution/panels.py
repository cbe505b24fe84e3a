"""Which participant and clinician each assigned person of a run belongs to.

A person belongs to the participant (TIN) of the ACO with the most allowed charges for that person's primary care in
the step that assigned the person (42 CFR 425.402(b)), and there to the clinician with the most. Ties go to the most
recent service, then to the lower number. Whoever chose a clinician of the ACO (42 CFR 425.402(e)) belongs to that
clinician. CMS assigns people to the ACO alone; this is how an ACO tells its own panels apart.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from openaco.engine import Engine, Table, _, cases, coalesce, date_of, desc, ifelse, literal, null, pick_first, stack
from openaco.errors import ConfigurationError

NEVER = "1800-01-01"
TABLES = ("assignment", "expenditure", "participants", "clinicians", "primary_care_charges", "risk_scores")
MILLIONTH = 1_000_000

Read = Callable[[str], Table]


def run_tables(engine: Engine, run: Path) -> dict[str, Table]:
    """The tables of a finished run that panels are made of. Raises ConfigurationError for a run without them."""
    missing = [name for name in TABLES if not (run / f"{name}.parquet").is_file()]
    if missing:
        raise ConfigurationError(
            f"the run has no {', '.join(missing)}", where=str(run), remedy="Run it again with this version of OpenACO."
        )
    return {name: engine.read_parquet([run / f"{name}.parquet"]) for name in TABLES}


def panel_members(tables: dict[str, Table], year: int) -> Table:
    """Grain: one assigned person of the performance year. `tin` and `npi` are blank where no participant has a charge
    and no clinician was chosen; `by` is chosen, charges or none; `charges` are those that decided.
    """
    assigned = tables["assignment"].filter(_.year == year, _.assigned)
    decided = assigned.select("person_id", "basis", "step", "designated_npi")
    charges = with_tin(tables["primary_care_charges"], tables["participants"])
    compared = _compared(charges, decided)
    by_tin = _most(compared, "tin")
    inside = compared.semi_join(by_tin, ["person_id", "tin"])
    by_charges = _most(inside, "tin", "npi").select("person_id", "tin", "npi", charges="compared")
    chosen = _chosen(decided, charges)
    placed = decided.select("person_id").left_join(by_charges, "person_id").drop("person_id_right")
    placed = placed.left_join(chosen, placed.person_id == chosen.chosen_person_id)
    return placed.select(
        person_id=_.person_id,
        tin=coalesce(_.chosen_tin, _.tin, literal("")),
        npi=ifelse(_.chosen_tin.notnull(), _.chosen_npi, coalesce(_.npi, literal(""))),
        by=cases((_.chosen_tin.notnull(), "chosen"), (_.tin.notnull(), "charges"), else_="none"),
        charges=ifelse(_.chosen_tin.notnull(), null("decimal(18, 2)"), _.charges),
    )


def with_tin(charges: Table, participants: Table) -> Table:
    """Charges with the TIN of their biller: its own, or the one a CCN is enrolled under (the lower of several)."""
    enrolled = participants.filter(coalesce(_.ccn, literal("")) != "").group_by(ccn_biller="ccn:" + _.ccn)
    enrolled = enrolled.aggregate(ccn_tin=_.tin.min())
    joined = charges.left_join(enrolled, charges.biller == enrolled.ccn_biller)
    return joined.mutate(tin=coalesce(_.ccn_tin, _.biller.substr(4))).drop("ccn_biller", "ccn_tin")


def panel_costs(members: Table, tables: dict[str, Table], year: int) -> Table:
    """Grain: one TIN, NPI and enrollment type. Whole numbers, so that no order of rows changes a sum:
    `months`, `cent_months` (truncated cents × months), `scored_months`, `score_months` (millionths × months).
    """
    spent = tables["expenditure"].filter(_.year == year)
    scores = tables["risk_scores"].select(scored_person="person_id", scored_type="enrollment_type", score="score")
    joined = spent.join(members.select("person_id", "tin", "npi"), "person_id")
    joined = joined.left_join(
        scores, [joined.person_id == scores.scored_person, joined.enrollment_type == scores.scored_type]
    )
    score = (_.score * MILLIONTH).round().cast("int64")
    known = ifelse(_.score.notnull(), _.months, literal(0))
    return joined.group_by("tin", "npi", "enrollment_type").aggregate(
        months=_.months.sum(),
        cent_months=(_.dollar_months * 100).cast("int64").sum(),
        scored_months=known.sum(),
        score_months=ifelse(_.score.notnull(), score * _.months, literal(0)).sum(),
    )


def panel_people(members: Table) -> Table:
    """Grain: one TIN and NPI, with the number of its people."""
    return members.group_by("tin", "npi").aggregate(beneficiaries=_.count())


def participant_kinds(charges: Table) -> Table:
    """Grain: one TIN, with what tells its class: kinds of service billed, and charges by primary care and others."""
    return charges.group_by("tin").aggregate(
        fqhc=(_.source == "fqhc").any(),
        rhc=(_.source == "rhc").any(),
        hospital=_.source.isin(["cah", "eta"]).any(),
        primary_charges=_.primary_charges.sum(),
        specialist_charges=_.specialist_charges.sum(),
    )


def _compared(charges: Table, decided: Table) -> Table:
    """The charges that are compared for each person: of the step that assigned it."""
    step = coalesce(_.step, literal("step_1"))
    joined = charges.join(decided.select("person_id", "step"), "person_id")
    third, second = step == "step_3", step == "step_2"
    return joined.mutate(
        compared=ifelse(third, _.expanded_charges, ifelse(second, _.specialist_charges, _.primary_charges)),
        latest=coalesce(
            ifelse(third, _.expanded_latest_primary, _.latest_primary),
            ifelse(third, _.expanded_latest_specialist, _.latest_specialist),
            date_of(NEVER),
        ),
    )


def _most(compared: Table, *keys: str) -> Table:
    """For each person the place (TIN, or TIN and NPI) with the most charges; ties: latest service, lower number."""
    places = compared.group_by("person_id", *keys).aggregate(compared=_.compared.sum(), latest=_.latest.max())
    return pick_first(places, "person_id", [desc("compared"), desc("latest"), *(places[key] for key in keys)])


def _chosen(decided: Table, charges: Table) -> Table:
    """For whoever chose a clinician of the ACO: the clinician, and the TIN this person sees them at, else the TIN
    through which they bill most.
    """
    wanted = decided.filter(_.basis == "voluntary", _.designated_npi.notnull())
    wanted = wanted.select(chosen_person_id="person_id", chosen_npi="designated_npi")
    own = charges.select(
        chosen_person_id="person_id", chosen_npi="npi", chosen_tin="tin", own="expanded_charges", all=literal(0)
    )
    places = charges.group_by("npi", "tin").aggregate(all=_.expanded_charges.sum())
    anywhere = wanted.join(places, wanted.chosen_npi == places.npi).select(
        "chosen_person_id", "chosen_npi", chosen_tin="tin", own=literal(0), all="all"
    )
    here = wanted.join(own, ["chosen_person_id", "chosen_npi"]).select(*anywhere.columns)
    alike = [
        table.mutate(own=_.own.cast("decimal(38, 2)"), all=_["all"].cast("decimal(38, 2)"))
        for table in (here, anywhere)
    ]
    summed = stack(alike).group_by("chosen_person_id", "chosen_npi", "chosen_tin")
    summed = summed.aggregate(own=_.own.sum(), all=_["all"].max())
    return pick_first(summed, "chosen_person_id", [desc("own"), desc("all"), summed.chosen_tin]).select(
        "chosen_person_id", "chosen_npi", "chosen_tin"
    )
