"""Backups of PostgreSQL by its own programs: dumped from one snapshot, proved in a database of their own.

Changes nothing in the database it dumps. Without the programs it says how to get them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from quarterdeck.store import hosts
from quarterdeck.store.sqlite import proving

from .backup_manifest import BackupFailed

TABLES = "SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = current_schema() ORDER BY tablename"
# In the order of bytes, as the chains are checked.
EVENTS = (
    'SELECT stream, seq, at, actor, kind, data, prev_hash, hash FROM event ORDER BY stream COLLATE "C", seq'
)
INSTALLED = "/usr/lib/postgresql", "/usr/pgsql"


def program(name: str, server_version: int) -> str:
    """The program of this name that fits a server (its version as a number such as 180001). Raises BackupFailed."""
    wanted = server_version // 10000
    folders = [Path(p) for p in os.environ.get("PATH", "").split(os.pathsep) if p]
    folders += sorted(Path(INSTALLED[0]).glob("*/bin"), reverse=True)
    folders += sorted(Path("/usr").glob("pgsql-*/bin"), reverse=True)
    seen = []
    for folder in folders:
        found = shutil.which(name, path=str(folder))
        if found is None:
            continue
        told = subprocess.run([found, "--version"], capture_output=True, text=True, check=False, timeout=10)  # noqa: S603
        version = told.stdout.split()[2] if len(told.stdout.split()) > 2 else "0"
        if version.split(".")[0].isdigit() and int(version.split(".")[0]) >= wanted:
            return found
        seen.append(f"{found} is of version {version}")
    raise BackupFailed(
        f"{name} of PostgreSQL {wanted} or later is needed"
        + (f" ({seen[0]})" if seen else " and was not found")
        + f". Install it (Debian: apt-get install postgresql-client-{wanted}), or back PostgreSQL up by its own means."
    )


def dump(url: str, target: Path) -> dict[str, int]:
    """Dump the database into a file of pg_dump's custom format; returns the rows of each table in that snapshot."""
    import psycopg

    try:
        with psycopg.connect(url) as db:
            # The dump and the counts are of one and the same state.
            db.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            snapshot = _one(db, "SELECT pg_export_snapshot()")
            counts = _counts(db)
            tool = program("pg_dump", db.info.server_version)
            _run([tool, "--format=custom", f"--snapshot={snapshot}", "--no-owner", f"--file={target}"], url)
    except psycopg.Error as e:
        raise BackupFailed(f"PostgreSQL refused the backup: {e}") from e
    target.chmod(0o600)
    return counts


def load(url: str, source: Path) -> None:
    """Restore a dump into an empty database. Raises BackupFailed, also when it holds anything already."""
    import psycopg

    try:
        with psycopg.connect(url) as db:
            there = db.execute(TABLES).fetchall()
            tool = program("pg_restore", db.info.server_version)
    except psycopg.Error as e:
        raise BackupFailed(f"The database cannot be reached: {e}") from e
    if there:
        raise BackupFailed(
            f"The database already has tables ({there[0][0]} and {len(there) - 1} more) and nothing was changed. "
            "Create an empty one and name it in DATABASE_URL."
        )
    _run([tool, "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", str(source)], url)


def prove(url: str, source: Path) -> tuple[dict[str, Any], proving.Proof]:
    """Restore a dump into a temporary database and read it as a whole."""
    with temporary(url) as other:
        load(other, source)
        return inspect(other)


def inspect(url: str) -> tuple[dict[str, Any], proving.Proof]:
    """What a database says of itself, and what is wrong with it."""
    import psycopg

    proof = proving.Proof()
    with psycopg.connect(url) as db:
        proof.counts = _counts(db)
        with db.cursor("events") as rows:
            rows.itersize = 2000
            rows.execute(EVENTS)
            proving.chains(rows, proof)
        last = _one(db, "SELECT max(name) FROM django_migrations WHERE app = 'store'")
        row = db.execute("SELECT installation_id, cluster_epoch FROM installation WHERE id = 1").fetchone()
    installation, epoch = row or ("", 0)
    about = {"schema_version": int(last[:4]), "installation": installation, "cluster_epoch": epoch}
    return about, proof


@contextmanager
def temporary(url: str) -> Iterator[str]:
    """The URL of an empty database on the same server, gone afterwards. Raises BackupFailed without the right to it."""
    import psycopg
    from psycopg import sql

    name = f"quarterdeck_proof_{uuid.uuid4().hex[:12]}"
    quoted = sql.Identifier(name)
    create = sql.SQL("CREATE DATABASE {}").format(quoted)
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(quoted)
    try:
        with psycopg.connect(url, autocommit=True) as db:
            db.execute(create)
    except psycopg.errors.InsufficientPrivilege:
        raise BackupFailed(
            "The backup cannot be proved: this role may not create a database to restore it into. "
            f"As a superuser: ALTER ROLE {urlsplit(url).username or 'quarterdeck'} CREATEDB"
        ) from None
    try:
        yield renamed(url, name)
    finally:
        with suppress(psycopg.Error), psycopg.connect(url, autocommit=True) as db:
            db.execute(drop)


def renamed(url: str, name: str) -> str:
    """The same server, another database."""
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{parts.netloc}/{name}{query}"


def _counts(db: Any) -> dict[str, int]:
    from psycopg import sql

    found = {}
    for (name,) in db.execute(TABLES).fetchall():
        statement = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name))
        found[name] = db.execute(statement).fetchone()[0]
    return found


def _one(db: Any, statement: str) -> Any:
    return db.execute(statement).fetchone()[0]


def _run(command: list[str], url: str) -> None:
    """Run one of PostgreSQL's programs on a database. The password goes by the environment, never by an argument."""
    known = hosts.parameters(url)
    names = {
        "host": "PGHOST",
        "port": "PGPORT",
        "user": "PGUSER",
        "password": "PGPASSWORD",
        "sslmode": "PGSSLMODE",
    }
    names |= {"sslrootcert": "PGSSLROOTCERT", "target_session_attrs": "PGTARGETSESSIONATTRS"}
    env = os.environ | {names[k]: str(v) for k, v in known.items() if k in names and v is not None}
    env.pop("DATABASE_URL", None)
    told = subprocess.run(  # noqa: S603 - a program of PostgreSQL and our own arguments
        [*command, f"--dbname={known.get('dbname', '')}"],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    if told.returncode != 0:
        raise BackupFailed(f"{Path(command[0]).name} failed: {told.stderr.strip()[-500:]}")
