"""What is said in public of a maintenance: one post on each of its pages, and its subscribers told, at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from quarterdeck.core.kernel.moments import spoken
from quarterdeck.core.kernel.text import clean
from quarterdeck.core.status.maintenance import public_word
from quarterdeck.core.status.maintenance_plan import span
from quarterdeck.store import models
from quarterdeck.store.ids import new_id

from ..status import audience_pages
from ..status.publishing import touch
from ..subscribers import subscriber_notices
from ..subscribers.subscriber_notices import Event


@dataclass(frozen=True, slots=True)
class Words:
    """One post: what it tells subscribers, and its text. `started_at` is said once it has begun."""

    event: Event
    body: str
    started_at: datetime | None = None


def post(row: models.MaintenanceWindow, words: Words, actor: str, now: datetime) -> None:
    """Post on every page of the window, inside the caller's transaction. Before it was announced nothing is said."""
    word = public_word(row.state)
    if not word or not row.pages or (row.state == "cancelled" and row.announced_at is None):
        return
    pages = list(models.StatusPage.objects.filter(id__in=row.pages))
    for page in pages:
        shown = audience_pages.settable(page).filter(id__in=row.components)
        _post(row, page.id, words, dict(shown.values_list("id", "state")), actor, now)
    touch([page.id for page in pages])


def _post(
    row: models.MaintenanceWindow,
    page_id: str,
    words: Words,
    states: Mapping[str, str],
    actor: str,
    now: datetime,
) -> None:
    made = models.PagePost.objects.create(
        id=new_id(), page_id=page_id, incident_ref=row.id, source="maintenance", title=row.title,
        status_word=public_word(row.state), body=clean(words.body), at=now, posted_by=actor,
        components=dict(states), scheduled_for=row.starts_at, scheduled_until=row.ends_at,
        started_at=words.started_at,
    )  # fmt: skip
    subscriber_notices.tell(
        subscriber_notices.Posted(
            page_id=page_id, post_id=made.id, ref=row.id, event=words.event, title=row.title, body=made.body,
            status_word=made.status_word, at=now, components=dict(states), scheduled_for=row.starts_at,
            scheduled_until=row.ends_at,
        )
    )  # fmt: skip


# -- the texts, where nobody wrote their own


def planned(row: models.MaintenanceWindow) -> str:
    return row.text or f"Maintenance is planned for {_span(row)}."


def moved(row: models.MaintenanceWindow, why: str) -> str:
    return _joined(f"This maintenance has moved. It is now planned for {_span(row)}.", why)


def reminded(row: models.MaintenanceWindow, now: datetime) -> str:
    left = row.starts_at - now
    return f"This maintenance begins in {_rounded(left)}: {_span(row)}."


def started(row: models.MaintenanceWindow, text: str = "") -> str:
    return text or row.text_started or "The maintenance has begun."


def resumed(text: str = "") -> str:
    return text or "The work goes on."


def verifying(text: str = "") -> str:
    return text or "The work is done. We are checking that everything is as it should be."


def extended(row: models.MaintenanceWindow, why: str) -> str:
    return _joined(f"The maintenance takes longer than planned. Its new time is {_span(row)}.", why)


def finished(row: models.MaintenanceWindow, text: str = "") -> str:
    return text or row.text_finished or "The maintenance is complete."


def cancelled(row: models.MaintenanceWindow, why: str) -> str:
    begun = "has been stopped" if row.started_at else "will not take place"
    return _joined(f"This maintenance {begun}.", why)


def _span(row: models.MaintenanceWindow) -> str:
    return span(row.starts_at, row.ends_at, row.zone)


def _rounded(left: timedelta) -> str:
    """A timer never wakes at the very instant: "in 1 h", not "in 59 min"."""
    return spoken(timedelta(minutes=round(left.total_seconds() / 60)))


def _joined(*parts: str) -> str:
    return "\n\n".join(p for p in parts if p)
