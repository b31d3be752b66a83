"""Puts the files of a site in place so that a reader sees the old page or the new one, never a half.

Each version is a folder of its own beside the site (`making`), which is a link that is swapped in one step. Files that
did not change are the same file on disk, so that a server's own ETag and Last-Modified hold.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from . import making

EMERGENCY, TARGETS = "emergency", "targets"
_BESIDE = ("snapshot.json", "targets.json", "published.json")
_SAFE_PATH = re.compile(r"(?!/)(?:[A-Za-z0-9][A-Za-z0-9._-]*/)*[A-Za-z0-9][A-Za-z0-9._-]*")


def write(files: Mapping[str, bytes], folder: str | Path, kept: Collection[str] = ()) -> Path:
    """Publishes `files` as `folder` and answers it. Does nothing when they are there already.

    The folders named in `kept` are taken over from what is published now, as they are.
    `folder` becomes a link; its versions are kept beside it under the same name with a dot in front. Safe with
    several writers on one machine. Raises ValueError for a path that would leave the folder and OSError when the
    disk refuses or `folder` is something else; then what was there stays.
    """
    for name in (*files, *(k.rstrip("/") for k in kept)):
        if not _SAFE_PATH.fullmatch(name):
            raise ValueError(f"{name!r} is not a path inside a site")
    site, versions = Path(folder), versions_of(folder)
    versions.mkdir(parents=True, exist_ok=True)
    with _locked(versions):
        current = _current(site)
        version, wanted = making.planned(versions, current, files, kept)
        if current != version:
            making.make(versions, version, current, wanted, files)
            _point(site, versions, version)
            making.prune(versions, version)
    return site


def withdraw(folder: str | Path) -> None:
    """Takes a site away with all its versions. Raises OSError for what is not ours; nothing there is no error."""
    site, versions = Path(folder), versions_of(folder)
    if not versions.is_dir():
        return
    with _locked(versions):
        _current(site)  # refuses what is no published page
        site.unlink(missing_ok=True)
        making.synced(site.parent)
        making.clear(versions)
        for name in _BESIDE:
            (versions / name).unlink(missing_ok=True)


def beside(folder: str | Path, name: str, content: bytes) -> None:
    """Keeps a file that only its owner may read beside the versions of a site: whole, on disk, or not at all."""
    versions = versions_of(folder)
    path = versions / name
    path.parent.mkdir(parents=True, exist_ok=True)
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
    handle = os.open(versions / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
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
