"""The business response to the open incident: its own roles, briefing, switches, areas and messages."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from quarterdeck.app import casebook
from quarterdeck.app.comms import approvals, messages
from quarterdeck.app.incidents import command, incidents
from quarterdeck.app.paging import paging
from quarterdeck.app.response import response, severe, switches
from quarterdeck.core.access import ENGINE
from quarterdeck.core.incidents import Content, Incident, content_hash
from quarterdeck.store import models

from .tables import table
from .telling import whole

if TYPE_CHECKING:
    from quarterdeck.app.act import Act

    from .live import Router

LIAISON = "customer_liaison"


class Response:
    """Raised, judged, recommended, escalated; then what the business does, laid out in minutes before now."""

    def __init__(self, router: Router) -> None:
        self.t, self.told = router, table("response")
        self.child = ""

    def tell(self) -> None:
        t, told, who = self.t, self.told, self.told["people"]
        t.ago(22.3, lambda: t.join(LIAISON, who["liaison"]))
        raised = told["raised"]
        t.ago(raised["ago"], lambda: incidents.set_severity(t.act(t.me), t.id, 1, raised["reason"]))
        t.ago(16.9, lambda: t.join("executive_liaison", "Lars Ødegård"))
        # Two incidents call the duty executive: one word each.
        for minutes in (15.4, 10.6, 3.3):
            t.ago(minutes, self._executive)
        t.ago(13.6, lambda: t.join("business_sme", who["sme"]))
        t.ago(12.9, lambda: severe.rate(t.act(t.me), t.id, **told["score"]))
        t.ago(11.9, lambda: severe.recommend(t.act(who["sme"]), t.id, told["recommended"]["reason"]))
        t.ago(11.2, self._escalate)
        t.ago(10.9, lambda: response.accept(self._here(self._by("lead")), self.child, "commander"))
        t.ago(10.3, self._standby_comes)
        t.ago(9.6, self._liaison_leaves)
        t.ago(8.9, self._officers)
        self._brief()
        self._emergency()
        t.ago(6.6, self._staff)
        t.ago(5.9, self._outward)

    def _executive(self) -> None:
        act = self.t.act("Ingrid Solheim")
        for callout in models.Callout.objects.filter(
            incident_id__in=(self.t.id, self.child), person_id=act.person, state="waiting"
        ).exclude(subject__startswith="Decide"):
            paging.acknowledge_callout(act, callout.id)

    def _by(self, role: str) -> Act:
        return self.t.act(self.told["people"][role])

    def _holder(self, role: str) -> Act:
        """Whoever holds a role there, and has answered what they were called for."""
        rows = models.RoleAssignmentRow.objects.filter(incident_id=self.child, role=role, ended_at=None)
        return self._here(self.t.act(rows.values_list("person_id", flat=True).get()))

    def _here(self, act: Act) -> Act:
        for callout in models.Callout.objects.filter(
            incident_id__in=(self.t.id, self.child), person_id=act.person, state="waiting", role=""
        ):
            paging.acknowledge_callout(act, callout.id)
        return act

    @property
    def incident(self) -> Incident:
        return casebook.load(self.child, ENGINE).incident

    # -- the first steps

    def _escalate(self) -> None:
        t, who = self.t, self.told["people"]
        case = severe.escalate(
            self._here(t.act(t.me)),
            t.id,
            lead=t.corvane.people[who["lead"]],
            standby=t.corvane.people[who["standby"]],
        )
        self.child = case.incident.key

    def _passing(self) -> str:
        return list(self.t.incident.handovers.values())[-1].id

    def _standby_comes(self) -> None:
        self.t.accept(self.t.corvane.people[self.told["people"]["standby"]], self._passing())

    def _liaison_leaves(self) -> None:
        t, passing = self.t, self._passing()
        note = "Three operators, the queue in Bergen, what we may say."
        command.brief_handover(self._by("liaison"), t.id, passing, note)
        command.make_effective(self._by("standby"), t.id, passing)

    def _officers(self) -> None:
        for role, name in self.told["officers"].items():
            command.assign_role(self._by("lead"), self.child, role, self.t.corvane.people[name])

    def _brief(self) -> None:
        t = self.t
        for number, (question, text) in enumerate(self.told["briefing"].items()):
            t.ago(
                8.7 - number / 4,
                lambda q=question, w=text: response.answer(self._holder(LIAISON), self.child, q, w),
            )
        t.ago(7.1, lambda: response.set_step(self._by("lead"), self.child, "briefing"))
        t.ago(7.0, lambda: response.confirm(self._holder("technical_slt"), self.child))
        t.ago(6.95, lambda: response.set_step(self._by("lead"), self.child, "emergency_ops"))

    # -- what stands still, and how the areas do

    def _emergency(self) -> None:
        t, told = self.t, self.told
        for row in told["switch"]:
            t.ago(row["halt"], lambda r=row: self._halt(r))
            if "halted" in row:
                t.ago(row["halted"], lambda r=row: self._halted(r))
        t.ago(5.6, lambda: switches.ask_areas(self._by("lead"), self.child))
        for row in told["area"]:
            t.ago(row["ago"], lambda r=row: self._area(r))
        for row in told["mood"]:
            t.ago(row["ago"], lambda r=row: self._mood(r))
        t.ago(4.8, self._talks)

    def _owner(self, key: str) -> Act:
        return self._holder(
            "social_officer" if key in ("scheduled_posts", "paid_social") else "marketing_officer"
        )

    def _halt(self, row: dict[str, Any]) -> None:
        eta = whole(self.t.stage.now + timedelta(minutes=row["eta"]))
        switches.halt(self._owner(row["key"]), self.child, row["key"], eta)

    def _halted(self, row: dict[str, Any]) -> None:
        switches.halted(self._owner(row["key"]), self.child, row["key"], row["evidence"])

    def _area(self, row: dict[str, Any]) -> None:
        by = self._holder(row["role"])
        switches.report_area(by, self.child, row["role"], row["state"], row["text"])

    def _mood(self, row: dict[str, Any]) -> None:
        switches.report_sentiment(
            self._holder("social_officer"), self.child, row["channel"], row["level"], row["volume"],
            posts=row["posts"], next_minutes=row["next"],
        )  # fmt: skip

    def _talks(self) -> None:
        told = self.told["talks"]
        switches.set_capacity(self._by("lead"), self.child, told["weekly"])
        for customer in told["offered"]:
            switches.offer(self._by("lead"), self.child, customer)

    # -- what is said

    def _write(self, role: str, content: Content) -> tuple[str, str]:
        """Written and handed on; its id, and which text is asked about."""
        author = self._holder(role)
        case, message = messages.draft(author, self.child, content)
        digest = content_hash(case.incident.messages[message])
        approvals.submit(author, self.child, message, digest)
        return message, digest

    def _judge(self, message: str, digest: str, role: str, verdict: str, text: str = "") -> None:
        approvals.judge(
            self._holder(role), self.child, message, step="review", role=role, verdict=verdict, text_hash=digest,
            text=text,
        )  # fmt: skip

    def _staff(self) -> None:
        """Read by everybody who has to: it waits for whoever commands the technical incident, who is you."""
        told = self.told["staff"]
        promised = whole(self.t.stage.now + timedelta(minutes=60))
        message, digest = self._write(
            "internal_liaison", Content("staff", told["headline"], body=told["body"], next_update_at=promised)
        )
        later = self.t.stage.now + timedelta(minutes=2.2)
        self.t.stage.at(later, lambda: self._judge(message, digest, "messaging_officer", "ok"))

    def _outward(self) -> None:
        """To the strategic customers: the lawyer agrees, the wording has a suggestion, one review is still out."""
        told, now = self.told["outward"], self.t.stage.now
        message, digest = self._write("technical_slt", Content(
            "customers_strategic", told["headline"], customer_effect=told["effect"], action=told["action"],
            next_update_at=whole(now + timedelta(minutes=55)),
        ))  # fmt: skip
        self.t.stage.at(
            now + timedelta(minutes=1.6), lambda: self._judge(message, digest, "legal_officer", "ok")
        )
        self.t.stage.at(
            now + timedelta(minutes=2.7),
            lambda: self._judge(message, digest, "messaging_officer", "suggestion", told["suggestion"]),
        )
