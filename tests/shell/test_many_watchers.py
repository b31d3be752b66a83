"""What sixty watchers of one incident are spared is what would have changed nothing, and they see what they would see
without it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from quarterdeck.app.incidents import incidents, record
from quarterdeck.store import feed, models
from quarterdeck.web import shared_parts
from support.attacks import org, signed_in
from support.rest import Organisation

__all__ = ["org"]
LIVE = Path(shared_parts.__file__).parent / "static/quarterdeck/js/live.js"
BESIDE = {"command": "command", "role-card": "role", "facts": "facts", "tasks": "tasks", "alerts": "alerts"}
ABOVE = {"incident-header": "header"}
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
VERSION = re.compile(r'name="version" value="\d+"|for \d+ (s|min)')
TICKING = re.compile(r"<time.*?</time>")


def listed(name: str) -> list[str]:
    found = re.search(rf"const {name} = new Set\(\[(.*?)\]\)", LIVE.read_text(), re.S)
    assert found
    return re.findall(r'"([^"]+)"', found[1])


def fetched(client: Client, path: str) -> str:
    answer = client.get(path, headers={"HX-Request": "true"})
    assert answer.status_code == 200, path
    return answer.content.decode()


def plain(html: str) -> str:
    return TOKEN.sub("", html)


def kinds_since(after: int) -> set[str]:
    """As live pages are told of them."""
    changes, _ = feed.changes_since((after, 0))
    return {c.kind for c in changes if c.topic.startswith("incident:")}


def test_what_only_adds_to_the_record_changes_no_part_that_is_not_asked_for_again(org: Organisation) -> None:
    incident = org.declare("ana")
    ana, act = signed_in(org, "ana"), replace(org.act("ana"), at=datetime.now(UTC))
    plain_kinds = set(listed("PLAIN_KINDS"))
    record_kinds = set(listed("RECORD_KINDS")) | plain_kinds
    assert set(listed("BESIDE_THE_RECORD")) == set(BESIDE)
    assert set(re.findall(r'ABOVE_THE_RECORD = "(.*?)"', LIVE.read_text())) == set(ABOVE)

    def parts(names: dict[str, str]) -> dict[str, str]:
        found = {n: fetched(ana, f"/incidents/{incident}/parts/{p}?tab=overview") for n, p in names.items()}
        assert all(f'id="{n}"' in html for n, html in found.items())
        return {n: VERSION.sub("", TICKING.sub("", plain(html))) for n, html in found.items()}

    for phase in ("investigating", "resolved"):
        if phase == "resolved":
            incidents.change_phase(act, incident, "investigating", "We look")
            incidents.resolve(act, incident, "fixed", None, "It is over", "A test")
        before, end = parts(BESIDE | ABOVE), feed.now()[0]
        for kind in ("note", "finding", "hypothesis"):
            record.write(act, incident, kind, f"A {kind}", entry_id=f"{phase}-{kind}", pinned=True)
        record.correct(act, incident, f"{phase}-note", 'Another note, "followup":true', "a slip")
        record.pin(act, incident, f"{phase}-finding", False)
        assert kinds_since(end) == plain_kinds
        assert parts(BESIDE | ABOVE) == before
        end = feed.now()[0]
        record.write(act, incident, "note", "Ask the bank", entry_id=f"{phase}-bank", followup=True)
        record.flag(act, incident, f"{phase}-finding")
        assert kinds_since(end) == record_kinds - plain_kinds
        assert parts(BESIDE) == {n: before[n] for n in BESIDE}


def looked(org: Organisation, incident: str) -> dict[Any, str]:
    """The timeline as everybody sees it, each in a zone of their own, by filter and order."""
    found = {}
    for handle in ("root", "ana", "ben", "ole"):
        client = signed_in(org, handle)
        for query in ("", "?show=pinned", "?order=oldest", "?from=60", f"?x={'y' * 300}"):
            found[handle, query] = plain(fetched(client, f"/incidents/{incident}/parts/timeline{query}"))
        for query in ("?tab=overview", "?tab=tasks"):
            found[handle, query] = plain(fetched(client, f"/incidents/{incident}/parts/header{query}"))
    return found


def test_a_part_written_once_for_all_is_the_one_each_would_get_alone(
    org: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    incident = org.declare("ana")
    models.Person.objects.filter(handle="ben").update(timezone="Asia/Tokyo")
    for n in range(70):
        record.write(
            org.act("ana" if n % 2 else "ben"), incident, "note", f"Errors <{n}> & falling", pinned=n % 9 == 0
        )
    at = org.act("ana").at
    monkeypatch.setattr("quarterdeck.web.views.war_room.now", lambda: at)
    shared = looked(org, incident)
    assert shared == looked(org, incident)
    monkeypatch.setattr(shared_parts, "LONGEST_QUERY", -1)
    assert shared == looked(org, incident)
    assert shared["ana", ""] != shared["ole", ""], "who acts may pin"
    assert shared["ana", ""] != shared["ben", ""], "in their own zone"
    assert shared["ana", "?tab=overview"] != shared["ole", "?tab=overview"], "who commands may change it"
    monkeypatch.undo()
    record.write(org.act("ana"), incident, "note", "The newest of all")
    assert "The newest of all" in fetched(signed_in(org, "ole"), f"/incidents/{incident}/parts/timeline")


def test_each_form_of_a_shared_timeline_carries_a_token_its_own_viewer_can_send(org: Organisation) -> None:
    incident = org.declare("ana")
    record.write(org.act("ana"), incident, "note", "Seen", entry_id="entry-1")
    for handle in ("ana", "root"):
        client = signed_in(org, handle, enforce_csrf_checks=True)
        html = fetched(client, f"/incidents/{incident}/parts/timeline")
        tokens = set(TOKEN.findall(html))
        if not tokens:
            continue
        sent = {"act": "pin", "csrfmiddlewaretoken": tokens.pop()}
        answer = client.post(f"/incidents/{incident}/entries/entry-1", sent, headers={"HX-Request": "true"})
        assert answer.status_code == 200
        assert client.post(f"/incidents/{incident}/entries/entry-1", {"act": "pin"}).status_code == 403
        break
    else:
        pytest.fail("nobody had a form")
