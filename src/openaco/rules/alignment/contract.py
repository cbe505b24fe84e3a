"""What alignment returns, column by column; what it reads stands in `rules/assignment/contract`.

Pioneer ACO Model, Next Generation ACO Model and ACO REACH Model; columns that mean the same have the same name as in
assignment (42 CFR 425.402).
"""

from __future__ import annotations

from openaco.rules.assignment.contract import Assignment
from openaco.tables import Column, LakeTable


class WeightedCharges(LakeTable):
    """Output of `weighted_charges`. Charges are times the weights of their years: whole numbers, not yet divided."""

    grain = "one person, one entity that billed a qualified service in the alignment years"
    key = ("person_id", "entity")

    person_id = Column("text", "", required=True)
    entity = Column("text", "`aco:` and its id, or `tin:` or `ccn:` outside every ACO", required=True)
    primary_services = Column("whole", "Qualified services of primary care")
    specialist_services = Column("whole", "Qualified services of specialists who decide")
    primary_charges = Column("money", "Allowed charges × weight, primary care")
    specialist_charges = Column("money", "Allowed charges × weight, specialists")
    latest_primary = Column("date", "")
    latest_specialist = Column("date", "")


class AlignedPerson(Assignment):
    """Output of `align`: every person with the way the decision was made.

    Charges are weighted means of the alignment years, rounded to the cent after the decision. `basis` is voluntary,
    primary_care, specialists or none; `reason` a name of `stages.ALIGNMENT_STAGES`; `step` primary_care or specialists;
    `tie_break` none, recent_service or random.
    """

    grain = "one person"
    key = ("person_id",)

    all_primary_charges = Column("money", "Weighted charges of primary care everywhere: the share that decides")
    all_charges = Column("money", "Weighted charges of primary care and deciding specialists everywhere")
    note = Column("text", "What holds for the whole alignment: years left out, rules of another time; else blank")
