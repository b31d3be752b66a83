"""Counting the work of a drill: tasks acknowledged, checklists ticked, promises kept; of a role, or of all (None)."""

from __future__ import annotations

from quarterdeck.core.incidents import Stamped
from quarterdeck.core.incidents import events as ev
from quarterdeck.core.incidents.state import tick_key

from . import targets
from .course import Course


def quick_tasks(course: Course, role: str | None) -> tuple[int, int, list[Stamped]]:
    """Tasks that were given to somebody else: how many were acknowledged within 60 s, of how many; and the events."""
    people = course.people(role) if role is not None else None
    given: dict[str, Stamped] = {}
    good, seen = 0, []
    for s in course.log:
        match s.event:
            case ev.TaskGiven(task_id=task, assignee=assignee) if assignee != s.actor:
                if people is None or assignee in people:
                    given[task] = s
            case ev.TaskAcknowledged(task_id=task) | ev.TaskDone(task_id=task) if task in given:
                start = given[task]
                if course.setting.between(start.at, s.at) <= targets.TASK and start not in seen:
                    good += 1
                    seen.append(start)
    return good, len(given), list(given.values())


def checklist_items(course: Course, role: str) -> tuple[int, int]:
    """Items ticked, of those due in the phases lived through while the role was held."""
    known = course.template.role(role)
    held = course.held(role)
    if known is None or not held:
        return 0, 0
    since = held[0].started_at
    spans = course.incident.phases
    ends = [*(s.since for s in spans[1:]), None]
    lived = {s.phase for s, end in zip(spans, ends, strict=True) if end is None or end > since}
    due = [(phase, n) for phase in lived for n in range(len(known.checklist.get(phase, ())))]
    return sum(tick_key(role, phase, n) in course.incident.ticks for phase, n in due), len(due)


def promises(course: Course, role: str | None) -> tuple[int, int]:
    """Promised updates that were kept, and those that fell overdue."""
    owners = {
        s.event.audience: s.event.owner_role for s in course.log if isinstance(s.event, ev.ClockStarted)
    }
    kept = broken = 0
    late: set[str] = set()
    for s in course.log:
        match s.event:
            case ev.ClockOverdue(audience=audience, level=1) if role in (None, owners.get(audience)):
                late.add(audience)
                broken += 1
            case ev.ClockReset(audience=audience) if role in (None, owners.get(audience)):
                kept += audience not in late
                late.discard(audience)
    return kept, broken
