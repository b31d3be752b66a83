"""What alerts say about components: proposed to a person or published, never twice for one disturbance (R-046, R-192).

A timer a component asks `core.status.propose` again when an alert of its services opens or ends, and when the quiet
time after the last one is over. A person's word is never overruled.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from quarterdeck.core.kernel.refused import Refused, missing
from quarterdeck.core.kernel.text import line
from quarterdeck.core.status.propose import Firing, Proposal, Rule, Shown, propose
from quarterdeck.core.status.words import label
from quarterdeck.store import log, models, tx

from .. import due
from ..act import Act, need
from ..alerts.episodes import Episode
from ..comms.sending import set_component_states
from ..paging.directory import Directory
from . import page_rights

KIND = "component"


def look(alerts: Sequence[models.Alert | Episode], now: datetime) -> None:
    """Have the components of these alerts' services looked at, inside the caller's transaction."""
    services = {a.service_id for a in alerts if a.service_id}
    if not services:
        return
    rows = models.Component.objects.filter(services__in=services).exclude(rule="off").distinct()
    for component_id in rows.values_list("id", flat=True):
        due.rearm(KIND, component_id, now, now)


def changed(row: models.Component, now: datetime) -> None:
    """Its rule is another from now on, inside the caller's transaction: what the old one proposed is asked again.

    Switched off, nothing is proposed any more; what it published stays until a person says otherwise.
    """
    if row.rule == "off":
        due.disarm(KIND, [row.id], now)
        models.Component.objects.filter(id=row.id).update(
            proposed="", proposed_reason="", proposed_at=None, dismissed=""
        )
    else:
        due.rearm(KIND, row.id, now, now)


def fire(component_id: str, directory: Directory) -> None:
    """Ask the rule of one component, do what it says, and set the time to ask again."""
    now = directory.now
    row = models.Component.objects.filter(id=component_id).exclude(rule="off").first()
    if row is None:
        return
    hold = timedelta(seconds=row.hold_down_seconds)
    rule = Rule(row.id, hold_down=hold, publishes=row.rule == "publish")
    said = propose(rule, _shown(row), _firing(row, now - hold), now)
    _do(row, said, now)
    if said.wake_at is not None:
        due.rearm(KIND, component_id, max(said.wake_at, now + timedelta(seconds=1)), now)


def _shown(row: models.Component) -> Shown:
    plain: Any = row
    return Shown(plain.state, row.by_rule, plain.proposed or None, plain.dismissed or None)


def _firing(row: models.Component, since: datetime) -> list[Firing]:
    """Alerts of the component's services that run, or ended after `since`; silenced ones mean nothing."""
    live = ~Q(status="resolved") & ~Q(status="silenced")
    rows = models.Alert.objects.filter(service__components=row.id).filter(live | Q(resolved_at__gt=since))
    return [Firing(a.id, a.severity, a.first_seen_at, a.resolved_at) for a in rows.order_by("-id")[:500]]


def _do(row: models.Component, said: Proposal, now: datetime) -> None:
    values: dict[str, Any] = {}
    if said.action == "publish":
        set_component_states(
            {row.id: said.state}, "engine", "", now, said.reason, by_rule=said.state != "operational"
        )
    elif said.action == "propose":
        values = {"proposed": said.state, "proposed_reason": line(said.reason, 300), "proposed_at": now}
    elif said.action == "withdraw":
        values = {"proposed": "", "proposed_reason": "", "proposed_at": None}
    if said.wake_at is None and row.dismissed and not _firing(row, now):
        # Quiet again: what a person refused then says nothing about the next disturbance.
        values["dismissed"] = ""
    if values:
        models.Component.objects.filter(id=row.id).update(**values)


def pending() -> list[models.Component]:
    """Components whose alerts propose another state than the page shows."""
    return list(models.Component.objects.select_related("page").exclude(proposed="").order_by("proposed_at"))


def accept(act: Act, component_id: str, break_glass: str = "") -> models.Component:
    """Publish what the alerts propose. Refused when nothing is proposed any more.

    While an incident is told on the page, as `status_pages.set_state`.
    """
    need(act, "status.edit")
    with tx.write("engine", "web"):
        row = _proposed(component_id)
        state = row.proposed
        broken = page_rights.must_publish_of(act, [row], break_glass)
        why = line(" ".join(filter(None, (row.proposed_reason, broken))), 300)
        set_component_states({row.id: state}, act.person, "", act.at, why, by_rule=True)
        told = {"component": row.id, "state": state, "reason": row.proposed_reason}
        told |= {"broke_glass": broken} if broken else {}
        log.audit("ComponentProposalAccepted", told, at=act.at, actor=act.person)
    return row


def dismiss(act: Act, component_id: str) -> models.Component:
    """Keep the page as it is until the alerts have been quiet."""
    need(act, "status.edit")
    with tx.write("web"):
        row = _proposed(component_id)
        models.Component.objects.filter(id=row.id).update(
            dismissed=row.proposed, proposed="", proposed_reason="", proposed_at=None
        )
        told = {"component": row.id, "state": row.proposed}
        log.audit("ComponentProposalDismissed", told, at=act.at, actor=act.person)
    return row


def _proposed(component_id: str) -> models.Component:
    row = models.Component.objects.select_for_update().filter(id=component_id).first()
    if row is None:
        raise missing("component.unknown", "There is no such component. Reload the page.")
    if not row.proposed:
        raise Refused(
            "component.nothing_proposed",
            f"Nothing is proposed for {row.name} any more; it shows {label(row.state).lower()}.",
        )
    return row
