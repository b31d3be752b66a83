"""What sixty watchers of one incident are spared is what would have changed nothing, and they see what they would see
without it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from quarterdeck.app import record
from quarterdeck.core.incidents.events import record as events
from quarterdeck.store import models
from quarterdeck.web import shared_parts
from support.attacks import org, signed_in
from support.rest import Organisation

__all__ = ["org"]
LIVE = Path(shared_parts.__file__).parent / "static/quarterdeck/js/live.js"
PART_OF = {"command": "command", "role-card": "role", "facts": "facts", "tasks": "tasks", "alerts": "alerts"}
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
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


def test_what_only_adds_to_the_record_changes_no_part_that_is_not_asked_for_again(org: Organisation) -> None:
    incident = org.declare("ana")
    ana = signed_in(org, "ana")
    assert sorted(listed("BESIDE_THE_RECORD")) == sorted(PART_OF)

    def parts() -> dict[str, str]:
        found = {n: fetched(ana, f"/incidents/{incident}/parts/{p}") for n, p in PART_OF.items()}
        assert all(f'id="{n}"' in html for n, html in found.items())
        return {n: TICKING.sub("", plain(html)) for n, html in found.items()}

    before = parts()
    act = org.act("ana")
    for kind in ("note", "finding", "hypothesis"):
        record.write(act, incident, kind, f"A {kind}", entry_id=f"entry-{kind}", pinned=True, followup=True)
    record.correct(act, incident, "entry-note", "Another note", "a slip")
    record.pin(act, incident, "entry-finding", False)
    record.flag(act, incident, "entry-finding", False)
    kinds = set(
        models.Event.objects.filter(stream=incident).order_by("-seq").values_list("kind", flat=True)[:6]
    )
    assert kinds == set(listed("RECORD_KINDS"))
    assert kinds <= {name for name in dir(events)}
    assert parts() == before


def looked(org: Organisation, incident: str) -> dict[Any, str]:
    """The timeline as everybody sees it, each in a zone of their own, by filter and order."""
    found = {}
    for handle in ("root", "ana", "ben", "ole"):
        client = signed_in(org, handle)
        for query in ("", "?show=pinned", "?order=oldest", "?from=60", f"?x={'y' * 300}"):
            found[handle, query] = plain(fetched(client, f"/incidents/{incident}/parts/timeline{query}"))
    return found


def test_a_timeline_written_once_for_all_is_the_one_each_would_get_alone(
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
