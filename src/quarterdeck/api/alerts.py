"""Alerts: the list, one with everything that was done about it, acknowledging and resolving."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from ninja import Query

from quarterdeck.app import search
from quarterdeck.app.alerts import alerts as acts
from quarterdeck.app.visibility import known_to
from quarterdeck.core.kernel.refused import missing
from quarterdeck.store import models

from .callouts import Callout, told
from .doors import Request
from .fields import Id, Line, LongLine, Moment, Named, Read, Word, Write
from .names import Names
from .operations import Noun
from .pages import Page, PageAsked, page

NOUN = Noun("Alerts", "/alerts")
MOST_ENTRIES = 1_000
State = Literal["open", "acknowledged", "resolved", "silenced"]


class Alert(Read):
    """One episode of one key. `reason` says why it is in this status; `service` is a key; `source_kind` who noticed:
    monitor, heartbeat, customer, employee.
    """

    id: str
    dedup_key: str
    summary: str
    status: State
    count: int
    severity: str
    service: str | None
    source: str
    source_kind: str
    labels: dict[str, str]
    first_seen_at: Moment
    last_seen_at: Moment
    acknowledged_at: Moment | None
    acknowledged_by: Named | None
    resolved_at: Moment | None
    resolved_by: Named | None
    incident: str | None
    reason: str


class AlertEntry(Read):
    """A line of an alert's story: opened, paged, why not, acknowledged, resolved."""

    at: Moment
    kind: str
    actor: Named | None
    text: str


class AlertHref(Read):
    href: str
    text: str


class AlertDetail(Alert):
    """With its story, and every callout with what became of each delivery."""

    details: dict[str, str]
    links: list[AlertHref]
    entries: list[AlertEntry]
    callouts: list[Callout]


class AlertsAsked(PageAsked):
    q: Line = ""
    status: State | Literal[""] = ""
    service: Word = ""


class ResolutionWrite(Write):
    reason: LongLine = ""


@NOUN.get("", "alert.read", Page[Alert])
def list_alerts(request: Request, asked: Query[AlertsAsked]) -> Page[Alert]:
    """Alerts, the newest first; `q` is looked for in key, summary and labels."""
    rows = search.alerts(asked.q, asked.status, asked.service)
    return page(asked, rows, ("-id",), lambda found: shaped(request, found))


@NOUN.get("/{alert}", "alert.read", AlertDetail)
def get_alert(request: Request, alert: Id) -> AlertDetail:
    """One alert with its story, its callouts and their deliveries."""
    row = _row(alert)
    entries = list(models.AlertEntry.objects.filter(alert_id=row.id).order_by("id")[:MOST_ENTRIES])
    names = request.names.load(e.actor for e in entries)
    return AlertDetail(
        **_plain(request, [row], names)[0],
        details={str(k): str(v) for k, v in row.details.items()},
        links=[AlertHref(href=x.get("href", ""), text=x.get("text", "")) for x in row.links],
        entries=[AlertEntry(at=e.at, kind=e.kind, actor=names.maybe(e.actor), text=e.text) for e in entries],
        callouts=told(request, list(search.callouts(request.act.who).filter(alert_id=row.id).order_by("id"))),
    )


@NOUN.put("/{alert}/acknowledgement", "alert.act", Alert)
def acknowledge_alert(request: Request, alert: Id) -> Alert:
    """Take an alert: paging stops."""
    acts.acknowledge(request.act, alert)
    return shaped(request, [_row(alert)])[0]


@NOUN.put("/{alert}/resolution", "alert.act", Alert)
def resolve_alert(request: Request, alert: Id, body: ResolutionWrite | None = None) -> Alert:
    """Close an alert by hand."""
    acts.resolve(request.act, alert, body.reason if body else "")
    return shaped(request, [_row(alert)])[0]


def _row(alert_id: str) -> models.Alert:
    found = models.Alert.objects.select_related("service").filter(id=alert_id).first()
    if found is None:
        raise missing("alert.unknown", "There is no such alert. Look it up in the list of alerts.")
    return found


def shaped(request: Request, rows: Sequence[models.Alert]) -> list[Alert]:
    """Alerts as they are answered; the id of an incident that is hidden from the caller is left out."""
    return [Alert(**values) for values in _plain(request, rows, request.names)]


def _plain(request: Request, rows: Sequence[models.Alert], names: Names) -> list[dict[str, Any]]:
    names.load(i for r in rows for i in (r.acknowledged_by, r.resolved_by))
    known = known_to(request.act.who, (r.incident_id for r in rows))
    sources = models.Integration.objects.filter(id__in={r.integration_id for r in rows})
    kinds = dict(sources.values_list("id", "source_kind"))
    return [
        {
            "id": r.id,
            "dedup_key": r.dedup_key,
            "summary": r.summary,
            "status": r.status,
            "count": r.count,
            "severity": r.severity,
            "source_kind": kinds.get(r.integration_id, "monitor"),
            "service": r.service.key if r.service else None,
            "source": r.source,
            "labels": {str(k): str(v) for k, v in r.labels.items()},
            "first_seen_at": r.first_seen_at,
            "last_seen_at": r.last_seen_at,
            "acknowledged_at": r.acknowledged_at,
            "acknowledged_by": names.maybe(r.acknowledged_by),
            "resolved_at": r.resolved_at,
            "resolved_by": names.maybe(r.resolved_by),
            "incident": r.incident_id if r.incident_id in known else None,
            "reason": r.reason,
        }
        for r in rows
    ]
