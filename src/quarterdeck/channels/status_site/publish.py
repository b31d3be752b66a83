"""Puts the files of a site in place so that a reader sees the old page or the new one, never a half.

Each version is a folder of its own beside the site, which is a link that is swapped in one step. Files that did
not change are the same file on disk, so that a server's own ETag and Last-Modified hold.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

_KEPT = 3
_MANY = 60
_HOLDS = "holds"
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
    version = _version(files, kept)
    with _locked(versions):
        current = _current(site)
        if current != version:
            _make(versions, version, versions / current if current else None, files, kept)
            _point(site, versions, version)
            _prune(versions, version)
    return site


def withdraw(folder: str | Path) -> None:
    """Takes a site away with all its versions. Raises OSError for what is not ours; nothing there is no error."""
    site, versions = Path(folder), versions_of(folder)
    if not versions.is_dir():
        return
    with _locked(versions):
        _current(site)  # refuses what is no published page
        site.unlink(missing_ok=True)
        _synced(site.parent)
        for version in [p for p in versions.iterdir() if p.is_dir() and p.name not in (EMERGENCY, TARGETS)]:
            shutil.rmtree(version, ignore_errors=True)
        for name in _BESIDE:
            (versions / name).unlink(missing_ok=True)


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
    mark = versions / _HOLDS / holder
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


def _version(files: Mapping[str, bytes], kept: Collection[str]) -> str:
    total = hashlib.sha256("\0".join(sorted(kept)).encode())
    for name in sorted(files):
        total.update(f"{name}\0{len(files[name])}\0".encode())
        total.update(files[name])
    return total.hexdigest()[:24]


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


def _make(
    versions: Path, version: str, old: Path | None, files: Mapping[str, bytes], kept: Collection[str]
) -> None:
    """The version's folder, whole and on disk, under its final name only when it is complete."""
    final = versions / version
    if final.exists():
        return
    draft = versions / f".{version}"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    many = len(files) + len(kept) > _MANY
    for name, content in files.items():
        path = draft / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if old is None or not _linked(old / name, path, content):
            _written(path, content, synced=not many)
    for name in kept if old is not None else ():
        shutil.copytree(old / name, draft / name, copy_function=os.link, dirs_exist_ok=True)
    for folder in (*(p for p in draft.rglob("*") if p.is_dir()), draft):
        folder.chmod(0o755)
        if not many:
            _synced(folder)
    if many:
        os.sync()  # once, and not for each of thousands of files
    draft.rename(final)
    _synced(versions)


def _linked(old: Path, new: Path, content: bytes) -> bool:
    try:
        if old.read_bytes() != content:
            return False
        new.hardlink_to(old)
    except OSError:
        return False
    return True


def _written(path: Path, content: bytes, *, synced: bool) -> None:
    with path.open("xb") as file:
        file.write(content)
        if synced:
            file.flush()
            os.fsync(file.fileno())
    path.chmod(0o644)


def _point(site: Path, versions: Path, version: str) -> None:
    fresh = versions / ".link"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(Path(versions.name) / version, target_is_directory=True)
    fresh.replace(site)
    _synced(site.parent)


def _prune(versions: Path, version: str) -> None:
    """Keeps the newest versions: a reader that is under way still finds the one it began with."""
    wanted = {version, _HOLDS, EMERGENCY, TARGETS, *_in_use(versions / _HOLDS)}
    known = [path for path in versions.iterdir() if path.is_dir() and path.name not in wanted]
    known.sort(key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for path in known[_KEPT - 1 :]:
        shutil.rmtree(path, ignore_errors=True)


def _in_use(holds: Path) -> set[str]:
    try:
        return {mark.read_text(encoding="ascii") for mark in holds.iterdir()}
    except OSError:
        return set()


def _synced(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
