"""An engine that is killed with a page in its hands: its successor does not wait for the lease."""

from __future__ import annotations

import http.client
import json
import time
from pathlib import Path

import pytest

from support.drills import mail_settings
from support.serving import Installation
from support.smtp_sink import smtp_sink

LEASE_SECONDS = 30.0

pytestmark = pytest.mark.slow


def test_the_page_of_a_killed_engine_goes_out_long_before_its_lease_is_over(tmp_path: Path) -> None:
    with smtp_sink() as sink:
        installation = Installation(tmp_path, **mail_settings(sink.port))
        made = installation.ask("support.aftermath:furnish")
        server = installation.serve()
        try:
            server.wait_until_ready()
            sink.hello_seconds = 3.5
            line = http.client.HTTPConnection("127.0.0.1", installation.port, timeout=10)
            body = json.dumps([{"labels": {"alertname": "held", "severity": "critical"}}])
            path = f"/in/alertmanager/{made['key']}/api/v2/alerts"
            line.request("POST", path, body, {"Content-Type": "application/json"})
            assert line.getresponse().status == 200
            time.sleep(1.5)
            assert sink.mails == []
            server.kill("engine")
            killed, sink.hello_seconds = time.monotonic(), 0.0
            while not sink.mails and time.monotonic() < killed + 2 * LEASE_SECONDS:
                time.sleep(0.05)
            waited = time.monotonic() - killed
        finally:
            server.stop()
    assert sink.mails
    assert waited < LEASE_SECONDS * 0.7
