"""What came of each source, written down once a second; and the alarm while one sends more than it may.

Never asked before an alert is accepted: each web process judges by itself, and says here afterwards what it did.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import F

from quarterdeck.core.kernel.moments import spoken
from quarterdeck.core.kernel.text import counted
from quarterdeck.store import models, tx

from ..health import alarms
from ..health.health_finding import Finding, ok, some, warning
from ..people import keys

KIND = "limited"
# How long nothing is refused before the alarm of a source ends.
CALM = timedelta(minutes=5)
DAY = timedelta(days=1)
# Accepted requests and alerts, refused requests and alerts.
Numbers = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Source:
    """The counts of one integration, since it was made."""

    integration: str
    name: str
    requests: int
    alerts: int
    refused_requests: int
    refused_alerts: int


def add(found: Mapping[str, Numbers], now: datetime) -> None:
    """Add what one web process counted, in one transaction."""
    if not found:
        return
    with tx.write():
        # In one order everywhere: two nodes would wait for each other otherwise.
        for integration in sorted(found):
            _add(integration, found[integration], now)


def _add(integration: str, numbers: Numbers, now: datetime) -> None:
    requests, alerts, refused_requests, refused_alerts = numbers
    row, _ = models.SourceCount.objects.select_for_update().get_or_create(integration_id=integration)
    rows = models.SourceCount.objects.filter(integration_id=integration)
    rows.update(
        requests=F("requests") + requests,
        alerts=F("alerts") + alerts,
        refused_requests=F("refused_requests") + refused_requests,
        refused_alerts=F("refused_alerts") + refused_alerts,
    )
    if refused_requests:
        rows.update(
            refused_since=row.refused_since or now,
            refused_at=now,
            refused_now=F("refused_now") + refused_requests,
        )


def watch(now: datetime) -> None:
    """Raise `limited` for each source that is refused requests, say how many there are by now, and end it when calm."""
    rows = list(models.SourceCount.objects.exclude(refused_since=None)[:200])
    if not rows:
        return
    over = [r for r in rows if r.refused_at is None or r.refused_at < now - CALM]
    names = _names([r.integration_id for r in rows])
    with tx.write("web"):
        for row in rows:
            if row in over:
                alarms.clear_alarm(KIND, row.integration_id, now)
            else:
                _say(row, names.get(row.integration_id, row.integration_id), now)
        calm = models.SourceCount.objects.filter(
            integration_id__in=[r.integration_id for r in over], refused_at__lt=now - CALM
        )
        calm.update(refused_since=None, refused_now=0)


def _say(row: models.SourceCount, name: str, now: datetime) -> None:
    were = "request was" if row.refused_now == 1 else "requests were"
    text = (
        f"{name} sends more than it may: {row.refused_now:,} {were} refused since "
        f"{(row.refused_since or now).astimezone(UTC):%d %b, %H:%M} UTC. Raise its limit, or quieten it."
    )
    if not alarms.raise_alarm(KIND, row.integration_id, text, now):
        standing = models.Alarm.objects.filter(kind=KIND, subject=row.integration_id, cleared_at=None)
        standing.exclude(text=text).update(text=text)


def of(integration: str) -> models.SourceCount | None:
    """The counts of one integration; None while nothing came."""
    return models.SourceCount.objects.filter(integration_id=integration).first()


def everything() -> list[Source]:
    """Every source anything came of, by name."""
    rows = list(models.SourceCount.objects.all()[:1000])
    names = _names([r.integration_id for r in rows])
    return sorted(
        (
            Source(
                r.integration_id, names[r.integration_id],
                r.requests, r.alerts, r.refused_requests, r.refused_alerts,
            )
            for r in rows if r.integration_id in names
        ),
        key=lambda s: (s.name, s.integration),
    )  # fmt: skip


def _names(integrations: Sequence[str]) -> dict[str, str]:
    return dict(keys.integrations().filter(id__in=integrations).values_list("id", "name"))


def look(now: datetime) -> Iterator[Finding]:
    """For Health. While a source is being refused, its alarm says so as well."""
    rows = list(models.SourceCount.objects.filter(refused_at__gt=now - DAY).order_by("-refused_at")[:50])
    if not rows:
        yield ok("sources", "Nothing was refused for being too much since yesterday.")
        return
    names = _names([r.integration_id for r in rows])
    who = [
        f"{names.get(r.integration_id, r.integration_id)} ({counted(r.refused_requests, 'request')} in all, the last "
        f"{spoken(now - r.refused_at)} ago)"
        for r in rows
        if r.refused_at is not None
    ]
    text = f"Refused since yesterday, because it was too much: {some(who)}."
    yield warning("sources", text, "Raise its limit under Catalog, Integrations, or quieten it.")
