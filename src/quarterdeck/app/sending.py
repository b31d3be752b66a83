"""A released message goes out: one delivery a recipient, a post on each status page, component states. Once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from quarterdeck.core.access import ENGINE
from quarterdeck.core.incidents import Incident, messages
from quarterdeck.core.incidents import events as ev
from quarterdeck.core.incidents.contact import contact_of
from quarterdeck.core.incidents.parts import Message
from quarterdeck.core.incidents.structure import Template
from quarterdeck.store import models
from quarterdeck.store.ids import new_id

from . import due, feedback_links
from .act import Act
from .directory import Directory
from .publishing import touch

KEEP_TRYING = timedelta(days=2)
# How many mails one transaction puts into the outbox: nobody waits long behind a message to everybody.
AT_ONCE = 500
REST = "recipients"


def send_message(
    act: Act, incident: Incident, template: Template, message: Message, directory: Directory
) -> list[ev.Event]:
    """Queue the mails and post on the pages; returns what happened, as events.

    A drill's message is queued as a drill: no channel lets it out, and nothing is posted on a public page. Where there
    are many recipients, a timer queues the rest, a part at a time.
    """
    now = directory.now
    recipients = _recipients(message).count()
    if queue(incident, template, message, now):
        due.arm(REST, message.id, now, now)
    pages = [] if incident.drill else list(message.pages)
    text = public_body(message) + (feedback_links.below(incident, message) if pages else "")
    posts: list[ev.Event] = [
        ev.PageUpdatePosted(new_id(), message.id, page, message.status_word, text, dict(message.components))
        for page in pages
    ]
    sent = messages.message_sent(
        incident, template, ENGINE, message_id=message.id, recipients=recipients, pages=len(pages), at=now
    )
    return [*posts, *sent]


def public_body(message: Message) -> str:
    """What readers see: what they notice, what we do, and further text; nothing that the text says already."""
    parts: list[str] = []
    for part in (message.body, message.headline, message.customer_effect, message.action):
        text_ = part.strip()
        if text_ and not any(text_ in said for said in parts):
            parts.append(text_)
    order = [
        message.headline.strip(),
        message.customer_effect.strip(),
        message.action.strip(),
        message.body.strip(),
    ]
    return "\n\n".join(p for p in order if p in parts)


def queue(incident: Incident, template: Template, message: Message, now: datetime) -> bool:
    """Put the mails to the next recipients into the outbox, at most AT_ONCE; whether there may be more.

    They are taken by id, so what is in the outbox says where to go on; whoever was taken out meanwhile gets none.
    """
    made = models.Delivery.objects.filter(message_id=message.id).order_by("-contact_id")
    last = made.values_list("contact_id", flat=True).first() or ""
    rows = list(_recipients(message).filter(id__gt=last).order_by("id")[:AT_ONCE])
    body = _body(incident, template, message, now)
    asked = feedback_links.asked(incident, message)
    deliveries = [
        models.Delivery(
            id=new_id(), key=f"{message.id}/{contact.id}", cls="message", message_id=message.id,
            incident_id=incident.key, contact_id=contact.id, channel="email", address=contact.email,
            body=body | {"recipient_name": contact.name} | feedback_links.carried(asked, contact.id),
            drill=incident.drill, next_at=now,
            not_after=now + KEEP_TRYING, created_at=now,
        )
        for contact in rows
    ]  # fmt: skip
    models.Delivery.objects.bulk_create(deliveries, batch_size=200)
    return len(rows) == AT_ONCE


def _recipients(message: Message) -> QuerySet[models.AudienceContact]:
    return models.AudienceContact.objects.filter(audience=message.audience, removed_at=None)


def _body(incident: Incident, template: Template, message: Message, now: datetime) -> dict[str, Any]:
    audience = template.audience(message.audience)
    title = audience.title if audience else message.audience
    # Outside, the released headline names the incident: its internal title was approved by nobody.
    inside = audience is not None and not audience.public
    facts = [["Incident", incident.title], ["For", title]] if inside else [["For", title]]
    contact = contact_of(incident) if inside else None
    if contact is not None:
        role = template.role(contact.role)
        who = Directory(now).name(contact.person)
        facts.append(["Contact", f"{who}, {role.title}" if role else who])
    if message.next_update_at:
        facts.append(["Next update", f"{message.next_update_at.astimezone(UTC):%a %d %b %Y, %H:%M} UTC"])
    return {
        # Customers know of no such number; in their own mail the headline is enough.
        "subject": (f"[{incident.key}] {message.headline}" if inside else message.headline)[:200],
        "text": public_body(message),
        "facts": facts,
        "thread": f"{incident.key}/{message.audience}",
        "kind": "message",
        "urgency": "low",
    }


def show_on_page(incident: Incident, post: ev.PageUpdatePosted, actor: str, now: datetime) -> None:
    """Set the component states a post carries and have the page published again."""
    set_component_states(post.components, actor, incident.key, now)
    touch([post.page])


def set_component_states(
    states: dict[str, str],
    actor: str,
    incident_id: str,
    now: datetime,
    reason: str = "",
    *,
    by_rule: bool = False,
) -> None:
    """Change component states inside the caller's transaction; equal states change nothing.

    `by_rule`: the alerts' rule did it, so the rule may also take it back.
    """
    rows = {c.id: c for c in models.Component.objects.filter(id__in=states)}
    changed = [(c, states[c.id]) for c in rows.values() if c.state != states[c.id]]
    for component, state in changed:
        models.Component.objects.filter(id=component.id).update(
            state=state, updated_at=now, by_rule=by_rule, proposed="", proposed_reason="", proposed_at=None
        )
        models.ComponentState.objects.create(
            component=component,
            state=state,
            at=now,
            actor=actor,
            incident_id=incident_id,
            reason=reason[:300],
        )
    if changed:
        touch({c.page_id for c, _ in changed})
