"""Once a month whoever is on call is tried over every contact in working hours, confirms it, or is listed."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from quarterdeck.app.oncall import absences, fairness
from quarterdeck.app.paging import paging, rehearsals
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models
from support.browsing import browser, company, words
from support.rest import Organisation
from support.world import START

DAY = timedelta(days=1)


@pytest.fixture
def world(db):
    world = company()
    world.now = START
    models.Layer.objects.all().delete()
    models.Schedule.objects.all().delete()
    world.schedule("nights", "ben")
    models.Person.objects.filter(handle="ben").update(timezone="Asia/Tokyo")
    rehearsals.switch(world.act("ana"), True)
    return world


def begun(world):
    rehearsals.plan(world.now)
    return models.Rehearsal.objects.get()


def tried(world):
    row = begun(world)
    world.now = row.due_at
    world.settle()
    row.refresh_from_db()
    return row


def test_every_contact_is_tried_at_once_in_working_hours_of_ones_zone(world):
    row = begun(world)
    rehearsals.plan(world.now + DAY)
    assert models.Rehearsal.objects.count() == 1
    local = row.due_at.astimezone(ZoneInfo("Asia/Tokyo"))
    assert (local.weekday() < 5, 10 <= local.hour < 16) == (True, True)
    row = tried(world)
    assert row.sent_at == row.due_at
    assert {kind for kind, o in world.outbox.sent} == {"email", "webhook"}
    assert "Rehearsal" in world.outbox.sent[0][1].subject
    assert models.Person.objects.get(id=row.person_id).handle == "ben"


def test_each_contact_confirms_itself_and_counts_neither_as_call_nor_as_wake_up(world):
    row = tried(world)
    first, second = rehearsals.tried(row)
    assert {first.way, second.way} == {"E-mail", "Webhook"}
    paging.acknowledge_by_link(first.callout.id, world.now + timedelta(minutes=1))
    assert rehearsals.confirmed_at(row) is None
    paging.acknowledge_by_link(second.callout.id, world.now + timedelta(minutes=2))
    assert rehearsals.confirmed_at(row) == world.now + timedelta(minutes=2)
    world.pass_time(days=3)
    assert rehearsals.unconfirmed(world.now) == []
    assert not models.Delivery.objects.filter(key__startswith="rehearsal/").exists()
    spread = fairness.read(START, world.now, world.now)
    assert [(load.interruptions, load.wakeups) for load in spread.loads if load.person == row.person_id] == [
        (0, 0)
    ]


def test_who_does_not_confirm_within_two_days_is_reminded_once_and_listed(world):
    row = tried(world)
    world.pass_time(hours=47)
    assert rehearsals.unconfirmed(world.now) == []
    world.pass_time(days=5)
    assert [o.person.handle for o in rehearsals.unconfirmed(world.now)] == ["ben"]
    reminder = models.Delivery.objects.get(key=f"rehearsal/{row.id}/{row.person_id}")
    local = reminder.next_at.astimezone(ZoneInfo("Asia/Tokyo"))
    assert (local.weekday() < 5, 10 <= local.hour < 16) == (True, True)
    first, second = rehearsals.tried(row)
    paging.acknowledge_by_link(first.callout.id, world.now)
    assert [o.ways for o in rehearsals.unconfirmed(world.now)] == [(second.way,)]
    paging.acknowledge_by_link(second.callout.id, world.now)
    assert rehearsals.unconfirmed(world.now) == []


def test_a_rehearsal_is_postponed_twice_at_most_and_never_into_an_absence(world):
    row = begun(world)
    absences.add(world.act("ben"), row.person_id, max(row.due_at - DAY, world.now), row.due_at + 4 * DAY)
    later = rehearsals.postpone(world.act("ben"), 1)
    assert later.due_at >= row.due_at + 4 * DAY
    rehearsals.postpone(world.act("ben"), 1)
    with pytest.raises(Refused, match="twice already"):
        rehearsals.postpone(world.act("ben"), 1)
    with pytest.raises(Refused, match="none|ahead"):
        rehearsals.postpone(world.act("cleo"), 1)
    world.now = row.due_at
    world.settle()
    assert models.Callout.objects.count() == 0


def test_an_engine_that_comes_back_at_night_waits_for_the_morning(world):
    row = begun(world)
    world.now = datetime.combine(
        row.due_at.astimezone(ZoneInfo("Asia/Tokyo")).date(), datetime.min.time(), ZoneInfo("Asia/Tokyo")
    ) + timedelta(hours=27)
    world.settle()
    assert models.Callout.objects.count() == 0
    world.pass_time(days=5)
    sent = models.Rehearsal.objects.get().sent_at.astimezone(ZoneInfo("Asia/Tokyo"))
    assert (sent.weekday() < 5, 10 <= sent.hour < 16) == (True, True)


def test_switched_off_nothing_is_planned_and_what_is_planned_does_not_happen(world):
    row = begun(world)
    rehearsals.switch(world.act("ana"), False)
    world.now = row.due_at
    world.settle()
    assert models.Callout.objects.count() == 0
    assert rehearsals.plan(world.now + 40 * DAY) == 0
    with pytest.raises(Refused):
        rehearsals.switch(world.act("ben"), True)


def test_the_pages_show_switch_and_postpone_it(world):
    begun(world)
    ben, ana = browser(world, "ben"), browser(world, "ana")
    said = words(ben.get("/settings/me"))
    assert "Monthly rehearsal Every contact of yours is tried on" in said
    assert "Postponed to" in words(ben.post("/settings/me/rehearsal", {"days": "3"}, follow=True))
    assert "Everybody whose contacts were tried has confirmed it." in words(ana.get("/on-call/coverage"))
    ana.post("/on-call/rehearsals", {"on": "0"})
    assert "Rehearsals are off." in words(ana.get("/on-call/coverage"))
    assert ben.post("/on-call/rehearsals", {"on": "1"}).status_code == 403


def test_programs_switch_and_postpone_rehearsals_over_rest(db):
    org = Organisation()
    org.call("root", "administrator")
    ana, ben = org.call("ana", "administrator"), org.call("ben")
    assert ben.get("/rehearsals").json == {"on": False, "unconfirmed": []}
    assert ana.put("/rehearsals", {"on": True}).json["on"] is True
    assert ben.put("/rehearsals", {"on": False}).status == 403
    assert ben.get("/me/rehearsal").code == "rehearsal.none"
    assert ben.put("/me/rehearsal/postponement", {"days": 2}).code == "rehearsal.none"
    assert ben.put("/me/rehearsal/postponement", {"days": 20}).status == 422
