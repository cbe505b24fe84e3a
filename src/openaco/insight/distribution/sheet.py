"""The distribution as a Worksheet: every cent of every participant, with the way back to the settlement's lines."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from openaco.insight.distribution.cents import to_cents, to_dollars
from openaco.insight.distribution.contribution import contribution
from openaco.insight.distribution.distribute import Distribution, LossShares
from openaco.insight.distribution.facts import Panel, Participant, together
from openaco.insight.distribution.formulas import quality_of
from openaco.insight.distribution.lines import AWARDS, TEXTS, USE_FORMULAS, measure_words
from openaco.insight.distribution.plan import slug
from openaco.insight.distribution.pools import PoolResult, Standing
from openaco.programs.scribe import LineText, Scribe
from openaco.worksheet import Confidence, Value, Worksheet

PLAN_FILE = "distribution.toml"
SETTLED = "worksheet.json"
SMALL = "small panels together"
FLOORS_TOO_HIGH = "The floors come to more than the pool: it is shared in proportion to them."


def distribution_worksheet(result: Distribution, settlement: Worksheet) -> Worksheet:
    """The worksheet of a distribution; given lines are as sure as the settlement's lines they come from."""
    return _Writer(result, settlement).write()


class _Writer:
    """Adds the lines in the order of computation. `catalog` grows by one text a line: labels carry names."""

    def __init__(self, result: Distribution, settlement: Worksheet) -> None:
        self.result, self.settlement = result, settlement
        self.facts = result.facts
        sheet = Worksheet(
            "distribution",
            f"{self.facts.aco_name}: distribution for {self.facts.performance_year}",
            self.facts.performance_year,
            about={"plan": result.plan.name, "run": self.facts.run_id},
        )
        self.sources: dict[str, str] = {}
        self.catalog: dict[str, LineText] = {}
        self.scribe = Scribe(sheet, self.catalog)
        self.scribe.sources = self.sources

    def write(self) -> Worksheet:
        self._payment()
        self._uses()
        for one in self.facts.participants:
            self._participant(one)
        self._whole_aco()
        for pool in sorted(self.result.pools, key=lambda pool: pool.pool.formula != "fixed"):
            self._pool(pool)
        if self.result.losses:
            self._losses(self.result.losses)
        self._totals()
        return self.scribe.sheet

    def _computed(
        self,
        name: str,
        id: str,
        value: Value,
        inputs: Iterable[str] = (),
        *,
        of: str = "",
        label: str = "",
        formula: str = "",
        cite: str = "",
        note: str = "",
    ) -> None:
        self._text(name, id, of, label, formula, cite)
        self.scribe.computed(id, value, inputs, note=note)

    def _given(
        self, name: str, id: str, value: Value, source: str, *, of: str = "", settled: str = "", note: str = ""
    ) -> None:
        self._text(name, id, of, "", "", "", self._sureness(settled))
        self.sources[id] = source
        self.scribe.given(id, value, note=note)

    def _text(
        self, name: str, id: str, of: str, label: str, formula: str, cite: str, confidence: Confidence = "quoted"
    ) -> None:
        text = TEXTS[name]
        words = ", ".join(part for part in (label or text.label, of) if part)
        self.catalog[id] = text._replace(
            label=words, formula=formula or text.formula, cite=cite or text.cite, confidence=confidence
        )

    def _sureness(self, settled: str) -> Confidence:
        """As sure as a line of the settlement with everything behind it."""
        known = settled in self.settlement.lines
        return "unverified" if known and self.settlement.rests_on_unverified(settled) else "quoted"

    def _payment(self) -> None:
        facts = self.facts
        lines = {"earned_performance_payment": facts.earned, "advance_recoupment": facts.recouped}
        for name, cents in lines.items():
            id = f"settlement.{name}"
            self._given(id, id, to_dollars(cents), f"{SETTLED}:{id}", settled=id)
        id = "settlement.payment"
        if facts.supposed:
            settled = to_cents(self.settlement.number(id))
            self._given(
                id,
                id,
                to_dollars(facts.payment),
                "option:--payment",
                note=f"Supposed; the settlement says {to_dollars(settled):.2f}.",
            )
        else:
            self._given(id, id, to_dollars(facts.payment), f"{SETTLED}:{id}", settled=id)

    def _uses(self) -> None:
        before = ["settlement.payment"]
        for number, used in enumerate(self.result.uses, start=1):
            base = "payment received" if used.use.of == "payment" else "what remains at this point"
            shape = used.use.kind if used.use.kind in ("advance", "reserve") else used.use.of
            formula = USE_FORMULAS[shape].format(base=base)
            id = f"use.{slug(used.use.name)}"
            note = f"Less than the plan asks: {used.why_less}." if used.why_less else ""
            self._computed(
                "use",
                id,
                to_dollars(used.amount),
                [*before, f"{PLAN_FILE}:use[{number}]"],
                label=used.use.name,
                formula=formula,
                cite=f"the plan, [[use]] {number}",
                note=note,
            )
            before.append(id)
        used_lines = before[1:]
        self._computed(
            "uses.total", "uses.total", to_dollars(sum(used.amount for used in self.result.uses)), used_lines
        )
        self._computed(
            "pools.shareable",
            "pools.shareable",
            to_dollars(self.result.shareable),
            ["settlement.payment", "uses.total"],
        )

    def _participant(self, one: Participant) -> None:
        who = one.name or one.id
        self._panel(one.id, who, one.panel)
        source = one.class_source or "input:class"
        self._given("panel.class", f"panel.class.{one.id}", one.classification, source, of=who)
        quality = quality_of(one, self.result.plan, self.facts)
        if quality is not None:
            self._given(
                "panel.quality",
                f"panel.quality.{one.id}",
                float(quality),
                one.quality_source or "input:quality",
                of=who,
                settled="settlement.quality_score" if one.quality is None else "",
                note="The ACO's own score: none of this participant is known." if one.quality is None else "",
            )
        if one.points is not None:
            source = "participant_scores.csv:points"
            self._given("panel.points", f"panel.points.{one.id}", float(one.points), source, of=who)

    def _panel(self, key: str, who: str, panel: Panel) -> None:
        counted, benchmark = "settlement.assigned_beneficiaries", "settlement.total_benchmark"
        costs, unscored = "settlement.total_expenditures", "By enrollment type alone: no scores by person."
        for name, value, source, settled, note in (
            ("panel.beneficiaries", panel.beneficiaries, "panels.parquet:person_id", counted, ""),
            ("panel.person_years", float(panel.person_years), "expenditure.parquet:months", counted, ""),
            (
                "panel.expected",
                to_dollars(panel.expected),
                f"{SETTLED}:{benchmark}",
                benchmark,
                "" if self.facts.scored_by_person else unscored,
            ),
            ("panel.actual", to_dollars(panel.actual), f"{SETTLED}:{costs}", costs, ""),
        ):
            self._given(name, f"{name}.{key}", value, source, of=who, settled=settled, note=note)

    def _whole_aco(self) -> None:
        keys = [one.id for one in self.facts.participants]
        if self.facts.unattributed.beneficiaries:
            self._panel("no_participant", "people with no charge at any participant", self.facts.unattributed)
            keys.append("no_participant")
        everybody = self.facts.everybody
        years = [f"panel.person_years.{key}" for key in keys]
        costs = [f"panel.{part}.{key}" for key in keys for part in ("expected", "actual")]
        self._computed("aco.person_years", "aco.person_years", float(everybody.person_years), years)
        self._computed("aco.difference", "aco.difference", to_dollars(everybody.difference), costs)

    def _pool(self, shared: PoolResult) -> None:
        pool, key = shared.pool, shared.pool.slug
        number = self.result.plan.pool.index(pool) + 1
        cite, toml = f"the plan, [[pool]] {number}", f"{PLAN_FILE}:pool[{number}]"
        fixed = pool.formula == "fixed"
        first = [f"pool.amount.{other.slug}" for other in self.result.plan.pool if other.formula == "fixed"]
        earlier = [
            id
            for id in (
                f"pool.left.{other.slug}" for other in self.result.plan.pool[: number - 1] if other.formula != "fixed"
            )
            if id in self.scribe.sheet.lines
        ]
        formula = (
            "amount × participants who share, of what remains"
            if fixed
            else "share × (for participants to share − fixed pools)"
        )
        if shared.carried:
            formula += " + what the pool before could not pay"
        inputs = ["pools.shareable", toml] + ([] if fixed else first) + (earlier[-1:] if shared.carried else [])
        self._computed(
            "pool.amount",
            f"pool.amount.{key}",
            to_dollars(shared.amount),
            inputs,
            label=pool.name,
            formula=formula,
            cite=cite,
            note=FLOORS_TOO_HIGH if shared.scaled else "",
        )
        units = {standing.unit: standing for standing in shared.standings if standing.unit}
        label, how = measure_words(pool.formula, pool.count)
        measured = [self._measure(shared, standing, label, how, cite, toml) for standing in units.values()]
        self._computed("measured", f"measured.{key}", float(shared.total_weight), measured, of=pool.name, cite=cite)
        rates = self._rates(shared, label, cite)
        for standing in shared.standings:
            self._award(shared, standing, rates, cite, toml)
        self._computed(
            "pool.left",
            f"pool.left.{key}",
            to_dollars(shared.left),
            [f"pool.amount.{key}", *(f"award.{key}.{one.participant}" for one in shared.standings)],
            of=pool.name,
            cite=cite,
        )

    def _members(self, shared: PoolResult, unit: str) -> list[Participant]:
        ids = [one.participant for one in shared.standings if one.unit == unit]
        return [self.facts.participant(id) for id in ids]

    def _measure(self, shared: PoolResult, standing: Standing, label: str, how: str, cite: str, toml: str) -> str:
        pool, unit = shared.pool, standing.unit
        members = self._members(shared, unit)
        who = (members[0].name or members[0].id) if unit == members[0].id else f"{SMALL}, {members[0].classification}"
        id, of = f"measure.{pool.slug}.{unit}", f"{pool.name}, {who}"
        ids = [one.id for one in members]
        if pool.formula == "contribution":
            inputs = self._contribution(shared, unit, members, of, cite, toml)
        elif pool.formula in ("panel", "quality_weighted_panel"):
            people = "person_years" if pool.count == "person_years" else "beneficiaries"
            inputs = [f"panel.{people}.{id}" for id in ids]
            if pool.formula == "quality_weighted_panel":
                inputs += [id for id in (f"panel.quality.{one}" for one in ids) if id in self.scribe.sheet.lines]
        elif pool.formula == "points":
            inputs = [id for id in (f"panel.points.{one}" for one in ids) if id in self.scribe.sheet.lines]
        else:
            inputs = [toml]
        self._computed("measure", id, float(standing.weight), inputs, label=label, of=of, formula=how, cite=cite)
        return id

    def _contribution(
        self, shared: PoolResult, unit: str, members: list[Participant], of: str, cite: str, toml: str
    ) -> list[str]:
        key, ids = shared.pool.slug, [one.id for one in members]
        found = contribution(
            together(one.panel for one in members),
            self.facts.everybody,
            shared.pool.credibility_person_years or Decimal(0),
        )
        years = [f"panel.person_years.{id}" for id in ids]
        costs = [f"panel.{part}.{id}" for id in ids for part in ("expected", "actual")]
        own, sure = f"own_difference.{key}.{unit}", f"credibility.{key}.{unit}"
        self._computed("own_difference", own, float(found.own) / 100, [*costs, *years], of=of, cite=cite)
        self._computed("credibility", sure, float(found.credibility), [*years, toml], of=of, cite=cite)
        return [own, sure, *years, "aco.difference", "aco.person_years"]

    def _rates(self, shared: PoolResult, label: str, cite: str) -> dict[str, str]:
        """The rate line of each class; one for all where no class is held by limits of its own."""
        key = shared.pool.slug
        limited = {*shared.pool.class_floor_shares, *shared.pool.class_cap_shares}
        found: dict[str, str] = {}
        for name, rate in sorted(shared.rates.items()):
            id = f"rate.{key}.{name}" if name in limited else f"rate.{key}"
            found[name] = id
            if id not in self.scribe.sheet.lines:
                held = shared.class_bound.get(name)
                self._computed(
                    "rate",
                    id,
                    float(rate) / 100,
                    [f"pool.amount.{key}", f"measured.{key}"],
                    of=", ".join([shared.pool.name, *([name] if name in limited else [])]),
                    cite=cite,
                    note=f"All of this class together are held by a {held} of the plan." if held else "",
                )
        return found

    def _award(self, shared: PoolResult, standing: Standing, rates: dict[str, str], cite: str, toml: str) -> None:
        pool, one = shared.pool, self.facts.participant(standing.participant)
        id = f"award.{pool.slug}.{one.id}"
        combined = standing.unit not in ("", one.id)
        formula = AWARDS["combined" if combined else "fixed" if pool.formula == "fixed" else ""]
        inputs = [f"pool.amount.{pool.slug}"]
        if standing.unit:
            inputs = [rates[one.classification], f"measure.{pool.slug}.{standing.unit}"]
            inputs += [f"panel.beneficiaries.{one.id}"] if combined else []
        if standing.bound or pool.formula == "fixed":
            inputs.append(toml)
        notes = {"cap": "Held at the cap.", "floor": "Raised to the floor.", "": ""}
        note = f"Shares nothing: {standing.reason}." if standing.reason else notes[standing.bound]
        self._computed(
            "award",
            id,
            to_dollars(standing.cents),
            inputs,
            of=f"{pool.name}, {one.name or one.id}",
            formula=formula,
            cite=cite,
            note=note,
        )

    def _losses(self, losses: LossShares) -> None:
        toml = f"{PLAN_FILE}:losses"
        self._computed("losses.due", "losses.due", to_dollars(losses.due), ["settlement.payment"])
        if self.result.plan.losses:
            self._computed(
                "losses.from_reserve", "losses.from_reserve", to_dollars(losses.from_reserve), ["losses.due", toml]
            )
            sizes = [f"panel.beneficiaries.{id}" for id in losses.weights]
            self._computed(
                "losses.rate",
                "losses.rate",
                float(losses.rate) / 100,
                ["losses.due", "losses.from_reserve", toml, *sizes],
            )
            shares = []
            for one in self.facts.participants:
                reason = losses.reasons.get(one.id, "")
                id = f"losses.share.{one.id}"
                shares.append(id)
                self._computed(
                    "losses.share",
                    id,
                    to_dollars(losses.shares.get(one.id, 0)),
                    ["losses.rate", f"panel.beneficiaries.{one.id}"],
                    of=one.name or one.id,
                    formula="rate × assigned people (or 1 for each), at most the cap",
                    note=f"Pays nothing: {reason}." if reason else "",
                )
            self._computed("losses.shared", "losses.shared", to_dollars(losses.shared), shares)
        borne = [id for id in ("losses.due", "losses.from_reserve", "losses.shared") if id in self.scribe.sheet.lines]
        note = "" if self.result.plan.losses else "The plan does not share losses: participants pay nothing."
        self._computed("losses.by_aco", "losses.by_aco", to_dollars(losses.by_aco), borne, note=note)

    def _totals(self) -> None:
        lines = self.scribe.sheet.lines
        for one in self.facts.participants:
            inputs = [f"award.{pool.pool.slug}.{one.id}" for pool in self.result.pools if pool.standing(one.id)]
            paying = f"losses.share.{one.id}"
            inputs += [paying] if paying in lines else []
            formula = "sum over the pools − share of losses" if paying in lines else ""
            self._computed(
                "receives",
                f"receives.{one.id}",
                to_dollars(self.result.totals[one.id]),
                inputs,
                of=one.name or one.id,
                formula=formula,
            )
        totals = [f"receives.{one.id}" for one in self.facts.participants]
        self._computed(
            "distribution.participants", "distribution.participants", to_dollars(self.result.distributed), totals
        )
        left = [f"pool.left.{pool.pool.slug}" for pool in self.result.pools]
        self._computed("distribution.held", "distribution.held", to_dollars(self.result.held), left)
        used = sum(item.amount for item in self.result.uses)
        losses = self.result.losses
        borne = losses.from_reserve + losses.by_aco if losses else 0
        parts = ["uses.total", "distribution.participants", "distribution.held"]
        parts += [id for id in ("losses.from_reserve", "losses.by_aco") if id in lines]
        self._computed(
            "distribution.total",
            "distribution.total",
            to_dollars(used + self.result.distributed + self.result.held - borne),
            parts,
        )
