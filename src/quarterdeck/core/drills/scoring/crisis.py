"""The four parts of crisis ability, each an item for every role that was held (R-251): plan activation, coordination,
delegation, constant monitoring. Their definitions are in docs/drills.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise

from quarterdeck.core.incidents import Stamped
from quarterdeck.core.incidents import events as ev

from . import targets
from .course import Course, evidence
from .shapes import HALF, LATE, MET, MISSED, Item, counted, timed, unseen
from .work import quick_tasks

PARTS = {
    "plan_activation": "Plan activation",
    "coordination": "Coordination",
    "delegation": "Delegation",
    "monitoring": "Constant monitoring",
}
# Who holds one of these may give work to others.
_GIVES = {"task.assign", "role.assign"}


def items(course: Course, role: str, injects: Sequence[Item]) -> list[Item]:
    """`injects` are the role's items of injects, already judged."""
    return [
        plan_activation(course, role),
        coordination(course, role, injects),
        delegation(course, role),
        monitoring(course, role),
    ]


def plan_activation(course: Course, role: str) -> Item:
    """From taking the role to its first act by the plan: the card understood, an item of its checklist ticked, or a
    role called or given.
    """
    key, title = "plan_activation", PARTS["plan_activation"]
    held = course.held(role)
    if not held:
        return unseen(key, title, role, "nobody held the role")
    start = held[0].started_at
    done = next((s for s in course.log if s.at >= start and _by_the_plan(course, s, role)), None)
    taken = course.setting.between(start, done.at) if done else None
    since = course.setting.minute(start)
    seen = evidence(done) if done else ()
    return timed(key, title, role, taken, targets.ACTIVATE, course.setting, seen, since)


def _by_the_plan(course: Course, s: Stamped, role: str) -> bool:
    match s.event:
        case ev.ChecklistDone(role=found):
            return found == role
        case ev.RoleUnderstood(role=found, person=person):
            return found == role and course.practises(person)
        case ev.RoleTaken(role=found, understood=True, person=person):
            return found == role and course.practises(person)
        case ev.RoleTaken(person=person) | ev.RoleCalled(person=person):
            return s.actor in course.people(role) and s.actor != person
    return False


def coordination(course: Course, role: str, injects: Sequence[Item]) -> Item:
    """What others put to the role and it answered in time: tasks within 60 s, roll calls, offered roles, injects."""
    key, title = "coordination", PARTS["coordination"]
    if not course.held(role):
        return unseen(key, title, role, "nobody held the role")
    good, of, seen = quick_tasks(course, role)
    people = course.people(role)
    answered = {(e.roll_id, e.person) for _, e in course.each(ev.RollCallAnswered)}
    for s, called in course.each(ev.RollCallStarted):
        for person in people & set(called.asked):
            of, good = of + 1, good + ((called.roll_id, person) in answered)
            seen.append(s)
    for h in course.incident.handovers.values():
        if h.to_person in people and h.state != "withdrawn":
            of, good = of + 1, good + (h.accepted_at is not None)
    judged = [i for i in injects if i.counts]
    good, of = good + sum(i.verdict == MET for i in judged), of + len(judged)
    note = f"{good} of {of} answered in time" if of else "nothing was asked of the role"
    return counted(key, title, role, good, of, note, evidence(*seen))


def delegation(course: Course, role: str) -> Item:
    """Of the work a role gave that may give work, how much went to others. Having given none at all is missed."""
    key, title = "delegation", PARTS["delegation"]
    known = course.template.role(role)
    if known is None or _GIVES.isdisjoint(known.grants):
        return unseen(key, title, role, "the role gives no work to others")
    given = [(s, to) for s in course.acts(role) if (to := _gives_to(s))]
    to_others = [s for s, to in given if to != s.actor]
    if not given:
        if held_for(course, role) < targets.LONG_ENOUGH:
            return unseen(key, title, role, "the role was held for too short a time")
        return Item(key, title, role, MISSED, 0.0, note="nothing was given to anybody")
    note = f"{len(to_others)} of {len(given)} went to others"
    return counted(key, title, role, len(to_others), len(given), note, evidence(*to_others))


def _gives_to(s: Stamped) -> str:
    match s.event:
        case ev.TaskGiven(assignee=person) | ev.TaskReassigned(assignee=person):
            return person
        case ev.RoleTaken(person=person) | ev.RoleCalled(person=person) if s.seq > 2:
            return person if person != s.actor else ""
        case ev.HandoverOffered(to_person=person) | ev.DomainDelegated(person=person):
            return person
    return ""


def held_for(course: Course, role: str) -> timedelta:
    """Drill time in which somebody held the role."""
    until = course.setting.until
    spans = [course.setting.between(a.started_at, min(a.ended_at or until, until)) for a in course.held(role)]
    return sum(spans, timedelta(0))


def monitoring(course: Course, role: str) -> Item:
    """The longest stretch in which the role was held, the incident open, and its holder left no trace in the log."""
    key, title = "monitoring", PARTS["monitoring"]
    if held_for(course, role) < targets.LONG_ENOUGH:
        return unseen(key, title, role, "the role was held for too short a time")
    resolved = next((s.at for s in course.events(ev.Resolved, ev.Closed)), course.setting.until)
    longest, around = timedelta(0), tuple[Stamped, ...]()
    acts = course.acts(role)
    for a in course.held(role):
        end = min(a.ended_at or resolved, resolved)
        mine = [s for s in acts if s.actor == a.person and a.started_at <= s.at <= end]
        marks = [a.started_at, *(s.at for s in mine), end]
        for n, (one, other) in enumerate(pairwise(marks)):
            silent = course.setting.between(one, other)
            if silent > longest:
                longest, around = silent, tuple(mine[max(n - 1, 0) : n + 1])
    verdict, share = _watched(longest)
    return Item(
        key, title, role, verdict, share, longest, targets.WATCH, "longest silence", evidence(*around)
    )


def _watched(longest: timedelta) -> tuple[str, float]:
    if longest <= targets.WATCH:
        return MET, 1.0
    return (LATE, HALF) if longest <= 2 * targets.WATCH else (MISSED, 0.0)
