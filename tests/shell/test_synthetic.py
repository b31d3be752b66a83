"""The synthetic page and the daily probes: the whole path without a person, what is late, and what is left behind."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings

from quarterdeck.app.health import health_finding, probes, synthetic, watchers
from quarterdeck.app.people import keys
from quarterdeck.channels import loopback
from quarterdeck.channels.outcome import GaveUp, Outgoing, Sent
from quarterdeck.core.kernel.moments import text
from quarterdeck.engine.outlets import Outlets
from quarterdeck.store import models
from support.world import World


@pytest.fixture
def world(db):
    made = World()
    made.person("ana", "administrator")
    made.policy("default", ("ana", 5))
    return made


def send(world):
    """As the auditor does, but for the network."""
    synthetic.ensure(world.now)
    ref = synthetic.begin(world.now)
    world.journal("webhook", synthetic.body(ref), models.Integration.objects.get(id=synthetic.KIND))
    return ref


def alarm():
    return models.Alarm.objects.filter(kind="engine-late", subject="synthetic", cleared_at=None).first()


def test_a_synthetic_page_comes_back_and_is_measured(world):
    ref = send(world)
    world.now += timedelta(seconds=1)
    assert world.expand() == 1
    synthetic.accepted(ref, world.now)
    world.settle()
    synthetic.collect(world.now)
    run = models.ProbeRun.objects.get(id=ref)
    assert (run.well, run.late_ms) == (True, 1000)
    assert [kind for kind, _ in world.outbox.sent] == [loopback.NAME_IN_OUTBOX]


def test_the_synthetic_page_leaves_nothing_that_anybody_would_see(world):
    ref = send(world)
    world.expand()
    synthetic.accepted(ref, world.now)
    world.settle()
    synthetic.collect(world.now)
    for table in (models.Alert, models.Run, models.Callout, models.AlertEntry, models.Alarm, models.Unparsed):
        assert not table.objects.exists(), table
    assert not keys.integrations().exists()
    assert world.pages("ana") == []


def test_its_way_is_swept_after_a_while(world):
    ref = send(world)
    world.expand()
    synthetic.accepted(ref, world.now)
    world.settle()
    synthetic.collect(world.now)
    assert models.Attempt.objects.count() == 2
    world.now += timedelta(minutes=11)
    synthetic.collect(world.now)
    assert not models.Attempt.objects.exists()
    assert not models.Delivery.objects.exists()
    assert not models.Due.objects.exists()
    assert models.ProbeRun.objects.count() == 1


def test_no_page_goes_on_before_the_engine_has_read_the_journal(world):
    ref = send(world)
    synthetic.accepted(ref, world.now)
    world.pass_time(seconds=5)
    assert world.outbox.sent == []
    world.expand()
    world.pass_time(seconds=5)
    assert len(world.outbox.sent) == 1


@pytest.mark.parametrize(
    ("reach", "where"),
    [("journal", "waits in the journal"), ("timer", "timer has not fired"), ("outbox", "in the outbox")],
)
def test_one_that_is_not_back_within_a_minute_is_an_alarm_that_says_how_far_it_came(world, reach, where):
    ref = send(world)
    if reach != "journal":
        world.expand()
    synthetic.accepted(ref, world.now)
    if reach == "outbox":
        world._fire()
    synthetic.collect(world.now + timedelta(seconds=59))
    assert alarm() is None
    synthetic.collect(world.now + timedelta(seconds=61))
    assert where in alarm().text
    world.now += timedelta(minutes=2)
    world.expand()
    ref = send(world)
    world.expand()
    synthetic.accepted(ref, world.now)
    world.settle()
    synthetic.collect(world.now)
    assert alarm() is None


def test_a_page_of_an_hour_ago_is_not_sent_when_the_engine_is_back(world):
    ref = send(world)
    world.expand()
    synthetic.accepted(ref, world.now)
    world._fire()
    world.now += timedelta(hours=1)
    world.settle()
    assert world.outbox.sent == []
    assert ref


def test_the_loopback_is_no_channel_that_anybody_can_choose():
    assert Outlets().send("loopback", Outgoing("k", "loopback", "s", "t")) == Sent("loopback:k", "came back")
    from quarterdeck.channels import channels

    assert loopback.NAME_IN_OUTBOX not in channels()


# -- each channel, once a day


@pytest.fixture
def probed(world, monkeypatch):
    """Mail is probed."""
    from msgspec.structs import replace

    monkeypatch.setattr(
        settings,
        "QUARTERDECK",
        replace(settings.QUARTERDECK, probe={"email": "probe@example.com", "fax": "1"}),
    )
    monkeypatch.setattr(settings, "QUARTERDECK_CHANNELS", {"console": {}, "email": {}, "ntfy": {}})
    return world


def look(world):
    probes.arm(world.now)
    world.settle()
    probes.collect(world.now)


def sent_to_the_test_contact(world):
    return [o for kind, o in world.outbox.sent if kind == "email" and o.to == "probe@example.com"]


def test_a_channel_is_tried_once_a_day_at_its_test_contact(probed):
    look(probed)
    assert [o.kind for o in sent_to_the_test_contact(probed)] == ["test"]
    probed.now += timedelta(hours=23)
    look(probed)
    assert len(sent_to_the_test_contact(probed)) == 1
    probed.now += timedelta(hours=2)
    look(probed)
    assert len(sent_to_the_test_contact(probed)) == 2
    assert models.ProbeRun.objects.filter(kind="email", well=True).count() == 2


def test_a_channel_that_fails_is_an_alarm_until_it_works_again(probed):
    probed.outbox.answer = lambda kind, outgoing: GaveUp("The account is closed.")
    look(probed)
    down = models.Alarm.objects.get(kind="channel-down")
    assert (down.subject, down.cleared_at) == ("email", None)
    assert "The account is closed." in down.text
    probed.outbox.answer = lambda kind, outgoing: Sent("x")
    probed.now += timedelta(minutes=16)
    look(probed)
    down.refresh_from_db()
    assert down.cleared_at is not None


def test_a_channel_that_never_answers_is_an_alarm_after_ten_minutes(probed):
    probes.arm(probed.now)
    probes.collect(probed.now + timedelta(minutes=10))
    assert not models.Alarm.objects.exists()
    probes.collect(probed.now + timedelta(minutes=12))
    assert models.Alarm.objects.get().kind == "channel-down"


def test_a_certificate_that_ends_soon_is_told_at_fourteen_three_and_one_days(probed):
    ends = probed.now + timedelta(days=20)
    probed.outbox.answer = lambda kind, outgoing: Sent("x", f"250 fine; certificate valid until {text(ends)}")
    told = []
    for day in range(21):
        look(probed)
        told += [(day, a.subject) for a in models.Alarm.objects.filter(kind="expiry", raised_at=probed.now)]
        assert models.Alarm.objects.filter(kind="expiry", cleared_at=None).count() <= 1
        probed.now += timedelta(hours=24)
    assert told == [(6, "email:14"), (17, "email:3"), (19, "email:1")]


def test_health_says_which_channels_nobody_probes(probed):
    look(probed)
    found = {f.name: f for f in watchers.look(probed.now)}
    assert found["test: E-mail"].level == "ok"
    assert "Not probed" in found["test: ntfy push"].text
    assert "test: Console" not in found
    assert isinstance(found["auditor"], health_finding.Finding)
