"""How an incident of severity 1 or 2 goes: called, commanded, told to everybody, resolved, reviewed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from quarterdeck.app.incidents import command, incidents, record, tasks
from quarterdeck.app.paging import paging
from quarterdeck.core.kernel.refused import Refused

from .afterwards import Afterwards
from .talk import Talk
from .telling import Telling

ROLES = (
    "technical_lead", "operations_lead", "communications_lead", "scribe", "safety_officer", "deputy",
    "executive_liaison", "legal_officer",
)  # fmt: skip


class Severe(Telling):
    """Every beat of it, laid out in minutes from the first signal."""

    def tell(self) -> None:
        plot, stage = self.plot, self.stage
        triage, investigating, identified, monitoring = plot["minutes"]
        self.software = plot.get("type") not in ("safety", "public_relations")
        self.public = "public" in plot
        declared = self._alarm()
        self.at_declared = declared
        self.at_investigating = declared + triage
        self.at_identified = self.at_investigating + investigating
        self.at_monitoring = self.at_identified + identified
        self.at_resolved = self.at_monitoring + monitoring
        self.on(declared, self._declare)
        self._assemble(declared)
        self._investigate()
        self._repair()
        self._recover()
        talk = Talk(self)
        talk.tell()
        if plot.get("relapse"):
            self._relapse(talk)
        stage.at(self.start + timedelta(minutes=self.at_resolved + 9), self._thank)
        Afterwards(self, self.at_resolved).tell()

    # -- from the first signal to a commander

    def _alarm(self) -> float:
        """The alerts come in and are answered; returns when the incident is declared."""
        count, chance = len(self.keys), self.stage.chance
        if not count:
            return chance.uniform(4, 9)
        for number in range(count):
            self.on(number * chance.uniform(0.8, 2.0), lambda n=number: self.fire(n))
        at_night = not 7 <= self.start.hour < 20
        answered = chance.uniform(3.5, 9.5) if at_night else chance.uniform(1.2, 3.8)
        self.on(answered, self.acknowledge_alert)
        for number in range(1, count):
            self.on(answered + number * 0.3, lambda n=number: self.acknowledge_alert(n))
        self.on(answered + 10, lambda: self.fire(0, chance.randint(3, 40)))
        declared = answered + chance.uniform(2.0, 4.0)
        if self.plot.get("declarer") == "commander":
            self.on(answered + 0.5, self._call_commander)
        return declared

    def _call_commander(self) -> None:
        asking = self.corvane.people[self.team[1]]
        for callout in paging.page_commander(self.act(asking), self.plot["summary"]):
            self.stage.at(
                self.stage.now + self.stage.minutes(0.5, 1.4),
                lambda c=callout: paging.acknowledge_callout(self.act(c.person_id, "link"), c.id),
            )

    def _declare(self) -> None:
        plot = self.plot
        commander = self.corvane.people.get(plot.get("commander", "")) or self.on_call("commander-primary")
        by = commander
        if plot.get("declarer") == "engineer":
            by = self.corvane.people[self.team[self.stage.chance.randrange(len(self.team))]]
        elif plot.get("declarer") == "support":
            by = self.on_call("support")
        self.declare(by, severity=plot.get("declared_as", plot["severity"]), impact="", urgency="")
        incidents.set_links(
            self.act(by), self.id, f"https://meet.corvane.example/{self.id.lower()}",
            f"https://chat.corvane.example/{self.id.lower()}",
        )  # fmt: skip
        note = f"{plot['summary']} Open: {plot['hypotheses'][0]}"
        self.hand_command_to(commander, self.at_declared + 1.5, note)

    def _assemble(self, declared: float) -> None:
        """Those who were called answer, each in their own time; the technical lead after the handover."""
        for number, role in enumerate(ROLES):
            later = self.stage.chance.uniform(1.0, 4.0) + (4.6 if number == 0 else 0)
            self.on(declared + later, lambda r=role: self._fill_if_called(r))
        if self.public and self.software:
            self.on(declared + 6.5, lambda: self.fill("customer_liaison"))
            self.on(declared + 7.0, lambda: self.join("status_page_manager", "Joaquín Herrera"))
        for team in self.plot.get("experts", ()):
            name = self.corvane.teams[team][-1]
            self.on(declared + 8.5, lambda n=name: self.join("sme", n))
        if self.plot["severity"] == 1:
            self.on(declared + 4, self._raise)
            self.on(declared + 12, self._executive_watches)

    def _fill_if_called(self, role: str) -> None:
        needed = ("technical_lead",) if self.software else ("operations_lead",)
        if role in needed or self.was_called(role):
            self.fill(role)

    def _raise(self) -> None:
        if "declared_as" in self.plot:
            incidents.set_severity(self.act(self.commander), self.id, 1, self.plot["effect"])

    def _executive_watches(self) -> None:
        command.take_role(self.act(self.on_call("executive-duty")), self.id, "observer")

    # -- the work

    @property
    def lead(self) -> str:
        return self.holder("technical_lead") or self.holder("operations_lead") or self.commander

    def _investigate(self) -> None:
        plot, first = self.plot, self.at_investigating
        span = self.at_identified - first
        self.on(
            first, lambda: self._phase("investigating", "Roles are filled; the round of symptoms begins.")
        )
        self.on(first + 1.2, self._assess)
        self.on(first + 2.0, lambda: self._tick("commander", "triage", 2))
        lines = [("hypothesis", plot["hypotheses"][0])]
        lines += [("finding", words) for words in plot["findings"]]
        lines += [("impact_pulse", words) for words in plot.get("pulses", ())]
        lines += [("hypothesis", words) for words in plot["hypotheses"][1:]]
        for number, (kind, words) in enumerate(lines, 1):
            minute = first + 2.5 + (span - 5) * number / (len(lines) + 1)
            self.on(minute, lambda k=kind, w=words: self._write(k, w))
        if plot.get("followup"):
            self.on(first + span / 2, lambda: self.write(self.commander, "followup", plot["followup"]))

    def _write(self, kind: str, words: str) -> None:
        by = self.lead if kind != "impact_pulse" else self.holder("customer_liaison") or self.commander
        self.write(by, kind, words)

    def _assess(self) -> None:
        plot = self.plot
        incidents.set_impact(
            self.act(self.commander), self.id, plot["impact"], plot["affected"], "first count of support"
        )
        later = self.stage.now + self.stage.minutes(2, 6)
        self.stage.at(later, lambda: self._fill_if_called("elt_approver"))

    def _tick(self, role: str, phase: str, index: int) -> None:
        holder = self.holder(role)
        if holder:
            tasks.tick(self.act(holder), self.id, role, phase, index)

    def _repair(self) -> None:
        plot, first = self.plot, self.at_identified
        self.on(first - 0.6, self._found)
        self.on(first, lambda: self._phase("identified", plot["cause"]))
        self.on(first + 2.5, self._decide)
        span = self.at_monitoring - first - 4
        for number, (title, minutes, result, *role) in enumerate(plot["tasks"]):
            begins = first + 3.2 + span * number / (len(plot["tasks"]) + 1)
            late = self.stage.chance.random() < 0.25
            lasts = min(minutes * (1.2 if late else 0.7), self.at_monitoring - 0.8 - begins)
            words = (title, minutes, result, lasts, role[0] if role else ("", "sme")[number % 2])
            self.on(begins, lambda w=words: self._work(*w))
        self.on(first + 5, lambda: self.check_all(plot["checks"]))

    def _found(self) -> None:
        plot = self.plot
        incidents.set_facts(
            self.act(self.commander), self.id, what_we_know="\n".join(plot["findings"]), cause=plot["cause"],
            workaround=plot["workaround"], next_step=plot["chosen"],
        )  # fmt: skip

    def _decide(self) -> None:
        plot = self.plot
        record.decide(
            self.act(self.commander), self.id, plot["question"], plot["chosen"], options=tuple(plot["options"]),
            reason=plot["reason"], objections=plot.get("objections", ""),
        )  # fmt: skip

    def _work(self, title: str, minutes: int, result: str, lasts: float, role: str) -> None:
        """A task is given, acknowledged within a minute or two, and done; some take longer than their box."""
        who, now = (self.holder(role) if role else "") or self.lead, self.stage.now
        task = self.task(title, who, minutes, "remediation" if who != self.commander else "task")
        self.stage.at(
            now + self.stage.minutes(0.2, 1.1), lambda: tasks.acknowledge(self.act(who), self.id, task)
        )
        self.stage.at(
            now + timedelta(minutes=max(lasts, 1.8)),
            lambda: tasks.finish(self.act(who), self.id, task, result),
        )

    def _recover(self) -> None:
        plot, first = self.plot, self.at_monitoring
        self.on(first, lambda: self._phase("monitoring", plot["tasks"][0][2]))
        for number in range(len(self.keys)):
            self.on(first + 2 + number, lambda n=number: self.recover(n))
        self.on(first + (self.at_resolved - first) * 0.6, lambda: self.pass_checks("works again"))
        self.on(self.at_resolved, self._resolve)

    def _resolve(self) -> None:
        plot = self.plot
        restored = self.start + timedelta(minutes=self.at_monitoring + 3)
        if plot.get("relapse") and self.stage.now > self.start + timedelta(minutes=self.at_resolved):
            restored = self.stage.now - timedelta(minutes=25)
        incidents.resolve(self.act(self.commander), self.id, plot["code"], restored, plot["resolution"])

    def _relapse(self, talk: Talk) -> None:
        """It was not over: reopened after half an hour, mended for good an hour and a half later."""
        again = self.at_resolved + 26
        act = self._at_commander
        self.on(again, lambda: incidents.reopen(act(), self.id, "Two more pairs of cabins have appeared."))
        self.on(again + 3, lambda: talk.public(60))
        for number, audience in enumerate(("responders", "support", "executives", "staff")):
            self.on(again + 4.5 + 1.7 * number, lambda a=audience: talk.inside(a, again + 100))
        self.on(
            again + 31,
            lambda: self._write("finding", "One cell still reads at the replica: its release failed."),
        )
        self.on(
            again + 62, lambda: self._phase("monitoring", "All cells read at the leader; the count is right.")
        )
        self.on(again + 96, self._resolve)
        self.on(again + 100, talk.finals)

    def _at_commander(self) -> Any:
        return self.act(self.commander)

    def _phase(self, phase: str, reason: str) -> None:
        """Forward; what is still missing is said and overridden, as people do under pressure."""
        incidents.change_phase(self.act(self.commander), self.id, phase, reason, "Time counts more.")

    def _thank(self) -> None:
        try:
            self.write(
                self.holder("scribe") or self.commander,
                "note",
                "End of call. Thanks to everybody; sleep well.",
            )
        except Refused:
            return
