"""Workstreams of an incident: sub-teams with one leader, one task, a room and a clock."""

from __future__ import annotations

from typing import Annotated

from quarterdeck.app.casebook import Case, load
from quarterdeck.app.incidents import crew as acts
from quarterdeck.core.incidents.crew import Workstream as Part
from quarterdeck.core.incidents.workstreams import LONGEST_MINUTES, TITLE_LIMIT

from .doors import Request
from .fields import Id, IncidentId, Moment, Named, Number, Read, Text, Url, Write
from .operations import Noun
from .pages import Page, whole

NOUN = Noun("Workstreams", "/incidents/{incident}/workstreams")
Minutes = Annotated[int, Number(0, LONGEST_MINUTES)]


class Workstream(Read):
    """`members` do not name the leader. `next_report_at` is null without a clock."""

    id: str
    key: str
    title: str
    leader: Named
    members: list[Named]
    room: str
    every_minutes: int
    next_report_at: Moment | None
    late: bool
    last_report: str
    last_report_at: Moment | None
    opened_at: Moment
    ended_at: Moment | None
    result: str


class WorkstreamWrite(Write):
    """`every_minutes` is how often the leader reports; 0 for no clock."""

    title: Annotated[str, Text(TITLE_LIMIT, least=1)]
    leader: Id
    room: Url = ""
    every_minutes: Minutes = 0


class StreamMemberWrite(Write):
    person: Id


class CanReportWrite(Write):
    text: Annotated[str, Text(4000, least=1)]


class StreamResultWrite(Write):
    result: Annotated[str, Text(2000)] = ""


@NOUN.get("", "incident.read", Page[Workstream])
def list_workstreams(request: Request, incident: IncidentId) -> Page[Workstream]:
    """Every sub-team, in the order they were opened."""
    case = load(incident, request.act.who)
    return whole(_told(request, w) for w in case.incident.crew.workstreams.values())


@NOUN.post("", "incident.act", Workstream)
def open_workstream(request: Request, incident: IncidentId, body: WorkstreamWrite) -> Workstream:
    """Open a sub-team under a leader."""
    case = acts.open_workstream(request.act, incident, body.title, body.leader, body.room, body.every_minutes)
    return _told(request, next(reversed(case.incident.crew.workstreams.values())))


@NOUN.put("/{workstream}", "incident.act", Workstream)
def change_workstream(
    request: Request, incident: IncidentId, workstream: Id, body: WorkstreamWrite
) -> Workstream:
    """Another title, leader, room or clock."""
    case = acts.change_workstream(
        request.act, incident, workstream, body.title, body.leader, body.room, body.every_minutes
    )
    return _one(request, case, workstream)


@NOUN.post("/{workstream}/members", "incident.act", Workstream, status=200)
def join_workstream(
    request: Request, incident: IncidentId, workstream: Id, body: StreamMemberWrite
) -> Workstream:
    """Somebody works under its leader; each person in one sub-team at a time."""
    return _one(request, acts.join_workstream(request.act, incident, workstream, body.person), workstream)


@NOUN.delete("/{workstream}/members/{person}", "incident.act")
def leave_workstream(request: Request, incident: IncidentId, workstream: Id, person: Id) -> None:
    """Somebody works there no more."""
    acts.leave_workstream(request.act, incident, workstream, person)


@NOUN.post("/{workstream}/reports", "incident.act", Workstream, status=200)
def report_workstream(
    request: Request, incident: IncidentId, workstream: Id, body: CanReportWrite
) -> Workstream:
    """How it stands, said by its leader; the clock starts anew."""
    return _one(request, acts.report_workstream(request.act, incident, workstream, body.text), workstream)


@NOUN.put("/{workstream}/result", "incident.act", Workstream)
def end_workstream(
    request: Request, incident: IncidentId, workstream: Id, body: StreamResultWrite | None = None
) -> Workstream:
    """The sub-team is done."""
    case = acts.end_workstream(request.act, incident, workstream, body.result if body else "")
    return _one(request, case, workstream)


def _one(request: Request, case: Case, workstream_id: str) -> Workstream:
    return _told(request, case.incident.crew.workstreams[workstream_id])


def _told(request: Request, w: Part) -> Workstream:
    names = request.names.load((w.leader, *w.members))
    plain = {n: getattr(w, n) for n in Workstream.model_fields if n not in ("leader", "members")}
    return Workstream(**plain, leader=names.of(w.leader), members=[names.of(m) for m in w.members])
