"""Deleting a status page for good: what goes, what stays, what stands against it now, and doing it. Audited.

The row of the page stays behind with its title and its id, without its key and unknown to `StatusPage.objects`. The log
of incidents, the audit log and the ledger of messages name a page by its id, and none of them is ever edited: so they
stay whole, read models are folded from the log as before, and copies at targets can still be taken away. All else of
the page is deleted with this act, in one transaction; what may be very much, and what people told the page of
themselves, by `page_purge` right after it, bit by bit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from quarterdeck.core.access import Who, may
from quarterdeck.core.kernel.refused import Refused, bad, forbidden
from quarterdeck.core.kernel.text import clean, counted, line
from quarterdeck.store import log, models, tx

from .. import due
from ..act import Act
from ..comms import contact_imports
from ..health import alarms
from ..subscribers import subscriber_ends, subscriber_farewell, subscriber_lists
from . import page_needed, page_purge, page_seen, publish_targets
from .audience_pages import held_page
from .page_folders import erase_on_commit
from .status_pages import find_page

LONGEST_FAREWELL = 2000


@dataclass(frozen=True, slots=True)
class Preview:
    """What deleting a page would do now. `goes` and `stays` are words and how many; `reasons` what stands against it.
    `told` are the subscribers whom a last mail would reach.
    """

    goes: tuple[tuple[str, int], ...]
    stays: tuple[tuple[str, int], ...]
    told: int
    reasons: tuple[str, ...]


def preview(page: models.StatusPage, who: Who) -> Preview:
    """Reads only."""
    counts = count(page)
    told = models.PageUpdateRow.objects.filter(page=page.id)
    stays = (
        ("post of incidents, in their own record", told.count()),
        (
            "message to subscribers, in the ledger",
            models.SubscriberPost.objects.filter(page_id=page.id).count(),
        ),
    )
    return Preview(
        tuple((word, n) for word, n in counts.items() if n), tuple(s for s in stays if s[1]),
        subscriber_farewell.how_many(page), tuple(page_needed.reasons(page, who)),
    )  # fmt: skip


def count(page: models.StatusPage) -> dict[str, int]:
    """What goes with a page, each in the words of one of them."""
    kept = models.Subscriber.objects.filter(page=page)
    return {
        "component": page.components.count(),
        "component of another page": page.shown.count(),
        "subscriber": kept.exclude(state="ended").count(),
        "address of somebody who ended it": kept.filter(state="ended").count(),
        "post without an incident of ours": page.posts.count(),
        "metric": page.metrics.count(),
        "target": page.targets.count(),
        "version in its history": page.versions.count(),
        "invitation": page.invitations.filter(withdrawn_at=None).count(),
        "logo or favicon": page.pictures.count(),
    }


def in_words(found: tuple[tuple[str, int], ...]) -> list[str]:
    return [counted(n, word, _PLURALS.get(word, "")) for word, n in found]


_PLURALS = {
    "component of another page": "components of other pages",
    "address of somebody who ended it": "addresses of people who ended it",
    "post without an incident of ours": "posts without an incident of ours",
    "version in its history": "versions in its history",
    "logo or favicon": "logos and favicons",
    "post of incidents, in their own record": "posts of incidents, in their own record",
    "message to subscribers, in the ledger": "messages to subscribers, in the ledger",
}


def delete(
    act: Act, page_key: str, typed: str, *, reason: str = "", farewell: str = "", proven: bool = False
) -> models.DeletedPage:
    """Delete a page and take its files away. `typed` is its key once more; `farewell` what its subscribers are told by
    one last mail, "" nothing. Refused while something open needs the page.

    `proven`: they have just shown again who they are. Without, it is for administrators.
    """
    page_seen.need_person(act)
    if not proven and not may(act.who, "settings.edit"):
        message = "Without a form, only an administrator deletes a page. Do it on the page's own form, where you prove "
        raise forbidden("page.delete", message + "who you are, or ask one of them.")
    words, why = _farewell(farewell), line(reason, 300)
    page = find_page(page_key)
    if line(typed, 60) != page.key:
        message = f"Type {page.key} to delete this page. Nothing was deleted."
        raise bad("page.typed", message, key=message)
    with tx.write("web", "engine"):
        page = held_page(page)  # by its id alone: another page may have this id as its key
        against = list(page_needed.reasons(page, act.who))
        if against:
            raise Refused("page.needed", "This page is still needed. " + " ".join(against))
        return _delete(act, page, why, words)


def _delete(act: Act, page: models.StatusPage, why: str, farewell: str) -> models.DeletedPage:
    counts = {word: n for word, n in count(page).items() if n}
    row = models.DeletedPage.objects.create(
        page=page, key=page.key, public=page.public, at=act.at, by=act.person, reason=why, farewell=farewell,
        counts=counts,
    )  # fmt: skip
    told = {"page": page.id, "key": page.key, "title": page.title, "reason": why, "gone": counts}
    told["farewell"] = bool(farewell)
    log.audit("StatusPageDeleted", told, at=act.at, actor=act.person)
    publish_targets.leave_all(page, act)
    subscriber_ends.page_deleted(page, act.at)
    page_purge.at_once(page, act.at)
    contact_imports.forget(act, f"{subscriber_lists.PAGE}{page.id}")
    for alarm in models.Alarm.objects.filter(kind="status-page", cleared_at=None):
        if alarm.subject.startswith((f"{page.key}@", f"{page.key}.targets@")):
            alarms.clear_alarm(alarm.kind, alarm.subject, act.at)
    # No key has such a sign in it, so the one it had is free.
    models.StatusPage.objects.filter(id=page.id).update(
        key=f"~{page.id}", deleted_at=act.at, public=False, description="", support_url=""
    )
    due.arm(page_purge.KIND, page.id, act.at, act.at)
    erase_on_commit(row.key)
    return row


def deleted(most: int = 20) -> Iterator[models.DeletedPage]:
    """The last ones, newest first, then older ones that are still being taken away somewhere."""
    rows = models.DeletedPage.objects.select_related("page").prefetch_related("page__targets")
    last = list(rows[:most])
    yield from last
    left = models.PublishTarget.objects.exclude(page__deleted_at=None).values("page_id")
    yield from rows.filter(page_id__in=left).exclude(page_id__in=[r.page_id for r in last])


def _farewell(text: str) -> str:
    words = clean(text, LONGEST_FAREWELL + 1).strip()
    if len(words) > LONGEST_FAREWELL:
        message = f"This text has {len(words)} letters or more. Shorten it to {LONGEST_FAREWELL}."
        raise bad("page.farewell", message, farewell=message)
    return words
