"""Puts the files of a site in place so that a reader sees the old page or the new one, never a half.

Each version is a folder of its own beside the site (`making`), which is a link that is swapped in one step. Files that
did not change are the same file on disk, so that a server's own ETag and Last-Modified hold.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from . import making

EMERGENCY, TARGETS = "emergency", "targets"
_LOCK = ".lock"
_SAFE_PATH = re.compile(r"(?!/)(?:[A-Za-z0-9][A-Za-z0-9._-]*/)*[A-Za-z0-9][A-Za-z0-9._-]*")


class Withheld(Exception):
    """It must not be shown any more to whoever can read the folder; what was there stays."""


def write(
    files: Mapping[str, bytes], folder: str | Path, kept: Collection[str] = (),
    still: Callable[[], bool] | None = None,
) -> Path:  # fmt: skip
    """Publishes `files` as `folder` and answers it. Does nothing when they are there already.

    The folders named in `kept` are taken over from what is published now, as they are.
    `folder` becomes a link; its versions are kept beside it under the same name with a dot in front. Safe with
    several writers on one machine. Raises ValueError for a path that would leave the folder and OSError when the
    disk refuses or `folder` is something else; then what was there stays. `still` is asked immediately before the
    swap, under the site's lock: where it says no, Withheld is raised.
    """
    for name in (*files, *(k.rstrip("/") for k in kept)):
        if not _SAFE_PATH.fullmatch(name):
            raise ValueError(f"{name!r} is not a path inside a site")
    site, versions = Path(folder), versions_of(folder)
    _made(versions)
    with _locked(versions):
        current = _current(site)
        version, wanted = making.planned(versions, current, files, kept)
        if current != version:
            making.make(versions, version, current, wanted, files)
            if still is not None and not still():
                raise Withheld
            _point(site, versions, version)
            making.prune(versions, version)
    return site


def withdraw(folder: str | Path, *, posts: bool = False) -> None:
    """Takes a site away with its versions and whatever was kept beside them, but for emergency posts that wait to be
    taken over: those only with `posts`. Raises OSError for what is not ours; nothing there is no error.
    """
    site, versions = Path(folder), versions_of(folder)
    if not versions.is_dir():
        return
    with _locked(versions):
        _current(site)  # refuses what is no published page
        site.unlink(missing_ok=True)
        making.synced(site.parent)
        for path in versions.iterdir():
            if path.name == EMERGENCY and not posts:
                _clear_posts(path)
            elif path.name != _LOCK:
                _removed(path)


def _clear_posts(folder: Path) -> None:
    for path in folder.iterdir():
        if path.suffix != ".json" or path.name.startswith("."):
            _removed(path)
    with suppress(OSError):  # some wait
        folder.rmdir()


def _removed(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def beside(folder: str | Path, name: str, content: bytes) -> None:
    """Keeps a file that only its owner may read beside the versions of a site: whole, on disk, or not at all."""
    versions = versions_of(folder)
    path = versions / name
    _made(versions)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _locked(versions):
        fresh = path.with_name(f".{path.name}.new")
        try:
            fresh.unlink(missing_ok=True)
            with os.fdopen(
                os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb"
            ) as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(path)
        except OSError:
            with suppress(OSError):
                fresh.unlink(missing_ok=True)
            raise


def _made(versions: Path) -> None:
    """A web server has to get through to the version that is shown; nobody else has to know what else there is."""
    versions.mkdir(parents=True, exist_ok=True)
    mode = versions.stat().st_mode & 0o777
    if mode & 0o066:
        versions.chmod(mode & 0o711)


def versions_of(folder: str | Path) -> Path:
    """The hidden folder beside a site that holds its versions, and what is kept to publish it again."""
    site = Path(folder)
    return site.with_name(f".{site.name}")


def current(folder: str | Path) -> Path | None:
    """The folder of the version that is shown now; None when nothing is."""
    site = Path(folder)
    name = _current(site)
    return versions_of(site) / name if name else None


@contextmanager
def held(folder: str | Path, holder: str) -> Iterator[Path | None]:
    """The version that is shown now, which stays on disk until whoever copies it is done; None when there is none.

    One version for each `holder`: what an earlier one held that died is let go.
    """
    versions = versions_of(folder)
    mark = versions / making.HOLDS / holder
    if not versions.is_dir():
        yield None
        return
    with _locked(versions):
        version = current(folder)
        if version is not None:
            mark.parent.mkdir(exist_ok=True)
            mark.write_text(version.name, encoding="ascii")
    try:
        yield version
    finally:
        mark.unlink(missing_ok=True)


@contextmanager
def _locked(versions: Path) -> Iterator[None]:
    handle = os.open(versions / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _current(site: Path) -> str:
    """The version the site shows, "" when there is none. Raises FileExistsError for what is not ours."""
    if site.is_symlink():
        return site.readlink().name if site.exists() else ""
    if site.exists():
        raise FileExistsError(f"{site} is no published page. Move it away, then publish again.")
    return ""


def _point(site: Path, versions: Path, version: str) -> None:
    fresh = versions / ".link"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(Path(versions.name) / version, target_is_directory=True)
    fresh.replace(site)
    making.synced(site.parent)
