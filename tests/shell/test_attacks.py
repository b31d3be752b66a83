"""What was done to systems like this one, tried here: each test is named for what it shows (engineering/security.md §1)."""

from __future__ import annotations

import json
import re
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core import signing
from django.test import Client

from quarterdeck.app import alert_links, alarms, incidents, keys, links, messages, paging, people, record, status_pages
from quarterdeck.app import sysbars
from quarterdeck.app.visibility import visible_incidents
from quarterdeck.boot.logs import masked
from quarterdeck.channels import status_site
from quarterdeck.core.access import Who
from quarterdeck.core.escalation.policy import Target
from quarterdeck.core.incidents import Content, Declaration, content_hash
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.engine import publish
from quarterdeck.store import feed, models, project
from quarterdeck.store.journal import connect_sqlite
from quarterdeck.web.routes import pages
from quarterdeck.web.templatetags.texts import markdown
from support.browser_company import HOSTILE
from support.rest import HOST, Caller, Organisation

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
CANARY = "CANARY4711"
OTHER_DIGITS = "²"  # a digit to str.isdigit, no number to int
LONG_NUMBER = "9" * 5000  # longer than int() takes


@pytest.fixture
def org(db: None) -> Organisation:
    made = Organisation()
    for handle, role in (
        ("root", "administrator"),
        ("ana", "responder"),
        ("ben", "responder"),
        ("ole", "observer"),
        ("eva", "executive"),
    ):
        made.person(handle, role)
    return made


def signed_in(org: Organisation, handle: str, **options: Any) -> Client:
    client = Client(headers={"host": HOST}, **options)
    client.force_login(org.find(handle), backend=BACKEND)
    return client


def restricted(org: Organisation, **said: Any) -> str:
    """A restricted incident that Ana declared; its every text holds the canary."""
    told = {"severity": 2, "type": "availability", "summary": f"{CANARY} summary", "restricted": True} | said
    return incidents.declare(org.act("ana"), Declaration(f"{CANARY} title", **told)).incident.key


def page_of(pattern: str, incident: str) -> str | None:
    """The address of a page, with this incident where one is named; None for what needs another id."""
    path = re.sub(r"<(?:\w+:)?incident_id>", incident, pattern)
    path = path.replace("<str:name>", "timeline").replace("<str:role>", "commander")
    return None if "<" in path or "(" in path or path.startswith("api/") else f"/{path}"


# -- missing authorization on side ways (Uptime Kuma CVE-2026-32230, OneUptime CVE-2026-34759)


@pytest.mark.parametrize("handle", ["root", "ben", "ole", "eva"])
@pytest.mark.parametrize("drill", [False, True])
def test_no_page_tells_an_outsider_anything_of_a_restricted_incident(
    org: Organisation, handle: str, drill: bool
) -> None:
    alert = org.alert("disk")
    key = restricted(org, drill=drill)
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
        for query in ("", "?show=all", f"?q={CANARY[:-2]}", "?part=table&show=all", "?part=calls"):
            text = client.get(path + query).content.decode("utf-8", "replace")
            asked += 1
            assert CANARY not in text, path + query
            assert path.endswith(key) or f"/{key}/" in path or key not in text, path + query
    assert asked > 200


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
    with pytest.raises(Refused) as refused:
        other = incidents.declare(org.act("ben"), Declaration("Something else", severity=3)).incident.key
        alert_links.link(org.act("ben"), other, alert.id)
    assert key not in refused.value.message


def test_a_person_is_not_told_in_which_hidden_incident_another_is_busy(org: Organisation) -> None:
    hidden = restricted(org)
    other = org.declare("ben", title="Another one")
    with pytest.raises(Refused) as refused:
        from quarterdeck.app import command

        command.assign_role(org.act("ben"), other, "deputy_commander", org.id("ana"))
    assert refused.value.code == "command.elsewhere"
    assert hidden not in refused.value.message + json.dumps(refused.value.details)


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
    said = Declaration("Mine", severity=3, restricted=True)
    mine = incidents.declare(org.act("ana"), said, token="same").incident.key
    theirs = incidents.declare(org.act("ben"), Declaration("Theirs", severity=3), token="same").incident.key
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
    content = Content(audience="customers_all", headline="We see errors", customer_effect="Errors", action="Work", final=True)
    _, message = messages.draft(act, key, content)
    seen = content_hash(project.load(key).messages[message])
    messages.edit(act, key, message, Content("customers_all", "Send money", "", "Errors", "Work", None, True))
    with pytest.raises(Refused) as refused:
        messages.release(act, key, message, seen)
    assert refused.value.code == "message.changed"
    with pytest.raises(Refused):
        messages.release(org.act("ben"), key, message, content_hash(project.load(key).messages[message]))


def test_what_customers_are_mailed_does_not_hold_the_internal_title(org: Organisation) -> None:
    models.AudienceContact.objects.create(
        id="c1", audience="customers_all", email="a@example.net", name="A", added_at=org.now
    )
    key = org.declare("ana", title=f"{CANARY} internal words")
    act = org.act("ana")
    content = Content("customers_all", "We see errors", "", "Errors", "Work", None, True, "identified")
    _, message = messages.draft(act, key, content)
    messages.release(act, key, message, content_hash(project.load(key).messages[message]))
    sent = models.Delivery.objects.get(message_id=message)
    assert CANARY not in json.dumps(sent.body)


# -- keys, links, sessions (Dispatch CVE-2023-40171, Uptime Kuma GHSA-g9v2-wqcj-j99g)


def test_a_key_makes_no_key_that_outlives_it(org: Organisation) -> None:
    made = org.call("ana").post("/keys", {"name": "child", "days": 366})
    assert (made.status, made.code) == (403, "key.by_key")
    assert models.ApiKey.objects.filter(name="child").count() == 0


def test_the_link_of_one_callout_opens_no_other_and_only_a_form_answers(org: Organisation) -> None:
    first, second = (
        paging.page(org.act("ana"), [Target("person", org.id(h))], "Disk", "Full")[0] for h in ("ben", "ana")
    )
    client = Client(headers={"host": HOST})
    good = f"/c/{first.id}/{links.token('callout', first.id)}/"
    for path in (
        f"/c/{second.id}/{links.token('callout', first.id)}/",
        f"/c/{first.id}/{links.token('incident', first.id)}/",
        f"/c/{first.id}/{links.token('callout', first.id)[:-1]}/",
        f"/c/{first.id}/x/",
    ):
        assert client.get(path).status_code == 404
        assert client.post(path).status_code == 404
    for method in (client.get, client.head, client.options, client.trace):
        method(good, headers={"Purpose": "prefetch"})
    assert models.Callout.objects.get(id=first.id).state == "waiting"
    assert client.get(good)["Cache-Control"].count("no-store")
    assert Client(headers={"host": HOST}, enforce_csrf_checks=True).post(good).status_code == 403
    models.Callout.objects.filter(id=first.id).update(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    assert client.post(good).status_code == 410
    assert models.Callout.objects.get(id=first.id).state == "waiting"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Forbidden: /c/01a2-b/s3cr3t_T0ken-abc/", "Forbidden: /c/01a2-b/***/"),
        ("/in/webhook/qd_in_owcetixzjrqmak3wkgurx3dpyhqlc3gn_46da93", "/in/webhook/***"),
        ("/in/pagerduty/v2/enqueue", "/in/pagerduty/v2/enqueue"),
        ("GET /accounts/password/reset/key/01a2-cx-1f2/", "GET /accounts/password/reset/key/***/"),
        ("/setup?token=abc&x=1", "/setup?token=***&x=1"),
        ("body qd_api_owcetixzjrqmak3wkgurx3dpyhqlc3gn_46da93!", "body qd_api_***!"),
    ],
)
def test_a_log_line_holds_no_address_that_opens_something(text: str, kept: str) -> None:
    assert masked(text) == kept


def test_a_link_to_a_new_password_leads_to_the_configured_address_whatever_the_host_says(
    org: Organisation,
) -> None:
    person = org.find("ana")
    person.set_password("wet anchor slow lantern")
    person.save()
    Client(headers={"host": "localhost:6666"}).post("/accounts/password/reset/", {"email": person.email})
    mail = json.dumps([d.body for d in models.Delivery.objects.filter(address=person.email)])
    assert f"{settings.QUARTERDECK_PUBLIC_URL}/accounts/password/reset/key/" in mail
    assert "6666" not in mail


def test_secrets_given_at_making_are_in_no_table_in_clear(org: Organisation) -> None:
    _, api = keys.create_api_key(org.act("ana"), "laptop")
    org.integration()
    from django.db import connection

    with connection.cursor() as c:
        for table in connection.introspection.table_names(c):
            c.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608 - our own table names
            text = repr(c.fetchall())
            assert api not in text, table
            assert org.key not in text, table


# -- forms from elsewhere (every POST), redirects


def test_every_form_is_refused_without_its_token_and_from_another_site(org: Organisation) -> None:
    strict, loose = signed_in(org, "root", enforce_csrf_checks=True), signed_in(org, "root")
    asked = 0
    for p in pages():
        if "(" in p.pattern or p.pattern.startswith("api/"):
            continue
        path = "/" + re.sub(r"<int:\w+>", "1", re.sub(r"<str:\w+>", "zz", p.pattern))
        asked += 1
        assert strict.post(path).status_code == 403, path
        for headers in (
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
        ):
            assert loose.post(path, headers=headers).status_code == 403, (path, headers)
    assert asked > 100


@pytest.mark.parametrize("path", ["//evil.example/", "/\\evil.example/", "///evil.example"])
def test_going_back_never_leads_to_another_site(org: Organisation, path: str) -> None:
    client = signed_in(org, "ana")
    answer = client.post("/alerts/acknowledgement", headers={"Referer": f"http://{HOST}{path}"})
    assert answer.status_code == 302
    assert not answer["Location"].startswith(("//", "/\\", "http"))


# -- values nobody means


@pytest.mark.parametrize("value", [OTHER_DIGITS, LONG_NUMBER, "-1", "\u0663", "1e9", "9" * 30, "\u202e1"])
@pytest.mark.parametrize(
    "path",
    [
        "/incidents?severity=", "/incidents?after=", "/alerts?after=", "/notifications?after=", "/settings/audit?after=",
        "/declare?impact=x&severity=", "/declare/preview?severity=", "/insights?weeks=", "/catalog/people?after=",
        "/reviews?after=", "/on-call?week=",
    ],
)  # fmt: skip
def test_a_number_that_is_none_is_no_fault_of_the_server(org: Organisation, path: str, value: str) -> None:
    assert signed_in(org, "root").get(path + value).status_code < 500


@pytest.mark.parametrize("value", [f"{OTHER_DIGITS}-1", f"1-{OTHER_DIGITS}", f"{LONG_NUMBER}-1", "-", "1"])
def test_a_place_in_the_feed_that_is_none_is_ignored(value: str) -> None:
    assert feed.parse(value) is None


@pytest.mark.parametrize("value", [OTHER_DIGITS, LONG_NUMBER])
def test_the_forms_of_a_war_room_take_no_number_that_is_none(org: Organisation, value: str) -> None:
    key = org.declare("ana")
    client = signed_in(org, "ana")
    assert client.get(f"/incidents/{key}?from={value}").status_code == 200
    for path, fields in (("severity", {"severity": "3", "reason": "x"}), ("phase", {"phase": "investigating"})):
        assert client.post(f"/incidents/{key}/{path}", fields | {"version": value}).status_code < 500


# -- hostile text on its way out (Alertmanager CVE-2023-40577, Cachet CVE-2023-43661, Uptime Kuma GHSA-v4v2-8h88-65qj)


@pytest.mark.parametrize(
    "text",
    [
        *HOSTILE,
        "[x](JaVaScRiPt:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](vbscript:x)",
        "![x](https://evil.example/track.png)",
        "<javascript:alert(1)>",
        "[x]: javascript:alert(1)\n\n[x]",
        "[a](https://ok.example \"onmouseover=alert(1)\")",
        "```\n</code></pre><script>alert(1)</script>\n```",
    ],
)
def test_markdown_carries_no_script_no_picture_and_no_strange_link(text: str) -> None:
    for html in (str(markdown(text)), str(status_site.markup.html(text))):
        assert not re.search(r"<(script|img|svg|iframe|style|object|form|input|a[^>]*\son)", html, re.IGNORECASE)
        assert not re.search(r"href=\"(?!https?:|mailto:)", html)
        assert not re.search(r"<[^>]+\son\w+=", html)


@pytest.mark.parametrize("text", ["[" * 5000, "*" * 20000, "> " * 2000, "`" * 9999, "![" * 3000, "<" * 20000])
def test_a_markdown_bomb_is_over_in_a_second(text: str) -> None:
    began = datetime.now(UTC)
    markdown(text[:20_000])
    assert datetime.now(UTC) - began < timedelta(seconds=1)


@pytest.mark.parametrize("path", ["/incidents/{}", "/incidents/{}/communication", "/incidents/{}/tasks", "/reviews/{}"])
def test_hostile_text_in_every_field_of_an_incident_runs_nowhere(org: Organisation, path: str) -> None:
    for n, text in enumerate(HOSTILE):
        key = org.declare("ana", title=text[:200], summary=text, drill=n % 2 == 1)
        record.write(org.act("ana"), key, "note", text)
        record.decide(org.act("ana"), key, text, text, reason=text)
        html = signed_in(org, "ana").get(path.format(key)).content.decode()
        assert not re.search(r"<script>(document|alert)", html)
        assert "onerror=\"document" not in html
        assert "<svg onload" not in html
        assert "href=\"javascript" not in html.lower()
        assert "{{" not in html or "&#x27;" in html or text in html or "{{ 7" in html  # shown, never computed
        assert ">42<" not in html


# -- what lies on disk and what is served from it


def test_a_page_that_is_not_public_is_taken_away(org: Organisation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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
    db.execute("INSERT INTO inbound (received_at, integration, dialect, event_id, body) VALUES (1,'i','d','e','b')")
    for file in tmp_path.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    db.close()
