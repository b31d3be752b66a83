"""Telling the subscribers of a status page what was posted on it: one call for each post, in its transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from quarterdeck.core.incidents import Incident
from quarterdeck.core.incidents import events as ev
from quarterdeck.core.kernel.moments import text
from quarterdeck.core.status.words import OVER
from quarterdeck.store import models
from quarterdeck.store.ids import new_id

from .. import due
from ..status import audience_pages, page_invited

KIND = "subscriber_post"
_MOST_TEXT = 20_000

Event = Literal[
    "opened", "updated", "resolved", "corrected", "summary",
    "planned", "reminded", "started", "extended", "finished", "cancelled",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Posted:
    """What was posted. `post_id` is of a PagePost or a PageUpdateRow, `ref` the incident or maintenance in public.

    `components` are ids and the states they were put in. `words` are translations: language to title and body.
    """

    page_id: str
    post_id: str
    ref: str
    event: Event
    title: str
    body: str
    status_word: str
    at: datetime
    components: Mapping[str, str] = field(default_factory=dict)
    language: str = ""
    words: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    scheduled_for: datetime | None = None
    scheduled_until: datetime | None = None
    next_update_at: datetime | None = None
    message_id: str = ""


def tell(posted: Posted) -> None:
    """Have the subscribers told, once for each post and event, inside the caller's transaction.

    Only a job is written down here, with the words as they are now; the engine looks who wants them.
    """
    if not models.Subscriber.objects.filter(page_id=posted.page_id, state="active").exists():
        return
    page = models.StatusPage.objects.select_related("access").filter(id=posted.page_id).first()
    if page is None or not page_invited.tells(page):
        return
    known = models.SubscriberPost.objects.filter(
        page_id=posted.page_id, post_id=posted.post_id, event=posted.event
    )
    if known.exists():
        return
    made = models.SubscriberPost.objects.create(
        id=new_id(), page_id=posted.page_id, post_id=posted.post_id, event=posted.event, about=posted.ref[:40],
        message_id=posted.message_id, content=_content(posted, page), at=posted.at,
    )  # fmt: skip
    due.arm(KIND, made.id, posted.at, posted.at)


def _content(posted: Posted, page: models.StatusPage) -> dict[str, Any]:
    """The words as they are now, and of components only what this page shows, by the names it gives them."""
    shown = {c.id: c for c in audience_pages.components(page) if c.id in posted.components}
    times = ("scheduled_for", "scheduled_until", "next_update_at")
    moments: dict[str, datetime | None] = {name: getattr(posted, name) for name in times}
    return {
        "title": posted.title[:300], "body": posted.body[:_MOST_TEXT], "word": posted.status_word,
        "language": posted.language, "components": {k: s for k, s in posted.components.items() if k in shown},
        "names": {k: c.name for k, c in shown.items()}, "groups": sorted({c.group for c in shown.values()}),
        "words": {k: [title[:300], body[:_MOST_TEXT]] for k, (title, body) in posted.words.items()},
    } | {name: text(at) for name, at in moments.items() if at is not None}  # fmt: skip


def tell_of_message(incident: Incident, post: ev.PageUpdatePosted, now: datetime) -> None:
    """A released message of an incident stands on a page from now on."""
    earlier = [u for u in incident.page_updates.values() if u.page == post.page and u.id != post.update_id]
    earlier.sort(key=lambda u: (u.posted_at, u.id))
    first = incident.messages.get(earlier[0].message_id if earlier else post.message_id)
    message = incident.messages.get(post.message_id)
    states: dict[str, str] = {}
    for update in earlier:
        states |= update.components
    tell(
        Posted(
            page_id=post.page, post_id=post.update_id, ref=incident.key,
            event=_event(post.status_word, [u.status_word for u in earlier], bool(message and message.corrects)),
            title=first.headline if first else "", body=post.body, status_word=post.status_word, at=now,
            components=states | post.components, message_id=post.message_id,
            next_update_at=message.next_update_at if message else None,
        )
    )  # fmt: skip


def _event(word: str, earlier: list[str], corrects: bool) -> Event:
    if corrects:
        return "corrected"
    if word == "postmortem":
        return "summary"
    if word in OVER and not (earlier and earlier[-1] in OVER):
        return "resolved"
    return "updated" if earlier else "opened"
