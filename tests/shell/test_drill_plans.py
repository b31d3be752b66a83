"""Plans make drills by themselves: every week, at the same time on the wall, once after an outage, told ahead."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from quarterdeck.app.drills import drill_course, drill_figures, drill_plans, drills
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models
from support.world import START, World

WEEK = timedelta(weeks=1)


@pytest.fixture
def world(db: None) -> World:
    w = World()
    for handle in ("fay", "ana", "ben", "cleo"):
        w.person(handle)
    return w


def plan(world: World, **said: object) -> models.DrillPlan:
    """Thursdays at ten in Berlin, since the Monday on which the story starts."""
    people = [world.find(h).id for h in ("ana", "ben", "cleo")]
    given = {
        "title": "Weekly drill", "kind": "simulation", "weekday": 3, "at": "10:00", "zone": "Europe/Berlin",
        "participants": people,
    } | said  # fmt: skip
    return drill_plans.create(world.act("fay"), **given)


def runs() -> list[datetime]:
    return list(models.Drill.objects.order_by("scheduled_at").values_list("scheduled_at", flat=True))


@pytest.mark.requirement("R-198")
def test_the_weekly_drill_is_created_by_itself_and_its_people_are_told_ahead(world: World) -> None:
    row = plan(world)
    world.pass_time(days=24)
    # Clocks go forward on 29 March: ten in Berlin is an hour earlier in UTC from then on.
    assert runs() == [
        datetime(2026, 3, 5, 9, tzinfo=UTC), datetime(2026, 3, 12, 9, tzinfo=UTC),
        datetime(2026, 3, 19, 9, tzinfo=UTC), datetime(2026, 3, 26, 9, tzinfo=UTC),
    ]  # fmt: skip
    world.pass_time(days=7)
    assert runs()[-1] == datetime(2026, 4, 2, 8, tzinfo=UTC)
    first = models.Drill.objects.order_by("scheduled_at").first()
    assert first is not None and first.state == "planned" and first.plan_id == row.id
    assert first.created_at <= first.scheduled_at - timedelta(days=2, hours=23)
    told = [o for _, o in world.outbox.sent if o.to == "ana@example.com"]
    assert (
        "Thu 05 Mar 2026, 09:00 UTC" in told[0].text
        and told[0].kind == "message"
        and told[0].urgency == "low"
    )
    assert sorted(
        models.DrillPerson.objects.filter(drill=first).exclude(role="").values_list("role", flat=True)
    )
    scenarios = list(models.Drill.objects.order_by("scheduled_at").values_list("scenario", flat=True))
    assert len(set(scenarios)) == len(scenarios), "each week another"


def test_what_was_missed_while_nothing_ran_makes_one_drill(world: World) -> None:
    row = plan(world)
    world.pass_time(days=1)
    assert len(runs()) == 1
    world.now += timedelta(days=33)
    world.settle()
    assert len(runs()) == 2 and runs()[-1] == datetime(2026, 4, 2, 8, tzinfo=UTC)
    row.refresh_from_db()
    assert row.next_at == datetime(2026, 4, 9, 8, tzinfo=UTC)
    late = [o.text for _, o in world.outbox.sent if o.to == "fay@example.com" and "facilitate" in o.subject]
    assert "over already" in late[-1] and "over already" not in late[0]
    world.pass_time(days=6)
    assert runs()[-1] == datetime(2026, 4, 9, 8, tzinfo=UTC) and len(runs()) == 3


def test_a_paused_plan_makes_nothing_and_makes_up_for_nothing(world: World) -> None:
    row = plan(world)
    with pytest.raises(Refused, match="why"):
        drill_plans.move(world.act("fay"), row.id, "paused")
    drill_plans.move(world.act("fay"), row.id, "paused", "Holidays")
    world.pass_time(days=30)
    assert runs() == []
    drill_plans.move(world.act("fay"), row.id, "active")
    world.pass_time(days=1)
    assert runs() == [datetime(2026, 4, 2, 8, tzinfo=UTC)]


def test_a_drill_of_a_plan_is_postponed_or_left_out_with_the_reason_and_told(world: World) -> None:
    plan(world, every_weeks=2)
    world.pass_time(days=1)
    row = models.Drill.objects.get()
    to = row.scheduled_at + timedelta(days=1)
    with pytest.raises(Refused, match="why"):
        drills.postpone(world.act("fay"), row.id, to, "")
    drills.postpone(world.act("fay"), row.id, to, "A release that day")
    drill_course.cancel(world.act("fay"), row.id, "Half of us are ill")
    world.pass_time(days=14)
    told = [o.text for _, o in world.outbox.sent if o.to == "ben@example.com"]
    assert any("A release that day" in t for t in told) and any("Half of us are ill" in t for t in told)
    assert runs()[1] - (to - timedelta(days=1)) == 2 * WEEK


def test_a_surprise_is_told_to_its_facilitator_alone_until_it_starts(world: World) -> None:
    plan(world, announced=False)
    world.pass_time(days=1)
    row = models.Drill.objects.get()
    assert [o for _, o in world.outbox.sent if o.to != "fay@example.com"] == []
    assert (
        not drills.drills(world.act("ana").who).exists()
        and not drill_plans.plans(world.act("ana").who).exists()
    )
    drill_course.start(world.act("fay"), row.id)
    assert drills.drills(world.act("ana").who).get() == row


def test_how_ready_teams_are_tells_nobody_of_a_surprise(world: World) -> None:
    models.Team.objects.create(key="core", name="Core")
    row = plan(world, team="core", announced=False)
    seen = {h: drill_figures.readiness(world.act(h).who, world.now) for h in ("fay", "ana")}
    assert [(r.team, r.next_at) for r in seen["fay"]] == [("core", row.next_at)]
    assert [r.next_at for r in seen["ana"]] in ([], [None])


def test_over_the_weeks_everybody_commands(world: World) -> None:
    plan(world, scenario="commander_falls_ill", kind="tabletop")
    for _ in range(3):
        world.pass_time(days=6)
        row = models.Drill.objects.filter(state="planned").get()
        drill_course.start(world.act("fay"), row.id)
        drill_course.end(world.act("fay"), row.id)
        world.pass_time(days=1)
    led = models.DrillPerson.objects.filter(role="commander", drill__state="ended")
    assert len(set(led.values_list("person_id", flat=True))) == 3


def test_a_plan_that_cannot_be_used_says_what_to_do_for_each_field(world: World) -> None:
    said = {
        "title": " ", "at": "25:00", "zone": "Europe/Berln", "weekday": 9, "every_weeks": 0, "kind": "quiz",
        "participants": [], "team": "nobody",
    }  # fmt: skip
    with pytest.raises(Refused) as refused:
        plan(world, **said)
    assert set(refused.value.fields) == {"title", "at", "zone", "weekday", "every_weeks", "kind", "team"}
    assert "Europe/Berlin" in refused.value.fields["zone"]
    assert not models.DrillPlan.objects.exists()


def test_a_plan_whose_facilitator_has_left_raises_an_alarm_that_ends_with_the_next_drill(
    world: World,
) -> None:
    row = plan(world)
    models.Person.objects.filter(handle="fay").update(is_active=False)
    world.pass_time(days=1)
    alarm = models.Alarm.objects.get(kind="drill_plan", cleared_at=None)
    assert "Weekly drill" in alarm.text and runs() == []
    models.DrillPlan.objects.filter(id=row.id).update(facilitator=world.find("ana").id)
    world.pass_time(days=7)
    assert len(runs()) == 1 and not models.Alarm.objects.filter(cleared_at=None).exists()
    assert runs()[0] > START + WEEK


def test_when_a_surprise_comes_round_is_known_to_those_who_run_it_alone(world: World) -> None:
    """Also beside a team's name on the page of how ready teams are."""
    models.Team.objects.create(id="platform", key="platform", name="Platform")
    plan(world, team="platform", announced=False)

    def told(handle: str) -> list[datetime | None]:
        found = drill_figures.readiness(world.act(handle).who, world.now)
        return [r.next_at for r in found if r.team == "platform"]

    assert told("fay") == [datetime(2026, 3, 5, 9, tzinfo=UTC)]
    assert not any(told("ana")) and not any(told("ben"))
    models.Person.objects.filter(handle="fay").update(is_active=False)
    world.pass_time(days=1)
    assert "Weekly drill" not in models.Alarm.objects.get(kind="drill_plan", cleared_at=None).text


def test_the_alarm_about_a_plan_ends_when_it_is_changed_or_paused_and_names_no_surprise(world: World) -> None:
    root = world.person("root", "administrator")
    for announced, ends in (
        (True, lambda row: drill_plans.change(world.act("root"), row.id, facilitator=root.id)),
        (False, lambda row: drill_plans.move(world.act("root"), row.id, "paused", "Nobody runs it")),
    ):
        row = plan(world, announced=announced)
        models.DrillPlan.objects.filter(id=row.id).update(facilitator="gone")
        world.pass_time(days=7)
        alarm = models.Alarm.objects.get(kind="drill_plan", subject=row.id, cleared_at=None)
        assert ("Weekly drill" in alarm.text) is announced
        ends(row)
        assert not models.Alarm.objects.filter(cleared_at=None).exists()
