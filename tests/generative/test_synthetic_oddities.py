"""Every odd case lives in a synthetic ACO of 2,000 people, often enough to be seen, and does what it was made for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from openaco.synthetic.carrier import DENIAL_CODES, LINE_INDICATORS
from openaco.synthetic.chunk import Chunk, draw_chunk
from openaco.synthetic.codes import INDEX
from openaco.synthetic.days import NEVER, day
from openaco.synthetic.geography import ABROAD, PUERTO_RICO
from openaco.synthetic.months import DUAL, STATUS
from openaco.synthetic.personas import CYCLE, NUMBER, PERSONAS
from openaco.synthetic.roster import Designation, designations
from openaco.synthetic.shipments import left_the_aco
from openaco.synthetic.timeline import run_out_cut_off, timeline_for
from openaco.synthetic.truth.chunk_truth import ChunkTruth, find_truth
from openaco.synthetic.versions import CANCELLATION, PATTERNS

PEOPLE = 2_000
A_CYCLE_EACH = PEOPLE // CYCLE


@dataclass(frozen=True)
class Sample:
    chunk: Chunk
    designated: list[Designation]
    truth: ChunkTruth

    def of(self, persona: str) -> list[int]:
        """The people who live a persona."""
        return np.flatnonzero(self.chunk.people.persona == NUMBER[persona]).tolist()

    def stages(self, persona: str, method: str = "retrospective") -> Counter[str]:
        """Where the assignments of these people end, over all years."""
        found: Counter[str] = Counter()
        for (_, of_method), stages in self.truth.stages.items():
            if of_method == method:
                found.update(stages[person] for person in self.of(persona))
        return found


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    folder: Path = tmp_path_factory.mktemp("truth")
    chunk = draw_chunk(5, timeline_for((2022, 2023, 2024, 2025)), PEOPLE, 0)
    designated = designations(chunk)
    truth = find_truth(chunk, designated, 5, "retrospective", folder / "claims", folder / "months")
    return Sample(chunk, designated, truth)


def lives(flags: np.ndarray) -> int:
    """How many people have the flag in any month."""
    return int(flags.any(axis=1).sum())


def among(codes: np.ndarray, *wanted: bytes) -> int:
    """How many of the codes are wanted ones."""
    return int(np.isin(codes, wanted).sum())


def supplied(sample: Sample, year: int, *wanted: str) -> int:
    """Equipment lines of a year with these codes."""
    claims = sample.chunk.equipment
    years = claims.day[claims.line_claim].astype("datetime64[D]").astype("datetime64[Y]").astype(int) + 1970
    return int((np.isin(claims.line_code, [INDEX[code] for code in wanted]) & (years == year)).sum())


def patterns(chunk: Chunk, family: str) -> Counter[str]:
    """Claims by what happens to them, told by their kinds, states and denials."""
    versions = chunk.families[family].versions
    signature: dict[int, list[tuple[int, int, bool]]] = {}
    for claim, kind, state, denied in zip(
        versions.claim.tolist(), versions.kind.tolist(), versions.state.tolist(), versions.denied.tolist(), strict=True
    ):
        signature.setdefault(claim, []).append((int(kind == CANCELLATION), state, denied))
    names = {
        tuple((int(step.kind == CANCELLATION), step.state, step.denied) for step in one.steps): one.name
        for one in PATTERNS
        if one.name not in ("changed_end", "cancelled_before_replaced")
    }
    return Counter(names.get(tuple(steps), "other") for steps in signature.values())


def late(sample: Sample, family: str) -> int:
    """Versions loaded after the run-out of the year in which they end."""
    one = sample.chunk.families[family]
    years = one.ends.astype("datetime64[D]").astype("datetime64[Y]").astype(int) + 1970
    cut_offs = np.array([run_out_cut_off(year) for year in range(2019, 2027)])[years - 2019]
    return int((one.delivered & (one.versions.load > cut_offs)).sum())


COUNTS: dict[str, tuple[int, Callable[[Sample], int]]] = {
    "ESRD months": (20, lambda s: lives(np.isin(s.chunk.months.status, [2, 4, 5]))),
    "ESRD that ends": (
        4,
        lambda s: sum(len(set(s.chunk.months.status[p].tolist()) & {1, 3}) > 0 for p in s.of("esrd_until_transplant")),
    ),
    "ESRD only, status 31": (3, lambda s: lives(s.chunk.months.status == STATUS.index("31"))),
    "disabled, status 20": (150, lambda s: lives(s.chunk.months.status == STATUS.index("20"))),
    **{
        f"dual status {code}": (3, lambda s, at=at: lives(s.chunk.months.dual == at))  # type: ignore[misc]
        for at, code in enumerate(DUAL)
        if code != "09"
    },
    "Medicare Advantage spells": (60, lambda s: lives(s.chunk.months.plan)),
    "Part A only months": (8, lambda s: lives(s.chunk.months.part_a & ~s.chunk.months.part_b)),
    "Part B only months": (5, lambda s: lives(~s.chunk.months.part_a & s.chunk.months.part_b)),
    "months abroad": (12, lambda s: lives(np.isin(s.chunk.months.county, ABROAD))),
    "moves to Puerto Rico": (4, lambda s: lives(s.chunk.months.county == PUERTO_RICO)),
    "moves between counties": (60, lambda s: lives(np.diff(s.chunk.months.county.astype(int), axis=1) != 0)),
    "deaths": (100, lambda s: int((s.chunk.people.death < NEVER).sum())),
    "identifier changed once": (15, lambda s: int((s.chunk.people.changed[:, 0] < NEVER).sum())),
    "identifier changed twice": (8, lambda s: int((s.chunk.people.changed[:, 1] < NEVER).sum())),
    "opted out": (8, lambda s: int((s.chunk.people.opted_out == 0).sum())),
    "opted out later": (8, lambda s: int(((s.chunk.people.opted_out > 0) & (s.chunk.people.opted_out < NEVER)).sum())),
    "left the ACO": (90, lambda s: int(left_the_aco(s.chunk.people).sum())),
    "designations": (50, lambda s: len(s.designated)),
    "designations of a clinician alone": (3, lambda s: sum(not one.tin for one in s.designated)),
    "designations on the last day": (
        1,
        lambda s: sum(one.on in {day(y, 9, 30) for y in range(2021, 2025)} for one in s.designated),
    ),
    "designations ended": (6, lambda s: sum(one.ended is not None for one in s.designated)),
    "hospice stays": (20, lambda s: len(s.chunk.hospice[0])),
    **{
        f"claims of type {code}": (least, lambda s, code=code: int((s.chunk.institutional.type == code).sum()))  # type: ignore[misc]
        for code, least in ((10, 400), (20, 300), (30, 10), (40, 5000), (50, 60), (60, 1000), (61, 10))
    },
    **{
        f"bills {kind.decode()}x": (least, lambda s, kind=kind: int((s.chunk.institutional.bill == kind).sum()))  # type: ignore[misc]
        for kind, least in ((b"771", 150), (b"711", 100), (b"851", 60), (b"721", 300), (b"431", 15))
    },
    "electing hospitals' claims": (
        60,
        lambda s: int(((s.chunk.institutional.entity >= 0) & (s.chunk.institutional.bill == b"131")).sum()),
    ),
    "clinic claims without lines": (
        1,
        lambda s: int(((s.chunk.details.line_count == 0) & (s.chunk.institutional.entity >= 0)).sum()),
    ),
    "teaching hospitals' claims": (100, lambda s: int((s.chunk.details.operating_ime > 0).sum())),
    "Maryland's inpatient claims": (
        100,
        lambda s: int(
            (
                (s.chunk.institutional.type == 60)
                & (s.chunk.certified.state[s.chunk.institutional.provider] == b"24")
                & (s.chunk.details.uncompensated > 0)
            ).sum()
        ),
    ),
    "several benefit rows": (500, lambda s: int((s.chunk.details.benefit_count > 1).sum())),
    "population-based reductions, Part A": (20, lambda s: int((s.chunk.details.reduced > 0).sum())),
    "population-based reductions, Part B": (50, lambda s: int((s.chunk.carrier.reduced > 0).sum())),
    "sequestration withheld": (10_000, lambda s: int((s.chunk.carrier.withheld > 0).sum())),
    "sequestration suspended": (
        5_000,
        lambda s: int(((s.chunk.carrier.withheld == 0) & (s.chunk.carrier.paid > 0)).sum()),
    ),
    "denied carrier claims": (
        400,
        lambda s: int(np.isin(DENIAL_CODES[s.chunk.carrier.denial], [b"0", b"D", b"K", b"Y"]).sum()),
    ),
    "paid with code A": (50, lambda s: int((DENIAL_CODES[s.chunk.carrier.denial] == b"A").sum())),
    "denied lines of paid claims": (
        400,
        lambda s: int(np.isin(LINE_INDICATORS[s.chunk.carrier.indicator], [b"C", b"N", b"O", b"I"]).sum()),
    ),
    "lines without an indicator": (50, lambda s: int((LINE_INDICATORS[s.chunk.carrier.indicator] == b"").sum())),
    "denied institutional claims": (100, lambda s: int((s.chunk.details.nonpayment > 0).sum())),
    "lines that began in another month": (
        100,
        lambda s: int((s.chunk.carrier.line_start // 31 < s.chunk.carrier.line_day // 31).sum()),
    ),
    "catheters of 2023": (3, lambda s: supplied(s, 2023, "A4352", "A4353")),
    "catheters of 2024": (3, lambda s: supplied(s, 2024, "A4353", "A5057")),
    "encounters of a plan that end after it": (
        3,
        lambda s: int(
            (
                (s.chunk.institutional.type == 61)
                & ~s.chunk.months.plan[s.chunk.months.at(s.chunk.institutional.person, s.chunk.institutional.end)]
            ).sum()
        ),
    ),
    "Part D deletions": (50, lambda s: int((s.chunk.families["drugs"].versions.kind == CANCELLATION).sum())),
    "loaded after the run-out, Part A": (50, lambda s: late(s, "institutional")),
    "loaded after the run-out, Part B": (200, lambda s: late(s, "carrier")),
    "delivered again": (500, lambda s: int(s.chunk.families["carrier"].shipments.again.sum())),
    "never delivered": (200, lambda s: int((~s.chunk.families["carrier"].delivered).sum())),
}


@pytest.mark.parametrize("oddity", COUNTS)
def test_oddity_occurs(sample: Sample, oddity: str) -> None:
    least, count = COUNTS[oddity]
    assert count(sample) >= least


@pytest.mark.parametrize("persona", PERSONAS[1:])
def test_every_persona_lives_often_enough(sample: Sample, persona: str) -> None:
    assert len(sample.of(persona)) == A_CYCLE_EACH


@pytest.mark.parametrize(
    ("family", "pattern", "least"),
    [
        ("institutional", "replaced", 100),
        ("institutional", "replaced_before_cancelled", 20),
        ("institutional", "cancelled", 30),
        ("institutional", "replaced_twice", 30),
        ("institutional", "two_originals", 15),
        ("institutional", "cancellation_alone", 5),
        ("institutional", "denied_then_paid", 20),
        ("institutional", "paid_then_denied", 20),
        ("carrier", "replaced", 300),
        ("carrier", "replaced_twice", 100),
        ("carrier", "cancelled", 150),
        ("carrier", "cancellation_alone", 15),
        ("carrier", "denied_then_paid", 50),
        ("equipment", "replaced", 5),
    ],
)
def test_claims_live_every_life(sample: Sample, family: str, pattern: str, least: int) -> None:
    assert patterns(sample.chunk, family)[pattern] >= least


def test_a_changed_end_moves_some_claims_into_another_month(sample: Sample) -> None:
    family = sample.chunk.families["institutional"]
    moved = family.versions.shift > 0
    assert moved.sum() > 60
    before = (family.ends - family.versions.shift).astype("datetime64[D]").astype("datetime64[M]")
    assert (before[moved] != family.ends[moved].astype("datetime64[D]").astype("datetime64[M]")).sum() >= 5


def test_no_two_institutional_claims_share_a_natural_key(sample: Sample) -> None:
    claims = sample.chunk.institutional
    keys = set(zip(claims.person.tolist(), claims.provider.tolist(), claims.start.tolist(), strict=True))
    assert len(keys) == len(claims.person)


@pytest.mark.parametrize(
    ("persona", "possible"),
    [
        ("specialists_only", {"step_2"}),
        ("specialists_only_tie", {"step_2", "step_2_elsewhere"}),
        ("nurse_practitioner_after_physician", {"step_1", "step_3"}),
        ("nurse_practitioner_alone", {"no_aco_physician"}),
        ("practice_in_two_acos", {"no_aco_service", "no_primary_care_service", "no_aco_physician"}),
        ("nursing_home_resident", {"step_1_elsewhere"}),
        ("unlisted_specialists_only", {"no_aco_physician"}),
        ("opted_out", {"no_primary_care_service"}),
        ("never_seen_here", {"no_aco_service", "no_primary_care_service"}),
        ("no_charge_visits", {"no_allowed_charges"}),
        ("stay_over_new_year", {"no_aco_service"}),
        ("voluntary_here_too_late", {"step_1"}),
        ("voluntary_no_aco", {"designated_elsewhere"}),
        ("three_way_split", {"step_1"}),
    ],
)
def test_personas_end_where_they_were_made_to(sample: Sample, persona: str, possible: set[str]) -> None:
    """Most of them do; chance denies a claim here, or puts somebody into a practice that left the ACO."""
    stages = sample.stages(persona)
    aside = {
        "asked",
        "died_before_year",
        "no_month_with_part_a_and_b",
        "month_with_part_a_or_b_only",
        "group_health_plan",
    }
    counted = {stage: count for stage, count in stages.items() if stage not in aside}
    assert sum(counted.get(stage, 0) for stage in possible) >= 0.5 * sum(counted.values())
    assert sum(counted.values()) >= 10


def test_ties_go_both_ways(sample: Sample) -> None:
    for persona in ("tie_broken_by_latest_specialist_visit", "tie_on_the_same_days"):
        stages = sample.stages(persona)
        assert stages["step_1"] >= 4, persona
        assert stages["step_1_elsewhere"] >= 4, persona
    assert sample.stages("tie_broken_by_latest_primary_visit_here")["step_1"] >= 20
    assert sample.stages("tie_broken_by_latest_primary_visit_elsewhere")["step_1_elsewhere"] >= 20


@pytest.mark.parametrize("method", ["retrospective", "prospective"])
def test_reasons_of_every_kind_occur(sample: Sample, method: str) -> None:
    found = set()
    for (_, of_method), stages in sample.truth.stages.items():
        if of_method == method:
            found |= set(stages)
    wanted = {
        *("voluntary", "step_1", "step_2", "step_3", "died_before_year", "no_month_with_part_a_and_b"),
        *("month_with_part_a_or_b_only", "group_health_plan", "outside_united_states", "designated_elsewhere"),
        *("no_primary_care_service", "no_aco_service", "no_aco_physician", "no_allowed_charges"),
        *("step_1_elsewhere", "step_2_elsewhere"),
    }
    if method == "prospective":
        wanted |= {"year_group_health_plan", "year_outside_united_states"}
    assert wanted <= found


def test_a_claim_loaded_after_the_run_out_assigns_nobody(sample: Sample) -> None:
    stages = sample.stages("visits_loaded_after_run_out")
    assert stages["step_1"] <= 2
    assert stages["no_aco_service"] >= 20


def test_money_taken_back_makes_a_year_negative(sample: Sample) -> None:
    negative = [one for one in sample.truth.spent if one.cents < -10_000_000]
    assert {one.person for one in negative} <= set(sample.of("money_taken_back"))
    assert len(negative) >= 4
