"""The lifeline as a real process: silent product, mails to those on duty; product back, one mail more."""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import http.server
import json
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime

import pytest

from quarterdeck_lifeline import following, letter
from support.server import clean_environment
from support.smtp_sink import smtp_sink

KEY = "k" * 40
ROSTER = {
    "on_call": [
        {
            "schedule": "Database",
            "person": "Ana",
            "email": "ana@example.com",
            "phone": "+34 600",
            "contacts": [],
        }
    ],
    "incidents": [{"id": "INC-1", "severity": 1, "title": "Checkout is down", "phase": "triage"}],
    "alerts": [{"id": "a", "summary": "disk full", "severity": "critical"}],
}


def signed(value, key=KEY):
    body = json.dumps(value)
    return json.dumps(
        {"mark": hmac.new(key.encode(), body.encode(), hashlib.sha256).hexdigest(), "body": body}
    )


class Product(http.server.BaseHTTPRequestHandler):
    """Answers /healthz with the status of its server."""

    def do_GET(self):
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def product():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Product)
    server.status = 200
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def configure(folder, product, sink):
    (folder / "lifeline.toml").write_text(
        f"""
        watch = "http://127.0.0.1:{product.server_port}/healthz"
        snapshot_key = "{KEY}"
        silent_seconds = 3
        look_seconds = 0.2
        [mail]
        host = "127.0.0.1"
        port = {sink.port}
        security = "none"
        sender = "lifeline@example.com"
        to = ["chief@example.com"]
        """
    )
    (folder / "snapshot.json").write_text(signed({"written_at": datetime.now(UTC).isoformat(), **ROSTER}))


@pytest.fixture
def started(tmp_path):
    processes = []

    def start(**more):
        environment = clean_environment(
            LIFELINE_CONFIG=str(tmp_path / "lifeline.toml"),
            LIFELINE_SNAPSHOT=str(tmp_path / "snapshot.json"),
            **more,
        )
        process = subprocess.Popen(
            [sys.executable, "-m", "quarterdeck_lifeline"],
            env=environment,
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stderr.close()


def until(what, seconds=20):
    end = time.monotonic() + seconds
    while not what() and time.monotonic() < end:
        time.sleep(0.05)
    return what()


def test_silence_is_told_by_mail_once_and_so_is_its_end(tmp_path, product, started):
    with smtp_sink() as sink:
        configure(tmp_path, product, sink)
        started()
        time.sleep(1.5)
        assert sink.mails == []
        product.status = 503
        assert until(lambda: len(sink.mails) == 2)
        product.status = 200
        assert until(lambda: len(sink.mails) == 4)
        told = [(m.rcpt_to, m.message) for m in sink.mails]
    assert {to for recipients, _ in told for to in recipients} == {"ana@example.com", "chief@example.com"}
    subjects = [m["Subject"] for _, m in told]
    assert (
        subjects == ["Quarterdeck is silent: nobody is being paged"] * 2 + ["Quarterdeck answers again"] * 2
    )
    text = told[0][1].get_content()
    assert "Checkout is down" in text
    assert "Ana, +34 600" in text


def test_without_a_configuration_it_is_idle_and_says_so(tmp_path, started):
    process = started(QUARTERDECK_PARENT=str(os.getpid()))
    process.stdin.write(b"{}\n")
    process.stdin.flush()
    assert b"idle" in process.stderr.readline()
    process.stdin.close()
    assert process.wait(timeout=10) == 0


def test_with_a_plan_it_outlives_its_supervisor_until_a_new_one_comes(tmp_path, product, started):
    with smtp_sink() as sink:
        configure(tmp_path, product, sink)
        lock = tmp_path / "serve.lock"
        lock.touch()
        process = started(QUARTERDECK_PARENT=str(os.getpid()), LIFELINE_OWNER=str(lock))
        process.stdin.write(b"{}\n")
        process.stdin.close()
        product.status = 503
        assert until(lambda: sink.mails != [])
    assert process.poll() is None
    with lock.open() as owner:
        fcntl.flock(owner, fcntl.LOCK_EX)
        assert process.wait(timeout=10) == 0


def test_a_lock_that_outlives_its_supervisor_for_a_moment_is_no_successor(tmp_path, product, started):
    with smtp_sink() as sink:
        configure(tmp_path, product, sink)
        lock = tmp_path / "serve.lock"
        with lock.open("w") as dying:
            fcntl.flock(dying, fcntl.LOCK_EX)
            process = started(QUARTERDECK_PARENT=str(os.getpid()), LIFELINE_OWNER=str(lock))
            process.stdin.write(b"{}\n")
            process.stdin.close()
            time.sleep(2.5)
        product.status = 503
        assert until(lambda: sink.mails != [])
    assert process.poll() is None


def test_a_stop_is_obeyed_at_once(tmp_path, product, started):
    with smtp_sink() as sink:
        configure(tmp_path, product, sink)
        process = started()
        assert b"watching" in process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        '{"mark": "x"}',
        "[]",
        '{"mark": "0", "body": "{}"}',
        signed({"on_call": []}, key="another key"),
    ],
)
def test_a_snapshot_that_is_not_ours_is_not_believed(tmp_path, content):
    (tmp_path / "snapshot.json").write_text(content)
    assert letter.read_snapshot(tmp_path / "snapshot.json", KEY) is None


def test_an_address_that_breaks_lines_gets_no_mail():
    mail = letter.Mail(
        host="h", sender="s@example.com", to=["a@example.com", "b@example.com\r\nBcc: c@example.com"]
    )
    assert mail.recipients({}) == ["a@example.com"]


def test_the_file_is_followed_and_one_that_cannot_be_used_changes_nothing(tmp_path):
    """Idle, then watching as soon as there is a file, then going on by it while the file is nonsense."""
    said, started = [], []

    class Watching:
        def take(self, plan):
            started.append(plan)

    def start(plan):
        started.append(plan)
        return Watching()

    config = tmp_path / "lifeline.toml"
    follower = following.Follower(config, KEY, start, said.append)
    follower.follow()
    assert follower.watch is None
    assert said[-1].startswith("idle: write ")
    config.write_text('silent_seconds = 60\n[mail]\nhost = "mail"\nsender = "q@example.com"\n')
    follower.follow()
    assert [p.silent_seconds for p in started] == [60]
    config.write_text('silent_secnods = 61\n[mail]\nhost = "mail"\nsender = "q@example.com"\n')
    follower.follow()
    assert "going on with what was read before" in said[-1]
    assert "did you mean 'silent_seconds'" in said[-1]
    assert following.noted(config)["problem"].startswith("unknown key")
    config.write_text('silent_seconds = 90\n[mail]\nhost = "mail"\nsender = "q@example.com"\n')
    follower.follow()
    follower.follow()
    assert [p.silent_seconds for p in started] == [60, 90]
    assert following.noted(config) | {"read": None} == {
        "read": None, "problem": "", "restart": False, "watching": True, "roads": ["mail"],
    }  # fmt: skip
