"""When all chunks are there: `truth/`, assignment reports, county figures and `aco.toml`."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from openaco.synthetic.assignment_reports import ALWAYS, IF_INSIDE, write_report
from openaco.synthetic.configuration_file import configuration_text
from openaco.synthetic.counties import county_file
from openaco.synthetic.timeline import Timeline
from openaco.synthetic.truth import figures, files
from openaco.synthetic.truth.enrollment import TYPES
from openaco.synthetic.work import Result, part


@dataclass(frozen=True)
class Settled:
    """What the years come to, in words for the summary, and the small files by name."""

    files: dict[str, str]
    facts: dict[str, str]


def settle(
    out: Path, folder: Path, timeline: Timeline, results: list[Result], seed: int, track: str, method: str
) -> Settled:
    """Write the truth and the reports, and compute the figures that CMS would state."""
    truths = [result.truth for result in results]
    resolved = figures.resolve(timeline, truths)
    most = figures.thresholds(timeline, truths)
    sums = figures.totals(truths, resolved, most)
    target = out / "truth"
    target.mkdir()
    files.write_assignment(target / "assignment.csv", timeline, truths, resolved)
    files.write_expenditures(target / "expenditures.csv", truths, most)
    files.write_per_capita(target / "per_capita.csv", timeline, sums)
    (out / "alr").mkdir()
    for year in timeline.settled_years:
        write_report(out / "alr", timeline, year, _report_lines(folder, year, method, results, resolved))
    usual = {year: _usual(year, method, sums) for year in timeline.settled_years}
    months = _months_by_county(results, resolved, method)
    small = {f"roster/county_ffs_assignable_{year}.csv": county_file(year, usual[year], months[year]) for year in usual}
    last = timeline.performance_year
    spending = float(sum(one.cents_times_12 for key, one in sums.items() if key[:2] == (last, method))) / 1200
    small["aco.toml"] = configuration_text(
        timeline,
        seed,
        track,
        method,
        usual=usual,
        thresholds=most,
        demographic=_demographic(results, resolved, method),
        spending=spending,
        dual_share=_dual_share(results, resolved, last, method),
    )
    assigned = sum(stage in figures.ASSIGNED for stages in resolved.stages[last, method] for stage in stages)
    facts = {
        f"assigned in {last} ({method})": f"{assigned:,}",
        "what they cost, before the completion factor": f"${spending:,.0f}",
    }
    return Settled(small, facts)


def _report_lines(
    folder: Path, year: int, method: str, results: list[Result], resolved: figures.Resolved
) -> dict[str, list[str]]:
    """The lines of a year's report by table, with the answers to what was still asked."""
    found: dict[str, list[str]] = defaultdict(list)
    for result in results:
        with part(folder, f"report_{year}", result.chunk).open(encoding="utf-8") as lines:
            for text in lines:
                table, person, condition, line = text.rstrip("\n").split("\t")
                if condition != ALWAYS:
                    inside = resolved.inside[year, method, result.chunk, int(person)]
                    if inside != (condition == IF_INSIDE):
                        continue
                found[table].append(line)
    return found


def _usual(year: int, method: str, sums: dict[tuple[int, str, int], figures.Totals]) -> dict[int, float]:
    """Per capita by type without our ACO's effect."""
    found = {}
    for kind in range(len(TYPES)):
        one = sums.get((year, method, kind))
        found[kind] = one.usual_per_capita if one and one.usual_times_12 > 0 else figures.FALLBACK[kind]
    return found


def _months_by_county(
    results: list[Result], resolved: figures.Resolved, method: str
) -> dict[int, dict[tuple[int, int], int]]:
    """Months of the assigned by year, county and type."""
    found: dict[int, dict[tuple[int, int], int]] = defaultdict(lambda: defaultdict(int))
    for chunk, _, one in figures.all_spent([result.truth for result in results]):
        if resolved.assigned(one.year, method, chunk, one.person):
            found[one.year][one.county, one.kind] += one.months
    return found


def _demographic(results: list[Result], resolved: figures.Resolved, method: str) -> dict[int, dict[int, float]]:
    """Mean demographic scores of the assigned by year and type, weighted by months."""
    years = results[0].demographic
    sums: dict[tuple[int, int], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for chunk, _, one in figures.all_spent([result.truth for result in results]):
        if one.year in years and resolved.assigned(one.year, method, chunk, one.person):
            mine = sums[one.year, one.kind]
            mine[0] += results[chunk].demographic[one.year][one.person] * one.months
            mine[1] += one.months
    return {
        year: {kind: total / months for (of, kind), (total, months) in sorted(sums.items()) if of == year}
        for year in years
    }


def _dual_share(results: list[Result], resolved: figures.Resolved, year: int, method: str) -> float:
    """Share of the assigned's person-years with Medicaid."""
    assisted = months = 0
    for chunk, _, one in figures.all_spent([result.truth for result in results]):
        if one.year == year and resolved.assigned(year, method, chunk, one.person):
            months += one.months
    for chunk, result in enumerate(results):
        for person, count in enumerate(result.truth.assisted):
            if resolved.assigned(year, method, chunk, person):
                assisted += count
    return assisted / months if months else 0.0
