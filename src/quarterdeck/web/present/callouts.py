"""Who was called, why, by what and what came of it: callouts with their deliveries and every attempt.

Addresses are not shown: a number or a private topic belongs to its owner alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from quarterdeck.app.paging import bundles, wording
from quarterdeck.app.paging.directory import Directory, policy_from
from quarterdeck.app.paging.escalations import KIND
from quarterdeck.app.visibility import visible_incidents
from quarterdeck.channels import channels
from quarterdeck.core.access import Who
from quarterdeck.core.escalation.conditions import Cause, why_not
from quarterdeck.core.incidents.codename import outside
from quarterdeck.core.kernel.links import safe_url
from quarterdeck.store import models

from .alerts import incident_link
from .alerts import severity as alert_severity
from .zoned import zoned

MOST_ATTEMPTS = 500
# Callout state -> (state mark, words)
_STATES = {
    "waiting": ("waiting", "Waits for an answer"),
    "acknowledged": ("acknowledged", "Acknowledged"),
    "cancelled": ("none", "Called off"),
    "unreachable": ("fault", "Not reached"),
    "informed": ("sent", "Informed"),
}
_DELIVERIES = {
    "queued": ("waiting", "Waits", "clock", ""),
    "sending": ("running", "Being sent", "send", ""),
    "sent": ("sent", "Sent", "send", ""),
    "failed": ("failed", "Failed", "octagonx", "red"),
    "cancelled": ("none", "Not sent", "minusc", ""),
}
_OUTCOMES = {
    "accepted": "Taken by the provider",
    "retry": "Will be tried again",
    "gave_up": "Refused",
    "ambiguous": "Unclear whether it arrived; tried again",
    "dropped": "Not sent in time; tried again",
    "delivered": "Arrived",
    "undelivered": "Did not arrive",
    "unanswered": "Rang without an answer",
}


def channel_name(kind: str) -> str:
    module = channels().get(kind)
    return str(module.NAME) if module else kind.capitalize()


def ledger(callouts: Sequence[models.Callout], viewer: str) -> list[dict[str, Any]]:
    """Each callout with its deliveries and their attempts, in the order given. Three queries for any number."""
    deliveries: dict[str, list[models.Delivery]] = {}
    for d in models.Delivery.objects.filter(callout_id__in=[c.id for c in callouts]).order_by(
        "created_at", "id"
    ):
        deliveries.setdefault(d.callout_id, []).append(d)
    ids = [d.id for ds in deliveries.values() for d in ds]
    attempts: dict[str, list[models.Attempt]] = {}
    for a in (
        models.Attempt.objects.filter(delivery_id__in=ids)
        .exclude(phase="started")
        .order_by("id")[:MOST_ATTEMPTS]
    ):
        attempts.setdefault(a.delivery_id, []).append(a)
    return [_line(c, deliveries.get(c.id, []), attempts, viewer) for c in callouts]


def _line(
    c: models.Callout,
    deliveries: list[models.Delivery],
    attempts: dict[str, list[models.Attempt]],
    viewer: str,
) -> dict[str, Any]:
    mark, words = _STATES.get(c.state, ("none", c.state))
    if c.kind == "heads_up" and c.state != "unreachable":
        words = "Informed, no answer needed"
    return {
        "id": c.id,
        "url": f"/callouts/{c.id}",
        "title": c.subject,
        "person": {"name": c.person.name, "me": c.person_id == viewer},
        "mine": c.person_id == viewer,
        "reason": c.reason,
        "step": _origin(c),
        "at": c.created_at,
        "mark": mark,
        "words": words + (f" {via(c.acknowledged_via)}" if c.acknowledged_at else ""),
        "answered_at": c.acknowledged_at,
        "note": zoned(c.note, c.created_at),
        "drill": c.drill,
        "tries": [_delivery(d, attempts.get(d.id, [])) for d in deliveries],
    }


def _origin(c: models.Callout) -> str:
    """Which step of an escalation it was, or who else had them called."""
    if not c.run_id:
        return "by hand" if c.created_by else "by Quarterdeck"
    return f"step {c.step + 1}" + (f", round {c.cycle + 1}" if c.cycle else "")


def via(door: str) -> str:
    return {
        "link": "by the link",
        "web": "here",
        "api": "by a program",
        "chat": "in chat",
        "sms": "by text message",
        "phone": "on the telephone",
        "push": "in the push app",
        "mail": "by mail",
        "cli": "on the server",
    }.get(door, "")


def _delivery(d: models.Delivery, attempts: list[models.Attempt]) -> dict[str, Any]:
    mark, words, icon, tone = _DELIVERIES.get(d.state, ("none", d.state, "dot", ""))
    steps = [
        {"at": a.at, "text": _OUTCOMES.get(a.outcome, a.outcome), "note": a.detail, "n": a.n}
        for a in attempts
    ]
    return {
        "channel": channel_name(d.channel),
        "state": mark,
        "words": words,
        "icon": icon,
        "tone": tone,
        "at": d.finished_at or d.next_at,
        "note": zoned(d.error, d.created_at),
        "attempts": steps if len(steps) > 1 or d.state == "failed" else [],
    }


def due_lines(callouts: Sequence[models.Callout]) -> list[dict[str, Any]]:
    """Short rows for a list of one's own callouts."""
    found = []
    for c in callouts:
        mark, words = _STATES.get(c.state, ("none", c.state))
        if c.kind == "heads_up" and c.state == "informed":
            words = "For information"
        found.append({
            "id": c.id, "url": f"/callouts/{c.id}", "title": c.subject, "reason": c.reason, "at": c.created_at,
            "waits": c.state == "waiting", "mark": mark, "words": words,
            "note": zoned(c.note, c.created_at), "drill": c.drill,
            "ack_url": f"/callouts/{c.id}/acknowledgement",
        })  # fmt: skip
    return found


def screen(callout: models.Callout, directory: Directory, url: str) -> dict[str, Any]:
    """The one screen behind the link: what, how bad, the facts to start with, who else, and what happens next."""
    alert = models.Alert.objects.select_related("service").filter(id=callout.alert_id).first()
    incident = wording.incident_of(callout, alert)
    at, to = _next_step(callout, directory)
    return {
        "id": callout.id,
        "title": callout.subject,
        "tab": f"{incident.id} {outside(incident)}" if incident and incident.restricted else callout.subject,
        "rank": incident.severity if incident else None,
        "level": alert_severity(alert.severity) if alert and not incident else None,
        "reason": callout.reason,
        "at": callout.created_at,
        "step": _origin(callout),
        "who": directory.name(callout.person_id),
        "facts": facts(callout, directory),
        "escalates_at": at,
        "escalates_to": to,
        "incident": incident_link(incident.id) | {"title": _named(incident, callout)} if incident else None,
        "alert_url": f"/alerts/{alert.id}" if alert else "",
        "url": url,
        "seen": callout.seen_at is not None,
        "drill": callout.drill,
        "role": callout.role.replace("_", " ").capitalize(),
    }


def _named(incident: models.IncidentRow, callout: models.Callout) -> str:
    return incident.title if _is_member(incident, callout) else outside(incident)


def _is_member(incident: models.IncidentRow, callout: models.Callout) -> bool:
    """Whether whoever was called may know of it: a page by hand makes nobody a member of a restricted incident."""
    who = Who(callout.person_id, frozenset({callout.person.role}))
    return not incident.restricted or visible_incidents(who).filter(id=incident.id).exists()


CARRIED_SHOWN = 200


def carried(callout: models.Callout, *, outside: bool = False) -> dict[str, Any]:
    """What went out on the same page and still waits: how many, and the first of them. `outside` as in `bundles`."""
    ids = bundles.carried_with(callout.id, outside=outside)
    rows = models.Callout.objects.filter(id__in=ids[:CARRIED_SHOWN]).order_by("-id")
    shown = [{"title": r.subject, "at": r.created_at, "url": f"/alerts/{r.alert_id}"} for r in rows]
    return {"count": len(ids), "all": len(ids) + 1, "shown": shown, "left": len(ids) - len(shown)}


def facts(callout: models.Callout, directory: Directory) -> list[dict[str, str]]:
    """What the message said (R-012), as things stand now; who else was called as it was then."""
    sent = models.Delivery.objects.filter(callout_id=callout.id).order_by("id").first()
    then = {k: v for k, v in (sent.body.get("facts", []) if sent else [])}
    about = wording.incident_of(callout, directory.alert(callout.alert_id))
    member = about is not None and about.restricted and _is_member(about, callout)
    body = wording.callout_body(callout, directory, (), "", inside=member)
    found = []
    for label, value in body["facts"]:
        if label in ("Why you", "Role"):
            continue
        value = then.get(label, "nobody else") if label == "Also called" else value
        found.append(
            {"label": label, "value": value, "href": safe_url(value) or "" if "://" in value else ""}
        )
    return found


def _next_step(callout: models.Callout, directory: Directory) -> tuple[datetime | None, str]:
    """When nobody answers: the moment of the next step and whom it calls."""
    if not callout.run_id:
        return None, ""
    timer = models.Due.objects.filter(kind=KIND, ref=callout.run_id, state="waiting").first()
    run = models.Run.objects.filter(id=callout.run_id, state="running").first()
    if timer is None or run is None or run.position is None:
        return None, ""
    policy = policy_from(run.policy)
    alert = directory.alert(run.alert_id)
    cause = Cause(alert.severity if alert else "", run.id)
    left = (
        policy.steps[run.position.get("step", 0) :] if run.position.get("cycle", 0) <= policy.repeats else ()
    )
    fits = (s for s in left if not why_not(s, cause, timer.due_at))
    step = next(fits, None)
    targets = step.targets if step else policy.catch_all
    names = ", ".join(directory.label(t) for t in targets[:3])
    return timer.due_at, names or "the next step"


def state_of(callout: models.Callout, alert: models.Alert | None, now: datetime) -> str:
    """open, acknowledged, late (somebody else has it), ended, informed or expired; open again when its alert is."""
    if callout.state == "acknowledged":
        back = alert is not None and alert.status == "open" and now < callout.expires_at
        return "open" if back else "acknowledged"
    if callout.kind == "heads_up":
        return "informed"
    if callout.state == "cancelled":
        return "ended" if alert is not None and alert.status == "resolved" else "late"
    return "expired" if callout.expires_at < now else "open"
