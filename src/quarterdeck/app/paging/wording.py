"""What a callout says: service, severity, symptom, impact, four links and who else was called (R-012).

A fact that is not known says "unknown"; nothing is left out silently.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from quarterdeck.core.incidents.codename import outside
from quarterdeck.core.kernel import links
from quarterdeck.core.kernel.text import line
from quarterdeck.store import models

from ..comms.links import alert_url, incident_url
from ..executives import duty_brief
from .directory import About, Directory

UNKNOWN = "unknown"
# A storm names few links many times.
safe_url = lru_cache(maxsize=4_000)(links.safe_url)


def callout_body(
    callout: models.Callout,
    directory: Directory,
    together: Sequence[str],
    link: str,
    known: Mapping[str, str] | None = None,
    *,
    inside: bool = False,
) -> dict[str, Any]:
    """The body of a page as plain data: subject, text, facts in the order to show, link, thread.

    Of a restricted incident it says the codename, the role and the severity alone, unless it is shown `inside`, to a
    member who has logged in: screens are locked, read aloud and looked at by others (R-293).
    """
    alert = directory.alert(callout.alert_id)
    incident = incident_of(callout, alert)
    if incident is not None and incident.restricted and not inside:
        return _guarded(callout, incident, directory, link)
    names = ", ".join(directory.name(p) for p in together) or "nobody else"
    facts = [
        ("Service", _service(alert, incident)),
        ("Severity", _severity(alert, incident)),
        ("Symptom", (alert.summary if alert else incident.summary if incident else "") or callout.subject),
        (
            "Impact",
            (incident.customer_effect if incident else "")
            or (_detail(alert, "impact") if alert else UNKNOWN),
        ),
        ("Runbook", _runbook(alert) or _of_service(incident, "runbook_url")),
        ("Graphs", _graphs(alert) or _of_service(incident, "dashboard_url")),
        ("Chat", incident.chat_url if incident else ""),
        ("Call", incident.bridge_url if incident else ""),
        ("Also called", names),
        ("Why you", callout.reason),
    ]
    if incident and incident.contact_id:
        facts.append(("Contact", directory.name(incident.contact_id)))
    if incident and callout.role == duty_brief.ROLE:
        facts[-1:] = [*duty_brief.brief_facts(incident), facts[-1]]
    if callout.role:
        facts.insert(0, ("Role", callout.role.replace("_", " ")))
    if known:
        facts = [(label, known.get(label, value)) for label, value in facts]
    return {
        "subject": _subject(callout, incident),
        "text": callout.subject,
        "facts": [[label, line(value or UNKNOWN, 500)] for label, value in facts],
        "link": link,
        "thread": incident.id if incident else callout.alert_id,
        "open": incident_url(incident.id) if incident else alert_url(alert.id) if alert else "",
        "kind": "page",
        "urgency": callout.urgency,
        "recipient_name": directory.name(callout.person_id),
    }


def _guarded(
    callout: models.Callout, incident: models.IncidentRow, directory: Directory, link: str
) -> dict[str, Any]:
    role = callout.role.replace("_", " ")
    facts = [("Role", role)] if role else []
    facts += [("Severity", _severity(None, incident)), ("Restricted", "Log in to read what it is about.")]
    return {
        "subject": _subject(callout, incident),
        "text": _guarded_name(callout, incident),
        "facts": [list(fact) for fact in facts],
        "link": link,
        "thread": incident.id,
        "open": incident_url(incident.id),
        "kind": "page",
        "urgency": callout.urgency,
        "recipient_name": directory.name(callout.person_id),
    }


def _guarded_name(callout: models.Callout, incident: models.IncidentRow) -> str:
    """Number, codename, and the role that somebody is called for."""
    role = f": {callout.role.replace('_', ' ')}" if callout.role else ""
    return f"{incident.id} {outside(incident)}{role}"


def incident_of(callout: models.Callout, alert: About | None) -> models.IncidentRow | None:
    """What the callout is about. A restricted incident that its alert was put into is left out: whoever the alert calls
    need not be one of those who may know of it.
    """
    if callout.incident_id:
        return models.IncidentRow.objects.filter(id=callout.incident_id).first()
    if alert is None or not alert.incident_id:
        return None
    return models.IncidentRow.objects.filter(id=alert.incident_id, restricted=False).first()


def _subject(callout: models.Callout, incident: models.IncidentRow | None) -> str:
    prefix = "Heads-up" if callout.kind == "heads_up" else "Page"
    if incident is not None and incident.restricted:
        return line(f"[{prefix}] {_guarded_name(callout, incident)}", 200)
    named = incident is not None and callout.subject.startswith(incident.id)
    where = f"{incident.id} " if incident is not None and not named else ""
    return line(f"[{prefix}] {where}{callout.subject}", 200)


def _service(alert: About | None, incident: models.IncidentRow | None) -> str:
    if alert is not None and alert.service is not None:
        return alert.service.name
    if incident is not None and incident.services:
        names = models.Service.objects.filter(key__in=incident.services).values_list("name", flat=True)
        return ", ".join(names) or ", ".join(incident.services)
    return UNKNOWN


def _severity(alert: About | None, incident: models.IncidentRow | None) -> str:
    if incident is not None:
        return f"SEV{incident.severity}" + (" (not yet confirmed)" if incident.severity_unknown else "")
    return alert.severity if alert else UNKNOWN


def _detail(alert: About, name: str) -> str:
    return alert.details.get(name) or alert.labels.get(name) or UNKNOWN


def _runbook(alert: About | None) -> str:
    if alert is None:
        return ""
    named = [h for h, text in _links(alert) if _is_runbook(text)]
    found = safe_url(alert.details.get("runbook_url", "")) or safe_url(
        alert.service.runbook_url if alert.service else ""
    )
    return next(iter(named), found) or ""


def _graphs(alert: About | None) -> str:
    if alert is None:
        return ""
    hrefs = [h for h, text in _links(alert) if not _is_runbook(text)]
    if not hrefs and alert.service is not None and alert.service.dashboard_url:
        hrefs = [alert.service.dashboard_url]
    return hrefs[0] if hrefs else ""


def _of_service(incident: models.IncidentRow | None, field: str) -> str:
    """The first such link among the services of an incident, in its own order."""
    if incident is None or not incident.services:
        return ""
    known = dict(models.Service.objects.filter(key__in=incident.services).values_list("key", field))
    return next((link for key in incident.services if (link := safe_url(known.get(key, "")))), "")


def _links(alert: About) -> list[tuple[str, str]]:
    """Address and text of the links that the source sent; intake names a runbook by its text."""
    return [(h, x.get("text", "")) for x in alert.links if (h := safe_url(x.get("href", "")))]


def _is_runbook(text: str) -> bool:
    return "runbook" in text.lower()
