"""Real programs against the dialects: Prometheus, amtool and PagerDuty's own client send and are answered."""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from pagerduty import EventsApiV2Client, HttpError

from quarterdeck.core.kernel.refused import Refused
from quarterdeck.intake import alertmanager, alertmanager_api, pagerduty
from support.certificates import authority
from support.http_sink import Answer, http_sink
from support.programs import need

RULES = """
groups:
  - name: test
    interval: 1s
    rules:
      - alert: AlwaysOn
        expr: vector(1)
        labels: {severity: page, service: checkout}
        annotations: {summary: "It is on – immer", runbook_url: "https://wiki.example/on"}
"""
CONFIG = """
global: {{scrape_interval: 1m, evaluation_interval: 1s}}
rule_files: [rules.yml]
alerting:
  alertmanagers:
    - path_prefix: /in/alertmanager/k3y
      api_version: v2
      static_configs: [{{targets: ["127.0.0.1:{port}"]}}]
"""


@contextmanager
def prometheus(folder, port):
    program = need("prometheus")
    (folder / "rules.yml").write_text(RULES, encoding="utf-8")
    (folder / "prometheus.yml").write_text(CONFIG.format(port=port))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        own = free.getsockname()[1]
    running = subprocess.Popen(
        [
            program,
            f"--config.file={folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{own}",
            # Its first alert is out before it knows where to send: without this, a minute passes.
            "--rules.alert.resend-delay=1s",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield running
    finally:
        running.terminate()
        running.wait(30)


def test_what_a_real_prometheus_sends_becomes_a_signal(tmp_path):
    with http_sink() as sink, prometheus(tmp_path, sink.port) as running:
        sink.answer(Answer(*alertmanager.accepted_body(b"[]"), (CLOSE,)))
        until = time.monotonic() + 60
        while not sink.arrived and running.poll() is None and time.monotonic() < until:
            time.sleep(0.05)
        assert sink.arrived, "Prometheus sent nothing"
    request = sink.arrived[0]
    assert request.path == "/in/alertmanager/k3y/api/v2/alerts"
    alertmanager.check(request.body)
    now = datetime.now(UTC)
    (signal,) = alertmanager.parse(request.body, None, now)
    assert (signal.action, signal.summary, signal.severity) == ("trigger", "It is on – immer", "critical")
    assert (signal.service, signal.links[0].text) == ("checkout", "Runbook")
    # Four times the repeat ahead.
    assert now < signal.expires_at < now + timedelta(seconds=10)


# The sink hangs up after each answer; a client that is not told would lose its next request.
CLOSE = ("connection", "close")
JSON = (("content-type", "application/json"), CLOSE)


def amtool(port, *words):
    """Exit code, and what it printed."""
    told = subprocess.run(
        [need("amtool"), f"--alertmanager.url=http://127.0.0.1:{port}/in/alertmanager/k3y", *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return told.returncode, told.stdout + told.stderr


def status():
    return answer(alertmanager_api.status(datetime.now(UTC)))


def answer(value):
    return Answer(200, json.dumps(value).encode(), JSON)


def test_amtool_adds_an_alert_and_lists_it():
    added_at = datetime(2026, 5, 4, 4, 0, tzinfo=UTC)
    with http_sink() as sink:
        sink.answer(status(), Answer(*alertmanager.accepted_body(b"[]"), (CLOSE,)))
        words = ("alert", "add", "alertname=Test", "severity=info", "--annotation=summary=by hand")
        code, printed = amtool(sink.port, *words)
        assert code == 0, printed
        body = sink.arrived[-1].body
        alertmanager.check(body)
        (signal,) = alertmanager.parse(body, None, datetime.now(UTC))
        assert (signal.action, signal.summary, signal.expires_at) == ("trigger", "by hand", None)

        stored = {
            "labels": dict(signal.labels),
            "annotations": {"summary": "by hand"},
            "updated_at": added_at,
        }
        sink.answer(status(), answer(alertmanager_api.gettable_alerts([stored])))
        code, printed = amtool(sink.port, "alert", "query", "severity=info")
        assert (code, "by hand" in printed) == (0, True)
        query = parse_qs(urlsplit(sink.arrived[-1].path).query)
        assert alertmanager_api.selected([stored], query) == [stored]


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (("config", "show"), "receiver: default"),
        (("cluster", "show"), "disabled"),
        (("config", "routes", "test", "severity=info"), "default"),
    ],
)
def test_amtool_reads_the_status(words, shown):
    with http_sink() as sink:
        sink.answer(status())
        code, printed = amtool(sink.port, *words)
    assert (code, shown in printed) == (0, True)


def test_amtool_shows_the_words_of_a_refusal():
    with pytest.raises(Refused) as caught:
        alertmanager.check(b'[{"labels":{}}]')
    with http_sink() as sink:
        sink.answer(status(), Answer(*alertmanager.refusal_body(caught.value), JSON))
        code, printed = amtool(sink.port, "alert", "add", "a=b")
    assert code != 0
    assert "at least one label pair required" in printed


@contextmanager
def pagerduty_client(folder):
    """The vendor's own client; it refuses addresses without TLS, so the sink has a certificate."""
    trusted = authority(folder, "localhost")
    with http_sink(trusted.server) as sink:
        base = f"https://localhost:{sink.port}/in/pagerduty/k3y"
        trust = ssl.create_default_context(cafile=str(trusted.ca_file))
        yield EventsApiV2Client("k3y", base_url=base, verify=trust, trust_env=False), sink


def test_the_client_of_pagerduty_is_satisfied_by_the_answers(tmp_path):
    first = (
        b'{"event_action":"trigger","payload":{"summary":"Disk full","source":"db-1","severity":"critical"}}'
    )
    pagerduty.check(first)
    with pagerduty_client(tmp_path) as (client, sink):
        sink.answer(Answer(*pagerduty.accepted_body(first, "e-1"), JSON))
        key = client.trigger("Disk full", "db-1", severity="critical")
        client.resolve(key)
    sent = [request.body for request in sink.arrived]
    for body in sent:
        pagerduty.check(body)
    (opened,), (closed,) = (pagerduty.parse(body, None, datetime.now(UTC), "e-1") for body in sent)
    assert (opened.key, opened.action, opened.severity) == (key, "trigger", "critical")
    assert (closed.key, closed.action) == (key, "resolve")
    assert sink.arrived[0].path == "/in/pagerduty/k3y/v2/enqueue"


def test_the_client_of_pagerduty_shows_the_words_of_a_refusal(tmp_path):
    with pytest.raises(Refused) as caught:
        pagerduty.check(b'{"event_action":"trigger"}')
    with pagerduty_client(tmp_path) as (client, sink):
        sink.answer(Answer(*pagerduty.refusal_body(caught.value), JSON))
        with pytest.raises(HttpError) as raised:
            client.trigger("Disk full", "db-1")
    assert "'payload.summary' is missing or blank" in raised.value.response.text
