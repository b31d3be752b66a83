"""Taking over what the emergency command told on a status page while Quarterdeck was gone: once, and for good."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from quarterdeck.channels.status_site import EmergencyPost
from quarterdeck.core.kernel.text import line
from quarterdeck.core.status import Post
from quarterdeck.core.status.words import OVER
from quarterdeck.store import log, models, tx

from .act import OPERATOR
from .publishing import touch
from .sending import set_component_states
from .subscriber_notices import Posted, tell

BY = "emergency command"


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
        fresh = [s for s in wanted if s.post.id not in known]
        for one in fresh:
            _take(page, one, now)
        if fresh:
            touch([page.id])
    return len(fresh)


def _take(page: models.StatusPage, one: EmergencyPost, now: datetime) -> None:
    post = one.post
    opened = not models.PagePost.objects.filter(page=page, incident_ref=post.incident_ref).exists()
    opened = (
        opened
        and not models.PageUpdateRow.objects.filter(page=page.id, incident_id=post.incident_ref).exists()
    )
    models.PagePost.objects.create(
        id=post.id, page=page, incident_ref=post.incident_ref, source="hand", title=post.title,
        status_word=post.status_word, body=post.body, at=post.at, posted_by=OPERATOR, components=dict(post.components),
        next_update_at=post.next_update_at, impact=post.impact, language=post.language,
    )  # fmt: skip
    states = _states(page, post)
    for component, state in states.items():
        set_component_states({component: state}, OPERATOR, "", post.at, f"Set by the {BY}")
    event = "resolved" if post.status_word in OVER else "opened" if opened else "updated"
    tell(
        Posted(
            page.id, post.id, post.incident_ref, event, post.title, post.body, post.status_word, post.at,  # type: ignore[arg-type]
            dict(post.components), post.language, next_update_at=post.next_update_at,
        )
    )  # fmt: skip
    told = {
        "page": page.id, "post": post.id, "incident_ref": post.incident_ref, "status_word": post.status_word,
        "said_at": post.at.isoformat(), "by": BY, "user": line(one.by, 60), "host": line(one.host, 100),
        "components": states,
    }  # fmt: skip
    log.audit("EmergencyPostTakenOver", told, at=now, actor=OPERATOR)


def _states(page: models.StatusPage, post: Post) -> dict[str, str]:
    """What it says of the page's components, but for those that somebody has put into a state since."""
    own = set(page.components.filter(id__in=list(post.components)).values_list("id", flat=True))
    later = models.ComponentState.objects.filter(component_id__in=own, at__gt=post.at)
    moved = set(later.values_list("component_id", flat=True))
    return {c: s for c, s in post.components.items() if c in own - moved}
