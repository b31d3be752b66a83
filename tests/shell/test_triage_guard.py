"""The second mistake, triage skipped: what nobody has judged is said everywhere, and alarms the commander in time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.test import Client

from quarterdeck.app import casebook
from quarterdeck.app.incidents import incidents, stages
from quarterdeck.catalog import load
from quarterdeck.core.access import RULE_PREFIX, Who
from quarterdeck.core.incidents.declare import Declaration, declare
from support.world import World

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def world(db: None) -> World:
    found = World()
    for handle in ("ana", "ben"):
        found.person(handle)
    return found


def declared(world: World, **said: object) -> str:
    fields = {"title": "Checkout fails", "type": "availability", "services": ()} | said
    return incidents.declare(
        world.act("ana"),
        Declaration(**fields, both_reason="The same people are needed."),  # type: ignore[arg-type]
    ).incident.key


def header(world: World, key: str) -> str:
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(world.find("ana"))
    return client.get(f"/incidents/{key}").content.decode()


def alarms(world: World) -> int:
    return sum("not triaged yet" in p for p in world.pages("ana"))


@pytest.mark.requirement("R-224", "R-183")
@pytest.mark.parametrize(
    "said",
    [
        {},  # nothing said: treated as the configured default
        {"impact": "high", "urgency": "low"},  # suggested by the matrix, one rank higher
        {"severity": 2, "type": ""},  # judged, but of no kind yet
    ],
)
def test_what_nobody_judged_is_shown_and_alarms_the_commander_when_the_triage_time_is_over(
    world: World, said: dict[str, object]
) -> None:
    key = declared(world, **said)
    assert "Not triaged" in header(world, key) and alarms(world) == 0
    world.pass_time(minutes=9)
    assert alarms(world) == 0
    world.pass_time(minutes=2)
    assert alarms(world) == 1
    assert "the commander was alarmed" in header(world, key)
    world.pass_time(minutes=10)
    assert alarms(world) == 1


@pytest.mark.requirement("R-224")
def test_a_default_is_triaged_only_by_somebody_who_confirms_it_be_it_the_same_rank(world: World) -> None:
    key = declared(world)
    case = casebook.load(key, world.act("ana").who)
    rank = case.incident.severity
    assert case.incident.is_untriaged and stages.triage(case) is not None
    incidents.set_severity(world.act("ana"), key, rank, "")
    assert "Not triaged" not in header(world, key)
    world.pass_time(minutes=30)
    assert alarms(world) == 0


@pytest.mark.requirement("R-224")
def test_a_severity_that_a_rule_was_given_beforehand_is_confirmed_by_nobody() -> None:
    rule = Who(f"{RULE_PREFIX}declares", frozenset({"rule"}), frozenset({"incident.declare"}))
    said = Declaration("Checkout fails", type="availability", severity=2, commander="ana")
    assert rule.is_rule
    for by, unknown in ((rule, True), (replace(rule, person="ana", roles=frozenset({"responder"})), False)):
        begun = declare(load(), said, by, number=1, assignment_id="a", at=NOW)[0]
        assert begun.unknown_severity is unknown and begun.severity == 2
