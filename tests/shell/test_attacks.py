"""What was done to systems like this one, tried here. Each test is named for what it shows, beside the advisory."""

from __future__ import annotations

import json
import re
import stat
from pathlib import Path

import pytest
from django.conf import settings

from quarterdeck.app.alerts import alert_links
from quarterdeck.app.comms import audiences, messages
from quarterdeck.app.health import alarms, sysbars
from quarterdeck.app.incidents import incidents, record
from quarterdeck.app.paging import paging
from quarterdeck.app.people import people
from quarterdeck.app.status import status_pages
from quarterdeck.core.access import Who
from quarterdeck.core.escalation.policy import Target
from quarterdeck.core.incidents import Content, Declaration, content_hash
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.engine import publish
from quarterdeck.store import feed, models, project
from quarterdeck.store.journal import connect_sqlite
from quarterdeck.web.routes import pages
from support.attacks import CANARY, QUERIES, org, page_of, restricted, signed_in
from support.rest import HOST, Organisation

__all__ = ["org"]

# -- missing authorization on side ways (Uptime Kuma CVE-2026-32230, OneUptime CVE-2026-34759)


@pytest.mark.parametrize("handle", ["root", "ben", "eva"])
def test_no_page_tells_an_outsider_anything_of_a_restricted_incident(org: Organisation, handle: str) -> None:
    alert = org.alert("disk")
    drill = restricted(org, drill=True)
    key = restricted(org)
    alert_links.link(org.act("ana"), key, alert.id)
    record.write(org.act("ana"), key, "note", f"{CANARY} note")
    paging.page(
        org.act("ana"), [Target("person", org.id("ana"))], f"{CANARY} page", f"{CANARY} why", incident_id=key
    )
    client = signed_in(org, handle)
    asked = 0
    for p in pages():
        path = page_of(p.pattern, key)
        if path is None or path.startswith("/accounts/"):
            continue
        for query in ("", *QUERIES.get(path, ())):
            text = client.get(path + query).content.decode("utf-8", "replace")
            asked += 1
            assert CANARY not in text, path + query
            assert drill not in text, path + query
            assert key in path or key not in text, path + query
    assert asked > 60


def test_an_alert_of_a_restricted_incident_does_not_lead_an_outsider_to_it(org: Organisation) -> None:
    alert = org.alert("disk")
    key = restricted(org, bridge_url="https://meet.example/CANARY4711")
    called = paging.page(org.act("ana"), [Target("person", org.id("ben"))], "Disk", "It is full")[0]
    models.Callout.objects.filter(id=called.id).update(alert_id=alert.id)
    alert_links.link(org.act("ana"), key, alert.id)
    for handle in ("ben", "ole"):
        text = signed_in(org, handle).get(f"/callouts/{called.id}").content.decode()
        assert "Disk" in text
        assert CANARY not in text
        assert key not in text
    other = incidents.declare(
        org.act("ben"), Declaration("Something else", severity=3, both_reason="The same people are needed.")
    ).incident.key
    with pytest.raises(Refused) as refused:
        alert_links.link(org.act("ben"), other, alert.id)
    assert key not in refused.value.message


def test_an_alarm_about_a_restricted_incident_names_nothing_of_it(org: Organisation) -> None:
    org.person("gus", contacts=())
    key = restricted(org)
    paging.page(org.act("ana"), [Target("person", org.id("gus"))], f"{CANARY} page", CANARY, incident_id=key)
    standing = [a.text for a in alarms.open_alarms()]
    assert standing
    assert not [text for text in standing if CANARY in text]


def test_the_bar_of_a_restricted_drill_is_for_its_members_alone(org: Organisation) -> None:
    restricted(org, drill=True)

    def told(handle: str) -> str:
        return json.dumps(sysbars.bars(org.now, Who(org.id(handle), frozenset({org.find(handle).role}))))

    assert CANARY in told("ana")
    assert CANARY not in told("eva")


def test_the_live_feed_does_not_say_what_happens_in_a_restricted_incident(org: Organisation) -> None:
    before = feed.now()
    key = restricted(org)
    found, _ = feed.changes_since(before)
    told = {(c.kind, c.seq) for c in found if c.topic == "incidents"}
    assert told == {("Changed", 0)}
    assert {c.topic for c in found} >= {f"incident:{key}", "incidents"}


# -- tampering with what is not one's own (DFIR-IRIS CVE-2026-22783)


def test_an_entry_with_a_borrowed_id_marks_nothing_in_another_incident(org: Organisation) -> None:
    key = restricted(org)
    record.write(org.act("ana"), key, "note", "The truth", entry_id="e-1")
    mine = org.declare("ben", title="A cover")
    record.write(org.act("ben"), mine, "note", "Anything", entry_id="e-1")
    record.pin(org.act("ben"), mine, "e-1")
    record.correct(org.act("ben"), mine, "e-1", "Anything else")
    row = models.TimelineRow.objects.get(incident_id=key, entry_id="e-1", kind="note")
    assert (row.superseded_by, row.pinned) == ("", False)
    assert models.TimelineRow.objects.get(incident_id=mine, entry_id="e-1", kind="note").superseded_by


def test_a_repeat_token_of_another_person_opens_nothing_of_theirs(org: Organisation) -> None:
    said = Declaration("Mine", severity=3, restricted=True, both_reason="The same people are needed.")
    mine = incidents.declare(org.act("ana"), said, token="same").incident.key
    theirs = incidents.declare(
        org.act("ben"),
        Declaration("Theirs", severity=3, both_reason="The same people are needed."),
        token="same",
    ).incident.key
    assert mine != theirs


@pytest.mark.parametrize("handle", ["ben", "ole", "eva"])
def test_nobody_adds_a_way_to_reach_somebody_else(org: Organisation, handle: str) -> None:
    with pytest.raises(Refused):
        people.add_contact(org.act(handle), org.id("ana"), "email", "thief@example.com")
    with pytest.raises(Refused):
        people.set_rules(org.act(handle), org.id("ana"), [])


def test_a_released_text_cannot_be_swapped_between_reading_and_releasing(org: Organisation) -> None:
    key = org.declare("ana")
    act = org.act("ana")
    content = Content(
        audience="customers_all",
        headline="We see errors",
        customer_effect="Errors",
        action="Work",
        final=True,
    )
    _, message = messages.draft(act, key, content)
    seen = content_hash(project.load(key).messages[message])
    messages.edit(act, key, message, Content("customers_all", "Send money", "", "Errors", "Work", None, True))
    with pytest.raises(Refused) as refused:
        messages.release(act, key, message, seen)
    assert refused.value.code == "message.changed"
    with pytest.raises(Refused):
        messages.release(org.act("ben"), key, message, content_hash(project.load(key).messages[message]))


def test_what_customers_are_mailed_does_not_hold_the_internal_title(org: Organisation) -> None:
    audiences.add_contact(org.act("root"), "customers_all", "a@example.net", "A customer")
    key = org.declare("ana", title=f"{CANARY} internal words")
    act = org.act("ana")
    content = Content("customers_all", "We see errors", "", "Errors", "Work", None, True, "identified")
    _, message = messages.draft(act, key, content)
    messages.release(act, key, message, content_hash(project.load(key).messages[message]))
    sent = models.Delivery.objects.get(message_id=message)
    assert CANARY not in json.dumps(sent.body)


# -- forms from elsewhere (every POST), redirects


# What needs no session does nothing by one: the address is the proof (the one click of RFC 8058, a link by mail), or what
# is typed in is (the door of a private page, a form to subscribe that stands on the published page of another host).
NO_SESSION = ("/u/", "/d/", "/subscribe/", "/status-access/", "/status-access-links/")


def test_every_form_is_refused_without_its_token_and_from_another_site(org: Organisation) -> None:
    strict, loose = signed_in(org, "root", enforce_csrf_checks=True), signed_in(org, "root")
    asked = 0
    for p in pages():
        if "(" in p.pattern or p.pattern.startswith("api/"):
            continue
        path = "/" + re.sub(r"<int:\w+>", "1", re.sub(r"<(?:str|slug):\w+>", "zz", p.pattern))
        if path.startswith(NO_SESSION):
            continue
        asked += 1
        assert strict.post(path).status_code == 403, path
        assert loose.post(path, headers={"Origin": "https://evil.example"}).status_code == 403, path
    for headers in ({"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}):
        assert loose.post("/declare", {"title": "x"}, headers=headers).status_code == 403, headers
    assert asked > 100


@pytest.mark.parametrize("path", ["//evil.example/", "/\\evil.example/", "///evil.example"])
def test_going_back_never_leads_to_another_site(org: Organisation, path: str) -> None:
    client = signed_in(org, "ana")
    answer = client.post("/alerts/acknowledgement", headers={"Referer": f"http://{HOST}{path}"})
    assert answer.status_code == 302
    assert not answer["Location"].startswith(("//", "/\\", "http"))


# -- what lies on disk and what is served from it


def test_a_page_that_is_not_public_is_taken_away(
    org: Organisation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmp_path = tmp_path / "served"
    monkeypatch.setattr(settings, "QUARTERDECK_STATUS", tmp_path)
    status_pages.create_page(org.act("root"), "inner", "Inner page", public=False)
    publish.publish_pages(org.now)
    assert not (tmp_path / "inner").exists()
    status_pages.update_page(org.act("root"), "inner", public=True)
    assert publish.publish_pages(org.now) == 1
    assert (tmp_path / "inner" / "index.html").is_file()
    status_pages.update_page(org.act("root"), "inner", public=False)
    assert publish.publish_pages(org.now) == 1
    assert publish.publish_pages(org.now) == 0
    assert not (tmp_path / "inner").exists()
    assert not list(tmp_path.rglob("*.html"))


@pytest.mark.parametrize("key", ["../x", "a/b", ".hidden", "x\n", "A", "", "x" * 61, "a b", "é"])
def test_the_key_of_a_page_never_names_another_folder(org: Organisation, key: str) -> None:
    with pytest.raises(Refused):
        status_pages.create_page(org.act("root"), key, "A page")


def test_the_stores_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    db = connect_sqlite(path)
    db.execute(
        "INSERT INTO inbound (received_at, integration, dialect, event_id, body) VALUES (1,'i','d','e','b')"
    )
    for file in tmp_path.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    db.close()
