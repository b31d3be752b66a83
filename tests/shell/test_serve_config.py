"""Settings from the file and the environment, the installation's keys, and heartbeats."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import pytest

from quarterdeck.boot import environment, pulse, secrets, sqlite_module
from quarterdeck.boot.config import ConfigError, load, sources
from support.server import clean_environment


def configured(tmp_path, text="", **environment):
    (tmp_path / "quarterdeck.toml").write_text(text)
    return load({"QUARTERDECK_DATA": str(tmp_path), **environment})


def test_without_any_setting_it_listens_on_this_machine_only(tmp_path):
    config = configured(tmp_path)
    assert (config.host, config.port, config.url) == ("127.0.0.1", 8080, "http://127.0.0.1:8080")
    assert config.data == tmp_path


def test_the_environment_stands_over_the_file(tmp_path):
    config = configured(tmp_path, 'port = 9000\nsession_days = 3\n[channels.email]\nhost = "a"', PORT="9001")
    assert (config.port, config.session_days, config.channels["email"]["host"]) == (9001, 3, "a")
    config = configured(
        tmp_path, '[channels.email]\nhost = "a"', QUARTERDECK_EMAIL_HOST="b", QUARTERDECK_EMAIL_PORT="25"
    )
    assert config.channels["email"] == {"host": "b", "port": 25}


def test_lists_are_separated_by_commas(tmp_path):
    config = configured(
        tmp_path, QUARTERDECK_ALLOWED_HOSTS="a.example, B.example", QUARTERDECK_TRUSTED_PROXIES="10.0.0.0/8"
    )
    assert {"a.example", "b.example", "localhost"} <= set(config.hosts)


@pytest.mark.parametrize(
    ("text", "environment", "told"),
    [
        ("pubic_url = 'x'", {}, "Did you mean 'public_url'"),
        ("zzz = 1", {}, "Known keys"),
        ("port = 'x'", {}, "quarterdeck.toml"),
        ("", {"PORT": "x"}, "PORT"),
        ("port = 99999", {}, "65535"),
        ("port = [", {}, "not valid TOML"),
        ("public_url = 'ops.example'", {}, "whole address"),
        ("public_url = 'https://ops.example/qd'", {}, "without a path"),
        ("trusted_proxies = ['*']", {}, "not an address or network"),
        ("database_url = 'mysql://x'", {}, "postgres://"),
        ("web_threads = 0", {}, "1 or more"),
        ("", {"QUARTERDECK_CONFIG": "/nowhere.toml"}, "cannot be read"),
        ("", {"PORT": "abc"}, "PORT: 'abc' is not a whole number"),
        ("log_level = 'loud'", {}, "debug, info, warning, error"),
        ("email_host = 'a'", {}, r"Did you mean \[channels.email] host"),
        ("backup_keep = 3", {}, r"Did you mean \[backup] keep"),
        ("[channels.email]\nhst = 'a'", {}, "Did you mean 'channels.email.host'"),
        ("[channels.emial]\nhost = 'a'", {}, r"Did you mean \[channels.email]"),
        ("[channels.email]\nport = 'x'", {}, "channels.email.port: 'x' is not a whole number"),
        ("[channels.email]\nfrom_address = 'x'", {}, "channels.email.from_address"),
        ("[channels.ntfy]\nserver = 'ntfy.sh'", {}, "https://ntfy.sh"),
        ("[channels.webhook]\nsecret = 'x'", {}, "whsec_"),
        ("", {"QUARTERDECK_EMAIL_TLS": "yes"}, "QUARTERDECK_EMAIL_TLS: 'yes' is not an encryption"),
        ("", {"QUARTERDECK_EMAIL_PORT": "x"}, "QUARTERDECK_EMAIL_PORT: 'x' is not a whole number"),
        ("probe = {emial = 'a'}", {}, "no such channel"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_with_what_to_write_instead(tmp_path, text, environment, told):
    with pytest.raises(ConfigError, match=told.replace("(", r"\(")):
        configured(tmp_path, text, **environment)


def test_what_cannot_be_used_is_never_printed_when_it_is_secret(tmp_path):
    with pytest.raises(ConfigError) as told:
        configured(tmp_path, "[channels.email]\npassword = 40317")
    assert "40317" not in str(told.value)
    assert "channels.email.password" in str(told.value)


def test_a_misspelt_variable_is_named_and_those_of_platforms_are_not():
    told = environment.strange(
        {
            "QUARTERDECK_EMAIL_HSOT": "mail",
            "QUARTERDECK_PORT_8080_TCP_ADDR": "10.0.0.1",
            "QUARTERDECK_SERVICE_HOST": "10.0.0.1",
            "QUARTERDECK_URL": "https://ops.example",
            "QUARTERDECK_DATA": "data",
            "HOME": "/",
        }
    )
    assert told == [
        "QUARTERDECK_EMAIL_HSOT is no setting and does nothing. Did you mean QUARTERDECK_EMAIL_HOST?"
    ]


def test_where_the_settings_come_from_can_be_told(tmp_path):
    here = {"QUARTERDECK_DATA": str(tmp_path), "QUARTERDECK_EMAIL_HOST": "mail"}
    assert sources(here).startswith(f"There is no {tmp_path}/quarterdeck.toml; from the environment:")
    (tmp_path / "quarterdeck.toml").touch()
    assert sources(here).startswith(f"Read from {tmp_path}/quarterdeck.toml")
    assert "QUARTERDECK_EMAIL_HOST" in sources(here)


def test_variables_of_container_platforms_are_no_settings(tmp_path):
    assert (
        configured(tmp_path, QUARTERDECK_PORT="tcp://10.0.0.1:80", QUARTERDECK_SERVICE_HOST="10.0.0.1").port
        == 8080
    )


def settings_of(tmp_path, names, **environment):
    """These settings as a process of their own sees them."""
    told = f"json.dumps([getattr(s, n) for n in '{names}'.split()])"
    program = f"import json, quarterdeck.boot.settings as s; print({told})"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=clean_environment(QUARTERDECK_DATA=str(tmp_path), **environment),
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def test_an_https_address_makes_cookies_secure(tmp_path):
    names = (
        "SESSION_COOKIE_NAME SESSION_COOKIE_SECURE CSRF_COOKIE_NAME CSRF_COOKIE_SECURE QUARTERDECK_PUBLIC_URL"
    )
    found = settings_of(tmp_path, names, QUARTERDECK_PUBLIC_URL="https://ops.example/")
    assert found == ["__Host-quarterdeck", True, "__Host-quarterdeck-form", True, "https://ops.example"]
    assert settings_of(tmp_path, names)[:2] == ["quarterdeck", False]


def test_only_the_engine_holds_the_credentials_of_providers(tmp_path):
    (tmp_path / "quarterdeck.toml").write_text('[channels.email]\nhost = "mail"\npassword = "pa55"')
    held = {
        process: settings_of(tmp_path, "QUARTERDECK_CHANNELS", QUARTERDECK_PROCESS=process)[0]["email"]
        for process in ("web", "auditor", "engine")
    }
    assert held == {"web": {}, "auditor": {}, "engine": {"host": "mail", "password": "pa55"}}


def test_the_paths_of_sockets_stay_short_however_deep_the_folder(tmp_path):
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    assert len(str(load({"QUARTERDECK_DATA": str(deep)}).run)) < 90


def test_keys_are_made_once_and_only_the_owner_can_read_them(tmp_path):
    first = secrets.ensure(tmp_path)
    assert secrets.ensure(tmp_path) == first
    assert len(set(first.values())) == len(secrets.NAMES)
    assert not secrets.is_open_to_others(tmp_path / "secrets.json")
    assert [p.name for p in tmp_path.iterdir()] == ["secrets.json"]


def test_a_damaged_file_of_keys_is_never_overwritten(tmp_path):
    damaged = json.dumps({"web": "short"})
    (tmp_path / "secrets.json").write_text(damaged)
    with pytest.raises(ValueError, match="Restore this file"):
        secrets.ensure(tmp_path)
    assert secrets.ensure(tmp_path, put_aside=True).keys() == set(secrets.NAMES)
    assert [p.read_text() for p in tmp_path.glob("secrets.json.damaged-*")] == [damaged]


def test_a_process_is_given_the_keys_of_its_class_only():
    keys = {name: name for name in secrets.NAMES}
    assert secrets.for_process("web", keys) == {"web": "web", "link": "link"}
    assert set(secrets.for_process("auditor", keys)) == {"watch"}
    assert not set(secrets.for_process("auditor", keys).values()) & set(keys.values())
    assert secrets.for_process("stranger", keys) == {}


def test_a_loop_that_asks_whether_to_stop_shows_life(tmp_path):
    stop = pulse.Stop(pulse.Heart(pulse.beat_file(tmp_path, "engine")))
    assert pulse.age_seconds(tmp_path, "engine") is None
    assert not stop.is_set()
    assert pulse.age_seconds(tmp_path, "engine") < 5
    os.utime(pulse.beat_file(tmp_path, "engine"), (0, 0))
    assert not stop.is_set()
    assert pulse.age_seconds(tmp_path, "engine") > 1000
    assert not stop.wait(1.1)
    assert pulse.age_seconds(tmp_path, "engine") < 5


def test_a_waiting_loop_wakes_at_once_when_it_is_to_stop(tmp_path):
    stop = pulse.Stop(pulse.Heart(pulse.beat_file(tmp_path, "engine")))
    stop.set()
    began = time.monotonic()
    assert stop.wait(30)
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    ("version", "faulty"),
    [
        ((3, 40, 1), True),
        ((3, 44, 6), False),
        ((3, 44, 5), True),
        ((3, 50, 7), False),
        ((3, 51, 2), True),
        ((3, 51, 3), False),
    ],
)
def test_releases_of_sqlite_with_the_corruption_bug_are_known(version, faulty):
    assert sqlite_module.has_wal_fault(version) is faulty
