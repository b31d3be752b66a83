"""Who is called for a role: policy "role-<role>", the service's own for technical roles, "commander" for command."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from quarterdeck.core.escalation.plan import Position, plan
from quarterdeck.core.escalation.policy import Policy, Target
from quarterdeck.core.incidents import Incident
from quarterdeck.core.incidents import events as ev
from quarterdeck.core.incidents.codename import outside
from quarterdeck.core.incidents.functions import by_service
from quarterdeck.core.incidents.response import BUSINESS, SLT, SME
from quarterdeck.core.incidents.structure import Template
from quarterdeck.store import models

from ..comms.links import incident_url
from .callouts import Request, call, default_expiry
from .directory import Directory, policy_from
from .escalations import Subject, start


def policy_for(role: str, incident: Incident, template: Template) -> models.EscalationPolicy | None:
    """The policy that says who fills a role, or None when nobody is set."""
    keys = [*_first(role, template), f"role-{role}", *(["commander"] if role == "commander" else [])]
    rows = {p.key: p for p in models.EscalationPolicy.objects.filter(key__in=keys)}
    for key in keys:
        if key in rows:
            return rows[key]
    if by_service(template, role):
        services = models.Service.objects.select_related("policy").filter(key__in=incident.services)
        by_key = {s.key: s for s in services}
        for key in incident.services:
            if key in by_key and by_key[key].policy is not None:
                return by_key[key].policy
    return None


def _first(role: str, template: Template) -> list[str]:
    """A business lead has the key of every lead, and a schedule of their own; the SME is the Technical SLT on call."""
    if role == "commander" and template.key == BUSINESS:
        return ["role-business_lead"]
    return ["role-business_sme", f"role-{SLT}"] if role == SME else []


def call_for_role(
    incident: Incident, template: Template, role: str, how: str, directory: Directory
) -> list[ev.Event] | None:
    """Start calling for a role, or tell its people (heads_up). None when nobody is set for it.

    A call that is under way already is not started twice.
    """
    row = policy_for(role, incident, template)
    if row is None:
        return None
    card = template.role(role)
    title = card.title if card else role
    policy = spared(policy_from(row.definition), holders(incident), directory)
    subject = f"{incident.key}: {title} needed – {outside(incident)}"
    if how == "callout":
        if not models.Run.objects.filter(incident_id=incident.key, role=role, state="running").exists():
            start(
                policy,
                Subject(subject, incident_id=incident.key, role=role, drill=incident.drill),
                directory.now,
            )
        return []
    events: list[ev.Event] = []
    people = [p for s in policy.steps[:1] for t in s.targets for p in directory.on_call(t).people]
    for person in dict.fromkeys(people):
        callout = call(
            Request(
                person=person, subject=f"{incident.key}: {outside(incident)}",
                reason=f"For your information as {title}.",
                expires_at=default_expiry(directory.now), urgency="low", kind="heads_up", incident_id=incident.key,
                role=role, drill=incident.drill, link=incident_url(incident.key),
            ),
            directory,
        )  # fmt: skip
        events.append(ev.RoleCalled(role, person, callout.id, "heads_up", "informed"))
    return events


def holders(incident: Incident) -> frozenset[str]:
    """Whoever holds a role in it, the commander first of all: they are at work and need not be woken for another."""
    return frozenset(a.person for a in incident.open_assignments())


def spared(policy: Policy, busy: frozenset[str], directory: Directory) -> Policy:
    """The policy without those who are at work already, as long as it still calls somebody else."""
    steps = []
    for step in policy.steps:
        targets = [t for target in step.targets for t in _others(target, busy, directory)]
        if targets:
            steps.append(replace(step, targets=tuple(dict.fromkeys(targets))))
    return replace(policy, steps=tuple(steps)) if steps else policy


def _others(target: Target, busy: frozenset[str], directory: Directory) -> list[Target]:
    people = directory.on_call(target).people
    if not busy.intersection(people):
        return [target]
    return [Target("person", p) for p in people if p not in busy]


def first_for_role(
    role: str, template: Template, services: tuple[str, ...], now: datetime
) -> list[models.Person]:
    """Who would be called first for a role of an incident with these services, for the preview before declaring."""
    row = policy_for(role, Incident(services=services), template)
    if row is None:
        return []
    directory = Directory(now)
    called = plan(policy_from(row.definition), Position(), now, directory.on_call).pages
    return [p for page in called if (p := directory.person(page.person)) is not None]
