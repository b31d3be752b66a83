"""Calendars that lead out and in, over REST."""

from __future__ import annotations

from datetime import timedelta

import icalendar
import pytest
from django.test import Client

from quarterdeck.store import models
from support.rest import Organisation


@pytest.fixture
def org(db: None) -> Organisation:
    o = Organisation()
    for handle in ("ana", "ben"):
        o.call(handle)
    o.schedule("primary", "ana")
    return o


def read(url: str) -> int:
    path = "/calendars/" + url.partition("/calendars/")[2]
    answer = Client(SERVER_NAME="127.0.0.1").get(path)
    if answer.status_code == 200:
        assert icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    return answer.status_code


def calendar(org: Organisation, summary: str) -> str:
    start = org.now + timedelta(days=2)
    return (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:a\r\n"
        f"SUMMARY:{summary}\r\nDTSTART:{start:%Y%m%dT%H%M%SZ}\r\nDURATION:P1D\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )


def test_an_address_is_made_listed_without_its_secret_renewed_and_revoked(org: Organisation) -> None:
    ana = org.call("ana")
    made = ana.post("/calendars", {"kind": "schedule", "subject": "primary", "name": "Phone"})
    assert (made.status, read(made.json["url"])) == (201, 200)
    listed = ana.get("/calendars").json["items"]
    assert [(c["id"], "url" in c) for c in listed] == [(made.json["id"], False)]
    assert org.call("ben").delete(f"/calendars/{made.json['id']}").status == 403
    renewed = ana.post(f"/calendars/{made.json['id']}/renewal")
    assert (read(made.json["url"]), read(renewed.json["url"])) == (404, 200)
    assert ana.delete(f"/calendars/{made.json['id']}").status == 204
    assert read(renewed.json["url"]) == 404
    assert ana.post("/calendars", {"kind": "schedule", "subject": "none"}).code == "schedule.unknown"
    assert ana.post("/calendars", {"kind": "all"}).status in (400, 422)
    assert ana.delete("/calendars/none").status == 404


def test_absences_come_from_a_file_or_an_address(org: Organisation) -> None:
    ben = org.call("ben")
    taken = ben.post("/absence-calendars", {"file": calendar(org, "Away"), "name": "Leave"})
    assert (taken.status, taken.json["added"], taken.json["subscribed"]) == (201, 1, False)
    assert len(ben.get("/absences?mine=true").json["items"]) == 1
    assert ben.post("/absence-calendars", {}).code == "ical.missing"
    assert ben.post("/absence-calendars", {"file": "hello"}).code == "ical.none"
    assert ben.post("/absence-calendars", {"url": "http://169.254.169.254/"}).status == 422
    assert ben.delete(f"/absence-calendars/{taken.json['id']}").status == 204
    assert ben.get("/absence-calendars").json["items"] == []
    assert ben.get("/absences?mine=true").json["items"] == []


def test_a_schedule_is_imported_whole_or_not_at_all(org: Organisation) -> None:
    ana, path = org.call("ana"), "/schedules/primary/import"
    shown = ana.post(path, {"file": calendar(org, "Ben")})
    assert (shown.status, shown.json["layer"], shown.json["shifts"][0]["people"][0]["name"]) == (
        200,
        None,
        "Ben",
    )
    unknown = ana.post(path, {"file": calendar(org, "Zoe"), "keep": True}).json
    assert (unknown["layer"], unknown["faults"][0]["row"]) == (None, 1)
    assert models.Layer.objects.filter(schedule__key="primary").count() == 1
    kept = ana.post(path, {"file": calendar(org, "Ben"), "name": "Rota", "keep": True})
    assert models.Layer.objects.get(id=kept.json["layer"]).name == "Rota"
    assert ana.post(path, {"file": "x" * 2_000_000, "keep": True}).status in (400, 413, 422)
    assert ana.post("/schedules/none/import", {"file": calendar(org, "Ben")}).status == 404
