"""Preventive work: out of a trend or an alert, coming again by itself, in the calendar and in calendar programs."""

from __future__ import annotations

from datetime import timedelta

import icalendar
import pytest

from quarterdeck.app.learning import prevention
from quarterdeck.app.paging.directory import Directory
from quarterdeck.store import models
from support.attacks import org, signed_in
from support.browsing import queries
from support.rest import Organisation

__all__ = ["org"]
DAY = timedelta(days=1)


@pytest.mark.requirement("R-227", "R-250")
def test_a_task_is_made_of_a_trend_by_one_click_and_the_calendar_shows_it(org: Organisation) -> None:
    team = models.Team.objects.create(key="pay", name="Payments")
    models.Membership.objects.create(team=team, person=org.find("ben"), lead=True)
    models.Service.objects.create(key="checkout", name="Checkout", team=team)
    ana = signed_in(org, "ana")
    early = org.call("ana").post("/preventive-tasks", {"made_from": {"kind": "trend", "ref": "checkout"}})
    assert early.code == "trend.none"
    for _ in range(2):
        org.declare("ana", services=["checkout"])
    page = ana.get("/patterns").content.decode()
    assert 'action="/prevention/tasks/from-trend"' in page and 'name="service" value="checkout"' in page
    assert "pattern=service%3Acheckout" in page
    made = ana.post("/prevention/tasks/from-trend", {"service": "checkout", "days": "365"}, follow=True)
    assert "Find out why Checkout keeps failing" in made.content.decode()
    task = models.PreventiveTask.objects.get()
    assert (task.owner, task.source, task.due_on) == (
        org.id("ben"), "trend", (org.now.date() + prevention.USUAL_DAYS * DAY).isoformat(),
    )  # fmt: skip
    ana.post("/prevention/tasks/from-trend", {"service": "checkout"})
    assert models.PreventiveTask.objects.count() == 1, "what is open already is not made again"
    month = signed_in(org, "ole").get(f"/prevention/calendar?month={task.due_on[:7]}").content.decode()
    assert f'href="/prevention/tasks/{task.id}"' in month and "Find out why Checkout" in month
    assert "Find out why Checkout" in ana.get("/catalog/services/checkout").content.decode()
    assert "Find out why Checkout" in signed_in(org, "ben").get("/").content.decode()
    without = signed_in(org, "ole").get("/patterns").content.decode()
    assert "from-trend" not in without


def test_an_early_sign_becomes_planned_work(org: Organisation) -> None:
    alert = org.alert("disk-1", severity="info")
    ana = signed_in(org, "ana")
    assert f"/alerts/{alert.id}/preventive-task" in ana.get(f"/alerts/{alert.id}").content.decode()
    made = ana.post(f"/alerts/{alert.id}/preventive-task", follow=True).content.decode()
    assert "Before it fails: disk-1 is full" in made and f"/alerts/{alert.id}" in made
    assert signed_in(org, "ole").post(f"/alerts/{alert.id}/preventive-task").status_code == 403


def test_a_plan_makes_the_next_task_when_it_is_time_and_the_owner_says_what_shows_it(
    org: Organisation,
) -> None:
    ben = org.call("ben")
    first = org.now.date() + 10 * DAY
    plan = org.call("ana").post("/preventive-plans", {
        "title": "Restore last night's copy", "owner": org.id("ben"), "first_on": first.isoformat(),
        "cadence": "monthly", "kind": "restore_test", "lead_days": 7,
    }).json  # fmt: skip
    month = signed_in(org, "ole").get(f"/prevention/calendar?month={first:%Y-%m}").content.decode()
    assert "dayline--planned" in month and "Restore last night" in month
    org.pass_time(days=2)
    assert not models.PreventiveTask.objects.exists()
    org.pass_time(days=2)
    task = models.PreventiveTask.objects.get()
    assert (task.due_on, task.plan_id) == (first.isoformat(), plan["id"])
    said = models.Delivery.objects.filter(person_id=org.id("ben"), cls="message")
    assert any("Restore last night" in d.body["text"] for d in said)
    org.pass_time(days=10)
    assert any(d.body["subject"] == "Overdue preventive work" for d in said.all())
    at = f"/preventive-tasks/{task.id}/end"
    assert org.call("ole", "observer").put(at, {"state": "done", "evidence": "Seen"}).status == 403
    assert ben.put(at, {"state": "done", "evidence": ""}).code == "evidence.missing"
    done = ben.put(
        at, {"state": "done", "evidence": "Restored in 14 min", "evidence_url": "https://ci.example/7"}
    )
    assert (done.json["state"], done.json["evidence"]) == ("done", "Restored in 14 min")
    org.pass_time(days=30)
    assert models.PreventiveTask.objects.count() == 2
    assert ben.delete(f"/preventive-plans/{plan['id']}").status == 204
    org.pass_time(days=60)
    assert models.PreventiveTask.objects.count() == 2
    prevention.wake_task(task.id, Directory(org.now))  # done: nobody is told


def test_a_plan_that_slept_makes_one_task_for_all_the_days_it_missed(org: Organisation) -> None:
    first = org.now.date() - 40 * DAY
    org.call("ana").post("/preventive-plans", {
        "title": "Look at the logs", "owner": org.id("ben"), "first_on": first.isoformat(), "cadence": "weekly",
        "lead_days": 0,
    })  # fmt: skip
    org.settle()
    assert models.PreventiveTask.objects.count() == 1
    assert models.PreventivePlan.objects.get().next_on > org.now.date().isoformat()


def test_calendar_programs_read_it_under_a_secret_that_can_be_revoked(org: Organisation) -> None:
    due = org.now.date() + 5 * DAY
    body = {"title": "Renew the certificate", "due_on": due.isoformat(), "kind": "certificate"}
    assert org.call("ben").post("/preventive-tasks", body).status == 201
    ben = signed_in(org, "ben")
    ben.post("/on-call/calendars", {"what": "prevention:"})
    url = ben.get("/on-call/calendars").content.decode().split('id="cal-https">')[1].split("<")[0]
    path = url[url.index("/calendars/") :]
    (event,) = icalendar.Calendar.from_ical(ben.get(path).content).walk("VEVENT")
    assert event["SUMMARY"] == "Certificate renewal: Renew the certificate"
    assert event["DTSTART"].dt == due and "/prevention/tasks/" in event["URL"]
    feed = models.CalendarFeed.objects.get()
    ben.post(f"/on-call/calendars/{feed.id}/removal")
    assert ben.get(path).status_code == 404


def test_the_pages_ask_no_more_for_more_rows(org: Organisation) -> None:
    ana = signed_in(org, "ana")

    def add(count: int) -> None:
        for number in range(count):
            draft = prevention.Draft(f"Task {number}", org.id("ben"), org.now.date().isoformat(), "patching")
            prevention.add(org.act("ana"), draft)

    def asked() -> list[int]:
        return [queries(ana, f"/prevention/{page}") for page in ("tasks", "calendar", "overdue")]

    add(2)
    asked()
    before = asked()
    add(60)
    assert asked() == before
    page = ana.get("/prevention/tasks").content.decode()
    assert "1 to 50 of 62" in page
    wrong = ana.post("/prevention/tasks", {"title": "Typed", "owner": org.id("ben"), "due_on": "x", "kind": "other",
                                           "cadence": "once"})  # fmt: skip
    assert wrong.status_code == 422 and 'value="Typed"' in wrong.content.decode()
