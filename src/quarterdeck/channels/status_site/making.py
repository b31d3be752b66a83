"""A version of a site as a folder of its own, made out of an old one that nobody reads any more: only what differs is
touched, so that a page with years behind it is published as fast as a new one.

Which content each version has is noted beside it (`manifests`). Only ever called by whoever holds the site's lock.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
from collections.abc import Collection, Mapping
from pathlib import Path, PurePosixPath

KEPT = 3
_MANY = 12
_MANIFESTS = "manifests"
_VERSION = re.compile(r"[0-9a-f]{24}")

Digests = dict[str, str]


def planned(
    versions: Path, current: str, files: Mapping[str, bytes], kept: Collection[str]
) -> tuple[str, Digests]:
    """The name of the version that has these files and the folders `kept` of the current one, and all its digests."""
    found = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    if kept:
        folders = {k.rstrip("/") for k in kept}
        for name, digest in digests(versions, current).items():
            if name not in found and any(str(up) in folders for up in PurePosixPath(name).parents):
                found[name] = digest
    total = hashlib.sha256("\n".join(f"{name}\0{found[name]}" for name in sorted(found)).encode())
    return total.hexdigest()[:24], found


def make(versions: Path, version: str, current: str, wanted: Digests, files: Mapping[str, bytes]) -> None:
    """The version's folder, whole and on disk, under its final name only when it is complete."""
    final = versions / version
    if final.exists():
        os.utime(final)
        return
    _drop_drafts(versions)
    draft = versions / f".{version}"
    try:
        _drafted(versions, draft, version, current, wanted, files)
    except OSError:
        # A full disk is not kept full by what could not be finished.
        shutil.rmtree(draft, ignore_errors=True)
        raise
    draft.rename(final)
    synced(versions)


def _drafted(
    versions: Path, draft: Path, version: str, current: str, wanted: Digests, files: Mapping[str, bytes]
) -> None:
    there = _recycled(versions, draft, current)
    for name in there.keys() - wanted.keys():
        _removed(draft, name)
    fresh = [name for name, digest in wanted.items() if there.get(name) != digest]
    touched = _filled(draft, versions / current if current else None, fresh, files)
    if len(fresh) > _MANY:
        os.sync()  # once, and not for each of many files
    else:
        for path in touched:
            synced(path)
    note(versions, version, wanted)
    os.utime(draft)


def _drop_drafts(versions: Path) -> None:
    """Of whoever was killed while making one: nobody else is at work here."""
    for draft in versions.glob(".*/"):
        shutil.rmtree(draft, ignore_errors=True)


def _recycled(versions: Path, draft: Path, current: str) -> Digests:
    """Begins the draft with the oldest version that nobody needs, where there is one; answers what is in it."""
    old = others(versions, current)[KEPT - 2 :]
    for path in reversed(old):
        found = _noted(versions, path.name)
        if found:
            path.rename(draft)
            _manifest(versions, path.name).unlink(missing_ok=True)
            return found
    draft.mkdir()
    draft.chmod(0o755)
    return {}


def _filled(draft: Path, old: Path | None, names: list[str], files: Mapping[str, bytes]) -> list[Path]:
    """Puts files into place: the very same file on disk where the version shown now has it. Answers what to sync."""
    touched: dict[Path, None] = {}
    made = {draft}
    for name in names:
        path = draft / name
        if path.parent not in made:
            for folder in (f for f in reversed(path.parents) if f.is_relative_to(draft) and not f.is_dir()):
                folder.mkdir()
                folder.chmod(0o755)
            made.add(path.parent)
        path.unlink(missing_ok=True)
        if old is None or not _linked(old / name, path, files.get(name)):
            with path.open("xb") as file:
                file.write(files[name])
            path.chmod(0o644)
            if old is not None:
                _told_apart(old / name, path)
            touched[path] = None
        touched[path.parent] = None
    return [*touched, draft]


def _told_apart(old: Path, new: Path) -> None:
    """Web servers make a tag of a file's size and the second it was written in: another content that is as long, of the
    same second or after the clock was put back, is dated a second after the one before it.
    """
    try:
        before, now = old.stat(), new.stat()
    except FileNotFoundError:
        return
    if before.st_size == now.st_size and int(now.st_mtime) <= int(before.st_mtime):
        os.utime(new, (now.st_atime, int(before.st_mtime) + 1))


def _linked(old: Path, new: Path, content: bytes | None) -> bool:
    """Without `content` it is one that is kept, and has to be there."""
    try:
        if content is not None and old.read_bytes() != content:
            return False
        new.hardlink_to(old)
    except OSError:
        if content is None:
            raise
        return False
    return True


def _removed(draft: Path, name: str) -> None:
    path = draft / name
    path.unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # the folders above it, as far as they are empty now
        for folder in path.parents:
            if folder == draft:
                break
            folder.rmdir()


def others(versions: Path, current: str) -> list[Path]:
    """The versions besides the one named, newest first."""
    found = [p for p in versions.iterdir() if _VERSION.fullmatch(p.name) and p.name != current and p.is_dir()]
    busy = _in_use(versions)
    return sorted((p for p in found if p.name not in busy), key=lambda p: p.stat().st_mtime_ns, reverse=True)


def prune(versions: Path, version: str) -> None:
    """Keeps the newest versions: a reader that is under way still finds the one it began with."""
    _drop_drafts(versions)
    for path in others(versions, version)[KEPT - 1 :]:
        shutil.rmtree(path, ignore_errors=True)
    for noted in (versions / _MANIFESTS).glob("*.json"):
        if not (versions / noted.stem).is_dir():
            noted.unlink(missing_ok=True)


HOLDS = "holds"


def _in_use(versions: Path) -> set[str]:
    try:
        return {mark.read_text(encoding="ascii") for mark in (versions / HOLDS).iterdir()}
    except OSError:
        return set()


def digests(versions: Path, version: str) -> Digests:
    """What is in a version by SHA-256: as noted when it was made, else read."""
    if not version:
        return {}
    found = _noted(versions, version)
    if not found:
        root = versions / version
        paths = (p for p in root.rglob("*") if p.is_file())
        found = {p.relative_to(root).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in paths}
    return found


def note(versions: Path, version: str, found: Digests) -> None:
    path = _manifest(versions, version)
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(found, sort_keys=True), encoding="ascii")


def _noted(versions: Path, version: str) -> Digests:
    """Nothing where it was not noted, or cannot be read any more."""
    try:
        found = json.loads(_manifest(versions, version).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _manifest(versions: Path, version: str) -> Path:
    return versions / _MANIFESTS / f"{version}.json"


def synced(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
