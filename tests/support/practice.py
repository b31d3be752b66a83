"""A drill that has been held: its incident through the product's own doors, its clock and script as a drill has them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from quarterdeck.app.drills import drill_scores
from quarterdeck.store import models, tx
from quarterdeck.store.ids import new_id
from support.rest import Organisation

SCRIPT = {
    "services": [],
    "steps": [
        {"key": "command", "role": "commander", "title": "Take command", "by_minute": 5, "sign": "command"},
        {"key": "tell", "role": "", "title": "Tell the public", "by_minute": 20, "sign": "public_update"},
        {"key": "calm", "role": "commander", "title": "Read tasks back", "by_minute": 20, "sign": ""},
    ],
}


def running(org: Organisation, facilitator: str = "root", **said: Any) -> models.Drill:
    """Declared by the facilitator just now and running; Ana is its technical lead."""
    incident = org.declare(facilitator, title="Checkout is down (practice)", drill=True, **said)
    if said.get("restricted"):
        given = {"person": org.id("ana"), "reason": "They are in it"}
        org.call(facilitator).put(f"/incidents/{incident}/roles/technical_lead/holder", given)
    taken = org.call("ana").put(
        f"/incidents/{incident}/roles/technical_lead/holder", {"person": org.id("ana")}
    )
    assert taken.status in (200, 201), taken.json
    row = models.IncidentRow.objects.get(id=incident)
    return models.Drill.objects.create(
        id=new_id(), title="Payments fail", kind="simulation", state="running", scenario="payment_provider",
        script=SCRIPT, restricted=row.restricted, scheduled_at=row.declared_at, started_at=row.declared_at,
        facilitator=org.id(facilitator), incident_id=incident, created_by=org.id(facilitator),
        created_at=row.declared_at, changed_at=row.declared_at,
    )  # fmt: skip


def over(drill: models.Drill, minutes: int = 60) -> models.Drill:
    """It ended so many minutes after its start."""
    drill.state, drill.ended_at = "ended", drill.started_at + timedelta(minutes=minutes)
    drill.save()
    with tx.write():
        drill_scores.keep(drill, drill.ended_at)
    return drill


def inject(drill: models.Drill, key: str = "press", minute: int = 1, **said: Any) -> models.DrillInject:
    """Fired at a minute."""
    told = {"title": "The press calls", "kind": "message", "state": "fired"} | said
    return models.DrillInject.objects.create(
        id=new_id(), drill=drill, key=key, at_minute=minute,
        fired_at=drill.started_at + timedelta(minutes=minute), **told,
    )  # fmt: skip
