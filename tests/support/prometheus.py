"""Debian's Prometheus, watching one number that the test sets, and telling a Quarterdeck when it is 0.

with prometheus(folder, port, key) as watched:
    watched.value = 0        # the alert fires within a few seconds
"""

from __future__ import annotations

import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from .programs import need
from .serving import free_port

RULE = """
groups:
  - name: shop
    interval: 1s
    rules:
      - alert: CheckoutDown
        expr: checkout_up == 0
        for: 0s
        labels: {severity: critical, service: checkout}
        annotations:
          summary: "Checkout answers nobody"
          runbook_url: "https://wiki.example/checkout"
"""
CONFIG = """
global: {{scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}}
rule_files: [rules.yml]
scrape_configs:
  - job_name: checkout
    static_configs: [{{targets: ["127.0.0.1:{watched}"]}}]
alerting:
  alertmanagers:
    - path_prefix: /in/alertmanager/{key}
      api_version: v2
      static_configs: [{{targets: ["127.0.0.1:{port}"]}}]
"""


class Watched(ThreadingHTTPServer):
    """Serves `checkout_up` with its present value to whoever scrapes; counts the scrapes."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Page)
        self.value = 1
        self.scrapes = 0


class _Page(BaseHTTPRequestHandler):
    server: Watched

    def do_GET(self) -> None:
        body = f"# TYPE checkout_up gauge\ncheckout_up {self.server.value}\n".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.server.scrapes += 1

    def log_message(self, *_: Any) -> None:
        """Says nothing: a scrape a second is no news."""


@contextmanager
def prometheus(folder: Path, port: int, key: str) -> Iterator[Watched]:
    """A running Prometheus that has seen the number at 1, and sends to the Quarterdeck at `port` with this key."""
    program = need("prometheus")
    watched = Watched()
    threading.Thread(target=watched.serve_forever, daemon=True).start()
    own = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "rules.yml").write_text(RULE, encoding="utf-8")
    (folder / "prometheus.yml").write_text(CONFIG.format(watched=watched.server_port, port=port, key=key))
    with (folder / "prometheus.log").open("wb") as log:
        running = subprocess.Popen(
            [
                program,
                f"--config.file={folder / 'prometheus.yml'}",
                f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address=127.0.0.1:{own}",
                "--rules.alert.resend-delay=1s",
            ],
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_until_it_knows(watched, running, own, folder / "prometheus.log")
        yield watched
    finally:
        running.terminate()
        running.wait(30)
        watched.shutdown()
        watched.server_close()


def _wait_until_it_knows(watched: Watched, running: subprocess.Popen[bytes], own: int, log: Path) -> None:
    """Until it has scraped the number and knows where alerts go; it drops those that fire before."""
    end = time.monotonic() + 60
    while not (watched.scrapes and b'"activeAlertmanagers":[{' in _asked(own)):
        assert running.poll() is None and time.monotonic() < end, log.read_text(errors="replace")
        time.sleep(0.1)


def _asked(own: int) -> bytes:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{own}/api/v1/alertmanagers", timeout=5) as answer:
            return bytes(answer.read())
    except OSError:
        return b""
