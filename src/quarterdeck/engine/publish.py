"""Publishing status pages: whatever changed is rendered and swapped in, within seconds of the change, on every node.

Each node has the files of its own: what is on this disk counts, not what another has published. A page that cannot be
written keeps no other from being published, and pages to people wait for none of it. What nobody changes is published
anew every few minutes all the same, so that a page tells by its age whether anybody still looks after it. A publication
is never dated before the one it follows (but for a clock that was more than a day ahead): nothing told disappears.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connections
from django.db.models import Q

from quarterdeck.app.status import emergency_posts, page_folders, publishing
from quarterdeck.app.status import publish_target_runs as runs
from quarterdeck.channels import status_site
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.oncall.wall import wall, zone
from quarterdeck.store import models
from quarterdeck.store.models.publish_targets import LEAVING

from . import publish_gone
from .publish_notes import Out, is_of, known, lying, note
from .publish_notes import out_here as _out
from .publish_targets import TargetPublisher, keep

AGAIN = timedelta(seconds=30)
# What a page with something in it that nobody thought of may break with: no other page waits for it.
_BROKE = (ValueError, ArithmeticError, LookupError, TypeError, AttributeError, RuntimeError)
# How far ahead of now a former publication is believed.
BELIEVED = timedelta(hours=24)


_failed: dict[Path, datetime] = {}
_not_brought: set[str] = set()


def publish_pages(now: datetime) -> int:
    """Publish every page whose content changed, and each page anew when its day has turned; returns how many. What lies
    here of pages that were deleted is taken away.
    """
    publish_gone.clear(now)
    return sum(_try(page, now) for page in waiting(now))


def waiting(now: datetime) -> list[models.StatusPage]:
    """The pages of which this node does not have what it should; one that failed is waited for a little."""
    found = []
    for page in models.StatusPage.objects.all():
        folder = _folder(page)
        noted = lying(folder, now)
        current = (
            noted[:2] == (page.revision, _day(page, now))
            and folder.exists()
            and not _other(page).exists()
            and is_of(noted, page)
        )
        stale = _is_old(noted, now) or status_site.emergency.waiting(folder)
        if (stale or not current) and _failed.get(folder, now) <= now:
            found.append(page)
    return found


class Publisher:
    """Publishes beside the engine's cycle, in a thread of its own: rendering takes seconds, and nobody waits for it."""

    def __init__(self, clock: Callable[[], datetime], node: str) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="publish")
        self._under_way: Future[int] | None = None
        self._targets = TargetPublisher(clock, node)

    def look(self, now: datetime) -> None:
        """Begin when something waits and nothing is under way. Raises what went wrong with the last time."""
        try:
            self._publish(now)
        finally:
            bring(self._targets, now)

    def _publish(self, now: datetime) -> None:
        if self._under_way is not None:
            if not self._under_way.done():
                return
            done, self._under_way = self._under_way, None
            done.result()
        if publish_gone.left(now) or waiting(now):
            self._under_way = self._pool.submit(_publish, now)

    def close(self) -> None:
        self._pool.shutdown()


def bring(targets: TargetPublisher, now: datetime) -> None:
    """Have what is out on this node brought to the targets of its pages; where a page that is public no more may still
    be, have it taken away there, also where the target is switched off. One page that cannot holds up no other.
    """
    if not targets.is_time(now) or not models.PublishTarget.objects.exists():
        return
    out, folders = {}, {}
    wanted = Q(public=True, targets__enabled=True) | Q(public=False, targets__version__gt="")
    wanted |= Q(targets__version=LEAVING)
    for page in models.StatusPage.everything.filter(wanted).distinct():
        folder = _folder(page) if page.public else page_folders.withdrawn_folder(page.key)
        place = f"{page.key}.targets@{socket.gethostname()}"
        try:
            shown = _shown(page, folder)
        except (OSError, ValueError) as e:
            _not_brought.add(place)
            publishing.not_published(place, f"{page.title} cannot be brought to its targets: {e}", now)
            continue
        if place in _not_brought:
            _not_brought.discard(place)
            publishing.published_again(place, now)
        if shown is not None:
            out[page.id], folders[page.id] = shown, folder
    targets.look(out, folders, now)


def _shown(page: models.StatusPage, folder: Path) -> runs.Out | None:
    """What of a page its targets should have; None while this node has nothing of it."""
    if not page.public:
        page_folders.make_private_folder(folder)
        status_site.write(status_site.withdrawn(), folder)
    version = status_site.current(folder)
    if version is None:
        return None
    revision = known(folder).revision if page.public else page.revision
    return runs.Out(version.name, revision, withdrawn=not page.public)


def _publish(now: datetime) -> int:
    try:
        return publish_pages(now)
    finally:
        connections.close_all()


def _try(page: models.StatusPage, now: datetime) -> int:
    folder, place = _folder(page), f"{page.key}@{socket.gethostname()}"
    first = folder not in _out
    try:
        publish_one(page, now)
    except (OSError, Refused, *_BROKE) as e:
        _failed[folder] = now + AGAIN
        told = e.message if isinstance(e, Refused) else str(e)
        publishing.not_published(place, f"The status page {page.title} cannot be published: {told}", now)
        return 0
    if _failed.pop(folder, None) is not None or first:
        publishing.published_again(place, now)
    return 1


def publish_one(page: models.StatusPage, now: datetime) -> None:
    """Render one page and record which revision is out. A later change is published again.

    Of incidents that are over only those are rendered whose pages are not out as they are. A page that is not public
    lies where no public server looks; before it is rendered there, its public files are taken away.
    """
    folder = _folder(page)
    for place in (folder, _other(page)):
        if not is_of(known(place), page):  # of one that had this key before, and was deleted
            _take_away(place, posts=True)
    if not page.public:
        _take_away(_other(page))
        page_folders.make_private_folder(folder)
    # A post that was made just before the page became private, or public, waits beside the other folder.
    said = {place: status_site.emergency.waiting(place) for place in (_other(page), folder)}
    emergency_posts.take_over(page, (one for found in said.values() for one in found), now)

    def still() -> bool:
        return page_folders.stands(page)

    try:
        _release(page, folder, now, still)
    except status_site.Withheld:
        _take_away(folder)
        return
    if not still():
        # It was changed while this was rendered: what has just been written is for others than who may read it now.
        _take_away(folder)
        return
    for place, found in said.items():
        for one in found:
            status_site.emergency.taken(place, one.post.id)
    _take_away(_other(page))
    publishing.published(page.id, page.revision, now)


def _release(page: models.StatusPage, folder: Path, now: datetime, still: Callable[[], bool]) -> None:
    """Keep what the page is made of, and publish it: should we die in between, what is kept is not older.

    Raises Withheld where it is not for the same readers any more.
    """
    before = known(folder)
    at = before.dated if before.dated is not None and now < before.dated <= now + BELIEVED else now
    material, how = publishing.page_material(page, at).since(at), publishing.site_settings(page)
    status_site.keep(folder, status_site.Kept(material, how, at, page.revision, public=page.public))
    keep(page, folder)
    marks = status_site.release(material, how, folder, at, before.marks, still)
    shown = status_site.current(folder)
    note(folder, Out(page.revision, _day(page, now), marks, now, at, page.id, shown.name if shown else ""))


def _is_old(out: Out, now: datetime) -> bool:
    return out.at is None or abs(now - out.at) >= _refresh()


def _refresh() -> timedelta:
    return timedelta(minutes=settings.QUARTERDECK_STATUS_REFRESH_MINUTES)


def _folder(page: models.StatusPage) -> Path:
    """Where its files lie: in the folder that the world is served from, or in the one that only the product opens."""
    return (page_folders.public_folder if page.public else page_folders.private_folder)(page.key)


def _other(page: models.StatusPage) -> Path:
    """Where its files must not lie."""
    return (page_folders.private_folder if page.public else page_folders.public_folder)(page.key)


def _take_away(folder: Path, *, posts: bool = False) -> None:
    """Raises OSError where something is left: the wrong people can read it."""
    status_site.withdraw(folder, posts=posts)
    _out.pop(folder, None)
    if folder.exists():
        raise FileExistsError(
            f"{folder} is no published page, and lies where this page must not. Move it away."
        )


def _day(page: models.StatusPage, now: datetime) -> str:
    return wall(now, zone(page.timezone)).date().isoformat()
