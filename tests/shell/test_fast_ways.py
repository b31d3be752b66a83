"""What was made fast says what the slow way says: over made-up days, people and schedules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterdeck.app.incidents import picker
from quarterdeck.app.oncall import coverage as ahead
from quarterdeck.app.oncall import fairness, fatigue, roster
from quarterdeck.app.paging import preflight
from quarterdeck.app.paging.directory import Directory
from quarterdeck.core.escalation.conditions import needs
from quarterdeck.core.escalation.policy import SEVERITIES, Policy, Step, Target, Window
from quarterdeck.core.incidents.state import PASSIVE_ROLES
from quarterdeck.core.oncall import Shift, coverage, shifts
from quarterdeck.core.oncall.lint import forbidden, lint
from quarterdeck.store import models, tx
from quarterdeck.store.ids import new_id
from quarterdeck.web.present import month, oncall
from support.budgets import examples
from support.oncall_cases import cases
from support.world import World

NOW = datetime(2026, 11, 22, 14, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
HANDLES = ("ana", "ben", "cleo", "dan", "eva")
ZONES = ("UTC", "Asia/Tokyo", "America/New_York", "Europe/Berlin", "Nowhere/Land")


@pytest.fixture
def world(db: None) -> World:
    w = World()
    for handle, zone in zip(HANDLES, ZONES, strict=True):
        w.person(handle)
        models.Person.objects.filter(handle=handle).update(timezone=zone)
    return w


def people() -> list[models.Person]:
    return list(models.Person.objects.all())


@pytest.mark.parametrize("seed", range(4))
def test_who_was_called_and_at_work_lately_is_what_a_look_through_everything_finds(
    world: World, seed: int
) -> None:
    dice, ids = Random(seed), [p.id for p in people()]
    with tx.write():
        for n in range(6):
            models.IncidentRow.objects.create(
                id=f"INC-{n + 1}", number=n + 1, title="x", declared_at=NOW, phase_since=NOW, drill=dice.random() < 0.3,
                severity=2, severity_initial=2, severity_highest=2, seq=1,
            )  # fmt: skip
        for _ in range(80):
            began = NOW - HOUR * dice.uniform(0, 60)
            ended = dice.choice((None, began + HOUR * dice.uniform(0, 40)))
            models.RoleAssignmentRow.objects.create(
                id=new_id(), incident_id=f"INC-{dice.randint(1, 6)}", person_id=dice.choice(ids), started_at=began,
                role=dice.choice(("commander", "scribe", *PASSIVE_ROLES)), ended_at=ended,
            )  # fmt: skip
            models.Callout.objects.create(
                id=new_id(), person_id=dice.choice(ids), subject="x", reason="y", kind=dice.choice(("callout", "heads_up")),
                created_at=NOW + HOUR * dice.uniform(-80, 5), expires_at=NOW, drill=dice.random() < 0.2,
            )  # fmt: skip
    some = set(dice.sample(ids, 3))
    for since, until in ((NOW - 30 * HOUR, NOW), (NOW - 99 * HOUR, NOW + HOUR)):
        found = fairness.calls(some, since, until)
        assert {p: sorted(m) for p, m in found.items()} == slow_calls(some, since, until)
    chosen = [p for p in people() if p.id in some]
    assert fatigue.strains(NOW, chosen) == {
        p.id: fatigue.Strain(slow_duty(p.id), slow_night_pages(p.id, p.timezone)) for p in chosen
    }


def slow_calls(ids: Iterable[str], since: datetime, until: datetime) -> dict[str, list[datetime]]:
    found: dict[str, list[datetime]] = {}
    for c in models.Callout.objects.order_by("created_at"):
        if c.person_id in ids and c.kind == "callout" and not c.drill and since <= c.created_at < until:
            found.setdefault(c.person_id, []).append(c.created_at)
    return found


def slow_duty(person: str) -> timedelta:
    """Minute by minute would be slower still: the edges of all spans, and whether anything was held between two."""
    drills = {i.id for i in models.IncidentRow.objects.filter(drill=True)}
    spans = [
        (max(a.started_at, NOW - 24 * HOUR), min(a.ended_at or NOW, NOW))
        for a in models.RoleAssignmentRow.objects.filter(person_id=person)
        if a.role not in PASSIVE_ROLES and a.incident_id not in drills
    ]
    edges = sorted({e for s in spans for e in s})
    held = ((a, b) for a, b in pairwise(edges) if any(s[0] <= a and b <= s[1] for s in spans))
    return sum((b - a for a, b in held), timedelta())


def slow_night_pages(person: str, zone: str) -> int:
    found = [
        fatigue._local_hour(c.created_at, zone)
        for c in models.Callout.objects.filter(person_id=person, kind="callout", drill=False)
        if NOW - 24 * HOUR < c.created_at <= NOW
    ]
    return sum(h >= 22 or h < 7 for h in found)


def scheduled(world: World, dice: Random) -> list[models.Schedule]:
    """Three schedules with overrides of every kind all over the week."""
    rows = [world.schedule(f"s-{n}", *dice.sample(HANDLES, 2 + n), days=1 + n) for n in range(3)]
    with tx.write():
        for row in rows:
            for _ in range(8):
                begins = NOW + HOUR * dice.randint(-30, 170)
                models.Override.objects.create(
                    schedule=row, person=world.find(dice.choice(HANDLES)), starts_at=begins,
                    ends_at=begins + HOUR * dice.randint(1, 30), reason="x", created_at=NOW, created_by="",
                    effect=dice.choice(("all", "add", "remove")),
                )  # fmt: skip
    return rows


@pytest.mark.parametrize("seed", range(3))
def test_when_a_policy_reaches_nobody_is_what_asking_at_every_half_hour_says(world: World, seed: int) -> None:
    dice = Random(seed)
    rows = scheduled(world, dice)
    models.Person.objects.filter(handle__in=dice.sample(HANDLES, 3)).update(is_active=False)
    windows = (Window(time(22), time(6), (), "Europe/Berlin"), Window(time(9), time(17), (0, 1, 2), "UTC"))
    for _ in range(4):
        steps = tuple(
            Step(
                tuple(Target("schedule", dice.choice(rows).id) for _ in range(dice.randint(1, 2))),
                timedelta(minutes=5),
                severities=dice.choice(((), ("critical",), ("warning", "info"))),
                windows=dice.choice(((), windows[:1], windows)),
            )
            for _ in range(dice.randint(1, 2))
        )
        policy = Policy("p", "P", steps)
        assert preflight.unreached(policy, NOW) == slow_unreached(policy, NOW)


def slow_unreached(policy: Policy, now: datetime) -> list[preflight.Spell]:
    asks, end, directory = needs(policy).severity, now + preflight.AHEAD, Directory(now)
    found: list[preflight.Spell] = []
    for at, until in pairwise([*preflight._moments(now, end), end]):
        directory.move(at)
        asked = SEVERITIES if asks else ("",)
        lost = tuple(s for s in asked if not preflight._reaches(replace(policy, repeats=0), s, at, directory))
        which = () if len(lost) == len(SEVERITIES) or not asks else lost
        if lost and found and found[-1].ends_at == at and found[-1].severities == which:
            found[-1] = replace(found[-1], ends_at=until)
        elif lost:
            found.append(preflight.Spell(at, until, which))
    return found


def test_what_is_missing_ahead_is_what_each_question_alone_says(world: World) -> None:
    scheduled(world, Random(7))
    with tx.write():
        for layer in models.Layer.objects.all():
            layer.definition = layer.definition | {"gaps_allowed": False, "ends_at": "2026-12-01T09:00:00Z"}
            layer.save()
    found = list(ahead.covers(NOW))
    assert any(c.strict for c in found)
    for c in found:
        end = NOW + coverage.AHEAD
        assert c.strict == tuple(f for f in lint(c.core, NOW, end) if f.kind == "gap")
        assert list(c.ahead) == shifts(c.core, NOW, end)
        assert c.found == coverage.coverage(c.core, NOW, coverage.AHEAD, set())


def test_who_holds_a_schedule_of_a_service_is_the_same_asked_once_or_service_by_service(world: World) -> None:
    rows = scheduled(world, Random(5))
    for n, row in enumerate(rows):
        policy = world.policy(f"p-{n}", (row.key, 5))
        world.service(f"svc-{n}", policy)
    alone = {d.schedule.id: d.people for d in roster.duties(NOW)}
    for asked in ((), ("svc-1",), ("svc-2", "svc-0"), ("nothing",)):
        found = picker._duty(NOW, asked)
        wanted = [rows[int(a[-1])] for a in asked if a != "nothing"] or list(models.Schedule.objects.all())
        slow: dict[str, list[str]] = {}
        for row in wanted:
            for person in alone[row.id]:
                slow.setdefault(person.id, []).append(row.name)
        assert found == slow


@settings(deadline=None, max_examples=examples(40))
@given(cases(), st.integers(1, 60))
def test_the_shifts_of_a_day_are_those_that_touch_it(case, days):
    schedule, start = case
    final = shifts(schedule, start, start + timedelta(days=days))
    for n in range(0, days, 7):
        low = start + timedelta(days=n, hours=5)
        high = low + timedelta(days=1)
        assert month.held(final, low, high) == [s for s in final if s.starts_at < high and s.ends_at > low]
        assert forbidden(schedule, [s for s in final if s.person is None]) == [
            f for f in lint(schedule, start, start + timedelta(days=days)) if f.kind == "gap"
        ]


def test_a_day_without_shifts_holds_none() -> None:
    assert month.held([], NOW, NOW + HOUR) == []
    one = Shift("ana", NOW, NOW + HOUR, "layer", "x", ("ana",))
    assert month.held([one], NOW - HOUR, NOW) == month.held([one], NOW + HOUR, NOW + 2 * HOUR) == []
    assert oncall.day_time(NOW) == "Sun 22 Nov, 14:02"
    assert date(2026, 11, 22).weekday() == 6
