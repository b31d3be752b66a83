"""Moving a running installation from SQLite to PostgreSQL, and back.

Rows are copied while it is served, as often as it takes; then writing stands still for the last differences, the old
store is closed, and the pointer in the data folder names the new one. At no moment can both be written, and a move that
is killed is done again or ended by the same command.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.db import connection, connections

from quarterdeck.app.upkeep import moves
from quarterdeck.store import adopting
from quarterdeck.store.moving import Move, MoveFailed

from . import pointer
from .config import Config
from .settings import database
from .supervise import say

TARGET = "target"
DRAFT = ".moving-"
PASSES_MOST = 6
FEW_ROWS = 500
JOURNAL, STORE = "journal.db", "quarterdeck.db"


@dataclass
class Moved:
    """`stopped_seconds` is how long writing stood still. `digests`: rows and digest of each table."""

    to: str
    rows: int = 0
    passes: int = 0
    seconds: float = 0.0
    stopped_seconds: float = 0.0
    bodies: int = 0
    digests: dict[str, tuple[int, str]] = field(default_factory=dict)


def move(config: Config, to: str, tell: Callable[[str], None] = say) -> Moved:
    """Move to the URL of an empty PostgreSQL database, or to "sqlite" in the data folder. Raises MoveFailed.

    Django is set up on the present store.
    """
    began = time.monotonic()
    if (connection.vendor == "sqlite") != to.startswith(("postgres://", "postgresql://")):
        raise MoveFailed(
            "Name the other kind of store: --to postgres://user:password@host/name, or --to sqlite."
        )
    name = without_password(to) if to != "sqlite" else f"SQLite in {config.data}"
    done = Moved(name)
    draft = config.data / f"{DRAFT}{os.getpid()}"
    if moves.closed_for() == name:
        tell(f"This store was moved to {name} already; ending that move.")
        _end(config, to, _left(config), done)
        return done
    closed = False
    try:
        _open_target(config, to, draft)
        moves.begin(TARGET, name)
        mover = Move("default", TARGET)
        mover.empty()
        _passes(mover, done, tell)
        wrong = mover.verify()
        if wrong:
            raise MoveFailed(f"The copy is not the same: {'; '.join(wrong[:5])}. Nothing was changed here.")
        tell(f"{done.rows} rows copied and compared; writing stands still for the last differences")
        stopped = time.monotonic()
        done.bodies = moves.close(mover, name, config.data / JOURNAL)
        closed = True
        done.digests = mover.digests()
        _end(config, to, draft, done)
        done.stopped_seconds = round(time.monotonic() - stopped, 2)
    finally:
        if not closed:
            shutil.rmtree(draft, ignore_errors=True)
    done.seconds = round(time.monotonic() - began, 1)
    return done


def _left(config: Config) -> Path:
    """The folder of a move that was killed after it had closed the old store."""
    found = sorted(config.data.glob(f"{DRAFT}*/{STORE}"))
    return found[-1].parent if found else config.data / DRAFT


def _passes(mover: Move, done: Moved, tell: Callable[[str], None]) -> None:
    """Copy while others write, until a pass finds little that is new."""
    for n in range(1, PASSES_MOST + 1):
        began = time.monotonic()
        changed = mover.copy()
        took = time.monotonic() - began
        done.rows += changed
        done.passes = n
        tell(f"pass {n}: {changed} rows in {took:.1f} s")
        if n > 1 and changed < FEW_ROWS:
            return


def _open_target(config: Config, to: str, draft: Path) -> None:
    """Make the tables of the other store and connect to it as TARGET. Raises MoveFailed unless it is empty."""
    draft.mkdir(mode=0o700)
    env = {
        k: v
        for k, v in os.environ.items()
        if k not in ("DATABASE_URL", "QUARTERDECK_CONFIG", "QUARTERDECK_PARENT")
    }
    env |= {"QUARTERDECK_DATA": str(draft)}
    if to != "sqlite":
        env["DATABASE_URL"] = to
        _must_be_empty(to)
    told = subprocess.run(
        [sys.executable, "-m", "quarterdeck.boot.run", "migrate"],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    if told.returncode != 0:
        raise MoveFailed(f"The tables of the other store could not be made: {told.stderr.strip()[-500:]}")
    _connect(database("" if to == "sqlite" else to, draft))


def _connect(wanted: dict[str, Any]) -> None:
    connections.settings[TARGET] = connections["default"].settings_dict | wanted | {"TEST": {}}  # type: ignore[index]


def _must_be_empty(url: str) -> None:
    import psycopg

    from .backup_postgres import TABLES

    try:
        with psycopg.connect(url) as db:
            there = db.execute(TABLES).fetchall()
    except psycopg.Error as e:
        raise MoveFailed(f"The other store cannot be reached: {e}") from e
    if there:
        raise MoveFailed(
            f"The database already has tables ({there[0][0]} and others). Drop it, create it anew and run this again: "
            "a move that did not come to its end leaves a half-filled one behind."
        )


def _place(config: Config, draft: Path) -> None:
    """Put the finished file where it is served from; one that was closed by an earlier move goes aside."""
    if not (draft / STORE).exists():
        return
    there = [p for c in ("", "-wal", "-shm") if (p := config.data / f"{STORE}{c}").exists()]
    if there:
        aside = config.data / f"before-move-{datetime.now(UTC):%Y-%m-%dT%H-%M-%SZ}"
        aside.mkdir(mode=0o700)
        for path in there:
            path.rename(aside / path.name)
    (draft / STORE).rename(config.data / STORE)


def _end(config: Config, to: str, draft: Path, done: Moved) -> None:
    """Open the new store and point to it. The old one is closed by now; doing this again changes nothing."""
    if TARGET in connections.settings:
        connections[TARGET].close()
        del connections[TARGET]
    if to == "sqlite":
        _place(config, draft)
    shutil.rmtree(draft, ignore_errors=True)
    _connect(database("" if to == "sqlite" else to, config.data))
    moves.open_for_work(TARGET)
    if to != "sqlite":
        done.bodies += adopting.into_postgres(config.data / JOURNAL, TARGET)
    connections[TARGET].close()
    pointer.write(config.data, "" if to == "sqlite" else to, instead_of=pointer.configured())


def adopt(config: Config) -> int:
    """Bodies that web took into the file before it heard of the move; returns how many."""
    journal = config.data / JOURNAL
    if not config.database_url or not journal.exists():
        return 0
    return adopting.into_postgres(journal)


def without_password(url: str) -> str:
    """A URL that may be shown."""
    head, at, tail = url.rpartition("@")
    if not at:
        return url
    scheme, _, user = head.partition("://")
    return f"{scheme}://{user.partition(':')[0]}@{tail}"


def as_json(done: Moved) -> str:
    """What a move found, for a record."""
    return json.dumps({"to": done.to, "tables": done.digests})
