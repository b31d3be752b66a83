"""Pages of on-call that are read at a glance: parts of long lists, sentences of changes, times of the reader."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from quarterdeck.app.alerts import snoozes
from quarterdeck.app.oncall import rotations
from quarterdeck.core.oncall import Layer, Restriction, Turn
from quarterdeck.store import models
from quarterdeck.web.present.paging import part
from quarterdeck.web.present.zoned import zoned
from support.browsing import alert, browser, company, words

DAY = timedelta(days=1)


@pytest.fixture
def world(db):
    return company()


@pytest.mark.parametrize(("asked", "first", "last"), [
    ("", 1, 10), ("1", 1, 10), ("3", 21, 23), ("99", 21, 23), ("0", 1, 10), ("-1", 1, 10), ("²", 1, 10),
])  # fmt: skip
def test_a_list_in_parts_shows_the_one_asked_for_and_never_an_empty_one(asked, first, last):
    shown, place = part(range(1, 24), asked, 10)
    assert (shown[0], shown[-1], place["first"], place["last"], place["total"]) == (
        first,
        last,
        first,
        last,
        23,
    )
    assert part([], asked, 10)[0] == []


def test_a_time_in_a_story_is_told_on_the_readers_clock_across_the_turn_of_a_year():
    said = datetime(2026, 12, 31, 20, tzinfo=UTC)
    text = "Snoozed by Ana until Thu 31 Dec 23:30 UTC: it waits"
    with timezone.override(ZoneInfo("Asia/Tokyo")):
        assert zoned(text, said) == "Snoozed by Ana until Fri 1 Jan, 08:30: it waits"
        assert zoned("until 2026-12-31T23:30:00.000001Z.", said) == "until Fri 1 Jan, 08:30."
        assert zoned("Mon 31 Feb 10:00 UTC", said) == "Mon 31 Feb 10:00 UTC"
    with timezone.override(UTC):
        assert zoned(text, said) == text


def test_the_story_of_a_snoozed_alert_tells_its_end_on_the_readers_clock(world):
    row = alert(world)
    snoozes.snooze(world.act("ben"), row.id, timedelta(hours=1), "The fix is rolling out")
    models.Person.objects.filter(handle="cleo").update(timezone="Asia/Tokyo")
    until = (world.now + timedelta(hours=1)).astimezone(ZoneInfo("Asia/Tokyo"))
    said = words(browser(world, "cleo").get(f"/alerts/{row.id}"))
    assert f", {until:%H:%M}: The fix is rolling out" in said
    assert "UTC" not in said.partition("What happened, and why")[2].partition("Who was called")[0]


def test_a_changed_layer_is_told_as_what_was_and_what_is(world):
    old = models.Layer.objects.get(schedule__key="primary")
    people = (world.find("ben").id, world.find("cleo").id)
    layer = Layer(
        id="", name="Nights", people=people, turn=Turn("months"), handover_time=time(21), handover_weekday=None,
        starts_at=world.now, ends_at=None, zone="", handover_day=31, gaps_allowed=False,
        restrictions=(Restriction(time(21), time(9), (4, 5)),),
    )  # fmt: skip
    rotations.put_layer(world.act("ana"), "primary", layer, old.id)
    said = words(browser(world, "olga").get("/on-call/schedules/primary/history"))
    assert "Changed the layer “Nights”" in said
    assert "to every month, handover day 31 21:00" in said
    assert "Only: now 21:00 to 09:00 on Fri, Sat" in said
    assert "Gaps: now somebody must always be on call" in said
    assert "{" not in said.partition("Changed the layer")[2][:400]


def test_beyond_eight_schedules_one_is_chosen_from_a_list_that_works_without_scripts(world):
    client = browser(world, "olga")
    have = models.Schedule.objects.count()
    for n in range(9 - have):
        world.schedule(f"more{n}", "ben")
    page = client.get("/on-call").content.decode()
    assert '<select class="input input--sm" id="sw-s" name="schedule">' in page
    assert client.get("/on-call?schedule=more0").content.decode().count("selected") >= 1


def test_fairness_shows_one_part_and_whoever_looks_beside_every_part(world):
    for n in range(12):
        world.person(f"p{n:02}")
    world.schedule("many", *(f"p{n:02}" for n in range(12)), "ben", days=1)
    first = words(browser(world, "ben").get("/on-call/fairness?schedule=many&span=ahead"))
    assert "1 to 10 of 13" in first
    second = words(browser(world, "ben").get("/on-call/fairness?schedule=many&span=ahead&part=2"))
    assert "11 to 13 of 13" in second
    for page in (first, second):
        assert page.partition("Per person")[2].count("Ben Okonkwo") >= 1
    panel = words(browser(world, "ben").get("/on-call/schedules/many/fairness"))
    assert "Nobody was on call here in the last 13 weeks." in panel or "tick is the mean" in panel


def test_people_of_whom_the_same_is_missing_are_told_together(world):
    handles = [f"q{n}" for n in range(6)]
    for handle in handles:
        world.person(handle)
    world.schedule("six", *handles, days=1)
    page = words(browser(world, "olga").get("/on-call/coverage"))
    assert page.count("1 of 2 ways tried out") == 1


def test_a_form_with_another_step_keeps_what_was_typed_and_saves_nothing(world):
    client, before = browser(world, "ana"), models.EscalationPolicy.objects.count()
    ben = f"person:{world.find('ben').id}"
    form = {
        "name": "Grows", "repeats": "x", "wait_0": "7", "target_0_0": ben, "severity_0": ["critical", "error"],
        "last": ben, "last_1": "", "from_0_0": "22:00", "change": "step-more",
    }  # fmt: skip
    page = client.post("/on-call/policies/new", form)
    assert (page.status_code, models.EscalationPolicy.objects.count()) == (200, before)
    shown = page.content.decode()
    for part_ in ('value="Grows"', 'value="7"', 'value="22:00"', "id_target_1_0", 'value="x"'):
        assert part_ in shown
    fewer = client.post("/on-call/policies/new", form | {"change": "step-less-5", "target_1_0": ben})
    assert "id_target_1_0" in fewer.content.decode(), "a step that is not there takes none away"
    gone = client.post(
        "/on-call/policies/new", form | {"change": "step-less-0", "target_1_0": ben, "wait_1": "9"}
    )
    assert ('value="9"' in gone.content.decode(), "id_target_1_0" in gone.content.decode()) == (True, False)
