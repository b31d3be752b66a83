"""Executives and an incident: guidance, notes for the review, the dialog of command, boundary events."""

from __future__ import annotations

from typing import Annotated, Literal

from quarterdeck.app.casebook import Case
from quarterdeck.app.executives import executives as acts
from quarterdeck.core.incidents.boundary import Guidance as Given
from quarterdeck.core.kernel.refused import missing

from .doors import Request
from .fields import Id, IncidentId, Moment, Read, Text, Write, Yes
from .operations import Noun
from .pages import Page, whole

_ROOT = "/incidents/{incident}"
GUIDANCE = Noun("Executives", f"{_ROOT}/guidance")
NOTES = Noun("Executives", f"{_ROOT}/executive-notes")
COMMAND = Noun("Executives", f"{_ROOT}/command-dialog")
BOUNDARY = Noun("Executives", f"{_ROOT}/boundary-events")
_READ, _ACT, _ANSWER = "brief.read", "executive.act", "incident.act"

GuidanceKind = Literal["objective", "priority", "constraint", "risk_appetite"]


class StrategicGuidance(Read):
    id: str
    kind: GuidanceKind
    text: str
    given_at: Moment
    state: Literal["given", "accepted", "declined"]
    reason: str
    answered_at: Moment | None


class StrategicGuidanceWrite(Write):
    kind: GuidanceKind
    text: Annotated[str, Text(1000, least=1)]


class GuidanceAnswerWrite(Write):
    """`reason` is needed to decline."""

    accepted: Yes
    reason: Annotated[str, Text(1000)] = ""


class ExecutiveNote(Read):
    """For the review; it changes nothing."""

    id: str
    about: Literal["severity", "decision"]
    subject: str
    text: str
    noted_at: Moment


class ExecutiveNoteWrite(Write):
    about: Literal["severity", "decision"]
    text: Annotated[str, Text(1000, least=1)]
    decision: Annotated[str, Text(40)] = ""


class CommandDialogWrite(Write):
    """The answer to "Do you wish to take command?". `text`: why, or with no, what is to be asked or said instead."""

    take: Yes
    text: Annotated[str, Text(1000, least=1)]
    understood: Yes = False


class CommandDialog(Read):
    """`handover`: the way command passes, when the answer was yes."""

    handover: str | None


class BoundaryEvent(Read):
    """Never with a name."""

    id: str
    kind: Literal["attempt", "not_taken", "off_channel"]
    what: str
    quote: str
    at: Moment


class BoundaryEventWrite(Write):
    what: Annotated[str, Text(120, least=1)]
    quote: Annotated[str, Text(1000)] = ""
    person: Annotated[str, Text(40)] = ""


class BoundaryEvents(Read):
    """Counts of what the records hold, and the records themselves."""

    questions: int
    critical: int
    status_demands: int
    attempts: int
    not_taken: int
    off_channel: int
    total: int
    events: list[BoundaryEvent]


@GUIDANCE.get("", _READ, Page[StrategicGuidance])
def list_guidance(request: Request, incident: IncidentId) -> Page[StrategicGuidance]:
    """Strategic guidance, in the order it was given, with the commander's answers."""
    case = acts.load(request.act, incident)
    return whole(_guidance(g) for g in case.incident.boundary.guidance.values())


@GUIDANCE.post("", _ACT, StrategicGuidance)
def give_guidance(request: Request, incident: IncidentId, body: StrategicGuidanceWrite) -> StrategicGuidance:
    """An objective, a priority, a constraint or how much may be risked. It becomes no task."""
    case = acts.guide(request.act, incident, body.kind, body.text)
    return _guidance(next(reversed(case.incident.boundary.guidance.values())))


@GUIDANCE.put("/{guidance}/answer", _ANSWER, StrategicGuidance)
def answer_guidance(
    request: Request, incident: IncidentId, guidance: Id, body: GuidanceAnswerWrite
) -> StrategicGuidance:
    """Accept it, or decline with a reason. By the commander."""
    case = acts.answer_guidance(request.act, incident, guidance, body.accepted, body.reason)
    return _guidance(case.incident.boundary.guidance[guidance])


@NOTES.get("", "review.read", Page[ExecutiveNote])
def list_executive_notes(request: Request, incident: IncidentId) -> Page[ExecutiveNote]:
    """What executives want the review to look at, without names."""
    case = acts.load(request.act, incident)
    return whole(_note(case, key) for key in case.incident.boundary.notes)


@NOTES.post("", _ACT, ExecutiveNote)
def leave_executive_note(request: Request, incident: IncidentId, body: ExecutiveNoteWrite) -> ExecutiveNote:
    """Doubt the severity, or be of another mind about a decision: for the review. Nothing changes now."""
    case = acts.note(request.act, incident, body.about, body.text, body.decision)
    return _note(case, next(reversed(case.incident.boundary.notes)))


@COMMAND.post("", _ACT, CommandDialog)
def answer_command_dialog(request: Request, incident: IncidentId, body: CommandDialogWrite) -> CommandDialog:
    """Do you wish to take command? Yes starts the handover, no puts the text into the queue of questions."""
    if not body.take:
        acts.leave_command(request.act, incident, body.text)
        return CommandDialog(handover=None)
    case = acts.take_command(request.act, incident, body.text, body.understood)
    mine = [h for h in case.incident.handovers.values() if h.is_open and h.to_person == request.act.person]
    return CommandDialog(handover=mine[-1].id if mine else None)


@BOUNDARY.get("", _READ, BoundaryEvents)
def list_boundary_events(request: Request, incident: IncidentId) -> BoundaryEvents:
    """How often executives reached into this incident, in counts and quotes."""
    return _boundary(acts.load(request.act, incident))


@BOUNDARY.post("", _ANSWER, BoundaryEvents)
def write_boundary_event(request: Request, incident: IncidentId, body: BoundaryEventWrite) -> BoundaryEvents:
    """Write down a request that came past the executive liaison. By them or the commander."""
    return _boundary(acts.off_channel(request.act, incident, body.what, body.quote, body.person))


def _guidance(g: Given) -> StrategicGuidance:
    return StrategicGuidance(
        id=g.id, kind=g.kind, text=g.text, given_at=g.given_at, state=g.state, reason=g.reason,
        answered_at=g.answered_at,
    )  # fmt: skip


def _note(case: Case, key: str) -> ExecutiveNote:
    found = case.incident.boundary.notes.get(key)
    if found is None:
        raise missing("note.unknown", "There is no such note in this incident.")
    return ExecutiveNote(
        id=found.id, about=found.about, subject=found.subject, text=found.text, noted_at=found.noted_at
    )


def _boundary(case: Case) -> BoundaryEvents:
    n = acts.count(case.incident)
    return BoundaryEvents(
        questions=n.questions, critical=n.critical, status_demands=n.status_demands, attempts=n.attempts,
        not_taken=n.not_taken, off_channel=n.off_channel, total=n.total,
        events=[
            BoundaryEvent(id=c.id, kind=c.kind, what=c.what, quote=c.quote, at=c.at)
            for c in case.incident.boundary.crossings.values()
        ],
    )  # fmt: skip
