"""Whom to choose for a role or a task."""

from __future__ import annotations

import pytest

from quarterdeck.app.incidents import command, incidents, picker, tasks
from quarterdeck.core.incidents import Declaration
from quarterdeck.store import models
from support.world import World


@pytest.fixture
def world(db: None) -> World:
    w = World()
    for handle in ("ana", "ben", "cleo", "dev"):
        w.person(handle)
    w.schedule("db-primary", "ben")
    w.service("db", w.policy("db", ("db-primary", 5)))
    models.Person.objects.filter(handle__in=("ben", "cleo")).update(skills=["postgres"])
    return w


def ranked(world: World) -> list[str]:
    return [c.person.handle for c in picker.candidates(world.now, ("postgres",), ("db",))]


@pytest.mark.requirement("R-050")
def test_who_is_on_call_and_skilled_ranks_first_and_who_carries_too_much_is_flagged_and_last(
    world: World,
) -> None:
    assert ranked(world)[:2] == ["ben", "cleo"]
    act = world.act("ana")
    incident = incidents.declare(act, Declaration(title="x", type="availability", severity=2)).incident.key
    command.assign_role(act, incident, "technical_lead", world.find("ben").id)
    for n in range(2):
        tasks.give(act, incident, f"task {n}", world.find("ben").id, 30)
    found = {c.person.handle: c for c in picker.candidates(world.now, ("postgres",), ("db",))}
    assert found["ben"].overloaded
    assert "overloaded" in found["ben"].note
    assert ranked(world)[0] == "cleo"
    assert ranked(world)[-1] == "ben"


def test_observers_executives_and_inactive_people_are_not_offered(world: World) -> None:
    world.person("olga", "observer")
    world.person("eve", "executive")
    models.Person.objects.filter(handle="dev").update(is_active=False)
    assert set(ranked(world)) == {"ana", "ben", "cleo"}
