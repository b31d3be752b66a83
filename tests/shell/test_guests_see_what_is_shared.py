"""Guests of other organisations read what was shared with them and what they wrote, whichever way they ask."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from quarterdeck.api.operations import OPERATIONS
from quarterdeck.app import casebook
from quarterdeck.app.comms import messages
from quarterdeck.app.incidents import command, record, tasks
from quarterdeck.app.quick import quick
from quarterdeck.core.incidents import Content
from quarterdeck.store import log, models
from quarterdeck.web.routes import pages
from quarterdeck.web.views.war_room import PARTS
from support.attacks import CANARY, org, signed_in
from support.rest import HOST, Organisation

__all__ = ["org"]


def guest_of(org: Organisation, incident: str, name: str, organisation: str) -> Client:
    said = {"name": name, "organisation": organisation}
    got = org.call("ana").post(f"/incidents/{incident}/guests", said)
    guest = Client(headers={"host": HOST, "accept": "text/html"})
    assert guest.post(got.json["link"].removeprefix(f"http://{HOST}"), {"doing": "grid"}).status_code == 302
    return guest


def full(org: Organisation) -> str:
    """An incident whose every text but its title holds the canary."""
    alert = org.alert("disk", summary=CANARY)
    incident = org.declare("ana", summary=CANARY, alerts=[alert.id])
    ana = org.act("ana")
    record.write(ana, incident, "finding", f"{CANARY} finding")
    record.decide(ana, incident, f"{CANARY} question", "yes")
    tasks.give(ana, incident, f"{CANARY} task", org.id("ben"), 10)
    tasks.plan_check(ana, incident, f"{CANARY} region")
    quick.say(ana, incident, f"/fact cause: {CANARY}")
    quick.say(ana, incident, f"/hypothesis {CANARY}")
    command.assign_role(ana, incident, "scribe", org.id("ben"))
    messages.draft(ana, incident, Content("responders", f"{CANARY} news", body=CANARY, final=True))
    return incident


def entry(incident: str, text: str) -> str:
    return models.TimelineRow.objects.filter(incident_id=incident, text__contains=text).first().entry_id


def addresses(org: Organisation, incident: str) -> list[str]:
    ids = {"incident_id": incident, "incident": incident, "person_id": org.id("ana"), "role": "commander"}
    found = [p.pattern for p in pages() if not p.pattern.startswith(("api/", "accounts/", "^accounts/"))]
    found += [f"api/v1{o.path.replace('{', '<').replace('}', '>')}" for o in OPERATIONS if o.method == "GET"]
    parts = [f"/incidents/{incident}/parts/{name}" for name in (*PARTS, "guest")]
    filled = {"/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda m: ids.get(m[1], m[0]), p).strip("^$") for p in found}
    plain = sorted(a for a in filled if "<" not in a and "(" not in a)
    more = [
        f"/search?q={CANARY}",
        f"/search.json?q={CANARY}",
        f"/incidents/{incident}?show=findings&order=oldest",
    ]
    return [*plain, *parts, *more, f"{parts[2]}?show=decisions"]


@pytest.mark.requirement("R-169")
def test_whatever_a_guest_opens_shows_nothing_that_was_not_shared(org: Organisation) -> None:
    incident = full(org)
    record.write(org.act("ana"), incident, "note", "The road north is closed")
    guest = guest_of(org, incident, "Gus Grid", "City works")
    guest.post(f"/incidents/{incident}/entries", {"kind": "note", "text": "Our crew is at the gate"})
    shared = entry(incident, "The road north")
    ana = org.call("ana")
    assert ana.put(f"/incidents/{incident}/shared-entries/{shared}").json == {"entries": [shared]}
    asked = addresses(org, incident)
    assert len(asked) > 150
    for headers in ({}, {"HX-Request": "true"}):
        for path in asked:
            got = guest.get(path, headers=headers)
            assert got.status_code < 500, path
            told = b"".join(got.streaming_content) if got.streaming else got.content
            assert CANARY.encode() not in told, path
    acts = [
        (f"/incidents/{incident}/entries", {"kind": "note", "text": "/help"}),
        (f"/incidents/{incident}/entries", {"kind": "task", "text": "/task @ana look"}),
        (f"/incidents/{incident}/entries", {"kind": "note", "text": ""}),
        (f"/incidents/{incident}/entries/{shared}", {"act": "share"}),
        (f"/incidents/{incident}/tasks/nothing/done", {}),
    ]
    for headers in ({}, {"HX-Request": "true"}):
        for path, said in acts:
            got = guest.post(path, said, headers=headers)
            assert got.status_code < 500 and CANARY not in got.content.decode(), path
    assert models.TaskRow.objects.filter(incident_id=incident).count() == 1
    page = guest.get(f"/incidents/{incident}").content.decode()
    assert "The road north is closed" in page and "Our crew is at the gate" in page
    assert "Our crew is at the gate" in guest.get(f"/incidents/{incident}/parts/timeline").content.decode()


def test_sharing_follows_a_correction_and_ends_when_it_is_taken_back(org: Organisation) -> None:
    incident = full(org)
    guest = guest_of(org, incident, "Gus Grid", "City works")
    record.write(org.act("ana"), incident, "note", "The road north is closed")
    browser, shared = signed_in(org, "ana"), entry(incident, "The road north")
    path = f"/incidents/{incident}/entries/{shared}"
    assert browser.post(path, {"act": "share"}).status_code == 302
    assert "Shared with guests" in browser.get(f"/incidents/{incident}").content.decode()
    record.correct(org.act("ana"), incident, shared, "The road south is closed")
    page = guest.get(f"/incidents/{incident}").content.decode()
    assert "The road south is closed" in page
    before = list(models.TimelineRow.objects.filter(incident_id=incident).order_by("pk").values())
    casebook.rebuild(incident, org.now)
    assert list(models.TimelineRow.objects.filter(incident_id=incident).order_by("pk").values()) == before
    newest = entry(incident, "The road south")
    assert org.call("ana").delete(f"/incidents/{incident}/shared-entries/{newest}").status == 204
    assert "The road south" not in guest.get(f"/incidents/{incident}").content.decode()
    assert org.call("ben").put(f"/incidents/{incident}/shared-entries/{newest}").status == 403
    assert log.verify(incident) is None


@pytest.mark.requirement("R-169")
def test_agencies_are_listed_with_their_limits_asked_and_answer_for_themselves(org: Organisation) -> None:
    incident = full(org)
    browser, root = signed_in(org, "ana"), f"/incidents/{incident}"
    listed = {"name": "City works", "representative": "Gus Grid", "contact": "+1 555 0100", "offers": "Two pumps",
              "limits": "Not after 22:00"}  # fmt: skip
    assert browser.post(f"{root}/agencies/new", listed).status_code == 302
    twice = browser.post(f"{root}/agencies/new", listed | {"offers": "Three pumps"})
    assert twice.status_code == 422 and "Three pumps" in twice.content.decode()
    other = org.call("ana").post(f"{root}/agencies", {"name": "Rail"}).json
    works, _ = org.call("ana").get(f"{root}/agencies").json["items"]
    assert (works["limits"], works["left_at"]) == ("Not after 22:00", None)
    assert (
        browser.post(
            f"{root}/agencies/{works['id']}/requests", {"text": "One pump to the north gate"}
        ).status_code
        == 302
    )
    (asked,) = org.call("ana").get(f"{root}/agency-requests").json["items"]
    gus, rita = guest_of(org, incident, "Gus Grid", "city works"), guest_of(org, incident, "Rita", "Rail")
    assert "One pump to the north gate" in gus.get(root).content.decode()
    assert "One pump" not in rita.get(root).content.decode()
    path = f"{root}/agency-requests/{asked['id']}/answer"
    rita.post(path, {"answer": "no", "reply": "Never"})
    assert org.call("ana").get(f"{root}/agency-requests").json["items"][0]["answer"] == ""
    gus.post(path, {"answer": "partly", "reply": "At ten"})
    (said,) = org.call("ana").get(f"{root}/agency-requests").json["items"]
    assert (said["answer"], said["reply"], said["answered_by"]["name"]) == ("partly", "At ten", "Gus Grid")
    page = browser.get(f"{root}/agencies").content.decode()
    assert all(t in page for t in ("Two pumps", "Not after 22:00", "In part", "At ten"))
    assert (
        org.call("ana").put(f"{root}/agencies/{other['id']}/end", {"reason": "Done"}).json["left_reason"]
        == "Done"
    )
    refused = org.call("ana").post(f"{root}/agency-requests", {"agency": other["id"], "text": "A train"})
    assert (refused.status, refused.code) == (409, "agency.left")
    assert org.call("ben").post(f"{root}/agencies", {"name": "Port"}).status == 403
