"""What is open now: one incident in the middle of things, and a small one since yesterday."""

from __future__ import annotations

from datetime import datetime, timedelta

from quarterdeck.app import casebook
from quarterdeck.app.alerts import alert_links
from quarterdeck.app.comms import approvals, messages
from quarterdeck.app.incidents import command, incidents, tasks
from quarterdeck.app.paging import paging
from quarterdeck.core.access import ENGINE
from quarterdeck.core.escalation.policy import Target
from quarterdeck.core.incidents import Content, Incident, content_hash
from quarterdeck.store import models

from . import contacts, desk
from .business import Business, reports
from .channels import leave_channel, open_channels
from .company import Corvane
from .executives import executives
from .response import Response
from .stage import Beat, Stage
from .tables import table
from .telling import Telling, whole
from .work import Technical


def tell(stage: Stage, corvane: Corvane, now: datetime) -> None:
    """Lay out the two incidents whose end lies ahead."""
    told = table("live")
    contacts.found(stage, corvane, now)
    Settlement(stage, corvane, told["settlement"], now).tell()
    Router(stage, corvane, told["router"], now).tell()


class Ago(Telling):
    """An open incident: its beats are laid out in minutes before now."""

    def ago(self, minutes: float, beat: Beat) -> None:
        self.on(-minutes, beat)


class Settlement(Ago):
    """Severity 4, declared yesterday by whoever is on call for settlement."""

    def tell(self) -> None:
        plot = self.plot
        self.ago(27 * 60, lambda: self.declare(self.on_call("settlement-primary")))
        self.ago(27 * 60 - 4, lambda: self.fill("technical_lead"))
        self.ago(26 * 60, self._look)
        self.ago(25 * 60, lambda: self.write(self.commander, "finding", plot["finding"]))
        self.ago(24 * 60, self._facts)
        self.ago(3 * 60, self._ask)

    def _look(self) -> None:
        incidents.change_phase(
            self.act(self.commander), self.id, "investigating", "The bank's answer is here."
        )

    def _facts(self) -> None:
        incidents.set_facts(
            self.act(self.commander),
            self.id,
            what_we_know=self.plot["finding"],
            next_step=self.plot["next_step"],
        )

    def _ask(self) -> None:
        who = self.corvane.people["Jonas Becker"]
        task = self.task(self.plot["task"], who, 8 * 60)
        later = self.stage.now + timedelta(minutes=0.8)
        self.stage.at(later, lambda: tasks.acknowledge(self.act(who), self.id, task))


class Router(Ago):
    """Severity 2, declared 35 minutes ago by the person one is: half of its roles are filled, much is under way."""

    def tell(self) -> None:
        for number, minutes in enumerate((44, 43, 38)):
            self.ago(minutes, lambda n=number: self.fire(n))
        self.ago(41, self.acknowledge_alert)
        self.ago(40.5, lambda: self.acknowledge_alert(1))
        self.ago(37.4, lambda: self.acknowledge_alert(2))
        self.ago(38.5, self._call_for_command)
        self.ago(36, lambda: open_channels(self))
        self.ago(35, self._declare)
        self.ago(10.6, lambda: leave_channel(self, "Dmytro Kovalenko"))
        for minutes in (30, 19, 6):
            self.ago(minutes, lambda: self.fire(0, 270))
        self.ago(14, lambda: self.fire(1, 46))
        self.ago(9, lambda: self.recover(2))
        self._gather()
        self._technical = Technical(self)
        self._investigate()
        self._technical.tell()
        self._repair()
        self._talk()
        Business(self).tell()
        reports(self)
        desk.live(self)
        executives(self)
        Response(self).tell()
        contacts.outward(self)

    @property
    def me(self) -> str:
        return self.corvane.first

    @property
    def lead(self) -> str:
        return self.holder("technical_lead")

    @property
    def incident(self) -> Incident:
        return casebook.load(self.id, ENGINE).incident

    def _call_for_command(self) -> None:
        answered = models.Alert.objects.get(dedup_key=self.keys[0]).acknowledged_by
        asking = answered or self.corvane.people["Priya Raghunathan"]
        for callout in paging.page_commander(self.act(asking), self.plot["summary"]):
            wait = 0.9 if callout.person_id == self.me else 2.6
            self.stage.at(
                self.stage.now + timedelta(minutes=wait),
                lambda c=callout: paging.acknowledge_callout(self.act(c.person_id, "link"), c.id),
            )

    def _declare(self) -> None:
        self.declare(self.me, severity=3, summary=self.plot["summary"], impact="high", urgency="medium")
        key = self.id.lower()
        incidents.set_links(
            self.act(self.me),
            self.id,
            f"https://meet.corvane.example/{key}",
            f"https://chat.corvane.example/{key}",
        )

    # -- who is here

    def _gather(self) -> None:
        self.ago(33.4, lambda: self.fill("technical_lead"))
        self.ago(27, self._raise)
        self.ago(25.6, lambda: self.fill("communications_lead"))
        self.ago(24, lambda: self.join("deputy", "Ben Okonkwo"))
        self.ago(20, lambda: command.take_role(self.act("Ingrid Solheim"), self.id, "observer"))
        self.ago(18.5, lambda: command.take_role(self.act("Leilani Kealoha"), self.id, "shadow"))
        self.ago(17, self._call_inventory)
        self.ago(12.4, lambda: self.join("sme", "Dmytro Kovalenko"))
        self.ago(8, self._offer_command)

    def _raise(self) -> None:
        incidents.set_severity(self.act(self.me), self.id, 2, self.plot["raised"])

    def _call_inventory(self) -> None:
        target = Target("schedule", self.corvane.schedules["seats-primary"])
        reason = "Who holds the ledger's connections? Please join the call."
        for callout in paging.page(
            self.act(self.me), [target], self.plot["title"], reason, incident_id=self.id
        ):
            person = callout.person_id
            answered = self.stage.now + timedelta(minutes=1.1)
            self.stage.at(
                answered, lambda c=callout: paging.acknowledge_callout(self.act(c.person_id, "link"), c.id)
            )
            self.stage.at(
                answered + timedelta(minutes=0.5),
                lambda p=person: command.assign_role(self.act(self.me), self.id, "sme", p),
            )

    def _offer_command(self) -> None:
        held = models.RoleAssignmentRow.objects.get(incident_id=self.id, role="commander", ended_at=None)
        ben = self.corvane.people["Ben Okonkwo"]
        case = command.offer_handover(self.act(self.me), self.id, held.id, ben, self.plot["handover"])
        handover = list(case.incident.handovers)[-1]
        self.stage.at(self.stage.now + timedelta(minutes=1.2), lambda: self.accept(ben, handover))

    # -- what is known and done

    def _investigate(self) -> None:
        plot = self.plot
        self.ago(32.5, lambda: self._ticks("triage", 4))
        self.ago(31, lambda: self._phase("investigating", "Roles are called, severity and type are set."))
        self.ago(28.6, lambda: self.write(self.me, "impact_pulse", plot["pulse"]))
        self.ago(26.4, self._assess)
        self.ago(29.3, self._link)
        self.ago(19.5, lambda: self._ticks("investigating", 5))
        self.ago(14, self._facts)
        self.ago(13, lambda: self._phase("identified", plot["cause"]))

    def _phase(self, phase: str, reason: str) -> None:
        incidents.change_phase(self.act(self.me), self.id, phase, reason)

    def _ticks(self, phase: str, count: int) -> None:
        for index in range(count):
            tasks.tick(self.act(self.me), self.id, "commander", phase, index)

    def _link(self) -> None:
        alert = models.Alert.objects.exclude(status="resolved").get(dedup_key=self.keys[2])
        if not alert.incident_id:
            alert_links.link(self.act(self.lead), self.id, alert.id)

    def _assess(self) -> None:
        incidents.set_impact(
            self.act(self.me), self.id, self.plot["impact"], self.plot["affected"], self.plot["raised"]
        )

    def _facts(self) -> None:
        plot = self.plot
        incidents.set_facts(
            self.act(self.lead), self.id, what_we_know="\n".join(plot["findings"]), cause=plot["cause"],
            workaround=plot["workaround"], next_step=plot["next_step"], customer_effect=plot["effect"],
        )  # fmt: skip

    def _repair(self) -> None:
        plot = self.plot
        self.ago(
            15,
            lambda: self._give(
                "Find out who holds the connections of eu-west-1c", "sme", 10, "412 wait for a bank."
            ),
        )
        self.ago(12, self._decide)
        self.ago(
            11.6,
            lambda: self._give("Roll back eu-west-1a and 1b, two people on every step", "technical_lead", 8),
        )
        self.ago(11, lambda: self._give("Roll back the four other cells", "Dmytro Kovalenko", 20))
        self.ago(10, lambda: self.check_all(plot["checks"]))
        self.ago(
            9, lambda: self._give("Name a fallback if the rollback stalls in eu-west-1c", "commander", 20)
        )
        self.ago(
            5.5, lambda: self._give("Confirm ledger totals with finance", "Farid Karimi", 15, answered=False)
        )
        self.ago(4.2, lambda: self.write(self.lead, "finding", plot["recovering"], pinned=True))
        self.ago(
            2.2, lambda: self.write(self.me, "followup", "Ask the operators what selling on account lacked.")
        )

    def _decide(self) -> None:
        self._technical.decide()
        self._ticks("identified", 3)

    def _give(self, title: str, to: str, minutes: int, result: str = "", *, answered: bool = True) -> None:
        """A task to a person or to whoever holds a role. Without a result it is still open."""
        who = self.corvane.people.get(to) or self.holder(to) or self.lead
        task, now = self.task(title, who, minutes, "remediation"), self.stage.now
        if answered:
            self.stage.at(
                now + timedelta(minutes=0.7), lambda: tasks.acknowledge(self.act(who), self.id, task)
            )
        if result:
            self.stage.at(
                now + timedelta(minutes=7), lambda: tasks.finish(self.act(who), self.id, task, result)
            )

    # -- what is said

    def _talk(self) -> None:
        first = self.plot["first"]
        shown = {self.corvane.components[n]: state for n, state in self.plot["components"].items()}
        self.ago(23.2, lambda: self.say(
            "customers_all", first["headline"], promise=30.6, customer_effect=self.plot["effect"],
            action=first["action"], components=shown, pages=(self.corvane.page,),
        ))  # fmt: skip
        # Who is affected follows the first word within five minutes.
        self.ago(18.8, lambda: self.say(
            "customers_all", self.plot["scope"]["headline"], promise=26, customer_effect=self.plot["second"]["effect"],
            action=self.plot["scope"]["action"], components=shown, pages=(self.corvane.page,),
        ))  # fmt: skip
        self.ago(21.6, lambda: self._inside("responders", "Roles, bridge and the first hypothesis", 15.5))
        self.ago(19.4, lambda: self._inside("support", "What you may say about card payments", 32))
        known = self.plot["known"]
        self.ago(10.1, lambda: self.say(
            "customers_all", known["headline"], promise=18, customer_effect=self.plot["second"]["effect"],
            action=known["action"], components=shown, pages=(self.corvane.page,),
        ))  # fmt: skip
        self.ago(9.2, lambda: self._inside("support", "Card payments: the cause is known", 18))
        self.ago(7.4, lambda: self._inside("responders", "Rolling back to 4.17.3, cell by cell", 16))
        self.ago(6.4, self._statement)
        self.ago(3, lambda: self._draft(shown))

    def _statement(self) -> None:
        """A word to the press in an executive's name, half on its way: the lawyer has read it, the others are asked."""
        lawyer, approver = self.corvane.people["Anahit Petrosyan"], self.corvane.people["Lars Ødegård"]
        for role, person in (("legal_officer", lawyer), ("elt_approver", approver)):
            command.assign_role(self.act(self.me), self.id, role, person)
        author = self.act(self.holder("communications_lead") or self.me)
        said = self.plot["statement"]
        content = Content(
            audience="media", headline=said["headline"], customer_effect=said["effect"], action=said["action"],
            next_update_at=whole(self.stage.now + timedelta(minutes=70)),
            sender_identity="executive", sender_person=self.corvane.people["Ingrid Solheim"],
        )  # fmt: skip
        case, message = messages.draft(author, self.id, content)
        text = content_hash(case.incident.messages[message])
        approvals.submit(author, self.id, message, text)
        self.stage.at(
            self.stage.now + timedelta(minutes=2.1),
            lambda: approvals.judge(
                self.act(lawyer), self.id, message, step="review", role="legal_officer", verdict="suggestion",
                text_hash=text, text=said["suggestion"],
            ),
        )  # fmt: skip

    def _inside(self, audience: str, headline: str, promise: float) -> None:
        body = f"{self.plot['summary']} {self.plot['workaround']}"
        self.say(audience, headline, promise=promise, body=body)

    def _draft(self, shown: dict[str, str]) -> None:
        """The next update to customers: written, and waiting for the commander's word."""
        second, fatima = self.plot["second"], self.holder("communications_lead")
        content = Content(
            audience="customers_all", headline=second["headline"], customer_effect=second["effect"],
            action=second["action"], next_update_at=whole(self.stage.now + timedelta(minutes=33)),
            components=shown, pages=(self.corvane.page,),
        )  # fmt: skip
        # The one that was opened when the phase moved on, in these words.
        told = casebook.load(self.id, ENGINE).incident.messages.values()
        waiting = [m for m in told if m.state == "draft"]
        opened = next((m.id for m in waiting if m.audience == content.audience), None)
        if opened:
            messages.edit(self.act(fatima or self.me), self.id, opened, content)
        else:
            messages.draft(self.act(fatima or self.me), self.id, content)
