"""What the people of one incident do, each act at the moment it is played, through the product's own functions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from quarterdeck.app import casebook
from quarterdeck.app.act import Act
from quarterdeck.app.alerts import alerts
from quarterdeck.app.comms import approvals, message_steps, messages
from quarterdeck.app.incidents import command, incidents, record, tasks
from quarterdeck.app.paging import paging
from quarterdeck.app.paging.directory import Directory
from quarterdeck.core.escalation.policy import Target
from quarterdeck.core.incidents import Content, Declaration, chain, content_hash, distribution
from quarterdeck.core.kernel.moments import text
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models

from .company import Corvane
from .stage import Beat, Stage

PROMETHEUS = "alertmanager-webhook"
# Who steps in when nobody who was called can take a role, in this order.
STAND_INS = {
    "technical_lead": (),
    "scribe": ("Mei-Ling Zhao", "Hanna Lindholm", "Henrik Lindqvist"),
    "communications_lead": ("Henrik Lindqvist", "Fatima El-Sayed", "Lars Ødegård"),
    "customer_liaison": ("Aoife Ní Bhriain", "Kwame Mensah"),
    "status_page_manager": ("Joaquín Herrera",),
    "executive_liaison": ("Lars Ødegård", "Henrik Lindqvist"),
    "legal_officer": ("Anahit Petrosyan", "Nurul Aisyah Rahman"),
    "deputy": ("Ben Okonkwo", "Payal Desai", "Ana Ferreira"),
    "operations_lead": ("Dimitra Papadaki", "Nikos Stathakis"),
    "safety_officer": ("Nikos Stathakis", "Dimitra Papadaki"),
    "elt_approver": ("Lars Ødegård",),
}


class Telling:
    """One incident as it is told. `id` is empty until it is declared; minutes count from its first signal."""

    def __init__(self, stage: Stage, corvane: Corvane, plot: dict[str, Any], start: datetime) -> None:
        self.stage, self.corvane, self.plot, self.start = stage, corvane, plot, start
        self.id = self._commander = ""
        self.keys = [_fingerprint(plot["title"], n) for n, _ in enumerate(plot.get("alerts", ()))]

    # -- time and people

    def on(self, minute: float, beat: Beat) -> None:
        self.stage.at(self.start + timedelta(minutes=minute), beat)

    def act(self, person: str, via: str = "web") -> Act:
        return self.corvane.act(person, self.stage.now, via)

    def on_call(self, schedule: str) -> str:
        """Who is on call in a schedule at the moment that is played; "" for a gap."""
        found = Directory(self.stage.now).on_call(Target("schedule", self.corvane.schedules[schedule]))
        return found.people[0] if found.people else ""

    @cached_property
    def team(self) -> list[str]:
        """The people of the team that owns the first service."""
        services = self.plot.get("services")
        return self.corvane.teams[self.corvane.owners[services[0]] if services else "voice"]

    @property
    def commander(self) -> str:
        if not self._commander:
            self._commander = models.IncidentRow.objects.values_list("commander_id", flat=True).get(
                id=self.id
            )
        return self._commander

    def holder(self, role: str) -> str:
        """Who holds a role now, or ""."""
        rows = models.RoleAssignmentRow.objects.filter(incident_id=self.id, role=role, ended_at=None)
        return rows.values_list("person_id", flat=True).first() or ""

    @property
    def phase(self) -> str:
        return models.IncidentRow.objects.values_list("phase", flat=True).get(id=self.id)

    def was_called(self, role: str) -> bool:
        return models.Callout.objects.filter(incident_id=self.id, role=role).exists()

    def heard(self) -> list[str]:
        """The audiences that have had a message."""
        rows = models.MessageRow.objects.filter(incident_id=self.id, state="sent")
        return sorted(set(rows.values_list("audience", flat=True)))

    # -- alerts

    def fire(self, number: int, times: int = 1) -> None:
        """An alert of the plot comes in, perhaps many times."""
        name, severity, summary = self.plot["alerts"][number]
        service = self.plot["services"][0]
        self.stage.receive(
            self.corvane.integrations[PROMETHEUS], PROMETHEUS,
            *[alert_body(self.keys[number], name, severity, summary, service, self.stage.now)] * times,
        )  # fmt: skip

    def recover(self, number: int) -> None:
        name, severity, summary = self.plot["alerts"][number]
        body = alert_body(
            self.keys[number], name, severity, summary, self.plot["services"][0], self.stage.now, over=True
        )
        self.stage.receive(self.corvane.integrations[PROMETHEUS], PROMETHEUS, body)

    def alert_ids(self) -> tuple[str, ...]:
        rows = models.Alert.objects.filter(dedup_key__in=self.keys).exclude(status="resolved")
        return tuple(rows.order_by("first_seen_at", "dedup_key").values_list("id", flat=True))

    def acknowledge_alert(self, number: int = 0) -> str:
        """Whoever was paged for it first answers, from the phone; returns who."""
        alert = models.Alert.objects.filter(dedup_key=self.keys[number]).exclude(status="resolved").first()
        callouts = models.Callout.objects.filter(alert_id=alert.id if alert else "-", state="waiting")
        callout = callouts.order_by("created_at", "person__name").first()
        if callout is not None:
            paging.acknowledge_callout(self.act(callout.person_id, "link"), callout.id)
            return callout.person_id
        if alert is not None and alert.status == "open":
            alerts.acknowledge(self.act(self.team[0]), alert.id)
        return self.corvane.people[self.team[0]]

    # -- command and roles

    def declare(self, by: str, **more: Any) -> None:
        plot = self.plot
        said = {
            "title": plot["title"], "type": plot.get("type", "availability"), "severity": plot.get("severity", 3),
            "services": tuple(plot.get("services", ())), "summary": plot.get("summary", ""),
            "customer_effect": plot.get("effect", ""), "source": "alert" if self.keys else "web",
            "drill": plot.get("drill", False), "both_reason": "Nobody else is free to command it now.",
        } | more  # fmt: skip
        case = incidents.declare(self.act(by), Declaration(**said), alert_ids=self.alert_ids())
        self.id = case.incident.key

    def hand_command_to(self, person: str, minute: float, note: str) -> None:
        """The four steps of a handover, a minute or so apart. Nothing when they command already."""

        def offer() -> None:
            giver = self.commander
            if giver in (person, "") or not person:
                return
            held = models.RoleAssignmentRow.objects.get(incident_id=self.id, role="commander", ended_at=None)
            case = command.offer_handover(self.act(giver), self.id, held.id, person, note)
            handover = list(case.incident.handovers)[-1]
            step(1.2, lambda: self.accept(person, handover))
            step(2.4, lambda: command.brief_handover(self.act(giver), self.id, handover, note))
            step(3.0, lambda: self._takes_command(person, handover))

        def step(later: float, beat: Beat) -> None:
            self.stage.at(self.stage.now + timedelta(minutes=later), beat)

        self.on(minute, offer)

    def accept(self, person: str, handover: str) -> None:
        """The offer is accepted, and the page that brought it is answered."""
        for callout in models.Callout.objects.filter(
            incident_id=self.id, person_id=person, state="waiting", role=""
        ):
            paging.acknowledge_callout(self.act(person, "link"), callout.id)
        command.accept_handover(self.act(person), self.id, handover, "on call", understood=True)

    def _takes_command(self, person: str, handover: str) -> None:
        command.make_effective(self.act(person), self.id, handover)
        self._commander = person

    def fill(self, role: str) -> None:
        """Whoever was called for a role answers and takes it; failing that, somebody is given it."""
        if self.holder(role):
            return
        calls = models.Callout.objects.filter(incident_id=self.id, role=role)
        called = calls.filter(state="waiting").order_by("created_at", "person__name").first()
        if called is not None:
            paging.acknowledge_callout(self.act(called.person_id, "link"), called.id)
        known = calls.order_by("created_at", "person__name").values_list("person_id", flat=True)
        names = STAND_INS.get(role) or self.team
        people = dict.fromkeys([*known, *(self.corvane.people[n] for n in names)])
        for person in people:
            if self._take(person, role):
                return

    def _take(self, person: str, role: str) -> bool:
        try:
            command.take_role(self.act(person), self.id, role, "called for it", understood=True)
        except Refused:
            return False
        return True

    def join(self, role: str, person: str) -> None:
        """The commander brings somebody in; a role that does not fit stays empty."""
        if person in self.corvane.people and self.corvane.people[person] != self.commander:
            try:
                command.assign_role(self.act(self.commander), self.id, role, self.corvane.people[person])
            except Refused:
                return

    # -- the record

    def write(self, person: str, kind: str, words: str, **more: Any) -> None:
        record.write(self.act(person or self.commander), self.id, kind, words, **more)

    def task(self, title: str, person: str, minutes: int, kind: str = "task") -> str:
        case = tasks.give(self.act(self.commander), self.id, title, person, minutes, kind=kind)
        return list(case.incident.tasks)[-1]

    def check_all(self, subjects: Sequence[str]) -> None:
        for subject in subjects:
            tasks.plan_check(self.act(self.commander), self.id, subject, "other")

    def pass_checks(self, notes: str) -> None:
        by = self.holder("technical_lead") or self.holder("operations_lead") or self.commander
        for check in models.CheckRow.objects.filter(incident_id=self.id).exclude(state="passed"):
            tasks.pass_check(self.act(by), self.id, check.id, notes)

    # -- messages

    def say(self, audience: str, headline: str, *, promise: float | None, **more: Any) -> None:
        """Drafted now, released a minute later. `promise`: minutes to the next one; None means the last."""
        drafter = self.holder("communications_lead") if audience != "responders" else ""
        now = self.stage.now
        content = Content(
            audience=audience, headline=headline, final=promise is None,
            next_update_at=None if promise is None else whole(now + timedelta(minutes=promise)), **more,
        )  # fmt: skip
        try:
            case, message = messages.draft(self.act(drafter or self.commander), self.id, content)
        except Refused:
            case, message = messages.draft(self.act(self.commander), self.id, content)
        digest = content_hash(case.incident.messages[message])
        self.stage.at(now + self.stage.minutes(0.6, 1.3), lambda: self._release(message, digest))

    def _release(self, message: str, digest: str) -> None:
        row = models.MessageRow.objects.get(id=message)
        if row.state == "draft":
            self._agree(row, digest)
            case = messages.release(
                self.act(self.commander), self.id, message, digest,
                override="Read again with the facts as they are now.",
            )  # fmt: skip
            self._carry_out(case, message)

    def _carry_out(self, case: casebook.Case, message: str) -> None:
        """Whoever carries it to its audience says so, and confirms it, a little later."""
        for handed in distribution.way(case.incident, case.template, case.incident.messages[message]):
            if not handed.done and not handed.records:
                by = self.holder(handed.role) or self.commander
                proof = "Read by the service desk at 3 offices; their lead wrote back."
                with suppress(Refused):
                    message_steps.carry_out(self.act(by), self.id, message, handed.step.step, proof)

    def _agree(self, row: models.MessageRow, digest: str) -> None:
        """Everybody whom the structure asks about this message reads it and says ok; who is missing is brought in."""
        case = casebook.load(self.id)
        found = case.incident.messages[row.id]
        steps = chain.way(case.incident, case.template, found, self.stage.now)
        if steps:
            approvals.submit(self.act(row.drafted_by), self.id, row.id, digest)
        for asked in steps:
            if not self.holder(asked.role):
                command.assign_role(
                    self.act(self.commander),
                    self.id,
                    asked.role,
                    self.corvane.people[STAND_INS[asked.role][0]],
                )
            approvals.judge(
                self.act(self.holder(asked.role)), self.id, row.id, step=asked.step.step, role=asked.role,
                verdict=chain.OK, text_hash=digest,
            )  # fmt: skip


def _fingerprint(title: str, number: int) -> str:
    """A key for an alert as Alertmanager makes them; the same for the same story."""
    return hashlib.sha256(f"{title}/{number}".encode()).hexdigest()[:16]


def lower(headline: str) -> str:
    """A headline as it stands behind a colon."""
    return headline[:1].lower() + headline[1:]


def whole(at: datetime) -> datetime:
    """A promise is a whole minute."""
    return at.replace(second=0, microsecond=0)


def alert_body(
    key: str, name: str, severity: str, summary: str, service: str, at: datetime, *, over: bool = False
) -> bytes:
    """As Alertmanager's webhook sends one alert."""
    alert = {
        "status": "resolved" if over else "firing",
        "labels": {"alertname": name, "service": service, "severity": severity},
        "annotations": {
            "summary": summary,
            "runbook_url": f"https://wiki.corvane.example/runbooks/{service}",
        },
        "generatorURL": f"https://prometheus.corvane.example/graph?g0.expr={name}",
        "fingerprint": key,
    }
    if not over:
        alert["startsAt"] = text(at)
    else:
        alert["endsAt"] = text(at)
    body = {"version": "4", "status": alert["status"], "receiver": "quarterdeck", "alerts": [alert]}
    return json.dumps(body, ensure_ascii=False).encode()
