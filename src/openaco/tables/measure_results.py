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


class MeasureEpisode(LakeTable):
    """One stay that a claims measure looked at, whether it counts, what followed, and why."""

    name = "measure_episode"
    grain = "one stay of one person in one measure"
    key = ("person_id", "measure", "performance_year", "episode_id")

    person_id = Column("text", "The person", required=True)
    measure = Column("text", "Measure: 479 or 484", required=True)
    performance_year = Column("whole", "Calendar year of the measurement period", required=True)
    episode_id = Column("text", "The stay (479) or the admission with its transfers (484)", required=True)
    facility_ccn = Column("text", "CMS certification number of the hospital")
    start_date = Column("date", "Day of admission")
    end_date = Column("date", "Day of discharge")
    counts = Column("flag", "479: an index admission; 484: looked at while the person was at risk", required=True)
    outcome = Column("flag", "479: followed by an unplanned readmission; 484: an unplanned admission", required=True)
    reason = Column("text", "Why it counts or not, and what followed, in words", required=True)
    next_id = Column("text", "479: the admission that followed within the days of the measure")
    next_date = Column("date", "479: when that began")
    planned_basis = Column("text", "How it was told whether an admission was planned: algorithm or admission type")


class MeasureExposure(LakeTable):
    """What one person adds to the rate of a claims measure: outcomes over index admissions or person-years."""

    name = "measure_exposure"
    grain = "one person in one measure"
    key = ("person_id", "measure", "performance_year")

    person_id = Column("text", "The person", required=True)
    measure = Column("text", "Measure: 479 or 484", required=True)
    performance_year = Column("whole", "Calendar year of the measurement period", required=True)
    exposure = Column("number", "479: index admissions; 484: person-years at risk", required=True)
    outcomes = Column("whole", "479: unplanned readmissions; 484: unplanned admissions", required=True)
    expected = Column("number", "Outcomes expected by the model that was loaded; blank without one")
    exclusion = Column("text", "484: why the person is not in the cohort after all; blank otherwise")
