"""The communication board: audience × phase, and one message open with what it still lacks and where it will go."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from quarterdeck.app.casebook import Case
from quarterdeck.app.catalog import glossary
from quarterdeck.app.comms import consents, drafting, mailings, sending
from quarterdeck.app.status import impact_rules
from quarterdeck.core.access import Who
from quarterdeck.core.comms import substitute
from quarterdeck.core.incidents import Content, closing, content_hash, incomplete
from quarterdeck.core.incidents.authority import may as may_here
from quarterdeck.core.incidents.parts import Message
from quarterdeck.core.incidents.stale import changes
from quarterdeck.core.kernel.text import counted
from quarterdeck.core.status.words import COMPONENT_STATES, label
from quarterdeck.store import models

from . import approvals, composing, voices, words

# Whose drafts are the agreed wording, untouched.
MACHINES = ("", "engine", "system")
_SHOWN = ("triage", "investigating", "identified", "monitoring", "resolved")


def board(case: Case, now: datetime, opened: str) -> dict[str, Any]:
    """Every audience of the structure; a cell for each phase that has a message, the present phase marked."""
    incident = case.incident
    phases = [p for p in case.template.phases if p in _SHOWN]
    url = f"/incidents/{incident.key}/communication"
    rows = []
    late = 0
    for audience in case.template.audiences:
        clock = incident.clocks.get(audience.key)
        running = clock is not None and clock.running
        late += bool(running and clock is not None and clock.next_due < now)
        owner = incident.holder(audience.clock_owner) or incident.commander
        rows.append({
            "key": audience.key, "audience": audience.title,
            "owner": case.directory(now).name(owner.person) if owner else "nobody",
            "clock": {
                "due_at": clock.next_due if running and clock else None, "text": "no fixed time",
                "note": f"every {clock.every_seconds // 60} min" if running and clock else "",
            },
            "cells": [_cell(case, audience.key, p, url, opened, now) for p in phases],
            "draft_href": f"{url}?draft=1&audience={audience.key}#message",
        })  # fmt: skip
    return {
        "note": f"{late} overdue" if late else "",
        "phases": [
            {
                "key": p,
                "label": words.phase(p),
                "note": "now" if p == incident.told_phase else "",
                "current": p == incident.told_phase,
            }
            for p in phases
        ],
        "rows": rows,
    }


def _cell(case: Case, audience: str, phase: str, url: str, opened: str, now: datetime) -> dict[str, Any]:
    """The newest message of an audience in a phase; more than one is counted."""
    found = [m for m in case.incident.messages.values() if m.audience == audience and m.phase == phase]
    here = phase == case.incident.told_phase
    if not found:
        return {"state": None, "text": "Not started" if here else "", "here": here}
    live = [m for m in found if m.state != "superseded"] or found
    # What somebody has written and nobody has sent comes before what was sent already.
    waits = [m for m in live if m.state in ("draft", "in_review") and _by(m) not in MACHINES]
    message = (waits or live)[-1]
    at = message.sent_at or message.edited_at or message.drafted_at
    many = f", {len(live)} in all" if len(live) > 1 else ""
    moved = ", facts changed" if changes(case.incident, message) else ""
    by = _by(message)
    state = approvals.shown_state(case, message, now)
    ready = state == "approved"
    since = "" if message.sent_at else "since "
    return {
        "state": state,
        "text": "",
        "note": "waits for release" if ready else f"{since}{timezone.localtime(at):%H:%M}{many}{moved}",
        "owner": case.directory(now).name(by) if by not in MACHINES else "from the template",
        "waits": ready or bool(moved),
        "href": f"{url}?message={message.id}#message",
        "current": message.id == opened,
        "here": here,
    }


def _by(message: Message) -> str:
    return message.edited_by or message.drafted_by


def message(case: Case, found: Message, who: Who, now: datetime) -> dict[str, Any]:
    """One message: its text, what it lacks, whom it reaches, the steps to sending, and the form to edit it."""
    case = Case(closing.speaking(case.incident), case.template)
    audience = case.template.audience(found.audience)
    lacks = incomplete(case.template, found)
    components = {c.id: c.name for c in models.Component.objects.filter(id__in=list(found.components))}
    public = sending.public_body(found)
    stray = bool(substitute.left_open(public))
    unsent = found.state in ("draft", "in_review")
    blocked = "; ".join(lacks.values()) or ("Fill the fields marked [field?]." if stray else "")
    unnamed = consents.lacking(case, found) if unsent and not blocked else ""
    return {
        "id": found.id,
        "title": f"{audience.title if audience else found.audience}, {words.phase(found.phase)}",
        "state": approvals.shown_state(case, found, now),
        "url": f"/incidents/{case.incident.key}/messages/{found.id}",
        "hash": content_hash(found),
        "headline": found.headline,
        "body": composing.below(found),
        "status_word": found.status_word,
        "next_update_at": found.next_update_at,
        "final": found.final,
        "components": [{"name": components[k], "state": v} for k, v in found.components.items() if k in components],
        "checks": [*_lacking(list(lacks.values()), bool(stray)), *_plainly(found, bool(audience and audience.public))],
        "reach": _reach(found),
        "sent": found.sent_at is not None,
        "chain": [*approvals.steps(case, found, now), *composing.steps(case, found, who, now)],
        "blocked": blocked,
        "unnamed": unnamed,
        "in_review": found.state == "in_review",
        "may_edit": unsent and may_here(case.incident, case.template, who, "message.draft", "message.release"),
        "may_release": unsent and composing.may_release(case, found, who, now),
        **approvals.asked(case, found, who, now),
        "rules": {"audience": audience.title, "text": audience.detail} if audience else None,
        "form": form(case, Content(
            found.audience, found.headline, found.body, found.customer_effect, found.action,
            found.next_update_at, found.final,
            found.status_word, dict(found.components), found.pages,
            corrects=found.corrects, prompts=found.prompts,
            sender_identity=found.sender_identity, sender_person=found.sender_person,
        )) | {"read_hash": content_hash(found)},
    } | composing.beside(case, found, who, now) | voices.beside(case, found, who, now)  # fmt: skip


def _lacking(lacks: list[str], stray: bool) -> list[dict[str, str]]:
    faults = [*lacks, *(["A fact is missing: look for [field?]."] if stray else [])]
    if faults:
        return [{"tone": "red", "icon": "octagonx", "text": t} for t in faults]
    return [{"tone": "green", "icon": "checkc", "text": "Complete: effect, action and next time are said."}]


def _plainly(found: Message, public: bool) -> list[dict[str, str]]:
    """Words that readers outside may not understand; nobody is kept from releasing a text with them."""
    if not public:
        return []
    texts = (found.headline, found.body, found.customer_effect, found.action)
    return [
        {
            "tone": "amber",
            "icon": "bulb",
            "text": f"“{h.word}”: " + (f"say {h.say}." if h.say else "say it in full."),
        }
        for h in glossary.hints("\n".join(texts))
    ]


def _reach(found: Message) -> list[dict[str, Any]]:
    contacts = models.AudienceContact.objects.filter(audience=found.audience, removed_at=None).count()
    pages = models.StatusPage.objects.filter(id__in=found.pages).values_list("title", flat=True)
    rows = [
        {
            "label": "E-mail",
            "value": counted(found.recipients if found.sent_at else contacts, "recipient"),
            "note": "",
        }
    ]
    rows += [{"label": "Status page", "value": title, "note": ""} for title in pages]
    if found.sent_at:
        n = mailings.counts(found.id)
        rows.append({"label": "Handed over", "value": n["handed"] + n["delivered"], "note": ""})
        failed = n["failed"] + n["bounced"] + n["complained"]
        if failed:
            rows.append({"label": "Not reached", "value": failed, "note": ""})
    return rows


def form(case: Case, content: Content) -> dict[str, Any]:
    """The fields of the composer, filled."""
    affected = models.Component.objects.filter(
        page__in=list(content.pages) or models.StatusPage.objects.values("id")
    )
    audience = case.template.audience(content.audience)
    local = timezone.localtime(content.next_update_at) if content.next_update_at else None
    corrected = case.incident.messages.get(content.corrects)
    meant = impact_rules.suggested(case.incident)
    return {
        "corrects": content.corrects if corrected else "",
        "corrects_headline": corrected.headline if corrected else "",
        "prompts": composing.prompts(content.prompts),
        "audience": content.audience,
        "audience_title": audience.title if audience else content.audience,
        "public": bool(audience and audience.public),
        "limit": audience.headline_limit if audience else 120,
        "headline": content.headline,
        "customer_effect": content.customer_effect,
        "action": content.action,
        "body": content.body,
        "next_update": f"{local:%Y-%m-%dT%H:%M}" if local else "",
        "final": content.final,
        "status_word": content.status_word,
        "components": [
            {
                "id": c.id,
                "name": c.name,
                "group": c.group,
                "state": content.components.get(c.id, ""),
                "suggested": meant[c.id].reason if c.id in meant and case.incident.is_open else "",
            }
            for c in sorted(affected, key=lambda c: c.id not in meant)
        ],
        "states": [{"key": s, "label": label(s)} for s in COMPONENT_STATES],
        "pages": [
            {"id": p.id, "title": p.title, "on": p.id in content.pages}
            for p in models.StatusPage.objects.all()
        ],
    } | voices.choices(case, content, timezone.now())


def empty_form(case: Case, audience: str, now: datetime) -> dict[str, Any]:
    return form(case, drafting.first_draft(case, audience, now))
