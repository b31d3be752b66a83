"""Declaring incidents, and every command on their course: severity, type, facts, phases, resolve, close."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db.models import Max

from quarterdeck.core.incidents import Incident, assess, phases
from quarterdeck.core.incidents.declare import AlertRef, Declaration, template_for, with_procedure
from quarterdeck.core.incidents.declare import declare as decide_declaration
from quarterdeck.core.incidents.eligibility import account_allows
from quarterdeck.core.incidents.own_roles import effective
from quarterdeck.core.incidents.state import COMMANDER
from quarterdeck.core.kernel.text import clean, line
from quarterdeck.store import codec, log, models, tx
from quarterdeck.store.ids import new_id

from .. import casebook
from ..act import Act
from ..casebook import Case
from ..catalog.catalogue import current
from ..chat import standing_channels
from ..desk import inquiry_follow_ups
from ..response.business_rules import rules
from . import codenames, command, pins


def declare(act: Act, said: Declaration, *, alert_ids: tuple[str, ...] = (), token: str = "") -> Case:
    """Declare an incident: record, commander, clocks, callouts, all in one transaction.

    `token` makes a retry safe: the same actor and token get the incident that was declared first.
    """
    with tx.write("engine", "web"):
        tx.lock("incident-number")
        known = models.Idempotency.objects.filter(actor=act.person, token=token).first() if token else None
        if known is not None:
            return casebook.load(known.result, act.who)
        said = _tamed(said, alert_ids)
        catalog = current()
        number = _next_number()
        template = replace(template_for(catalog, said), rates=rules().rates)
        said = standing_channels.with_standing(said, template.key)
        events = decide_declaration(
            catalog,
            said,
            act.who,
            number=number,
            assignment_id=new_id(),
            at=act.at,
            elsewhere=_elsewhere(act, said),
            codenames=codenames.taken(),
        )
        incident_id = f"INC-{number}"
        models.TemplatePin.objects.create(
            incident_id=incident_id, template=codec.encode_template(template), pinned_at=act.at
        )
        case = casebook.append(act, Case(Incident(), template), incident_id, events)
        if token:
            models.Idempotency.objects.create(
                id=new_id(), actor=act.person, token=token, result=incident_id, at=act.at
            )
        return case


def _next_number() -> int:
    """Numbers are never given twice, not even that of an incident that was removed after its time."""
    tables = (models.IncidentRow, models.PurgedIncident)
    return max(t._default_manager.aggregate(last=Max("number"))["last"] or 0 for t in tables) + 1


def _elsewhere(act: Act, said: Declaration) -> str:
    """The other incident that the commander-to-be holds. Somebody else who is named must be able to command."""
    if said.commander and said.commander != act.person:
        account_allows(command.who(said.commander), COMMANDER)
    if act.who.is_machine:
        return ""  # the product declares when nobody else does: nothing stands in its way
    return command.elsewhere_for(act, said.commander or act.person)


def _tamed(said: Declaration, alert_ids: tuple[str, ...]) -> Declaration:
    """Text from outside made safe, and the alerts looked up."""
    # Locked: nobody puts one of them into another incident meanwhile.
    found = models.Alert.objects.select_for_update(of=("self",)).filter(id__in=alert_ids, incident_id="")
    rows = list(found.select_related("service").order_by("id"))
    alerts = tuple(AlertRef(a.id, a.summary, a.dedup_key) for a in rows)
    services = dict.fromkeys([*said.services, *(a.service.key for a in rows if a.service)])
    known = models.Service.objects.filter(key__in=services).values_list("key", flat=True)
    return Declaration(
        title=line(said.title, 200),
        type=said.type,
        severity=said.severity,
        impact=said.impact,
        urgency=said.urgency,
        scope=said.scope,
        services=tuple(s for s in services if s in set(known)),
        summary=clean(said.summary, 4000),
        customer_effect=clean(said.customer_effect, 1000),
        template=said.template,
        drill=said.drill,
        restricted=said.restricted,
        codename=line(said.codename, 200),
        source=said.source,
        bridge_url=line(said.bridge_url, 2000),
        chat_url=line(said.chat_url, 2000),
        alerts=alerts,
        commander=said.commander,
        both_reason=line(said.both_reason, 300),
        drill_kind=said.drill_kind,
    )


def set_title(act: Act, incident_id: str, title: str) -> Case:
    return casebook.change(
        act, incident_id, lambda i, t: assess.set_title(i, t, act.who, title=line(title, 200))
    )


def set_severity(
    act: Act,
    incident_id: str,
    severity: int,
    reason: str,
    *,
    impact: str = "",
    urgency: str = "",
    scope: str = "",
) -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: assess.set_severity(
            i, t, current(), act.who, severity=severity, impact=impact, urgency=urgency, scope=scope,
            reason=line(reason, 500), at=act.at,
        ),
    )  # fmt: skip


@tx.again
def set_type(act: Act, incident_id: str, kind: str, reason: str) -> Case:
    """The kind of harm. Its procedure joins the commander's list, whoever it asks for besides is called (R-002)."""
    with tx.write("engine", "web"):
        log.lock_incident(incident_id)
        case, catalog = casebook.load(incident_id, act.who), current()
        incident = case.incident
        events = assess.set_type(
            incident, case.template, catalog, act.who, type=kind, reason=line(reason, 500)
        )
        if not events:
            return case
        pinned = pins.own(incident_id)
        grown = with_procedure(pinned, catalog.type(kind))
        if grown != pinned:
            pins.replace(incident_id, grown, incident.seq + 1, act.at)
        return casebook.append(act, Case(incident, effective(grown, incident)), incident_id, events)


def set_impact(
    act: Act, incident_id: str, dimensions: dict[str, str], customers_affected: str | None, reason: str
) -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: assess.set_impact(
            i,
            t,
            act.who,
            dimensions=dimensions,
            customers_affected=customers_affected,
            reason=line(reason, 500),
        ),
    )


def set_facts(act: Act, incident_id: str, **facts: str | None) -> Case:
    """what_we_know, workaround, customer_effect, cause, next_step; None leaves one as it is."""
    tamed = {k: None if v is None else clean(v, 4000) for k, v in facts.items()}
    return casebook.change(act, incident_id, lambda i, t: assess.set_facts(i, t, act.who, **tamed))


def set_links(act: Act, incident_id: str, bridge_url: str | None, chat_url: str | None) -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: assess.set_links(i, t, act.who, bridge_url=bridge_url, chat_url=chat_url),
    )


def change_phase(act: Act, incident_id: str, phase: str, reason: str, override_reason: str = "") -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: phases.change_phase(
            i, t, act.who, phase=phase, reason=line(reason, 500), override_reason=line(override_reason, 500)
        ),
    )


def resolve(
    act: Act,
    incident_id: str,
    code: str,
    resolved_at: datetime | None,
    summary: str,
    override_reason: str = "",
) -> Case:
    """Resolve with a code and the time service was back; a review opens where the severity asks for one."""
    return casebook.change(
        act,
        incident_id,
        lambda i, t: phases.resolve(
            i, t, current(), act.who, code=code, resolved_at=resolved_at or act.at, summary=clean(summary, 4000),
            override_reason=line(override_reason, 500), at=act.at, review_id=new_id(),
        ),
    )  # fmt: skip


def reopen(act: Act, incident_id: str, reason: str) -> Case:
    return casebook.change(
        act, incident_id, lambda i, t: phases.reopen(i, t, act.who, reason=line(reason, 500), at=act.at)
    )


def close(act: Act, incident_id: str, reason: str, override_reason: str = "") -> Case:
    casebook.load(incident_id, act.who)
    inquiry_follow_ups.must_be_said(incident_id, override_reason)
    return casebook.change(
        act,
        incident_id,
        lambda i, t: phases.close(
            i, t, act.who, reason=line(reason, 500), override_reason=line(override_reason, 500)
        ),
    )


def dismiss(act: Act, incident_id: str, reason: str) -> Case:
    return casebook.change(
        act, incident_id, lambda i, t: phases.dismiss(i, t, act.who, reason=line(reason, 500))
    )
