"""Whether status pages are as new as they should be, here and at each of their targets; a part of `health`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings

from quarterdeck.channels.status_site import read
from quarterdeck.core.kernel.moments import spoken
from quarterdeck.store import models

from ..status import publish_target_runs as runs
from ..status import publishing
from ..status.publish_targets import label
from .health_finding import Finding, fault, ok, warning

NAME = "status pages"


def look(now: datetime) -> Iterator[Finding]:
    """One finding for each page that is old, and for each target that is not well; one for all that are."""
    well, brought = 0, list[tuple[datetime, str]]()
    for page in models.StatusPage.objects.filter(public=True, published__gt=0):
        found = _page(page, now)
        well += found is None
        if found is not None:
            yield found
    for row in models.PublishTarget.objects.filter(runs.AT_WORK).select_related("page"):
        found = _target(row, now)
        well += found is None
        if found is not None:
            yield found
        elif row.succeeded_at is not None and not row.leaving:
            brought.append((row.succeeded_at, f"{label(row)}: {runs.last_text(row, now)}"))
    if well:
        last = f" The target with the oldest copy is {min(brought)[1]}" if brought else ""
        are = "published page or target is as it" if well == 1 else "published pages and targets are as they"
        yield ok(NAME, f"{well} {are} should be.{last}")


def _page(page: models.StatusPage, now: datetime) -> Finding | None:
    try:
        kept = read(settings.QUARTERDECK_STATUS / page.key)
    except ValueError as e:
        return warning(
            NAME, f"{page.title}: {e}", "The engine publishes it within seconds: see that it runs."
        )
    age = now - kept.made_at
    if age <= publishing.fresh_for():
        return None
    text = f"{page.title} was last published {spoken(age)} ago: readers are told to doubt it."
    return fault(
        NAME, text, "See that the engine runs, and whether an alarm says why it cannot be published."
    )


def _target(row: models.PublishTarget, now: datetime) -> Finding | None:
    step = f"Mend it, then try it under Status pages, {row.page.title}, Targets."
    if row.page.deleted_at is not None:
        step = "See that the target answers: it is tried by itself. Or leave it there, in the list of status pages."
    elif row.leaving:
        step += " Or remove it there once more: then the files stay."
    if not row.page.public and not row.leaving:
        return _left(row) if row.version else None
    if row.behind_since is not None and row.behind_since <= now - runs.BEHIND:
        return fault(NAME, runs.behind_text(row, now), step)
    if row.failure or row.test_failure:
        text = f"{label(row)}: {row.failure or row.test_failure} {runs.last_text(row, now)}"
        return warning(NAME, text, step)
    if row.succeeded_at is None and not row.leaving:
        return warning(
            NAME, f"{label(row)}: nothing was brought there yet.", "The engine does so within a minute."
        )
    if not row.leaving and now - row.succeeded_at > publishing.fresh_for():
        text = f"{label(row)}: {runs.last_text(row, now)} Readers there are told to doubt it."
        return fault(NAME, text, "See that the engine runs; then try it under Targets.")
    return None


def _left(row: models.PublishTarget) -> Finding:
    text = (
        f"{label(row)}: the page is not public any more, and a copy may still be there. {row.failure}".strip()
    )
    return fault(
        NAME, text, "It is taken away by itself as soon as the target answers; else remove it there."
    )
