"""The command line on this machine's own store: what it prints, what it changes, how it ends."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys

import pytest

from support.prepared_store import prepare
from support.server import COMMAND, clean_environment

PASSWORD = "wet anchor slow lantern"


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A migrated store with one administrator."""
    folder = tmp_path_factory.mktemp("cli") / "data"
    prepare(folder, COMMAND, clean_environment())
    run(
        folder,
        "user",
        "create",
        "ana@example.com",
        "--name",
        "Ana Ruiz",
        "--admin",
        "--password-stdin",
        given=PASSWORD,
    )
    return folder


def run(folder, *arguments, given="", code=0, **environment):
    """The finished command; fails when it ends with another exit code."""
    done = subprocess.run(
        [COMMAND, *arguments],
        env=clean_environment(QUARTERDECK_DATA=str(folder), **environment),
        input=given + "\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def python(folder, text):
    """Run Python against the store."""
    prepare = "from quarterdeck.boot.wiring import set_up; set_up()\n"
    subprocess.run(
        [sys.executable, "-c", prepare + text],
        env=clean_environment(QUARTERDECK_DATA=str(folder)),
        check=True,
        timeout=60,
    )


def test_help_answers_without_loading_the_product():
    loaded = "import sys, quarterdeck.cli.main as m; m.main(['--help'], standalone_mode=False); "
    heavy = "print([n for n in ('django', 'msgspec', 'uvicorn', 'httpx2') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", loaded + heavy], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert "quarterdeck demo" in done.stdout


def test_every_command_explains_itself(tmp_path):
    from quarterdeck.cli.main import COMMANDS

    for name in COMMANDS:
        assert "Usage:" in run(tmp_path, name, "--help")


def test_a_mistyped_command_is_answered_with_the_near_one(tmp_path):
    assert "Did you mean 'doctor'?" in run(tmp_path, "doctr", code=2)


def test_a_person_made_here_can_be_seen_disabled_and_enabled(data):
    run(data, "user", "create", "ben@example.com", "--password-stdin", given=PASSWORD)
    assert "responder      password     Ben <ben@example.com>" in run(data, "user", "list")
    run(data, "user", "disable", "BEN@example.com")
    assert "ben@example.com" not in run(data, "user", "list")
    assert "disabled" in run(data, "user", "list", "--all")
    run(data, "user", "enable", "ben@example.com")
    assert "ben@example.com" in run(data, "user", "list")


def test_what_cannot_be_done_is_said_in_one_line(data):
    assert "already" in run(
        data, "user", "create", "ana@example.com", "--password-stdin", given=PASSWORD, code=1
    )
    assert "too short" in run(data, "user", "create", "c@example.com", "--password-stdin", given="x", code=1)
    assert "only administrator" in run(data, "user", "disable", "ana@example.com", code=1)
    told = run(data, "user", "password", "nobody@example.com", code=1)
    assert "Nobody has the address" in told
    assert "Traceback" not in told


def test_a_store_without_tables_is_answered_with_the_command_that_makes_them(tmp_path):
    assert "quarterdeck migrate" in run(tmp_path, "user", "list", code=2)


def test_migrating_twice_changes_nothing(data):
    assert run(data, "migrate").strip() == "The store is up to date."


def test_a_wrong_setting_ends_every_command_with_its_name(tmp_path):
    (tmp_path / "quarterdeck.toml").write_text("pubic_url = 'x'")
    for command in (["doctor"], ["migrate"], ["serve"], ["user", "list"]):
        assert "Did you mean 'public_url'" in run(tmp_path, *command, code=2)


def test_a_whole_log_is_proved_and_a_changed_one_is_named(data):
    assert "The one stream is whole." in run(data, "verify")
    assert "whole   installation" in run(data, "verify", "installation")
    python(
        data,
        "from django.db import connection\n"
        "with connection.cursor() as c:\n"
        "    c.execute(\"select name from sqlite_master where type = 'trigger' and tbl_name = 'event'\")\n"
        "    for (name,) in c.fetchall(): c.execute(f'drop trigger {name}')\n"
        "    c.execute(\"update event set data = replace(data, 'administrator', 'responder') where seq = 1\")\n",
    )
    assert "event 1 was changed after it was written" in run(data, "verify", code=1)
    run(data, "migrate")  # puts the protection back


def test_what_cannot_be_verified_is_no_broken_chain(data, tmp_path):
    told = run(data, "verify", "INC-99", code=2)
    assert "No stream is called INC-99" in told
    nowhere = tmp_path / "nowhere"
    for command in (["verify"], ["export", "INC-1"], ["user", "list"], ["migrate"]):
        told = run(nowhere, *command, code=2)
        assert f"There is no Quarterdeck in {nowhere}" in told
        assert "Traceback" not in told
    assert not nowhere.exists()


def test_the_folder_may_be_named_with_the_command(data, tmp_path):
    assert "ana@example.com" in run(tmp_path, "user", "list", "--data", str(data))
    for command in ("doctor", "verify", "backup", "migrate", "export", "restore", "migrate-store"):
        assert "--data" in run(tmp_path, command, "--help")


def test_a_folder_that_cannot_be_used_is_answered_with_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    for command in (["serve", "--port", "0"], ["migrate", "--new"]):
        told = run(tmp_path / "file", *command, code=2)
        assert "a file is in the way" in told
        assert "Traceback" not in told


def test_keys_that_cannot_be_read_are_answered_with_a_sentence(tmp_path):
    (tmp_path / "secrets.json").write_text("{")
    told = run(tmp_path, "doctor", code=2)
    assert "secrets.json is damaged" in told
    assert "Traceback" not in told


def test_an_address_that_is_not_given_is_asked_for(data):
    told = run(data, "user", "create", "--admin", given="zoe@example.com", code=1)
    assert "E-mail address" in told


def test_a_new_folder_is_for_its_owner_alone(data):
    assert data.stat().st_mode & 0o077 == 0


def test_the_doctor_names_each_fault_with_the_next_step(data):
    found = {f["name"]: f for f in json.loads(run(data, "doctor", "--json", code=2))}
    assert found["engine"]["level"] == "fault"
    assert "quarterdeck serve" in found["engine"]["next"]
    assert found["tables"]["level"] == found["keys"]["level"] == found["data folder"]["level"] == "ok"
    assert {found[n]["level"] for n in ("outbox", "bodies", "catalogue")} == {"ok"}
    assert {f["level"] for f in found.values()} <= {"ok", "warning", "fault"}
    assert all(f["next"] for f in found.values() if f["level"] != "ok")


def test_the_doctor_sees_open_keys_and_a_mail_server_that_does_not_answer(data):
    (data / "secrets.json").chmod(0o644)
    told = run(data, "doctor", QUARTERDECK_EMAIL_HOST="127.0.0.1", QUARTERDECK_EMAIL_PORT="1", code=2)
    (data / "secrets.json").chmod(0o600)
    assert "FAULT    keys" in told
    assert "FAULT    mail" in told
    assert "no sender" in told
    told = run(
        data,
        "doctor",
        QUARTERDECK_EMAIL_HOST="127.0.0.1",
        QUARTERDECK_EMAIL_PORT="1",
        QUARTERDECK_EMAIL_FROM="q@example.com",
        QUARTERDECK_EMAIL_HSOT="x",
        code=2,
    )
    assert "could not be reached" in told
    assert "Did you mean QUARTERDECK_EMAIL_HOST?" in told


def test_the_doctor_reads_the_file_of_the_lifeline_as_the_lifeline_does(data):
    own = data / "lifeline"
    own.mkdir(exist_ok=True)
    (own / "lifeline.toml").write_text('[mail]\nhost = "mail"\nsender = "a@example.com"\nsecurty = "tls"')
    told = run(data, "doctor", code=2)
    assert "FAULT    lifeline" in told
    assert "did you mean 'security'?" in told
    (own / "lifeline.toml").write_text('[mail]\nhost = "mail"\nsender = "a@example.com"\nport = "25"')
    assert "[mail] port must be a whole number" in run(data, "doctor", code=2)
    (own / "lifeline.toml").unlink()


def test_the_doctor_changes_nothing_where_nothing_is(tmp_path):
    told = run(tmp_path / "none", "doctor", code=2)
    assert "does not exist" in told
    assert "keys" not in told
    assert "There is no" in told and "quarterdeck.toml; from the environment: QUARTERDECK_DATA." in told
    assert not (tmp_path / "none").exists()
    (tmp_path / "empty").mkdir()
    run(tmp_path / "empty", "doctor", code=2)
    assert list((tmp_path / "empty").iterdir()) == []


def test_a_record_is_exported_and_proved_without_a_store(data, tmp_path):
    python(
        data,
        """
from datetime import UTC, datetime
from quarterdeck.app.incidents import incidents
from quarterdeck.app.act import act_of
from quarterdeck.core.incidents import Declaration
from quarterdeck.store import models
ana = models.Person.objects.filter(role="administrator").first()
act = act_of(ana.id, ana.role, datetime.now(UTC))
said = {"severity": 2, "both_reason": "The same people."}
incidents.declare(act, Declaration("Checkout fails", **said))
incidents.declare(act, Declaration("Keys leaked", restricted=True, **said))
""",
    )
    newest = run(data, "export", "incident", "9999", code=1)
    assert "There is no such incident" in newest
    record = tmp_path / "r.zip"
    key = run(data, "keys", "show").split()[0]
    made = run(data, "export", "incident", "1", "-o", str(record))
    assert f"signed with key {key}" in made
    away = tmp_path / "away"
    whole = run(away, "verify", str(record), "--key", key)
    assert "whole" in whole and "INC-1" in whole and not away.exists()
    assert "compare it with" in run(away, "verify", str(record))
    assert "not with 0000000000000000" in run(away, "verify", str(record), "--key", "0" * 16, code=1)
    changed = bytearray(record.read_bytes())
    changed[changed.index(b"Checkout fails")] ^= 1
    record.write_bytes(bytes(changed))
    assert "was changed" in run(away, "verify", str(record), code=1)
    assert run(away, "verify", str(tmp_path / "none.zip"), code=2)
    assert "is restricted" in run(data, "export", "incident", "INC-2", "-o", str(record), code=1)
    run(data, "export", "incident", "INC-2", "-o", str(record), "--restricted")
    assert "whole" in run(away, "verify", str(record))


def test_a_store_without_the_tables_of_this_release_is_named_and_no_traceback_shown(tmp_path):
    sqlite3.connect(tmp_path / "quarterdeck.db").execute("CREATE TABLE old (a)").connection.close()
    assert "Run: quarterdeck migrate" in run(tmp_path, "catalog", "check", code=2)
