"""The items of the whole drill: how soon it was acknowledged, commanded, rated and told, and how orderly it ran."""

from __future__ import annotations

from datetime import timedelta

from quarterdeck.core.incidents import Stamped
from quarterdeck.core.incidents import events as ev

from . import targets
from .course import Course, evidence
from .shapes import Item, counted, timed, unseen
from .signs import first, public
from .work import checklist_items, promises, quick_tasks


def items(course: Course) -> list[Item]:
    return [
        acknowledged(course),
        commanded(course),
        rated(course),
        *updates(course),
        filled(course),
        handovers(course),
        tasks(course),
        checklists(course),
        clocks(course),
    ]


def acknowledged(course: Course) -> Item:
    """From the first call that must be acknowledged to the first acknowledgement."""
    title = "A page is acknowledged"
    called = next((s for s, e in course.each(ev.RoleCalled) if e.how == "callout"), None)
    if called is None:
        return unseen("acknowledge", title, "", "nobody was paged")
    answer = next((s for s in course.events(ev.CalloutAnswered) if s.seq > called.seq), None)
    taken = course.setting.between(called.at, answer.at) if answer else None
    since = course.setting.minute(called.at)
    found = evidence(called, answer) if answer else evidence(called)
    return timed("acknowledge", title, "", taken, targets.ACKNOWLEDGE, course.setting, found, since)


def command_taken(course: Course) -> Stamped | None:
    """When somebody who practises takes command; who was named commander at once takes it by their first act."""
    taken = first(course, "command", "")
    named = next((a for a in course.held("commander")), None)
    if named is None:
        return taken
    act = next((s for s in course.log if s.seq > 2 and s.actor == named.person), None)
    return min((s for s in (taken, act) if s is not None), key=lambda s: s.seq, default=None)


def commanded(course: Course) -> Item:
    """From the start to the moment a person takes command."""
    found = command_taken(course)
    taken = course.setting.minute(found.at) if found else None
    seen = evidence(found) if found else ()
    return timed("command", "Command is taken", "", taken, targets.COMMAND, course.setting, seen)


def rated(course: Course) -> Item:
    """From the start to the first severity a person sets. Known from the start, it is not seen."""
    title = "The severity is set"
    found = first(course, "severity", "")
    unknown = any(e.unknown_severity for _, e in course.each(ev.Declared))
    if found is None and not unknown:
        return unseen("severity", title, "", "it was known from the start")
    taken = course.setting.minute(found.at) if found else None
    return timed(
        "severity",
        title,
        "",
        taken,
        targets.SEVERITY,
        course.setting,
        evidence(found) if found else (),
    )


def updates(course: Course) -> list[Item]:
    """From the start to the first message released to people inside, and to the public."""
    return [
        _update(course, "internal_update", "People inside hear of it", False),
        _update(course, "public_update", "The public hears of it", True),
    ]


def _update(course: Course, key: str, title: str, to_public: bool) -> Item:
    found = first(course, key, "")
    at_most = _promised(course, to_public)
    taken = course.setting.minute(found.at) if found else None
    if at_most is None:
        if found is None:
            return unseen(key, title, "", "the structure promises nothing at this severity")
        at_most = targets.WATCH
    return timed(key, title, "", taken, at_most, course.setting, evidence(found) if found else ())


def _promised(course: Course, to_public: bool) -> timedelta | None:
    """The shortest interval that the structure promises such an audience at the highest severity there was."""
    rank = course.incident.severity_highest or course.incident.severity
    spans = [
        by_rank[rank]
        for audience, by_rank in course.template.clocks.items()
        if rank in by_rank and public(course.template, audience) is to_public
    ]
    return min(spans, default=None)


def filled(course: Course) -> Item:
    """How many of the roles that were needed somebody held."""
    empty = [r for r in course.needed if not course.held(r)]
    names = ", ".join(_title(course, r) for r in empty)
    note = f"nobody was {names}" if empty else f"all {len(course.needed)} were held"
    of = len(course.needed)
    return counted("roles", "The roles that were needed are filled", "", of - len(empty), of, note)


def handovers(course: Course, role: str = "") -> Item:
    """A handover is clean when the briefing was given before it took effect."""
    kept = [
        h
        for h in course.incident.handovers.values()
        if h.state == "effective" and (not role or h.role == role)
    ]
    clean = sum(h.briefed_at is not None for h in kept)
    ids = {h.id for h in kept}
    seen = [s for s, e in course.each(ev.HandoverEffective) if e.handover_id in ids]
    note = f"{clean} of {len(kept)} with a briefing" if kept else "no role was handed over"
    return counted("handovers", "Handovers are clean", role, clean, len(kept), note, evidence(*seen))


def tasks(course: Course) -> Item:
    good, of, seen = quick_tasks(course, None)
    note = f"{good} of {of} within 60 s" if of else "no task was given to somebody else"
    return counted("tasks", "Tasks are acknowledged within 60 s", "", good, of, note, evidence(*seen))


def checklists(course: Course) -> Item:
    ticked = total = 0
    for role in course.roles():
        done, of = checklist_items(course, role)
        ticked, total = ticked + done, total + of
    note = f"{ticked} of {total} items" if total else "no checklist was due"
    return counted("checklists", "Checklists are worked through", "", ticked, total, note)


def clocks(course: Course) -> Item:
    kept, broken = promises(course, None)
    note = f"{kept} kept, {broken} overdue" if kept or broken else "no promise fell due"
    overdue = [s for s, e in course.each(ev.ClockOverdue) if e.level == 1]
    return counted(
        "clocks", "Promised updates are on time", "", kept, kept + broken, note, evidence(*overdue)
    )


def _title(course: Course, role: str) -> str:
    known = course.template.role(role)
    return known.title if known else role.replace("_", " ").capitalize()
