"""What a store holds once the killing is over, as the invariants of paging see it. Runs inside `Installation.ask`."""

from __future__ import annotations

import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

SENDER = "pager@example.com"
SHORT, LONG = 0.15, 60  # minutes


def furnish(crowd: int = 0) -> dict[str, Any]:
    """People with mail addresses, two policies (one that soon has nobody left), an integration, an open incident.

    A `crowd` are so many people more, each called first for a service of their own (`crew-0` and on): pages for one
    contact are bundled, so many contacts are what makes many sends.
    """
    from quarterdeck.app.incidents import incidents
    from quarterdeck.app.people import keys
    from quarterdeck.core.incidents.declare import Declaration

    from .world import World

    world = World()
    world.now = datetime.now(UTC)
    world.person("ana", "administrator")
    for handle in ("ben", "cho"):
        world.person(handle)
    world.policy("default", ("ben", SHORT), ("cho", LONG))  # type: ignore[arg-type]
    world.service("short", world.policy("short", ("ben", SHORT)))  # type: ignore[arg-type]
    for n in range(crowd):
        for watch in ("early", "late"):
            world.person(f"{watch}{n}")
        steps = ((f"early{n}", SHORT), (f"late{n}", LONG))
        world.service(f"crew-{n}", world.policy(f"crew-{n}", *steps))  # type: ignore[arg-type]
    _, key = keys.create_integration(world.act("ana"), "Load", "any")
    _, api_key = keys.create_api_key(world.act("ana"), "Load", 2)
    case = incidents.declare(world.act("ana"), Declaration(title="Everything at once"))
    return {"key": key, "api_key": api_key, "incident": case.incident.key, "crowd": crowd}


def wait_until_quiet(seconds: float) -> dict[str, Any]:
    """Until nothing is under way: no body unread, no timer overdue, nothing to send, no attempt without an end."""
    from quarterdeck.store.journal_reader import JournalReader

    reader, end, began = JournalReader(), time.monotonic() + seconds, time.monotonic()
    while True:
        under_way = {"bodies": reader.lag()[0]} | _under_way(datetime.now(UTC))
        quiet = not any(under_way.values())
        if quiet or time.monotonic() > end:
            reader.close()
            return {"quiet": quiet, "seconds": round(time.monotonic() - began, 1), **under_way}
        time.sleep(0.25)


def _under_way(now: datetime) -> dict[str, int]:
    from quarterdeck.store import models

    late = now - timedelta(seconds=2)
    return {
        "timers": models.Due.objects.filter(state="waiting", due_at__lt=late).count(),
        "queued": models.Delivery.objects.filter(state="queued", next_at__lt=now).count(),
        "sending": models.Delivery.objects.filter(state="sending").count(),
    }


def collect(incident: str) -> dict[str, Any]:
    """Everything the assertions ask for, as plain data."""
    from quarterdeck.app.health import audit
    from quarterdeck.store import models

    alerts = list(models.Alert.objects.values_list("id", "summary", "status", "acknowledged_at"))
    texts = models.TimelineRow.objects.filter(incident_id=incident, kind="note")
    return {
        "alerts": Counter(summary for _, summary, _, _ in alerts),
        "resolved": [summary for _, summary, status, _ in alerts if status == "resolved"],
        "acknowledged": [i for i, _, status, at in alerts if at is not None and status != "open"],
        "statuses": Counter(status for _, _, status, _ in alerts),
        "texts": Counter(f"{row.title} {row.text}" for row in texts),
        "unwatched": _unwatched(),
        "deliveries": Counter(models.Delivery.objects.values_list("state", flat=True)),
        "too_many": _too_many(),
        "after_the_answer": _after_the_answer(),
        "mails": _mails(),
        "sends": _sends(),
        "unclear": _unclear(),
        "findings": [f"{f.invariant} {f.subject}: {f.text}" for f in audit.look(datetime.now(UTC))],
        "unparsed": models.Unparsed.objects.count(),
        "pages_twice": _pages_twice(),
        "broken_files": _broken_files(),
    }


def _unwatched() -> list[str]:
    """I9: open alerts without exactly one run that has one waiting timer, or is exhausted and says so."""
    from quarterdeck.store import models

    runs: dict[str, list[Any]] = {}
    for run in models.Run.objects.exclude(alert_id=""):
        runs.setdefault(run.alert_id, []).append(run)
    timers = Counter(
        models.Due.objects.filter(kind="escalate", state="waiting").values_list("ref", flat=True)
    )
    alarms = set(
        models.Alarm.objects.filter(kind="exhausted", cleared_at=None).values_list("subject", flat=True)
    )
    wrong = []
    for alert_id in models.Alert.objects.filter(status="open").values_list("id", flat=True):
        mine = runs.get(alert_id, [])
        states = [(r.state, timers[r.id], r.id in alarms) for r in mine]
        if states not in ([("running", 1, False)], [("exhausted", 0, True)]):
            wrong.append(f"{alert_id}: {states}")
    over = models.Run.objects.exclude(state="running").values_list("id", flat=True)
    return wrong + [f"run {i} is over and has a timer" for i in over if timers[i]]


def _attempts() -> dict[str, list[tuple[int, str, str, Any]]]:
    from quarterdeck.store import models

    found: dict[str, list[tuple[int, str, str, Any]]] = {}
    for row in models.Attempt.objects.order_by("id"):
        found.setdefault(row.delivery_id, []).append((row.fence, row.phase, row.outcome, row.at))
    return found


def _too_many() -> list[str]:
    """I4: accepted attempts of a delivery beyond one and its ambiguous ones, or more than four attempts."""
    wrong = []
    for delivery, rows in _attempts().items():
        started = sum(phase == "started" for _, phase, _, _ in rows)
        accepted = sum(outcome == "accepted" for _, _, outcome, _ in rows)
        if accepted > 1 or started > 4:
            wrong.append(f"{delivery}: {started} started, {accepted} accepted")
    return wrong


def _after_the_answer() -> list[str]:
    """I3: attempts begun more than five seconds after the acknowledgement of their alert."""
    from quarterdeck.store import models

    answered = dict(models.Alert.objects.exclude(acknowledged_at=None).values_list("id", "acknowledged_at"))
    owners = dict(models.Delivery.objects.filter(alert_id__in=answered).values_list("id", "alert_id"))
    return [
        delivery
        for delivery, rows in _attempts().items()
        for _, phase, _, at in rows
        if phase == "started"
        and delivery in owners
        and at > answered[owners[delivery]] + timedelta(seconds=5)
    ]


def _mails() -> dict[str, dict[str, Any]]:
    """By Message-ID: how the delivery ended and how many mails of it there may be at most, and must be at least.

    Pages that went out as one are one mail, that of the delivery which carried the others: its Message-ID is what they
    all have for the provider's id.
    """
    from quarterdeck.channels.mail_message import message_id
    from quarterdeck.store import models

    attempts = _attempts()
    taken = models.Attempt.objects.filter(outcome="accepted").values_list("provider_id", flat=True)
    handed_over = set(taken)
    found = {}
    for row in models.Delivery.objects.filter(channel="email").only("id", "key", "state"):
        mine = attempts.get(row.id, [])
        ended = {fence: outcome for fence, phase, outcome, _ in mine if phase == "ended"}
        unclear = sum(p == "started" and ended.get(f, "ambiguous") == "ambiguous" for f, p, _, _ in mine)
        accepted = sum(outcome == "accepted" for outcome in ended.values())
        name = message_id(row.key, SENDER.partition("@")[2])
        found[name] = {"state": row.state, "least": int(name in handed_over), "most": accepted + unclear}
    return found


def _sends() -> list[tuple[str, str]]:
    """Of each page about an alert that a provider took: the alert's summary and the provider's id."""
    from quarterdeck.store import models

    taken = dict(models.Attempt.objects.filter(outcome="accepted").values_list("delivery_id", "provider_id"))
    names = dict(models.Alert.objects.values_list("id", "summary"))
    rows = models.Delivery.objects.filter(id__in=taken).exclude(alert_id="").values_list("id", "alert_id")
    return [(names[alert], taken[delivery]) for delivery, alert in rows]


def _unclear() -> int:
    """Attempts that began and of which nobody knows how they ended."""
    from quarterdeck.store import models

    ended = set(models.Attempt.objects.filter(phase="ended").values_list("delivery_id", "fence"))
    began = models.Attempt.objects.filter(phase="started").values_list("delivery_id", "fence")
    lost = sum(place not in ended for place in began)
    return lost + models.Attempt.objects.filter(phase="ended", outcome="ambiguous").count()


def _pages_twice() -> list[str]:
    """A step of a run that called one person more than once."""
    from quarterdeck.store import models

    steps = models.Callout.objects.exclude(run_id="").values_list("run_id", "step", "cycle", "person_id")
    return [str(place) for place, n in Counter(steps).items() if n > 1]


def _broken_files() -> list[str]:
    """SQLite's own check of both files."""
    from django.conf import settings
    from django.db import connection

    if connection.vendor != "sqlite":
        return []
    import sqlite3

    wrong = []
    for name in ("quarterdeck.db", "journal.db"):
        with sqlite3.connect(settings.QUARTERDECK_DATA / name) as db:
            told = db.execute("PRAGMA integrity_check").fetchall()
        if told != [("ok",)]:
            wrong.append(f"{name}: {told[:5]}")
    return wrong
