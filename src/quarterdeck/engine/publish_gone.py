"""Taking away what lies on this node's disk of status pages that were deleted, whichever node they were deleted on.

A page that has got the key of one of them keeps its own files: each is known by the id that is noted beside it.
"""

from __future__ import annotations

import socket
from datetime import datetime, timedelta

from quarterdeck.app.status import page_folders, publishing
from quarterdeck.channels import status_site
from quarterdeck.store import models

from .publish_notes import read

AGAIN = timedelta(seconds=30)

# Asked for with every cycle: those of which this process knows that nothing is left, and when the others are due.
_cleared: set[str] = set()
_next: dict[str, datetime] = {}


def left(now: datetime) -> list[models.DeletedPage]:
    """Those of which something may lie here."""
    ids = set(models.DeletedPage.objects.order_by().values_list("page_id", flat=True)) - _cleared
    wanted = [i for i in ids if not now < _next.get(i, now) <= now + AGAIN]
    return (
        list(models.DeletedPage.objects.filter(page_id__in=wanted).select_related("page")) if wanted else []
    )


def clear(now: datetime) -> None:
    for row in left(now):
        place = f"{row.key}@{socket.gethostname()}"
        before = _next.pop(row.page_id, None)
        try:
            whole = _clear(row)
        except (OSError, ValueError) as e:
            _next[row.page_id] = now + AGAIN
            text = f"The status page {row.page.title} was deleted, and its files cannot be taken away: {e}"
            publishing.not_published(place, text, now)
            continue
        if before is not None:
            publishing.published_again(place, now)
        if whole:
            _cleared.add(row.page_id)
        else:
            _next[row.page_id] = now + AGAIN


def _clear(row: models.DeletedPage) -> bool:
    """Whether nothing is left: what is brought in its place lies here until the last target has it."""
    taken = models.StatusPage.objects.filter(key=row.key).exists()
    for folder in (page_folders.public_folder(row.key), page_folders.private_folder(row.key)):
        if not taken or read(folder).page == row.page_id:
            status_site.withdraw(folder, posts=True)
    if row.page.targets.exists():
        return False
    status_site.withdraw(page_folders.withdrawn_folder(row.page.key))
    return True
