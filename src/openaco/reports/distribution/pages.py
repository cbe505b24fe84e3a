"""The other pages of a distribution: the whole for the governing body, two plans side by side, the public report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from openaco.insight.distribution.comparison import Change, PlanComparison, where_it_goes
from openaco.insight.distribution.distribute import Distribution
from openaco.insight.distribution.facts import kept_by_cms
from openaco.insight.distribution.formulas import quality_of
from openaco.insight.distribution.pools import PoolResult
from openaco.insight.distribution.public_report import PublicReport, proportions
from openaco.reports import charts, formats
from openaco.reports.charts import Bar
from openaco.reports.distribution.statement import nothing_because, payment_bars, use_rows
from openaco.reports.distribution.statement_html import style
from openaco.reports.distribution.words import FORMULAS, cents, class_name, ending, rate_text, share
from openaco.reports.figures import Figure, figure
from openaco.reports.html import environment

A_DOLLAR = 100
"""Less than this many cents is the rounding of uses, and no difference between plans."""
SHOWN = 25
"""The most participants a chart draws; the table behind it has all."""


def render_distribution(result: Distribution, stems: Mapping[str, str], *, pdf: bool) -> str:
    """The page of the governing body. stems: the file names of statements by TIN."""
    facts = result.facts
    sums = where_it_goes(result)
    check = f"Here: {cents(sum(sums.values()))} of {cents(facts.payment)}."
    return (
        environment()
        .get_template("distribution/report.html.j2")
        .render(
            facts=facts,
            plan=result.plan,
            title=f"{facts.aco_name}: distribution for {facts.performance_year}",
            answer=answer(result),
            flow=_flow(result),
            uses=list(use_rows(result)),
            chart=_participants_figure(result),
            rows=list(_participant_rows(result, stems)),
            pools=result.pools,
            pool_rows=[_pool_row(pool) for pool in result.pools],
            losses=result.losses if result.plan.losses else None,
            everybody=facts.everybody,
            distributed=result.distributed,
            unattributed=facts.unattributed.beneficiaries,
            check=check,
            cents=cents,
            pdf=pdf,
            style=style(),
        )
    )


def answer(result: Distribution) -> str:
    """One sentence: what was earned or is owed, and who has it."""
    facts = result.facts
    who, year = facts.aco_name, facts.performance_year
    if facts.payment == 0:
        return f"There is nothing to distribute for {year}: {nothing_because(facts)}."
    if facts.payment < 0:
        bears = "participants pay " + cents(-result.distributed) if result.plan.losses else "participants pay nothing"
        return f"{who} owes CMS {cents(-facts.payment)} for {year}; {bears}."
    many = formats.plural(sum(1 for total in result.totals.values() if total > 0), "participant")
    held = f"; {cents(result.held)} is held" if result.held else ""
    return f"{many} of {who} share {cents(result.distributed)} of {cents(facts.payment)} earned for {year}{held}."


def _flow(result: Distribution) -> Figure | None:
    bars = list(payment_bars(result))
    if not bars:
        return None
    part = formats.percent(result.distributed / result.facts.payment, 0)
    return figure(
        "flow",
        f"{part} of the payment reaches participants",
        "The payment as a bar from zero, what is kept of it, and what participants share.",
        lambda width: charts.bars(bars, width),
        ("Step", "US dollars"),
        [(bar.label, bar.value) for bar in bars],
    )


def _participants_figure(result: Distribution) -> Figure | None:
    names = {one.id: one.name or f"TIN ending {ending(one.id)}" for one in result.facts.participants}
    totals = {tin: total for tin, total in result.totals.items() if total}
    if not totals:
        return None
    order = sorted(totals, key=lambda tin: (-abs(totals[tin]), tin))
    color = charts.EARNED if result.facts.payment > 0 else charts.OWED
    bars = [Bar(names[tin], cents(totals[tin]), abs(totals[tin]), color=color) for tin in order]
    first = f"{names[order[0]]} {'receives' if totals[order[0]] > 0 else 'pays'} most, {cents(abs(totals[order[0]]))}"
    more = f"; the {SHOWN} largest of {len(bars)}" if len(bars) > SHOWN else ""
    return figure(
        "participants-chart",
        first + more,
        "What each participant receives or pays as a bar from zero, the largest first.",
        lambda width: charts.bars(bars[:SHOWN], width),
        ("Participant", "US dollars"),
        [(bar.label, bar.value) for bar in bars],
    )


def _participant_rows(result: Distribution, stems: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    for one in result.facts.participants:
        quality = quality_of(one, result.plan, result.facts)
        yield {
            "name": one.name or f"TIN ending {ending(one.id)}",
            "classification": class_name(one.classification),
            "people": formats.number(one.panel.beneficiaries),
            "quality": formats.NONE if quality is None else f"{quality:f}",
            "pools": [cents(result.pool_cents(pool, one.id)) for pool in result.pools],
            "losses": cents(-result.losses.shares.get(one.id, 0)) if result.losses else "",
            "total": cents(result.totals[one.id]),
            "stem": stems.get(one.id, ""),
        }


def _pool_row(shared: PoolResult) -> dict[str, Any]:
    pool = shared.pool
    asks = []
    if pool.minimum_quality is not None:
        asks.append(f"quality score of at least {pool.minimum_quality:f}")
    if pool.minimum_points is not None:
        asks.append(f"at least {pool.minimum_points:f} citizenship points")
    if pool.minimum_panel:
        small = ", smaller ones together" if pool.below_minimum_panel == "combined" else ""
        asks.append(f"panel of at least {pool.minimum_panel}{small}")
    if pool.classes:
        asks.append("for " + ", ".join(class_name(name).lower() for name in pool.classes))
    rates = sorted({round(float(rate) / 100, 6) for rate in shared.rates.values()})
    return {
        "name": pool.name,
        "why": pool.why,
        "formula": FORMULAS[pool.formula],
        "asks": "; ".join(asks),
        "sharing": formats.number(sum(1 for one in shared.standings if one.unit)),
        "rate": " to ".join(rate_text(rate) for rate in {*rates[:1], *rates[-1:]}) or formats.NONE,
        "amount": cents(shared.amount),
        "left": cents(shared.left) if shared.left else formats.NONE,
    }


def render_comparison(comparison: PlanComparison) -> str:
    """Two plans side by side."""
    first, second = comparison.first, comparison.second
    return (
        environment()
        .get_template("distribution/comparison.html.j2")
        .render(
            facts=first.facts,
            first=first,
            second=second,
            title=f"{first.plan.name} and {second.plan.name}",
            answer=comparison_answer(comparison),
            payment=cents(first.facts.payment),
            chart=_changes_figure(comparison),
            rows=[_change_row(change) for change in comparison.changes],
            uses=list(_uses_side_by_side(comparison)),
            cents=cents,
            signed=signed,
            style=style(),
        )
    )


def comparison_answer(comparison: PlanComparison) -> str:
    """One sentence: how many are better and worse off under the first plan, and how much changes hands."""
    one, other = comparison.first.plan.name, comparison.second.plan.name
    better, worse = len(comparison.better), len(comparison.worse)
    if not better and not worse:
        return f"“{one}” and “{other}” give every participant the same."
    if not worse or not better:
        many, way = (better, "better") if better else (worse, "worse")
        told = f"Under “{one}” {formats.plural(many, 'participant is', 'participants are')} {way} off, and nobody "
        told += f"{'worse' if better else 'better'}, than under “{other}”"
    else:
        many_words = formats.plural(better, "participant is", "participants are")
        told = f"Under “{one}” {many_words} better off than under “{other}”, and {worse} worse"
        told += f"; {cents(comparison.moved)} changes hands among them"
    more = comparison.first.distributed - comparison.second.distributed
    kept = f". Participants share {cents(abs(more))} {'more' if more > 0 else 'less'}" if abs(more) >= A_DOLLAR else ""
    return f"{told}{kept}."


def signed(amount: int) -> str:
    """Cents with a sign, also above zero."""
    return ("+" if amount > 0 else "") + cents(amount)


def _change_row(change: Change) -> dict[str, str]:
    return {
        "name": change.name or f"TIN ending {ending(change.participant)}",
        "classification": class_name(change.classification),
        "first": cents(change.first),
        "second": cents(change.second),
        "difference": signed(change.difference),
        "share": _relative(change),
        "way": "up" if change.difference > 0 else "down" if change.difference < 0 else "",
    }


def _relative(change: Change) -> str:
    if not change.second:
        return formats.NONE
    return ("+" if change.difference > 0 else "") + share(change.difference, abs(change.second))


def _changes_figure(comparison: PlanComparison) -> Figure | None:
    moved = [change for change in comparison.changes if change.difference]
    if not moved:
        return None
    rows = [
        Bar(
            change.name or f"TIN ending {ending(change.participant)}",
            signed(change.difference),
            change.difference,
            color=charts.EARNED if change.difference > 0 else charts.OWED,
        )
        for change in moved
    ]
    drawn = rows if len(rows) <= SHOWN else [*rows[: SHOWN // 2], *rows[-(SHOWN // 2) :]]
    largest = max(moved, key=lambda change: abs(change.difference))
    name = largest.name or f"TIN ending {ending(largest.participant)}"
    way = "gains" if largest.difference > 0 else "loses"
    return figure(
        "changes",
        f"{name} {way} most: {cents(abs(largest.difference))}",
        "The difference between both plans for each participant as a bar from zero: right of it better off under the "
        "first plan, left of it worse.",
        lambda width: charts.bars(drawn, width),
        ("Participant", "Difference, US dollars"),
        [(row.label, row.value) for row in rows],
    )


def _uses_side_by_side(comparison: PlanComparison) -> Iterator[tuple[str, str, str, str]]:
    one, other = where_it_goes(comparison.first), where_it_goes(comparison.second)
    for name in {**one, **other}:
        first, second = one.get(name, 0), other.get(name, 0)
        if first or second:
            yield name, cents(first), cents(second), signed(first - second)
    payment = comparison.first.facts.payment
    yield "Payment", cents(payment), cents(payment), signed(0)


def render_public_fragment(report: PublicReport) -> str:
    """The public report as one `<section>` to put into the ACO's own page."""
    return environment().get_template("distribution/public_fragment.html.j2").render(report=report)


def render_public(report: PublicReport, result: Distribution) -> str:
    """The public report as a page of its own."""
    return (
        environment()
        .get_template("distribution/public.html.j2")
        .render(
            report=report,
            answer=public_answer(report, result),
            fragment=render_public_fragment(report),
            style=style(),
        )
    )


def public_answer(report: PublicReport, result: Distribution) -> str:
    """The first sentence of the public page."""
    facts = result.facts
    who, year = facts.aco_name, facts.performance_year
    if facts.payment == 0 and kept_by_cms(facts):
        return f"For {year}, {nothing_because(facts)}."
    if facts.payment == 0:
        return f"For {year}, {who} neither received shared savings nor owed losses."
    if facts.payment < 0:
        return f"For {year}, {who} owes Medicare {formats.dollars(-facts.payment / 100)} in shared losses."
    parts = proportions(result)
    shared = formats.percent(parts["participants"] / sum(parts.values()), 0)
    amount = formats.dollars(facts.payment / 100)
    return (
        f"For {year}, {who} received {amount} in shared savings and distributed {shared} of it among its participants."
    )
