"""Backups: whole, proved, readable by nobody else, kept in number; and put back without paging anybody."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from quarterdeck.store.sqlite import journal_copy
from support.server import COMMAND, clean_environment
from support.serving import Installation

KEYS = "secrets.json"


def run(data: Path, *words: str, code: int = 0, **settings: str) -> str:
    told = subprocess.run(
        [COMMAND, *words],
        env=clean_environment(QUARTERDECK_DATA=str(data), **settings),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert told.returncode == code, told.stdout + told.stderr
    return told.stdout + told.stderr


def ask(store: Path, question: str) -> list:
    with closing(sqlite3.connect(store)) as db:
        return db.execute(question).fetchall()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with an open incident, alerts that are paged, and a body in the journal that nobody has read."""
    folder = tmp_path_factory.mktemp("backup")
    installation = Installation(folder)
    installation.ask("support.backup_world:furnish")
    run(folder / "data", "backup", str(folder / "copies"))
    return folder


def newest(folder: Path) -> Path:
    return max(p for p in folder.iterdir() if (p / "manifest.json").exists())


def test_a_backup_holds_everything_and_says_what(home: Path) -> None:
    made = newest(home / "copies")
    manifest = json.loads((made / "manifest.json").read_text())
    names = {f["name"] for f in manifest["files"]}
    assert {"quarterdeck.db", "journal.db", KEYS} <= names
    assert (
        manifest["counts"]["alert"]
        == ask(home / "data/quarterdeck.db", "SELECT count(*) FROM alert")[0][0]
        > 0
    )
    assert manifest["counts"]["journal.inbound"] == 4
    assert manifest["events"] > 0 and manifest["streams"] >= 2
    assert [p for p in [made, *made.rglob("*")] if p.stat().st_mode & 0o077] == []


def test_the_keys_stay_at_home_where_that_is_asked_for(home: Path, tmp_path: Path) -> None:
    run(home / "data", "backup", str(tmp_path), "--without-secrets")
    made = newest(tmp_path)
    assert not (made / KEYS).exists()
    run(tmp_path / "fresh", "restore", str(made))
    assert (tmp_path / "fresh" / KEYS).read_text() != (home / "data" / KEYS).read_text()


def test_only_the_newest_are_kept(home: Path, tmp_path: Path) -> None:
    for name in ("2026-01-01T00-00-00Z", "2026-01-02T00-00-00Z"):
        shutil.copytree(newest(home / "copies"), tmp_path / name)
    (tmp_path / "not-ours").mkdir()
    run(home / "data", "backup", str(tmp_path), "--keep", "2")
    kept = sorted(p.name for p in tmp_path.iterdir() if p.name[0] != ".")
    assert len(kept) == 3 and kept[0] == "2026-01-02T00-00-00Z" and kept[-1] == "not-ours"


def test_a_damaged_store_is_no_backup_and_the_command_says_so(home: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    shutil.copy(home / "data/quarterdeck.db", data)
    with closing(sqlite3.connect(data / "quarterdeck.db")) as db:
        db.execute("DROP TRIGGER event_no_update")
        db.execute("UPDATE event SET actor = 'mallory' WHERE id = 2")
        db.commit()
    told = run(data, "backup", str(tmp_path / "copies"), code=1)
    assert "was changed after it was written" in told
    assert [p for p in (tmp_path / "copies").iterdir() if p.name != ".lock"] == []


def test_a_rehearsal_says_what_would_be_sent_and_changes_nothing(home: Path) -> None:
    before = {p: p.stat().st_mtime_ns for p in (home / "data").iterdir()}
    told = run(home / "data", "restore", "--rehearse", str(home / "copies"))
    assert (
        "every hash holds" in told and "pages, the oldest due" in told and "The backup can be used." in told
    )
    assert {p: p.stat().st_mtime_ns for p in (home / "data").iterdir()} == before


def test_a_file_that_was_changed_later_is_found(home: Path, tmp_path: Path) -> None:
    shutil.copytree(newest(home / "copies"), tmp_path / "copy")
    with (tmp_path / "copy/quarterdeck.db").open("r+b") as f:
        f.seek(5000)
        f.write(b"x")
    assert "SHA-256" in run(tmp_path / "data", "restore", str(tmp_path / "copy"), code=1)
    assert not (tmp_path / "data/quarterdeck.db").exists()


def test_a_backup_of_a_newer_release_is_refused(home: Path, tmp_path: Path) -> None:
    shutil.copytree(newest(home / "copies"), tmp_path / "copy")
    manifest = tmp_path / "copy/manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"schema_version": 9000}))
    assert "newer Quarterdeck" in run(tmp_path / "data", "restore", str(tmp_path / "copy"), code=1)


def test_what_is_there_is_never_overwritten_and_can_be_put_aside(home: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    run(data, "migrate", "--new")
    assert "already holds a store" in run(data, "restore", str(home / "copies"), code=1)
    told = run(data, "restore", str(home / "copies"), "--move-aside")
    (aside,) = data.glob("before-restore-*")
    assert str(aside) in told and (aside / "quarterdeck.db").exists()
    assert ask(data / "quarterdeck.db", "SELECT count(*) FROM alert")[0][0] > 0


def test_a_restored_store_is_paused_and_counts_above_the_one_it_came_from(home: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    run(data, "restore", str(home / "copies"))
    assert (data / KEYS).stat().st_mode & 0o077 == 0
    told = run(data, "engine", "show")
    assert "PAUSED" in told and "Restored from the backup of" in told and "Epoch 2" in told
    assert "streams are whole" in run(data, "verify")
    assert "engine: pause" in run(data, "doctor", code=2)
    run(data, "engine", "resume", "--cancel-older-than", "0s")
    assert "not paused" in run(data, "engine", "show")
    # The file from before, put back by hand, is not taken for the present one.
    shutil.copy(newest(home / "copies") / "quarterdeck.db", data / "quarterdeck.db")
    assert "old copy" in run(data, "engine", "pause", "--reason", "x", code=1)
    run(data, "engine", "epoch", "raise")
    assert "Epoch 3" in run(data, "engine", "show")


def test_a_file_of_the_record_comes_back_with_its_incident_and_is_in_its_export(
    home: Path, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    run(data, "restore", str(home / "copies"))
    ((sha, incident),) = ask(data / "quarterdeck.db", "SELECT sha256, incident_id FROM attachment")
    kept = data / "attachments" / sha[:2] / sha
    assert kept.read_bytes() == b"09:00 the pool is full\n"
    out = tmp_path / "record.zip"
    run(data, "export", "incident", incident, "-o", str(out))
    assert "whole" in run(data, "verify", str(out))
    with zipfile.ZipFile(out) as record:
        assert record.read(f"attachments/{sha[:16]}-app.log") == kept.read_bytes()


def test_a_restore_that_was_killed_before_its_end_still_starts_paused(home: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    shutil.copy(newest(home / "copies") / "quarterdeck.db", data)
    (data / "restored.json").write_text('{"made_at": "2026-01-01T00:00:00Z"}')
    run(data, "migrate")
    assert "PAUSED" in run(data, "engine", "show")
    assert not (data / "restored.json").exists()


def test_alerts_after_the_backup_come_back_from_the_second_folder_of_the_journal(
    home: Path, tmp_path: Path
) -> None:
    second = tmp_path / "second"
    journal = tmp_path / "journal.db"
    shutil.copy(newest(home / "copies") / "journal.db", journal)
    with closing(sqlite3.connect(journal)) as db:
        body = db.execute(
            "SELECT received_at, integration, dialect, body FROM inbound ORDER BY id DESC"
        ).fetchone()
        db.execute(
            "INSERT INTO inbound (received_at, integration, dialect, event_id, body) VALUES (?,?,?,'later',?)",
            body,
        )
        db.commit()
    assert journal_copy.append(journal, second) == 5
    assert journal_copy.append(journal, second) == 0
    settings = {"QUARTERDECK_BACKUP_JOURNAL_TO": str(second)}
    told = run(tmp_path / "data", "restore", str(home / "copies"), **settings)
    assert "1 alert body accepted after the backup" in told
    assert ask(tmp_path / "data/journal.db", "SELECT count(*) FROM inbound") == [(5,)]


def test_the_second_folder_keeps_the_journal_of_another_history(home: Path, tmp_path: Path) -> None:
    here, there = tmp_path / "journal.db", tmp_path / "second"
    shutil.copy(newest(home / "copies") / "journal.db", here)
    journal_copy.append(here, there)
    with closing(sqlite3.connect(here)) as db:
        db.execute("UPDATE inbound SET event_id = 'other'")
        db.commit()
    assert journal_copy.append(here, there) == 4
    assert len(list(there.glob("journal-until-*.db"))) == 1
