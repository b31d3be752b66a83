"""Bringing the tables up to this release, and refusing to touch those of a newer one."""

from __future__ import annotations

import fcntl
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import msgspec

from . import sqlite_module  # noqa: F401 # isort: skip - must come before anything opens the file

from quarterdeck.store import schema

from . import backup, restore
from .backup_manifest import BackupFailed
from .config import Config
from .wiring import set_up

NEWER = 3
NOT_BACKED_UP = 4
MOVED = 5
KEPT_BEFORE = 3
TOLD_MOST = 8


NOT_BEGUN = "The upgrade was not begun: {} To go on without a copy: quarterdeck migrate --without-backup"


class NewerSchema(Exception):
    """The store was written by a later release than this one."""


class MovedAway(Exception):
    """The installation lives in another store since a move."""


def main(config: Config) -> int:
    """Migrate the store of this configuration; exit code 3 when it belongs to a newer release."""
    set_up("migrate")
    try:
        done = migrate()
        if len(done) > TOLD_MOST:
            print(f"migrated {len(done)} steps, up to {done[-1]}", file=sys.stderr)
        else:
            for name in done:
                print(f"migrated {name}", file=sys.stderr)
    except NewerSchema as e:
        print(e, file=sys.stderr)
        return NEWER
    except MovedAway as e:
        print(e, file=sys.stderr)
        return MOVED
    except BackupFailed as e:
        print(NOT_BEGUN.format(e), file=sys.stderr)
        return NOT_BACKED_UP
    return 0


def fingerprint() -> int:
    """A number for the set of migrations this release brings, kept in the SQLite file once all are applied."""
    total = 0
    for file in sorted((Path(__file__).parent.parent / "store" / "migrations").glob("*.py")):
        total = zlib.crc32(file.name.encode() + file.read_bytes(), total)
    for library in ("django", "django-allauth"):
        total = zlib.crc32(version(library).encode(), total)
    return total & 0x7FFFFFFF | 1


def is_current(config: Config) -> bool:
    """Whether the SQLite file says that it needs nothing, without loading Django. Always False on PostgreSQL."""
    file = config.data / "quarterdeck.db"
    if config.database_url or not file.exists() or (config.data / restore.MARK).exists():
        return False
    import sqlite3

    db = sqlite3.connect(file, timeout=5)
    try:
        if db.execute("SELECT 1 FROM installation WHERE moved_to <> ''").fetchone():
            return False
        return bool(db.execute("PRAGMA user_version").fetchone()[0] == fingerprint())
    except sqlite3.Error:
        return False
    finally:
        db.close()


def unknown_migrations() -> list[str]:
    """Migrations that are applied in the store and not known to this release."""
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(connection, ignore_no_migrations=True)
    ours = {app for app, _ in loader.disk_migrations}
    return sorted(
        f"{app}.{name}"
        for app, name in loader.applied_migrations
        if app in ours and (app, name) not in loader.disk_migrations and not _was_squashed(loader, app, name)
    )


def _was_squashed(loader: object, app: str, name: str) -> bool:
    replaced = {r for m in loader.replacements.values() for r in m.replaces}  # type: ignore[attr-defined]
    return (app, name) in replaced


def pending() -> list[str]:
    """Migrations of this release that the store does not have yet, in order."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return [str(m) for m, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]


def migrate(*, backed_up: bool = True) -> list[str]:
    """Apply what is pending and return its names. Raises NewerSchema, having changed nothing.

    `backed_up`: copy a SQLite store that holds anything first, and leave it alone where that fails (BackupFailed).
    """
    from django.core.management import call_command
    from django.db import connection

    from quarterdeck.store import executor, guards
    from quarterdeck.store.stamp import stamp

    if _beside_newer():
        _settle()
        return []
    with _alone():
        todo = pending()
        if todo:
            if backed_up and connection.vendor == "sqlite":
                _back_up_first()
            executor.use()
            call_command("migrate", verbosity=0, interactive=False)
        if "cache_entry" not in connection.introspection.table_names():
            call_command("createcachetable", verbosity=0)
            todo.append("cache table")
        guards.restore()
        stamp()
        if connection.vendor == "sqlite":
            with connection.cursor() as c:
                # A pragma takes no parameters; the number is our own.
                c.execute("PRAGMA user_version = " + str(int(fingerprint())))
        _settle()
        return todo


def _settle() -> None:
    """What must be so before anything is started from this store. Raises MovedAway."""
    from django.conf import settings

    from quarterdeck.app.upkeep import moves

    restored = restore.settle(settings.QUARTERDECK_DATA)
    if restored:
        print(f"{restored}. The engine is paused: see quarterdeck engine show", file=sys.stderr)
    elsewhere = moves.closed_for()
    if elsewhere:
        raise MovedAway(
            f"This store was moved to {elsewhere} and is not served any more. "
            "Start Quarterdeck with that one (DATABASE_URL), or move back with quarterdeck migrate-store."
        )


def _beside_newer() -> bool:
    """Whether a newer release brought the tables up, and this one may work on them as they are. Raises NewerSchema."""
    newer = unknown_migrations()
    if not newer:
        return False
    if pending() or _oldest_allowed() > schema.version():
        raise NewerSchema(
            f"This store was written by a newer Quarterdeck (it has {newer[-1]}). "
            "Install that release or a later one; to go back, restore the backup made before the upgrade "
            "(backups/before-… in the data folder)."
        )
    print(
        f"The store has the tables of a newer release ({newer[-1]}), which this one can use.", file=sys.stderr
    )
    return True


def _oldest_allowed() -> int:
    """The lowest schema version a release must know to work on this store, as the store says."""
    from quarterdeck.store.models import Installation

    return Installation.objects.values_list("min_code_version", flat=True).get(id=1)


def _back_up_first() -> None:
    """Copy the store as it was before this release touched it. A migration that was killed left that copy already."""
    from django.conf import settings
    from django.db import connection

    if "django_migrations" not in connection.introspection.table_names():
        return
    config = msgspec.structs.replace(settings.QUARTERDECK, data=settings.QUARTERDECK_DATA)
    under, name = config.data / "backups", f"before-{schema.version()}"
    if (under / name / backup.MANIFEST).exists():
        return
    place, _ = backup.make(config, under, name=name)
    print(f"The store before this upgrade is kept in {place}", file=sys.stderr)
    backup.thin_named(under, "before-", KEPT_BEFORE)


@contextmanager
def _alone() -> Iterator[None]:
    """Several nodes may start at once, and the migration of a killed `serve` may still be under way: one at a
    time. The lock goes with the connection, or with the process.
    """
    from django.conf import settings
    from django.db import connection

    try:
        if connection.vendor == "postgresql":
            with connection.cursor() as c:
                c.execute("SELECT pg_advisory_lock(hashtextextended('quarterdeck.migrate', 0))")
            yield
        else:
            file = settings.QUARTERDECK_DATA / "migrate.lock"
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("a") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield
    finally:
        connection.close()
