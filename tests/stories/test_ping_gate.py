"""The outside watch hears from a Quarterdeck that pages, and no longer hears from one that does not."""

from __future__ import annotations

import os
import re
import signal
import time
from pathlib import Path

import pytest

from support.http_sink import http_sink
from support.server import start_server

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


def until(what, seconds: float = 90.0):
    end = time.monotonic() + seconds
    while not (found := what()) and time.monotonic() < end:
        time.sleep(0.2)
    return found


def test_the_outside_hears_of_a_pager_that_works_and_of_none_that_does_not(tmp_path: Path) -> None:
    with http_sink() as sink:
        server = start_server(
            tmp_path,
            QUARTERDECK_AUDIT_SECONDS="3",
            QUARTERDECK_PING_URL=f"http://127.0.0.1:{sink.port}/ping/0b2c",
            QUARTERDECK_ALLOW_TARGETS=f"127.0.0.1:{sink.port}",
        )
        try:
            assert until(lambda: len(sink.arrived) >= 2), server.log
            assert {(a.method, a.path) for a in sink.arrived} == {("POST", "/ping/0b2c")}
            assert all(re.fullmatch(rb"oldest lateness \d+\.\d s\n", a.body) for a in sink.arrived)
            # The engine stands still, and nobody is there to start it again: what is due is not paged any more.
            os.kill(server.process.pid, signal.SIGSTOP)
            os.kill(server.pid("engine"), signal.SIGSTOP)
            time.sleep(9)
            heard = len(sink.arrived)
            time.sleep(7)
            assert len(sink.arrived) == heard
            assert "no ping" in server.log
            os.kill(server.pid("engine"), signal.SIGCONT)
            os.kill(server.process.pid, signal.SIGCONT)
            assert until(lambda: len(sink.arrived) > heard), server.log
        finally:
            os.kill(server.process.pid, signal.SIGCONT)
            server.stop()
