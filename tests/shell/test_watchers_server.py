"""The watchers in a real server: a silent engine is replaced, and healthz, metrics and the buddy's question tell of it."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator

import pytest

from quarterdeck.core.kernel import seals
from support.server import Server, start_server

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
KEY = "b" * 40
NONCE = "n" * 24


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Times a tenth to a thirtieth of the real ones."""
    server = start_server(
        tmp_path_factory.mktemp("watched"),
        QUARTERDECK_AUDIT_SECONDS="3",
        QUARTERDECK_SILENT_SECONDS="6",
        QUARTERDECK_BUDDY_KEY=KEY,
        QUARTERDECK_NAME="South",
    )
    yield server
    server.stop()


def until(what, seconds=90.0):
    end = time.monotonic() + seconds
    while not (found := what()) and time.monotonic() < end:
        time.sleep(0.2)
    return found


def metrics(server):
    with server.client() as client:
        lines = client.get("/metrics").text.splitlines()
    return {
        line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if not line.startswith("#")
    }


def health(server):
    with server.client() as client:
        return client.get("/healthz").json()


def ask(server, key=KEY):
    with server.client() as client:
        return client.get("/buddy", headers={"Authorization": seals.question(key, NONCE)})


def test_the_synthetic_page_comes_back_and_the_figures_say_so(running):
    assert until(lambda: metrics(running)["quarterdeck_synthetic_well"] == 1.0)
    found = metrics(running)
    assert found["quarterdeck_paging"] == 1.0
    assert found["quarterdeck_audit_findings"] == 0.0
    assert 0 <= found["quarterdeck_audit_age_seconds"] < 30
    assert 0 <= found["quarterdeck_audit_duration_seconds"] < 1
    assert health(running)["pages"] is True


def test_another_installation_that_knows_the_key_hears_a_sealed_answer(running):
    assert ask(running, "x" * 40).status_code == 401
    with running.client() as client:
        assert client.get("/buddy").status_code == 401
    sealed = ask(running).json()
    assert seals.answered(KEY, NONCE, sealed["body"].encode(), sealed["seal"])
    assert json.loads(sealed["body"])["name"] == "South"


def test_a_silent_engine_is_said_and_replaced_and_pages_go_on(running):
    starts = running.kill("engine", signal.SIGSTOP)
    pid = running.pid("engine")
    running.wait_for("engine", starts, 60)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert "engine    has shown no life for 6 s" in running.log
    assert until(lambda: metrics(running)["quarterdeck_synthetic_well"] == 1.0 and health(running)["pages"])


def test_a_store_whose_file_was_moved_away_is_no_store(running):
    file = running.data / "quarterdeck.db"
    away = file.with_name("away.db")
    file.rename(away)
    try:
        assert until(lambda: health(running)["store"] == "unreachable", 20)
        told = ask(running).json()["body"]
        assert json.loads(told)["why"] == "the store does not answer"
    finally:
        away.rename(file)
    assert until(lambda: health(running)["store"] == "ok", 20)
