"""The Shared Savings Program as one contract among others: every level and track, for the figures of one population.

`MsspContract(configuration, year)` is the contract that `aco.toml` states; `track` and `minimum_savings_rate` put the
same ACO under another level or choice. A track of before July 2019 that is put over a later agreement is settled by the
rules of its own time: the figures stay, years are counted from the start of the agreement. Sources: 42 CFR 425.600
(tracks), 425.604–425.606, 425.610 (shared savings and losses).
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from openaco.programs.advances import account_of, advance_balance, open_to
from openaco.programs.configuration import Agreement, Configuration, Method, Performance, Track
from openaco.programs.contract import Alignment, CashFlow
from openaco.programs.mssp.contract_rules import contract_rules
from openaco.programs.mssp.inputs import BENCHMARK_YEARS, MsspInputs, YearInputs
from openaco.programs.mssp.worksheet import worksheet
from openaco.rules.cited import Cited, cited
from openaco.rules.participation import LEVELS_FROM, agreement_years
from openaco.rules.sharing import Election, SharingTerms, terms_for
from openaco.worksheet import Value, Worksheet

LABELS: dict[Track, str] = {
    "BASIC_A": "MSSP BASIC, Level A",
    "BASIC_B": "MSSP BASIC, Level B",
    "BASIC_C": "MSSP BASIC, Level C",
    "BASIC_D": "MSSP BASIC, Level D",
    "BASIC_E": "MSSP BASIC, Level E",
    "ENHANCED": "MSSP ENHANCED",
    "TRACK_1": "MSSP Track 1",
    "TRACK_1_PLUS": "MSSP Track 1+",
    "TRACK_2": "MSSP Track 2",
    "TRACK_3": "MSSP Track 3",
}
METHODS_BEFORE_2019: dict[str, Method] = {
    "TRACK_1": "retrospective",
    "TRACK_1_PLUS": "prospective",
    "TRACK_2": "retrospective",
    "TRACK_3": "prospective",
}
"""How each track of before July 2019 assigned (42 CFR 425.400(a))."""
YEAR_OF_EARLIER_TRACKS = 2018
"""The only performance year of twelve months that all four tracks had with losses owed and sequestration taken."""
YEARS_OF_AN_EARLIER_AGREEMENT = 3


@dataclass(frozen=True)
class MsspContract:
    """One ACO under one level or track in one performance year; fulfills `openaco.programs.contract.Contract`.

    configuration         what `aco.toml` states: agreement, quality, revenue
    performance_year      the year whose figures are settled
    track                 another level or track than the one stated for the year; one of before July 2019 over a later
                          agreement is settled by the rules of 2018
    minimum_savings_rate  another choice than the agreement's; a one-sided level never has one
    sources, basis        where given lines came from and what they rest on, as `MsspInputs` takes them
    """

    configuration: Configuration
    performance_year: int
    track: Track | None = None
    minimum_savings_rate: Election | None = None
    sources: Mapping[str, str] = field(default_factory=dict)
    basis: Mapping[str, tuple[Cited, ...]] = field(default_factory=dict)

    @property
    def level(self) -> Track:
        """The level or track that this contract settles by."""
        return self.track or self._stated.track or self.configuration.agreement.track

    @property
    def id(self) -> str:
        """`mssp-basic-a`, `mssp-enhanced`, `mssp-track-1-plus`."""
        return f"mssp-{self.level.lower().replace('_', '-')}"

    @property
    def label(self) -> str:
        """The level or track as people say it."""
        return LABELS[self.level]

    @property
    def alignment(self) -> Alignment:
        """Whom it counts: 42 CFR 425.402, by the window of the agreement's assignment method."""
        return Alignment("shared_savings", self._agreement.assignment_method)

    @property
    def truncated(self) -> bool:
        """Each person's dollars end at the national 99th percentile (42 CFR 425.601(a)(4), 425.652(a)(4))."""
        return True

    @property
    def rules(self) -> Mapping[str, Mapping[str, Value]]:
        """The rules that can be turned off one at a time: see `contract_rules`."""
        return contract_rules(self.terms, self._agreement, self._result)

    def settle(self, years: Mapping[str, YearInputs], supposed: Mapping[str, Value] | None = None) -> Worksheet:
        """The settlement of four years' figures, `by1`, `by2`, `by3` and `py`: see `worksheet`.

        Raises ConfigurationError where a figure is missing that only CMS knows, ParameterError where the level has no
        rules for the year.
        """
        return worksheet(self.inputs(years), supposed)

    def inputs(self, years: Mapping[str, YearInputs]) -> MsspInputs:
        """What the program settles from."""
        told = {name: self._with_demographic(year) for name, year in years.items()}
        return MsspInputs(
            aco_id=self.configuration.aco.id,
            name=self.configuration.aco.name,
            performance_year=self.rules_year,
            agreement=self._agreement,
            benchmark_years={name: told[name] for name in BENCHMARK_YEARS},
            performance=told["py"],
            national_weight_by3=told["by3"].national_weight or {},
            national_weight_py=told["py"].national_weight or {},
            result=self._result,
            sources=self.sources,
            basis=self.basis,
        )

    def capital_at_risk(self, sheet: Worksheet) -> float:
        """The loss limit of this settlement, for the length of its year, US dollars; 0 for a one-sided level.

        Where the participants' revenue is not stated only the benchmark limits: the line `settlement.losses_cap` says
        so.
        """
        if not self.terms.two_sided:
            return 0.0
        if sheet["settlement.losses_cap"] is None:
            return math.inf
        return -sheet.number("settlement.losses_cap") * sheet.number("settlement.performance_year_fraction")

    def cash_flows(self, sheet: Worksheet) -> list[CashFlow]:
        """Advances by quarter of the year, and what the settlement moves in the quarter in which CMS settles.

        Without the advances they sum to `settlement.payment`.
        """
        quarter = cited("mssp/settlement/settlement_quarter", sheet.performance_year).value
        moved = (
            ("settlement.earned_performance_payment", 1.0, "Shared savings"),
            ("settlement.advance_recoupment", -1.0, "Advances repaid from shared savings"),
            ("settlement.payment_due_to_cms", 1.0, "Shared losses"),
        )
        flows = [CashFlow(quarter, sheet.number(id) * sign, what) for id, sign, what in moved]
        return [*self._advances_paid(), *(flow for flow in flows if flow.amount)]

    def _advances_paid(self) -> list[CashFlow]:
        """The advances of the year; none under a level to which they are not given."""
        account = account_of(self.configuration, self.performance_year) if self._has_advances else None
        if account is None:
            return []
        by_quarter: dict[int, float] = {}
        for entry in account.entries:
            if entry.kind == "payment" and entry.day.year == self.performance_year:
                number = (entry.day.month + 2) // 3
                by_quarter[number] = by_quarter.get(number, 0.0) + float(entry.amount)
        return [CashFlow(number, amount, account.label) for number, amount in sorted(by_quarter.items())]

    @property
    def _has_advances(self) -> bool:
        return self.track is None or open_to(self.configuration, self.track)

    @property
    def terms(self) -> SharingTerms:
        """The sharing parameters of the level, the year and the agreement."""
        return terms_for(self.level, self.rules_year, self._agreement.start.year)

    @property
    def rules_year(self) -> int:
        """The performance year whose rules settle: the year itself, or that of an earlier track's own time."""
        return YEAR_OF_EARLIER_TRACKS if self._out_of_its_time else self.performance_year

    @property
    def _stated(self) -> Performance:
        return self.configuration.performance_for(self.performance_year)

    @property
    def _out_of_its_time(self) -> bool:
        return self.level in METHODS_BEFORE_2019 and self.configuration.agreement.start >= LEVELS_FROM

    @cached_property
    def _agreement(self) -> Agreement:
        changes: dict[str, object] = {"track": self.level}
        if self.minimum_savings_rate is not None:
            changes["minimum_savings_rate"] = self.minimum_savings_rate
        if self._out_of_its_time:
            changes |= self._earlier_agreement()
        return self.configuration.agreement.model_copy(update=changes)

    def _earlier_agreement(self) -> dict[str, object]:
        """An agreement of the track's own time that is as old in 2018 as ours, at most in its third year."""
        stated = self.configuration.agreement
        age = self.performance_year - agreement_years(stated.start)[0] + 1
        start = YEAR_OF_EARLIER_TRACKS + 1 - min(age, YEARS_OF_AN_EARLIER_AGREEMENT)
        return {
            "start": datetime.date(start, 1, 1),
            "benchmark_years": (start - 3, start - 2, start - 1),
            "assignment_method": METHODS_BEFORE_2019[self.level],
            "regional_period": 1,
            "end": None,
        }

    @cached_property
    def _result(self) -> Performance:
        """What the year states; an adjustment by the rules of another time does not count."""
        balance = advance_balance(self.configuration, self.performance_year)
        unpaid = self.configuration.advances is not None and not self._has_advances
        changes: dict[str, object] = {"track": self.level, "advance_balance": 0.0 if unpaid else balance}
        if self._out_of_its_time:
            changes["prior_savings_adjustment"] = None
        return self._stated.model_copy(update=changes)

    def _with_demographic(self, year: YearInputs) -> YearInputs:
        """The figures with the demographic scores that `aco.toml` states, where they have none of their own."""
        stated = self.configuration.demographic_risk_scores.get(year.year)
        if stated is None or year.demographic_risk_score is not None:
            return year
        return replace(year, demographic_risk_score=stated.as_dict())
