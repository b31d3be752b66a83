"""The lifeline's roster page and its other words: who may read it, what it says, that nothing from outside is believed."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from quarterdeck_lifeline import letter, page, plan, roads, verdict
from quarterdeck_lifeline.page import Server
from quarterdeck_lifeline.plan import Page
from support.http_sink import Answer, http_sink

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
AUTH = {"Authorization": "Basic cXVhcnRlcmRlY2s6b3BlbiBzZXNhbWU="}  # quarterdeck:open sesame


def snapshot(**more):
    return {
        "written_at": NOW.isoformat(),
        "people": {
            "a": {"name": "Ana <b>", "email": "ana@example.com", "phone": "+34 600", "contacts": []},
            "b": {
                "name": "Ben", "email": "ben@example.com", "phone": "",
                "contacts": [{"kind": "ntfy", "address": "ben-topic"}],
            },
        },
        "shifts": [
            {"schedule": "Database", "person": "a", "starts_at": "2026-11-22T00:00:00Z", "ends_at": "2026-11-23T00:00:00Z"},
            {"schedule": "Database", "person": "b", "starts_at": "2026-11-23T00:00:00Z", "ends_at": "2026-11-24T00:00:00Z"},
        ],
        "on_call": [{"schedule": "Database", "person": "Ana", "email": "ana@example.com", "phone": "+34 600", "contacts": []}],
        "incidents": [{"id": "INC-1", "severity": 1, "title": "<script>alert(1)</script>", "phase": "triage"}],
        "alerts": [{"id": "x", "summary": "disk full", "severity": "critical"}],
    } | more  # fmt: skip


@contextmanager
def served(**options):
    server = Server(
        Page(port=0, **options),
        lambda: (snapshot(written_at=datetime.now(UTC).isoformat()), verdict.Word(), 0.0),
    )
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def test_one_address_cannot_take_all_places_and_nobody_keeps_one(monkeypatch):
    monkeypatch.setattr(page, "WHOLE_SECONDS", 0.5)
    with served() as port:
        idle = [socket.create_connection(("127.0.0.1", port)) for _ in range(page.AT_ONCE_FROM_ONE)]
        for one in idle:
            one.sendall(b"GET / HTTP/1.1\r\nX: 1\r\n")
        with pytest.raises((http.client.HTTPException, OSError)):
            get(port)
        # Another address is served meanwhile, and the places of the idle ones are free soon.
        other = http.client.HTTPConnection("127.0.0.1", port, timeout=10, source_address=("127.0.0.2", 0))
        other.request("GET", "/")
        assert other.getresponse().status == 200
        for one in idle:
            one.settimeout(10)
            assert one.recv(10) == b""
        end = time.monotonic() + 5
        while True:
            try:
                assert get(port)[0] == 200
                break
            except (http.client.HTTPException, OSError):
                assert time.monotonic() < end


def get(port, path="/", headers=None, method="GET"):
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    c.request(method, path, headers=headers or {})
    answer = c.getresponse()
    return answer.status, dict(answer.getheaders()), answer.read().decode()


def test_only_who_has_the_password_reads_the_page():
    with served(password="open sesame") as port:
        status, headers, text = get(port, headers=AUTH)
        assert (status, headers["Cache-Control"]) == (200, "no-store")
        assert "Ben" in text
        for wrong in ({}, {"Authorization": "Basic x"}, {"Authorization": "Basic cXVhcnRlcmRlY2s6eA=="}):
            status, _, text = get(port, headers=wrong)
            assert status == 401
            assert "ana@example.com" not in text


def test_a_secret_path_opens_it_and_no_other_path_does():
    secret = "s" * 20
    with served(path=secret) as port:
        assert get(port, f"/{secret}/")[0] == get(port, f"/{secret}?x=1")[0] == 200
        for path in ("/", "/x", f"/{secret}x", f"/x/../{secret}"):
            assert get(port, path)[0] == 404
        assert get(port, f"/{secret}", method="POST")[0] == 501
        assert get(port, f"/{secret}", method="HEAD")[2] == ""


def test_everything_from_outside_is_escaped():
    text = page.body(snapshot(), verdict.Word(), 0.0, NOW)
    assert "<script>" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "Ana &lt;b&gt;" in text


def test_an_old_snapshot_is_said_to_be_old_and_one_from_the_future_too():
    assert "Written 60 s ago" in page.body(snapshot(), verdict.Word(), 0.0, NOW + timedelta(seconds=60))
    assert "This is old: it was written 3 h ago" in page.body(
        snapshot(), verdict.Word(), 0.0, NOW + timedelta(hours=3)
    )
    assert "from the future" in page.body(snapshot(), verdict.Word(), 0.0, NOW - timedelta(hours=3))
    assert "no snapshot that can be believed" in page.body({}, verdict.Word(), 0.0, NOW)


def test_the_page_says_how_long_the_product_has_been_silent():
    word = verdict.Word("its engine is silent")
    assert "Quarterdeck, for 4 min: its engine is silent." in page.body(snapshot(), word, 250.0, NOW)


def test_whoever_is_on_duty_by_now_is_told_and_not_whoever_was():
    tomorrow = letter.by_now(snapshot(), NOW + timedelta(days=1))
    assert [d["email"] for d in tomorrow["on_call"]] == ["ben@example.com"]
    assert "Ben, no telephone number, ben@example.com" in letter.alarm("x", 130, tomorrow)[1]
    later = letter.by_now(snapshot(), NOW + timedelta(days=30))
    assert [d["email"] for d in later["on_call"]] == ["ana@example.com"], "better somebody than nobody"


@pytest.mark.parametrize(
    ("status", "told", "why"),
    [
        (200, {"pages": True}, ""),
        (200, None, ""),
        (200, {"pages": False, "why": "the auditor is silent", "audit_age_seconds": 200}, "its auditor is silent"),
        (200, {"pages": False, "why": "the synthetic page does not come back"}, "the synthetic page does not come back, though it answers"),
        (503, {"store": "unreachable"}, "its database does not answer"),
        (503, {"store": "ok", "engine_age_seconds": 40.5}, "its engine is silent"),
        (502, None, "it answers 502"),
    ],
)  # fmt: skip
def test_what_an_answer_means(status, told, why):
    word = verdict.judge(status, b"<html>" if told is None else json.dumps(told).encode())
    assert word.why == why


def test_a_snapshot_from_another_time_is_a_fault_of_its_own():
    assert verdict.of_snapshot(299, 300).why == ""
    assert verdict.of_snapshot(301, 300).what == "stale"
    assert "future" in verdict.of_snapshot(-3600, 300).why
    assert verdict.of_snapshot(10_000, 0).why == ""


def test_push_and_webhook_reach_those_on_duty_and_the_webhook_is_signed():
    from standardwebhooks import Webhook

    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    with http_sink() as sink:
        url = f"http://127.0.0.1:{sink.port}"
        made = plan.Plan(
            watch="",
            snapshot=None,
            snapshot_key="",
            ntfy=plan.Ntfy(url, "token", ["ops"]),
            webhook=plan.Webhook(f"{url}/hook", secret),
        )
        whom = roads.addresses(made, letter.by_now(snapshot(), NOW + timedelta(days=1)))
        assert whom == [("push", "ops"), ("push", "ben-topic"), ("webhook", f"{url}/hook")]
        assert [roads.send_by(made, road, to, "Silent", "text") for road, to in whom] == [None, None, None]
        ops, ben, hook = sink.arrived
        assert [json.loads(a.body)["topic"] for a in (ops, ben)] == ["ops", "ben-topic"]
        assert ops.headers["authorization"] == "Bearer token"
        assert Webhook(secret).verify(hook.body, hook.headers)["data"]["subject"] == "Silent"
        sink.answer(Answer(status=302, headers=(("Location", f"{url}/elsewhere"),)))
        assert roads.send_by(made, *whom[0], "Silent", "text") == "it answered 302"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "it needs"),
        ("[mail]\nhost = 'x'", "host and sender"),
        ("[page]\nport = 1", "needs a password"),
        ("[page]\npath = 'short'", "needs a password"),
        ("[webhook]\nurl = 'ftp://x'", "needs url"),
        ("silent = 3", "unknown key 'silent'"),
        ("[ntfy]\ntopic = 'x'", "unknown key 'topic'"),
    ],
)
def test_a_plan_that_cannot_work_is_refused_with_the_reason(tmp_path, text, problem):
    (tmp_path / "lifeline.toml").write_text(text)
    with pytest.raises(ValueError, match=problem):
        plan.read_plan(tmp_path / "lifeline.toml", "key")
