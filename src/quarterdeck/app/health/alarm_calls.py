"""Alarms that mean that paging itself is broken are told to people, not only shown: at most once an hour for each kind.

Whoever the default policy's first step stands for is told, and without such a person every administrator is.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Max

from quarterdeck.store import models, tx

from ..paging.callouts import Request, call
from ..paging.directory import Directory, default_policy, policy_from

# Kinds about one alert (unreachable, exhausted) and about the future (gap) are not among them: the escalation itself,
# which calls whoever commands and administrates in the end, and the bar above every page, tell those.
TOLD = (
    "engine-late",
    "channel-down",
    "clock",
    "audit",
    "expiry",
    "outside",
    "buddy",
    "limited",
    "breaker",
    "selftest",
    "no_policy",
    "paid",
)
AGAIN = timedelta(hours=1)
WORDS = {
    "engine-late": "Pages are late",
    "channel-down": "A channel does not work",
    "clock": "The clock jumped",
    "audit": "Paging broke a promise",
    "expiry": "A certificate ends soon",
    "outside": "The outside watch cannot be reached",
    "buddy": "The other installation cannot be watched",
    "limited": "A source sends more than it may",
    "breaker": "A channel does not answer",
    "selftest": "The self-test failed",
    "no_policy": "An alert pages nobody",
    "subscriber_codes": "Too many codes were asked for by text message",
    "paid": "The texts and calls of the day are used up",
}


def tell(now: datetime) -> list[models.Callout]:
    """Tell people what stands and was not told within the hour; returns what went into the outbox."""
    rows = models.Alarm.objects.filter(kind__in=TOLD, cleared_at=None, told_at=None).order_by("raised_at")
    fresh: dict[str, list[models.Alarm]] = {}
    for alarm in rows[:200]:
        fresh.setdefault(alarm.kind, []).append(alarm)
    made: list[models.Callout] = []
    for kind, found in fresh.items():
        last = models.Alarm.objects.filter(kind=kind).aggregate(at=Max("told_at"))["at"]
        if last is None or last <= now - AGAIN:
            made += _tell(kind, found, now)
    return made


def _tell(kind: str, found: list[models.Alarm], now: datetime) -> list[models.Callout]:
    more = f" ({len(found) - 1} more of this kind.)" if len(found) > 1 else ""
    with tx.write("engine", "web"):
        # Whoever marks the first one tells them all: another node has done so otherwise.
        marked = models.Alarm.objects.filter(id=found[0].id, told_at=None).update(told_at=now)
        if not marked:
            return []
        models.Alarm.objects.filter(id__in=[a.id for a in found]).update(told_at=now)
        directory = Directory(now)
        what = f"{found[0].text}{more}"
        known = (
            ("Service", settings.QUARTERDECK.name),
            ("Severity", "error"),
            ("Symptom", what),
            ("Impact", "Pages may be late or lost until it is mended."),
            ("Why you", "You look after this installation."),
        )
        return [
            call(
                Request(
                    person=person, subject=f"{settings.QUARTERDECK.name}: {WORDS[kind]}", kind="heads_up",
                    reason=what, expires_at=now + AGAIN, known=known, link_label="Open Health",
                    link=f"{settings.QUARTERDECK_PUBLIC_URL}/settings/health",
                ),
                directory,
            )
            for person in whom(directory)
        ]  # fmt: skip


def whom(directory: Directory) -> list[str]:
    """The people to tell, by id, each once; nobody who has no contact at all: that is an alarm of its own."""
    row = default_policy()
    steps = policy_from(row.definition).steps if row is not None else ()
    people = [p for t in (steps[0].targets if steps else ()) for p in directory.on_call(t).people]
    if not people:
        administrators = models.Person.objects.filter(role="administrator", is_active=True)
        people = list(administrators.order_by("id").values_list("id", flat=True))
    reachable = set(
        models.ContactMethod.objects.filter(person_id__in=people, disabled=False).values_list(
            "person_id", flat=True
        )
    )
    return [p for p in dict.fromkeys(people) if p in reachable]
