"""The settlement of one Shared Savings Program ACO: from total benchmark and expenditures to the payment.

`settle` serves whoever knows the totals: the replay of CMS's published results, what-if questions, worked examples.
The program `openaco.programs.mssp.worksheet` computes the totals first and then adds the same lines.

Signs are those of CMS's report, Table 3: savings positive, losses and payment due to CMS negative. `settlement.payment`
is the bottom line: above zero CMS pays the ACO, below zero the ACO pays CMS.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache

from openaco.errors import ConfigurationError
from openaco.programs.mssp.before_2019_lines import lines_before_2019
from openaco.programs.mssp.lines import SETTLEMENT_LINES
from openaco.programs.scribe import LineText, Scribe
from openaco.rules import sharing
from openaco.rules.advances import recoupment
from openaco.rules.cited import cited
from openaco.rules.sharing import Election, QualityState, SharingTerms, terms_for
from openaco.worksheet import Worksheet

QUALITY_WORDS = {"QPS": "Yes", "ALT": "Alternative", "FAIL": "No"}
_ONE_SIDED = "Does not apply: one-sided model."


@dataclass(frozen=True)
class SettlementFacts:
    """What a settlement needs beyond the parameters. Dollars unrounded; rates, shares and scores from 0 to 1.

    minimum_savings_rate   the ACO's choice, or "variable" for the table; ignored for one-sided tracks
    quality_state          QPS: standard met; ALT: only the alternative standard; FAIL: neither
    quality_score          as CMS reports it, divided by 100; needed for ALT, for years to 2020, for ENHANCED losses
    participant_revenue    Part A and B revenue of the participants; without it only the benchmark limits losses
    revenue_limits_losses  False where only the benchmark limits losses (some Track 1+ ACOs)
    extreme_…_share        this ACO's shares of months and beneficiaries; a nationwide circumstance counts at least
    guardrail              the three-way update alone made losses: the total is the two-way one, and savings stay unpaid
    performance_months     12, or 6 for the short performance years of 2019; totals are of the whole calendar year
    exit_date              last day in the program, where that is within the performance year
    agreement_year         1 for the first performance year of the agreement (Track 2's loss limit)
    sources                by line id, where a given value came from
    """

    track: str
    performance_year: int
    agreement_start_year: int
    assigned_beneficiaries: int
    benchmark_total: float
    expenditures_total: float
    minimum_savings_rate: Election = "variable"
    quality_state: QualityState = "QPS"
    quality_score: float | None = None
    participant_revenue: float | None = None
    revenue_limits_losses: bool = True
    low_revenue: bool = False
    extreme_circumstances_month_share: float = 0.0
    extreme_circumstances_beneficiary_share: float = 0.0
    advance_balance: float = 0.0
    guardrail: bool = False
    performance_months: int = 12
    exit_date: datetime.date | None = None
    terminated_by_cms: bool = False
    agreement_year: int = 1
    aco_id: str = ""
    name: str = ""
    sources: Mapping[str, str] = field(default_factory=dict)

    @property
    def terms(self) -> SharingTerms:
        """The parameters that govern this settlement."""
        return terms_for(self.track, self.performance_year, self.agreement_start_year)

    @property
    def left_early(self) -> datetime.date | None:
        """The day the ACO left, if that is within the performance year."""
        return self.exit_date if self.exit_date and self.exit_date.year == self.performance_year else None


def settle(facts: SettlementFacts) -> Worksheet:
    """The settlement worksheet from given totals: lines `settlement.…`, ending in `settlement.payment`.

    Grain: one ACO, one performance year. Raises ParameterError for a track or year without rules, ConfigurationError
    where the result depends on a quality score and none is stated.
    """
    sheet = Worksheet("mssp", f"{facts.aco_id} {facts.name}".strip() or "Settlement", facts.performance_year)
    scribe = Scribe(sheet, _texts(facts.track.startswith("TRACK")), facts.sources)
    scribe.given("settlement.assigned_beneficiaries", facts.assigned_beneficiaries)
    scribe.given("settlement.total_expenditures", facts.expenditures_total)
    scribe.given("settlement.total_benchmark", facts.benchmark_total)
    add_settlement_lines(scribe, facts)
    return sheet


@cache
def _texts(before_2019: bool) -> dict[str, LineText]:
    """What the lines say: Tracks 1, 1+, 2 and 3 under their own paragraphs."""
    return lines_before_2019(SETTLEMENT_LINES) if before_2019 else SETTLEMENT_LINES


def add_settlement_lines(scribe: Scribe, facts: SettlementFacts) -> float:
    """Add Table 3 from line [I] on; [A], [G] and [H] stand already. Returns the payment in US dollars."""
    if facts.exit_date is not None and facts.exit_date.year < facts.performance_year:
        raise ConfigurationError(
            f"the ACO left in {facts.exit_date.year}: there is no settlement for {facts.performance_year}",
            where="agreement end",
        )
    _difference(scribe, facts)
    _minimum_rates(scribe, facts)
    _sharing_rates(scribe, facts)
    scribe.computed("settlement.performance_year_fraction", sharing.performance_year_fraction(facts.performance_months))
    _shared_savings(scribe, facts)
    _shared_losses(scribe, facts)
    _time_in_program(scribe, facts)
    _extreme_circumstances(scribe, facts)
    return _payment(scribe, facts)


def _difference(scribe: Scribe, facts: SettlementFacts) -> None:
    difference = scribe.computed(
        "settlement.difference",
        facts.benchmark_total - facts.expenditures_total,
        ["settlement.total_benchmark", "settlement.total_expenditures"],
    )
    scribe.computed("settlement.savings", sharing.savings(difference), ["settlement.difference"])
    scribe.computed("settlement.losses", sharing.losses(difference), ["settlement.difference"])


def _minimum_rates(scribe: Scribe, facts: SettlementFacts) -> None:
    two_sided, benchmark = facts.terms.two_sided, facts.benchmark_total
    rate = _minimum_savings_rate(scribe, facts)
    absent = "" if two_sided else _ONE_SIDED
    loss_rate = (-rate if rate else 0.0) if two_sided else None
    scribe.computed("settlement.minimum_loss_rate", loss_rate, ["settlement.minimum_savings_rate"], note=absent)
    minimum = scribe.computed(
        "settlement.minimum_savings",
        rate * benchmark,
        ["settlement.minimum_savings_rate", "settlement.total_benchmark"],
    )
    scribe.computed(
        "settlement.minimum_losses",
        None if loss_rate is None else loss_rate * benchmark,
        ["settlement.minimum_loss_rate", "settlement.total_benchmark"],
        note=absent,
    )
    difference = scribe.sheet.number("settlement.difference")
    realized = "Savings" if difference > 0 else "Losses"
    scribe.computed(
        "settlement.outcome",
        realized if sharing.meets_minimum(difference, minimum) else "Neither",
        ["settlement.difference", "settlement.minimum_savings"],
    )


def _minimum_savings_rate(scribe: Scribe, facts: SettlementFacts) -> float:
    two_sided, year = facts.terms.two_sided, facts.performance_year
    floor = cited("mssp/settlement/minimum_beneficiaries_for_chosen_rate", year)
    table = cited("mssp/settlement/minimum_savings_rate_table", year)
    chosen = two_sided and facts.minimum_savings_rate != "variable"
    too_small = chosen and facts.assigned_beneficiaries < floor.value
    scribe.given(
        "settlement.minimum_savings_rate_election",
        facts.minimum_savings_rate if two_sided else None,
        note="" if two_sided else "One-sided: always the table.",
    )
    return scribe.computed(
        "settlement.minimum_savings_rate",
        sharing.effective_minimum_savings_rate(
            facts.assigned_beneficiaries, facts.minimum_savings_rate, two_sided, year
        ),
        ["settlement.minimum_savings_rate_election", "settlement.assigned_beneficiaries"],
        [floor] if chosen and not too_small else [table, floor],
        note=f"Below {floor.value:,} assigned beneficiaries: the table replaces the chosen rate." if too_small else "",
    )


def _sharing_rates(scribe: Scribe, facts: SettlementFacts) -> None:
    terms, state, score = facts.terms, facts.quality_state, facts.quality_score
    difference = scribe.sheet.number("settlement.difference")
    maximum = scribe.computed(
        "settlement.maximum_sharing_rate", terms.maximum_sharing_rate.value, basis=[terms.maximum_sharing_rate]
    )
    if "settlement.quality_standard" not in scribe.sheet.lines:
        scribe.given("settlement.quality_score", score)
        scribe.given("settlement.quality_standard", QUALITY_WORDS[state])
    quality = ["settlement.quality_standard", "settlement.quality_score"]
    rate, note = _if_known(
        lambda: sharing.final_sharing_rate(maximum, state, score, terms.sharing_rule.value), difference > 0
    )
    scribe.computed(
        "settlement.final_sharing_rate",
        rate,
        ["settlement.maximum_sharing_rate", *quality],
        [terms.sharing_rule],
        note=note,
    )
    rate, note = _if_known(lambda: sharing.shared_loss_rate(terms.shared_loss_rate.value, state, score), difference < 0)
    scribe.computed(
        "settlement.shared_loss_rate",
        rate,
        quality if terms.two_sided else (),
        [terms.shared_loss_rate],
        note=note if terms.two_sided else _ONE_SIDED,
    )


def _if_known(rate: Callable[[], float | None], matters: bool) -> tuple[float | None, str]:
    """A rate, or None with the reason where it needs a quality score that is not stated but decides nothing."""
    try:
        return rate(), ""
    except ConfigurationError:
        if matters:
            raise
        return None, "Depends on the quality score, which is not stated; decides nothing here."


def _shared_savings(scribe: Scribe, facts: SettlementFacts) -> None:
    sheet, terms = scribe.sheet, facts.terms
    rate, note = _applied_sharing_rate(scribe, facts)
    shared = scribe.computed(
        "settlement.shared_savings",
        sheet.number("settlement.savings") * rate,
        [
            "settlement.savings",
            "settlement.minimum_savings",
            "settlement.final_sharing_rate",
            "settlement.reduced_sharing_rate",
        ],
        note=note,
    )
    cap = scribe.computed(
        "settlement.savings_cap",
        terms.savings_limit.value * facts.benchmark_total,
        ["settlement.total_benchmark"],
        [terms.savings_limit],
    )
    withheld = scribe.computed(
        "settlement.sequestration",
        sharing.sequestration(shared, terms.sequestration_rate.value),
        ["settlement.shared_savings"],
        [terms.sequestration_rate],
    )
    scribe.computed(
        "settlement.earned_performance_payment",
        sharing.earned_payment(shared, withheld, _no_limit_if_none(cap))
        * sheet.number("settlement.performance_year_fraction"),
        [
            "settlement.shared_savings",
            "settlement.sequestration",
            "settlement.savings_cap",
            "settlement.performance_year_fraction",
        ],
        note="The cap binds." if shared - withheld > _no_limit_if_none(cap) else "",
    )


def _no_limit_if_none(cap: float | None) -> float:
    """A cap as it binds: one that does not apply (None, what-if) never does."""
    return math.inf if cap is None else cap


def _applied_sharing_rate(scribe: Scribe, facts: SettlementFacts) -> tuple[float, str]:
    """Add the reduced rate; return the rate that applies to savings, and why where it is not the final one."""
    sheet, terms = scribe.sheet, facts.terms
    difference, final = sheet.number("settlement.difference"), sheet.number("settlement.final_sharing_rate")
    relief = terms.low_revenue_relief
    met = difference > 0 and sharing.meets_minimum(difference, sheet.number("settlement.minimum_savings"))
    relieved = not met and sharing.low_revenue_relief_applies(
        relief.value, facts.low_revenue, facts.assigned_beneficiaries, difference
    )
    reduced = scribe.computed(
        "settlement.reduced_sharing_rate",
        sharing.reduced_sharing_rate(final, relief.value) if relieved else None,
        ["settlement.final_sharing_rate"],
        [relief],
        note="" if relieved else "Does not apply.",
    )
    if facts.guardrail:
        return 0.0, "Guardrail: losses by the three-way update; savings by the two-way update are not shared."
    if facts.left_early and not _keeps_savings(facts, facts.left_early):
        return 0.0, f"The ACO left on {facts.left_early.isoformat()}: no savings are shared."
    if met:
        return final, ""
    if relieved and reduced is not None:
        return reduced, "Below the minimum savings rate: low revenue relief at half the sharing rate."
    return 0.0, "" if difference <= 0 else "Savings below the minimum are not shared."


def _shared_losses(scribe: Scribe, facts: SettlementFacts) -> None:
    sheet, terms = scribe.sheet, facts.terms
    scribe.given("settlement.participant_revenue", facts.participant_revenue)
    if not terms.two_sided:
        for name in ("shared_losses", "losses_cap", "losses_after_cap"):
            scribe.computed(f"settlement.{name}", None, basis=[terms.loss_limit], note=_ONE_SIDED)
        return
    losses = sheet.number("settlement.losses")
    met = sharing.meets_minimum(losses, sheet.number("settlement.minimum_losses"))
    shared = scribe.computed(
        "settlement.shared_losses",
        losses * sheet.number("settlement.shared_loss_rate") if met else 0.0,
        ["settlement.losses", "settlement.minimum_losses", "settlement.shared_loss_rate"],
        note="Losses below the minimum are not shared." if losses < 0 and not met else "",
    )
    limit = _loss_limit(scribe, facts)
    scribe.computed(
        "settlement.losses_after_cap",
        sharing.limited_losses(shared, limit),
        ["settlement.shared_losses", "settlement.losses_cap"],
        note="The cap binds." if -shared > limit else "",
    )


def _loss_limit(scribe: Scribe, facts: SettlementFacts) -> float:
    terms, revenue = facts.terms.loss_limit, facts.participant_revenue if facts.revenue_limits_losses else None
    limit = sharing.loss_limit(terms.value, facts.benchmark_total, revenue, facts.agreement_year)
    note = ""
    if "revenue" in terms.value:
        by_benchmark = sharing.loss_limit(terms.value, facts.benchmark_total, None, facts.agreement_year)
        note = "By revenue." if limit < by_benchmark else "By benchmark."
        if _revenue_unknown(facts):
            note = "By benchmark alone: the participants' revenue is not stated, and may limit losses further."
    capped = scribe.computed(
        "settlement.losses_cap",
        -limit,
        ["settlement.participant_revenue", "settlement.total_benchmark"],
        [terms],
        note=note,
    )
    return math.inf if capped is None else -capped


def _time_in_program(scribe: Scribe, facts: SettlementFacts) -> None:
    if not facts.terms.two_sided:
        for name in ("loss_share_on_exit", "losses_for_time_in_program"):
            scribe.computed(f"settlement.{name}", None, note=_ONE_SIDED)
        return
    left = facts.left_early
    rule = [cited("mssp/settlement/early_exit", facts.performance_year)] if left else []
    share = 1.0
    if left:
        share = sharing.loss_share_on_exit(left, facts.terminated_by_cms, rule[0].value["losses_after"])
    scribe.computed(
        "settlement.loss_share_on_exit", share, (), rule, note=f"The ACO left on {left.isoformat()}." if left else ""
    )
    inputs = ("losses_after_cap", "performance_year_fraction", "loss_share_on_exit")
    capped, length = (scribe.sheet.number(f"settlement.{name}") for name in inputs[:2])
    scribe.computed(
        "settlement.losses_for_time_in_program", capped * length * share, [f"settlement.{name}" for name in inputs]
    )


def _keeps_savings(facts: SettlementFacts, left: datetime.date) -> bool:
    rule = cited("mssp/settlement/early_exit", facts.performance_year)
    return sharing.keeps_savings_on_exit(left, facts.terminated_by_cms, rule.value["savings_from"])


def _extreme_circumstances(scribe: Scribe, facts: SettlementFacts) -> None:
    names = (
        "extreme_circumstances_beneficiary_share",
        "extreme_circumstances_month_share",
        "extreme_circumstances_adjustment",
        "payment_due_to_cms",
    )
    ids = [f"settlement.{name}" for name in names]
    if not facts.terms.two_sided:
        for id in ids:
            scribe.computed(id, None, basis=[facts.terms.shared_loss_rate], note=_ONE_SIDED)
        return
    nationwide = facts.terms.extreme_circumstances
    shares = []
    for id, own, kind in (
        (ids[0], facts.extreme_circumstances_beneficiary_share, "beneficiary_share"),
        (ids[1], facts.extreme_circumstances_month_share, "month_share"),
    ):
        source = scribe.source(id)
        shares.append(scribe.computed(id, max(own, nationwide.value[kind]), [source], [nationwide]))
    owed = scribe.sheet.number("settlement.losses_for_time_in_program")
    forgiven = scribe.computed(
        ids[2],
        sharing.extreme_circumstances_reduction(owed, *shares),
        ["settlement.losses_for_time_in_program", *ids[:2]],
    )
    due = cited("mssp/settlement/losses_due_days", facts.performance_year)
    scribe.computed(
        ids[3],
        owed - forgiven,
        ["settlement.losses_for_time_in_program", ids[2]],
        note=f"Due within {due.value} days of CMS's notice." if owed < forgiven else "",
    )


def _payment(scribe: Scribe, facts: SettlementFacts) -> float:
    sheet, share = scribe.sheet, facts.terms.advance_recoupment_share
    earned = sheet.number("settlement.earned_performance_payment")
    scribe.given("settlement.advance_balance", facts.advance_balance)
    repaid = scribe.computed(
        "settlement.advance_recoupment",
        recoupment(earned, facts.advance_balance, share.value),
        ["settlement.earned_performance_payment", "settlement.advance_balance"],
        [share],
        note="The rest of the balance is carried forward." if facts.advance_balance > earned else "",
    )
    due = sheet.number("settlement.payment_due_to_cms")
    return scribe.computed(
        "settlement.payment",
        earned - repaid + due,
        [
            "settlement.earned_performance_payment",
            "settlement.advance_recoupment",
            "settlement.payment_due_to_cms",
        ],
        note="At most: the participants' revenue, which may limit losses further, is not stated."
        if due < 0 and _revenue_unknown(facts)
        else "",
    )


def _revenue_unknown(facts: SettlementFacts) -> bool:
    """Whether revenue would limit losses and is not stated."""
    limited = facts.revenue_limits_losses and "revenue" in (facts.terms.loss_limit.value or {})
    return limited and facts.participant_revenue is None
