"""What becomes of what a deleted status page had: what it was made of goes with the act, its subscribers a part at a
time after it, each told a last time where that was wished. An engine that is killed in between goes on where it was.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q

from quarterdeck.store import models

from .. import due
from ..paging.directory import Directory
from ..subscribers import subscriber_ends, subscriber_farewell

KIND = "page_purge"
AT_ONCE, POINTS_AT_ONCE = 200, 2000
# A mail that was being handed over when the page was deleted, and failed, would be tried again: looked for that long.
WATCHED, EVERY = timedelta(minutes=10), timedelta(minutes=1)


def at_once(page: models.StatusPage, now: datetime) -> None:
    """What the page was made of, inside the transaction in which it is deleted."""
    _mailed_links(page, now)
    own = models.Component.objects.filter(page=page)
    models.ComponentState.objects.filter(component__page=page).delete()
    models.Component.services.through.objects.filter(component__page=page).delete()
    models.Component.depends_on.through.objects.filter(
        Q(from_component__page=page) | Q(to_component__page=page)
    ).delete()
    own.delete()
    models.PostWords.objects.filter(post_id__in=page.posts.values("id")).delete()
    for rows in (page.posts, page.shown, page.removed_components, page.versions, page.pictures, page.imports):
        rows.all().delete()
    models.PageBrand.objects.filter(page=page).delete()
    models.SubscriptionRequest.objects.filter(page_id=page.id).delete()


def _mailed_links(page: models.StatusPage, now: datetime) -> None:
    """Links that open the page go, and mails with them that wait."""
    keys = [f"page-mail/{link}" for link in page.mail_links.filter(used_at=None).values_list("id", flat=True)]
    mails = models.Delivery.objects.filter(key__in=keys)
    mails.filter(state="queued").update(state="cancelled", finished_at=now, error="The page was deleted.")
    mails.filter(state="sending").update(not_after=now)  # should it fail, it is not tried again
    page.mail_links.all().delete()
    page.knocks.all().delete()


def fire(page_id: str, directory: Directory) -> None:
    """The next part, inside the caller's transaction, and come again while there is more."""
    row = models.DeletedPage.objects.select_for_update(of=("self",)).filter(page_id=page_id).first()
    if row is None:
        return
    now = directory.now
    if _subscribers(row, now) or _points(row):
        due.arm(KIND, page_id, now, now)
        return
    if row.purged_at is None:
        row.purged_at = now
        row.farewell = ""
        row.save(update_fields=["purged_at", "farewell"])
    _rest(row.page)
    subscriber_ends.page_deleted(row.page, now)
    if row.at <= now < row.at + WATCHED:
        due.arm(KIND, page_id, now + EVERY, now)


def _subscribers(row: models.DeletedPage, now: datetime) -> bool:
    part = list(models.Subscriber.objects.filter(page=row.page_id).defer("target").order_by("id")[:AT_ONCE])
    if part and row.farewell:
        subscriber_farewell.send(row, part, now)
    ids = [s.id for s in part]
    # A letter that is being handed over at this moment is not tried again, should it fail: nobody would find it later.
    letters = models.Delivery.objects.filter(state="sending", contact_id__in=ids)
    letters.filter(key__startswith="subscription/").update(not_after=now)
    models.HeldPost.objects.filter(subscriber_id__in=ids).delete()
    models.Subscriber.objects.filter(id__in=ids).delete()
    return bool(part)


def _points(row: models.DeletedPage) -> bool:
    points = models.MetricPoint.objects.filter(metric__page=row.page_id)
    ids = list(points.values_list("id", flat=True)[:POINTS_AT_ONCE])
    models.MetricPoint.objects.filter(id__in=ids).delete()
    return bool(ids)


def _rest(page: models.StatusPage) -> None:
    """Doors stood until now, as they say whom a last mail may reach; and what came in by a hair after the act."""
    models.PageAccess.objects.filter(page=page).delete()
    models.SubscriptionRequest.objects.filter(page_id=page.id).delete()
    for rows in (page.invitations, page.metrics, page.posts, page.mail_links, page.knocks):
        rows.all().delete()
