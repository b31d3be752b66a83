"""Attached files in backups: copied once, then carried from one backup to the next as a second name of the same copy.

Contents never change and are named by their SHA-256, so one copy serves every backup on the same disk.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

FOLDER = "attachments"
_NAME = re.compile(r"[0-9a-f]{64}")


def _files(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        for place in sorted(folder.glob("*/*")):
            if _NAME.fullmatch(place.name) and place.is_file():
                yield place


def new_bytes(folder: Path, earlier: Path | None) -> int:
    """How much a backup has to copy that the one before it does not hold."""
    return sum(p.stat().st_size for p in _files(folder) if not _held(earlier, p))


def copy(folder: Path, draft: Path, earlier: Path | None) -> None:
    """Every attached file into a backup that is being made."""
    for source in _files(folder):
        target = draft / FOLDER / source.parent.name / source.name
        _private(target.parent)
        if earlier is not None and _held(earlier, source):
            try:
                os.link(earlier / FOLDER / source.parent.name / source.name, target)
                continue
            except OSError:
                pass  # another disk, or one without second names
        shutil.copyfile(source, target)
        target.chmod(0o600)


def _private(folder: Path) -> None:
    """A folder in the folder of files, both for nobody else: `parents=True` would leave the outer one open."""
    folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.mkdir(exist_ok=True, mode=0o700)


def known_digest(backup: Path, name: str) -> str | None:
    """The SHA-256 of a file that an earlier backup was found to hold whole; None for one that must be read."""
    place = backup / name
    return place.name if name.startswith(f"{FOLDER}/") and place.stat().st_nlink > 1 else None


def put_back(draft: Path, folder: Path) -> None:
    """The files of a backup into the folder they are served from; those already there stay."""
    for source in _files(draft / FOLDER):
        target = folder / source.parent.name / source.name
        if not target.exists():
            _private(target.parent)
            shutil.move(source, target)


def _held(earlier: Path | None, file: Path) -> bool:
    return earlier is not None and (earlier / FOLDER / file.parent.name / file.name).exists()
