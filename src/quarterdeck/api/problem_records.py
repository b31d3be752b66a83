"""Handing an incident's cause over to problem management, and the problems themselves."""

from __future__ import annotations

from typing import Annotated, Literal

from ninja import Query

from quarterdeck.app.casebook import load
from quarterdeck.app.learning import problems as acts
from quarterdeck.core.incidents.problem import criteria
from quarterdeck.store import models

from .doors import Request
from .fields import Day, Flag, Id, IncidentId, Moment, Named, Read, Text, Url, Write
from .operations import Noun
from .pages import Page, PageAsked, page

NOUN = Noun("Problems", "/problems")
HANDOFF = Noun("Problems", "/incidents/{incident}/problem-handoff")
_READ = "incident.read"
Title = Annotated[str, Text(acts.TITLE_LIMIT)]
Note = Annotated[str, Text(acts.NOTE_LIMIT)]


class ProblemRecord(Read):
    """A cause still to be removed. `state`: open, fixed, closed, withdrawn. `late`: open after the day of its fix."""

    id: str
    title: str
    root_cause: str
    owner: Named
    fix_on: str
    late: bool
    state: str
    tracker_url: str
    note: str
    incidents: list[str]
    created_by: Named
    created_at: Moment
    changed_at: Moment


class HandoffCriterion(Read):
    """`lacking` says what to do while it is not met."""

    key: str
    title: str
    met: bool
    lacking: str


class ProblemHandoff(Read):
    """Whether the incident may go over to problem management, and where it went."""

    ready: bool
    criteria: list[HandoffCriterion]
    problems: list[ProblemRecord]


class ProblemHandoffWrite(Write):
    """What is left out comes from the incident and its scheduled fix. `problem` links to one that is known already."""

    title: Title = ""
    owner: Id | None = None
    fix_on: Day | None = None
    tracker_url: Url = ""
    problem: Id | None = None


class ProblemPatch(Write):
    """Only what is named changes."""

    title: Title | None = None
    owner: Id | None = None
    fix_on: Day | None = None
    tracker_url: Url | None = None
    note: Note | None = None


class ProblemStateWrite(Write):
    state: Literal["open", "fixed", "closed", "withdrawn"]
    note: Note = ""


class ProblemsAsked(PageAsked):
    is_open: Flag | None = None


@HANDOFF.get("", _READ, ProblemHandoff)
def get_problem_handoff(request: Request, incident: IncidentId) -> ProblemHandoff:
    """The checklist, read off the incident, and its problems."""
    case = load(incident, request.act.who)
    found = criteria(case.incident)
    return ProblemHandoff(
        ready=all(c.met for c in found),
        criteria=[
            HandoffCriterion(key=c.key, title=c.title, met=c.met, lacking="" if c.met else c.lacking) for c in found
        ],
        problems=[_told(request, p) for p in acts.of_incident(incident, request.act.who)],
    )  # fmt: skip


@HANDOFF.post("", _READ, ProblemRecord)
def hand_over_problem(request: Request, incident: IncidentId, body: ProblemHandoffWrite) -> ProblemRecord:
    """Problem management goes on with the cause. Refused (409) until the checklist is met, saying what is missing."""
    made = acts.hand_over(
        request.act, incident, title=body.title, owner=body.owner or "", fix_on=body.fix_on or "",
        tracker_url=body.tracker_url, problem_id=body.problem or "",
    )  # fmt: skip
    return _told(request, made)


@NOUN.get("", _READ, Page[ProblemRecord])
def list_problems(request: Request, asked: Query[ProblemsAsked]) -> Page[ProblemRecord]:
    """Problems by the day of their fix."""
    rows = acts.problems(request.act.who)
    if asked.is_open is not None:
        rows = rows.filter(state=acts.OPEN) if asked.is_open else rows.exclude(state=acts.OPEN)
    return page(asked, rows, ("fix_on", "id"), lambda found: [_told(request, r) for r in found])


@NOUN.get("/{problem}", _READ, ProblemRecord)
def get_problem(request: Request, problem: Id) -> ProblemRecord:
    return _told(request, acts.find(problem, request.act.who))


@NOUN.patch("/{problem}", _READ, ProblemRecord)
def change_problem(request: Request, problem: Id, body: ProblemPatch) -> ProblemRecord:
    """By its owner, or with the right to edit reviews."""
    return _told(request, acts.change(request.act, problem, **body.model_dump()))


@NOUN.put("/{problem}/state", _READ, ProblemRecord)
def move_problem(request: Request, problem: Id, body: ProblemStateWrite) -> ProblemRecord:
    """Fixed, closed, withdrawn (with a reason), or open again."""
    return _told(request, acts.move(request.act, problem, body.state, body.note))


def _told(request: Request, row: models.Problem) -> ProblemRecord:
    names = request.names.load([row.owner, row.created_by])
    return ProblemRecord(
        id=row.id, title=row.title, root_cause=row.root_cause, owner=names.of(row.owner), fix_on=row.fix_on,
        late=acts.is_late(row, request.act.at.date()), state=row.state, tracker_url=row.tracker_url, note=row.note,
        incidents=acts.incidents_of(row, request.act.who), created_by=names.of(row.created_by),
        created_at=row.created_at, changed_at=row.changed_at,
    )  # fmt: skip
