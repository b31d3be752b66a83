"""The brief for executives and its briefings."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from quarterdeck.app.casebook import Case, load
from quarterdeck.app.executives import asks
from quarterdeck.core.incidents import asks as parts
from quarterdeck.core.incidents.briefings import LONGEST_MINUTES

from .doors import Request
from .fields import Id, IncidentId, LongLine, Moment, Named, Number, Read, Text, Write
from .operations import Noun
from .pages import Page, whole

BRIEFS = Noun("Executives", "/incidents/{incident}/executive-briefs")
NOUN = Noun("Executives", "/incidents/{incident}/briefings")
Line600 = Annotated[str, Text(600)]


class BriefToExecutives(Read):
    """`help` is what executives can do."""

    id: str
    what: str
    whom: str
    doing: str
    help: str
    next_at: Moment
    sent_at: Moment


class Briefing(Read):
    """`state`: planned, held, missed, cancelled. `presenter` null: whoever is liaison then, else the commander."""

    id: str
    starts_at: Moment
    presenter: Named | None
    people: list[Named]
    link: str
    every_minutes: int
    state: str
    present: list[Named]
    notes: str


class ExecutiveBriefWrite(Write):
    """All of it is needed; a brief that lacks a field is refused."""

    what: Line600 = ""
    whom: Line600 = ""
    doing: Line600 = ""
    help: Line600 = ""
    next_at: Moment


class ExecutiveBriefingWrite(Write):
    """`every_minutes` 0 for once."""

    starts_at: Moment
    presenter: Id | None = None
    people: list[Id] = Field(default_factory=list)
    link: LongLine = ""
    every_minutes: Annotated[int, Number(0, LONGEST_MINUTES)] = 0


class HeldBriefingWrite(Write):
    notes: Annotated[str, Text(4000, least=1)]
    present: list[Id] = Field(default_factory=list)


class CancelledBriefingWrite(Write):
    reason: Annotated[str, Text(300, least=1)]


@BRIEFS.get("", "brief.read", Page[BriefToExecutives])
def list_executive_briefs(request: Request, incident: IncidentId) -> Page[BriefToExecutives]:
    """The briefs that were sent, the newest last."""
    found = load(incident, request.act.who).incident.asks.briefs.values()
    return whole(_brief(b) for b in found)


@BRIEFS.post("", "incident.act", BriefToExecutives)
def send_executive_brief(
    request: Request, incident: IncidentId, body: ExecutiveBriefWrite
) -> BriefToExecutives:
    """Release and send a brief to the executives; their clock runs to the next one."""
    fields = {"what": body.what, "whom": body.whom, "doing": body.doing, "help": body.help}
    case = asks.send_brief(request.act, incident, fields, body.next_at)
    return _brief(next(reversed(case.incident.asks.briefs.values())))


@NOUN.get("", "brief.read", Page[Briefing])
def list_briefings(request: Request, incident: IncidentId) -> Page[Briefing]:
    """The briefings, planned and past."""
    found = load(incident, request.act.who).incident.asks.briefings.values()
    return whole(_told(request, b) for b in found)


@NOUN.post("", "incident.act", Briefing)
def plan_briefing(request: Request, incident: IncidentId, body: ExecutiveBriefingWrite) -> Briefing:
    """A briefing by the liaison or the commander. Responders cannot be invited."""
    case, key = asks.plan_briefing(
        request.act, incident, body.starts_at, presenter=body.presenter or "", people=body.people, link=body.link,
        every_minutes=body.every_minutes,
    )  # fmt: skip
    return _one(request, case, key)


@NOUN.put("/{briefing}/notes", "incident.act", Briefing)
def hold_briefing(request: Request, incident: IncidentId, briefing: Id, body: HeldBriefingWrite) -> Briefing:
    """It was held: who was there, what was said. The next of a series is planned."""
    return _one(
        request, asks.hold_briefing(request.act, incident, briefing, body.notes, body.present), briefing
    )


@NOUN.put("/{briefing}/cancellation", "incident.act", Briefing)
def cancel_briefing(
    request: Request, incident: IncidentId, briefing: Id, body: CancelledBriefingWrite
) -> Briefing:
    """It is not held, and its series ends."""
    return _one(request, asks.cancel_briefing(request.act, incident, briefing, body.reason), briefing)


def _one(request: Request, case: Case, key: str) -> Briefing:
    return _told(request, case.incident.asks.briefings[key])


def _brief(b: parts.WrittenBrief) -> BriefToExecutives:
    return BriefToExecutives(
        id=b.id, what=b.what, whom=b.whom, doing=b.doing, help=b.help_wanted, next_at=b.next_at, sent_at=b.sent_at
    )  # fmt: skip


def _told(request: Request, b: parts.Briefing) -> Briefing:
    return Briefing(
        id=b.id, starts_at=b.starts_at, presenter=request.names.of(b.presenter) if b.presenter else None,
        people=[request.names.of(p) for p in b.people], link=b.link, every_minutes=b.every_minutes, state=b.state,
        present=[request.names.of(p) for p in b.present], notes=b.notes,
    )  # fmt: skip
