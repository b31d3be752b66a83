"""Puts the files of a site in place so that a reader sees the old page or the new one, never a half.

Each version is a folder of its own; `current` is a link that is swapped in one step. Files that did not
change are the same file on disk, so that a server's own ETag and Last-Modified hold.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

CURRENT = "current"
_VERSIONS = "versions"
_KEPT = 3
_SAFE_PATH = re.compile(r"^(?!/)(?:[A-Za-z0-9][A-Za-z0-9._-]*/)*[A-Za-z0-9][A-Za-z0-9._-]*$")


def write(files: Mapping[str, bytes], folder: str | Path) -> Path:
    """Publishes `files` as `folder/current` and answers that path. Does nothing when they are there.

    Safe with several writers on one machine. Raises ValueError for a path that would leave the folder and
    OSError when the disk refuses; then the old version stays.
    """
    for name in files:
        if not _SAFE_PATH.match(name):
            raise ValueError(f"{name!r} is not a path inside a site")
    root = Path(folder)
    (root / _VERSIONS).mkdir(parents=True, exist_ok=True)
    version = _version(files)
    with _locked(root):
        if _current(root) != version:
            _make(root, version, files)
            _point(root, version)
            _prune(root, version)
    return root / CURRENT


def _version(files: Mapping[str, bytes]) -> str:
    total = hashlib.sha256()
    for name in sorted(files):
        total.update(f"{name}\0{len(files[name])}\0".encode())
        total.update(files[name])
    return total.hexdigest()[:24]


@contextmanager
def _locked(root: Path) -> Iterator[None]:
    handle = os.open(root / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _current(root: Path) -> str:
    try:
        return (root / CURRENT).readlink().name
    except OSError:
        return ""


def _make(root: Path, version: str, files: Mapping[str, bytes]) -> None:
    """The version's folder, whole and on disk, under its final name only when it is complete."""
    final = root / _VERSIONS / version
    if final.exists():
        return
    old = root / _VERSIONS / _current(root) if _current(root) else None
    draft = root / _VERSIONS / f".{version}"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    for name, content in files.items():
        path = draft / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if old is None or not _linked(old / name, path, content):
            _written(path, content)
    _synced(draft)
    draft.rename(final)
    _synced(final.parent)


def _linked(old: Path, new: Path, content: bytes) -> bool:
    try:
        if old.read_bytes() == content:
            new.hardlink_to(old)
            return True
    except OSError:
        return False
    return False


def _written(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    path.chmod(0o644)


def _point(root: Path, version: str) -> None:
    fresh = root / f".{CURRENT}"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(Path(_VERSIONS) / version, target_is_directory=True)
    fresh.replace(root / CURRENT)
    _synced(root)


def _prune(root: Path, version: str) -> None:
    """Keeps the newest versions: a reader that is under way still finds the one it began with."""
    known = [path for path in (root / _VERSIONS).iterdir() if path.name != version]
    known.sort(key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for path in known[_KEPT - 1 :]:
        shutil.rmtree(path, ignore_errors=True)


def _synced(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
