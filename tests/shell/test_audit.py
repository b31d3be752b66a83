"""The auditor against a real store: each broken promise is found, told, and mended once; nothing else is."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection

from quarterdeck.app import due
from quarterdeck.app.health import alarm_calls, alarms, audit, nodes, outside
from quarterdeck.app.health.audit_questions import MOST, QUESTIONS, Span
from quarterdeck.app.paging import duty_ahead
from quarterdeck.channels.outcome import GaveUp
from quarterdeck.core.kernel.moments import micros
from quarterdeck.store import models
from quarterdeck.store.ids import new_id
from quarterdeck.store.reading import read_only
from support.world import World

BIG = ("alert", "run", "callout", "delivery", "attempt", "due", "alarm")


@pytest.fixture
def world(db):
    made = World()
    for handle in ("ana", "ben"):
        made.person(handle)
    made.door = made.integration(service=made.service("shop", made.policy("shop", ("ana", 5), ("ben", 5))))
    return made


def raise_alert(world, key="disk"):
    world.journal(
        "webhook",
        json.dumps({"title": "Disk full", "dedup_key": key, "severity": "critical"}).encode(),
        world.door,
    )
    world.expand()
    world.settle()
    return models.Alert.objects.get(dedup_key=key)


def standing(kind=audit.KIND):
    return sorted(models.Alarm.objects.filter(kind=kind, cleared_at=None).values_list("subject", flat=True))


def found(world):
    return [(f.invariant, f.subject) for f in audit.look(world.now)]


def test_a_page_that_went_out_is_no_finding(world):
    raise_alert(world)
    world.pass_time(minutes=4)
    assert found(world) == []


def test_a_page_that_reached_nobody_is_found_until_an_alarm_says_so(world):
    world.outbox.answer = lambda kind, outgoing: GaveUp("no such address")
    raise_alert(world)
    world.pass_time(minutes=4)
    assert found(world) == []
    models.Alarm.objects.filter(kind="unreachable").delete()
    models.Callout.objects.filter(state="unreachable").update(state="waiting")
    callout = models.Callout.objects.order_by("created_at").first()
    assert ("I2", callout.id) in found(world)
    alarms.raise_alarm("unreachable", callout.run_id, "said", world.now)
    assert found(world) == []
    assert standing() == []


def test_a_page_accepted_twice_without_a_reason_is_found(world):
    raise_alert(world)
    row = models.Delivery.objects.get()
    for phase, outcome in (("started", ""), ("ended", "accepted")):
        models.Attempt.objects.create(
            delivery_id=row.id, n=2, phase=phase, fence=9, node="x", at=world.now, outcome=outcome
        )
    audit.run(world.now, "auditor@test")
    world.now += timedelta(minutes=30)
    audit.run(world.now, "auditor@test")
    assert f"I4:{row.id}" in standing(), "what happened once too often is shown for an hour"
    world.now += timedelta(hours=1)
    audit.run(world.now, "auditor@test")
    assert f"I4:{row.id}" not in standing()


def test_an_attempt_long_after_a_recorded_success_is_found(world):
    raise_alert(world)
    row = models.Delivery.objects.get()
    late = world.now + timedelta(seconds=6)
    models.Attempt.objects.create(delivery_id=row.id, n=2, phase="started", fence=9, node="x", at=late)
    assert ("I4", row.id) in found(world)


def test_a_second_attempt_after_an_unclear_one_is_no_finding(world):
    raise_alert(world)
    row = models.Delivery.objects.get()
    for n, outcome in ((2, "ambiguous"), (3, "accepted")):
        for phase in ("started", "ended"):
            models.Attempt.objects.create(
                delivery_id=row.id, n=n, phase=phase, fence=n, node="x", at=world.now,
                outcome=outcome if phase == "ended" else "",
            )  # fmt: skip
    assert found(world) == []


def test_pages_timers_and_bodies_that_wait_too_long_are_found(world):
    world.journal("webhook", b'{"title": "x"}', world.door)
    raise_alert(world)
    models.Delivery.objects.update(state="queued", next_at=world.now)
    world.journal("webhook", b'{"title": "y"}', world.door)
    due.arm("incident", "INC-1", world.now, world.now)
    world.now += timedelta(seconds=61)
    kinds = {i for i, _ in found(world)}
    assert kinds == {"I7"}
    assert "I7:journal" in standing()


def test_a_delivery_of_a_lost_worker_is_found_after_its_lease(world):
    raise_alert(world)
    models.Delivery.objects.update(state="sending", lease_until=world.now - timedelta(seconds=61))
    assert [i for i, _ in found(world)] == ["I7"]


def test_an_escalation_without_a_timer_is_armed_again_once_and_only_once(world):
    raise_alert(world)
    run = models.Run.objects.get()
    models.Due.objects.filter(ref=run.id, state="waiting").delete()
    world.now += timedelta(minutes=2)
    assert found(world) == [("I9", run.id)]
    assert standing() == [f"I9:{run.id}"]
    world.pass_time(minutes=4)
    assert world.pages("ben") != []
    assert found(world) == []
    assert standing() == []
    models.Due.objects.filter(ref=run.id, state="waiting").delete()
    world.now += timedelta(minutes=2)
    assert found(world) == [("I9", run.id)]
    assert not models.Due.objects.filter(ref=run.id, state="waiting").exists(), (
        "the second time needs a person"
    )
    assert standing() == [f"I9:{run.id}"]


def test_an_open_alert_that_nobody_is_called_for_is_started_again_once(world):
    alert = raise_alert(world)
    models.Due.objects.all().delete()
    models.Run.objects.update(state="stopped")
    world.now += timedelta(minutes=2)
    assert found(world) == [("I9", alert.id)]
    assert models.Run.objects.filter(alert_id=alert.id, state="running").count() == 1
    assert found(world) == []


def test_an_end_that_nobody_was_told_of_is_found(world):
    raise_alert(world)
    world.pass_time(minutes=30)
    run = models.Run.objects.get()
    assert run.state == "exhausted"
    assert found(world) == []
    models.Alarm.objects.filter(kind="exhausted").delete()
    assert found(world) == [("I9", run.id)]


def test_an_escalation_with_two_timers_is_found(world):
    raise_alert(world)
    run = models.Run.objects.get()
    due.arm("escalate", run.id, world.now + timedelta(minutes=9), world.now)
    assert found(world) == [("I9", run.id)]


def test_a_look_is_written_down_and_old_ones_go(world):
    audit.run(world.now, "auditor@test")
    world.now += timedelta(days=31)
    run = audit.run(world.now, "auditor@test", others=2)
    assert list(models.AuditRun.objects.values_list("id", flat=True)) == [run.id]
    assert (run.findings, run.broken) == (2, 0)
    assert set(run.detail) == {q.name for q in QUESTIONS} | {"journal"}


def test_the_questions_are_asked_where_nothing_can_be_written(world):
    with pytest.raises(DatabaseError), read_only():
        models.Cursor.objects.create(name="x", position=1)
    models.Cursor.objects.create(name="y", position=1)


def test_no_question_reads_a_whole_table(world):
    """However large the tables are, each question goes by an index."""
    span = Span(world.now)
    for question in QUESTIONS:
        assert _whole_tables(question, [*question.values(span), MOST]) == [], question.name


def _whole_tables(question, values):
    with connection.cursor() as c:
        if connection.vendor == "postgresql":
            # A planner takes a small table whole unless told not to; what is left has no index to go by.
            c.execute("SET enable_seqscan = off")
            c.execute(f"EXPLAIN {question.sql}", values)
            plan = [row[0] for row in c.fetchall()]
            c.execute("RESET enable_seqscan")
            return [line for line in plan if "Seq Scan on" in line and any(f"on {t}" in line for t in BIG)]
        c.execute(f"EXPLAIN QUERY PLAN {question.sql}", values)
        return [row[3] for row in c.fetchall() if row[3].startswith("SCAN") and "INDEX" not in row[3]]


# -- the next 24 hours


def test_a_policy_under_which_nobody_is_on_call_soon_is_an_alarm(world):
    world.person("dee", contacts=("console",))
    world.schedule("nights", "dee")
    policy = world.policy("default", ("nights", 5))
    assert duty_ahead.look(world.now) == []
    models.Layer.objects.update(definition=_until(world, hours=5))
    assert [h.subject for h in duty_ahead.look(world.now)] == ["policy:default"]
    assert [h.subject for h in duty_ahead.look(world.now + timedelta(minutes=1))] == ["policy:default"]
    assert models.Alarm.objects.filter(kind="gap").count() == 1, "the same gap is one alarm"
    policy.delete()
    duty_ahead.look(world.now)
    assert standing("gap") == []


def _until(world, **span):
    definition = models.Layer.objects.get().definition
    return definition | {"ends_at": (world.now + timedelta(**span)).isoformat()}


def test_a_gap_that_another_step_covers_is_none(world):
    world.person("dee", contacts=("console",))
    world.schedule("nights", "dee")
    world.policy("default", ("nights", 5), ("ben", 5))
    models.Layer.objects.update(definition=_until(world, hours=5))
    assert duty_ahead.look(world.now) == []


def test_somebody_on_call_without_a_contact_is_an_alarm(world):
    world.person("cho", contacts=())
    world.schedule("nights", "cho")
    world.policy("default", ("nights", 5))
    holes = duty_ahead.look(world.now)
    assert [h.subject for h in holes] == [f"person:{world.find('cho').id}"]
    assert "Cho is on call in Nights now and has no contact that works" in holes[0].text


@pytest.mark.parametrize(
    ("spans", "gap"),
    [
        ([], (0, 24)),
        ([(0, 24)], None),
        ([(0, 8), (8, 24)], None),
        ([(8, 24), (0, 8)], None),
        ([(0, 8), (9, 24)], (8, 9)),
        ([(0, 20), (3, 5)], (20, 24)),
    ],
)
def test_the_first_gap_is_the_first_moment_that_nothing_covers(spans, gap):
    from support.world import START

    def at(hour):
        return START + timedelta(hours=hour)

    found = duty_ahead.first_gap([(at(a), at(b)) for a, b in spans], at(0), at(24))
    assert found == (None if gap is None else (at(gap[0]), at(gap[1])))


# -- the other processes


def test_a_peer_that_falls_silent_is_missed_until_another_takes_its_place(world):
    nodes.beat("engine@one:1", "engine", world.now)
    nodes.beat("engine@two:2", "engine", world.now)
    world.now += timedelta(seconds=31)
    nodes.beat("engine@two:2", "engine", world.now)
    nodes.watch(world.now, "auditor@two:3")
    assert standing(nodes.KIND) == ["node:engine@one:1"]
    nodes.beat("engine@one:7", "engine", world.now)
    nodes.watch(world.now)
    assert standing(nodes.KIND) == []


def test_each_process_of_a_row_of_restarts_is_followed_by_the_next(world):
    for n in range(4):
        nodes.beat(f"engine@one:{n}", "engine", world.now)
        world.now += timedelta(seconds=40)
    nodes.beat("engine@one:9", "engine", world.now)
    assert nodes.silent_peers(world.now) == []


def test_a_process_that_ends_as_it_should_is_not_missed(world):
    nodes.beat("auditor@one:1", "auditor", world.now)
    nodes.leave("auditor@one:1")
    assert nodes.silent_peers(world.now + timedelta(minutes=1)) == []


def test_work_that_is_late_is_an_alarm_while_it_is(world):
    due.arm("incident", "INC-1", world.now, world.now)
    nodes.watch(world.now + timedelta(seconds=59))
    assert standing(nodes.KIND) == []
    nodes.watch(world.now + timedelta(seconds=61))
    assert standing(nodes.KIND) == ["lateness"]
    assert "a timer is overdue for 1 min" in models.Alarm.objects.get(kind=nodes.KIND).text
    models.Due.objects.all().delete()
    nodes.watch(world.now + timedelta(seconds=70))
    assert standing(nodes.KIND) == []


# -- people hear of it


def test_an_alarm_that_paging_is_broken_goes_to_whoever_the_default_policy_names(world):
    world.policy("default", ("ben", 5), ("ana", 5))
    alarms.raise_alarm(nodes.KIND, "lateness", "Paging is late.", world.now)
    alarm_calls.tell(world.now)
    world.settle()
    assert len(world.pages("ben")) == 1
    assert world.pages("ana") == world.pages("root") == []
    assert any("Paging is late" in value for _, o in world.outbox.sent for _, value in o.facts) or any(
        "Paging is late" in o.text for _, o in world.outbox.sent
    )


def test_each_kind_is_told_at_most_once_an_hour(world):
    for n in range(3):
        alarms.raise_alarm(nodes.KIND, f"s{n}", "late", world.now)
        alarm_calls.tell(world.now)
        world.settle()
        world.now += timedelta(minutes=20)
    assert len(world.pages("root")) == 1, "without a default policy every administrator is told"
    alarm_calls.tell(world.now)
    world.settle()
    assert len(world.pages("root")) == 2, "what came within the hour is told after it"
    alarms.raise_alarm("audit", "I9:x", "other", world.now)
    alarm_calls.tell(world.now)
    world.settle()
    assert len(world.pages("root")) == 3


def test_alarms_about_one_alert_are_not_told_a_second_way(world):
    for kind in ("unreachable", "exhausted", "gap", "unparsed"):
        alarms.raise_alarm(kind, "x", "said", world.now)
    assert alarm_calls.tell(world.now) == []


# -- what those outside may be told


def test_all_is_well_only_after_a_look_and_a_page_that_came_back(world):
    assert not outside.standing(world.now).well
    audit.run(world.now, "auditor@test")
    assert "synthetic" in outside.standing(world.now).why
    probe(world, well=True)
    assert outside.standing(world.now).well
    assert "last looked 3 min ago" in outside.standing(world.now + timedelta(minutes=3)).why
    probe(world, well=False)
    assert not outside.standing(world.now).well


def probe(world, *, well):
    world.now += timedelta(seconds=1)
    models.ProbeRun.objects.create(
        id=new_id(),
        kind="synthetic",
        started_at=world.now,
        ended_at=world.now,
        well=well,
        late_ms=100,
        text="said",
    )


def test_a_broken_promise_holds_the_word_to_those_outside_back(world):
    raise_alert(world)
    models.Due.objects.all().delete()
    world.now += timedelta(minutes=2)
    probe(world, well=True)
    audit.run(world.now, "auditor@test")
    assert "broken promises" in outside.standing(world.now).why


def test_a_question_knows_the_moments_it_asks_about_in_microseconds(world):
    assert Span(world.now).before(timedelta(seconds=60)) == micros(world.now) - 60_000_000
