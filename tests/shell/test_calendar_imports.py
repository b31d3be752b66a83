"""Calendars that come in: absences from files and subscribed addresses, and schedules from files; fixed shifts by form."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from quarterdeck.app.oncall import absence_calendars, absences
from quarterdeck.app.paging.directory import schedule_from
from quarterdeck.channels.safe_http import SafeClient
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.oncall import on_call
from quarterdeck.engine.absence_calendars import AbsenceCalendars
from quarterdeck.store import models
from support.browsing import browser, company, words
from support.http_sink import Answer, http_sink
from support.rest import Caller

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def world(db):
    return company()


def stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def event(uid: str, start: datetime, end: datetime, summary: str = "x", *more: str) -> str:
    lines = [f"UID:{uid}", f"SUMMARY:{summary}", f"DTSTART:{stamp(start)}", f"DTEND:{stamp(end)}", *more]
    return "\r\n".join(["BEGIN:VEVENT", *lines, "END:VEVENT"])


def calendar(*events: str) -> bytes:
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", *events, "END:VCALENDAR", ""]).encode()


def away(world, handle="ben"):
    rows = absences.standing(world.now, [world.find(handle).id])
    return [(a.starts_at.replace(microsecond=0), a.ends_at.replace(microsecond=0)) for a in rows]


def hour(world, days: float) -> datetime:
    return (world.now + timedelta(days=days)).replace(minute=0, second=0, microsecond=0)


def test_a_file_of_absences_is_taken_whole_and_the_next_one_takes_its_place(world):
    ben, first, second, free = world.find("ben"), hour(world, 2), hour(world, 9), hour(world, 20)
    data = calendar(
        event("a", first, first + DAY, "Surgery"), event("b", second, second + DAY),
        event("c", free, free + DAY, "Maybe", "TRANSP:TRANSPARENT"),
    )  # fmt: skip
    taken = absence_calendars.upload(world.act("ben"), ben.id, data, "Leave")
    assert (taken.added, taken.changed, taken.ended) == (2, 0, 0)
    assert away(world) == [(first, first + DAY), (second, second + DAY)]
    assert not models.Absence.objects.filter(reason__contains="Surgery").exists(), (
        "titles stay with their owner"
    )
    again = calendar(event("a", first, first + 2 * DAY), event("d", free, free + DAY))
    taken = absence_calendars.upload(world.act("ben"), ben.id, again, "Leave")
    assert (taken.added, taken.changed, taken.ended) == (1, 1, 1)
    assert away(world) == [(first, first + 2 * DAY), (free, free + DAY)]
    with pytest.raises(Refused):
        absence_calendars.upload(world.act("ben"), ben.id, again[:-30], "Leave")
    assert len(away(world)) == 2, "a file that is not whole changes nothing"
    with pytest.raises(Refused):
        absence_calendars.upload(world.act("cleo"), ben.id, again, "Leave")
    absence_calendars.remove(world.act("ben"), taken.calendar.id)
    assert away(world) == []


def test_an_absence_that_was_taken_back_is_not_brought_back_by_its_calendar(world):
    ben, start, runs = world.find("ben"), hour(world, 2), hour(world, -1)
    data = calendar(event("a", start, start + DAY), event("b", runs, runs + 5 * DAY))
    absence_calendars.upload(world.act("ben"), ben.id, data, "Leave")
    for row in list(absences.standing(world.now, [ben.id])):
        absences.remove(world.act("ben"), row.id)
    world.now += HOUR
    absence_calendars.upload(world.act("ben"), ben.id, data, "Leave")
    assert away(world) == []


def test_an_absence_that_runs_ends_now_and_stays_in_the_past(world):
    ben, start = world.find("ben"), hour(world, -1)
    row = absence_calendars.upload(
        world.act("ben"), ben.id, calendar(event("a", start, start + 3 * DAY))
    ).calendar
    kept = models.Absence.objects.get(calendar_id=row.id)
    assert kept.starts_at == world.now, "what was is not made up afterwards"
    world.now += HOUR
    absence_calendars.upload(world.act("ben"), ben.id, calendar(event("a", start, start + 3 * DAY)), row.name)
    assert models.Absence.objects.filter(calendar_id=row.id).count() == 1
    absence_calendars.upload(world.act("ben"), ben.id, calendar(), row.name)
    kept.refresh_from_db()
    assert (kept.ends_at, kept.removed_at) == (world.now, None)


def test_whole_days_are_days_of_the_persons_own_zone(world):
    models.Person.objects.filter(handle="ben").update(timezone="Asia/Tokyo")
    day = (world.now + 5 * DAY).date()
    lines = ["BEGIN:VEVENT", "UID:a", f"DTSTART;VALUE=DATE:{day:%Y%m%d}", "END:VEVENT"]
    absence_calendars.upload(world.act("ben"), world.find("ben").id, calendar(*lines))
    assert away(world)[0][0] == datetime(day.year, day.month, day.day, tzinfo=UTC) - 9 * HOUR


@pytest.fixture
def sink():
    with http_sink() as running:
        yield running


def chore(sink) -> AbsenceCalendars:
    return AbsenceCalendars(SafeClient(allow=[f"127.0.0.1:{sink.port}"]))


def look(asked: AbsenceCalendars, now: datetime) -> None:
    asked(now)
    asked.wait()
    asked(now)


def test_a_subscribed_calendar_is_read_every_hour_and_the_last_good_reading_counts_on(
    world, sink, settings_allow
):
    url = settings_allow(sink)
    row = absence_calendars.subscribe(world.act("ben"), world.find("ben").id, url, "Holidays")
    start, asked = hour(world, 3), chore(sink)
    sink.answer(
        Answer(
            200,
            calendar(event("a", start, start + DAY)),
            (("ETag", '"one"'), ("Last-Modified", "Sun, 01 Mar 2026 00:00:00 GMT")),
        )
    )
    look(asked, world.now)
    look(asked, world.now + timedelta(minutes=30))
    assert len(sink.arrived) == 1
    assert away(world) == [(start, start + DAY)]
    sink.answer(Answer(304))
    look(asked, world.now + HOUR)
    assert sink.arrived[-1].headers["if-none-match"] == '"one"'
    assert away(world) == [(start, start + DAY)]
    for wrong, said in (
        (Answer(500), "answered 500"), (Answer(200, b"<html>Please sign in</html>"), "no iCalendar file"),
        (Answer(200, calendar(event("a", start, start + DAY))[:-30]), "not whole"), (Answer(hang_up=True), "could not be fetched"),
        (Answer(302, headers=(("location", "http://169.254.169.254/"),)), "answered 302"),
        (Answer(200, b"BEGIN:VCALENDAR\r\n" + b"x" * 3_000_000), "larger than"),
    ):  # fmt: skip
        sink.answer(wrong)
        world.now += 2 * HOUR
        look(asked, world.now)
        row.refresh_from_db()
        assert said in row.failure
        assert away(world) == [(start, start + DAY)]
    assert said in words(browser(world, "ben").get("/on-call/mine"))
    sink.answer(Answer(200, calendar()))
    look(asked, world.now + 2 * HOUR)
    row.refresh_from_db()
    assert (row.failure, away(world)) == ("", [])


@pytest.fixture
def settings_allow():
    from django.test import override_settings

    changed = []

    def allow(sink) -> str:
        found = override_settings(QUARTERDECK_ALLOW_TARGETS=[f"127.0.0.1:{sink.port}"])
        found.enable()
        changed.append(found)
        return f"http://127.0.0.1:{sink.port}/leave.ics"

    yield allow
    for found in changed:
        found.disable()


@pytest.mark.parametrize(
    "url", ["http://169.254.169.254/x.ics", "file:///etc/passwd", "https://127.0.0.1/x", "nonsense"]
)
def test_an_address_that_nothing_may_be_fetched_from_is_refused_in_words(world, url):
    page = browser(world, "ben").post("/on-call/absence-calendars", {"url": url}, follow=True)
    assert page.status_code == 200
    assert not models.AbsenceCalendar.objects.exists()
    assert re.search(r"address|https://|leads to", words(page))


def test_absences_come_in_by_the_page(world):
    client, start = browser(world, "ben"), hour(world, 4)
    file = SimpleUploadedFile("leave.ics", calendar(event("a", start, start + DAY)), "text/calendar")
    page = words(client.post("/on-call/absence-calendars", {"file": file}, follow=True))
    assert "1 absence added" in page
    assert "leave.ics" in page
    assert "1 absence ahead" in page
    wrong = SimpleUploadedFile("leave.ics", b"hello", "text/calendar")
    assert "no iCalendar file" in words(
        client.post("/on-call/absence-calendars", {"file": wrong}, follow=True)
    )
    client.post(f"/on-call/absence-calendars/{models.AbsenceCalendar.objects.get().id}/removal")
    assert away(world) == []


IMPORT = "/on-call/schedules/primary/import"


def test_a_schedule_comes_out_of_a_file_after_it_was_shown(world):
    client, start = browser(world, "cleo"), hour(world, 3)
    data = calendar(
        event("a", start, start + DAY, "On call: Cleo Marsh"),
        event("b", start + DAY, start + 2 * DAY, "Duty", 'ATTENDEE;CN="B.O.":mailto:BEN@example.com'),
        event("c", start + 2 * DAY, start + 3 * DAY, "@ana", "RRULE:FREQ=WEEKLY;COUNT=3"),
    )  # fmt: skip
    page = client.post(IMPORT, {"file": SimpleUploadedFile("s.ics", data)})
    assert (page.status_code, "Take over 5 shifts" in words(page)) == (200, True)
    assert models.Layer.objects.filter(schedule__key="primary").count() == 1
    shifts = unescape(re.search(r'name="shifts" value="([^"]*)"', page.content.decode())[1])
    done = client.post(IMPORT, {"act": "keep", "name": "From Google", "shifts": shifts})
    assert done.status_code == 302
    core = schedule_from(models.Schedule.objects.get(key="primary"))
    held = [on_call(core, start + n * DAY + HOUR).person for n in (0, 1, 2, 9)]
    assert held == [world.find(h).id for h in ("cleo", "ben", "ana", "ana")]
    assert on_call(core, start + 4 * DAY).person == world.find("ben").id, (
        "between them the layers below count"
    )


def test_an_unknown_name_keeps_the_whole_file_out(world):
    client, start = browser(world, "cleo"), hour(world, 3)
    data = calendar(
        event("a", start, start + DAY, "Cleo Marsh"), event("b", start + DAY, start + 2 * DAY, "Zoe")
    )
    page = client.post(IMPORT, {"text": data.decode()})
    said = words(page)
    assert (page.status_code, "Event 2: “Zoe”" in said, "nobody here is called that" in said) == (
        422,
        True,
        True,
    )
    assert "Nothing was taken over" in said
    assert 'name="shifts"' not in page.content.decode()
    assert "e0" not in said
    assert "no iCalendar file" in words(client.post(IMPORT, {"text": "hello"}))


def test_a_name_nobody_has_is_said_to_be_somebody_by_hand(world):
    start, cleo = hour(world, 3), world.find("cleo").id
    data = calendar(
        event("1", start, start + DAY, "On call: The Boss"), event("2", start + DAY, start + 2 * DAY, "Ben Okonkwo"),
        event("3", start + 2 * DAY, start + 3 * DAY, "Team lunch"),
    )  # fmt: skip
    client, path = browser(world, "ana"), "/on-call/schedules/primary/import"
    first = client.post(path, {"file": SimpleUploadedFile("a.ics", data)})
    page = first.content.decode()
    assert (first.status_code, "Who is meant" in page) == (422, True)
    kept = unescape(re.search(r'<textarea name="text" hidden>(.*?)</textarea>', page, re.DOTALL)[1])
    chosen = {"text": kept, "said_0": "On call: The Boss", "meant_0": cleo}
    again = client.post(path, chosen)
    assert (again.status_code, "Team lunch" in words(again)) == (422, True)
    assert f'name="meant_1" value="{cleo}"' in again.content.decode()
    ready = client.post(path, chosen | {"said_1": "Team lunch", "meant_1": "-"})
    assert (ready.status_code, "Take over 2 shifts" in words(ready)) == (200, True)
    strange = client.post(path, chosen | {"meant_0": "nobody"})
    assert "Choose somebody from the list" in words(strange)


def test_the_interface_says_which_names_are_unknown_and_takes_who_is_meant(world):
    start, call = hour(world, 3), Caller(world.find("ana"))
    file = calendar(event("1", start, start + DAY, "The Boss")).decode()
    asked = call.post("/schedules/primary/import", {"file": file, "keep": True}).json
    assert (asked["layer"], asked["unknown"]) == (None, ["The Boss"])
    meant = [{"said": "the boss", "person": world.find("cleo").id}]
    done = call.post("/schedules/primary/import", {"file": file, "keep": True, "people": meant}).json
    assert (bool(done["layer"]), done["unknown"], len(done["shifts"])) == (True, [], 1)
    assert (
        on_call(schedule_from(models.Schedule.objects.get(key="primary")), start).person
        == world.find("cleo").id
    )


@pytest.mark.parametrize("sent", ["", "[[1]]", '[["nobody","2027-01-01T00:00:00Z","2027-01-02T00:00:00Z",""]]',
                                  '[["x","later","2027-01-02T00:00:00Z",""]]', "{}", "[" * 5000])  # fmt: skip
def test_shifts_that_were_tampered_with_are_refused(world, sent):
    page = browser(world, "cleo").post(IMPORT, {"act": "keep", "name": "x", "shifts": sent})
    assert page.status_code == 422
    assert models.Layer.objects.filter(schedule__key="primary").count() == 1


def test_who_may_not_change_schedules_imports_none(world):
    assert browser(world, "olga").get(IMPORT).status_code == 403


def test_fixed_shifts_are_written_down_and_changed_in_a_form(world):
    client, start = browser(world, "cleo"), hour(world, 2)
    shown = "%Y-%m-%dT%H:%M"
    form = {"name": "Fair", "person": [world.find("cleo").id, "", world.find("ana").id],
            "start": [f"{start:{shown}}", "", f"{start + DAY:{shown}}"],
            "end": [f"{start + DAY:{shown}}", "", f"{start + 2 * DAY:{shown}}"]}  # fmt: skip
    new = "/on-call/schedules/primary/fixed/new"
    assert client.post(new, form).status_code == 302
    layer = models.Layer.objects.get(name="Fair")
    assert [s["person"] for s in layer.definition["fixed"]] == [world.find(h).id for h in ("cleo", "ana")]
    opened = client.get(f"/on-call/schedules/primary/layers/{layer.id}", follow=True)
    assert f'value="{start:{shown}}"' in opened.content.decode()
    wrong = client.post(new, form | {"end": [f"{start - DAY:{shown}}", "", ""]})
    said = words(wrong)
    assert (wrong.status_code, "Line 1 ends before it starts" in said) == (422, True)
    assert 'value="Fair"' in wrong.content.decode()
    assert "Fill in a line" in words(client.post(new, {"name": "x"}))
    later = form | {"person": [world.find("ben").id], "start": form["start"][:1], "end": form["end"][:1]}
    client.post(f"/on-call/schedules/primary/fixed/{layer.id}", later)
    core = schedule_from(models.Schedule.objects.get(key="primary"))
    assert on_call(core, start + HOUR).person == world.find("ben").id
