"""Commercial and Medicaid shared savings as a contract file describes them: from four years' figures to the payment.

`CommercialContract(file, year)` fulfills `openaco.programs.contract.Contract`. Nothing in it is a rule of CMS: every
line is cited by the key of the contract file that it follows, such as `contract.toml: savings.corridors`. There is no
sequestration. The benchmark is in `benchmark`, what follows it in `settlement`, what each line
says in `lines`.

Settlement arithmetic is in double precision, US dollars unrounded; rates and shares are fractions of the benchmark.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from openaco.errors import ConfigurationError
from openaco.programs.commercial.benchmark import add_benchmark
from openaco.programs.commercial.file import ContractFile, read_contract_file
from openaco.programs.commercial.lines import CONTRACT_LINES
from openaco.programs.commercial.rules import contract_rules
from openaco.programs.commercial.settlement import (
    add_losses,
    add_payment,
    add_savings,
    add_totals,
    most_share,
)
from openaco.programs.commercial.terms import Terms
from openaco.programs.contract import Alignment, CashFlow
from openaco.programs.mssp.inputs import YEARS, YearInputs
from openaco.programs.scribe import LineText, Scribe
from openaco.worksheet import Value, Worksheet


def read_contract(path: Path, year: int) -> CommercialContract:
    """The contract of a file for one performance year. Raises ConfigurationError as `read_contract_file` does."""
    file = read_contract_file(path)
    file.terms_for(year)
    return CommercialContract(file, year)


@dataclass(frozen=True)
class CommercialContract:
    """One contract file in one performance year."""

    file: ContractFile
    performance_year: int

    @property
    def id(self) -> str:
        """The id that the file states."""
        return self.file.about.id

    @property
    def label(self) -> str:
        """The label that the file states."""
        return self.file.about.label

    @property
    def alignment(self) -> Alignment:
        """Whom it counts."""
        return Alignment(self.file.attribution.rule, self.file.attribution.variant)

    @property
    def truncated(self) -> bool:
        """Whether a person's dollars end at the national 99th percentile."""
        return self.terms.stop_loss.truncate == "national_99th_percentile"

    @property
    def terms(self) -> Terms:
        """What holds in the performance year. Raises ConfigurationError where the contract has no such year."""
        return self.file.terms_for(self.performance_year)

    @property
    def rules(self) -> Mapping[str, Mapping[str, Value]]:
        """The rules that can be turned off one at a time: see `rules`."""
        return contract_rules(self.terms, self.file.attribution, self.file.results_for(self.performance_year))

    @cached_property
    def catalog(self) -> dict[str, LineText]:
        """What each line says, cited by the key of the file that holds in the performance year."""
        texts = {
            name: LineText("", line.label, line.unit, line.formula, self._cite(line.key))
            for name, line in CONTRACT_LINES.items()
        }
        rate = texts["benchmark.trend_rate"]
        for year in self.file.terms:
            label, cite = f"{rate.label}, {year}", self.file.cite(year, "benchmark.trend_rate")
            texts[f"benchmark.trend_rate.{year}"] = rate._replace(label=label, cite=cite)
        return texts

    def settle(self, years: Mapping[str, YearInputs], supposed: Mapping[str, Value] | None = None) -> Worksheet:
        """The settlement of the figures of `by1`, `by2`, `by3` and `py`; ends in `settlement.payment`.

        The mappings of the figures may be by any enrollment types, the same in all years (person-years: of `py`).
        Raises ConfigurationError where a year's figures are missing or are another year's, and where the quality score
        decides and none is stated under `[results.YEAR]`.
        """
        _check_years(self, years)
        sheet = Worksheet(
            "commercial", f"{self.file.about.payer}: {self.label}", self.performance_year, about=self._about
        )
        scribe = Scribe(sheet, self.catalog, self._sources, None, supposed)
        add_benchmark(scribe, self.file, self.performance_year, years)
        add_totals(scribe, self.file, self.performance_year, years["py"])
        add_savings(scribe, self.file, self.performance_year)
        add_losses(scribe, self.file, self.performance_year)
        add_payment(scribe, self.file, self.performance_year)
        return sheet

    def capital_at_risk(self, sheet: Worksheet) -> float:
        """The most that could be owed under this settlement's benchmark, US dollars; infinite without a limit."""
        losses, benchmark = self.terms.losses, sheet.number("settlement.total_benchmark")
        if losses is None or benchmark <= 0:
            return 0.0
        most = most_share(losses, math.inf) * benchmark
        if sheet["settlement.losses_cap"] is None:
            return most
        return min(most, -sheet.number("settlement.losses_cap"))

    def cash_flows(self, sheet: Worksheet) -> list[CashFlow]:
        """Fees by quarter, upfront money in the first, the settlement in the quarter after the year.

        They sum to `settlement.payment` + care management fees + upfront money.
        """
        fee = sheet.number("settlement.care_management_fee") / 4
        flows = [CashFlow(quarter, fee, "Care management fee") for quarter in range(1, 5)]
        flows.append(CashFlow(1, self.terms.fees.upfront, "Upfront money"))
        settled = (
            ("settlement.earned_savings", 1.0, "Shared savings"),
            ("settlement.quality_bonus", 1.0, "Quality bonus"),
            ("settlement.guarantee_top_up", 1.0, "Up to the guaranteed payment"),
            ("settlement.upfront_recoupment", -1.0, "Upfront money paid back"),
            ("settlement.losses_after_cap", 1.0, "Shared losses"),
        )
        flows += [CashFlow(5, sheet.number(id) * sign, what) for id, sign, what in settled]
        return [flow for flow in flows if flow.amount]

    @property
    def _about(self) -> dict[str, str]:
        about = self.file.about
        return {
            "contract": about.id,
            "contract_file": self.file.name,
            "payer": about.payer,
            "population": about.population,
            "risk": about.risk,
            "attribution": f"{self.file.attribution.rule} {self.file.attribution.variant}",
        }

    @cached_property
    def _sources(self) -> dict[str, str]:
        """Where given lines come from: terms from their key of the file, figures from the year's inputs."""
        of_terms = {
            name: f"{self.file.name}:{self._key(line.key)}" for name, line in CONTRACT_LINES.items() if not line.formula
        }
        of_years = {
            f"benchmark.trend_rate.{year}": f"{self.file.name}:{self.file.key(year, 'benchmark.trend_rate')}"
            for year in self.file.terms
        }
        return of_terms | of_years | FIGURES

    def _key(self, key: str) -> str:
        if key.startswith("results."):
            return f"results.{self.performance_year}.{key.removeprefix('results.')}"
        return self.file.key(self.performance_year, key)

    def _cite(self, key: str) -> str:
        return f"{self.file.name}: {self._key(key)}"


FIGURES = {
    "benchmark.per_capita": "figures:per_capita",
    "benchmark.risk_score": "figures:risk_score",
    "benchmark.market_per_capita": "figures:per_capita of the nation or region",
    "benchmark.regional_per_capita": "figures:regional_per_capita",
    "settlement.assigned_beneficiaries": "figures:assigned_beneficiaries",
    "settlement.person_years_by_type": "figures:person_years",
    "settlement.per_capita": "figures:per_capita",
}
"""The lines that come from the figures of the years, and from which of them."""


def _check_years(contract: CommercialContract, years: Mapping[str, YearInputs]) -> None:
    missing = [name for name in YEARS if name not in years]
    if missing:
        raise ConfigurationError(f"no figures of {', '.join(missing)}", remedy="Give by1, by2, by3 and py.")
    benchmark = contract.terms.benchmark
    wanted = dict(zip(YEARS, (*(benchmark.baseline_years or ()), contract.performance_year), strict=False))
    if benchmark.baseline_years is None:
        wanted = {"py": contract.performance_year}
    for name, year in wanted.items():
        if years[name].year != year:
            raise ConfigurationError(
                f"the figures of {name} are of {years[name].year}, the contract wants {year}",
                where=contract.file.cite(contract.performance_year, "benchmark.baseline_years"),
                remedy="Settle a year of the contract with figures of its own baseline years.",
            )
    kinds = set(years["py"].person_years)
    for name in wanted:
        lacking = sorted(kinds - set(years[name].per_capita))
        if lacking:
            raise ConfigurationError(f"the figures of {name} have no per_capita of {', '.join(lacking)}")
    if years["py"].total_person_years <= 0:
        raise ConfigurationError("no person-years in py")
