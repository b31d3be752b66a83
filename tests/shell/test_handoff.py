"""Each change of shifts is handed over once: told ahead, summed up, with notes; nobody is written to at night unasked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from quarterdeck.app.oncall import handoff
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models
from support.browsing import alert, browser, company, incident, words
from support.rest import Organisation
from support.world import START

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
CHANGE = START + timedelta(days=1)  # Tuesday, 9:00: Ben goes, Cleo comes


@pytest.fixture
def world(db):
    world = company()
    world.now = START
    world.schedule("days", "ben", "cleo", days=1)
    models.EscalationPolicy.objects.get(key="default").delete()
    world.policy("default", ("days", 5), catch_all=("ana",))
    models.Service.objects.filter(key="checkout").update(
        policy=models.EscalationPolicy.objects.get(key="default")
    )
    models.Schedule.objects.filter(key="primary").delete()
    return world


def told(start):
    """Who was told something that begins so, with when it goes out."""
    rows = models.Delivery.objects.filter(cls="message").order_by("id")
    people = {p.id: p.handle for p in models.Person.objects.all()}
    return [(people[r.person_id], r.next_at) for r in rows if r.body["subject"].startswith(start)]


def text(start):
    row = next(
        r for r in models.Delivery.objects.filter(cls="message") if r.body["subject"].startswith(start)
    )
    return row.body["text"]


def test_who_comes_is_told_ahead_once_as_long_as_they_asked_for(world):
    handoff.look(CHANGE - 31 * MINUTE)
    assert told("On call soon") == []
    for late in (30, 29, 28):
        handoff.look(CHANGE - late * MINUTE)
    assert told("On call soon") == [("cleo", CHANGE - 30 * MINUTE)]
    assert "Tue 03 Mar 2026, 09:00 UTC to Wed 04 Mar 2026, 09:00 UTC" in text("On call soon")
    handoff.set_wish(
        world.act("ben"),
        world.find("ben").id,
        start=False,
        end=True,
        digest=True,
        lead_minutes=30,
        at_night=False,
    )
    handoff.look(CHANGE + timedelta(days=1) - 10 * MINUTE)
    assert len(told("On call soon")) == 1


def test_a_shift_that_begins_at_night_is_announced_the_evening_before(world):
    models.Person.objects.filter(handle="cleo").update(
        timezone="America/Los_Angeles"
    )  # nine is one at night there
    evening = datetime(2026, 3, 3, 5, 0, tzinfo=UTC)  # 21:00
    handoff.look(evening - MINUTE)
    assert told("On call soon") == []
    handoff.look(evening)
    assert told("On call soon") == [("cleo", evening)]
    handoff.look(CHANGE)
    morning = datetime(2026, 3, 3, 14, 0, tzinfo=UTC)  # six o'clock
    assert told("You are on call") == [("cleo", morning)]


def test_who_comes_reads_what_the_shift_before_was_like_and_what_is_open(world):
    alert(world, title="Disk is full", key="disk")
    world.now += HOUR
    alert(world, title="Checkout is slow", key="slow")
    incident(world, "ben", "Card payments fail")
    handoff.add_note(world.act("ben"), "days", "The new disk comes at noon.")
    world.now = CHANGE
    for late in range(3):
        handoff.look(CHANGE + late * MINUTE)
    assert [who for who, _ in told("You are on call: Days")] == ["cleo"]
    said = text("You are on call: Days")
    for part in ("2 pages", "Disk is full (1)", "Checkout (2)", "critical: Disk is full", "INC-1 SEV2: Card payments fail",
                 "Ben Okonkwo: The new disk comes at noon."):  # fmt: skip
        assert part in said
    assert [who for who, _ in told("Your shift is over: Days")] == ["ben"]
    assert "Until Tue 03 Mar 2026, 11:00 UTC you can add notes" in text("Your shift is over: Days")


def test_who_comes_first_is_told_of_no_shift_before(world):
    handoff.look(START + MINUTE)
    assert [who for who, _ in told("You are on call: Days")] == ["ben"]
    said = text("You are on call: Days")
    assert said.startswith("Nobody was on call before you.") and "The shift from" not in said


def test_a_summary_knows_no_restricted_incident(world):
    incident(world, "ana", "Somebody leaks", restricted=True)
    handoff.look(CHANGE)
    assert "leaks" not in text("You are on call: Days")


def test_notes_are_left_by_who_is_or_was_just_on_call_and_late_ones_are_passed_on(world):
    with pytest.raises(Refused, match="who is on call"):
        handoff.add_note(world.act("cleo"), "days", "Hello")
    with pytest.raises(Refused, match="Write what"):
        handoff.add_note(world.act("ben"), "days", " \n ")
    world.now = CHANGE + HOUR
    handoff.add_note(world.act("ben"), "days", "One more thing.")
    assert [who for who, _ in told("A note about the shift before")] == ["cleo"]
    world.now = CHANGE + 2 * HOUR + MINUTE
    with pytest.raises(Refused, match="until two hours after"):
        handoff.add_note(world.act("ben"), "days", "Too late.")
    handoff.add_note(world.act("ana"), "days", "An administrator always may.")


def test_the_week_is_told_on_monday_morning_once_to_who_wants_it(world):
    alert(world)
    monday = START + timedelta(days=7)
    handoff.set_wish(
        world.act("cleo"),
        world.find("cleo").id,
        start=True,
        end=True,
        digest=False,
        lead_minutes=0,
        at_night=False,
    )
    handoff.look(monday - timedelta(days=1))
    handoff.look(monday.replace(hour=7))
    assert told("The week on call") == []
    for hour in (8, 9, 12):
        handoff.look(monday.replace(hour=hour))
    assert [who for who, _ in told("The week on call: Days")] == ["ben"]
    said = text("The week on call: Days")
    assert "Ben Okonkwo: " in said
    assert "1 page" in said
    assert "Ahead: " in said


def test_an_engine_that_was_away_for_long_tells_nothing_stale(world):
    handoff.look(CHANGE + 3 * HOUR)
    assert told("You are on call") == []


def test_the_page_shows_the_summary_and_takes_notes(world):
    models.Layer.objects.update(definition=models.Layer.objects.first().definition)
    world.now = datetime.now(UTC)
    handle = "ben" if (world.now - START) // timedelta(days=1) % 2 == 0 else "cleo"
    client = browser(world, handle)
    said = words(client.get("/on-call/handoff/days"))
    assert "This shift so far" in said
    assert "The shift before" in said
    answer = client.post("/on-call/handoff/days/notes", {"text": "Mind the gap."}, follow=True)
    assert "Mind the gap." in words(answer)
    other = browser(world, "olga")
    assert "Leave a note" not in words(other.get("/on-call/handoff/days"))
    assert other.post("/on-call/handoff/days/notes", {"text": "Hm."}).status_code == 422
    assert client.get("/on-call/handoff/none").status_code == 404
    assert browser(world, "ed").get("/on-call/handoff/days").status_code == 403  # shows alerts
    client.post("/settings/me/shift-messages", {"lead_minutes": "60", "digest": "1"})
    row = models.DutyWish.objects.get()
    assert (row.start, row.digest, row.lead_minutes) == (False, True, 60)


def test_programs_read_the_handoff_and_choose_their_messages_over_rest(db):
    org = Organisation()
    ana = org.call("ana")
    org.schedule("primary", "ana")
    made = ana.post("/schedules/primary/handoff/notes", {"text": "All quiet."})
    assert (made.status, made.json["author"]["name"]) == (201, "Ana")
    found = ana.get("/schedules/primary/handoff").json
    assert found["running"]["people"][0]["name"] == "Ana"
    assert found["running"]["notes"][0]["text"] == "All quiet."
    assert ana.get("/me/shift-messages").json["lead_minutes"] == 30
    assert ana.put("/me/shift-messages", {"lead_minutes": 60, "end": False}).json["end"] is False
    assert ana.put("/me/shift-messages", {"lead_minutes": 9000}).status == 422
