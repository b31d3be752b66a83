"""The items of one role: called, filled, its tasks, checklist, promises and handovers."""

from __future__ import annotations

from quarterdeck.core.incidents import events as ev

from . import targets
from .course import Course, evidence
from .shapes import Item, counted, timed, unseen
from .whole import handovers
from .work import checklist_items, promises, quick_tasks


def items(course: Course, role: str) -> list[Item]:
    return [
        filled(course, role),
        acknowledged(course, role),
        tasks(course, role),
        checklist(course, role),
        clocks(course, role),
        handovers(course, role),
    ]


def filled(course: Course, role: str) -> Item:
    """From the moment the role was needed to somebody holding it."""
    title = "The role is filled"
    since, held = course.needed.get(role), course.held(role)
    if since is None:
        return unseen("filled", title, role, "it was not needed" if not held else "held, though not needed")
    taken = course.setting.between(since, held[0].started_at) if held else None
    begun = course.setting.minute(since)
    seen = [s for s, e in course.each(ev.RoleTaken) if held and e.assignment_id == held[0].id]
    return timed("filled", title, role, taken, targets.FILLED, course.setting, evidence(*seen), begun)


def acknowledged(course: Course, role: str) -> Item:
    """From the first call for this role to its first acknowledgement."""
    title = "Its page is acknowledged"
    calls = [s for s, e in course.each(ev.RoleCalled) if e.role == role and e.how == "callout"]
    if not calls:
        return unseen("acknowledge", title, role, "nobody was paged for it")
    answer = next((s for s, e in course.each(ev.CalloutAnswered) if e.role == role), None)
    taken = course.setting.between(calls[0].at, answer.at) if answer else None
    seen = evidence(calls[0], answer) if answer else evidence(calls[0])
    since = course.setting.minute(calls[0].at)
    return timed("acknowledge", title, role, taken, targets.ACKNOWLEDGE, course.setting, seen, since)


def tasks(course: Course, role: str) -> Item:
    good, of, seen = quick_tasks(course, role)
    note = f"{good} of {of} within 60 s" if of else "it was given none"
    return counted("tasks", "Tasks are acknowledged within 60 s", role, good, of, note, evidence(*seen))


def checklist(course: Course, role: str) -> Item:
    done, of = checklist_items(course, role)
    note = f"{done} of {of} items" if of else "it has none for these phases"
    return counted("checklist", "The checklist is worked through", role, done, of, note)


def clocks(course: Course, role: str) -> Item:
    kept, broken = promises(course, role)
    note = f"{kept} kept, {broken} overdue" if kept or broken else "no promise of its own fell due"
    return counted("clocks", "Its promised updates are on time", role, kept, kept + broken, note)
