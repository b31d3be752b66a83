"""Who is on call, at any instant, and whom an alert would reach."""

from __future__ import annotations

from typing import Literal

from ninja import Query

from quarterdeck.app.incidents import services
from quarterdeck.app.oncall.roster import Duty, duties
from quarterdeck.app.oncall.schedules import find
from quarterdeck.app.paging import escalation_preview

from .doors import Request
from .fields import Asked, Key, Moment, Named, Read, When, Word
from .operations import Noun
from .pages import Page, whole

NOUN = Noun("On call", "/oncall")
PREVIEW = Noun("On call", "/services/{service}/escalation")


class Duties(Read):
    """One schedule at one instant. `people` are all on call, `person` is the first of them. No person: a gap, and
    `reason` says why.
    """

    schedule: str
    name: str
    person: Named | None
    people: list[Named]
    reason: str
    source: Literal["layer", "fixed", "cover", "override", "swap", "nobody"]
    until: Moment | None


class ContactTry(Read):
    channel: str
    after_seconds: int


class PersonCalled(Read):
    """Somebody who would be paged, why, and by which contacts in which order. Step and round count from 1, 0 is beyond
    the policy; `quiet_until` is until when quiet hours hold the page back.
    """

    person: Named
    reason: str
    tries: list[ContactTry]
    unreachable: str
    urgency: Literal["high", "low"]
    step: int
    round: int
    quiet_until: Moment | None


class Firing(Read):
    """One step of the escalation."""

    after_seconds: int
    at: Moment
    calls: list[PersonCalled]
    skipped: list[str]
    last: bool
    reason: str


class Escalation(Read):
    """What would happen if nobody answered. `policy` null: nobody would be paged. `by_turns`: a step calls one of
    several people, and for another alert it may be another of them.
    """

    policy: str | None
    urgency: Literal["high", "low"]
    firings: list[Firing]
    by_turns: bool


class OnCallAsked(Asked):
    """`at` is now unless given; `service` and `schedule` are keys."""

    at: When | None = None
    service: Word = ""
    schedule: Word = ""


class PreviewAsked(Asked):
    at: When | None = None
    severity: Literal["critical", "error", "warning", "info"] = "critical"


@NOUN.get("", "schedule.read", Page[Duties])
def list_on_call(request: Request, asked: Query[OnCallAsked]) -> Page[Duties]:
    """Who is on call in every schedule, or in those of one service, with the reason."""
    if asked.service:
        services.find(asked.service)
    found = duties(asked.at or request.act.at, asked.service)
    if asked.schedule:
        wanted = find(asked.schedule).id
        found = [d for d in found if d.schedule.id == wanted]
    return whole(told(d) for d in found)


@PREVIEW.get("", "schedule.read", Escalation)
def preview_escalation(request: Request, service: Key, asked: Query[PreviewAsked]) -> Escalation:
    """Whom an alert of this service would page, when, why and how, if nobody answered."""
    row = services.find(service)
    made = escalation_preview.ladder(row, asked.at or request.act.at, asked.severity)
    firings = [
        Firing(
            after_seconds=int(f.offset.total_seconds()),
            at=f.at,
            calls=[
                PersonCalled(
                    person=Named.model_validate(c.person),
                    reason=c.reason,
                    tries=[
                        ContactTry(channel=t.channel, after_seconds=int(t.after.total_seconds()))
                        for t in c.tries
                    ],
                    unreachable=c.unreachable,
                    urgency=c.urgency,
                    step=c.step,
                    round=c.cycle,
                    quiet_until=c.quiet,
                )
                for c in f.calls
            ],
            skipped=list(f.skipped),
            last=f.last,
            reason=f.reason,
        )
        for f in made.firings
    ]
    return Escalation(
        policy=made.policy.key if made.policy else None,
        urgency=made.urgency,
        firings=firings,
        by_turns=made.by_turns,
    )


def told(duty: Duty) -> Duties:
    """A duty as this interface tells it."""
    people = [Named(id=p.id, name=p.name) for p in duty.people]
    return Duties(
        schedule=duty.schedule.key,
        name=duty.schedule.name,
        person=people[0] if people else None,
        people=people,
        reason=duty.held.reason,
        source=duty.held.source,
        until=duty.held.until,
    )
