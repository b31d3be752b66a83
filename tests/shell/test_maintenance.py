"""Planned work on pages, over REST, in a calendar and from a terminal."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import icalendar
import pytest

from quarterdeck.app.maintenance import maintenance
from quarterdeck.app.maintenance.maintenance_drafts import Draft
from quarterdeck.app.oncall import calendar_feeds, calendar_files, calendars
from quarterdeck.core.kernel.moments import text
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models
from quarterdeck.store.ids import new_id
from support.browsing import browser, company, incident, queries, words
from support.rest import Organisation
from support.world import World

SUNDAY = 6
# The night in which clocks go forward in Berlin next year.
GAP = max(
    day for day in (date(datetime.now(UTC).year + 1, 3, d) for d in range(25, 32)) if day.weekday() == SUNDAY
)
BEFORE = GAP - timedelta(days=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def world(db: None) -> World:
    made = company()
    page = models.StatusPage.objects.create(id=new_id(), key="shop", title="Shop", created_at=made.now)
    models.Component.objects.create(
        id=new_id(), page=page, name="Checkout", created_at=made.now, updated_at=made.now
    )
    return made


def form(**more: Any) -> dict[str, Any]:
    component = models.Component.objects.get()
    return {
        "title": "Database upgrade", "text": "Payments may be slow.", "zone": "Europe/Berlin", "notes": "Ask Ben.",
        "starts_at": f"{BEFORE}T22:00", "ends_at": f"{GAP}T00:00", "every": "", "times": "4", "rule": "",
        "services": ["checkout"], f"component.{component.id}": "under_maintenance", "announce_minutes": "1440",
        "reminders": ["60"], "auto_start": "1", "auto_finish": "1", "hold": "1", "then": "keep",
    } | more  # fmt: skip


def planned(world: World, handle: str = "ben", **more: Any) -> models.MaintenanceWindow:
    starts = world.now.replace(microsecond=0) + 48 * HOUR
    draft = Draft(
        title="Database upgrade", starts_at=starts, ends_at=starts + 2 * HOUR, services=["checkout"], **more
    )
    return maintenance.plan(world.act(handle), draft)[0]


def running(world: World) -> models.MaintenanceWindow:
    row = planned(world)
    maintenance.propose(world.act("ben"), row.id)
    maintenance.approve(world.act("ana"), row.id)
    return maintenance.start(world.act("ben"), row.id)


def state(row: models.MaintenanceWindow) -> str:
    row.refresh_from_db()
    return row.state


@pytest.mark.requirement("R-047")
def test_a_maintenance_is_planned_proposed_approved_and_cancelled_in_the_browser(world: World) -> None:
    ben, ana = browser(world, "ben"), browser(world, "ana")
    assert "Nothing is planned" in words(ben.get("/maintenance"))
    said = words(ben.post("/maintenance/new", form(then="propose"), follow=True))
    assert "Waits for approval" in said
    assert "Announced on the status pages" in said
    row = models.MaintenanceWindow.objects.get()
    assert text(row.starts_at) == f"{BEFORE}T21:00:00Z"
    assert list(row.components.values()) == ["under_maintenance"]
    assert "It waits for somebody who may approve it" in words(ben.get(f"/maintenance/{row.id}"))
    said = words(ana.post(f"/maintenance/{row.id}/approve", {"version": row.version}, follow=True))
    assert "Approved: from now on" in said
    assert "Database upgrade" in words(ben.get("/maintenance?service=checkout&page=shop"))
    assert "Nothing matches" in words(ben.get("/maintenance?service=nowhere"))
    url = f"/maintenance/{row.id}"
    assert "Announced." in words(ben.post(f"{url}/announce", follow=True))
    times = {"starts_at": f"{GAP}T02:30", "ends_at": f"{GAP}T04:00", "reason": "Later"}
    assert f"does not exist on {GAP:%d %b %Y}" in words(
        ben.post(f"{url}/move", times, follow=True, HTTP_REFERER=f"http://127.0.0.1{url}")
    )
    times["starts_at"] = f"{GAP}T03:30"
    assert "Moved" in words(ben.post(f"{url}/move", times, follow=True))
    assert state(row) == "announced"
    assert "Say why" in words(
        ben.post(f"{url}/cancel", {"reason": ""}, follow=True, HTTP_REFERER=f"http://127.0.0.1{url}")
    )
    assert "Cancelled" in words(ben.post(f"{url}/cancel", {"reason": "No disk"}, follow=True))
    assert "<s>Database upgrade</s>" in ben.get("/maintenance?view=past").content.decode()
    posts = list(models.PagePost.objects.order_by("at", "id").values_list("status_word", flat=True))
    assert posts == ["scheduled", "scheduled", "cancelled"]


def test_what_was_typed_survives_a_refusal(world: World) -> None:
    ben = browser(world, "ben")
    answer = ben.post("/maintenance/new", form(ends_at=f"{BEFORE}T21:00", every="WEEKLY"))
    assert answer.status_code == 422
    said = answer.content.decode()
    assert "It ends before it starts" in said
    for kept in (
        "Payments may be slow.",
        "Ask Ben.",
        f'value="{BEFORE}T22:00"',
        'value="Europe/Berlin" selected',
    ):
        assert kept in said
    assert 'value="checkout" checked' in said
    assert not models.MaintenanceWindow.objects.exists()
    for bad in (
        {"starts_at": "x"},
        {"zone": "Mars/X"},
        {"times": "0", "every": "DAILY"},
        {"reminders": ["9999999"]},
    ):
        assert ben.post("/maintenance/new", form(**bad)).status_code == 422


def test_a_plan_is_changed_and_an_older_form_is_refused(world: World) -> None:
    row, ben = planned(world), browser(world, "ben")
    assert 'value="Database upgrade"' in ben.get(f"/maintenance/{row.id}/plan").content.decode()
    assert "Saved." in words(
        ben.post(f"/maintenance/{row.id}/plan", form(title="Move", version="1"), follow=True)
    )
    answer = ben.post(f"/maintenance/{row.id}/plan", form(title="Older", version="1"))
    assert answer.status_code == 422
    assert "has changed since you opened it" in words(answer)
    assert models.MaintenanceWindow.objects.get().title == "Move"


def test_one_that_runs_is_extended_checked_and_finished_in_the_browser(world: World) -> None:
    row, ben = running(world), browser(world, "ben")
    url = f"/maintenance/{row.id}"
    assert "In progress" in words(ben.get("/maintenance?view=running"))
    until = (row.ends_at + HOUR).strftime("%Y-%m-%dT%H:%M")
    assert "Extended" in words(ben.post(f"{url}/extend", {"ends_at": until, "reason": "Slow"}, follow=True))
    assert "being checked" in words(ben.post(f"{url}/verify", follow=True))
    assert state(row) == "verifying"
    assert "Finished" in words(ben.post(f"{url}/finish", {"text": "All well."}, follow=True))
    assert state(row) == "completed"
    assert ben.post(f"{url}/dance").status_code in (302, 404)


@pytest.mark.requirement("R-047")
def test_what_takes_longer_than_was_agreed_to_is_agreed_to_again(world: World) -> None:
    ben, ana, row = world.act("ben"), world.act("ana"), planned(world)
    maintenance.propose(ben, row.id)
    maintenance.approve(ana, row.id)
    starts = row.starts_at + HOUR
    assert maintenance.move(ben, row.id, starts, starts + HOUR).state == "approved"
    assert maintenance.move(ben, row.id, starts, starts + 48 * HOUR).state == "proposed"
    assert maintenance.approve(ana, row.id).state == "approved"
    assert maintenance.move(ana, row.id, starts, starts + 2 * HOUR).state == "approved"
    assert maintenance.move(ana, row.id, starts, starts + 3 * HOUR).state == "approved"
    maintenance.announce(ben, row.id)
    with pytest.raises(Refused, match="made longer") as why:
        maintenance.move(ben, row.id, starts, starts + 4 * HOUR)
    assert why.value.code == "maintenance.longer"
    row = maintenance.start(ben, row.id)
    with pytest.raises(Refused, match="more than a day"):
        maintenance.extend(ben, row.id, starts + 90 * HOUR)
    assert maintenance.extend(ana, row.id, starts + 90 * HOUR).state == "in_progress"


def test_work_that_runs_stands_on_now_on_the_schedule_and_in_the_war_room(world: World) -> None:
    row = running(world)
    link = f'href="/maintenance/{row.id}"'
    ben = browser(world, "ben")
    key = incident(world, services=["checkout"])
    for path in ("/", "/on-call/schedules/primary", f"/incidents/{key}"):
        assert link in ben.get(path).content.decode(), path
    assert f"{key} is open on Checkout." in words(ben.get(f"/maintenance/{row.id}"))


def test_a_longer_list_takes_no_more_queries(world: World) -> None:
    planned(world)
    ben = browser(world, "ben")
    few = queries(ben, "/maintenance")
    for _ in range(5):
        planned(world, people=[world.find("cleo").id])
    assert queries(ben, "/maintenance") <= few + 1


def test_who_may_not_is_refused_and_executives_see_what_is_public(world: World) -> None:
    row = planned(world, notes="The password is in the safe.")
    assert browser(world, "olga").get("/maintenance/new").status_code == 403
    assert browser(world, "olga").post(f"/maintenance/{row.id}/propose").status_code == 403
    assert browser(world, "ed").get(f"/maintenance/{row.id}").status_code == 404
    maintenance.propose(world.act("ben"), row.id)
    maintenance.approve(world.act("ana"), row.id)
    maintenance.announce(world.act("ben"), row.id)
    said = words(browser(world, "ed").get(f"/maintenance/{row.id}"))
    assert "Database upgrade" in said
    assert "safe" not in said
    assert "What happened" not in said


def test_the_calendar_of_maintenance_parses_and_follows_its_windows(world: World) -> None:
    row = running(world)
    feed, _ = calendars.create(world.act("ben"), "maintenance")
    found = calendar_feeds.content(feed, world.now)
    event = icalendar.Calendar.from_ical(calendar_files.written(found, "https://example.com")).walk("VEVENT")[
        0
    ]
    assert str(event["summary"]) == "Maintenance: Database upgrade"
    assert event["dtend"].dt == row.ends_at
    uid = event["uid"]
    maintenance.extend(world.act("ben"), row.id, row.ends_at + HOUR)
    feed.refresh_from_db()
    again = calendar_feeds.content(feed, world.now)
    event = icalendar.Calendar.from_ical(calendar_files.written(again, "https://example.com")).walk("VEVENT")[
        0
    ]
    assert (event["uid"], event["dtend"].dt, int(event["sequence"])) == (uid, row.ends_at + HOUR, 1)
    maintenance.cancel(world.act("ben"), row.id, "Broke")
    feed.refresh_from_db()
    assert not calendar_feeds.content(feed, world.now).entries


@pytest.fixture
def org(db: None) -> Organisation:
    o = Organisation()
    o.call("root", "administrator")
    o.call("ben")
    o.service("db")
    return o


@pytest.mark.requirement("R-047")
def test_over_rest_every_state_is_a_resource_that_may_be_put_twice(org: Organisation) -> None:
    ben, root = org.call("ben"), org.call("root", "administrator")
    starts = datetime.now(UTC).replace(microsecond=0) + 48 * HOUR
    body = {"title": "Upgrade", "starts_at": text(starts), "ends_at": text(starts + HOUR), "services": ["db"]}
    made = ben.post("/maintenance", body)
    assert (made.status, made.json["state"], made.json["public"]) == (201, "draft", "")
    assert [c["kind"] for c in made.json["conflicts"]] == ["nobody"]
    where = f"/maintenance/{made.json['id']}"
    assert ben.patch(where, {"title": "Upgrade of the database"}).json["title"] == "Upgrade of the database"
    assert ben.put(f"{where}/proposal", {}).json["state"] == "proposed"
    assert ben.put(f"{where}/approval", {}).status == 403
    for _ in range(2):
        assert root.put(f"{where}/approval", {}).json["state"] == "approved"
    for what, body, expected in (
        ("announcement", {}, "announced"),
        ("start", {"text": "Now."}, "in_progress"),
        ("extension", {"ends_at": text(starts + 2 * HOUR)}, "in_progress"),
        ("verification", {}, "verifying"),
        ("completion", {}, "completed"),
    ):
        for _ in range(2):
            told = ben.put(f"{where}/{what}", body)
            assert (told.status, told.json.get("state")) == (200, expected), (what, told.json)
    assert ben.put(f"{where}/cancellation", {"reason": "x"}).status == 409
    kinds = [e["kind"] for e in ben.get(where).json["history"]]
    assert kinds == [
        "planned", "changed", "proposed", "approved", "announced", "started", "extended", "verifying", "completed",
    ]  # fmt: skip
    assert [m["title"] for m in ben.get("/maintenance?view=past&service=db").json["items"]] == [
        "Upgrade of the database"
    ]
    assert ben.get("/maintenance?view=upcoming").json["items"] == []
    assert ben.get("/maintenance/nothing").status == 404
    assert (
        ben.post("/maintenance", body | {"title": "Late", "starts_at": "2020-01-01T00:00:00Z"}).status == 422
    )
