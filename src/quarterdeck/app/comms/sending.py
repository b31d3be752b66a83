"""A released message goes out: one delivery a recipient, a post on each status page, component states. Once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q

from quarterdeck.channels import sms_twilio
from quarterdeck.core.access import ENGINE
from quarterdeck.core.comms.subscribing import SEALED
from quarterdeck.core.incidents import Content, Incident, messages
from quarterdeck.core.incidents import events as ev
from quarterdeck.core.incidents.codename import outside
from quarterdeck.core.incidents.contact import contact_of
from quarterdeck.core.incidents.parts import Message
from quarterdeck.core.incidents.structure import Template
from quarterdeck.store import models
from quarterdeck.store.ids import new_id

from .. import due
from ..act import Act
from ..paging.directory import Directory
from ..status.publishing import hold_homes, touch
from ..subscribers import subscriber_ends, subscriber_notices
from . import feedback_links, frozen, ledger, speaking

KEEP_TRYING = timedelta(days=2)
# How many mails one transaction puts into the outbox: nobody waits long behind a message to everybody.
AT_ONCE = 500
REST = frozen.REST


def send_message(
    act: Act, incident: Incident, template: Template, message: Message, directory: Directory
) -> list[ev.Event]:
    """Queue the mails and post on the pages; returns what happened, as events.

    A drill's message is queued as a drill: no channel lets it out, and nothing is posted on a public page. Where there
    are many recipients, a timer queues the rest, a part at a time.
    """
    now = directory.now
    audience = template.audience(message.audience)
    asked = feedback_links.carried(feedback_links.asked(incident, message))
    mailing = frozen.freeze(
        incident, message, public=audience is not None and audience.public,
        body=body_of(incident, template, message, directory) | asked,
        now=now, not_after=now + KEEP_TRYING,
    )  # fmt: skip
    recipients = mailing.total
    if queue(mailing, now):
        due.arm(REST, message.id, now, now)
    pages = [] if incident.drill else _standing(message.pages)
    text = signed_body(incident, template, message, directory)
    posts: list[ev.Event] = [
        ev.PageUpdatePosted(
            new_id(), message.id, page, message.status_word, text + asks, dict(message.components)
        )
        for page, asks in feedback_links.below(incident, message, pages).items()
    ]
    sent = messages.message_sent(
        incident, template, ENGINE, message_id=message.id, recipients=recipients, pages=len(pages), at=now
    )
    return [*posts, *sent]


def _standing(pages: Collection[str]) -> list[str]:
    """Those of these pages that are there: one may have been deleted by somebody who could not know of the message."""
    known = (
        set(models.StatusPage.objects.filter(id__in=pages).values_list("id", flat=True)) if pages else set()
    )
    return [page for page in pages if page in known]


def public_body(message: Message | Content) -> str:
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


def signed_body(
    incident: Incident, template: Template, message: Message | Content, directory: Directory
) -> str:
    """What readers see, with the name and office of whoever it speaks for below it."""
    signed = speaking.signature(incident, template, message, directory)
    return "\n\n".join(filter(None, (public_body(message), signed)))


def queue(mailing: models.Mailing, now: datetime) -> bool:
    """Put the next recipients whom the outbox serves into it, at most AT_ONCE; whether there may be more.

    Whoever was taken out, or said no, since the release gets none.
    """
    if mailing.state != "running":
        return False
    waiting = models.Recipient.objects.filter(
        message_id=mailing.id, carrier="outbox", state="queued", fence=0
    ).order_by("id")
    rows = list(waiting[:AT_ONCE])
    gone = set(
        models.AudienceContact.objects.filter(id__in=[r.contact_id for r in rows])
        .filter(Q(removed_at__isnull=False) | Q(withdrawn_at__isnull=False))
        .values_list("id", flat=True)
    )
    if mailing.audience == "subscribers":
        gone |= subscriber_ends.over([r.contact_id for r in rows])
    kept = [r for r in rows if r.contact_id not in gone]
    models.Recipient.objects.filter(id__in=[r.id for r in rows if r.contact_id in gone]).update(
        state="suppressed", ended_at=now, detail="They were taken out, or said no, after the release."
    )
    models.Recipient.objects.filter(id__in=[r.id for r in kept]).update(fence=1)
    deliveries = [
        models.Delivery(
            id=new_id(), key=f"{mailing.id}/r{r.id}", cls="message", message_id=mailing.id,
            incident_id=mailing.incident_id, contact_id=r.contact_id, channel=r.channel, address=r.address,
            body=_own(mailing, r), drill=mailing.drill, next_at=now, not_after=mailing.not_after, created_at=now,
        )
        for r in kept
    ]  # fmt: skip
    models.Delivery.objects.bulk_create(deliveries, batch_size=200)
    if not kept:
        ledger.finish(mailing.id, now)
    return len(rows) == AT_ONCE


def _own(mailing: models.Mailing, recipient: models.Recipient) -> dict[str, Any]:
    """The message with what is one recipient's own: a name, and outside the way to end it."""
    found = mailing.body | {"recipient_name": recipient.name if recipient.contact_id else ""}
    if recipient.address.startswith(SEALED) and recipient.channel in ("slack", "teams"):
        found["data"] = {**mailing.body.get("data", {}), "hook": True}
    if mailing.public and recipient.channel == "email":
        url = settings.QUARTERDECK_PUBLIC_URL + ledger.unsubscribe_path(
            recipient.id, recipient.contact_id if mailing.audience == "subscribers" else ""
        )
        found["data"] = {**mailing.body.get("data", {}), "unsubscribe_url": url}
    if recipient.channel == sms_twilio.KIND:
        found["data"] = {
            **mailing.body.get("data", {}),
            sms_twilio.REPORTS_TO: settings.QUARTERDECK_PUBLIC_URL,
        }
    # The link of a subscriber's notice is the page itself, which has no addresses of anybody's own.
    if recipient.contact_id and "link" in found and mailing.audience != "subscribers":
        found["link"] = feedback_links.own(found["link"], recipient.contact_id)
    return found


def body_of(
    incident: Incident, template: Template, message: Message | Content, directory: Directory
) -> dict[str, Any]:
    """What every channel is handed of a message, as plain data; of a text that is still written, too."""
    audience = template.audience(message.audience)
    title = audience.title if audience else message.audience
    # Outside, the released headline names the incident: its internal title was approved by nobody.
    inside = audience is not None and not audience.public
    facts = [["Incident", outside(incident)], ["For", title]] if inside else [["For", title]]
    contact = contact_of(incident) if inside else None
    if contact is not None:
        role = template.role(contact.role)
        who = directory.name(contact.person)
        facts.append(["Contact", f"{who}, {role.title}" if role else who])
    if message.next_update_at:
        facts.append(["Next update", f"{message.next_update_at.astimezone(UTC):%a %d %b %Y, %H:%M} UTC"])
    name = speaking.from_name(incident, message, directory)
    named = f"{incident.key} {outside(incident)}" if incident.restricted else incident.key
    return {
        # Customers know of no such number; in their own mail the headline is enough.
        "subject": (f"[{named}] {message.headline}" if inside else message.headline)[:200],
        "text": signed_body(incident, template, message, directory),
        "data": {"from_name": name} if name else {},
        "facts": facts,
        "thread": f"{incident.key}/{message.audience}",
        "kind": "message",
        "urgency": "low",
    }


def show_on_page(incident: Incident, post: ev.PageUpdatePosted, actor: str, now: datetime) -> None:
    """Set the component states a post carries and have the page published again."""
    set_component_states(post.components, actor, incident.key, now)
    touch([post.page])
    subscriber_notices.tell_of_message(incident, post, now)


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
    hold_homes(states)
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
