"""Where the files of status pages lie on this machine: those of the public in one folder, those of others in one that
no web server is told to serve.
"""

from __future__ import annotations

import logging
from pathlib import Path

from django.conf import settings
from django.db import transaction

from quarterdeck.channels import status_site
from quarterdeck.store import models

_log = logging.getLogger("quarterdeck.status")
PRIVATE = "status-private"


def public_folder(key: str) -> Path:
    return Path(settings.QUARTERDECK_STATUS) / key


def private_root() -> Path:
    """Beside the public pages and never below them."""
    return Path(settings.QUARTERDECK_DATA) / PRIVATE


def private_folder(key: str) -> Path:
    return private_root() / key


def withdrawn_folder(key: str) -> Path:
    """What targets get in place of a page that is public no more. No page has such a key."""
    return private_root() / f"{key}.withdrawn"


def make_private_root() -> Path:
    """The folder of what is not public, for this account alone, whatever was there before."""
    root = private_root()
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    if root.stat().st_mode & 0o077:
        root.chmod(0o700)
    return root


def make_private_folder(folder: Path) -> None:
    """The folder of the versions of a page that is not public. The files in it have the modes of public ones: it is
    this folder, as the one around it, that nobody else gets into.
    """
    make_private_root()
    versions = status_site.versions_of(folder)
    versions.mkdir(exist_ok=True, mode=0o700)
    if versions.stat().st_mode & 0o077:
        versions.chmod(0o700)


def stands(page: models.StatusPage) -> bool:
    """Whether a page is there this moment, and for the same readers as when it was read."""
    return models.StatusPage.objects.filter(id=page.id, public=page.public).exists()


def take_away_on_commit(key: str) -> None:
    """Take the public files of a page away with the caller's transaction. The engine of each node does it again, and
    says so where it cannot.
    """
    _on_commit(key, (public_folder(key),), posts=False)


def erase_on_commit(key: str) -> None:
    """As `take_away_on_commit`, all that lies here of a page: a page that gets its key meets nothing of it."""
    _on_commit(key, (public_folder(key), private_folder(key)), posts=True)


def _on_commit(key: str, folders: tuple[Path, ...], *, posts: bool) -> None:
    def take_away() -> None:
        for folder in folders:
            try:
                status_site.withdraw(folder, posts=posts)
            except OSError as e:
                _log.warning("the files of %s in %s are left to the engine: %s", key, folder, e)

    transaction.on_commit(take_away)
