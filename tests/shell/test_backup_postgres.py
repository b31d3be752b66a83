"""Backups of PostgreSQL: dumped from one state, proved in a database of their own, restored into an empty one."""

from __future__ import annotations

import json
import os
from pathlib import Path

import psycopg
import pytest

from quarterdeck.boot import backup_postgres
from quarterdeck.boot.backup_manifest import BackupFailed
from support import postgres
from support.replication import with_programs
from support.serving import Installation

pytestmark = pytest.mark.slow


def test_a_backup_of_postgresql_is_proved_rehearsed_and_restored_paused(tmp_path: Path) -> None:
    with_programs()
    with postgres.server() as url, backup_postgres.temporary(url) as other:
        home = Installation(tmp_path / "home", url)
        home.ask("support.backup_world:furnish")
        told = home.command("backup", str(tmp_path / "copies"))
        assert "restored and found whole" in told
        (made,) = [p for p in (tmp_path / "copies").iterdir() if p.name != ".lock"]
        manifest = json.loads((made / "manifest.json").read_text())
        assert manifest["store"] == "postgresql" and manifest["counts"]["alert"] == 3
        assert manifest["counts"]["inbound"] == 4 and manifest["events"] > 0
        assert "pages, the oldest due" in home.command("restore", "--rehearse", str(made))
        (tmp_path / "other").mkdir()
        new = Installation.__new__(Installation)
        new.folder, new.data = tmp_path / "other", tmp_path / "other/data"
        new._environment = home._environment | {"DATABASE_URL": other, "QUARTERDECK_DATA": str(new.data)}
        new.command("restore", str(made))
        assert "PAUSED" in new.command("engine", "show")
        assert "streams are whole" in new.command("verify")
        with psycopg.connect(url) as db:
            left = db.execute(
                "SELECT count(*) FROM pg_database WHERE datname LIKE 'quarterdeck_proof_%'"
            ).fetchone()
        assert left == (1,), "only the one this test made"


def test_without_its_programs_it_says_how_to_get_them(tmp_path: Path) -> None:
    before = os.environ["PATH"]
    os.environ["PATH"] = str(tmp_path)
    try:
        with pytest.raises(BackupFailed, match="apt-get install postgresql-client-99"):
            backup_postgres.program("pg_dump", 990000)
    finally:
        os.environ["PATH"] = before
