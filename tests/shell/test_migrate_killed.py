"""A migration that is killed, or has company: the next start finishes it, and no half of a table is left."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, nullcontext
from pathlib import Path

import pytest

from support import postgres
from support.prepared_store import prepare
from support.server import COMMAND, clean_environment
from support.serving import TESTS

SOAK = bool(os.environ.get("QUARTERDECK_SOAK"))
# Where on the way from the first statement to the last a migration is killed; at each one in a soak.
PLACES = {"sqlite": ("0.35", "1"), "postgres": ("0", "0.65")}
KILLS = 200 if SOAK else 1
pytestmark = pytest.mark.slow


def begin(data: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [COMMAND, "migrate", "--new"],
        env=clean_environment(QUARTERDECK_DATA=str(data)),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def made(data: Path) -> Path:
    """A folder with a store that is migrated, for what comes afterwards."""
    prepare(data, COMMAND, clean_environment(QUARTERDECK_DATA=str(data)))
    return data


def ended(process: subprocess.Popen[str]) -> str:
    told, _ = process.communicate(timeout=120)
    assert process.returncode == 0, told
    return told


def test_a_killed_migration_is_finished_by_the_next(tmp_path: Path) -> None:
    began = time.monotonic()
    ended(begin(tmp_path / "whole"))
    whole_seconds = time.monotonic() - began
    for n in range(KILLS):
        data = tmp_path / f"killed-{n}"
        killed = begin(data)
        time.sleep(random.uniform(0.4, 1.0) * whole_seconds)
        killed.send_signal(signal.SIGKILL)
        killed.communicate()
        assert "The store is up to date." in ended(begin(data))


def test_two_migrations_at_once_do_the_work_once(tmp_path: Path) -> None:
    first, second = begin(tmp_path), begin(tmp_path)
    told = [ended(first), ended(second)]
    assert sum("migrated" in text for text in told) == 1


@pytest.mark.parametrize("store", ["sqlite", "postgres"])
def test_a_migration_killed_at_any_statement_is_finished_by_the_next(store: str, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    places = ("all",) if SOAK else PLACES[store]
    with postgres.server() if store == "postgres" else nullcontext("") as url:
        told = subprocess.run(
            [sys.executable, "-m", "support.killed_migration", *places],
            env=clean_environment(
                QUARTERDECK_DATA=str(tmp_path / "data"), DATABASE_URL=url, PYTHONPATH=str(TESTS)
            ),
            capture_output=True,
            text=True,
            check=False,
        )
    assert told.returncode == 0, told.stdout + told.stderr
    found = json.loads(told.stdout)
    assert found["wrong"] == [] and found["killed"] == (found["statements"] if SOAK else len(places))


def change(data: Path, statement: str) -> None:
    with closing(sqlite3.connect(data / "quarterdeck.db")) as db:
        db.execute(statement)
        db.commit()


def test_an_older_release_works_on_newer_tables_it_can_use_and_refuses_others(tmp_path: Path) -> None:
    made(tmp_path)
    change(
        tmp_path,
        "INSERT INTO django_migrations (app, name, applied) VALUES ('store', '9000_more', '2026-01-01')",
    )
    change(tmp_path, "UPDATE installation SET schema_version = 9000")
    assert "which this one can use" in ended(begin(tmp_path))
    change(tmp_path, "UPDATE installation SET min_code_version = 9000")
    refused = begin(tmp_path)
    told, _ = refused.communicate(timeout=60)
    assert refused.returncode == 3 and "newer Quarterdeck" in told and "backups/before-" in told


def test_a_store_that_cannot_be_copied_first_is_not_upgraded(tmp_path: Path) -> None:
    made(tmp_path)
    change(tmp_path, "DELETE FROM django_migrations WHERE app = 'store' AND name >= '0004'")
    (tmp_path / "backups").write_text("a file is in the way")
    refused = begin(tmp_path)
    told, _ = refused.communicate(timeout=60)
    assert refused.returncode == 4 and "was not begun" in told and "--without-backup" in told
