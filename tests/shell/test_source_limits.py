"""A source that floods: what each kind of sender is told, that no other notices, and that what was refused is counted."""

from __future__ import annotations

import asyncio
import json
import signal
import sqlite3
import time
from concurrent.futures import Executor, Future
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import InterfaceError

from quarterdeck.app.alerts import source_counts
from quarterdeck.app.health import alarm_calls, health
from quarterdeck.app.people import keys
from quarterdeck.boot import counting
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.intake import dialects
from quarterdeck.store import models
from quarterdeck.store.journal import Journal
from quarterdeck.web.ingest import Ingest, Keyring
from quarterdeck.web.ingest_limits import Limits
from support.asgi import Answer, ask
from support.browsing import browser, company, words
from support.serving import Installation
from support.world import World

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
EVENT = {
    "event_action": "trigger",
    "payload": {"summary": "disk is full", "source": "db-1", "severity": "critical"},
}
ALERT = {"labels": {"alertname": "DiskFull"}}
# What a sender of each kind must be told so that it comes back: see the functions `limited_body`.
SENDERS: dict[str, tuple[str, Any, int]] = {
    "Prometheus": ("/in/alertmanager/{}/api/v2/alerts", [ALERT], 429),
    "Alertmanager": ("/in/alertmanager-webhook/{}", {"alerts": [ALERT]}, 503),
    "PagerDuty": ("/in/pagerduty/{}/v2/enqueue", EVENT, 429),
    "PagerDuty, key inside": ("/in/pagerduty/v2/enqueue", EVENT, 429),
    "a change": ("/in/pagerduty/{}/v2/change/enqueue", {"payload": {"summary": "deployed"}}, 429),
    "webhook": ("/in/webhook/{}", {"title": "Disk full"}, 429),
}


class Shelf:
    """A journal's sink that keeps what it is given."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    def open(self) -> None: ...
    def close(self) -> None: ...

    def commit(self, group: Any) -> None:
        self.bodies += [received.body for received in group]


def sent(limits: Limits, *requests: tuple[str, Any]) -> tuple[list[Answer], list[bytes]]:
    """The answers to bodies sent one after the other, and what was stored of them."""
    shelf, keyring = Shelf(), Keyring(known=keys.integrations_by_digest())

    async def run() -> list[Answer]:
        journal = Journal(shelf)
        journal.start(asyncio.get_running_loop())
        app = Ingest(journal, keyring, limits, {})
        try:
            return [
                await ask(app, "POST", path, chunks=(json.dumps(body).encode(),)) for path, body in requests
            ]
        finally:
            await asyncio.to_thread(journal.stop)

    return asyncio.run(run()), shelf.bodies


@pytest.fixture
def world(db: None) -> World:
    w = World()
    w.person("ana", role="administrator")
    w.integration()
    return w


@pytest.mark.parametrize("name", SENDERS)
def test_a_sender_is_told_what_makes_it_come_back(world: World, name: str) -> None:
    path, body, status = SENDERS[name]
    body = body | {"routing_key": world.key} if isinstance(body, dict) and "payload" in body else body
    limits = Limits(1, 0)
    (first, second), stored = sent(limits, *[(path.format(world.key), body)] * 2)
    assert first.status < 300
    assert (second.status, len(stored)) == (status, 1)
    assert 1 <= int(second.headers["retry-after"]) <= 60
    told = json.loads(second.body)
    assert "more than it may" in told["message"]
    if "payload" in body:
        assert told["status"] == "throttle exceeded"
    (found,) = limits.counted().values()
    assert found[0::2] == (1, 1)


def test_alerts_are_counted_as_well_as_requests_and_one_request_may_be_too_much(world: World) -> None:
    path = f"/in/alertmanager/{world.key}/api/v2/alerts"
    limits = Limits(0, 10)
    answers, stored = sent(limits, (path, [ALERT] * 30), (path, [ALERT] * 5))
    assert [a.status for a in answers] == [200, 429]
    assert int(answers[1].headers["retry-after"]) == 60
    (found,) = limits.counted().values()
    assert found == (1, 30, 1, 5)
    assert len(stored) == 1


def test_the_usable_alerts_of_a_flawed_body_count(world: World) -> None:
    limits = Limits(0, 10)
    (answer,), _ = sent(
        limits, (f"/in/alertmanager/{world.key}/api/v2/alerts", [ALERT, {"labels": {}}, ALERT])
    )
    assert answer.status == 400
    (found,) = limits.counted().values()
    assert found[:2] == (1, 2)


def test_every_dialect_says_how_many_alerts_its_examples_hold() -> None:
    for module in dialects().values():
        for payload, signals in module.EXAMPLES:
            assert module.check(json.dumps(payload).encode()) == len(signals)


def test_an_integration_has_limits_of_its_own_and_the_others_the_usual_ones(world: World) -> None:
    row = models.Integration.objects.get()
    with pytest.raises(Refused):
        keys.limit_integration(world.act("ana"), row.id, -1, None)
    keys.limit_integration(world.act("ana"), row.id, 2, 0)
    path = f"/in/webhook/{world.key}"
    answers, _ = sent(Limits(1, 1), *[(path, {"title": "Disk full"})] * 3)
    assert [a.status < 300 for a in answers] == [True, True, False]


def test_refusals_are_an_alarm_that_people_are_told_and_that_ends_when_all_is_calm(world: World) -> None:
    row = models.Integration.objects.get()
    source_counts.add({row.id: (7, 70, 3, 30)}, NOW)
    source_counts.watch(NOW)
    alarm = models.Alarm.objects.get(kind="limited")
    assert "sends more than it may: 3 requests were refused since 02 Mar, 09:00 UTC" in alarm.text
    assert {c.kind for c in alarm_calls.tell(NOW)} == {"heads_up"}
    later = NOW + timedelta(minutes=2)
    source_counts.add({row.id: (0, 0, 2, 0)}, later)
    source_counts.watch(later)
    alarm.refresh_from_db()
    assert "5 requests were refused since 02 Mar, 09:00 UTC" in alarm.text
    source_counts.watch(later + timedelta(minutes=4))
    assert models.Alarm.objects.filter(kind="limited", cleared_at=None).exists()
    source_counts.watch(later + timedelta(minutes=6))
    assert not models.Alarm.objects.filter(kind="limited", cleared_at=None).exists()
    found = source_counts.of(row.id)
    assert found is not None
    assert (found.requests, found.alerts, found.refused_requests, found.refused_alerts) == (7, 70, 5, 30)
    assert (found.refused_since, found.refused_now) == (None, 0)
    (finding,) = source_counts.look(later)
    assert (finding.level, "5 requests in all" in finding.text) == ("warning", True)
    assert [f.level for f in source_counts.look(later + timedelta(days=2))] == ["ok"]
    assert health.worst([finding]) == 1


def test_the_page_of_an_integration_shows_what_came_and_sets_its_limit(db: None) -> None:
    made = company()
    row = keys.integrations().first()
    assert row is not None
    source_counts.add({row.id: (12_345, 20_000, 3, 0)}, datetime.now(UTC))
    client = browser(made, "ana")
    page = words(client.get(f"/catalog/integrations/{row.id}"))
    assert "12,345 requests, 20,000 alerts" in page.replace("12345", "12,345").replace("20000", "20,000")
    assert "6,000 requests a minute, 30,000 alerts a minute" in page
    client.post(f"/catalog/integrations/{row.id}/limit", {"requests": "90", "alerts": "0"})
    page = words(client.get(f"/catalog/integrations/{row.id}"))
    assert "90 requests a minute, any number of alerts" in page
    client.post(f"/catalog/integrations/{row.id}/limit", {"requests": "", "alerts": "many"})
    row.refresh_from_db()
    assert (row.requests_per_minute, row.alerts_per_minute) == (90, 0)


def make_keys() -> list[str]:
    """In the installation's own process: two integrations, and somebody to be told."""
    w = World()
    w.person("ana", role="administrator")
    return [keys.create_integration(w.act("ana"), name, "any")[1] for name in ("Loud", "Quiet")]


@pytest.mark.slow
def test_a_flood_hurts_nobody_else_and_its_counts_outlive_a_kill(tmp_path: Any) -> None:
    installation = Installation(
        tmp_path, QUARTERDECK_LIMITS_REQUESTS_PER_MINUTE="60", QUARTERDECK_AUDIT_SECONDS="3"
    )
    loud, quiet = installation.ask("shell.test_source_limits:make_keys")
    server = installation.serve()
    try:
        server.wait_until_ready()
        with server.client() as client:
            said = [client.post(f"/in/webhook/{loud}", json={"title": "x"}).status_code for _ in range(150)]
            others = [client.post(f"/in/webhook/{quiet}", json={"title": "y"}).status_code for _ in range(20)]
        refused = said.count(429)
        assert refused >= 50
        assert set(others) == {202}
        time.sleep(2.5)
        server.wait_for("web", server.kill("web", signal.SIGKILL))
        with server.client() as client:
            figures = client.get("/metrics").text
        found = [
            line for line in figures.splitlines() if line.startswith("quarterdeck_source_requests_total")
        ]
        counts = {("Loud" in line, "limited" in line): float(line.split()[-1]) for line in found}
        assert counts == {
            (True, True): refused, (True, False): 150 - refused, (False, True): 0, (False, False): 20
        }  # fmt: skip
        with closing(sqlite3.connect(f"file:{installation.data}/quarterdeck.db?mode=ro", uri=True)) as db:
            (told,) = db.execute("SELECT text FROM alarm WHERE kind = 'limited'").fetchall()
        assert told[0].startswith(f"Loud sends more than it may: {refused} requests were refused since")
    finally:
        server.stop()


class _NoConnection(Executor):
    """A thread whose connection to the database has just been closed."""

    def submit(self, *_: Any, **__: Any) -> Future[Any]:
        failed: Future[Any] = Future()
        failed.set_exception(InterfaceError("connection already closed"))
        return failed


def test_counts_that_cannot_be_written_down_are_kept_and_the_process_goes_on() -> None:
    limits = Limits(60, 60)
    limits.gate("i", None, None).requests = 7
    asyncio.run(counting._write(limits, _NoConnection()))
    assert limits.counted() == {"i": (7, 0, 0, 0)}
