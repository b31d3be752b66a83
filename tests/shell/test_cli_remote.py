"""The responder's commands against a running product: declare, page, acknowledge, ask who and what."""

from __future__ import annotations

import json
import subprocess
import time
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from support.server import COMMAND, PASSWORD, clean_environment, start_server
from support.smtp_sink import smtp_sink

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A product that can send mail."""
    with smtp_sink() as sink:
        mail = {"QUARTERDECK_EMAIL_HOST": "127.0.0.1", "QUARTERDECK_EMAIL_PORT": str(sink.port)}
        mail |= {"QUARTERDECK_EMAIL_TLS": "none", "QUARTERDECK_EMAIL_FROM": "quarterdeck@example.com"}
        running = start_server(tmp_path_factory.mktemp("remote"), **mail)
        running.sink = sink
        yield running
        running.stop()


@pytest.fixture(scope="module")
def told(server):
    """Runs a command as Ana; returns what it printed."""
    server.sign_in()
    made = run(
        server, "user", "create", "ben@example.com", "--name", "Ben Ode", "--password-stdin", given=PASSWORD
    )
    assert "Ben Ode" in made
    key = run(server, "user", "key", "ana@example.com").strip()
    assert key.startswith("qd_api_")

    def tell(*arguments, code=0):
        return run(server, *arguments, code=code, QUARTERDECK_URL=server.url, QUARTERDECK_API_KEY=key)

    tell.key = key
    return tell


def until(what, seconds=20):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end
        time.sleep(0.05)


def run(server, *arguments, code=0, given="", **environment):
    done = subprocess.run(
        [COMMAND, *arguments],
        env=clean_environment(QUARTERDECK_DATA=str(server.data), **environment),
        input=given + "\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


def test_an_incident_declared_here_has_its_declarer_as_commander(told):
    assert "You are the commander." in told("declare", "Checkout is down", "--severity", "1")
    assert "Checkout is down  commander: Ana Ruiz" in told("status")
    found = json.loads(told("status", "--json"))
    assert found["incidents"][0]["severity"] == 1


def test_somebody_paged_by_name_is_paged_and_a_name_that_means_nobody_is_refused(told):
    assert "paged Ben Ode" in told(
        "page", "ben@example.com", "--reason", "Need you", "--subject", "Replication"
    )
    assert "Nobody is called" in told("page", "zoe", "--reason", "x", code=1)
    assert "Say whom" in told("page", "--reason", "x", code=1)


def test_what_waits_is_acknowledged(server, told):
    told("page", "ana@example.com", "--reason", "Test", "--subject", "Disk is full")
    until(lambda: any("Disk is full" in str(m.message["Subject"]) for m in server.sink.mails))
    assert "acknowledged: Disk is full" in told("ack")
    assert "Nothing waits for you." in told("ack")
    told("ack", "no-such-alert", code=1)


def test_an_alert_is_snoozed_woken_passed_on_and_escalated(server, told):
    with httpx2.Client(headers={"Authorization": f"Bearer {told.key}"}, trust_env=False, timeout=30) as http:
        api = f"{server.url}/api/v1"
        ana, ben = (http.get(f"{api}/people?q={name}").json()["items"][0]["id"] for name in ("ana", "ben"))
        steps = [{"targets": [{"kind": "person", "id": i}], "wait_seconds": 3600} for i in (ana, ben)]
        made = http.post(f"{api}/escalation-policies", json={"key": "default", "name": "All", "steps": steps})
        assert made.status_code == 201, made.text
        door = http.post(f"{api}/integrations", json={"name": "Tool", "kind": "any"}).json()
        event = {"event_action": "trigger", "dedup_key": "disk",
                 "payload": {"summary": "Disk is slow", "source": "db-1", "severity": "critical"}}  # fmt: skip
        http.post(f"{server.url}/in/pagerduty/{door['key']}/v2/enqueue", json=event)
        rows: list[str] = []
        until(lambda: rows.extend(a["id"] for a in http.get(f"{api}/alerts?q=disk").json()["items"]) or rows)
    alert = rows[0]
    assert "asleep until" in told("snooze", alert, "--for", "1h 30m", "--reason", "The fix rolls out")
    assert "paging starts again" in told("snooze", alert, "--end")
    assert "Say why it can wait" in told("snooze", alert, code=1)
    assert "is not a duration" in told("snooze", alert, "--for", "soon", "--reason", "x", code=1)
    passed = told("reassign", alert, "--to", "ben@example.com", "--reason", "His disk")
    assert "passed it to Ben Ode: His disk" in passed
    assert "the next step is called now: Disk is slow" in told("escalate", alert)
    assert "one of the two" in told("reassign", alert, "--reason", "x", code=1)
    told("ack", alert)


def test_nobody_on_call_is_said(told):
    assert "no schedule" in told("who")
    assert "Say which service" in told("who", "--severity", "critical", code=1)


def test_a_wrong_key_or_place_is_said_in_one_line(server):
    assert "QUARTERDECK_API_KEY" in run(server, "who", code=2)
    assert (
        run(server, "who", code=1, QUARTERDECK_URL=server.url, QUARTERDECK_API_KEY="qd_api_x").count("\n")
        == 1
    )
    away = run(server, "who", code=2, QUARTERDECK_URL="http://127.0.0.1:1", QUARTERDECK_API_KEY="x")
    assert "does not answer" in away


@pytest.mark.requirement("R-199")
def test_who_says_whose_a_service_is_in_one_call(server, told):
    with httpx2.Client(headers={"Authorization": f"Bearer {told.key}"}, trust_env=False, timeout=30) as http:
        api = f"{server.url}/api/v1"
        assert http.post(f"{api}/teams", json={"key": "pay", "name": "Payments"}).status_code == 201
        made = http.post(f"{api}/services", json={"key": "checkout-own", "name": "Checkout", "team": "pay"})
        assert made.status_code == 201, made.text
        http.post(f"{api}/services", json={"key": "orphan", "name": "Orphan"})
    assert "Checkout is owned by Payments." in told("who", "--service", "checkout-own")
    assert "Orphan is owned by nobody." in told("who", "--service", "orphan")


def test_the_desk_is_worked_and_a_name_looked_for_from_a_terminal(server, told):
    made = json.loads(told("declare", "Cards are refused", "--severity", "3", "--both", "A test", "--json"))
    headers = {"Authorization": f"Bearer {told.key}"}
    asked = {"question": "When does it work?", "customer": "Acme", "incident": made["id"]}
    row = httpx2.post(f"{server.url}/api/v1/inquiries", json=asked, headers=headers).json()
    ref = row["id"][-6:]
    assert ref in told("inquiries", "list", "--incident", made["id"])
    assert "It is yours" in told("inquiries", "take", ref)
    told("inquiries", "answer", ref, code=1)
    raised = told("inquiries", "escalate", ref, "--to", "commander", "--reason", "They leave")
    assert "is being paged" in raised
    told("inquiries", "take", "zzzzzz", code=1)
    assert "asked for nothing" in told("consents", "list")
    told("consents", "give", "00000000", code=1)


def test_a_maintenance_is_planned_listed_and_cancelled(told):
    starts = (datetime.now(UTC) + timedelta(days=9)).replace(microsecond=0)
    span = ("--start", starts.isoformat(), "--end", (starts + timedelta(hours=1)).isoformat())
    made = json.loads(told("maintenance", "plan", "Upgrade", *span, "--propose", "--json"))
    assert made["state"] == "proposed"
    assert "Upgrade" in told("maintenance", "list")
    assert "It waits for somebody's approval" in told("maintenance", "start", made["id"], code=1)
    assert "not a time with its zone" in told("maintenance", "extend", made["id"], "tomorrow", code=1)
    assert "cancelled" in told("maintenance", "cancel", made["id"], "--reason", "No disk")
    assert "None." in told("maintenance", "list")


def test_a_status_page_is_deleted_after_a_look_at_what_goes(server, told):
    page = {"key": "old-shop", "title": "Old shop"}
    sent = {"Authorization": f"Bearer {told.key}"}
    made = httpx2.post(f"{server.url}/api/v1/status-pages", json=page, headers=sent, trust_env=False)
    assert made.status_code == 201, made.text
    assert "Type old-shop to delete this page" in told(
        "status", "delete", "old-shop", "--yes", "shop", code=1
    )
    said = told("status", "delete", "old-shop", "--yes", "old-shop")
    assert "- 1 version in its history" in said and "Old shop is deleted." in said
