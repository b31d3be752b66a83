"""A drill runs on the real engine: its clock, its injects, what its kinds do to people, and its end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from quarterdeck.app import casebook
from quarterdeck.app.drills import drill_course, drill_injects, drills
from quarterdeck.app.figures import insights
from quarterdeck.app.figures.insights import Question
from quarterdeck.app.incidents import command
from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models
from support.world import START, World

MINUTE = timedelta(minutes=1)
PLAYERS = ("ana", "ben", "cleo", "dev", "eli")


@pytest.fixture
def world(db: None) -> World:
    w = World()
    for handle in ("fay", *PLAYERS, "oda", "zoe"):
        w.person(handle)
    w.person("root", "administrator")
    w.policy("role-communications_lead", ("zoe", 5))
    w.policy("role-deputy", ("zoe", 5))
    return w


def made(
    world: World, kind: str, scenario: str = "database_failover", players: tuple[str, ...] = PLAYERS
) -> models.Drill:
    return drills.create(
        world.act("fay"), scenario=scenario, kind=kind, participants=[world.find(h).id for h in players],
        observers=[world.find("oda").id],
    )  # fmt: skip


def started(world: World, kind: str = "simulation", scenario: str = "database_failover") -> models.Drill:
    return drill_course.start(world.act("fay"), made(world, kind, scenario).id)


def fired(row: models.Drill) -> dict[str, float]:
    """Key → minutes after the start."""
    assert row.started_at is not None
    rows = models.DrillInject.objects.filter(drill=row, state="fired").exclude(fired_at=None)
    return {i.key: (i.fired_at - row.started_at) / MINUTE for i in rows if i.fired_at is not None}


def lines(row: models.Drill) -> list[str]:
    found = models.TimelineRow.objects.filter(incident_id=row.incident_id, kind="inject").order_by("seq")
    return list(found.values_list("title", flat=True))


def roles(row: models.Drill) -> dict[str, str]:
    names = dict(models.Person.objects.values_list("id", "handle"))
    incident = casebook.load(row.incident_id).incident
    return {a.role: names[a.person] for a in incident.open_assignments()}


@pytest.mark.requirement("R-190")
def test_an_inject_happens_at_its_offset_and_stands_in_the_record_of_the_incident(world: World) -> None:
    row = started(world)
    world.pass_time(minutes=14)
    assert fired(row) == {"replica_behind": 8}
    assert lines(row) == ["Inject (for the role Technical Lead): Replica promoted with 190 s of lag"]
    world.pass_time(minutes=9)
    assert fired(row) == {"replica_behind": 8, "orders_lost": 15, "customer_asks": 22}
    incident = casebook.load(row.incident_id).incident
    assert "1,400 orders" in incident.what_we_know
    assert [a.summary for a in incident.alerts.values()] == ["Simulated: Replica promoted with 190 s of lag"]
    assert not models.Alert.objects.exists()
    after = casebook.rebuild(row.incident_id, world.now)
    assert after.seq == incident.seq and len(lines(row)) == 3


def test_while_a_drill_is_paused_its_clock_stands_still_and_what_is_left_comes_later(world: World) -> None:
    row = started(world)
    world.pass_time(minutes=5)
    drill_course.pause(world.act("fay"), row.id)
    world.pass_time(minutes=60)
    assert fired(row) == {}
    seen = drills.view(row.id, world.act("fay").who, world.now)
    assert seen.paused and seen.elapsed == 5 * MINUTE
    drill_course.resume(world.act("fay"), row.id)
    world.pass_time(minutes=4)
    assert fired(row) == {"replica_behind": 68}
    assert drills.view(row.id, world.act("fay").who, world.now).elapsed == 9 * MINUTE


def test_injects_are_fired_skipped_and_added_by_hand_and_each_happens_once(world: World) -> None:
    row = started(world)
    act = world.act("fay")
    ids = dict(models.DrillInject.objects.filter(drill=row).values_list("key", "id"))
    drill_injects.fire(act, row.id, ids["orders_lost"])
    drill_injects.skip(act, row.id, ids["replica_behind"], "They know it already")
    drill_injects.add(act, row.id, kind="message", title="The lights flicker", page=True)
    drill_injects.add(act, row.id, kind="message", title="Coffee is out", in_minutes=10)
    world.pass_time(minutes=25)
    assert fired(row) == {"orders_lost": 0, "added_5": 0, "added_6": 10, "customer_asks": 22}
    assert lines(row).count("Inject: The lights flicker") == 1
    assert sum("1,400" in t for t in lines(row)) == 1
    with pytest.raises(Refused, match="already"):
        drill_injects.skip(act, row.id, ids["orders_lost"])
    with pytest.raises(Refused, match="nobody away"):
        drill_injects.add(act, row.id, kind="away", title="Somebody leaves")
    with pytest.raises(Refused, match="Fay, who facilitates"):
        drill_injects.fire(world.act("ana"), row.id, ids["customer_asks"])


def test_whoever_is_sent_away_leaves_their_role_vacant_and_command_may_be_taken_over(world: World) -> None:
    row = started(world, scenario="commander_falls_ill")
    act = world.act("fay")
    before = roles(row)
    lead = before["commander"]
    other = before["technical_lead"]
    with pytest.raises(Refused, match="deputy"):
        command.take_over(
            world.act(other), row.incident_id, "commander", "They do not answer", understood=True
        )
    drill_injects.add(act, row.id, kind="away", role="scribe", title="The scribe has to leave")
    assert "scribe" not in roles(row)
    world.pass_time(minutes=15)
    assert fired(row)["ill"] == 14
    assert roles(row)["commander"] == lead
    assert any("You are away" in text or "collapses" in text for text in world.pages(lead))
    with pytest.raises(Refused):
        command.take_over(
            world.act("zoe"), row.incident_id, "commander", "They do not answer", understood=True
        )
    command.release_role(world.act(other), row.incident_id, _assignment(row, "technical_lead"))
    command.take_role(world.act(other), row.incident_id, "deputy")
    command.take_over(world.act(other), row.incident_id, "commander", "They are ill", understood=True)
    assert roles(row)["commander"] == other


def _assignment(row: models.Drill, role: str) -> str:
    found = casebook.load(row.incident_id).incident.holder(role)
    assert found is not None
    return found.id


def test_at_a_table_roles_are_given_and_nobody_is_called_or_paged(world: World) -> None:
    row = started(world, "tabletop")
    world.pass_time(minutes=58)
    assert set(roles(row)) == {
        "commander",
        "technical_lead",
        "communications_lead",
        "scribe",
        "sme",
        "observer",
    } - {"technical_lead"}
    assert "orders_lost" in fired(row)
    assert [o for _, o in world.outbox.sent if o.drill] == []
    assert not models.Run.objects.exists() and not models.Delivery.objects.filter(drill=True).exists()


def test_a_fire_drill_calls_whoever_is_on_call_and_fires_nothing_by_itself(world: World) -> None:
    row = drill_course.start(world.act("fay"), made(world, "fire_drill", players=("ana",)).id)
    world.pass_time(minutes=30)
    assert roles(row)["commander"] == "ana" and fired(row) == {}
    called = [o for _, o in world.outbox.sent if o.to == "zoe@example.com" and o.drill]
    assert called and all(o.practice for o in called)


def test_a_simulation_pages_those_in_it_and_nobody_else(world: World) -> None:
    row = started(world, scenario="commander_falls_ill")
    world.pass_time(minutes=40)
    inside = {f"{h}@example.com" for h in ("fay", *PLAYERS, "oda")}
    passed = {o.to for _, o in world.outbox.sent if o.drill and o.practice}
    assert f"{roles(row)['communications_lead']}@example.com" in passed and passed <= inside
    drill_course.end(world.act("fay"), row.id)
    late = models.Delivery.objects.filter(drill=True, state="queued").count()
    assert late == 0


def test_the_end_stops_every_timer_and_call_and_closes_the_incident(world: World) -> None:
    row = started(world)
    world.pass_time(minutes=10)
    drill_course.end(world.act("fay"), row.id, "We have seen enough")
    assert drill_course.end(world.act("fay"), row.id).state == "ended"
    assert not models.Due.objects.filter(state="waiting").exists()
    assert not models.Callout.objects.filter(incident_id=row.incident_id, state="waiting").exists()
    assert models.IncidentRow.objects.get(id=row.incident_id).phase == "closed"
    sent = len(world.outbox.sent)
    world.pass_time(hours=5)
    assert len(world.outbox.sent) == sent and fired(row) == {"replica_behind": 8}
    states = models.DrillInject.objects.filter(drill=row).values_list("state", flat=True)
    assert sorted(states) == ["fired", "skipped", "skipped", "skipped"]
    with pytest.raises(Refused, match="ended"):
        drill_course.start(world.act("fay"), row.id)


def test_who_plays_does_not_see_what_comes_and_who_steers_does(world: World) -> None:
    row = started(world)
    world.pass_time(minutes=9)
    seen = drills.view(row.id, world.act("ana").who, world.now)
    assert [i.key for i in seen.injects] == ["replica_behind"] and seen.script is None and not seen.steers
    for steering in ("fay", "root"):
        seen = drills.view(row.id, world.act(steering).who, world.now)
        assert len(seen.injects) == 4 and seen.script is not None and seen.steers
    with pytest.raises(Refused, match="Only Fay"):
        drill_course.end(world.act("ana"), row.id)
    drill_course.end(world.act("root"), row.id)
    seen = drills.view(row.id, world.act("ana").who, world.now)
    assert len(seen.injects) == 4 and seen.script is not None


def test_a_drill_of_a_restricted_scenario_does_not_exist_for_others(world: World) -> None:
    row = made(world, "tabletop", "ransomware")
    for inside, handle in ((True, "ana"), (True, "fay"), (True, "oda"), (False, "zoe"), (False, "root")):
        assert drills.drills(world.act(handle).who).filter(id=row.id).exists() is inside, handle
    drill_course.start(world.act("fay"), row.id)
    for inside, handle in ((True, "ana"), (True, "fay"), (True, "oda"), (False, "zoe"), (False, "root")):
        assert drills.drills(world.act(handle).who).filter(id=row.id).exists() is inside, handle
    told = models.Event.objects.filter(stream="audit").values_list("data", flat=True)
    assert not any(
        "ransom" in str(data).lower() or "table" in str(data.get("title", "")).lower()
        for data in told
        if isinstance(data, dict)
    )


def test_a_person_in_a_real_incident_cannot_be_made_the_commander_of_a_drill(world: World) -> None:
    from quarterdeck.app.incidents import incidents
    from quarterdeck.core.incidents.declare import Declaration

    row = made(world, "tabletop")
    lead = models.DrillPerson.objects.get(drill=row, role="commander").person_id
    handle = models.Person.objects.get(id=lead).handle
    incidents.declare(world.act(handle), Declaration("Real", type="availability", severity=1))
    with pytest.raises(Refused, match="already"):
        drill_course.start(world.act("fay"), row.id)
    assert drills.find(row.id, world.act("fay").who).state == "planned"


@pytest.mark.requirement("R-191")
def test_figures_know_nothing_of_a_drill_whatever_its_kind(world: World) -> None:
    anybody = Who("anybody", frozenset({"responder"}))
    asked = Question(START - timedelta(days=7), START + timedelta(days=14))

    def figures() -> object:
        return insights.read(anybody, asked)

    before = figures()
    for kind in ("tabletop", "fire_drill", "simulation"):
        row = started(world, kind)
        world.pass_time(minutes=30)
        drill_course.end(world.act("fay"), row.id)
        assert models.IncidentRow.objects.get(id=row.incident_id).drill_kind == kind
    assert figures() == before
