"""How smaller incidents go: severity 3 with one team and perhaps a word to the public, 4 and 5 with one person."""

from __future__ import annotations

from datetime import timedelta

from quarterdeck.app.incidents import incidents, record, tasks
from quarterdeck.app.learning import debriefs, reviews

from .afterwards import DAY, HOUR
from .telling import Telling, lower


class Medium(Telling):
    """Severity 3: commanded, one cause, one fix, one check."""

    def tell(self) -> None:
        triage, investigating, identified, monitoring = self.plot["minutes"]
        declared = self._alarm()
        first = declared + triage
        found = first + investigating
        mended = found + identified
        self.over = mended + monitoring
        self.mended = mended
        self.on(declared, self._declare)
        self.on(declared + self.stage.chance.uniform(1.2, 5.5), self._lead_answers)
        self.on(first, lambda: self._phase("investigating", "The team looks at it."))
        self.on(first + investigating * 0.7, self._find)
        self.on(found, lambda: self._phase("identified", self.plot["cause"]))
        self.on(found + 1.5, self._decide)
        self.on(mended - 0.5, lambda: self.check_all([self.plot["check"]]))
        self.on(mended, lambda: self._phase("monitoring", self.plot["chosen"]))
        for number in range(len(self.keys)):
            self.on(mended + 2 + number, lambda n=number: self.recover(n))
        self.on(self.over - 2, lambda: self.pass_checks(self.plot["task"][2]))
        self.on(self.over, self._resolve)
        if "public" in self.plot:
            self._talk(declared, found)
        self._close_later()

    def _alarm(self) -> float:
        if not self.keys:
            return self.stage.chance.uniform(3, 8)
        self.on(0, lambda: self.fire(0))
        answered = (
            self.stage.chance.uniform(1.1, 4.9)
            if 6 <= self.start.hour < 20
            else self.stage.chance.uniform(3, 11)
        )
        self.on(answered, self.acknowledge_alert)
        self.on(answered + 12, lambda: self.fire(0, self.stage.chance.randint(2, 25)))
        return answered + self.stage.chance.uniform(2, 6)

    def _declare(self) -> None:
        people = self.corvane.people
        if self.plot.get("declarer") == "support":
            by = self.on_call("support")
        elif self.stage.chance.random() < 0.5:
            by = self.on_call("commander-primary")
        else:
            by = people[self.team[0]]
        self.declare(by, severity=3)

    def _lead_answers(self) -> None:
        role = "operations_lead" if self.plot.get("type") == "natural_hazard" else "technical_lead"
        self.fill(role)
        if "public" in self.plot:
            self.fill("communications_lead")

    def _phase(self, phase: str, reason: str) -> None:
        incidents.change_phase(
            self.act(self.commander), self.id, phase, reason, "The team knows its service."
        )

    def _find(self) -> None:
        lead = self.holder("technical_lead") or self.commander
        self.write(lead, "finding", self.plot["finding"])
        incidents.set_facts(
            self.act(self.commander), self.id, what_we_know=self.plot["finding"], cause=self.plot["cause"]
        )

    def _decide(self) -> None:
        plot = self.plot
        record.decide(self.act(self.commander), self.id, "What do we do?", plot["chosen"])
        title, minutes, result = plot["task"]
        lead, now = self.holder("technical_lead") or self.commander, self.stage.now
        task = self.task(title, lead, minutes)
        if lead != self.commander:
            later = now + self.stage.minutes(0.2, 1.1)
            self.stage.at(later, lambda: tasks.acknowledge(self.act(lead), self.id, task))
        done = self.start + timedelta(minutes=self.mended - 1)
        self.stage.at(
            max(done, now + timedelta(minutes=1.6)),
            lambda: tasks.finish(self.act(lead), self.id, task, result),
        )

    def _resolve(self) -> None:
        restored = self.start + timedelta(minutes=self.mended + 2)
        incidents.resolve(
            self.act(self.commander), self.id, self.plot["code"], restored, self.plot["task"][2]
        )
        self.stage.at(self.stage.now + timedelta(minutes=20), self._debrief)

    def _debrief(self) -> None:
        """A short one, among those who were there."""
        said = f"{self.plot['chosen']}: {self.plot['task'][2]}"
        debriefs.hold(self.act(self.commander), self.id, went_well=said)

    def _talk(self, declared: float, found: float) -> None:
        said, where = self.plot["public"], self.plot.get("components", {})
        bad = {self.corvane.components[n]: state for n, state in where.items()}
        well = dict.fromkeys(bad, "operational")
        effect, page = self.plot["effect"], (self.corvane.page,)
        self.on(declared + 9, lambda: self.say(
            "customers_all", said["headline"], promise=45, customer_effect=effect, action="We are looking into it.",
            components=bad, pages=page,
        ))  # fmt: skip
        self.on(found + 3, lambda: self.say(
            "customers_all", said["headline"], promise=60, customer_effect=effect,
            action=f"{said['cause']} {said['action']}", components=bad, pages=page,
        ))  # fmt: skip
        self.on(self.over + 3, lambda: self.say(
            "customers_all", f"Resolved: {lower(said['headline'])}", promise=None,
            customer_effect="Everything works as before.", action="", components=well, pages=page,
        ))  # fmt: skip

    def _close_later(self) -> None:
        closing = self.over + DAY + self.stage.chance.uniform(-6, 6) * HOUR
        if "items" in self.plot:
            self.on(closing - 3 * HOUR, self._review)
        self.on(
            closing,
            lambda: incidents.close(
                self.act(self.commander), self.id, "Nothing is open.", "Nothing is open."
            ),
        )

    def _review(self) -> None:
        """A short one, where something must be done about it."""
        plot, act = self.plot, self.act(self.commander)
        due = (self.stage.now + timedelta(days=5)).date().isoformat()
        reviews.open_review(act, self.id, act.person, due, "It can happen again.")
        reviews.edit(act, self.id, "what_happened", f"{plot['summary']} {plot['finding']}")
        reviews.edit(act, self.id, "how_we_responded", f"{plot['chosen']}. {plot['task'][2]}")
        reviews.edit(act, self.id, "improvements", plot["items"][0][0])
        for title, kind, days, owner, done in plot["items"]:
            person = self.corvane.people[owner]
            due_on = (self.stage.now + timedelta(days=days)).date().isoformat()
            case = reviews.add_action_item(act, self.id, title, person, due_on, kind)
            if done >= 0:
                key = list(case.incident.action_items)[-1]
                self.stage.at(
                    self.stage.now + timedelta(days=done),
                    lambda p=person, k=key: reviews.finish_action_item(self.act(p), self.id, k),
                )
        reviews.submit(act, self.id)
        reviews.publish(act, self.id, "A short one; everybody was there.")


class Small(Telling):
    """Severity 4 and 5: whoever is on call declares, mends and closes; a drill and a false alarm go the same way."""

    def tell(self) -> None:
        minutes = self.plot["minutes"]
        self.on(0, self._declare)
        if self.plot.get("outcome") == "dismissed":
            self.on(minutes, lambda: incidents.dismiss(self.act(self.commander), self.id, self.plot["note"]))
            return
        self.on(min(self.stage.chance.uniform(1.2, 9), minutes / 4), lambda: self.fill("technical_lead"))
        self.on(minutes * 0.3, lambda: self._phase("investigating"))
        self.on(minutes * 0.6, lambda: self.write(self.commander, "note", self.plot["note"]))
        self.on(minutes * 0.8, self._cause)
        self.on(minutes, self._resolve)
        self.on(minutes + self.stage.chance.uniform(1, 20) * HOUR, self._close)

    def _declare(self) -> None:
        plot = self.plot
        number = self.stage.chance.randrange(len(self.team))
        self.declare(self.corvane.people[self.team[number]], summary=plot["note"])

    def _phase(self, phase: str) -> None:
        incidents.change_phase(self.act(self.commander), self.id, phase, "", "One person looks at it.")

    def _cause(self) -> None:
        incidents.set_facts(self.act(self.commander), self.id, cause=self.plot["cause"])

    def _resolve(self) -> None:
        incidents.resolve(self.act(self.commander), self.id, self.plot["code"], None, self.plot["cause"])

    def _close(self) -> None:
        incidents.close(self.act(self.commander), self.id, "", "Small, and nothing is open.")
