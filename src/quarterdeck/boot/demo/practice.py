"""Drills of the half year: planned, played on the engine, rated, and their gaps made work."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from quarterdeck.app.catalog.catalogue import current
from quarterdeck.app.drills import (
    drill_course,
    drill_gaps,
    drill_plans,
    drill_scenarios,
    drill_scores,
    drills,
)
from quarterdeck.app.incidents import incidents, record, tasks
from quarterdeck.app.learning import reviews
from quarterdeck.core.incidents.structure import DIMENSIONS
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models, tx

from .company import Corvane
from .stage import Stage
from .tables import table
from .telling import Telling

# Of the drill, the day after which its gaps are decided.
TALKED_OVER = 45.0


class Practice(Telling):
    """One drill; `plot` is a row of drills.toml, and minutes count from its start."""

    def __init__(
        self, stage: Stage, corvane: Corvane, plot: dict[str, Any], plan: str, start: datetime
    ) -> None:
        super().__init__(stage, corvane, {"title": plot["scenario"]} | plot, start)
        self.plan, self.drill = plan, ""
        self.about = table("drills")["plan"]

    def tell(self) -> None:
        self.stage.at(self.start - timedelta(days=3), self._make)
        self.on(0, self._start)
        for minute, beat in (
            ("joined", self._join), ("command", self._command), ("finding", self._find),
            ("internal", self._tell_inside),
            ("public", self._tell_public), ("decision", self._decide), ("restored", self._restore),
        ):  # fmt: skip
            if self.plot[minute]:
                self.on(self.plot[minute], lambda b=beat: self._play(b))
        self.on(self.plot["minutes"], self._end)
        self.on(self.plot["minutes"] + TALKED_OVER, self._talk_over)

    def _make(self) -> None:
        script = drill_scenarios.find(self.plot["scenario"])
        with tx.write("engine", "web"):
            made = drills.make(
                self._fay, script, kind=self.plot["kind"], at=self.start, title=script.title,
                facilitator=self.corvane.people[self.about["facilitator"]],
                participants=[self.corvane.people[n] for n in self.about["people"]],
                plan=models.DrillPlan.objects.get(id=self.plan),
            )  # fmt: skip
        self.drill = made.id

    @property
    def _fay(self) -> Any:
        return self.act(self.about["facilitator"])

    def _start(self) -> None:
        try:
            self.id = drill_course.start(self._fay, self.drill).incident_id
        except Refused as refused:
            drill_course.cancel(self._fay, self.drill, refused.message)

    def _play(self, beat: Any) -> None:
        """What cannot be done because a real incident came between is left out."""
        if self.id:
            with suppress(Refused):
                beat()
            self._answer()

    def _answer(self) -> None:
        """The first `answers` injects are taken up by whoever they are for."""
        fired = models.DrillInject.objects.filter(drill_id=self.drill, state="fired").order_by("fired_at")
        for one in fired[: self.plot["answers"]]:
            if one.fired_at + timedelta(minutes=8) > self.stage.now:
                with suppress(Refused):
                    person = self.holder(one.role) or self.commander
                    record.write(self.act(person), self.id, "note", f"{one.title}: I see to it.")

    def _command(self) -> None:
        me = self.act(self.commander)
        record.write(me, self.id, "note", "I command. Roles as given; state every ten minutes.")
        with suppress(Refused):
            tasks.tick(me, self.id, "commander", "triage", 0)
        if lead := self.holder("technical_lead"):
            task = self.task("Look at the replica and say what is safe", lead, 10)
            self.stage.at(
                self.stage.now + timedelta(seconds=35),
                lambda: tasks.acknowledge(self.act(lead), self.id, task),
            )
        incidents.set_impact(me, self.id, {DIMENSIONS[0]: "high"}, "some thousands", "First estimate")

    def _join(self) -> None:
        """Whoever was called for a role that nobody plays answers, and takes it."""
        calls = models.Callout.objects.filter(incident_id=self.id, state="waiting").exclude(role="")
        for role in sorted(set(calls.values_list("role", flat=True))):
            self.fill(role)

    def _open_cards(self) -> None:
        """Those who have learnt it work by their cards."""
        rows = models.RoleAssignmentRow.objects.filter(incident_id=self.id, ended_at=None).order_by(
            "started_at"
        )
        held = [r for r in rows.values_list("role", "person_id") if r[0] != "commander"]
        for role, person in held[: self.plot["answers"] * 2]:
            with suppress(Refused):
                tasks.tick(self.act(person), self.id, role, self.phase, 0)

    def _find(self) -> None:
        lead = self.holder("technical_lead") or self.commander
        record.write(
            self.act(lead), self.id, "finding", "Timeouts began with the switch; the second copy is behind."
        )
        self._open_cards()
        incidents.change_phase(self.act(self.commander), self.id, "investigating", "", "A drill")
        self._open_cards()

    def _tell_inside(self) -> None:
        self.say(
            "staff", "Practice: orders are delayed", promise=30, customer_effect="Orders are confirmed late.",
            action="The payments team is on it.",
        )  # fmt: skip
        incidents.set_facts(
            self.act(self.commander), self.id, workaround="Take orders by phone and enter them later."
        )

    def _tell_public(self) -> None:
        self.say(
            "customers_all", "Practice: orders may be delayed", promise=30,
            customer_effect="Some orders are confirmed late.", action="We bring the ledger back; nothing is lost.",
        )  # fmt: skip

    def _decide(self) -> None:
        record.decide(
            self.act(self.commander), self.id, "Back, or on?", "On with what we have",
            options=("Back to the old one", "On with what we have"), reason="What is lost can be entered again.",
        )  # fmt: skip

    def _restore(self) -> None:
        code = current().resolution_codes[0].key
        incidents.resolve(self.act(self.commander), self.id, code, None, "It works again.", "A drill")

    def _end(self) -> None:
        if self.id:
            drill_course.end(self._fay, self.drill)

    def _talk_over(self) -> None:
        if not self.id:
            return
        for role, item, points, words in self.plot["ratings"]:
            with suppress(Refused):
                drill_scores.rate(self._fay, self.drill, role, item, points, words)
        if models.ReviewRow.objects.filter(incident_id=self.id, state="draft").exists():
            reviews.waive(
                self.act(self.corvane.first), self.id, "A drill: its results are talked over instead."
            )
        key, title, owner, days, done = self.plot["gap"]
        proposed = [g.key for g in drill_scores.results(self._fay, self.drill).gaps]
        if proposed:
            self._decide_gap(
                key if key in proposed else proposed[0], title, self.corvane.people[owner], days, done
            )
        if self.plot["days"] > 20:
            drill_scores.agree(self._fay, self.drill)

    def _decide_gap(self, key: str, title: str, owner: str, days: int, done: int) -> None:
        due_on = (self.stage.now + timedelta(days=days)).date().isoformat()
        gap = drill_gaps.confirm(self._fay, self.drill, key, owner=owner, due_on=due_on, title=title)
        if done > 0:
            self.stage.at(
                self.stage.now + timedelta(days=done),
                lambda: reviews.finish_action_item(self.act(owner), self.id, gap.item_id),
            )


def tell(stage: Stage, corvane: Corvane, now: datetime) -> None:
    """The plan from the beginning, the drills that were held, and the plan at work from now on."""
    told = table("drills")
    about = told["plan"]
    facilitator = about["facilitator"]
    made = drill_plans.create(
        corvane.act(facilitator, stage.now), title=about["title"], team=about["team"], kind="simulation",
        weekday=about["weekday"], at=about["at"], zone=about["zone"], every_weeks=about["every_weeks"],
        facilitator=corvane.people[facilitator], participants=[corvane.people[n] for n in about["people"]],
        scenario="",
    )  # fmt: skip
    drill_plans.move(
        corvane.act(facilitator, stage.now), made.id, "paused", "The first ones are set by hand."
    )
    zone = ZoneInfo(about["zone"])
    for plot in told["drill"]:
        day = (now - timedelta(days=plot["days"])).astimezone(zone).date()
        start = datetime.combine(day, time.fromisoformat(about["at"]), zone)
        Practice(stage, corvane, plot, made.id, start.astimezone(now.tzinfo)).tell()
    again = now - timedelta(hours=40)
    stage.at(again, lambda: drill_plans.move(corvane.act(facilitator, again), made.id, "active"))
