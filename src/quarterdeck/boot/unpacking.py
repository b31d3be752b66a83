"""Taking a backup apart into a folder, each file compared with the manifest on the way. Never replaces a file."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection
from pathlib import Path, PurePosixPath

from quarterdeck.store.sqlite.copying import READ_AT_ONCE, sync

from .backup_manifest import BackupFailed, File


def unpack(
    backup: Path, place: Path, files: Collection[File], *, only: Collection[str] | None = None
) -> None:
    """Write these files (or those of them in `only`) below `place`, readable by their owner alone.

    Raises BackupFailed for a file that is missing or not what the manifest says, or a name that leads elsewhere.
    """
    place.mkdir(mode=0o700, exist_ok=True)
    for file in files:
        if only is not None and file.name not in only:
            continue
        name = PurePosixPath(file.name)
        if name.is_absolute() or ".." in name.parts:
            raise BackupFailed(f"{backup}: the name {file.name!r} leads out of it. Do not use this backup.")
        target = place / name
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _copy(backup / name, target, file)
    sync(place)


def _copy(source: Path, target: Path, file: File) -> None:
    total = hashlib.sha256()
    try:
        with (
            source.open("rb") as read,
            os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as write,
        ):
            while part := read.read(READ_AT_ONCE):
                total.update(part)
                write.write(part)
                # Little is ever waiting for the disk, so that nobody else's commit waits behind it.
                write.flush()
                os.fdatasync(write.fileno())
    except FileNotFoundError:
        raise BackupFailed(f"{source} is missing. Use another backup.") from None
    if total.hexdigest() != file.sha256:
        raise BackupFailed(f"{source} is not what was backed up (its SHA-256 differs). Use another backup.")
