"""Whether somebody who can be reached is on call for the next 24 hours, under every policy that is in use.

A gap is a time at which no step of a policy, and nobody to call in the end, stands for anybody.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from quarterdeck.core.escalation.policy import Policy, Target
from quarterdeck.core.oncall import Schedule, Shift, shifts
from quarterdeck.store import models, tx

from ..health import alarms
from .directory import policy_from, schedule_from

KIND = "gap"
AHEAD = timedelta(hours=24)
# Policies that are used by their key.
NAMED = Q(key__in=("default", "commander")) | Q(key__startswith="role-")


@dataclass(frozen=True, slots=True)
class Hole:
    """What is missing; `subject` stays the same while it is about the same policy or person."""

    subject: str
    text: str


def look(now: datetime) -> list[Hole]:
    """Find what is missing and make the alarms say exactly that."""
    found = {h.subject[:100]: h for h in ahead(now)}
    standing = {a.subject: a.text for a in models.Alarm.objects.filter(kind=KIND, cleared_at=None)}
    new = [h for s, h in found.items() if standing.get(s) != h.text]
    over = [s for s in standing if s not in found or standing[s] != found[s].text]
    if new or over:
        with tx.write("web"):
            for subject in over:
                alarms.clear_alarm(KIND, subject, now)
            for hole in new:
                alarms.raise_alarm(KIND, hole.subject, hole.text, now)
    return list(found.values())


def ahead(now: datetime) -> list[Hole]:
    """Reads only."""
    policies = [policy_from(row.definition) for row in in_use()]
    targets = {t for p in policies for t in _targets(p)}
    ids = {t.ref for t in targets if t.kind == "schedule"}
    rows = models.Schedule.objects.filter(id__in=ids).prefetch_related("layers", "overrides")
    schedules = {row.id: schedule_from(row) for row in rows}
    active = set(models.Person.objects.filter(is_active=True).values_list("id", flat=True))
    covered = {i: _covered(s, active, now) for i, s in schedules.items()}
    holes = [h for p in policies for h in _policy(p, schedules, covered, active, now)]
    return holes + list(_people(schedules, covered, now))


def in_use() -> list[models.EscalationPolicy]:
    """Policies that an alert or a role could start now."""
    services = models.Service.objects.exclude(policy=None).values("policy_id")
    doors = models.Integration.objects.filter(revoked_at=None).exclude(policy=None).values("policy_id")
    wanted = NAMED | Q(id__in=services) | Q(id__in=doors)
    return list(models.EscalationPolicy.objects.filter(wanted))


def _targets(policy: Policy) -> Iterator[Target]:
    for step in policy.steps:
        yield from step.targets
    yield from policy.catch_all


def _covered(schedule: Schedule, active: set[str], now: datetime) -> list[Shift]:
    """The shifts in which somebody active is on call, with those people alone."""
    found = []
    for s in shifts(schedule, now, now + AHEAD):
        people = tuple(p for p in s.people if p in active)
        if people:
            found.append(s._replace(person=people[0], people=people))
    return found


def _policy(
    policy: Policy,
    schedules: dict[str, Schedule],
    covered: dict[str, list[Shift]],
    active: set[str],
    now: datetime,
) -> Iterator[Hole]:
    targets = list(_targets(policy))
    if any(t.kind == "person" and t.ref in active for t in targets) or any(_staffed(t) for t in targets):
        return
    spans = [(s.starts_at, s.ends_at) for t in targets for s in covered.get(t.ref, ())]
    gap = first_gap(spans, now, now + AHEAD)
    if gap is not None:
        since = "now" if gap[0] == now else f"{gap[0]:%a %d %b %H:%M} UTC"
        text = (
            f"Nobody is on call under the policy “{policy.name}” from {since} to {gap[1]:%a %d %b %H:%M} UTC."
        )
        yield Hole(f"policy:{policy.key}", _steady(text, gap, now))


def _steady(text: str, gap: tuple[datetime, datetime], now: datetime) -> str:
    """The end of what is seen moves on with the clock; saying it would make a new alarm of the same gap each time."""
    if gap[1] >= now + AHEAD:
        return text.partition(" to ")[0] + " on."
    return text


def _staffed(target: Target) -> bool:
    return (
        target.kind == "team"
        and models.Membership.objects.filter(team_id=target.ref, person__is_active=True).exists()
    )


def first_gap(
    spans: Sequence[tuple[datetime, datetime]], start: datetime, end: datetime
) -> tuple[datetime, datetime] | None:
    """The first stretch between `start` and `end` that none of the spans covers."""
    reached = start
    for begins, ends in sorted(spans):
        if begins > reached:
            return reached, begins
        reached = max(reached, ends)
    return (reached, end) if reached < end else None


def _people(schedules: dict[str, Schedule], covered: dict[str, list[Shift]], now: datetime) -> Iterator[Hole]:
    """People who are on call within a day and have no contact that could reach them."""
    first: dict[str, tuple[Shift, str]] = {}
    for key, found in covered.items():
        for shift in found:
            for person in shift.people:
                if person not in first or shift.starts_at < first[person][0].starts_at:
                    first[person] = (shift, schedules[key].name)
    reachable = set(
        models.ContactMethod.objects.filter(
            person_id__in=first, disabled=False, kind__in=settings.QUARTERDECK_CHANNELS
        ).values_list("person_id", flat=True)
    )
    lost = [p for p in first if p not in reachable]
    names = dict(models.Person.objects.filter(id__in=lost).values_list("id", "name"))
    for person in lost:
        shift, schedule = first[person]
        when = "now" if shift.starts_at <= now else f"from {shift.starts_at:%a %d %b %H:%M} UTC"
        yield Hole(
            f"person:{person}",
            f"{names.get(person, 'Somebody')} is on call in {schedule} {when} and has no contact that works.",
        )
