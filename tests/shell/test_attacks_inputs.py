"""Values and texts nobody means, from the query of a page to the Markdown of a note: nothing fails, nothing runs."""

from __future__ import annotations

import re
import time

import pytest

from quarterdeck.app.incidents import incidents, record
from quarterdeck.channels import status_site
from quarterdeck.store import feed
from quarterdeck.web.routes import pages
from quarterdeck.web.templatetags.texts import markdown
from support.attacks import LONG_NUMBER, OTHER_DIGITS, faults, org, page_of, signed_in
from support.hostile import HOSTILE
from support.rest import Organisation

__all__ = ["org"]

# -- values nobody means


def test_a_number_that_is_none_is_no_fault_of_the_server(org: Organisation) -> None:
    client = signed_in(org, "root")
    for path in (
        "/incidents?severity=", "/incidents?after=", "/alerts?after=", "/notifications?after=",
        "/settings/audit?after=", "/declare?impact=x&severity=", "/declare/preview?severity=", "/insights?weeks=",
        "/catalog/people?after=", "/reviews?after=", "/on-call?week=",
    ):  # fmt: skip
        for value in (OTHER_DIGITS, LONG_NUMBER, "-1", "\u0663", "9" * 30):
            assert client.get(path + value).status_code < 500, (path, value[:20])


@pytest.mark.parametrize("value", [f"{OTHER_DIGITS}-1", f"1-{OTHER_DIGITS}", f"{LONG_NUMBER}-1", "-", "1"])
def test_a_place_in_the_feed_that_is_none_is_ignored(value: str) -> None:
    assert feed.parse(value) is None


def test_the_forms_of_a_war_room_take_no_number_that_is_none(org: Organisation) -> None:
    key = org.declare("ana")
    client = signed_in(org, "ana")
    for value in (OTHER_DIGITS, LONG_NUMBER):
        assert client.get(f"/incidents/{key}?from={value}").status_code == 200
        for path, fields in (
            ("severity", {"severity": "3", "reason": "x"}),
            ("phase", {"phase": "investigating"}),
        ):
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
        '[a](https://ok.example "onmouseover=alert(1)")',
        "```\n</code></pre><script>alert(1)</script>\n```",
    ],
)
def test_markdown_carries_no_script_no_picture_and_no_strange_link(text: str) -> None:
    for html in (str(markdown(text)), str(status_site.markup.html(text))):
        assert faults(html) == []
        assert not re.search(r"<(script|img|svg|iframe|style|form|input)", html, re.IGNORECASE)


@pytest.mark.parametrize("text", ["[" * 5000, "*" * 20000, "> " * 2000, "`" * 9999, "![" * 3000, "<" * 20000])
def test_a_markdown_bomb_is_over_in_a_second(text: str) -> None:
    began = time.process_time()
    markdown(text[:20_000])
    assert time.process_time() - began < 1


def test_hostile_text_in_every_field_of_an_incident_runs_nowhere(org: Organisation) -> None:
    whole = " ".join(HOSTILE)
    key = org.declare("ana", title=HOSTILE[0] + HOSTILE[2] + HOSTILE[7], summary=whole)
    act = org.act("ana")
    for text in HOSTILE:
        record.write(act, key, "note", text)
    record.decide(act, key, whole[:490], HOSTILE[1], reason=whole)
    incidents.set_facts(
        act, key, **dict.fromkeys(("what_we_know", "customer_effect", "cause", "next_step"), whole)
    )
    client = signed_in(org, "ana")
    for p in pages():
        path = page_of(p.pattern, key)
        if path is None:
            continue
        answer = client.get(path + ("?q=img" if path.startswith("/search") else ""))
        if answer.get("Content-Type", "").startswith("text/html"):
            html = answer.content.decode()
            assert faults(html) == [], path
            assert "84042<" not in html, path
