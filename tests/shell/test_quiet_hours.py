"""Pages of low urgency wait for the end of quiet hours, on record; urgent ones and escalation never do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from quarterdeck.app.alerts import alerts, reassigning
from quarterdeck.app.paging import quiet_hours
from quarterdeck.channels.outcome import GaveUp, Retry, Sent
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models
from support.browsing import alert, browser, company, words
from support.rest import Organisation


@pytest.fixture
def world(db):
    """Half past two at night."""
    world = company()
    world.now = datetime(2026, 11, 3, 2, 30, tzinfo=UTC)
    return world


def quiet(world, *handles, **more):
    for handle in handles:
        quiet_hours.put(world.act(handle), world.find(handle).id, "22:00", "07:00", range(7), **more)


def page(handle):
    return models.Delivery.objects.filter(cls="page", person_id=models.Person.objects.get(handle=handle).id)


def entries(kind):
    return list(models.AlertEntry.objects.filter(kind=kind).order_by("id").values_list("text", flat=True))


def test_a_quiet_page_waits_until_the_hours_are_over_and_escalation_goes_on(world):
    quiet(world, "ben")
    alert(world, severity="warning")
    waiting = page("ben").order_by("next_at")
    seven = datetime(2026, 11, 3, 7, tzinfo=UTC)
    assert [(d.state, d.next_at - seven) for d in waiting] == [
        ("queued", timedelta(0)),
        ("queued", timedelta(minutes=1)),
    ]
    assert "quiet hours" in waiting[0].error
    assert "Ben Okonkwo has quiet hours: the page waits until Tue 03 Nov 07:00 UTC." in entries("waiting")
    world.pass_time(minutes=6)
    assert world.pages("ben") == []
    assert len(world.pages("cleo")) == 1
    world.pass_time(hours=5)
    assert len(world.pages("ben")) == 2


def test_urgent_pages_and_severities_that_are_let_through_ring_at_once(world):
    quiet(world, "ben", through=["critical", "error", "warning"])
    alert(world, key="urgent", severity="critical")
    assert len(world.pages("ben")) == 1
    world.pass_time(minutes=1)
    alert(world, key="let-through", severity="warning")
    world.pass_time(minutes=1)
    assert models.Delivery.objects.filter(person_id=world.find("ben").id, state="queued").count() == 0
    alert(world, key="quiet", severity="info")
    assert models.Delivery.objects.filter(person_id=world.find("ben").id, state="queued").count() == 2


def test_what_waited_comes_as_one_page_and_can_still_be_answered(world):
    quiet(world, "ben", "cleo", "ana")
    for n in range(3):
        alert(world, title=f"Disk {n}", key=f"disk-{n}", severity="info")
    callout = models.Callout.objects.filter(person__handle="ben").first()
    assert callout.expires_at > datetime(2026, 11, 3, 8, tzinfo=UTC)
    world.pass_time(hours=4, minutes=31)
    sent = [o for _, o in world.outbox.sent if o.to == "ben@example.com" and o.kind == "page"]
    assert len(sent) == 1
    assert "stands for 3 alerts" in sent[0].text


def test_when_everybody_asked_has_quiet_hours_the_alert_says_so_at_every_step(world):
    quiet(world, "ben", "cleo", "ana", "root")
    alert(world, severity="info")
    world.pass_time(minutes=40)
    said = [t for t in entries("waiting") if t.startswith("Everybody asked now has quiet hours")]
    assert len(said) >= 3
    assert [o for _, o in world.outbox.sent if o.kind == "page"] == []
    assert models.Callout.objects.exclude(state="waiting").count() == 0
    world.pass_time(hours=5)
    assert world.pages("ben")
    assert world.pages("cleo")


def test_an_acknowledgement_cancels_what_waits(world):
    quiet(world, "ben")
    row = alert(world, severity="info")
    world.pass_time(minutes=6)
    alerts.acknowledge(world.act("cleo"), row.id)
    world.pass_time(hours=6)
    assert world.pages("ben") == []
    assert {d.state for d in page("ben")} == {"cancelled"}


def test_what_waits_rings_as_soon_as_its_alert_grows_severe(world):
    quiet(world, "ben", "cleo", "ana", "root")
    alert(world, severity="info")
    world.pass_time(minutes=40)
    assert world.pages("ben") == []
    alert(world, severity="warning")
    world.pass_time(minutes=1)
    assert world.pages("ben") == []
    alert(world, severity="critical")
    world.settle()
    assert len(world.pages("ben")) == 1
    assert "It is critical now: the page to Ben Okonkwo waits for no quiet hours any more." in entries(
        "paging"
    )
    world.pass_time(minutes=1)
    assert len(world.pages("ben")) == 2  # his contacts keep their distance
    world.pass_time(hours=6)
    assert len(world.pages("ben")) == 2


def test_once_an_alert_has_grown_severe_the_next_steps_ring_as_urgent(world):
    alert(world, severity="warning")
    alert(world, severity="critical")
    world.pass_time(minutes=6)
    asked = models.Callout.objects.order_by("created_at").values_list("person__handle", "urgency")
    assert list(asked) == [("ben", "low"), ("cleo", "high")]


def test_what_is_passed_on_after_an_alert_has_grown_severe_rings_as_urgent(world):
    row = alert(world, severity="warning")
    alerts.acknowledge(world.act("ben"), row.id)
    alert(world, severity="critical")
    reassigning.escalate(world.act("ben"), row.id)
    world.settle()
    assert models.Callout.objects.get(person__handle="cleo").urgency == "high"


def test_a_contact_that_fails_pulls_no_other_one_into_the_quiet_hours(world):
    quiet(world, "ben")
    world.now = datetime(2026, 11, 3, 21, 59, 58, tzinfo=UTC)
    world.outbox.answer = lambda kind, outgoing: Retry("not now") if kind == "email" else Sent("x")
    alert(world, severity="info")
    world.pass_time(minutes=20)
    assert world.pages("ben") == []
    assert page("ben").get(state="queued").next_at == datetime(2026, 11, 4, 7, tzinfo=UTC)
    world.now = datetime(2026, 11, 4, 7, tzinfo=UTC)
    world.settle()
    assert len(world.pages("ben")) == 1


def test_once_the_quiet_hours_are_over_a_failed_contact_is_followed_by_the_next_at_once(world):
    quiet(world, "ben")
    world.outbox.answer = lambda kind, outgoing: GaveUp("no such address") if kind == "email" else Sent("x")
    alert(world, severity="info")
    world.now = datetime(2026, 11, 3, 7, tzinfo=UTC)
    world.settle()
    assert len(world.pages("ben")) == 1


def test_quiet_hours_are_ones_own_and_follow_ones_zone(world):
    with pytest.raises(Refused):
        quiet_hours.put(world.act("cleo"), world.find("ben").id, "22:00", "07:00", range(7))
    with pytest.raises(Refused, match="not a time zone"):
        quiet(world, "ben", zone="Mars/Base")
    models.Person.objects.filter(handle="ben").update(timezone="Asia/Tokyo")
    quiet(world, "ben")
    alert(world, severity="info")
    assert len(world.pages("ben")) == 1  # half past eleven in Tokyo
    quiet_hours.clear(world.act("ben"), world.find("ben").id)
    assert quiet_hours.hours([world.find("ben").id]) == {}


def test_quiet_hours_are_set_and_cleared_on_ones_own_page(world):
    ben, person = browser(world, "ben"), world.find("ben").id
    answer = ben.post(
        f"/people/{person}/quiet-hours",
        {"starts": "21:30", "ends": "06:30", "day": ["0", "4"], "through": ["critical"], "zone": ""}, follow=True,
    )  # fmt: skip
    assert "Quiet pages wait from 21:30 to 06:30." in words(answer)
    row = models.QuietHours.objects.get()
    assert (row.days, row.through) == ([0, 4], ["critical"])
    answer = ben.post(
        f"/people/{person}/quiet-hours", {"starts": "21:30", "ends": "21:30", "day": ["0"]}, follow=True
    )
    assert "end at another time" in words(answer)
    ben.post(f"/people/{person}/quiet-hours", {"act": "clear"})
    assert not models.QuietHours.objects.exists()


def test_programs_set_quiet_hours_over_rest(db):
    org = Organisation()
    ben, path = org.call("ben"), f"/people/{org.id('ben')}/quiet-hours"
    assert ben.get(path).code == "quiet.none"
    made = ben.put(path, {"starts": "22:00", "ends": "07:00", "zone": "Europe/Madrid"}).json
    assert (made["days"], made["through"]) == ([0, 1, 2, 3, 4, 5, 6], ["critical", "error"])
    assert ben.put(path, {"starts": "22:00", "ends": "22:00"}).code == "quiet.times"
    assert org.call("cleo").get(path).status == 403
    assert ben.delete(path).status == 204
