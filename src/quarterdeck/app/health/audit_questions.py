"""The invariants of paging as questions to the live store, each one statement that an index answers. Reads only.

Literals stand where an index holds a part of a table only: with a parameter in their place it would not be used.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from quarterdeck.core.kernel.moments import from_micros, micros
from quarterdeck.store.journal_reader import JournalReader

from ..visibility import unless_restricted
from ..waiting_words import words

LATE = timedelta(seconds=60)
# A page is tried four times, 5, 10 and 20 s apart; what has not been accepted by then never will be.
TRIED = timedelta(seconds=150)
AGO = timedelta(hours=24)
ATTEMPTS_AT_ONCE = 20_000
MOST = 100


@dataclass(frozen=True, slots=True)
class Finding:
    """`invariant` is I2, I4, I7 or I9 of the reliability goals; `subject` is the row it is about."""

    invariant: str
    subject: str
    text: str
    mend: str = ""  # what re-arms it: run | alert | snooze


@dataclass(frozen=True, slots=True)
class Span:
    """What is asked about: everything as it is `now`, and the attempts after `attempt_id`."""

    now: datetime
    attempt_id: int = 0

    def before(self, age: timedelta) -> int:
        return micros(self.now - age)


@dataclass(frozen=True, slots=True)
class Question:
    """`tell` makes a finding of a row. `held`: not asked while somebody holds the engine; then it must be so."""

    name: str
    sql: str
    values: Callable[[Span], Sequence[int]]
    tell: Callable[[Sequence[Any]], Finding]
    held: bool = False


def ask(question: Question, span: Span) -> list[Finding]:
    """The first hundred rows that break it."""
    with connection.cursor() as c:
        c.execute(question.sql, [*question.values(span), MOST])
        return [question.tell(row) for row in c.fetchall()]


def last_attempt() -> int:
    """The id of the newest attempt."""
    with connection.cursor() as c:
        c.execute("SELECT max(id) FROM attempt")
        return int(c.fetchone()[0] or 0)


def journal(span: Span) -> list[Finding]:
    """I7 for accepted bodies, which on SQLite lie in a file of their own."""
    reader = JournalReader()
    count, oldest = reader.lag()
    reader.close()
    if oldest is None or oldest >= span.now - LATE:
        return []
    text = f"{count} accepted bodies wait for the engine, the oldest since {oldest:%H:%M:%S} UTC."
    return [Finding("I7", "journal", text)]


def _clock(value: int) -> str:
    return f"{from_micros(value):%H:%M:%S} UTC"


_LATE_PAGES = Question(
    "late pages",
    "SELECT id, channel, next_at FROM delivery WHERE state = 'queued' AND cls = 'page' AND next_at < %s"
    " ORDER BY next_at LIMIT %s",
    lambda s: [s.before(LATE)],
    lambda r: Finding("I7", r[0], f"A page by {r[1]} has been waiting since {_clock(r[2])}."),
    held=True,
)

_STUCK = Question(
    "stuck sends",
    "SELECT id, channel, lease_until FROM delivery WHERE state = 'sending' AND lease_until < %s"
    " ORDER BY lease_until LIMIT %s",
    lambda s: [s.before(LATE)],
    lambda r: Finding(
        "I7", r[0], f"A delivery by {r[1]} was claimed by a process that is lost, until {_clock(r[2])}."
    ),
)

_LATE_TIMERS = Question(
    "late timers",
    "SELECT id, kind, due_at FROM due WHERE state = 'waiting' AND due_at < %s ORDER BY due_at LIMIT %s",
    lambda s: [s.before(LATE)],
    lambda r: Finding("I7", r[0], f"A timer ({words(r[1])}) was due at {_clock(r[2])} and has not fired."),
    held=True,
)

_UNWATCHED_RUNS = Question(
    "runs without a timer",
    "SELECT id, subject, incident_id FROM run WHERE state = 'running' AND started_at < %s AND NOT EXISTS"
    " (SELECT 1 FROM due WHERE due.kind = 'escalate' AND due.ref = run.id AND due.state = 'waiting')"
    " ORDER BY started_at LIMIT %s",
    lambda s: [s.before(LATE)],
    lambda r: Finding(
        "I9", r[0], f"The escalation of “{unless_restricted(r[1], r[2])}” has no timer.", "run"
    ),
)

_TWICE = Question(
    "runs with two timers",
    "SELECT ref, count(*) FROM due WHERE state = 'waiting' AND kind = 'escalate' AND due_at > %s"
    " GROUP BY ref HAVING count(*) > 1 LIMIT %s",
    lambda s: [0],
    lambda r: Finding("I9", r[0], f"An escalation has {r[1]} timers: people may be called twice."),
)

_QUIET_END = Question(
    "exhausted without an alarm",
    "SELECT id, subject, incident_id FROM run WHERE state = 'exhausted' AND ended_at < %s AND NOT EXISTS"
    " (SELECT 1 FROM alarm WHERE alarm.kind = 'exhausted' AND alarm.subject = run.id AND alarm.cleared_at IS NULL)"
    " ORDER BY ended_at LIMIT %s",
    lambda s: [s.before(LATE)],
    lambda r: Finding(
        "I9", r[0], f"Nobody has answered for “{unless_restricted(r[1], r[2])}”, and no alarm says so."
    ),
)

_UNWATCHED_ALERTS = Question(
    "alerts without a run",
    "SELECT id, summary, incident_id FROM alert WHERE status = 'open' AND paged AND last_seen_at < %s AND NOT EXISTS"
    " (SELECT 1 FROM run WHERE run.alert_id = alert.id AND run.state IN ('running', 'exhausted'))"
    " AND NOT EXISTS (SELECT 1 FROM alarm WHERE alarm.kind = 'no_policy' AND alarm.subject = alert.id"
    " AND alarm.cleared_at IS NULL) LIMIT %s",
    lambda s: [s.before(LATE)],
    lambda r: Finding("I9", r[0], f"Nobody is being called for “{unless_restricted(r[1], r[2])}”.", "alert"),
)

# Whoever is snoozed counts as acknowledged: its timer alone brings the page back.
_UNWATCHED_SLEEP = Question(
    "snoozes without a timer",
    "SELECT id, alert_id FROM snooze WHERE ended_at IS NULL AND until > 0 AND created_at < %s AND NOT EXISTS"
    " (SELECT 1 FROM due WHERE due.kind = 'snooze' AND due.ref = snooze.id AND due.state = 'waiting')"
    " ORDER BY until LIMIT %s",
    lambda s: [s.before(LATE)],
    lambda r: Finding("I9", r[0], f"The alert {r[1]} is snoozed, and no timer wakes it.", "snooze"),
)

_SILENT_PAGES = Question(
    "pages that reached nobody",
    "SELECT id, subject, incident_id FROM callout WHERE state = 'waiting' AND created_at > %s AND created_at < %s"
    " AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.callout_id = callout.id"
    " AND (d.state IN ('queued', 'sending') OR EXISTS (SELECT 1 FROM attempt a"
    " WHERE a.delivery_id = d.id AND a.phase = 'ended' AND a.outcome = 'accepted')))"
    " AND NOT EXISTS (SELECT 1 FROM alarm m WHERE m.kind = 'unreachable' AND m.cleared_at IS NULL"
    " AND m.subject IN (callout.id, callout.run_id)) LIMIT %s",
    lambda s: [s.before(AGO), s.before(TRIED)],
    lambda r: Finding(
        "I2", r[0], f"A page for “{unless_restricted(r[1], r[2])}” reached nobody, and no alarm says so."
    ),
)

# No attempt starts more than 5 s after a recorded success. A start without an end was lost with its process: it may
# have arrived, so it counts as unclear.
_TOO_OFTEN = Question(
    "too many attempts",
    "SELECT delivery_id, sum(CASE WHEN outcome = 'accepted' THEN 1 ELSE 0 END),"
    " sum(CASE WHEN phase = 'started' THEN 1 ELSE 0 END) FROM attempt"
    " WHERE delivery_id IN (SELECT delivery_id FROM attempt WHERE id > %s) GROUP BY delivery_id HAVING"
    " sum(CASE WHEN outcome = 'accepted' THEN 1 ELSE 0 END) >"
    " 1 + sum(CASE WHEN outcome = 'ambiguous' THEN 1 WHEN phase = 'started' THEN 1 ELSE 0 END)"
    " - sum(CASE WHEN phase = 'ended' THEN 1 ELSE 0 END)"
    " OR max(CASE WHEN phase = 'started' THEN at ELSE 0 END) >"
    " min(CASE WHEN outcome = 'accepted' THEN at END) + 5000000"
    " OR (sum(CASE WHEN phase = 'started' THEN 1 ELSE 0 END) > 4"
    " AND (SELECT cls FROM delivery WHERE delivery.id = attempt.delivery_id) = 'page') LIMIT %s",
    lambda s: [s.attempt_id],
    lambda r: Finding("I4", r[0], f"One page was tried {r[2]} times and accepted {r[1]} times."),
)

QUESTIONS = (
    _LATE_PAGES,
    _STUCK,
    _LATE_TIMERS,
    _UNWATCHED_RUNS,
    _TWICE,
    _QUIET_END,
    _UNWATCHED_ALERTS,
    _UNWATCHED_SLEEP,
    _SILENT_PAGES,
    _TOO_OFTEN,
)
