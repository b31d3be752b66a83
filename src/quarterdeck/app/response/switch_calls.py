"""What follows outside from a switch that moved: its tool is called, once for each step, and what the product itself
would have sent waits or goes on. Into the outbox in the transaction of the step: a crash neither loses nor repeats it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from quarterdeck.core.incidents import Incident, Stamped
from quarterdeck.core.incidents.emergency import HALT_REQUESTED, HALTED, RESUME_REQUESTED
from quarterdeck.core.incidents.events.emergency import SwitchEvent, SwitchLate
from quarterdeck.core.incidents.state import ENDED_PHASES
from quarterdeck.core.incidents.structure import Template
from quarterdeck.store import models
from quarterdeck.store.ids import new_id

from .. import due
from ..catalog.catalogue import current
from ..comms import links
from ..comms.links import incident_url

KEEP_TRYING = timedelta(days=2)
# While any of these stands, what hangs on the switch is not sent.
HOLDING = (HALT_REQUESTED, HALTED, RESUME_REQUESTED)
REPORT = "report"
LOOK_AGAIN = timedelta(minutes=15)


def follow(incident: Incident, template: Template, stamped: Stamped, now: datetime) -> None:
    """Call the tool of the switch that this event moved; the key is that of the event. A drill calls nobody."""
    event = stamped.event
    if not isinstance(event, SwitchEvent) or isinstance(event, SwitchLate):
        return
    switch = next((s for s in template.switches if s.key == event.switch), None)
    state = incident.emergency.switches[event.switch].state
    if switch is not None and switch.webhook:
        _call(incident, switch.webhook, stamped, state, now)
    if not incident.drill and state not in HOLDING:
        release(event.switch, now)


def _call(incident: Incident, url: str, stamped: Stamped, state: str, now: datetime) -> None:
    event = stamped.event
    assert isinstance(event, SwitchEvent)
    step = f"{incident.key}/{stamped.seq}"
    # Its own for each step, and always the same; the number of a restricted incident is nobody's business outside.
    key = f"switch/{links.token('switch', step)[:24] if incident.restricted else step}"
    about = {} if incident.restricted else {"incident": incident.key}
    models.Delivery.objects.get_or_create(
        key=key,
        defaults={
            "id": new_id(), "cls": "message", "channel": "webhook", "address": url, "incident_id": incident.key,
            "drill": incident.drill, "next_at": now, "not_after": now + KEEP_TRYING, "created_at": now,
            "body": {
                "subject": f"{event.title}: {state.replace('_', ' ')}", "text": "", "kind": "message", "urgency": "low",
                "link": "" if incident.restricted else incident_url(incident.key), "link_label": "Open",
                "thread": "" if incident.restricted else incident.key,
                "data": about | {"switch": event.switch, "state": state, "key": key},
            },
        },
    )  # fmt: skip


def holding(switch: str) -> str:
    """Why what hangs on this switch waits now, in words; "" where nothing halts it. A drill halts nothing."""
    if not switch:
        return ""
    rows = models.OperationsSwitchRow.objects.filter(key=switch, state__in=HOLDING)
    found = dict(rows.values_list("incident_id", "title"))
    if not found:
        return ""
    running = models.IncidentRow.objects.filter(id__in=found, drill=False).exclude(phase__in=ENDED_PHASES)
    first = running.order_by("number").values_list("id", flat=True).first()
    return f"{found[first]} stands still" if first else ""


def release(switch: str, now: datetime) -> None:
    """What waited for this switch is looked at again at once."""
    for plan in models.ReportPlan.objects.filter(switch=switch, stopped_at=None).exclude(held_at=None):
        due.rearm(REPORT, plan.id, now, now)


def choices() -> dict[str, str]:
    """Every switch of the structures in force, by key."""
    return {s.key: s.title for t in current().templates for s in t.switches}
