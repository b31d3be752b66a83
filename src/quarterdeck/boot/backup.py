"""One backup: a folder with a copy of everything that cannot be made again, proved by restoring it.

Needs no Django. Reads the store while it is in use and makes nobody wait; never touches an earlier backup but to
remove the oldest. A backup counts only once its manifest stands in it.
"""

from __future__ import annotations

from . import sqlite_module  # noqa: F401 # isort: skip - must come before sqlite3

import fcntl
import json
import os
import re
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from quarterdeck import __version__
from quarterdeck.store.sqlite import copying, proving

from . import backup_files, secrets
from .backup_manifest import BackupFailed, File, Manifest
from .config import Config
from .unpacking import unpack

FORMAT = 1
MANIFEST = "manifest.json"
STORE, JOURNAL, DUMP = "quarterdeck.db", "journal.db", "quarterdeck.dump"
SECRET_FILES = ("secrets.json", "quarterdeck.toml", "lifeline/lifeline.toml")
NAME = re.compile(r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ(-\d+)?")
LEAST_FREE_BYTES = 1 << 30
LEAST_KEPT = 2


def make(
    config: Config, folder: Path | None = None, *, keep: int = 0, with_secrets: bool = True, name: str = ""
) -> tuple[Path, Manifest]:
    """A new backup under `folder`, and the oldest beyond `keep` removed (0: all stay). Raises BackupFailed."""
    under = (folder or config.backups).absolute()
    try:
        under.mkdir(parents=True, exist_ok=True, mode=0o700)
        _make_room(config, under, keep)
        with _unfinished(under) as draft:
            counts = _copy_store(config, draft)
            backup_files.copy(config.attachments_folder, draft, _newest(under))
            _copy_files(config, draft, with_secrets)
            began = time.monotonic()
            manifest = _proved(config, draft, counts, with_secrets, began)
            _write(draft / MANIFEST, msgspec.json.format(msgspec.json.encode(manifest), indent=2))
            copying.sync(draft)
            final = _free_name(under, name or f"{datetime.now(UTC):%Y-%m-%dT%H-%M-%SZ}")
            draft.rename(final)
            copying.sync(under)
    except (OSError, sqlite3.Error) as e:
        raise BackupFailed(f"The backup to {under} failed: {e}") from e
    if keep:
        thin(under, keep)
    return final, manifest


@contextmanager
def _unfinished(under: Path) -> Iterator[Path]:
    """A folder that is gone again unless it was renamed; what an earlier, killed backup left goes first."""
    with (under / ".lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupFailed(f"Another backup to {under} is under way. Wait for its end.") from None
        for left in under.glob(".unfinished-*"):
            shutil.rmtree(left, ignore_errors=True)
        draft = under / f".unfinished-{os.getpid()}"
        (draft / "made").mkdir(mode=0o700, parents=True)
        draft.chmod(0o700)
        try:
            yield draft / "made"
        finally:
            shutil.rmtree(draft, ignore_errors=True)


def _copy_store(config: Config, draft: Path) -> dict[str, int]:
    """The databases, the one with the cursor first: so a journal is never older than what was read of it."""
    began = time.monotonic()
    if config.database_url:
        from . import backup_postgres

        counts = backup_postgres.dump(config.database_url, draft / DUMP)
    else:
        if not (config.data / STORE).exists():
            raise BackupFailed(f"There is no store in {config.data} to back up. Check QUARTERDECK_DATA.")
        counts = dict(copying.copy(config.data / STORE, draft / STORE))
        if (config.data / JOURNAL).exists():
            rows = copying.copy(config.data / JOURNAL, draft / JOURNAL)
            counts["journal.inbound"] = rows.get("inbound", 0)
    counts["seconds"] = round((time.monotonic() - began) * 1000)
    return counts


def _copy_files(config: Config, draft: Path, with_secrets: bool) -> None:
    catalogue = config.data / "catalog"
    if catalogue.is_dir():
        shutil.copytree(catalogue, draft / "catalog")
    if not with_secrets:
        return
    for name in SECRET_FILES:
        source = secrets.file(config.data) if name == "secrets.json" else config.data / name
        if source.exists():
            (draft / name).parent.mkdir(exist_ok=True, mode=0o700)
            _write(draft / name, source.read_bytes())


def _write(path: Path, content: bytes) -> None:
    """A file only its owner may read, on the disk when this returns."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as f:
        f.write(content)
        f.flush()
        os.fsync(f.fileno())


def _proved(
    config: Config, draft: Path, counts: dict[str, int], with_secrets: bool, began: float
) -> Manifest:
    """The manifest of a copy that was restored and found whole. Raises BackupFailed."""
    copied = counts.pop("seconds") / 1000
    names = sorted(p.relative_to(draft).as_posix() for p in draft.rglob("*") if p.is_file())
    files = [
        File(
            n,
            (draft / n).stat().st_size,
            backup_files.known_digest(draft, n) or copying.digest(draft / n),
        )
        for n in names
    ]
    about, proof = prove(config, draft, files)
    wrong = proof.wrong + proving.differences(counts, proof.counts)
    if wrong:
        raise BackupFailed(
            f"The copy does not hold what it should, so it was thrown away: {'; '.join(wrong[:5])}. "
            "Run quarterdeck verify and look at the disk."
        )
    return Manifest(
        format=FORMAT,
        release=__version__,
        made_at=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        store="postgresql" if config.database_url else "sqlite",
        secrets=with_secrets and (draft / "secrets.json").exists(),
        files=files,
        counts=counts,
        streams=proof.streams,
        events=proof.events,
        copy_seconds=round(copied, 2),
        proof_seconds=round(time.monotonic() - began, 2),
        **about,
    )


def prove(config: Config, backup: Path, files: list[File]) -> tuple[dict[str, Any], proving.Proof]:
    """Restore a backup into a temporary place and look at it: what it says of itself, and what is wrong with it."""
    place = backup.parent / f".proof-{os.getpid()}"
    shutil.rmtree(place, ignore_errors=True)
    try:
        unpack(backup, place, files, only={STORE, JOURNAL, DUMP})
        if (place / DUMP).exists():
            from . import backup_postgres

            return backup_postgres.prove(config.database_url, place / DUMP)
        journal = place / JOURNAL
        proof = proving.prove(place / STORE, journal if journal.exists() else None)
        return about(place / STORE), proof
    finally:
        shutil.rmtree(place, ignore_errors=True)


def about(store: Path) -> dict[str, Any]:
    """Which installation a SQLite store belongs to, and which tables it has."""
    with closing(copying.open_to_read(store)) as db:
        names = copying.tables(db)
        last = None
        if "django_migrations" in names:
            last = db.execute("SELECT max(name) FROM django_migrations WHERE app = 'store'").fetchone()[0]
        row = None
        if "installation" in names:
            row = db.execute(
                "SELECT installation_id, cluster_epoch FROM installation WHERE id = 1"
            ).fetchone()
    installation, epoch = row or ("", 0)
    return {
        "schema_version": int(last[:4]) if last else 0,
        "installation": installation,
        "cluster_epoch": epoch,
    }


def read(backup: Path) -> Manifest:
    """The manifest of a backup. Raises BackupFailed when there is none that can be used."""
    try:
        found = msgspec.json.decode((backup / MANIFEST).read_bytes(), type=Manifest)
    except (OSError, msgspec.DecodeError) as e:
        raise BackupFailed(
            f"{backup} is no finished backup ({e}). Name a folder with a {MANIFEST}."
        ) from None
    if found.format > FORMAT:
        raise BackupFailed(
            f"{backup} was made by a newer Quarterdeck ({found.release}). Install that release."
        )
    return found


def newest(place: Path) -> Path:
    """The backup at `place`, or the newest of those in it. Raises BackupFailed."""
    if (place / MANIFEST).exists():
        return place
    found = finished(place)
    if not found:
        raise BackupFailed(
            f"There is no backup in {place}. Name a folder with a {MANIFEST}, or one of such folders."
        )
    return found[-1]


def finished(under: Path) -> list[Path]:
    """The backups in a folder, oldest first."""
    if not under.is_dir():
        return []
    return sorted(p for p in under.iterdir() if NAME.fullmatch(p.name) and (p / MANIFEST).exists())


def _newest(under: Path) -> Path | None:
    found = finished(under)
    return found[-1] if found else None


def thin(under: Path, keep: int) -> None:
    """Remove the oldest backups beyond `keep`."""
    for old in finished(under)[:-keep]:
        _remove(old)


def thin_named(under: Path, begins: str, keep: int) -> None:
    """As `thin`, for backups whose names begin like this, by their age."""
    found = [p for p in under.iterdir() if p.name.startswith(begins) and (p / MANIFEST).exists()]
    for old in sorted(found, key=lambda p: p.stat().st_mtime)[:-keep]:
        _remove(old)


def _remove(old: Path) -> None:
    # Without its manifest it is no backup any more, however far the removing comes.
    (old / MANIFEST).unlink(missing_ok=True)
    shutil.rmtree(old, ignore_errors=True)


def _free_name(under: Path, name: str) -> Path:
    n, final = 0, under / name
    while final.exists():
        n += 1
        final = under / f"{name}-{n}"
    return final


def _make_room(config: Config, under: Path, keep: int) -> None:
    """A backup and its proof must fit beside what the product itself needs. Where backups are kept in number, the
    oldest make room; two always stay.
    """
    size = sum((config.data / n).stat().st_size for n in (STORE, JOURNAL) if (config.data / n).exists())
    old = finished(under)
    needed = (
        2 * size
        + backup_files.new_bytes(config.attachments_folder, old[-1] if old else None)
        + LEAST_FREE_BYTES
    )
    while keep and len(old) > LEAST_KEPT and shutil.disk_usage(under).free < needed:
        _remove(old.pop(0))
    free = shutil.disk_usage(under).free
    if free < needed:
        raise BackupFailed(
            f"{under} has {free >> 20} MiB free and a backup with its proof needs {needed >> 20} MiB. "
            "Free some space, or set [backup] folder to a larger disk."
        )


def result_file(config: Config) -> Path:
    """Where the process that makes a backup says what came of it."""
    return config.run / "backup.json"


def main(config: Config) -> int:
    """The process `backup`: one backup as the configuration says; what came of it stands in `result_file`."""
    os.nice(10)
    try:
        place, manifest = make(config, keep=config.backup.keep, with_secrets=config.backup.secrets)
    except BackupFailed as e:
        told: dict[str, Any] = {"error": str(e)}
    else:
        told = told_of(place, manifest)
    config.run.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = result_file(config).with_suffix(".new")
    fresh.write_text(json.dumps(told), encoding="utf-8")
    fresh.replace(result_file(config))
    return 1 if "error" in told else 0


def told_of(place: Path, manifest: Manifest) -> dict[str, Any]:
    """What the store remembers of a backup."""
    return {
        "place": str(place),
        "bytes": sum(f.bytes for f in manifest.files),
        "seconds": round(manifest.copy_seconds + manifest.proof_seconds, 1),
    }
