"""Whether status pages that are not public can be read by nobody but who may. Reads only. A part of `health`."""

from __future__ import annotations

from collections.abc import Iterator

from quarterdeck.core.status.access import opens_to_somebody
from quarterdeck.store import models

from ..status import page_access, page_folders
from .health_finding import Finding, fault, ok, some, warning

_OTHERS = 0o077
NAME = "private status pages"


def look() -> Iterator[Finding]:
    """Nothing where every page is public."""
    pages = list(models.StatusPage.objects.filter(public=False).select_related("access"))
    if not pages:
        return
    found = [*_folder(), *_public_files(pages), *_without_ways(pages)]
    yield from found or [ok(NAME, f"{len(pages)} not public: their files are for Quarterdeck alone.")]


def _folder() -> Iterator[Finding]:
    root = page_folders.private_root()
    try:
        mode = root.stat().st_mode & 0o777
    except OSError:
        return  # nothing is published there yet
    if mode & _OTHERS:
        text = (
            f"Other accounts of this machine can read private status pages: {root} has the mode {mode:04o}."
        )
        yield fault(NAME, text, f"chmod 700 {root}, and see that no web server serves it.")


def _public_files(pages: list[models.StatusPage]) -> Iterator[Finding]:
    left = [p.key for p in pages if page_folders.public_folder(p.key).exists()]
    if left:
        text = f"Pages that are not public lie in the public folder, where anybody reads them: {some(left)}."
        where = page_folders.public_folder(left[0]).parent
        yield fault(NAME, text, f"Start the engine, which takes them away, or remove them from {where} now.")


def _without_ways(pages: list[models.StatusPage]) -> Iterator[Finding]:
    shut = [p.key for p in pages if not opens_to_somebody(page_access.ways(p, page_access.of(p)))]
    if shut:
        text = f"Nobody can read these private pages, for they have no way in: {some(shut)}."
        yield warning(NAME, text, "Choose a way in under Status pages, Access.")
