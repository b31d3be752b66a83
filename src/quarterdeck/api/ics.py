"""The plan of an ICS incident: periods, objectives, meetings, hazards, divisions, channels; and the whole picture."""

from __future__ import annotations

from typing import Annotated, Literal

from quarterdeck.app.casebook import Case, load
from quarterdeck.app.ics import plan as acts
from quarterdeck.app.ics import safety
from quarterdeck.core.incidents.ics import resources
from quarterdeck.store.ids import new_id

from .doors import Request
from .fields import Id, IncidentId, Line, LongLine, Number, Prose, Text, When, Write
from .ics_parts import (
    Channel,
    Division,
    Hazard,
    Meeting,
    Objective,
    Period,
    Picture,
    Release,
    Resource,
    ResourceCheckIn,
    ResourceRequest,
)
from .operations import Noun

NOUN = Noun("Incident Command System", "/incidents/{incident}/ics")
Risk = Literal["low", "medium", "high", "extreme"]
Aim = Annotated[str, Text(400, least=1)]
_READ, _ACT = "incident.read", "incident.act"


class PeriodWrite(Write):
    """Without a start it follows the period before, or begins now."""

    starts_at: When | None = None
    hours: Annotated[int, Number(1, 168)] = 12


class PeriodEndWrite(Write):
    ends_at: When
    reason: Line


class PeriodStartWrite(Write):
    """`reason` is needed while the plan of the period is not approved."""

    reason: Line = ""


class ObjectiveWrite(Write):
    period: Id
    priority: Annotated[int, Number(1, 50)] = 1
    text: Aim
    measure: Aim


class ObjectiveStateWrite(Write):
    state: Literal["open", "met", "dropped"]
    note: LongLine = ""


class MeetingWrite(Write):
    period: Id
    title: Annotated[str, Text(100, least=1)]
    starts_at: When
    minutes: Annotated[int, Number(5, 480)] = 30
    purpose: LongLine = ""
    attendees: LongLine = ""
    place: Line = ""


class MinutesWrite(Write):
    notes: Prose = ""


class IcsReasonWrite(Write):
    reason: Line


class HazardWrite(Write):
    area: Annotated[str, Text(120, least=1)]
    hazard: Annotated[str, Text(300, least=1)]
    risk: Risk
    mitigation: Annotated[str, Text(2000, least=1)]
    residual: Risk


class DivisionWrite(Write):
    kind: Literal["branch", "division", "group", "staging", "task_force", "strike_team"]
    name: Annotated[str, Text(80, least=1)]
    branch: Id | Literal[""] = ""
    leader: Id | Literal[""] = ""
    members: tuple[Id, ...] = ()
    channel: Annotated[str, Text(200)] = ""
    place: Line = ""
    assignment: Annotated[str, Text(4000)] = ""
    special: Annotated[str, Text(4000)] = ""


class ChannelWrite(Write):
    name: Annotated[str, Text(300, least=1)]
    function: Annotated[str, Text(300, least=1)]
    zone: Line = ""
    number: Line = ""
    assignment: Line = ""
    link: Line = ""
    receive: Line = ""
    receive_tone: Line = ""
    transmit: Line = ""
    transmit_tone: Line = ""
    mode: Line = ""
    remarks: Line = ""


@NOUN.get("", _READ, Picture)
def read_ics(request: Request, incident: IncidentId) -> Picture:
    """Everything the Incident Command System knows of an incident."""
    ics = load(incident, request.act.who).incident.ics
    return Picture(
        periods=[Period.model_validate(p) for p in ics.periods.values()],
        objectives=[Objective.model_validate(o) for o in ics.objectives.values()],
        meetings=[Meeting.model_validate(m) for m in ics.meetings.values()],
        hazards=[Hazard.model_validate(h) for h in ics.hazards.values()],
        divisions=[Division.model_validate(w) for w in ics.divisions.values()],
        channels=[Channel.model_validate(c) for c in ics.channels.values()],
        resources=[Resource.model_validate(r) for r in ics.resources.values()],
        check_ins=[ResourceCheckIn.model_validate(c) for c in ics.checkins.values()],
        requests=[ResourceRequest.model_validate(r) for r in ics.requests.values()],
        releases=[Release.model_validate(r) for r in ics.releases.values()],
        totals=resources.totals(ics),
    )


@NOUN.post("/periods", _ACT, Period)
def prepare_period(request: Request, incident: IncidentId, body: PeriodWrite) -> Period:
    """Prepare the first operational period, or the next one beside the running one."""
    case = acts.prepare_period(request.act, incident, starts_at=body.starts_at, hours=body.hours)
    return Period.model_validate(case.incident.ics.prepared)


@NOUN.put("/periods/{period}/end", _ACT, Period)
def move_period(request: Request, incident: IncidentId, period: Id, body: PeriodEndWrite) -> Period:
    """Extend or shorten a period."""
    return _period(acts.move_period(request.act, incident, period, body.ends_at, body.reason), period)


@NOUN.put("/periods/{period}/start", _ACT, Period)
def start_period(
    request: Request, incident: IncidentId, period: Id, body: PeriodStartWrite | None = None
) -> Period:
    """The prepared period becomes the running one."""
    return _period(acts.start_period(request.act, incident, period, body.reason if body else ""), period)


@NOUN.post("/objectives", _ACT, Objective)
def set_objective(request: Request, incident: IncidentId, body: ObjectiveWrite) -> Objective:
    """A new objective of a period."""
    return _objective(request, incident, new_id(), body)


@NOUN.put("/objectives/{objective}", _ACT, Objective)
def change_objective(
    request: Request, incident: IncidentId, objective: Id, body: ObjectiveWrite
) -> Objective:
    """Other words or another rank."""
    return _objective(request, incident, objective, body)


@NOUN.put("/objectives/{objective}/state", _ACT, Objective)
def judge_objective(
    request: Request, incident: IncidentId, objective: Id, body: ObjectiveStateWrite
) -> Objective:
    """Met, dropped with a note, or open again."""
    case = acts.judge_objective(request.act, incident, objective, body.state, body.note)
    return Objective.model_validate(case.incident.ics.objectives[objective])


@NOUN.post("/meetings", _ACT, Meeting)
def set_meeting(request: Request, incident: IncidentId, body: MeetingWrite) -> Meeting:
    """A meeting besides those of the planning cycle."""
    return _meeting(request, incident, new_id(), body)


@NOUN.put("/meetings/{meeting}", _ACT, Meeting)
def change_meeting(request: Request, incident: IncidentId, meeting: Id, body: MeetingWrite) -> Meeting:
    """Another time, place or purpose."""
    return _meeting(request, incident, meeting, body)


@NOUN.put("/meetings/{meeting}/minutes", _ACT, Meeting)
def hold_meeting(
    request: Request, incident: IncidentId, meeting: Id, body: MinutesWrite | None = None
) -> Meeting:
    """The meeting was held."""
    case = acts.hold_meeting(request.act, incident, meeting, body.notes if body else "")
    return Meeting.model_validate(case.incident.ics.meetings[meeting])


@NOUN.put("/meetings/{meeting}/cancellation", _ACT, Meeting)
def cancel_meeting(request: Request, incident: IncidentId, meeting: Id, body: IcsReasonWrite) -> Meeting:
    """The meeting is called off."""
    case = acts.cancel_meeting(request.act, incident, meeting, body.reason)
    return Meeting.model_validate(case.incident.ics.meetings[meeting])


@NOUN.post("/hazards", _ACT, Hazard)
def record_hazard(request: Request, incident: IncidentId, body: HazardWrite) -> Hazard:
    """Record a danger with its mitigation."""
    return _hazard(request, incident, new_id(), body)


@NOUN.put("/hazards/{hazard}", _ACT, Hazard)
def change_hazard(request: Request, incident: IncidentId, hazard: Id, body: HazardWrite) -> Hazard:
    """A change takes both signatures off."""
    return _hazard(request, incident, hazard, body)


@NOUN.put("/hazards/{hazard}/signatures/{position}", _ACT, Hazard)
def sign_hazard(request: Request, incident: IncidentId, hazard: Id, position: Id) -> Hazard:
    """Sign for `safety` or `operations`."""
    case = safety.sign_hazard(request.act, incident, hazard, position)
    return Hazard.model_validate(case.incident.ics.hazards[hazard])


@NOUN.put("/hazards/{hazard}/clearance", _ACT, Hazard)
def clear_hazard(request: Request, incident: IncidentId, hazard: Id, body: IcsReasonWrite) -> Hazard:
    """The danger is gone."""
    case = safety.clear_hazard(request.act, incident, hazard, body.reason)
    return Hazard.model_validate(case.incident.ics.hazards[hazard])


@NOUN.post("/divisions", _ACT, Division)
def add_division(request: Request, incident: IncidentId, body: DivisionWrite) -> Division:
    """A branch, division, group, staging area or task force."""
    return _division(request, incident, new_id(), body)


@NOUN.put("/divisions/{division}", _ACT, Division)
def change_division(request: Request, incident: IncidentId, division: Id, body: DivisionWrite) -> Division:
    """Another leader, crew or assignment."""
    return _division(request, incident, division, body)


@NOUN.put("/divisions/{division}/closure", _ACT, Division)
def close_division(request: Request, incident: IncidentId, division: Id, body: IcsReasonWrite) -> Division:
    """Close it once nobody is assigned to it."""
    case = acts.close_division(request.act, incident, division, body.reason)
    return Division.model_validate(case.incident.ics.divisions[division])


@NOUN.post("/channels", _ACT, Channel)
def add_channel(request: Request, incident: IncidentId, body: ChannelWrite) -> Channel:
    """A line of the communications plan."""
    return _channel(request, incident, new_id(), body)


@NOUN.put("/channels/{channel}", _ACT, Channel)
def change_channel(request: Request, incident: IncidentId, channel: Id, body: ChannelWrite) -> Channel:
    """Change a line of the communications plan."""
    return _channel(request, incident, channel, body)


@NOUN.delete("/channels/{channel}", _ACT)
def drop_channel(request: Request, incident: IncidentId, channel: Id) -> None:
    """Take a channel out of the plan."""
    acts.drop_channel(request.act, incident, channel)


def _period(case: Case, period: str) -> Period:
    return Period.model_validate(case.incident.ics.periods[period])


def _objective(request: Request, incident: str, objective: str, body: ObjectiveWrite) -> Objective:
    case = acts.set_objective(
        request.act, incident, body.period, body.priority, body.text, body.measure, objective
    )
    return Objective.model_validate(case.incident.ics.objectives[objective])


def _meeting(request: Request, incident: str, meeting: str, body: MeetingWrite) -> Meeting:
    case = acts.set_meeting(
        request.act, incident, body.period, body.title, body.starts_at, body.minutes, purpose=body.purpose,
        attendees=body.attendees, place=body.place, meeting_id=meeting,
    )  # fmt: skip
    return Meeting.model_validate(case.incident.ics.meetings[meeting])


def _hazard(request: Request, incident: str, hazard: str, body: HazardWrite) -> Hazard:
    case = safety.set_hazard(
        request.act, incident, body.area, body.hazard, body.risk, body.mitigation, body.residual, hazard_id=hazard
    )  # fmt: skip
    return Hazard.model_validate(case.incident.ics.hazards[hazard])


def _division(request: Request, incident: str, division: str, body: DivisionWrite) -> Division:
    said = body.model_dump(exclude={"members", "kind", "name"})
    case = acts.set_division(
        request.act, incident, body.kind, body.name, division_id=division, members=tuple(body.members), **said
    )  # fmt: skip
    return Division.model_validate(case.incident.ics.divisions[division])


def _channel(request: Request, incident: str, channel: str, body: ChannelWrite) -> Channel:
    case = acts.set_channel(request.act, incident, channel, **body.model_dump())
    return Channel.model_validate(case.incident.ics.channels[channel])
