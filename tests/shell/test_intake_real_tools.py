"""Real programs against the dialects: what Prometheus sends is read, and what amtool asks for satisfies it."""

from __future__ import annotations

import json
import socket
import subprocess
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from support.http_sink import Answer, http_sink
from support.programs import need

from quarterdeck.intake import alertmanager, alertmanager_api

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
    (folder / "rules.yml").write_text(RULES)
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
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        running.terminate()
        running.wait(30)


def test_what_a_real_prometheus_sends_becomes_a_signal(tmp_path):
    with http_sink() as sink, prometheus(tmp_path, sink.port):
        status, body = alertmanager.accepted_body(b"[]")
        sink.answer(Answer(status, body))
        until = time.monotonic() + 60
        while not sink.arrived and time.monotonic() < until:
            time.sleep(0.05)
        assert sink.arrived, "Prometheus sent nothing in a minute"
    request = sink.arrived[0]
    assert request.path == "/in/alertmanager/k3y/api/v2/alerts"
    alertmanager.check(request.body)
    now = datetime.now(UTC)
    (signal,) = alertmanager.parse(request.body, None, now)
    assert (signal.action, signal.summary, signal.severity) == ("trigger", "It is on – immer", "critical")
    assert (signal.service, signal.links[0].text) == ("checkout", "Runbook")
    assert timedelta(minutes=1) < signal.expires_at - now < timedelta(minutes=10)


def amtool(port, *words):
    told = subprocess.run(
        [need("amtool"), f"--alertmanager.url=http://127.0.0.1:{port}/in/alertmanager/k3y", *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    return told.stdout


def answer(value):
    return Answer(200, json.dumps(value).encode(), (("content-type", "application/json"),))


def test_amtool_adds_an_alert_and_lists_it():
    started_at = datetime(2026, 5, 4, 4, 0, tzinfo=UTC)
    with http_sink() as sink:
        sink.answer(answer(alertmanager_api.status(started_at)), Answer(*alertmanager.accepted_body(b"[]")))
        amtool(sink.port, "alert", "add", "alertname=Test", "severity=info", "--annotation=summary=by hand")
        body = sink.arrived[-1].body
        alertmanager.check(body)
        (signal,) = alertmanager.parse(body, None, datetime.now(UTC))
        assert (signal.action, signal.summary, signal.expires_at) == ("trigger", "by hand", None)

        stored = {
            "labels": dict(signal.labels),
            "annotations": {"summary": "by hand"},
            "updated_at": started_at,
        }
        sink.answer(
            answer(alertmanager_api.status(started_at)), answer(alertmanager_api.gettable_alerts([stored]))
        )
        assert "by hand" in amtool(sink.port, "alert", "query", "severity=info")
        query = parse_qs(urlsplit(sink.arrived[-1].path).query)
        assert alertmanager_api.selected([stored], query) == [stored]


def test_amtool_reads_the_status():
    with http_sink() as sink:
        sink.answer(answer(alertmanager_api.status(datetime.now(UTC))))
        assert "receiver: default" in amtool(sink.port, "config", "show")
        amtool(sink.port, "cluster", "show")
        assert "default" in amtool(sink.port, "config", "routes", "test", "severity=info")


def test_amtool_shows_the_words_of_a_refusal():
    with http_sink() as sink:
        no = alertmanager.refusal_body(_no_labels())
        sink.answer(
            answer(alertmanager_api.status(datetime.now(UTC))),
            Answer(*no, (("content-type", "application/json"),)),
        )
        url = f"--alertmanager.url=http://127.0.0.1:{sink.port}/in/alertmanager/k3y"
        told = subprocess.run(
            [need("amtool"), url, "alert", "add", "a=b"],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert told.returncode != 0
    assert "at least one label pair required" in told.stderr


def _no_labels():
    from quarterdeck.intake.labelled import no_labels

    return no_labels()
