"""Alerts as the console and their own page show them: state, severity, why they paged or did not, what they share.

Only reads. Text of the senders leaves here as plain text; links only through `safe_url`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Count

from quarterdeck.app.alerts import snooze_rows
from quarterdeck.app.paging.directory import Directory
from quarterdeck.app.visibility import known_to
from quarterdeck.core.access import Who
from quarterdeck.core.kernel.links import safe_url
from quarterdeck.core.kernel.text import counted
from quarterdeck.store import models

from .paging import href
from .zoned import zoned

# Words of the senders, most severe first: tone, icon, label.
SEVERITIES = {
    "critical": ("red", "octagonx", "Critical"),
    "error": ("orange", "triangle", "Error"),
    "warning": ("amber", "diamond", "Warning"),
    "info": ("blue", "info", "Info"),
}
STATES = {"open": "firing", "acknowledged": "acknowledged", "silenced": "silenced", "resolved": "ended"}
STORM = 100  # so many open alerts are looked at for what they share, not one by one
LOOKED_AT = 1_000
ENTRIES = 200
# Labels by which senders name the service they mean, in the order of trust.
NAMES_OF_SERVICES = ("service", "svc", "app")
_SAID = {
    "opened": ("bell", "Received", ""),
    "open": ("bell", "Fires again", "red"),
    "paging": ("phone", "Paging started", ""),
    "paged": ("phone", "Paged", ""),
    "not_paged": ("belloff", "Not paged", "amber"),
    "silenced": ("belloff", "Silenced", ""),
    "acknowledged": ("eye", "Acknowledged", "green"),
    "passed_on": ("phone", "Passed on", ""),
    "snoozed": ("clock", "Snoozed", "green"),
    "reassigned": ("phone", "Passed on", ""),
    "unreachable": ("octagonx", "Not reached", "red"),
    "exhausted": ("octagonx", "Nobody answered", "red"),
    "resolved": ("checkc", "Ended", "green"),
}


def severity(word: str) -> dict[str, str]:
    tone, icon, label = SEVERITIES.get(word, ("", "dot", word.capitalize() or "No severity"))
    return {"tone": tone, "icon": icon, "label": label}


def name_of(alert: models.Alert) -> str:
    """What the alert is called: the name its sender gave it, else its summary."""
    return str(alert.labels.get("alertname") or "")[:120] or alert.summary


def shown(rows: Sequence[models.Alert], who: Who) -> list[dict[str, Any]]:
    """Rows of a list. The id of an incident that is hidden from `who` is left out."""
    known = known_to(who, (r.incident_id for r in rows))
    told = _paging(rows)
    asleep = snooze_rows.standing(r.id for r in rows if r.status == "acknowledged")
    return [
        {
            "id": r.id,
            "url": f"/alerts/{r.id}",
            "name": name_of(r),
            "summary": r.summary if name_of(r) != r.summary else "",
            "state": STATES.get(r.status, r.status),
            "level": severity(r.severity),
            "service": r.service.name if r.service else "",
            "source": r.source,
            "count": r.count,
            "first_at": r.first_seen_at,
            "last_at": r.last_seen_at,
            "paged": r.paged,
            "reason": zoned(
                r.reason if r.status in ("silenced", "resolved") else told.get(r.id, r.reason), r.last_seen_at
            ),
            "incident": incident_link(r.incident_id) if r.incident_id in known else None,
            "snooze": _snooze(asleep[r.id]) if r.id in asleep else None,
        }
        for r in rows
    ]


def _snooze(row: models.Snooze) -> dict[str, Any]:
    """Until when nobody is called; `asked` where somebody wanted it so, not the policy."""
    return {"until": row.until, "asked": row.kind == snooze_rows.SNOOZE, "reason": row.reason}


def _paging(rows: Sequence[models.Alert]) -> dict[str, str]:
    """Alert → the last thing said about paging for it: who was paged and why, or why nobody was."""
    said = ("paged", "not_paged", "exhausted", "unreachable", "acknowledged", "snoozed", "reassigned")
    entries = models.AlertEntry.objects.filter(alert_id__in=[r.id for r in rows], kind__in=said)
    found: dict[str, str] = {}
    for alert_id, text in entries.order_by("-id").values_list("alert_id", "text")[:LOOKED_AT]:
        found.setdefault(alert_id, text)
    return found


def incident_link(incident_id: str) -> dict[str, str]:
    return {"id": incident_id, "url": f"/incidents/{incident_id}"}


def groups(alerts: list[dict[str, Any]], totals: dict[str, int]) -> list[dict[str, Any]]:
    """The alerts of one page by service, in the order in which each service first appears."""
    found: dict[str, dict[str, Any]] = {}
    for alert in alerts:
        service = alert["service"]
        if service not in found:
            total = totals.get(service, 0)
            note = counted(total, "alert") if total else ""
            found[service] = {"key": service, "title": service or "No service", "note": note, "alerts": []}
        found[service]["alerts"].append(alert)
    return list(found.values())


def totals(rows: Any) -> dict[str, int]:
    """How many of these alerts each service has, by its name ("" without one)."""
    found = rows.order_by().values_list("service__name").annotate(n=Count("pk"))
    return {name or "": n for name, n in found}


def storm(open_alerts: int) -> dict[str, Any] | None:
    """What many open alerts have in common, from the labels of the newest; None while there are few."""
    if open_alerts < STORM:
        return None
    newest = (
        models.Alert.objects.filter(status="open")
        .order_by("-id")
        .values_list("labels", flat=True)[:LOOKED_AT]
    )
    pairs: Counter[tuple[str, str]] = Counter()
    looked = 0
    for labels in newest:
        looked += 1
        pairs.update((str(k), str(v)) for k, v in labels.items() if len(str(v)) <= 100)
    shared = [(pair, n) for pair, n in pairs.most_common(40) if pair[0] != "severity" and n >= looked * 0.2]
    return {
        "title": f"{open_alerts} alerts fire at once",
        "text": f"What the newest {looked} share, the most common first: the cause is often here.",
        "total": looked,
        "groups": [
            {"label": k, "value": v, "count": n, "href": href("/alerts", {"q": v})}
            for (k, v), n in shared[:6]
        ],
    }


def one(alert: models.Alert, who: Who, directory: Directory) -> dict[str, Any]:
    """One alert with its facts, labels and links."""
    service = alert.service
    base = shown([alert], who)[0]
    acknowledged = {"who": _by(alert.acknowledged_by, directory), "at": alert.acknowledged_at}
    integration = alert.integration
    return base | {
        "source": {"name": integration.name, "href": f"/catalog/integrations/{integration.id}"},
        "from": alert.source,
        "service": {"name": service.name, "href": f"/catalog/services/{service.key}"} if service else None,
        "team": service.team.name if service and service.team else "",
        "key": alert.dedup_key,
        "ended_at": alert.resolved_at,
        "ended_by": _by(alert.resolved_by, directory) if alert.resolved_at else "",
        "ack": acknowledged if alert.acknowledged_at else None,
        "links": links(alert),
        "labels": sorted((str(k), str(v)) for k, v in alert.labels.items())[:100],
        "details": sorted((str(k), str(v)) for k, v in alert.details.items())[:50],
        "unmatched": _unmatched(alert),
        "no_policy": _no_policy(alert),
        "may_ack": alert.status in ("open", "silenced"),
        "may_resolve": alert.status != "resolved",
        "may_pass": alert.status in ("open", "acknowledged"),
    }


def _unmatched(alert: models.Alert) -> str:
    """The service an open alert names, where no service has that key."""
    if alert.service or alert.status == "resolved":
        return ""
    named = (str(alert.labels.get(label) or "") for label in NAMES_OF_SERVICES)
    return next((name[:60] for name in named if name), "")


def _no_policy(alert: models.Alert) -> bool:
    """Whether nobody is called for it because there was no policy when it came."""
    return models.Alarm.objects.filter(kind="no_policy", subject=alert.id, cleared_at=None).exists()


def links(alert: models.Alert) -> list[dict[str, str]]:
    """Links out of the alert and of its service that a browser may open; others are not shown as links."""
    found = [(str(x.get("text") or x.get("href") or ""), str(x.get("href") or "")) for x in alert.links[:20]]
    found.append(("Runbook", str(alert.details.get("runbook_url") or "")))
    if alert.service:
        found += [("Runbook", alert.service.runbook_url), ("Dashboard", alert.service.dashboard_url)]
    safe = {}
    for label, address in found:
        if address and (url := safe_url(address)):
            safe.setdefault(url, label or url)
    return [{"href": url, "label": label[:120]} for url, label in safe.items()]


def story(alert_id: str, directory: Directory) -> list[dict[str, Any]]:
    """Every decision about the alert with its reason, oldest first; at most the last `ENTRIES`."""
    rows = list(models.AlertEntry.objects.filter(alert_id=alert_id).order_by("-id")[:ENTRIES])
    directory.load_people(people_of(rows))
    return [_entry(row) for row in reversed(rows)]


def people_of(rows: Iterable[models.AlertEntry]) -> set[str]:
    return {r.actor for r in rows if r.actor and r.actor not in ("engine", "system", "source")}


def _entry(row: models.AlertEntry) -> dict[str, Any]:
    icon, title, tone = _SAID.get(row.kind, ("dot", row.kind.replace("_", " ").capitalize(), ""))
    text = zoned(row.text, row.at).removeprefix(f"{title}: ")
    return {"at": row.at, "icon": icon, "title": title, "text": text[:1].upper() + text[1:], "tone": tone}


def _by(actor: str, directory: Directory) -> str:
    if actor == "source":
        return "the source"
    return "Quarterdeck" if actor == "engine" else directory.name(actor)
