"""The benchmark of agreements that started before July 2019: what differs from `openaco.rules.benchmark`.

First agreement periods (42 CFR 425.602) and renewals of 2016 (425.603(b)) grow with the nation, and are updated by
dollars, not by a ratio; renewals of 2017 to January 2019 (425.603(c)) grow with their region. Risk of the newly
assigned counts by CMS-HCC scores, that of the continuously assigned by demographic scores, or by CMS-HCC scores where
these fell (425.604(a), 425.606(a), 425.610(a)(1)). Per capita amounts are US dollars a person-year.
"""

from __future__ import annotations

from openaco.rules.benchmark import ByType


def flat_dollar_growth(later: float, earlier: float) -> float:
    """Absolute growth of national per capita expenditures from BY3 to the performance year (42 CFR 425.602(b))."""
    return later - earlier


def updated_by_flat_dollars(adjusted: float, ratio: float, dollars: float) -> float:
    """The benchmark at the risk of the performance year plus national growth in dollars (42 CFR 425.602(b)).

    The dollars are added after the risk adjustment: growth itself is not risk adjusted.
    """
    return adjusted * ratio + dollars


def clinical_risk_counts(aggregate: float, threshold: float) -> bool:
    """Whether CMS-HCC scores of the continuously assigned count: only where their aggregate fell below a threshold.

    aggregate: their CMS-HCC ratios over the enrollment types, weighted by benchmark dollars. 42 CFR 425.604(a)(2),
    425.606(a)(2), 425.610(a)(1)(ii).
    """
    return aggregate < threshold


def continuous_ratios(clinical: ByType, demographic: ByType, by_clinical: bool) -> dict[str, float]:
    """Risk ratios of the continuously assigned: of CMS-HCC scores for every type, or of demographic scores.

    42 CFR 425.604(a)(2), 425.606(a)(2), 425.610(a)(1)(ii).
    """
    return dict(clinical if by_clinical else demographic)


def combined_risk_ratio(newly_share: float, newly: float, continuous: float) -> float:
    """The risk ratio of a type: of its newly and its continuously assigned, by their shares of person-years.

    42 CFR 425.604(a)(1)–(2), 425.606(a)(1)–(2), 425.610(a)(1).
    """
    return newly_share * newly + (1 - newly_share) * continuous
