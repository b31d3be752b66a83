"""A migration that ends by SIGKILL at its n-th statement, and what the next one makes of it. Run as a program:

python -m support.killed_migration <all | where to kill: 0 the first statement, 1 the last, 0.5 one in the middle …>

It works on the store of the environment's settings, anew for each kill, and prints one JSON object.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

OLD = "0003"


def main(where: list[str]) -> None:
    from quarterdeck.boot.wiring import set_up

    set_up()
    from django.conf import settings

    data: Path = settings.QUARTERDECK_DATA
    fresh(data)
    statements, whole = in_child(lambda: (count(), schema_now()))
    wanted = range(1, statements + 1)
    if where != ["all"]:
        wanted = sorted({1 + round(float(part) * (statements - 1)) for part in where})
    wrong = []
    for n in wanted:
        fresh(data)
        if in_child(lambda n=n: migrate_until(n)) is not None:
            wrong.append(f"{n}: was not killed")
        if in_child(finish) != whole:
            wrong.append(f"{n}: another schema")
        copies = [p.name for p in (data / "backups").glob("before-*")] if (data / "backups").is_dir() else []
        if settings.QUARTERDECK.database_url == "" and len(copies) != 1:
            wrong.append(f"{n}: copies {copies}")
    print(json.dumps({"statements": statements, "killed": len(wanted), "wrong": wrong}))


def fresh(data: Path) -> None:
    """The store as an older release left it."""
    in_child(lambda: _fresh(data))


def _fresh(data: Path) -> None:
    from django.core.management import call_command
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as c:
            c.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        call_command("migrate", "store", OLD, verbosity=0)
        return
    kept = data.parent / "old.db"
    shutil.rmtree(data / "backups", ignore_errors=True)
    for path in data.glob("quarterdeck.db*"):
        path.unlink()
    if kept.exists():
        shutil.copy(kept, data / "quarterdeck.db")
        return
    call_command("migrate", "store", OLD, verbosity=0)
    connection.close()
    shutil.copy(data / "quarterdeck.db", kept)


def count() -> int:
    from django.db import connection

    from quarterdeck.boot import migrate

    seen = 0

    def one(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal seen
        seen += 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(one):
        migrate.migrate()
    return seen


def migrate_until(n: int) -> None:
    from django.db import connection

    from quarterdeck.boot import migrate

    left = n

    def one(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(one):
        migrate.migrate()
    raise AssertionError(f"it came to its end before statement {n}")


def finish() -> str:
    from quarterdeck.boot import migrate
    from quarterdeck.store import fence, tx

    migrate.migrate()
    with tx.write():
        fence.check()
    return schema_now()


def schema_now() -> str:
    """A digest over every table, column, index and trigger there is."""
    from django.db import connection

    with connection.cursor() as c:
        if connection.vendor == "postgresql":
            c.execute(
                "SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns"
                " WHERE table_schema = 'public' ORDER BY 1, 2"
            )
            found = c.fetchall()
            c.execute("SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1")
        else:
            c.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY 1, 2")
            found = []
        found += c.fetchall()
    return hashlib.sha256(repr(found).encode()).hexdigest()


def in_child(work: Callable[[], Any]) -> Any:
    """What `work` returns, done in a process of its own; None when that process was killed."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        code = 1
        try:
            os.write(write, json.dumps(work()).encode())
            code = 0
        except BaseException:  # noqa: BLE001 - a child ends here, whatever it was
            traceback.print_exc()
        finally:
            os._exit(code)
    os.close(write)
    with os.fdopen(read, "rb") as told:
        answer = told.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return None
    if os.WEXITSTATUS(status):
        raise SystemExit("a step failed; the reason stands above")
    return json.loads(answer)


if __name__ == "__main__":
    main(sys.argv[1:])
