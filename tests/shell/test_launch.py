"""Starting processes: one that dies at once is no trouble for the one that started it."""

from __future__ import annotations

import contextlib
import socket
import subprocess
from pathlib import Path

import pytest

from quarterdeck.boot import supervise
from quarterdeck.boot.config import Config
from quarterdeck.boot.launch import let_go


def test_a_process_that_died_before_it_took_its_keys_is_let_go() -> None:
    process = subprocess.Popen(["true"], stdin=subprocess.PIPE)
    process.wait()
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(b"keys\n")
        process.stdin.flush()
    let_go(process)
    assert process.stdin.closed


def test_a_process_that_cannot_be_started_is_tried_again_and_the_others_run_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def no_memory(*_: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(supervise, "launch", no_memory)
    with socket.socket() as listener:
        supervisor = supervise.Supervisor(Config(data=tmp_path), listener, {})
        child = supervise.Child("engine")
        for now in (100.0, 100.05, 101.0):
            supervisor._look_after(child, now)
    assert (child.running, child.failures) == (False, 2)
    assert child.next_start > 101.0
    assert "could not be started" in capfd.readouterr().err
