"""The charts of the settlement report: what each shows, the finding that is its title, and the table behind it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from openaco.reports import charts, formats
from openaco.reports.charts import Bar
from openaco.reports.outcome import CENT, Outcome
from openaco.reports.run_results import Funnel, Scenario, SpendRow


@dataclass(frozen=True)
class Figure:
    """A chart in two widths, its finding, and its numbers as a table (header, rows of text)."""

    id: str
    finding: str
    description: str
    wide: str
    narrow: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def figure(
    id: str,
    finding: str,
    description: str,
    draw: Callable[[int], charts.Spec],
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
) -> Figure:
    """A figure drawn by `draw` for the wide and the narrow page."""
    wide, narrow = (
        charts.to_svg(draw(width), f"{id}-{name}", finding, description)
        for name, width in (("wide", charts.WIDE), ("narrow", charts.NARROW))
    )
    return Figure(id, finding, description, wide, narrow, tuple(header), tuple(map(tuple, rows)))


def waterfall(outcome: Outcome) -> Figure:
    """From benchmark to payment: the difference, and what becomes of it."""
    above = [
        Bar("Total benchmark", formats.dollars(outcome.benchmark), outcome.benchmark, strong=True),
        Bar("Total expenditures", formats.dollars(outcome.expenditures), outcome.expenditures),
    ]
    below = _savings_steps(outcome) if outcome.difference >= 0 else _loss_steps(outcome)
    size = abs(outcome.difference)
    span = (outcome.expenditures, outcome.benchmark)
    times = max(span) / size if size else 0
    caption = f"the difference, enlarged {formats.plural(round(times), 'time')}" if times >= 1.5 else "the difference"

    def draw(width: int) -> charts.Spec:
        return charts.enlarged(above, below, span, width, caption) if size else charts.bars(above, width)

    steps = [*above, *(below if size else [])]
    return figure(
        "waterfall",
        _waterfall_finding(outcome),
        "Total benchmark and total expenditures as bars from zero; below, the difference between them enlarged, "
        "and each step from it to the payment.",
        draw,
        ("Step", "US dollars"),
        [(step.label, step.value) for step in steps],
    )


def _waterfall_finding(outcome: Outcome) -> str:
    size = formats.short_dollars(abs(outcome.difference))
    if outcome.difference >= 0:
        kept = f"{formats.short_dollars(outcome.earned)} reaches the ACO" if outcome.earned else "none is shared"
        return f"Of {size} in savings, {kept}"
    owed = f"{formats.short_dollars(-outcome.payment)} falls to the ACO" if outcome.payment < 0 else "none is shared"
    return f"Of {size} in losses, {owed}"


def _savings_steps(outcome: Outcome) -> list[Bar]:
    saved, shared, withheld = outcome.difference, outcome.shared_savings, outcome.sequestration
    steps = [Bar("Savings", formats.dollars(saved), saved, color=charts.INK, strong=True)]
    if not shared:
        reason = "Below the minimum, not shared" if outcome.below_minimum else "Not shared"
        steps.append(_deduction("Quality standard not met" if not outcome.sharing_rate else reason, saved, 0.0))
    else:
        steps.append(_deduction(f"Kept by Medicare: {formats.rate(1 - shared / saved)}", saved, shared))
        if withheld:
            steps.append(_deduction(f"Sequestration: {formats.rate(withheld / shared)}", shared, shared - withheld))
    left = shared - withheld
    if outcome.above_cap:
        steps.append(_deduction("Above the cap on savings", left, left - outcome.above_cap))
    if outcome.year_fraction != 1:
        steps.append(_deduction("Outside the short performance year", left - outcome.above_cap, outcome.earned))
    if outcome.recouped:
        steps.append(_deduction("Repays advances", outcome.earned, outcome.earned - outcome.recouped))
    paid = max(outcome.payment, 0.0)
    return [*steps, Bar("Payment to the ACO", formats.dollars(paid), paid, color=charts.EARNED, strong=True)]


def _loss_steps(outcome: Outcome) -> list[Bar]:
    lost, shared, limited = -outcome.difference, outcome.shared_losses, outcome.losses_after_cap
    steps = [Bar("Losses", formats.dollars(lost), lost, color=charts.INK, strong=True)]
    if not shared:
        below = "Below the minimum, not shared" if outcome.two_sided else "Borne by Medicare: one-sided track"
        steps.append(_deduction(below, lost, 0.0))
    else:
        steps.append(_deduction(f"Borne by Medicare: {formats.rate(1 - shared / lost)}", lost, shared))
    if outcome.above_cap:
        steps.append(_deduction("Above the cap on losses", shared, limited))
    if limited - outcome.losses_for_time > CENT:
        steps.append(_deduction("Outside the time in the program", limited, outcome.losses_for_time))
    if outcome.relief:
        after = outcome.losses_for_time - outcome.relief
        steps.append(_deduction("Relief for extreme circumstances", outcome.losses_for_time, after))
    owed = max(-outcome.payment, 0.0)
    return [*steps, Bar("Owed to CMS", formats.dollars(owed), owed, color=charts.OWED, strong=True)]


def _deduction(label: str, before: float, after: float) -> Bar:
    return Bar(label, formats.dollars(after - before), after, before, color=charts.PALE, quiet=True)


def spend_by_type(rows: Sequence[SpendRow], benchmarks: dict[str, float]) -> Figure:
    """Spending per person-year by enrollment type, beside each type's updated benchmark where there is one."""

    def per_capita(row: SpendRow) -> Bar:
        target = benchmarks.get(row.enrollment_type)
        beside = f" · benchmark {formats.dollars(target)}" if target else ""
        return Bar(
            formats.enrollment_type(row.enrollment_type),
            formats.dollars(row.per_capita) + beside,
            row.per_capita,
            color=charts.TYPE_COLORS.get(row.enrollment_type, charts.NEUTRAL),
            mark=target,
        )

    return figure(
        "spend",
        _spend_finding(rows, benchmarks),
        "Spending per person-year in US dollars for each enrollment type as bars from zero; a mark across the bar "
        "shows the type's updated benchmark.",
        lambda width: charts.bars([per_capita(row) for row in rows], width),
        ("Enrollment type", "Per person-year, US dollars", "Updated benchmark, US dollars", "Difference"),
        [
            (
                formats.enrollment_type(row.enrollment_type),
                formats.dollars(row.per_capita, cents=True),
                formats.dollars(benchmarks.get(row.enrollment_type), cents=True),
                _difference(row, benchmarks),
            )
            for row in rows
        ],
    )


def person_years_by_type(rows: Sequence[SpendRow]) -> Figure:
    """Person-years by enrollment type."""
    total = sum(row.person_years for row in rows) or 1.0
    largest = max(rows, key=lambda row: row.person_years)
    finding = (
        f"{formats.percent(largest.person_years / total, 0)} of person-years are "
        f"{formats.enrollment_type(largest.enrollment_type).lower()}"
    )
    texts = [(row, formats.number(row.person_years, 1), formats.percent(row.person_years / total)) for row in rows]
    return figure(
        "person-years",
        finding,
        "Person-years for each enrollment type as bars from zero.",
        lambda width: charts.bars(
            [
                Bar(
                    formats.enrollment_type(row.enrollment_type),
                    f"{years} · {share}",
                    row.person_years,
                    color=charts.TYPE_COLORS.get(row.enrollment_type, charts.NEUTRAL),
                )
                for row, years, share in texts
            ],
            width,
        ),
        ("Enrollment type", "Person-years", "Share"),
        [(formats.enrollment_type(row.enrollment_type), years, share) for row, years, share in texts],
    )


def _difference(row: SpendRow, benchmarks: dict[str, float]) -> str:
    target = benchmarks.get(row.enrollment_type)
    return formats.percent(row.per_capita / target - 1) if target else formats.NONE


def _spend_finding(rows: Sequence[SpendRow], benchmarks: dict[str, float]) -> str:
    compared = [
        (row, row.per_capita / benchmarks[row.enrollment_type] - 1)
        for row in rows
        if benchmarks.get(row.enrollment_type)
    ]
    if not compared:
        dearest = max(rows, key=lambda row: row.per_capita)
        amount = formats.dollars(dearest.per_capita)
        return f"{formats.enrollment_type(dearest.enrollment_type)} costs the most: {amount} per person-year"
    below = sum(share < 0 for _, share in compared)
    row, share = max(compared, key=lambda item: abs(item[1]))
    counts = {0: "No enrollment type", 1: "One enrollment type", 2: "Two enrollment types", 3: "Three enrollment types"}
    how = "less" if share < 0 else "more"
    subject = "All four enrollment types" if below == len(compared) == 4 else counts.get(below, str(below))
    return (
        f"{subject} spent less than benchmark; {formats.enrollment_type(row.enrollment_type)} differs most, "
        f"{formats.percent(abs(share))} {how}"
    )


def funnel(year: Funnel) -> Figure:
    """Assignment of one year: who remains at each step, and how many leave at each exclusion."""
    rows = [
        Bar(
            step.label,
            formats.number(-step.count if step.kind == "exclusion" else step.count),
            step.count,
            color=charts.PALE if step.kind == "exclusion" else charts.NEUTRAL,
            quiet=step.kind == "exclusion",
            strong=step.kind == "stage",
        )
        for step in year.stages
    ]
    return figure(
        f"funnel-{year.year}",
        funnel_finding(year),
        f"People at each step of assignment for {year.year}, and people excluded between the steps, as bars from zero.",
        lambda width: charts.bars(rows, width),
        ("Step", "People"),
        [(row.label, row.value) for row in rows],
    )


def funnel_finding(year: Funnel) -> str:
    """How many were assigned, and where most of the others went."""
    stages = [step for step in year.stages if step.kind == "stage"]
    exclusions = [step for step in year.stages if step.kind == "exclusion" and step.count]
    finding = (
        f"{formats.number(stages[-1].count)} of {formats.number(stages[0].count)} people were assigned for {year.year}"
    )
    if not exclusions:
        return finding
    largest = max(exclusions, key=lambda step: step.count)
    return f"{finding}; the largest exclusion is “{largest.label}”, {formats.number(largest.count)}"


def sensitivity(scenarios: Sequence[Scenario], payment: float) -> list[Figure]:
    """The payment if one thing were different: one figure for each group of scenarios, all on one scale.

    A scenario that changes nothing (`As computed`) stands in the first group, between lower and higher.
    """
    payments = [payment, *(item.payment for item in scenarios if item.payment is not None)]
    domain = (min(0.0, *payments), max(0.0, *payments))
    groups: dict[str, list[Scenario]] = {}
    for item in scenarios:
        groups.setdefault(item.group.casefold(), []).append(item)
    unchanged = groups.pop("as computed", [])
    for members in groups.values():
        members[1:1] = unchanged
        unchanged = []
    return [_sensitivity_figure(group, members, payment, domain) for group, members in groups.items()]


def _sensitivity_figure(
    group: str, scenarios: Sequence[Scenario], payment: float, domain: tuple[float, float]
) -> Figure:
    told = [item for item in scenarios if item.payment is not None]
    untold = [item for item in scenarios if item.payment is None]
    notes = "".join(f" {item.label}: not known, because {item.note}." for item in untold)
    return figure(
        f"if-{group}",
        _sensitivity_finding(group, told, payment),
        f"The payment in US dollars under each assumption as bars from zero; left of zero the ACO owes.{notes}",
        lambda width: charts.bars([_scenario_bar(item, payment) for item in scenarios], width, domain),
        ("If", "Payment, US dollars", "Change, US dollars"),
        [
            *((item.label, formats.dollars(item.payment), formats.dollars(_change(item, payment))) for item in told),
            *((item.label, "not known", item.note) for item in untold),
        ],
    )


def _change(scenario: Scenario, payment: float) -> float:
    return (scenario.payment or 0.0) - payment


def _scenario_bar(scenario: Scenario, payment: float) -> Bar:
    if scenario.payment is None:
        return Bar(scenario.label, "not known", 0.0, quiet=True)
    as_settled = abs(_change(scenario, payment)) < CENT
    owed = scenario.payment < 0
    color = charts.OWED if owed else charts.EARNED
    return Bar(
        scenario.label,
        ("owed " if owed else "") + formats.dollars(abs(scenario.payment)),
        scenario.payment,
        color=color if as_settled else charts.NEUTRAL,
        strong=as_settled,
    )


def _sensitivity_finding(group: str, scenarios: Sequence[Scenario], payment: float) -> str:
    size = max((abs(_change(item, payment)) for item in scenarios), default=0.0)
    subject = {"spending": "1% of spending", "quality": "The quality result"}.get(group, group.capitalize())
    if size < 0.5:
        return f"{subject} would not move the payment"
    return f"{subject} moves the payment by up to {formats.short_dollars(size)}"
