"""Putting a backup back: into an empty place or beside what is there, never over it; and trying that out.

A restored store starts on hold. The mark that says so is written before the store stands where it is started from, so
that no moment, and no kill, leaves one that would send what is long over.
"""

from __future__ import annotations

from . import sqlite_module  # noqa: F401 # isort: skip - must come before sqlite3

import json
import os
import shutil
import sqlite3
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from quarterdeck.store import schema
from quarterdeck.store.sqlite import copying, journal_copy, proving

from . import backup, backup_files, secrets
from .backup import DUMP, JOURNAL, SECRET_FILES, STORE
from .backup_manifest import BackupFailed, Manifest
from .config import Config
from .unpacking import unpack

MARK = "restored.json"
_COMPANIONS = ("", "-wal", "-shm", "-journal")


@dataclass
class Restored:
    """`later_bodies`: alerts that came after the backup and were taken from the journal's second folder."""

    place: Path
    source: Path
    manifest: Manifest
    seconds: float
    later_bodies: int = 0
    aside: Path | None = None
    kept: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def checked(source: Path) -> tuple[Path, Manifest]:
    """The backup meant by a path, if this release can use it. Raises BackupFailed."""
    found = backup.newest(source.absolute())
    manifest = backup.read(found)
    if manifest.schema_version > schema.version():
        raise BackupFailed(
            f"{found} is of a newer Quarterdeck ({manifest.release}, tables {manifest.schema_version}; this release "
            f"knows {schema.version()}). Install that release or a later one."
        )
    return found, manifest


def put_back(
    config: Config, source: Path, *, move_aside: bool = False, with_secrets: bool = True
) -> Restored:
    """Restore into the data folder (and, for PostgreSQL, the empty database) of this configuration.

    The caller owns the data folder (supervise.own). Raises BackupFailed, having changed nothing that was there.
    """
    began = time.monotonic()
    found, manifest = checked(source)
    if (manifest.store == "postgresql") != bool(config.database_url):
        wanted = (
            "DATABASE_URL naming an empty database" if manifest.store == "postgresql" else "no DATABASE_URL"
        )
        raise BackupFailed(
            f"{found} is of {manifest.store}: restore it with {wanted}, then move with quarterdeck migrate-store."
        )
    there = _there(config.data)
    if there and not move_aside:
        raise BackupFailed(
            f"{config.data} already holds a store ({there[0].name}) and nothing was changed. "
            "Restore into an empty folder with QUARTERDECK_DATA, or put the old one aside with --move-aside."
        )
    draft = config.data / f".restoring-{os.getpid()}"
    shutil.rmtree(draft, ignore_errors=True)
    try:
        unpack(found, draft, manifest.files)
        done = Restored(config.data, found, manifest, 0.0)
        _examine(config, draft, done)
        if done.wrong:
            raise BackupFailed(f"{found} cannot be used: {'; '.join(done.wrong[:5])}. Use another backup.")
        if manifest.store == "sqlite":
            done.later_bodies = _later(config, draft)
        if there:
            done.aside = _put_aside(config.data, there)
        _mark(config.data, manifest)
        done.kept = _place(config, draft, with_secrets)
    except (OSError, sqlite3.Error) as e:
        raise BackupFailed(f"Restoring {found} failed: {e}") from e
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    done.seconds = round(time.monotonic() - began, 1)
    return done


def rehearse(place: Path, source: Path, database_url: str = "") -> Restored:
    """Restore into an empty folder (and an empty database) that nothing is started from, and look at it.

    Faults are in `wrong`; they do not raise.
    """
    began = time.monotonic()
    found, manifest = checked(source)
    names = {f.name for f in manifest.files if f.name not in SECRET_FILES}
    unpack(found, place, manifest.files, only=names)
    done = Restored(place, found, manifest, 0.0)
    if (place / DUMP).exists():
        from . import backup_postgres

        backup_postgres.load(database_url, place / DUMP)
        (place / DUMP).unlink()
        _, proof = backup_postgres.inspect(database_url)
    else:
        proof = proving.prove(place / STORE, _journal(place))
    done.wrong = proof.wrong + proving.differences(manifest.counts, proof.counts)
    done.seconds = round(time.monotonic() - began, 1)
    return done


def _examine(config: Config, draft: Path, done: Restored) -> None:
    if (draft / DUMP).exists():
        from . import backup_postgres

        # The mark first: a database that is there without it would be served as if nothing had happened.
        _mark(config.data, done.manifest)
        try:
            backup_postgres.load(config.database_url, draft / DUMP)
        except BackupFailed:
            (config.data / MARK).unlink()
            raise
        (draft / DUMP).unlink()
        _, proof = backup_postgres.inspect(config.database_url)
    else:
        proof = proving.prove(draft / STORE, _journal(draft))
    done.wrong = proof.wrong + proving.differences(done.manifest.counts, proof.counts)


def _journal(place: Path) -> Path | None:
    return place / JOURNAL if (place / JOURNAL).exists() else None


def _there(data: Path) -> list[Path]:
    """The files of a store in this folder."""
    return [p for n in (STORE, JOURNAL) for c in _COMPANIONS if (p := data / f"{n}{c}").exists()]


def _later(config: Config, draft: Path) -> int:
    """Alerts accepted after the backup, from the second folder of the journal, if it is of the same history."""
    copied = None if config.journal_copy is None else config.journal_copy / journal_copy.NAME
    if copied is None or not copied.exists():
        return 0
    if (draft / JOURNAL).exists() and not journal_copy.same_history(copied, draft / JOURNAL):
        return 0
    return journal_copy.take_over(copied, draft / JOURNAL)


def _mark(data: Path, manifest: Manifest) -> None:
    data.mkdir(parents=True, exist_ok=True)
    mark = data / MARK
    mark.write_text(json.dumps({"made_at": manifest.made_at}), encoding="utf-8")
    copying.sync(mark)
    copying.sync(data)


def _put_aside(data: Path, there: list[Path]) -> Path:
    aside = data / f"before-restore-{datetime.now(UTC):%Y-%m-%dT%H-%M-%SZ}"
    aside.mkdir(mode=0o700)
    # A log without its store does no harm; a store without its log would lack its newest commits.
    for path in there:
        path.rename(aside / path.name)
    copying.sync(data)
    return aside


def _place(config: Config, draft: Path, with_secrets: bool) -> list[str]:
    """Put the files where they belong; returns those of which the ones already there were kept."""
    kept = []
    for name in SECRET_FILES:
        target = secrets.file(config.data) if name == "secrets.json" else config.data / name
        if not with_secrets or not (draft / name).exists():
            continue
        if target.exists():
            if target.read_bytes() != (draft / name).read_bytes():
                kept.append(name)
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(draft / name, target)
    if (draft / "catalog").is_dir():
        if (config.data / "catalog").exists():
            kept.append("catalog")
        else:
            (draft / "catalog").rename(config.data / "catalog")
    backup_files.put_back(draft, config.attachments_folder)
    for name in (JOURNAL, STORE):
        if (draft / name).exists():
            (draft / name).rename(config.data / name)
    copying.sync(config.data)
    return kept


def settle(data: Path) -> str:
    """A store that was put back is held, and is the copy that counts, before anything is started from it.

    Needs Django. Returns what it was restored from; "" when it was not.
    """
    mark = data / MARK
    if not mark.exists():
        return ""
    from quarterdeck.app.people import accounts
    from quarterdeck.app.upkeep import installation

    try:
        made_at = json.loads(mark.read_text(encoding="utf-8"))["made_at"]
    except (ValueError, KeyError, TypeError):
        made_at = "an unknown time"
    told = f"Restored from the backup of {made_at}"
    installation.restored(accounts.operator(datetime.now(UTC)), told)
    mark.unlink()
    copying.sync(data)
    return told
