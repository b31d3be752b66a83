"""A transfer of command announced for a time: everybody hears of it, it passes by itself, and one person always leads."""

from __future__ import annotations

from datetime import timedelta

import pytest

from quarterdeck.app import casebook
from quarterdeck.app.incidents import command, incidents
from quarterdeck.core.incidents import Declaration
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models, tx
from support.world import World


@pytest.fixture
def world(db: None) -> World:
    w = World()
    for handle in ("ana", "ben", "cleo"):
        w.person(handle)
    return w


@pytest.fixture
def incident(world: World) -> str:
    key = incidents.declare(world.act("ana"), Declaration("Payments fail", severity=2)).incident.key
    command.assign_role(world.act("ana"), key, "scribe", world.find("cleo").id)
    return key


def offered(world: World, incident: str) -> str:
    """Ben has accepted command from Ana; the handover's id."""
    held = casebook.load(incident).incident.commander
    assert held
    command.offer_handover(world.act("ana"), incident, held.id, world.find("ben").id)
    one = next(reversed(casebook.load(incident).incident.handovers))
    command.accept_handover(world.act("ben"), incident, one)
    return one


def leads(world: World, incident: str) -> str:
    """Whoever commands, as the table and the log both say."""
    row = models.RoleAssignmentRow.objects.get(incident_id=incident, role="commander", ended_at=None)
    now = casebook.load(incident).incident.commander
    assert now and now.person == row.person_id
    return models.Person.objects.get(id=row.person_id).handle


def told(world: World, incident: str, handle: str) -> list[str]:
    rows = models.Callout.objects.filter(incident_id=incident, person=world.find(handle)).order_by("id")
    return list(rows.values_list("subject", flat=True))


@pytest.mark.requirement("R-040", "R-176")
def test_an_announced_transfer_is_told_to_all_and_passes_at_its_time(world: World, incident: str) -> None:
    one = offered(world, incident)
    at = world.now + timedelta(minutes=20)
    command.time_handover(world.act("ben"), incident, one, at)
    command.brief_handover(world.act("ana"), incident, one, "Situation: payments fail. Plan: roll back.")
    assert told(world, incident, "cleo")[-1].endswith(f"commands {incident} from {at:%H:%M} UTC")
    world.pass_time(minutes=19)
    assert leads(world, incident) == "ana"
    world.pass_time(minutes=2)
    assert leads(world, incident) == "ben"
    passed = casebook.load(incident).incident.handovers[one]
    assert (passed.state, passed.effective_at) == ("effective", at)
    assert models.HandoverRow.objects.get(id=one).effective_at == at
    assert [a for a in casebook.load(incident).incident.ics.approvals.values() if a.form == "201"]


def test_without_a_briefing_the_time_goes_by_and_the_holder_stays(world: World, incident: str) -> None:
    one = offered(world, incident)
    command.time_handover(world.act("ana"), incident, one, world.now + timedelta(minutes=5))
    world.pass_time(minutes=6)
    assert leads(world, incident) == "ana"
    stays = casebook.load(incident).incident.handovers[one]
    assert (stays.state, stays.effective_at) == ("accepted", None)
    assert "goes on commanding" in told(world, incident, "cleo")[-1]
    command.brief_handover(world.act("ana"), incident, one, "Now you know")
    world.pass_time(minutes=30)
    assert leads(world, incident) == "ana"
    command.make_effective(world.act("ben"), incident, one)
    assert leads(world, incident) == "ben"


def test_a_time_is_set_by_the_two_only_once_it_is_accepted_and_within_a_day(
    world: World, incident: str
) -> None:
    one = offered(world, incident)
    for who, minutes, code in (
        ("cleo", 10, "handover.not_yours"), ("ben", -1, "effective_at.range"), ("ben", 1500, "effective_at.range"),
    ):  # fmt: skip
        with pytest.raises(Refused) as refused:
            command.time_handover(world.act(who), incident, one, world.now + timedelta(minutes=minutes))
        assert refused.value.code == code
    command.time_handover(world.act("ben"), incident, one, world.now + timedelta(minutes=10))
    command.withdraw_handover(world.act("ana"), incident, one)
    with pytest.raises(Refused, match="withdrawn"):
        command.time_handover(world.act("ben"), incident, one, world.now + timedelta(minutes=10))
    world.pass_time(minutes=30)
    assert leads(world, incident) == "ana"


class Dies:
    """The process ends once, at the commit it is told to end at."""

    def __init__(self) -> None:
        self.armed = False

    def beginning(self) -> None: ...

    def committing(self) -> None:
        if self.armed:
            self.armed = False
            raise KeyboardInterrupt

    def committed(self) -> None: ...


def test_an_engine_that_dies_as_the_time_comes_leaves_one_holder_and_the_next_look_passes_it(
    world: World, incident: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = offered(world, incident)
    command.time_handover(world.act("ana"), incident, one, world.now + timedelta(minutes=5))
    command.brief_handover(world.act("ana"), incident, one, "All is told")
    world.pass_time(minutes=4)
    dies = Dies()
    monkeypatch.setattr(tx, "faults", dies)
    dies.armed = True
    with pytest.raises(KeyboardInterrupt):
        world.pass_time(minutes=2)
    assert leads(world, incident) == "ana"
    world.pass_time(minutes=1)
    assert leads(world, incident) == "ben"
    assert models.RoleAssignmentRow.objects.filter(incident_id=incident, role="commander").count() == 2
