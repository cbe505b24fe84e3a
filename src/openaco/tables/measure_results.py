"""What a quality measure says of each person, and the rates that follow."""

from openaco.tables.base import Column, LakeTable


class MeasureResult(LakeTable):
    """The populations of one person in one rate of one measure, after the measure's own arithmetic.

    `denominator` stays true where the person is excluded; `numerator` is never true for an excluded person, and
    `denominator_exception` never for one in the numerator.
    """

    name = "measure_result"
    grain = "one person in one rate of one measure"
    key = ("person_id", "measure", "performance_year", "rate")

    person_id = Column("text", "The person", required=True)
    measure = Column("text", "Measure, such as CMS122", required=True)
    performance_year = Column("whole", "Calendar year of the measurement period", required=True)
    rate = Column("text", "1 for the first rate of the measure, 2 for the second", required=True)
    initial_population = Column("flag", "In the initial population", required=True)
    denominator = Column("flag", "In the denominator", required=True)
    denominator_exclusion = Column("flag", "Excluded from the denominator", required=True)
    denominator_exception = Column("flag", "Excepted from the denominator", required=True)
    numerator = Column("flag", "In the numerator", required=True)
    stratum = Column("text", "The stratum of the person, where the measure has strata")


class MeasureGap(LakeTable):
    """What is missing for one person in one rate of one measure, and until when it can still be done."""

    name = "measure_gap"
    grain = "one person in the denominator of one rate of one measure"
    key = ("person_id", "measure", "performance_year", "rate")

    person_id = Column("text", "The person", required=True)
    measure = Column("text", "Measure, such as CMS122", required=True)
    performance_year = Column("whole", "Calendar year of the measurement period", required=True)
    rate = Column("text", "1 for the first rate of the measure, 2 for the second", required=True)
    status = Column("text", "closed-gap, open-gap, or not-applicable where excluded or excepted (DEQM)", required=True)
    reason = Column("text", "NotFound, DateOutOfRange, Missing, ValueOutOfRange …; blank where the gap is closed")
    evidence = Column("text", "The event that closes the gap; of an open one the nearest, that did not suffice")
    last_day = Column("date", "Last day on which the gap can still be closed")
    way = Column("text", "The cheapest way to close it")
