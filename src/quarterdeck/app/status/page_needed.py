"""What stands against deleting a status page: whatever is open and needs it. Reads only."""

from __future__ import annotations

from collections.abc import Iterator

from quarterdeck.channels import status_site
from quarterdeck.core.access import Who
from quarterdeck.core.status.maintenance import OVER as MAINTENANCE_OVER
from quarterdeck.core.status.words import OVER
from quarterdeck.store import models

from ..health.health_finding import some
from . import page_folders, page_rights

_NAMED = 3


def reasons(page: models.StatusPage, who: Who) -> Iterator[str]:
    """One sentence each: what needs the page, and what to do about it."""
    windows = _windows(page)
    for found in (
        _incidents(page, who), _threads(page, windows), _maintenance(windows), _audiences(page), _emergency(page)
    ):  # fmt: skip
        if found:
            yield found


def _incidents(page: models.StatusPage, who: Who) -> str:
    """One whose posts promise another, and one whose message waits to be released on it. Of one that `who` may not know
    of and that was not told in public nothing is said: that it is there is for those who may.
    """
    found = page_rights.telling(page.id, who)
    if not found:
        return ""
    return (
        f"Open incidents are told on it, or will be by a message that names it: {some([i.id for i in found], _NAMED)}. "
        "Close them, or take the page off their messages."
    )


def _threads(page: models.StatusPage, windows: list[models.MaintenanceWindow]) -> str:
    last: dict[str, tuple[str, str]] = {}
    for post in models.PagePost.objects.filter(page=page).order_by("at", "id"):
        title = post.title or last.get(post.incident_ref, ("", ""))[0]
        last[post.incident_ref] = (title, post.status_word)
    known = {w.id for w in windows}
    found = [title or ref for ref, (title, word) in last.items() if word not in OVER and ref not in known]
    return f"Posts on it are not resolved: {some(found, _NAMED)}. Resolve them first." if found else ""


def _windows(page: models.StatusPage) -> list[models.MaintenanceWindow]:
    own = set(page.components.values_list("id", flat=True))
    rows = models.MaintenanceWindow.objects.exclude(state__in=MAINTENANCE_OVER).order_by("starts_at")
    return [w for w in rows if page.id in w.pages or own & set(w.components)]


def _maintenance(windows: list[models.MaintenanceWindow]) -> str:
    titles = list(dict.fromkeys(w.title for w in windows))
    return (
        f"Maintenance is under way or planned on it: {some(titles, _NAMED)}. Finish it or call it off."
        if titles
        else ""
    )


def _audiences(page: models.StatusPage) -> str:
    showing = models.StatusPage.objects.filter(shown__component__page=page).distinct()
    titles = list(showing.order_by("title").values_list("title", flat=True))
    return (
        f"Other pages show its components: {some(titles, _NAMED)}. Take them off there first."
        if titles
        else ""
    )


def _emergency(page: models.StatusPage) -> str:
    folders = page_folders.public_folder(page.key), page_folders.private_folder(page.key)
    if not any(status_site.emergency.waiting(folder) for folder in folders):
        return ""
    return "A post of the emergency command waits for the engine to take it over. Wait a moment, or start the engine."
