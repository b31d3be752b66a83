"""The severe score, the advice of the business SME, and the commander's escalation, which opens a business incident.

The escalation is one transaction: both incidents say it, the business lead is called, or nothing of it has happened.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from quarterdeck.core.incidents import Incident, readiness
from quarterdeck.core.incidents import severe as core
from quarterdeck.core.incidents.declare import Declaration, template_for
from quarterdeck.core.incidents.declare import declare as decide_declaration
from quarterdeck.core.incidents.events import Event, IncidentLinked, PhaseChanged, RoleUnreachable
from quarterdeck.core.incidents.events.response import ResponseBegan
from quarterdeck.core.incidents.mirroring import state_of
from quarterdeck.core.incidents.response import BUSINESS, LIAISON, SLT, SME
from quarterdeck.core.incidents.state import COMMANDER
from quarterdeck.core.incidents.structure import Catalog, Template
from quarterdeck.core.kernel.text import clean, line
from quarterdeck.store import codec, log, models, tx
from quarterdeck.store.ids import new_id

from .. import casebook
from ..act import Act, engine_act
from ..casebook import Case
from ..catalog.catalogue import current
from ..incidents import command, incidents
from ..paging.directory import Directory
from ..paging.role_policies import call_for_role
from ..visibility import visible_incidents
from . import standby_liaison
from .business_rules import rules

_TYPE = "business_response"
_WARM = "keeps the lead until a Business Lead has answered"


def rate(
    act: Act, incident_id: str, visibility: str, impact: str, duration: str, confidence: str, note: str = ""
) -> Case:
    """Judge how severe it is for the business; the score and the threshold are those in force now."""
    return casebook.change(
        act,
        incident_id,
        lambda i, t: core.rate(
            i, t, rules().severe, act.who, rating_id=new_id(), visibility=visibility, impact=impact,
            duration=duration, confidence=confidence, note=clean(note, 2000),
        ),
    )  # fmt: skip


def recommend(act: Act, incident_id: str, reason: str) -> Case:
    return casebook.change(
        act, incident_id, lambda i, t: core.recommend(i, act.who, reason=clean(reason, 2000))
    )


@tx.again
def escalate(act: Act, incident_id: str, reason: str = "", lead: str = "", standby: str = "") -> Case:
    """The business incident that the commander opens; said again, the one that is open already.

    `lead` is who is to lead it, empty: whoever answers the call first; till then the commander keeps it. `standby`
    takes the customer liaison's place here, empty: the next on call for it.
    """
    said = line(reason, 500)
    with tx.write("engine", "web"):
        tx.lock("incident-number")
        log.lock_incident(incident_id)
        parent = casebook.load(incident_id, act.who)
        core.must_be_allowed(parent.incident, act.who, said)
        if parent.incident.response.child:
            return casebook.load(parent.incident.response.child, act.who)
        child = _open(act, parent.incident, lead)
        events = core.escalate(parent.incident, act.who, child=child, reason=said)
        after = casebook.append(act, parent, incident_id, events)
        if not lead:
            _call_lead(act, child)
        if after.incident.holder(LIAISON) is not None:
            standby_liaison.call(act, incident_id, standby)
        return casebook.load(child, act.who)


def _open(act: Act, parent: Incident, lead: str) -> str:
    """The business incident as it begins: its structure pinned, tied to the technical one, the SME in it already."""
    catalog, number = current(), incidents._next_number()
    said = _declaration(catalog, parent, act, lead)
    template = replace(template_for(catalog, said), rates=rules().rates)
    if parent.holder(LIAISON) is not None:
        # The liaison comes from the technical incident, through the standby there.
        template = replace(template, assembly=tuple(r for r in template.assembly if r.role != LIAISON))
    elsewhere = command.elsewhere(said.commander, "") if lead else parent.key
    events: list[Event] = decide_declaration(
        catalog, said, act.who, number=number, assignment_id=new_id(), at=act.at, elsewhere=elsewhere
    )
    key = f"INC-{number}"
    moved = state_of(parent, new_phase=True)
    events += [ResponseBegan(parent.key, parent.title), IncidentLinked(parent.key, "parent"), moved]
    events.append(PhaseChanged(template.phases[0], parent.phase, f"{parent.key} is in this phase"))
    sme = parent.holder(SME)
    if sme is not None:
        came = f"was business SME in {parent.key}"
        events.append(readiness.taking(SLT, sme.person, new_id(), template, came))
    models.TemplatePin.objects.create(
        incident_id=key, template=codec.encode_template(template), pinned_at=act.at
    )
    casebook.append(act, Case(Incident(), template), key, events)
    return key


def _declaration(catalog: Catalog, parent: Incident, act: Act, lead: str) -> Declaration:
    commander = command.who(lead).person if lead else act.person
    return Declaration(
        title=line(f"Business response: {parent.title}", 200),
        type=_TYPE if catalog.type(_TYPE) else parent.type,
        severity=parent.severity,
        services=parent.services,
        summary=parent.summary,
        customer_effect=parent.customer_effect,
        template=BUSINESS,
        drill=parent.drill,
        drill_kind=parent.drill_kind,
        restricted=parent.restricted,
        source="escalation",
        commander=commander,
        both_reason="" if lead else _WARM,
    )


def _call_lead(act: Act, child: str) -> None:
    """The business lead on call and, while nobody answers, those behind them (R-091)."""
    directory = Directory(act.at)

    def decide(incident: Incident, template: Template) -> list[Event]:
        made = call_for_role(incident, template, COMMANDER, "callout", directory)
        card = template.role(COMMANDER)
        title = card.title if card else "Business Lead"
        if made is not None:
            return made
        return [RoleUnreachable(COMMANDER, f"nobody is set to be called as {title}; hand the lead over")]

    casebook.change_within(engine_act(act.at), child, decide)


@dataclass(frozen=True, slots=True)
class Escalations:
    """How often it happened in a time, of how many incidents of the top severity; drills do not count (R-297)."""

    count: int
    top_severity: int
    incidents: tuple[models.IncidentRow, ...]


def frequency(act: Act, since: datetime, until: datetime) -> Escalations:
    """Severe escalations from `since` to before `until`, the newest first, as far as the actor may know of them."""
    declared = visible_incidents(act.who).filter(drill=False)
    found = declared.filter(severe_at__gte=since, severe_at__lt=until).order_by("-severe_at", "-number")
    worst = declared.filter(
        declared_at__gte=since, declared_at__lt=until, severity_highest=core.TOP_RANK
    ).exclude(source="escalation")
    return Escalations(found.count(), worst.count(), tuple(found[:100]))
