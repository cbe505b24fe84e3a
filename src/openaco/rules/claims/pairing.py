"""Pairs each cancellation with the claim version it takes back (feeds rule R8; CCLF Information Packet v38, 5.2.1).

Within what belongs together, the surest sign first: same amount and same control number, same amount and same
content, same amount, and at last any amount if the version took effect before the cancellation. Among equals the
earliest version is paired with the earliest cancellation, so the last one stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from openaco.engine import Table, _, coalesce, ifelse, literal, null, row_number
from openaco.rules.claims.deliveries import oldest_first


@dataclass(frozen=True)
class Stage:
    """One round of pairing: versions are candidates for each other if all columns of `within` agree and none is blank
    among `required`; `only_earlier` wants the version in effect before its cancellation."""

    within: tuple[str, ...]
    required: tuple[str, ...] = ()
    only_earlier: bool = False


def pair_cancellations(versions: Table, stages: Sequence[Stage]) -> Table:
    """Versions with `partner`, the claim_id of the cancellation or of the version it takes back; blank = none.

    versions: needs `claim_id`, `effective_date`, `cancels` (flag) and the columns that the stages name.
    Packet v38, 5.2.1.
    """
    paired = versions.mutate(partner=null("string"))
    for stage in stages:
        paired = _pair(paired, stage)
    return paired


def _pair(versions: Table, stage: Stage) -> Table:
    """One round: the n-th open cancellation of a group with the n-th open version of it, oldest first."""
    open_ = _.partner.isnull()
    for name in stage.required:
        open_ = open_ & _[name].notnull()
    marked = versions.mutate(open_=open_)
    group = [*stage.within, "open_"]
    ranked = marked.mutate(turn=row_number().over(group_by=[*group, "cancels"], order_by=oldest_first()))
    couple = {"group_by": [*group, "turn"]}
    coupled = ranked.mutate(
        cancellation=ifelse(_.cancels, _.claim_id, null("string")).max().over(**couple),
        version=ifelse(_.cancels, null("string"), _.claim_id).max().over(**couple),
        cancelled_on=ifelse(_.cancels, _.effective_date, null("date")).max().over(**couple),
        began_on=ifelse(_.cancels, null("date"), _.effective_date).max().over(**couple),
    )
    accepted = _.open_ & _.cancellation.notnull() & _.version.notnull()
    if stage.only_earlier:
        accepted = accepted & coalesce(_.began_on < _.cancelled_on, literal(False))
    partner = ifelse(accepted, ifelse(_.cancels, _.version, _.cancellation), _.partner)
    return coupled.mutate(partner=partner).select(*versions.columns)
