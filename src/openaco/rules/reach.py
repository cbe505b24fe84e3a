"""Benchmark and settlement of ACO REACH, its predecessor GPDC, and LEAD: one function a rule, numbers in and out.

Amounts are US dollars, unrounded, in double precision; rates, shares and quality scores are fractions from 0 to 1;
savings are positive and losses negative. None stands for a limit that does not exist.

Sources: CMS, ACO REACH Model Request for Applications (February 24, 2022), section VI; ACO REACH PY2024 Financial
Operating Guide; Model Update quick references of PY2024, PY2025 and PY2026; checked on CMS's results of PY2021–2023.
The models are tested under section 1115A of the Social Security Act; 42 CFR part 425 does not govern them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from openaco.rules.cited import Cited
from openaco.rules.corridors import Corridors, part_in_band, share_kept

MONTHS_IN_YEAR = 12


@dataclass(frozen=True)
class CorridorTerms:
    """How savings and losses are shared under risk corridors.

    savings, losses   the bands of each
    corridors         the parameter that they stand in
    sequestration     the parameter with the rates `savings` and `losses`
    """

    savings: Corridors
    losses: Corridors
    corridors: Cited
    sequestration: Cited

    def kept(self, rate: float) -> float:
        """The part of a savings or loss rate that the ACO keeps or owes."""
        return share_kept(self.savings, rate, self.losses)

    def sequestration_rate(self, shared: float) -> float:
        """The rate that applies to shared savings or, where they are below zero, to shared losses."""
        return float(self.sequestration.value["savings" if shared > 0 else "losses"])


def standardized(per_capita: float, trend: float, risk_score: float) -> float:
    """A baseline year's per capita, trended to the third one and brought to a risk score of 1.

    ACO REACH Model PY2024 Financial Operating Guide, section 4.1.1.
    """
    return per_capita * trend / risk_score if risk_score else 0.0


def weighted_baseline(amounts: Mapping[str, float], weights: Mapping[str, float]) -> float | None:
    """The weighted mean of the baseline years that have people; None where none has.

    amounts: by year, of years with people only. Weights of the others fall to these.
    ACO REACH Model PY2024 Financial Operating Guide, section 4.1.1.
    """
    total = math.fsum(weights[year] for year in amounts)
    return math.fsum(weights[year] * amount for year, amount in amounts.items()) / total if total else None


def regional_adjustment(difference: float, ceiling: float | None, floor: float | None) -> float:
    """What the regional blend adds to the historical baseline, between −floor and +ceiling US dollars.

    ACO REACH Model Update of PY2025: regional blend adjustment.
    """
    highest = math.inf if ceiling is None else ceiling
    lowest = -math.inf if floor is None else -floor
    return min(max(difference, lowest), highest)


def capped_score(
    reference: float, score: float, rise: float | None, fall: float | None, demographic_growth: float = 1.0
) -> float:
    """A risk score whose growth from the reference year, beyond demographic growth, stays within the caps.

    ACO REACH Model Update of PY2026: 3 percent either way; High Needs 10 percent; newly voluntary 8 percent.
    """
    expected = reference * demographic_growth
    highest = math.inf if rise is None else expected * (1 + rise)
    lowest = 0.0 if fall is None else expected * (1 - fall)
    return min(max(score, lowest), highest)


def coding_intensity(factor: float, ceiling: float | None) -> float:
    """The coding intensity factor that scores are divided by: never below 1, at most 1 + ceiling.

    ACO REACH Model Update of PY2026: Coding Intensity Factor.
    """
    return max(1.0, factor if ceiling is None else min(factor, 1 + ceiling))


def retrospective_trend_factor(observed: float, prospective: float, dead_band: float, corridors: Corridors) -> float:
    """What the benchmark is multiplied by because the national trend was another than foreseen.

    1 where they differ by less than the dead band; beyond, the ACO bears the share of the difference that the
    corridors say. ACO REACH Model Update of PY2024: retrospective trend adjustment.
    """
    difference = observed / prospective - 1
    return 1.0 if abs(difference) < dead_band else 1 + share_kept(corridors, difference)


def earned_quality(withhold: float, score: float, multiplier: float = 1.0) -> float:
    """The part of the quality withhold that is earned back (ACO REACH Model Request for Applications, table 6.16)."""
    return withhold * score * multiplier


def benchmark_share(discount: float, withhold: float, earned: float, retention: float = 0.0) -> float:
    """What is left of the benchmark: 1 − discount − withhold + earned back − retention withhold.

    Additive, as CMS's results of PY2021–2023 show (ACO REACH Model Request for Applications, table 6.16).
    """
    return 1 - discount - withhold + earned - retention


def equity_amount(shares: Mapping[int, float], amounts: Mapping[int, float]) -> float:
    """Health equity benchmark adjustment, US dollars a beneficiary and month.

    shares: of beneficiary months by decile of the equity score, 10 the highest; deciles not named have none.
    ACO REACH Model Request for Applications, section VI.F.
    """
    return math.fsum(share * amounts[decile] for decile, share in sorted(shares.items()))


def enhanced_share(target: float, base_share: float) -> float:
    """Enhanced primary care capitation as a share of the benchmark: what the base lacks to the target.

    base_share: primary care as a share of the benchmark, before fee reductions.
    ACO REACH Model Request for Applications, section VI.E.
    """
    return max(0.0, target - base_share)


def stop_loss_payout(residuals: Iterable[float], bands: Corridors) -> float:
    """What stop-loss pays, US dollars: of each person's expenditures beyond prediction, the share of each band.

    residuals: observed − predicted expenditures by person; bands: in US dollars, `kept` is the share that is paid.
    ACO REACH Model Request for Applications, section VI.D: residual-based stop-loss from PY2023.
    """
    over = sorted(residual for residual in residuals if residual > 0)
    return math.fsum(band.kept * part_in_band(band, residual) for residual in over for band in bands.bands)


def guarded_trend(prospective: float, two_way: float, above: float, below: float) -> float:
    """The accountable care prospective trend, at most `above` over and `below` under the two-way trend.

    Both are growth as a ratio. LEAD Model Request for Applications, benchmark update.
    """
    return min(max(prospective, two_way - below), two_way + above)


def three_way_trend(two_way: float, prospective: float, prospective_weight: float) -> float:
    """National and regional trend blended with the prospective one (LEAD Model Request for Applications)."""
    return (1 - prospective_weight) * two_way + prospective_weight * prospective


def regional_efficiency(difference: float, share: float, cap: float) -> float:
    """What an ACO gains that spends less than its region: a share of the difference, at least 0, at most the cap.

    US dollars a person-year; for lower-spending Global ACOs (LEAD Model Request for Applications).
    """
    return min(max(0.0, share * difference), cap)
