"""The first words of a message: the audience's agreed wording, filled from the facts of the incident."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from django.db.models import Q

from quarterdeck.core.comms import substitute
from quarterdeck.core.incidents import STATUS_WORDS, Content, closing
from quarterdeck.core.incidents.codename import outside
from quarterdeck.core.incidents.state import COMMANDER
from quarterdeck.core.kernel.moments import spoken
from quarterdeck.store import models

from ..casebook import Case
from ..paging.directory import Directory
from ..status import impact_rules
from . import message_texts

_OVER = ("resolved", "analysis", "closed")


def facts(case: Case, audience: str, next_update_at: datetime | None, now: datetime) -> dict[str, str]:
    """What the incident can put into a text; empty ones are left out and show as [field?]."""
    i = case.incident
    services = models.Service.objects.filter(key__in=i.services).values_list("name", flat=True)
    profile = case.template.audience(audience)
    components = _component_names(i.services, public=bool(profile and profile.public))
    found = {
        "title": outside(i),
        "incident": i.key,
        "summary": i.summary or outside(i),
        "customer_effect": i.customer_effect,
        "workaround": i.workaround,
        "cause": i.cause,
        "next_step": i.next_step,
        "action": i.next_step,
        "what_we_know": i.what_we_know,
        "customers_affected": i.customers_affected,
        "severity": f"SEV{i.severity}",
        "phase": i.told_phase,
        "commander": Directory(now).name(i.commander.person) if i.commander else "",
        "commander_title": role.title if (role := case.template.role(COMMANDER)) else "Commander",
        "services": ", ".join(services),
        "components": ", ".join(components),
        "call": i.bridge_url,
        "started_at": f"{i.declared_at:%H:%M} UTC" if i.declared_at else "",
        "resolved_at": f"{i.resolved_at:%H:%M} UTC" if i.resolved_at else "",
        "duration": spoken((i.resolved_at or now) - i.declared_at) if i.declared_at else "",
        "next_update_at": f"{next_update_at:%H:%M} UTC" if next_update_at else "",
    }
    return {k: v for k, v in found.items() if v}


def first_draft(case: Case, audience: str, now: datetime) -> Content:
    """A draft to start from: wording of the catalogue, the clock's next time, the components of the services."""
    incident = closing.speaking(case.incident)
    clock = incident.clocks.get(audience)
    every = timedelta(seconds=clock.every_seconds) if clock else timedelta(minutes=30)
    phase = incident.told_phase
    final = phase in _OVER
    next_at = None if final else now + every
    wording = message_texts.of_incident(incident.key, audience, phase, case.template.key)
    known = facts(case, audience, next_at, now)
    profile = case.template.audience(audience)
    components, pages = on_pages(case, audience, public=bool(profile and profile.public))
    return Content(
        audience=audience,
        headline=substitute.fill(wording.headline, known) if wording else outside(incident),
        body=substitute.fill(wording.body, known) if wording else "",
        customer_effect=incident.customer_effect,
        action=incident.next_step,
        next_update_at=next_at,
        final=final,
        status_word=STATUS_WORDS.get(phase, "investigating"),
        components=components,
        pages=pages,
        agreed=wording is not None,
    )


def on_pages(case: Case, audience: str, *, public: bool) -> tuple[dict[str, str], tuple[str, ...]]:
    """What a first text would say of components, and the status pages it would go to: those where readers were told
    before and those that show what is affected; where no page shows it, all that everybody may read.
    """
    if audience != "customers_all":
        return _states(case) if public else {}, ()
    read_by_all = models.StatusPage.objects.filter(public=True)
    parts = models.Component.objects.filter(services__key__in=case.incident.services).values("id")
    lent = models.ShownComponent.objects.filter(component__in=parts).values("page")
    meant = Q(id__in=_told_before(case, audience)) | Q(components__in=parts) | Q(id__in=lent)
    pages = list(read_by_all.filter(meant).distinct()) or list(read_by_all)
    return _states(case) if public else {}, tuple(p.id for p in pages)


def _told_before(case: Case, audience: str) -> set[str]:
    """Pages on which this audience has read of the incident."""
    messages = case.incident.messages.values()
    return {
        p for m in messages if m.audience == audience and m.state in ("released", "sent") for p in m.pages
    }


def has_components(case: Case) -> bool:
    """Whether any page, whoever reads it, has components of the services of this incident."""
    return models.Component.objects.filter(services__key__in=case.incident.services).exists()


def _component_names(services: Collection[str], *, public: bool) -> list[str]:
    """What the components of these services are called: to the public as on pages that everybody may read, and what
    stands on others alone is not named.
    """
    rows = models.Component.objects.filter(services__key__in=list(services)).distinct()
    if not public:
        return list(rows.values_list("name", flat=True))
    own = dict(rows.filter(page__public=True).values_list("id", "name"))
    shown = models.ShownComponent.objects.filter(component__in=rows.values("id"), page__public=True)
    lent = {c: name for c, name in shown.values_list("component_id", "name") if c not in own}
    return list(dict.fromkeys([*own.values(), *lent.values()]))


def shortened(content: Content, headline: str) -> Content:
    return replace(content, headline=headline)


def _states(case: Case) -> dict[str, str]:
    """Components of the affected services: what they were last said to be, operational at the end."""
    rows = models.Component.objects.filter(services__key__in=case.incident.services).distinct()
    if case.incident.told_phase in _OVER:
        return {c.id: "operational" for c in rows}
    meant = impact_rules.suggested(case.incident)
    return {c.id: c.state if c.state != "operational" else meant[c.id].state for c in rows if c.id in meant}
