"""What would happen is what happens: the what-if against the engine, over random configurations and instants."""

from __future__ import annotations

import os
import random
import time
from datetime import datetime

import pytest

from quarterdeck.app import due, timers
from quarterdeck.app.paging import escalations
from quarterdeck.app.paging.directory import Directory
from quarterdeck.app.paging.escalation_preview import Asked, Firing, sequence
from quarterdeck.app.paging.escalations import Subject, urgency_of
from quarterdeck.core.kernel.text import line
from quarterdeck.store import database_clock, models, tx
from support.odd_policies import Organisation, Thought

# All of it takes minutes: a part of it runs with the other tests, as much as fits.
WHOLE, PART, AT_ONCE = 10_000, 400, 100
SECONDS = 25.0
LAST = "nobody has answered"


def foreseen(firings: tuple[Firing, ...]) -> tuple[list[object], list[object]]:
    """Whom the what-if calls when, by what and why; and what else it says. Who is called at one instant has no order."""
    calls = [
        (f.at, c.person.id, (c.step, c.cycle), line(c.reason, 500), c.urgency, bool(c.tries),
         sorted((t.channel, f.at + t.after) for t in c.tries))
        for f in firings
        for c in f.calls
    ]  # fmt: skip
    said = [(f.at, line(text, 600)) for f in firings for text in f.skipped]
    said += [(f.at, line(f.reason, 600)) for f in firings if f.last]
    return sorted(calls, key=repr), said


def happened(run: models.Run) -> tuple[list[object], list[object]]:
    tries: dict[str, list[tuple[str, datetime]]] = {}
    for d in models.Delivery.objects.filter(alert_id=run.alert_id):
        tries.setdefault(d.callout_id, []).append((d.channel, d.next_at))
    rows = models.Callout.objects.filter(run_id=run.id).order_by("id")
    calls = [
        (c.created_at, c.person_id, _step(c.reason, c.step, c.cycle), c.reason, c.urgency, c.state != "unreachable",
         sorted(tries.get(c.id, [])))
        for c in rows
    ]  # fmt: skip
    entries = models.AlertEntry.objects.filter(alert_id=run.alert_id, kind__in=("not_paged", "exhausted"))
    return sorted(calls, key=repr), [(e.at, e.text) for e in entries.order_by("id")]


def _step(reason: str, step: int, cycle: int) -> tuple[int, int]:
    """From 1 on. Whoever is called beyond the policy is called by no step of it."""
    return (0, 0) if reason.endswith(LAST) else (step + 1, cycle + 1)


def live_on() -> None:
    """Everything that falls due, many timers at one instant as one, as the engine fires them."""
    while (now := due.next_due()) is not None:
        with tx.write():
            rows = due.take(now, 500)
            directory = Directory(now)
            together = timers.together(rows)
            timers.fire_together(together, directory)
            for row in rows:
                if row not in together:
                    timers.fire(row, directory)
            due.finish_all(rows, now)


def differences(seed: int, count: int) -> list[str]:
    """Where the two do not agree, over so many alerts of one random organisation."""
    made = Organisation(random.Random(seed))
    thoughts = made.thoughts(count)
    with tx.write():
        runs = [_start(t) for t in thoughts]
    directory = Directory(made.start)
    wanted = [
        foreseen(sequence(t.policy, t.at, Asked(t.severity, run.id, t.incident), directory))
        for t, run in zip(thoughts, runs, strict=True)
    ]
    live_on()
    return [
        f"seed {seed}, {t.policy}, {t.at}, {t.severity}:\n{found}\n{expected}"
        for t, run, expected in zip(thoughts, runs, wanted, strict=True)
        if (found := happened(run)) != expected
    ]


def _start(thought: Thought) -> models.Run:
    subject = Subject("Disk full", urgency_of(thought.severity), thought.alert_id)
    return escalations.start(thought.policy, subject, thought.at)


def clear() -> None:
    """An empty store for the next organisation."""
    from django.db import connection

    with connection.cursor() as c:
        c.execute("PRAGMA foreign_keys = OFF")
        for table in (
            "callout", "delivery", "run", "due", "alert_entry", "alert", "alarm", "layer", "override", "schedule",
            "membership", "team", "notification_rule", "contact_method", "quiet_hours", "integration",
            "escalation_policy", "role_assignment", "incident", "person",
        ):  # fmt: skip
            c.execute(f"DELETE FROM {table}")
        c.execute("PRAGMA foreign_keys = ON")


@pytest.mark.timeout(3_600)
@pytest.mark.skipif("config.getoption('--db') == 'postgres'", reason="it empties SQLite's tables in between")
def test_the_engine_calls_exactly_whom_the_what_if_has_said(db: None) -> None:
    database_clock.told_by_caller()
    whole = bool(os.environ.get("QUARTERDECK_SOAK"))
    began, done, found = time.monotonic(), 0, []
    called = 0
    while done < (WHOLE if whole else PART) and not found:
        found += differences(done, AT_ONCE)
        called += models.Callout.objects.count()
        done += AT_ONCE
        clear()
        if not whole and time.monotonic() - began > SECONDS:
            break
    print(f"{done} configurations, {called} callouts, {len(found)} differences")
    assert found == [], found[0]
    assert called > done  # they do call people
