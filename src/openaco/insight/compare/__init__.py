"""One population under several contracts: what each would pay, how sure that is, and which rule decides it."""

from openaco.insight.compare.comparison import Comparison, ContractResult, Outlook, RuleWorth, compare
from openaco.insight.compare.thresholds import Thresholds, thresholds

__all__ = ["Comparison", "ContractResult", "Outlook", "RuleWorth", "Thresholds", "compare", "thresholds"]
