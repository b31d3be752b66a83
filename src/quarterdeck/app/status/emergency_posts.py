"""Taking over what the emergency command told on a status page while Quarterdeck was gone: once, and for good."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from quarterdeck.channels.status_site import EmergencyPost
from quarterdeck.core.kernel.text import line
from quarterdeck.core.status import Post
from quarterdeck.core.status.words import OVER
from quarterdeck.store import log, models, tx

from ..act import OPERATOR
from ..comms.sending import set_component_states
from ..subscribers.subscriber_notices import Event, Posted, tell
from . import audience_pages
from .publishing import touch

BY = "emergency command"
# For how long after it an end is news to subscribers.
TOLD_FOR = timedelta(hours=1)


def take_over(page: models.StatusPage, said: Iterable[EmergencyPost], now: datetime) -> int:
    """Make posts of the page of them; one that it has already stays as it is. Returns how many were new."""
    wanted = list(said)
    if not wanted:
        return 0
    with tx.write("web", "engine"):
        tx.lock(f"emergency-posts-{page.id}")
        known = set(
            models.PagePost.objects.filter(id__in=[s.post.id for s in wanted]).values_list("id", flat=True)
        )
        fresh = sorted((s for s in wanted if s.post.id not in known), key=lambda s: s.post.at)
        began = {s.post.incident_ref for s in fresh if not _is_known(page, s.post.incident_ref)}
        for one in fresh:
            _take(page, one, now)
        for ref in dict.fromkeys(s.post.incident_ref for s in fresh):
            _tell(page, [s.post for s in fresh if s.post.incident_ref == ref], ref in began, now)
        if fresh:
            touch([page.id])
    return len(fresh)


def _take(page: models.StatusPage, one: EmergencyPost, now: datetime) -> None:
    post = one.post
    models.PagePost.objects.create(
        id=post.id, page=page, incident_ref=post.incident_ref, source="hand", title=post.title,
        status_word=post.status_word, body=post.body, at=post.at, posted_by=OPERATOR, components=dict(post.components),
        next_update_at=post.next_update_at, impact=post.impact, language=post.language,
    )  # fmt: skip
    states = _states(page, post)
    for component, state in states.items():
        set_component_states({component: state}, OPERATOR, "", post.at, f"Set by the {BY}")
    told = {
        "page": page.id, "post": post.id, "incident_ref": post.incident_ref, "status_word": post.status_word,
        "said_at": post.at.isoformat(), "by": BY, "user": line(one.by, 60), "host": line(one.host, 100),
        "components": states,
    }  # fmt: skip
    log.audit("EmergencyPostTakenOver", told, at=now, actor=OPERATOR)


def _is_known(page: models.StatusPage, ref: str) -> bool:
    posts = models.PagePost.objects.filter(page=page, incident_ref=ref)
    return posts.exists() or models.PageUpdateRow.objects.filter(page=page.id, incident_id=ref).exists()


def _tell(page: models.StatusPage, posts: Sequence[Post], began: bool, now: datetime) -> None:
    """Subscribers are told the newest of what was said about one thing, and nothing of what was over long ago."""
    post = posts[-1]
    over = post.status_word in OVER
    if over and now - post.at > TOLD_FOR:
        return
    event: Event = "resolved" if over else "opened" if began else "updated"
    states = {component: state for p in posts for component, state in p.components.items()}
    tell(
        Posted(
            page.id, post.id, post.incident_ref, event, _title(page, post.incident_ref), post.body,
            post.status_word, post.at, states, post.language, next_update_at=post.next_update_at,
        )
    )  # fmt: skip


def _title(page: models.StatusPage, ref: str) -> str:
    """What the thread is called in public."""
    rows = (
        models.PagePost.objects.filter(page=page, incident_ref=ref).exclude(title="").order_by("-at", "-id")
    )
    row = rows.first()
    if row is not None:
        return row.title
    first = models.PageUpdateRow.objects.filter(page=page.id, incident_id=ref).order_by("posted_at").first()
    message = models.MessageRow.objects.filter(id=first.message_id).first() if first else None
    return message.headline if message else ""


def _states(page: models.StatusPage, post: Post) -> dict[str, str]:
    """What it says of the page's components, but for those that somebody has put into a state since."""
    own = set(audience_pages.settable(page).filter(id__in=list(post.components)).values_list("id", flat=True))
    later = models.ComponentState.objects.filter(component_id__in=own, at__gt=post.at)
    moved = set(later.values_list("component_id", flat=True))
    return {c: s for c, s in post.components.items() if c in own - moved}
