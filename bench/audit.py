"""What one look of the auditor costs with a million alerts in the store, question by question.

`python -m bench.audit [alerts]` fills a SQLite store of its own by plain SQL, then prints each question's time and how
the database answers it. Every alert has a run, a callout, a delivery, two attempts and a timer; a part of them is live.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from .machine import ROOT, Row

WHAT = "one look of the auditor with a million alerts in the store"
ALERTS, LIVE = 1_000_000, 5_000
BUDGET_MS = 100.0
EVERY_SECONDS = 30

_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {alerts})"
# The last `live` alerts are open, called for and not answered; all others are over. One every `every` seconds.
_AT = "({now} - ({alerts} - i) * {every} * 1000000 - 180000000)"
_ON = "i > {alerts} - {live}"
_TABLES = (
    ("alert",
     "id, dedup_key, integration_id, status, summary, severity, source, labels, details, links, count, first_seen_at,"
     " last_seen_at, acknowledged_by, resolved_by, paged, reason, incident_id, version",
     "'a' || i, 'k' || i, 'in', CASE WHEN {on} THEN 'open' ELSE 'resolved' END, 'Disk almost full on node ' || i,"
     " 'critical', 'prometheus', '{{\"job\":\"node\"}}', '{{}}', '[]', 1, {at}, {at}, '', '', 1, 'because', '', 1"),
    ("run",
     "id, alert_id, incident_id, role, subject, urgency, policy, position, state, started_at, drill",
     "'r' || i, 'a' || i, '', '', 'Disk almost full', 'high', '{{}}', 'null', CASE WHEN {on} THEN 'running' ELSE"
     " 'answered' END, {at}, 0"),
    ("callout",
     "id, run_id, alert_id, incident_id, role, person_id, kind, subject, reason, urgency, step, cycle, state,"
     " created_at, expires_at, acknowledged_via, note, created_by, drill, version",
     "'c' || i, 'r' || i, 'a' || i, '', '', 'p', 'callout', 'Disk almost full', 'on call', 'high', 0, 0,"
     " CASE WHEN {on} THEN 'waiting' ELSE 'acknowledged' END, {at}, {at} + 86400000000, '', '', '', 0, 1"),
    ("delivery",
     "id, key, cls, callout_id, alert_id, incident_id, message_id, person_id, contact_id, channel, address, body,"
     " drill, state, next_at, fence, attempts, node, error, created_at, finished_at",
     "'d' || i, 'c' || i || '/m', 'page', 'c' || i, 'a' || i, '', '', 'p', 'm', 'email', 'ana@example.com',"
     " '{{\"text\":\"Disk almost full\"}}', 0, 'sent', {at}, 1, 1, 'engine', '', {at}, {at}"),
    ("due",
     "id, kind, ref, due_at, state, data, attempts, created_at",
     "'t' || i, 'escalate', 'r' || i, CASE WHEN {on} THEN {now} + 300000000 ELSE {at} END,"
     " CASE WHEN {on} THEN 'waiting' ELSE 'done' END, '{{}}', 0, {at}"),
)  # fmt: skip
_ATTEMPT = (
    "INSERT INTO attempt (delivery_id, n, phase, fence, node, at, outcome, provider_id, detail) {numbers}"
    " SELECT 'd' || i, 1, {phase}, 1, 'engine', {at}, {outcome}, '', '' FROM n"
)


def fill(alerts: int = ALERTS, live: int = LIVE) -> None:
    """Into the store of this process, which must be empty and on SQLite."""
    from django.db import connection

    now = time.time_ns() // 1000
    at = _AT.format(now=now, alerts=alerts, every=EVERY_SECONDS)
    words = {"now": now, "at": at, "on": _ON.format(alerts=alerts, live=live)}
    numbers = _NUMBERS.format(alerts=alerts)
    with connection.cursor() as c:
        for pragma in ("synchronous = OFF", "cache_size = -400000", "foreign_keys = OFF"):
            c.execute(f"PRAGMA {pragma}")
        for table, columns, values in _TABLES:
            c.execute(f"INSERT INTO {table} ({columns}) {numbers} SELECT {values.format(**words)} FROM n")
        for phase, outcome in (("'started'", "''"), ("'ended'", "'accepted'")):
            c.execute(_ATTEMPT.format(numbers=numbers, phase=phase, at=at, outcome=outcome))
        c.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        c.execute("PRAGMA cache_size = -20000")


def measure(rounds: int = 5) -> dict[str, object]:
    """The first look on a cold connection, the median of the others by question, and how each is answered."""
    from datetime import UTC, datetime

    from django.db import connection

    from quarterdeck.app.health import audit
    from quarterdeck.app.health.audit_questions import MOST, QUESTIONS, Span

    connection.close()
    looks = [audit.ask_all(datetime.now(UTC)) for _ in range(rounds + 1)]
    span = Span(datetime.now(UTC), looks[0].attempt_id)
    plans = {}
    with connection.cursor() as c:
        for question in QUESTIONS:
            c.execute(f"EXPLAIN QUERY PLAN {question.sql}", [*question.values(span), MOST])
            plans[question.name] = [row[3] for row in c.fetchall()]
    return {
        "first": round(sum(looks[0].ms.values()), 1),
        "ms": {name: round(statistics.median(x.ms[name] for x in looks[1:]), 2) for name in looks[0].ms},
        "best": round(min(sum(x.ms.values()) for x in looks), 1),
        "worst": round(max(sum(x.ms.values()) for x in looks[1:]), 1),
        "findings": len(looks[0].found),
        "plans": plans,
    }


def main() -> None:
    """Fill and measure in this process; prints JSON with --json, else lines to read."""
    alerts = next((int(a) for a in sys.argv[1:] if a.isdigit()), ALERTS)
    from .prepare import open_store

    open_store()
    began = time.monotonic()
    fill(alerts, min(LIVE, alerts))
    filled = time.monotonic() - began
    told = measure()
    if "--json" in sys.argv:
        print(json.dumps(told))
        return
    print(f"{alerts} alerts, {min(LIVE, alerts)} of them live, filled in {filled:.0f} s")
    for name, ms in told["ms"].items():  # type: ignore[attr-defined]
        print(f"{ms:9.2f} ms  {name}")
        for line in told["plans"].get(name, ()):  # type: ignore[attr-defined]
            print(f"{'':14}{line}")
    print(
        f"first look {told['first']} ms, worst of the others {told['worst']} ms, {told['findings']} findings"
    )


def run(seconds: float = 0, rounds: int = 0) -> list[Row]:
    """One row of the table of benches."""
    with tempfile.TemporaryDirectory(prefix="qd-audit-") as folder:
        told = subprocess.run(
            [sys.executable, "-m", "bench.audit", "--json"],
            cwd=ROOT,
            env=os.environ | {"QUARTERDECK_DATA": folder},
            capture_output=True,
            text=True,
            check=True,
        )
        shutil.rmtree(folder, ignore_errors=True)
    found = json.loads(told.stdout.splitlines()[-1])
    total = sum(found["ms"].values())
    return [
        Row(
            f"Audit of {ALERTS:,} alerts, {LIVE:,} of them live",
            f"{total:.0f} ms (first {found['first']:.0f} ms)",
            goal=f"≤ {BUDGET_MS:.0f} ms",
        )
    ]


if __name__ == "__main__":
    main()
