"""Publishing status pages: whatever changed is rendered whole and swapped in, within seconds of the change."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db.models import F

from quarterdeck.app import publishing
from quarterdeck.channels import status_site
from quarterdeck.store import models


def publish_pages(now: datetime) -> int:
    """Publish every page whose content changed, and each page anew when its day has turned; returns how many."""
    waiting = list(models.StatusPage.objects.filter(published__lt=F("revision")))
    for page in waiting:
        publish_one(page, now)
    return len(waiting)


def publish_one(page: models.StatusPage, now: datetime) -> None:
    """Render one page and record which revision is out. A later change is published again.

    A page that is not public is taken away instead: nobody outside may read it.
    """
    folder = Path(settings.QUARTERDECK_STATUS) / page.key
    if not page.public:
        status_site.withdraw(folder)
        publishing.published(page.id, page.revision, now)
        return
    files = status_site.render(publishing.page_snapshot(page, now), publishing.site_settings(page))
    status_site.write(files, folder)
    publishing.published(page.id, page.revision, now)
