"""The debrief right after an incident, and the lessons of all incidents."""

from __future__ import annotations

from typing import Annotated, Literal

from ninja import Query
from pydantic import Field

from quarterdeck.app.casebook import load
from quarterdeck.app.learning import debriefs as acts
from quarterdeck.core.incidents.debrief import KINDS, TEXT_LIMIT, task
from quarterdeck.store import models

from .doors import Request
from .fields import Id, IncidentId, Moment, Named, Read, Text, Write
from .operations import Noun
from .pages import Page, PageAsked, page

NOUN = Noun("Debriefs", "/incidents/{incident}")
LESSONS = Noun("Debriefs", "/lessons")
Kind = Literal[KINDS]  # type: ignore[valid-type]
Said = Annotated[str, Text(TEXT_LIMIT)]


class Lesson(Read):
    """`kind`: keep (it helped), change (it cost us), surprise (we did not know)."""

    id: str
    incident: str
    kind: str
    text: str
    recorded_by: Named
    recorded_at: Moment


class DebriefTold(Read):
    id: str
    held_by: Named
    held_at: Moment
    went_well: str
    went_badly: str
    attendees: list[Named]


class Debrief(Read):
    """`owed_by` is who still has the task; null when nobody owes one. A talk may be held more than once."""

    owed_by: Named | None
    task: str
    held: list[DebriefTold]
    lessons: list[Lesson]


class LessonWrite(Write):
    kind: Kind = "change"
    text: Annotated[str, Text(TEXT_LIMIT, least=1)]


class DebriefWrite(Write):
    went_well: Said = ""
    went_badly: Said = ""
    lessons: list[LessonWrite] = Field(default_factory=list, max_length=50)
    attendees: list[Id] = Field(default_factory=list, max_length=200)


class LessonsAsked(PageAsked):
    """`q`: words that a lesson contains, or the id of its incident."""

    q: Annotated[str, Text(200)] = ""


@NOUN.get("/debrief", "incident.read", Debrief)
def get_debrief(request: Request, incident: IncidentId) -> Debrief:
    """Who owes the debrief, what was said, what was learned."""
    case = load(incident, request.act.who)
    left, waiting = case.incident.aftermath, task(case.incident)
    people = [p for d in left.debriefs.values() for p in (d.held_by, *d.attendees)]
    names = request.names.load([*people, *(one.recorded_by for one in left.lessons.values())])
    rows = list(models.LessonRow.objects.filter(incident_id=incident).order_by("recorded_at", "id"))
    return Debrief(
        owed_by=names.maybe(waiting.assignee if waiting else ""),
        task=waiting.id if waiting else "",
        held=[
            DebriefTold(
                id=d.id, held_by=names.of(d.held_by), held_at=d.held_at, went_well=d.went_well,
                went_badly=d.went_badly, attendees=[names.of(p) for p in d.attendees],
            )
            for d in left.debriefs.values()
        ],
        lessons=_lessons(request, rows),
    )  # fmt: skip


@NOUN.post("/debrief", "incident.read", Debrief)
def hold_debrief(request: Request, incident: IncidentId, body: DebriefWrite) -> Debrief:
    """What was said; ends the task. By whoever owes it, the commander, or who may write reviews."""
    acts.hold(
        request.act, incident, went_well=body.went_well, went_badly=body.went_badly,
        lessons=[(one.kind, one.text) for one in body.lessons], attendees=body.attendees,
    )  # fmt: skip
    return get_debrief(request, incident)


@NOUN.post("/lessons", "review.edit", Lesson)
def add_lesson(request: Request, incident: IncidentId, body: LessonWrite) -> Lesson:
    """One more lesson, at any time after the end."""
    case = acts.add_lesson(request.act, incident, body.kind, body.text)
    row = models.LessonRow.objects.get(id=next(reversed(case.incident.aftermath.lessons)))
    return _lessons(request, [row])[0]


@LESSONS.get("", "incident.read", Page[Lesson])
def list_lessons(request: Request, asked: Query[LessonsAsked]) -> Page[Lesson]:
    """Lessons of every incident you may know of, the newest first."""
    rows = acts.lessons(request.act.who, asked.q)
    return page(asked, rows, ("-recorded_at", "-id"), lambda found: _lessons(request, found))


def _lessons(request: Request, rows: list[models.LessonRow]) -> list[Lesson]:
    names = request.names.load(r.recorded_by for r in rows)
    return [
        Lesson(
            id=r.id, incident=r.incident_id, kind=r.kind, text=r.text, recorded_by=names.of(r.recorded_by),
            recorded_at=r.recorded_at,
        )
        for r in rows
    ]  # fmt: skip
