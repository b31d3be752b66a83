"""Services: what is watched, who owns it and whose policy calls. Audited, with before and after."""

from __future__ import annotations

import re
from typing import Any

from django.db.models import Model

from quarterdeck.core.kernel.links import safe_url
from quarterdeck.core.kernel.refused import Refused, bad, missing
from quarterdeck.core.kernel.text import counted, line
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from ..act import Act, need
from ..learning import notices
from ..upkeep import removals

KEY = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,58}[a-z0-9])?")
TIERS = range(1, 6)


def create(act: Act, key: str, name: str, **values: Any) -> models.Service:
    """A new service. `values` as in `update`."""
    need(act, "service.edit")
    name, tamed = named(name, "service"), {k: _tamed(k, v) for k, v in values.items() if v is not None}
    with tx.write("web", "engine"):
        free_key(models.Service, key, "service")
        row = models.Service.objects.create(id=new_id(), key=key, name=name, **tamed)
        told = {"service": row.id, "after": _told(row)}
        log.audit("ServiceCreated", told, at=act.at, actor=act.person)
    return row


def update(act: Act, key: str, **changes: Any) -> models.Service:
    """Change name, description, tier, team and policy (by key, "" for none), runbook_url, dashboard_url.

    Values left out or None stay as they are.
    """
    need(act, "service.edit")
    tamed = {k: _tamed(k, v) for k, v in changes.items() if v is not None}
    with tx.write("web", "engine"):
        service = find(key, lock=True)
        before = _told(service)
        for field, value in tamed.items():
            setattr(service, field, value)
        after = _told(service)
        if after != before:
            service.save(update_fields=list(tamed))
            changed = {k for k in after if after[k] != before[k]}
            told = {
                "service": service.id,
                "before": {k: before[k] for k in changed},
                "after": {k: after[k] for k in changed},
            }
            log.audit("ServiceChanged", told, at=act.at, actor=act.person)
            if "runbook_url" in changed and after["runbook_url"] and service.team:
                _runbook_moved(act, service)
    return find(key)


def _runbook_moved(act: Act, service: models.Service) -> None:
    """Whoever works on it looks for its runbook in another place from now on."""
    note = "Its runbook stands in another place now."
    words = notices.Words(
        "runbook", service.key, f"Runbook of {service.name}", note, f"/catalog/services/{service.key}"
    )
    notices.publish(
        act, words, notices.people(notices.Audience(teams=[service.team.key] if service.team else []))
    )


def delete(act: Act, key: str) -> str:
    """Take a service out of the catalog; its name. Refused while anything would lose it: the reason says what."""
    need(act, "service.edit")
    with tx.write("web", "engine"):
        row = find(key, lock=True)
        used = _used_by(row)
        if used:
            raise Refused(
                "service.in_use", f"{row.name} cannot be deleted: {used}. Change that first.", kind="conflict"
            )
        log.audit("ServiceDeleted", {"service": row.id, "before": _told(row)}, at=act.at, actor=act.person)
        name = row.name
        removals.note(act, "service", row.id, name, removals.as_data(row), row.team_id)
        row.delete()
    return name


def _used_by(row: models.Service) -> str:
    """The first thing that needs this service, in words; empty where nothing does."""
    alerts = models.Alert.objects.filter(service=row)
    live = alerts.exclude(status="resolved").count()
    if live:
        return f"{counted(live, 'alert is', 'alerts are')} still open for it"
    if alerts.exists():
        return "alerts of the past are about it, and their record must keep its name"
    source = (
        models.Integration.objects.filter(service=row, revoked_at=None).values_list("name", flat=True).first()
    )
    if source:
        return f"the integration {source} sends its alerts to it"
    component = row.components.values_list("name", flat=True).first()
    if component:
        return f"the component {component} of a status page stands for it"
    if row.vendors.exists() or row.continuity_plans.exists():
        return "it has suppliers or continuity plans"
    suffering = models.IncidentRow.objects.filter(is_open=True).values_list("services", flat=True)
    return "it suffers in an open incident" if any(row.key in keys for keys in suffering) else ""


def find(key: str, *, lock: bool = False) -> models.Service:
    """A service by key or id."""
    rows = models.Service.objects.select_for_update(of=("self",)) if lock else models.Service.objects
    rows = rows.select_related("team", "policy")
    found = rows.filter(key=key).first() or rows.filter(id=key).first()
    if found is None:
        raise missing("service.unknown", "There is no such service. Look it up in the list of services.")
    return found


def _tamed(field: str, value: Any) -> Any:
    match field:
        case "name":
            return named(value, "service")
        case "description":
            return line(value, 500)
        case "tier":
            if value not in TIERS:
                raise bad(
                    "service.tier", "A tier is a number from 1 (most important) to 5.", tier="out of range"
                )
            return value
        case "team":
            return _by_key(models.Team, value, "team")
        case "policy":
            return _by_key(models.EscalationPolicy, value, "policy")
        case "runbook_url" | "dashboard_url":
            return _link(field, value)
    raise bad("service.field", f"{field!r} of a service cannot be changed.", **{field: "not changeable"})


def _link(field: str, value: str) -> str:
    found = safe_url(value) if value else ""
    if found is None or found.startswith("mailto:"):
        raise bad(
            "link.scheme",
            "This is not a link that a browser opens. Start it with https://.",
            **{field: "not a link"},
        )
    return found


def _by_key(model: type[Model], key: str, what: str) -> Model | None:
    if not key:
        return None
    found = model._default_manager.filter(key=key).first()
    if found is None:
        raise bad(
            f"{what}.unknown",
            f"There is no {what} {key[:60]!r}. Choose one from the list.",
            **{what: "unknown"},
        )
    return found


def _told(service: models.Service) -> dict[str, Any]:
    return {
        "key": service.key,
        "name": service.name,
        "description": service.description,
        "tier": service.tier,
        "team": service.team.key if service.team else "",
        "policy": service.policy.key if service.policy else "",
        "runbook_url": service.runbook_url,
        "dashboard_url": service.dashboard_url,
    }


def named(name: str, what: str) -> str:
    """A name as one line. Refused when nothing is left of it."""
    told = line(name, 120)
    if not told:
        raise bad(f"{what}.name_missing", f"Give the {what} a name people recognise.", name="missing")
    return told


def free_key(model: type[Model], key: str, what: str) -> None:
    """Refuse a key that is not lower-case letters, digits, - and _, or is taken. Inside the transaction."""
    if not KEY.fullmatch(key):
        message = "A key has up to 60 lower-case letters, digits, - and _, such as card-payments."
        raise bad(f"{what}.key", message, key="not a key")
    tx.lock(f"key of a {what}")
    if model._default_manager.filter(key=key).exists():
        raise Refused(
            f"{what}.exists",
            f"There is a {what} {key} already. Choose another name or key.",
            fields={"key": "taken"},
        )
