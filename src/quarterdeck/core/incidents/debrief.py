"""The debrief right after the end, and the lessons of an incident: who may record them, and what they must say."""

from __future__ import annotations

from collections.abc import Sequence

from quarterdeck.core.access import Who, require
from quarterdeck.core.kernel.refused import Refused, bad

from .authority import may as granted
from .authority import must_read
from .events import DebriefHeld, Event, LessonRecorded, TaskCancelled, TaskDone, TaskGiven
from .guards import filled, known
from .parts import Task
from .state import OPEN_PHASES, Incident
from .structure import Template

DEBRIEF = "debrief"
TITLE = "Hold the debrief while everybody remembers"
MINUTES = 60
KINDS = ("keep", "change", "surprise")
TEXT_LIMIT = 5_000
MOST_LESSONS = 100


def owed(incident: Incident, *, task_id: str) -> list[Event]:
    """The task that resolving leaves to the commander (R-052). The light path asks for none."""
    commander = incident.commander
    if commander is None or incident.is_light or task(incident) is not None:
        return []
    return [TaskGiven(task_id, TITLE, commander.person, MINUTES, kind=DEBRIEF)]


def called_off(incident: Incident) -> list[Event]:
    """It was not over: the talk comes when it is."""
    waiting = task(incident)
    return [TaskCancelled(waiting.id, "The incident was reopened.", waiting.title)] if waiting else []


def task(incident: Incident) -> Task | None:
    """The debrief that somebody still owes."""
    return next((t for t in incident.tasks.values() if t.kind == DEBRIEF and t.is_open), None)


def hold_debrief(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    debrief_id: str,
    went_well: str = "",
    went_badly: str = "",
    lessons: Sequence[tuple[str, str, str]] = (),
    attendees: Sequence[str] = (),
) -> list[Event]:
    """What was said. `lessons` are (id, kind, text). By whoever owes it, the commander, or who may write reviews."""
    _over(incident, by)
    waiting = task(incident)
    if debrief_id in incident.aftermath.debriefs:
        return []
    mine = waiting is not None and waiting.assignee == by.person
    if not mine and not granted(incident, template, by, "incident.phase"):
        require(by, "review.edit")
    well, badly = _text(went_well, "went_well"), _text(went_badly, "went_badly")
    if not (well or badly or lessons):
        message = "Write what went well, what went badly, or one lesson."
        raise bad("debrief.empty", message, went_well=message)
    events: list[Event] = [DebriefHeld(debrief_id, well, badly, tuple(dict.fromkeys(attendees)))]
    events += _lessons(incident, lessons)
    if waiting is not None:
        events.append(TaskDone(waiting.id, "Held.", waiting.title))
    return events


def record_lesson(incident: Incident, by: Who, *, lesson_id: str, kind: str, text: str) -> list[Event]:
    """One more lesson, at any time after the end. By who may write reviews."""
    _over(incident, by)
    require(by, "review.edit")
    return _lessons(incident, [(lesson_id, kind, text)])


def _lessons(incident: Incident, said: Sequence[tuple[str, str, str]]) -> list[Event]:
    new = [one for one in said if one[0] not in incident.aftermath.lessons]
    if len(incident.aftermath.lessons) + len(new) > MOST_LESSONS:
        raise Refused(
            "lessons.many",
            f"{incident.key} has {MOST_LESSONS} lessons. Put several into one, or into the review.",
        )
    for kind in (one[1] for one in new):
        if kind not in KINDS:
            message = f"There is no kind of lesson {kind!r}. Choose one of: {', '.join(KINDS)}."
            raise bad("lesson.kind", message, kind=message)
    return [
        LessonRecorded(key, filled(_text(text, "text"), "text", "Write what was learned."), kind)
        for key, kind, text in new
    ]


def _over(incident: Incident, by: Who) -> None:
    must_read(incident, by)
    known(incident.declared_at, "incident.unknown", "record")
    if incident.phase in OPEN_PHASES:
        raise Refused(
            "debrief.early",
            f"{incident.key} is not over. Resolve it first; write what you see as a note until then.",
        )


def _text(text: str, field: str) -> str:
    text = text.strip()
    if len(text) > TEXT_LIMIT:
        message = f"This has {len(text)} characters; {TEXT_LIMIT} fit. Shorten it."
        raise bad("text.long", message, **{field: message})
    return text
