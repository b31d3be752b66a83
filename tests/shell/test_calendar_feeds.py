"""Calendar feeds: what programs read under a secret address, judged by icalendar and recurring-ical-events."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, time, timedelta
from random import Random

import icalendar
import pytest
import recurring_ical_events

from quarterdeck.app.oncall import calendar_feeds, calendar_files, calendars, rotations, schedules
from quarterdeck.app.paging.directory import layer_data, schedule_from
from quarterdeck.app.people import accounts
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.oncall import FixedShift, Layer, Restriction, Turn, shifts
from quarterdeck.store import models
from quarterdeck.store.ids import new_id
from support.browsing import browser, company, words
from support.oncall_cases import STRANGE

SOAK = bool(os.environ.get("QUARTERDECK_SOAK"))
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def world(db):
    return company()


def made(world, handle="ben", kind="schedule", subject="primary", name=""):
    return calendars.create(world.act(handle), kind, subject, name)


def read(world, token, **headers):
    return browser(world, None).get(
        f"/calendars/{token}.ics", headers={k.replace("_", "-"): v for k, v in headers.items()}
    )


def events(answer):
    body = answer.content if hasattr(answer, "content") else answer
    return {str(e["UID"]): e for e in icalendar.Calendar.from_ical(body).walk("VEVENT")}


def turns(world, key, *handles, zone="UTC", **more):
    """A schedule of weekly turns in a zone, since half a year."""
    row = models.Schedule.objects.create(id=new_id(), key=key, name=key.title(), timezone=zone)
    layer = Layer(
        id="", name="Weeks", people=tuple(world.find(h).id for h in handles), turn=more.pop("turn", Turn("days", 2)),
        handover_time=more.pop("handover", time(9)), handover_weekday=None, starts_at=world.now - 180 * DAY,
        ends_at=None, zone="", **more,
    )  # fmt: skip
    models.Layer.objects.create(id=new_id(), schedule=row, name="Weeks", definition=layer_data(layer))
    return row


def test_a_feed_has_what_google_outlook_and_apple_want(world):
    turns(world, "long", "ben", "cleo", zone="Europe/Berlin")
    models.Person.objects.filter(handle="cleo").update(name='Cleo, "the" Märsh; ' + "ü" * 80 + "\\")
    _, token = made(world, subject="long", name="Überlange Schichten, die ganze Woche; " * 3)
    body = read(world, token).content
    assert b"\r\n" in body
    assert b"\n" not in body.replace(b"\r\n", b"")
    assert max(len(line) for line in body.split(b"\r\n")) <= 75
    calendar = icalendar.Calendar.from_ical(body)
    for name, value in {
        "VERSION": "2.0",
        "METHOD": "PUBLISH",
        "CALSCALE": "GREGORIAN",
        "X-PUBLISHED-TTL": "PT1H",
    }.items():
        assert str(calendar[name]) == value
    assert "Quarterdeck" in calendar["PRODID"]
    assert str(calendar["X-WR-CALNAME"]).startswith("Überlange Schichten, die")
    assert calendar["REFRESH-INTERVAL"].dt == HOUR
    found = calendar.walk("VEVENT")
    assert len(found) > 90
    assert len({e["UID"] for e in found}) == len(found)
    zones = {str(z["TZID"]) for z in calendar.walk("VTIMEZONE")}
    for e in found:
        assert e["DTEND"].dt > e["DTSTART"].dt
        assert {"DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "SUMMARY"} <= set(e)
        tzid = e["DTSTART"].params.get("TZID")
        assert tzid in zones or e["DTSTART"].to_ical().endswith(b"Z")
    assert zones == {"Europe/Berlin"}
    assert any('Cleo, "the" Märsh; ' in str(e["SUMMARY"]) and str(e["SUMMARY"]).endswith("\\") for e in found)
    assert str(found[0]["TRANSP"]) == "TRANSPARENT"


def test_a_feed_reaches_four_weeks_back_and_six_months_ahead(world):
    turns(world, "days", "ben", "cleo")
    _, token = made(world, subject="days")
    found = events(read(world, token)).values()
    assert min(e["DTSTART"].dt for e in found) <= world.now - 28 * DAY
    assert max(e["DTEND"].dt for e in found) >= world.now + 182 * DAY


def test_a_shift_keeps_its_identity_and_counts_its_changes(world):
    turns(world, "days", "ben", "cleo")
    feed, token = made(world, subject="days")
    before = events(read(world, token))
    assert {e["SEQUENCE"] for e in before.values()} == {0}
    same = events(read(world, token))
    assert {u: e.to_ical() for u, e in same.items()} == {u: e.to_ical() for u, e in before.items()}
    mine = [e for e in before.values() if "Ben" in e["SUMMARY"] and e["DTSTART"].dt > world.now + 10 * DAY]
    shift = min(mine, key=lambda e: e["DTSTART"].dt)
    start, end = shift["DTSTART"].dt, shift["DTEND"].dt
    override = schedules.add_override(world.act("ana"), "days", world.find("olga").id, end - 6 * HOUR, end)
    after = events(read(world, token))
    changed = after[shift["UID"]]
    assert (changed["SEQUENCE"], changed["DTEND"].dt) == (1, end - 6 * HOUR)
    assert changed["LAST-MODIFIED"].dt >= shift["LAST-MODIFIED"].dt
    assert sum("Olga" in e["SUMMARY"] for e in after.values()) == 1
    assert sum(e["SEQUENCE"] for e in after.values()) == 1
    schedules.remove_override(world.act("ana"), override.id)
    assert (s := events(read(world, token))[shift["UID"]])["SEQUENCE"] == 2
    assert (s["DTSTART"].dt, s["DTEND"].dt) == (start, end)
    again = schedules.add_override(world.act("ana"), "days", world.find("olga").id, end - 6 * HOUR, end)
    last = events(read(world, token))
    assert next(e for e in last.values() if "Olga" in e["SUMMARY"])["SEQUENCE"] == 1, (
        "what comes back goes on counting"
    )
    assert again
    renewed, fresh = calendars.renew(world.act("ben"), feed.id)
    assert {u: e["SEQUENCE"] for u, e in events(read(world, fresh)).items()} == {
        u: e["SEQUENCE"] for u, e in last.items()
    }
    assert renewed.id == feed.id
    assert read(world, token).status_code == 404


def test_a_program_that_asks_again_is_told_that_nothing_has_changed(world):
    turns(world, "days", "ben", "cleo")
    _, token = made(world, subject="days")
    first = read(world, token)
    assert first["Cache-Control"].startswith("private")
    assert read(world, token, If_None_Match=first["ETag"]).status_code == 304
    assert read(world, token, If_None_Match=f'"x", W/{first["ETag"]}').status_code == 304
    assert read(world, token, If_Modified_Since=first["Last-Modified"]).status_code == 304
    assert read(world, token, If_Modified_Since="nonsense").status_code == 200
    assert (
        read(world, token, If_None_Match='"x"', If_Modified_Since=first["Last-Modified"]).status_code == 200
    )
    head = browser(world, None).head(f"/calendars/{token}.ics")
    assert (head.status_code, head.content, head["ETag"]) == (200, b"", first["ETag"])
    rotations.update(world.act("ana"), "days", name="Nights")
    again = read(world, token, If_None_Match=first["ETag"])
    assert (again.status_code, again["ETag"] != first["ETag"]) == (200, True)
    assert browser(world, None).post(f"/calendars/{token}.ics").status_code in (403, 405)


def test_a_feed_of_ones_own_shifts_holds_every_schedule_and_nobody_elses(world):
    turns(world, "days", "ben", "cleo")
    turns(world, "other", "cleo", "olga")
    _, token = made(world, "ben", "person", "")
    titles = {str(e["SUMMARY"]) for e in events(read(world, token)).values()}
    assert titles == {"On call: Days", "On call: Primary"}


def test_a_feed_of_a_team_holds_all_its_schedules_with_everybody(world):
    team = models.Team.objects.create(id=new_id(), key="response", name="Response")
    for row in (turns(world, "days", "ben", "cleo", at_once=2), turns(world, "other", "cleo", "olga")):
        models.Schedule.objects.filter(id=row.id).update(team=team)
    _, token = made(world, "olga", "team", "response")
    titles = {str(e["SUMMARY"]) for e in events(read(world, token)).values()}
    assert "Days: Ben Okonkwo, Cleo Marsh" in titles
    assert "Other: Olga Brandt" in titles
    assert not any("Primary" in t for t in titles)


def test_a_feed_tells_names_and_schedules_and_nothing_else(world):
    turns(world, "days", "ben", "cleo")
    start = world.now + DAY
    schedules.add_override(
        world.act("ana"), "days", world.find("olga").id, start, start + HOUR, "Chemotherapy"
    )
    _, token = made(world, subject="days")
    body = read(world, token).content.decode()
    ids = models.Person.objects.values_list("id", flat=True)
    for secret in ("Chemotherapy", "@example.com", "+34", *ids):
        assert secret not in body


def test_an_address_is_kept_as_a_hash_is_audited_and_ends_when_it_is_revoked(world):
    feed, token = made(world)
    stored = models.CalendarFeed.objects.get()
    assert token not in "".join(str(v) for v in vars(stored).values())
    with pytest.raises(Refused):
        calendars.revoke(world.act("cleo"), feed.id)
    assert read(world, token).status_code == 200
    calendars.revoke(world.act("ben"), feed.id)
    gone = read(world, token)
    assert (gone.status_code, b"revoked" in gone.content, b"Ben" in gone.content) == (404, True, False)
    kinds = set(models.Event.objects.filter(kind__startswith="Calendar").values_list("kind", flat=True))
    assert kinds == {"CalendarMade", "CalendarRevoked"}
    assert not models.Event.objects.filter(data__contains=token).exists()
    for wrong in (token[:-1] + "0", "x", token.upper(), "qd_cal_", "%00"):
        assert read(world, wrong).status_code == 404


def test_the_feed_of_somebody_who_left_answers_nothing(world):
    _, token = made(world, "cleo")
    accounts.set_active(world.act("ana"), world.find("cleo").id, False)
    assert read(world, token).status_code == 404


def test_addresses_are_made_named_renewed_and_revoked_on_the_page(world):
    client = browser(world, "cleo")
    assert "No address yet" in words(client.get("/on-call/calendars?schedule=primary"))
    client.post("/on-call/calendars", {"what": "schedule:primary", "name": "Phone"})
    page = client.get("/on-call/calendars").content.decode()
    https, webcal = re.findall(r"<code id=\"cal-\w+\">([^<]*)</code>", page)
    assert https.startswith("http")
    assert webcal.startswith("webcal://")
    path = "/calendars/" + https.partition("/calendars/")[2]
    assert browser(world, None).get(path).status_code == 200
    assert https not in client.get("/on-call/calendars").content.decode(), "it is shown once"
    feed = models.CalendarFeed.objects.get()
    client.post(f"/on-call/calendars/{feed.id}/renewal")
    assert browser(world, None).get(path).status_code == 404
    client.post(f"/on-call/calendars/{feed.id}/removal")
    assert "No address yet" in words(client.get("/on-call/calendars"))
    wrong = client.post("/on-call/calendars", {"what": "schedule:none"})
    assert wrong.status_code in (404, 422)
    assert client.post("/on-call/calendars", {"what": "everything"}).status_code == 422
    for _ in range(calendars.MOST):
        calendars.create(world.act("cleo"), "person")
    assert "Revoke one first" in words(client.post("/on-call/calendars", {"what": "person:"}))


def odd_schedule(world, random, number):
    """Layers, windows, overrides and fixed shifts of a random schedule in a strange zone."""
    handles, zone = ["ben", "cleo", "olga", "ana"], random.choice(STRANGE)
    people = random.sample(handles, random.randint(1, 4))
    more = {
        "turn": random.choice(
            [Turn("hours", 11), Turn("days", 1), Turn("days", 3), Turn("weeks"), Turn("months")]
        )
    }
    if random.random() < 0.5:
        begin, end = (time(random.randint(0, 23), random.choice([0, 30])) for _ in range(2))
        more["restrictions"] = (Restriction(begin, end, tuple(sorted(random.sample(range(7), 3)))),)
    if random.random() < 0.4:
        more["at_once"] = random.randint(1, len(people))
    row = turns(
        world, f"odd-{number}", *people, zone=zone, handover=time(random.choice([0, 1, 2, 3, 9])), **more
    )
    for _ in range(random.randint(0, 4)):
        start = world.now + timedelta(minutes=random.randint(10, 250_000))
        effect = random.choice(["all", "add", "remove"])
        end = start + timedelta(minutes=random.randint(1, 9000))
        schedules.add_override(
            world.act("ana"), row.key, world.find(random.choice(handles)).id, start, end, effect=effect
        )
    if random.random() < 0.4:
        start = world.now.replace(second=0, microsecond=0) + timedelta(minutes=random.randint(10, 250_000))
        fixed = (FixedShift(world.find("ana").id, start, start + timedelta(minutes=random.randint(1, 4000))),)
        layer = Layer("", "Fixed", (), Turn("weeks"), time(9), None, world.now, None, "", fixed=fixed)
        models.Layer.objects.create(
            id=new_id(), schedule=row, position=1, name="F", definition=layer_data(layer)
        )
    return models.Schedule.objects.get(id=row.id)


@pytest.mark.parametrize("seed", range(300 if SOAK else 12))
def test_the_events_of_a_feed_are_the_final_schedule_over_changes_of_the_clocks(world, seed):
    """recurring-ical-events, which knows nothing of schedules, reads back exactly the shifts of the core."""
    random = Random(seed)
    # Both changes of the clocks of a year are seen, whatever today is.
    world.now = datetime(2026 + seed % 3, random.choice([1, 3, 8, 10]), random.randint(1, 28), 12, tzinfo=UTC)
    row = odd_schedule(world, random, seed)
    feed, _ = made(world, subject=row.key)
    found = calendar_feeds.content(feed, world.now)
    calendar = icalendar.Calendar.from_ical(calendar_files.written(found, "https://quarterdeck.example"))
    start, end = calendar_feeds.window(world.now)
    names = dict(models.Person.objects.values_list("id", "name"))
    told = sorted(
        (e["DTSTART"].dt.astimezone(UTC), e["DTEND"].dt.astimezone(UTC), str(e["SUMMARY"]).partition(": ")[2])
        for e in recurring_ical_events.of(calendar).between(start - DAY, end + DAY)
    )
    core = [s for s in shifts(schedule_from(row), start, end) if s.people]
    assert told == [
        (
            s.starts_at.replace(microsecond=0),
            s.ends_at.replace(microsecond=0),
            ", ".join(names[p] for p in s.people),
        )
        for s in core
    ]
