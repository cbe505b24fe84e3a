"""From one published row to the facts of a settlement, and how far the printed digits leave those facts open.

The printed total benchmark, expenditures, beneficiaries, track and quality result go in; the printed answers
(GenSaveLoss, EarnSaveLoss) do not. Where a printed rate decides a branch because nothing else in the file does, a note
says so.
"""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import product

from openaco.errors import ParameterError
from openaco.feeds.workbooks.printed import Printed
from openaco.feeds.workbooks.results_rows import PublishedResult
from openaco.parameters import load_parameter
from openaco.programs.configuration import Track
from openaco.programs.mssp.settlement import SettlementFacts
from openaco.programs.replay.replayed import TINY, Notes
from openaco.rules.cited import cited
from openaco.rules.sharing import Election, QualityState, SharingTerms, minimum_savings_rate, terms_for

_TRACKS_BY_RATE: tuple[Track, ...] = ("TRACK_1", "TRACK_2", "TRACK_3")


Span = tuple[float, float]


@dataclass(frozen=True)
class Reading:
    """One row as a settlement: the facts at the printed values, and every value that the digits leave open.

    difference  benchmark minus expenditures, US dollars, least and most
    benchmark   total benchmark, US dollars, least and most
    score       quality score as a fraction, least and most; None where none is printed
    elections   minimum savings rates that print alike: an elected one, or "variable" for the table
    """

    facts: SettlementFacts
    difference: Span
    benchmark: Span
    score: Span | None
    elections: tuple[Election, ...]

    def corners(self) -> Iterator[SettlementFacts]:
        """The facts at the ends of every printed interval: results are monotone in between."""
        for difference, benchmark, score, election in product(
            self.difference, self.benchmark, self.score or (None,), self.elections
        ):
            yield replace(
                self.facts,
                benchmark_total=benchmark,
                expenditures_total=benchmark - difference,
                quality_score=score,
                minimum_savings_rate=election,
            )


def read_facts(row: PublishedResult, notes: Notes) -> Reading:
    """The settlement of one row. Raises ParameterError where its track is not told or did not exist in its year."""
    track = _track(row, notes)
    start_year = row.agreement_start.year if row.agreement_start else row.performance_year
    terms = terms_for(track, row.performance_year, start_year)
    assert row.benchmark_total is not None
    assert row.assigned_beneficiaries is not None
    difference, difference_span = _difference(row, notes)
    state = _quality_state(row, notes)
    score, score_span = _score(row, terms, state)
    elections = _elections(row, terms, notes)
    facts = SettlementFacts(
        track=track,
        performance_year=row.performance_year,
        agreement_start_year=start_year,
        assigned_beneficiaries=row.assigned_beneficiaries,
        benchmark_total=row.benchmark_total.value,
        expenditures_total=row.benchmark_total.value - difference,
        minimum_savings_rate=elections[0],
        quality_state=state,
        quality_score=score,
        revenue_limits_losses=row.revenue_limited is not False,
        low_revenue=bool(row.low_revenue),
        guardrail=row.guardrail,
        performance_months=_months(row, notes),
        agreement_year=max(1, row.performance_year - start_year + 1),
        aco_id=row.aco_id,
        name=row.name,
    )
    return Reading(facts, difference_span, (row.benchmark_total.low, row.benchmark_total.high), score_span, elections)


def _track(row: PublishedResult, notes: Notes) -> str:
    """The track, or for files without one (2013) the track whose maximum sharing rate the row prints."""
    if row.track is not None:
        return row.track
    for track in _TRACKS_BY_RATE:
        if row.maximum_sharing_rate is None:
            break
        try:
            rate = cited("mssp/settlement/maximum_sharing_rate", row.performance_year, track=track).value
        except ParameterError:
            continue
        if abs(rate - row.maximum_sharing_rate.value) < TINY:
            notes.add(f"no track is printed: {_spoken(track)} by its maximum sharing rate")
            return track
    raise ParameterError("the file does not tell this ACO's track")


def _spoken(track: str) -> str:
    return track.replace("_PLUS", "+").replace("_", " ").replace("TRACK", "Track")


def _difference(row: PublishedResult, notes: Notes) -> tuple[float, Span]:
    """Benchmark minus expenditures: BnchmkMinExp where it is that, for it is rounded once and the totals twice."""
    benchmark, spent, printed = row.benchmark_total, row.expenditures_total, row.difference
    assert benchmark is not None
    if spent is None:
        if printed is None:
            raise ParameterError("neither ABtotExp nor BnchmkMinExp is printed")
        return printed.value, (printed.low, printed.high)
    subtracted = Printed(benchmark.value - spent.value, benchmark.half_unit + spent.half_unit)
    if printed is not None:
        for share in (1.0, 0.5) if row.six_months else (1.0,):
            whole = Printed(printed.value / share, printed.half_unit / share)
            low, high = max(whole.low, subtracted.low), min(whole.high, subtracted.high)
            if low <= high + TINY:
                return (whole if whole.half_unit <= subtracted.half_unit else subtracted).value, (low, high)
        notes.add(
            f"BnchmkMinExp prints {printed.value:,.0f}, but ABtotBnchmk - ABtotExp is {subtracted.value:,.0f}; "
            "the latter is used"
        )
    return subtracted.value, (subtracted.low, subtracted.high)


def _quality_state(row: PublishedResult, notes: Notes) -> QualityState:
    """Whether the quality standard was met: by its flag; in files without one by score and final sharing rate."""
    if row.met_quality_standard is not None:
        if row.met_quality_standard:
            return "QPS"
        return "ALT" if row.met_alternative_standard else _state_without_standard(row, notes)
    nothing_shared = row.final_sharing_rate is not None and row.final_sharing_rate.value == 0
    if row.reporting_counts:
        if nothing_shared:
            notes.add("pay for reporting: FinalShareRate 0 tells that it did not report completely")
            return "FAIL"
        return "QPS"
    if nothing_shared and row.quality_score is not None and row.quality_score.value > 0:
        notes.add("FinalShareRate 0 tells that it did not meet the quality standard")
        return "FAIL"
    return "QPS"


def _state_without_standard(row: PublishedResult, notes: Notes) -> QualityState:
    """The standard is printed as not met: in years of a nationwide circumstance every ACO met it all the same."""
    try:
        lifted = cited("mssp/quality/nationwide_circumstance", row.performance_year).value
    except ParameterError:
        lifted = False
    if lifted:
        notes.add("the quality standard counts as met: nationwide extreme and uncontrollable circumstance")
    return "QPS" if lifted else "FAIL"


def _score(row: PublishedResult, terms: SharingTerms, state: QualityState) -> tuple[float | None, Span | None]:
    """The quality score and its span, narrowed by the final sharing rate where that is maximum × score."""
    if row.reporting_counts:
        return 1.0, (1.0, 1.0)
    score, implied = row.quality_score, _implied_score(row, terms, state)
    if score is None and implied is None:
        return None, None
    if score is None or implied is None:
        known = score or implied
        assert known is not None
        return known.value, (max(known.low, 0.0), min(known.high, 1.0))
    low, high = max(score.low, implied.low, 0.0), min(score.high, implied.high, 1.0)
    if low > high + TINY:
        low, high = max(score.low, 0.0), min(score.high, 1.0)
    return score.value, (low, high)


def _implied_score(row: PublishedResult, terms: SharingTerms, state: QualityState) -> Printed | None:
    """The score that the final sharing rate tells, where the two are in proportion."""
    final, maximum = row.final_sharing_rate, terms.maximum_sharing_rate.value
    scaled = state == "ALT" or (state == "QPS" and terms.sharing_rule.value == "score_scaled")
    if not scaled or final is None or not final.value or row.reduced_sharing:
        return None
    return Printed(final.value / maximum, final.half_unit / maximum)


def _elections(row: PublishedResult, terms: SharingTerms, notes: Notes) -> tuple[Election, ...]:
    """The minimum savings rates that print like the row's: the nearest first."""
    printed = row.minimum_savings_rate
    assert row.assigned_beneficiaries is not None
    table = minimum_savings_rate(row.assigned_beneficiaries, row.performance_year)
    by_table = printed is not None and abs(printed.value - table) <= printed.half_unit + TINY
    if not terms.two_sided or printed is None:
        if printed is not None and not by_table:
            notes.add(f"MinSavPerc prints {printed.value:.4%}, but the table gives {table:.4%}; the latter is used")
        if terms.two_sided:
            notes.add("no minimum savings rate is printed: the one of the table is used")
        return ("variable",)
    fixed = [rate for rate in _fixed_rates() if abs(printed.value - rate) <= printed.half_unit + TINY]
    if not fixed and not by_table:
        notes.add(f"MinSavPerc prints {printed.value:.4%}, neither a rate to choose nor the table's {table:.4%}")
        return (printed.value,)
    nearest: list[tuple[float, Election]] = [(abs(printed.value - rate), rate) for rate in fixed]
    if by_table:
        nearest.append((abs(printed.value - table), "variable"))
    return tuple(rate for _, rate in sorted(nearest, key=lambda option: option[0]))


@cache
def _fixed_rates() -> tuple[float, ...]:
    """Every minimum savings rate that a two-sided ACO could choose in any agreement."""
    values = load_parameter("mssp/settlement/minimum_savings_rate_elections").values
    return tuple(sorted({float(rate) for row in values for rate in row.value if rate != "variable"}))


def _months(row: PublishedResult, notes: Notes) -> int:
    """Length of the performance year. Totals that are of six months already are not halved again."""
    if not row.six_months:
        return 12
    whole = (row.updated_benchmark, row.person_years, row.benchmark_total)
    if all(whole) and whole[2].value < 0.75 * whole[0].value * whole[1].value:  # type: ignore[union-attr]
        notes.add("six-month performance year; the totals printed are of six months")
        return 12
    notes.add("six-month performance year: half of the full-year result (42 CFR 425.609)")
    return 6


def exit_days(year: int) -> list[datetime.date]:
    """The last day of each month: the days on which an ACO can have left, as far as a result can tell."""
    return [datetime.date(year, month, calendar.monthrange(year, month)[1]) for month in range(12, 0, -1)]
