"""Handing an incident over to problem management, and what becomes of the problem; through REST, pages and timers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from quarterdeck.app.catalog.catalogue import current
from quarterdeck.app.learning import problems
from quarterdeck.app.paging.directory import Directory
from quarterdeck.store import models
from support.attacks import CANARY, org, restricted, signed_in
from support.rest import Organisation

__all__ = ["org"]
DAY = timedelta(days=1)


def resolve(org: Organisation, incident: str) -> None:
    ana = org.call("ana")
    moved = ana.put(f"/incidents/{incident}/phase", {"phase": "investigating", "reason": "Look"})
    assert moved.status == 200, moved.json
    said = {"code": current().resolution_codes[0].key, "summary": "Rolled back", "override_reason": "A test"}
    answer = ana.put(f"/incidents/{incident}/resolution", said)
    assert answer.status == 200, answer.json


def ready(org: Organisation, incident: str, due_on: str = "2030-05-01", owner: str = "ben") -> str:
    """Every criterion is met: restored, the cause known, the fix scheduled."""
    resolve(org, incident)
    facts = org.call("ana").put(f"/incidents/{incident}/facts", {"cause": "A pool of 20"})
    assert facts.status == 200, facts.json
    item = {"title": "Size the pool by load", "owner": org.id(owner), "due_on": due_on, "kind": "prevent"}
    added = org.call("ana").post(f"/incidents/{incident}/action-items", item)
    assert added.status == 201, added.json
    return incident


def handed_over(org: Organisation, due_on: str = "2030-05-01", **said: object) -> dict:
    incident = ready(org, org.declare("ana"), due_on)
    answer = org.call("ana").post(f"/incidents/{incident}/problem-handoff", said)
    assert answer.status == 201, answer.json
    return answer.json


@pytest.mark.requirement("R-194")
def test_a_handoff_is_refused_until_the_criteria_are_met_and_says_what_is_missing(org: Organisation) -> None:
    incident = org.declare("ana")
    at = f"/incidents/{incident}/problem-handoff"
    refused = org.call("ana").post(at, {"title": "Pools", "owner": org.id("ben"), "fix_on": "2030-05-01"})
    assert (refused.status, refused.code) == (409, "problem.criteria")
    told = refused.json["error"]["message"]
    assert "resolve the incident" in told and "write the root cause" in told and "action item" in told
    resolve(org, incident)
    assert "resolve the incident" not in org.call("ana").post(at, {}).json["error"]["message"]
    page = signed_in(org, "ana").get(f"/incidents/{incident}/problem").content.decode()
    assert "Write the root cause" in page and 'name="fix_on"' not in page
    again = signed_in(org, "ana").post(f"/incidents/{incident}/problem", {"title": "Pools"})
    assert again.status_code == 422 and "It is not ready" in again.content.decode()
    assert not models.Problem.objects.exists()
    checklist = org.call("ana").get(at).json
    assert [c["key"] for c in checklist["criteria"] if c["met"]] == ["restored"] and not checklist["ready"]


@pytest.mark.requirement("R-194")
def test_a_problem_has_owner_date_and_tracker_and_links_to_its_incidents(org: Organisation) -> None:
    made = handed_over(org, tracker_url="https://tracker.example/PRB-7")
    (first,) = made["incidents"]
    assert (made["owner"]["id"], made["fix_on"], made["state"]) == (org.id("ben"), "2030-05-01", "open")
    assert (made["root_cause"], made["tracker_url"]) == ("A pool of 20", "https://tracker.example/PRB-7")
    told = models.Callout.objects.get(person=org.find("ben"), subject__startswith="You own a problem")
    assert told.kind == "heads_up"
    twice = org.call("ana").post(f"/incidents/{first}/problem-handoff", {})
    assert (twice.status, twice.code) == (409, "problem.there")
    second = ready(org, org.declare("ana", title="Checkout again"))
    linked = signed_in(org, "ana").post(f"/incidents/{second}/problem", {"problem_id": made["id"]})
    assert linked.status_code == 302
    assert org.call("ole", "observer").get(f"/problems/{made['id']}").json["incidents"] == [first, second]
    ole = signed_in(org, "ole")
    assert "https://tracker.example/PRB-7" in ole.get(f"/problems/{made['id']}").content.decode()
    for page in (f"/incidents/{first}/problem", f"/incidents/{second}/problem", f"/reviews/{second}"):
        assert f"/problems/{made['id']}" in ole.get(page).content.decode(), page
    listed = ole.get("/problems").content.decode()
    assert first in listed and second in listed
    assert "to problem management" in ole.get(f"/incidents/{first}?timeline=all").content.decode()


def test_a_tracker_that_no_browser_opens_is_refused_and_what_was_typed_stays(org: Organisation) -> None:
    incident = ready(org, org.declare("ana"))
    said = {
        "title": "Pools run dry",
        "owner": org.id("ben"),
        "fix_on": "2030-06-01",
        "tracker_url": "javascript:x",
    }
    page = signed_in(org, "ana").post(f"/incidents/{incident}/problem", said)
    text = page.content.decode()
    assert page.status_code == 422 and "Pools run dry" in text and "2030-06-01" in text
    assert not models.Problem.objects.exists()


@pytest.mark.requirement("R-194")
def test_the_owner_is_told_once_that_the_day_of_the_fix_is_over(org: Organisation) -> None:
    today = datetime.now(UTC).date()
    made = handed_over(org, due_on=(today + DAY).isoformat())
    row = models.Due.objects.get(kind=problems.KIND, ref=made["id"], state="waiting")
    late = models.Callout.objects.filter(person=org.find("ben"), subject__startswith="Overdue")
    problems.fire(made["id"], Directory(row.due_at - DAY))
    assert not late.exists()
    for _ in range(2):
        problems.fire(made["id"], Directory(row.due_at))
    assert late.count() == 1
    ben = org.call("ben")
    moved = ben.patch(f"/problems/{made['id']}", {"fix_on": (today + 5 * DAY).isoformat()})
    assert moved.status == 200 and moved.json["fix_on"] == (today + 5 * DAY).isoformat()
    again = models.Due.objects.get(kind=problems.KIND, ref=made["id"], state="waiting")
    assert again.due_at == row.due_at + 4 * DAY
    assert ben.put(f"/problems/{made['id']}/state", {"state": "fixed"}).json["state"] == "fixed"
    assert not models.Due.objects.filter(kind=problems.KIND, ref=made["id"], state="waiting").exists()
    problems.fire(made["id"], Directory(again.due_at))
    assert late.count() == 1


def test_a_problem_is_withdrawn_with_a_reason_and_opened_again(org: Organisation) -> None:
    made = handed_over(org)
    at = f"/problems/{made['id']}/state"
    assert org.call("ana").put(at, {"state": "withdrawn"}).code == "note.missing"
    form = signed_in(org, "ana").post(at, {"state": "withdrawn", "note": ""})
    assert form.status_code == 422 and "Say why" in form.content.decode()
    assert org.call("ole", "observer").put(at, {"state": "fixed"}).status == 403
    assert org.call("ana").put(at, {"state": "withdrawn", "note": "A test rig"}).json["note"] == "A test rig"
    assert org.call("ana").get("/problems?is_open=true").json["items"] == []
    assert org.call("ana").put(at, {"state": "open"}).json["state"] == "open"
    assert models.Due.objects.filter(kind=problems.KIND, ref=made["id"], state="waiting").count() == 1


def test_a_problem_of_a_restricted_incident_is_for_its_people_only(org: Organisation) -> None:
    secret = restricted(org)
    ready(org, secret, owner="ana")
    at = f"/incidents/{secret}/problem-handoff"
    outside = org.call("ana").post(at, {"title": f"{CANARY} pools", "owner": org.id("ben")})
    assert outside.code == "owner.outside"
    assert not models.Problem.objects.exists()
    made = org.call("ana").post(at, {"title": f"{CANARY} pools", "owner": org.id("ana")}).json
    plain = ready(org, org.declare("ana"))
    crossed = org.call("ana").post(f"/incidents/{plain}/problem-handoff", {"problem": made["id"]})
    assert crossed.code == "problem.restricted"
    for outsider in ("ben", "root"):
        assert org.call(outsider).get("/problems").json["items"] == []
        assert org.call(outsider).get(f"/problems/{made['id']}").status == 404
        assert CANARY not in signed_in(org, outsider).get("/problems").content.decode()
        assert CANARY not in signed_in(org, outsider).get(f"/incidents/{plain}/problem").content.decode()
    assert not models.Event.objects.filter(kind="ProblemOpened", data__contains=CANARY).exists()
