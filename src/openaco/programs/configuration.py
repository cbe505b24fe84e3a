"""`aco.toml`: one ACO, its agreement, and the figures that CMS alone knows. Unknown keys are errors."""

from __future__ import annotations

import datetime
import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from openaco.errors import ConfigurationError
from openaco.programs.advances.stated import Advances
from openaco.programs.contradictions import contradictions

Track = Literal[
    "BASIC_A", "BASIC_B", "BASIC_C", "BASIC_D", "BASIC_E", "ENHANCED", "TRACK_1", "TRACK_1_PLUS", "TRACK_2", "TRACK_3"
]
Method = Literal["retrospective", "prospective"]
ENROLLMENT_TYPES = ("esrd", "disabled", "aged_dual", "aged_non_dual")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class ByType(_Strict):
    """One figure for each of the four Medicare enrollment types."""

    esrd: float
    disabled: float
    aged_dual: float
    aged_non_dual: float

    def as_dict(self) -> dict[str, float]:
        """The four figures by enrollment type."""
        return {kind: getattr(self, kind) for kind in ENROLLMENT_TYPES}


class Aco(_Strict):
    """Who the ACO is. `id` is CMS's, such as A1234."""

    id: str = Field(pattern=r"^[A-Z][A-Z0-9]{3,6}$")
    name: str


class Agreement(_Strict):
    """The participation agreement (42 CFR 425.200, 425.600)."""

    program: Literal["mssp"] = "mssp"
    track: Track
    start: datetime.date
    period: int = Field(ge=1, description="Agreement period number: decides the weights of the benchmark years")
    regional_period: int = Field(ge=1, description="Agreement period subject to the regional adjustment")
    benchmark_years: tuple[int, int, int]
    assignment_method: Method
    minimum_savings_rate: float | Literal["variable"] = "variable"
    revenue_status: Literal["low", "high"]
    end: datetime.date | None = Field(
        default=None, description="Last day, only if the ACO left or was terminated early"
    )
    terminated_by_cms: bool = Field(default=False, description="Whether CMS ended the agreement on `end`")

    @model_validator(mode="after")
    def _years_in_order(self) -> Agreement:
        before = tuple(range(self.start.year - 3, self.start.year))
        if self.benchmark_years != before:
            years = ", ".join(map(str, before))
            raise ValueError(f"benchmark_years are the three years before the agreement, in order: {years}")
        return self


class Quality(_Strict):
    """The quality result of a performance year (42 CFR 425.512). Percentiles are of each measure's benchmark."""

    reported_any: bool = True
    reported_survey: bool = True
    complete: bool = True
    all_ecqm_or_mips_cqm: bool = False
    first_performance_year: bool = False
    score: float | None = Field(default=None, ge=0, le=100)
    outcome_percentiles: tuple[float, ...] = ()
    other_percentiles: tuple[float, ...] = ()
    lacks_benchmark: bool = Field(default=False, description="A required measure has no benchmark, even afterwards")
    rates: str | None = Field(default=None, description="In place of the rest: a rates file beside aco.toml")


class AssignmentGroups(_Strict):
    """The newly and the continuously assigned of a performance year; agreements that started before July 2019.

    Newly assigned: neither assigned to the ACO nor seen by it in the year before. Scores are renormalized means.
    """

    newly_assigned_share: ByType = Field(description="Share of the person-years of each type, from 0 to 1")
    newly_assigned_risk_score: ByType = Field(description="CMS-HCC score of the newly assigned")
    continuously_assigned_risk_score: ByType = Field(description="CMS-HCC score of the continuously assigned")
    continuously_assigned_demographic_score: ByType = Field(description="Their demographic score")

    @model_validator(mode="after")
    def _shares(self) -> AssignmentGroups:
        if not all(0 <= share <= 1 for share in self.newly_assigned_share.as_dict().values()):
            raise ValueError("newly_assigned_share is a share from 0 to 1 of each type")
        return self


class Performance(_Strict):
    """What CMS states for one performance year."""

    quality: Quality
    participant_revenue: float | None = Field(default=None, gt=0, description="Part A and B FFS revenue, US dollars")
    track: Track | None = Field(default=None, description="Level in this year, where it differs from the agreement's")
    extreme_circumstances_month_share: float = Field(default=0, ge=0, le=1)
    extreme_circumstances_beneficiary_share: float = Field(default=0, ge=0, le=1)
    advance_balance: float = Field(
        default=0, ge=0, description="Advances not yet recouped, US dollars; default: what [advances] comes to"
    )
    accountable_care_prospective_trend: ByType | None = Field(default=None, description="ACPT, BY3 to PY, as a ratio")
    prior_savings_adjustment: float | None = Field(
        default=None, description="US dollars per capita (425.658; renewals of 2016: 425.603(b)(2))"
    )
    low_income_dual_share: float | None = Field(default=None, ge=0, le=1)
    revenue_limits_losses: bool = Field(default=True, description="Track 1+: whether participants' revenue limits too")
    assignment_groups: AssignmentGroups | None = None


class National(_Strict):
    """National figures of one calendar year for assignable beneficiaries (OACT)."""

    per_capita: ByType
    truncation_threshold: ByType
    completion_factor: float | None = Field(default=None, gt=0, description="Default: the 3-month run-out parameter")


class Configuration(_Strict):
    """The whole of `aco.toml`."""

    aco: Aco
    agreement: Agreement
    performance: dict[int, Performance]
    national: dict[int, National]
    risk_scores: dict[int, ByType] = Field(
        default_factory=dict,
        description="Renormalized ACO scores; default: person-year means of the assignment reports",
    )
    demographic_risk_scores: dict[int, ByType] = Field(
        default_factory=dict,
        description="Renormalized demographic scores of BY3 and the performance year; agreements before July 2019 and "
        "from 2024",
    )
    regional: dict[int, ByType] = Field(
        default_factory=dict, description="Risk-adjusted regional per capita; default: computed from county figures"
    )
    national_weights: dict[int, ByType] = Field(
        default_factory=dict, description="Weight of the national growth factor; default: computed from county figures"
    )
    national_risk_means: dict[int, ByType] = Field(
        default_factory=dict,
        description="Mean CMS-HCC score of assignable beneficiaries before renormalizing, to renormalize estimates by",
    )
    advances: Advances | None = Field(default=None, description="Advances on shared savings and what repaid them")
    seed: int = 20240101

    @model_validator(mode="after")
    def _makes_sense(self) -> Configuration:
        found = contradictions(self)
        if found:
            raise ValueError("; ".join(found))
        return self

    def performance_for(self, year: int) -> Performance:
        """The figures of a performance year. Raises ConfigurationError if aco.toml has none."""
        if year not in self.performance:
            raise ConfigurationError(
                f"no [performance.{year}]",
                where="aco.toml",
                remedy=f"Add it; stated: {', '.join(map(str, sorted(self.performance))) or 'none'}.",
            )
        return self.performance[year]

    def national_for(self, year: int) -> National:
        """National figures of a year. Raises ConfigurationError if aco.toml has none."""
        if year not in self.national:
            raise ConfigurationError(
                f"no [national.{year}]", where="aco.toml", remedy="Take it from CMS's benchmark or settlement report."
            )
        stated = self.national[year]
        for name in ("per_capita", "truncation_threshold"):
            missing = [kind for kind, amount in getattr(stated, name).as_dict().items() if not amount > 0]
            if missing:
                raise ConfigurationError(
                    f"{name} of {', '.join(missing)} is not filled in",
                    where=f"aco.toml, [national.{year}]",
                    remedy="Take it from CMS's benchmark or settlement report: US dollars above zero.",
                )
        return stated


def read_configuration(path: Path) -> Configuration:
    """Read and check `aco.toml`. Raises ConfigurationError naming every wrong key and every figure that is `nan`."""
    if not path.is_file():
        raise ConfigurationError("no such file", where=str(path), remedy="Make one with `openaco init`.")
    try:
        return check_configuration(path.read_text(encoding="utf-8"), path.name, path.parent)
    except UnicodeDecodeError as error:
        raise ConfigurationError("is not UTF-8 text", where=path.name, remedy="Save it as UTF-8.") from error


def check_configuration(text: str, name: str, folder: Path | None = None) -> Configuration:
    """The text of an `aco.toml`, checked. Raises ConfigurationError as `read_configuration` does.

    folder: where the rates files stand that it may name as the quality of a year.
    """
    try:
        return Configuration.model_validate(_with_scored_quality(tomllib.loads(text), name, folder))
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(
            f"not valid TOML: {error}", where=name, remedy="Correct it there; `openaco init` shows the form."
        ) from error
    except ValidationError as error:
        raise _wrong(error, name) from error


def _with_scored_quality(content: dict[str, Any], name: str, folder: Path | None) -> dict[str, Any]:
    """The content with `quality = {rates = "FILE"}` replaced by what the rates in the file come to."""
    years = content.get("performance")
    for year, stated in years.items() if isinstance(years, dict) else ():
        quality = stated.get("quality") if isinstance(stated, dict) else None
        if not isinstance(quality, dict) or "rates" not in quality:
            continue
        where = f"{name}, performance.{year}.quality"
        if len(quality) > 1 or not isinstance(quality["rates"], str) or not year.isdigit():
            remedy = 'Write quality = {rates = "FILE"} and nothing else, or state the result itself.'
            raise ConfigurationError("rates stands beside other keys, or names no file", where=where, remedy=remedy)
        if folder is None:
            raise ConfigurationError("a rates file is named, and no folder it could stand in", where=where)
        stated.update(_scored(folder / quality["rates"], int(year), quality["rates"]))
    return content


def _scored(path: Path, year: int, file: str) -> dict[str, Any]:
    """Keys of a performance year that a rates file brings."""
    from openaco.programs.quality import read_rates, score_quality  # it imports this module

    result = score_quality(read_rates(path, year), path.name)
    affected = result.assessment.rates.affected_share
    return {
        "quality": result.quality.model_dump() | {"rates": file},
        **({"extreme_circumstances_beneficiary_share": affected} if affected else {}),
    }


def _wrong(error: ValidationError, name: str) -> ConfigurationError:
    places = {".".join(map(str, item["loc"])): item for item in error.errors()}
    still_open = [place for place, item in places.items() if item["type"] == "finite_number"]
    if len(still_open) == len(places):
        first = ", ".join(still_open[:2]) + (" …" if len(still_open) > 2 else "")
        counted = "a figure is" if len(still_open) == 1 else f"{len(still_open)} figures are"
        remedy = "Fill them in from CMS's benchmark or settlement report."
        return ConfigurationError(f"{counted} not filled in: {first}", where=name, remedy=remedy)
    said = [(place, item["msg"].removeprefix("Value error, ")) for place, item in places.items()]
    wrong = "; ".join(f"{place}: {words}" if place else words for place, words in said if place not in still_open)
    return ConfigurationError(wrong, where=name, remedy="`openaco init` writes every key with its meaning.")
