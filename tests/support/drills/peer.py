"""Debian's Alertmanager and Quarterdeck, the same alerts and the same end: which of the alerts that were answered are
known after the restart, and about which nobody is ever told. Nothing is sent again: an alert that still fires would be,
by Prometheus; one that ended meanwhile, or came from another sender, would not.
"""

from __future__ import annotations

import json
import signal
import subprocess
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..http_sink import Sink, http_sink
from ..load import _alertmanager
from ..programs import find
from ..serving import Installation, free_port
from ..smtp_sink import smtp_sink
from . import Told, mail_settings

ENDS = ("kill -9", "clean stop")
WAIT_SECONDS = 5
TOLD_SECONDS = 20.0
QUIET_SECONDS = 120.0
CONFIG = """
route: {{receiver: all, group_by: ['...'], group_wait: {wait}s, group_interval: 10s, repeat_interval: 1h}}
receivers: [{{name: all, webhook_configs: [{{url: 'http://127.0.0.1:{port}/', send_resolved: false}}]}}]
"""


def send(url: str, number: int, seconds: float) -> set[str]:
    """So many alerts, one a body, evenly over the time; the names of those answered 2xx."""
    answered = set()
    for n in range(number):
        name = f"peer {n}"
        _, body = _alertmanager("", [name], "", firing=True)
        request = urllib.request.Request(
            url, json.dumps(body).encode(), {"Content-Type": "application/json"}, method="POST"
        )
        try:
            urllib.request.urlopen(request, timeout=10).close()
        except OSError:
            continue
        answered.add(name)
        time.sleep(seconds / number)
    return answered


def _is_up(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=2).close()
    except OSError:
        return False
    return True


def _wait(true: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it is not ready"
        time.sleep(0.05)


class Alertmanager:
    """One on a port and a folder of its own, which stay over a restart."""

    def __init__(self, folder: Path, program: str, receiver: Sink) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/api/v2/alerts"
        config = folder / "alertmanager.yml"
        config.write_text(CONFIG.format(wait=WAIT_SECONDS, port=receiver.port))
        self._log = folder / "alertmanager.log"
        self._command = [
            program,
            f"--config.file={config}",
            f"--storage.path={folder / 'alertmanager'}",
            f"--web.listen-address=127.0.0.1:{self.port}",
            "--cluster.listen-address=",
        ]

    def start(self) -> None:
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(self._command, stdout=log, stderr=log)
        _wait(lambda: _is_up(self.url))

    def end(self, how: str) -> None:
        self.process.send_signal(signal.SIGKILL if how == "kill -9" else signal.SIGTERM)
        self.process.wait(60)

    def known(self) -> set[str]:
        with urllib.request.urlopen(self.url, timeout=10) as answer:
            return {alert["labels"]["alertname"] for alert in json.load(answer)}


def told_about(receiver: Sink) -> set[str]:
    """The alerts that a webhook was told about."""
    return {
        alert["labels"]["alertname"]
        for request in receiver.arrived
        for alert in json.loads(request.body)["alerts"]
    }


def theirs(folder: Path, program: str, how: str, number: int, seconds: float) -> dict[str, Any]:
    """Alertmanager: what it lost."""
    with http_sink() as receiver:
        peer = Alertmanager(folder, program, receiver)
        peer.start()
        answered = send(peer.url, number, seconds)
        peer.end(how)
        peer.start()
        known = peer.known()
        time.sleep(WAIT_SECONDS + TOLD_SECONDS)
        peer.end("clean stop")
        return _lost(answered, known, told_about(receiver))


def ours(folder: Path, how: str, number: int, seconds: float) -> dict[str, Any]:
    """Quarterdeck on SQLite: what it lost. The whole of it is ended: the supervisor, and with it every process."""
    with smtp_sink() as sink:
        installation = Installation(folder, **mail_settings(sink.port))
        made = installation.ask("support.aftermath:furnish")
        server = installation.serve()
        server.wait_until_ready(120)
        answered = send(f"{installation.url}/in/alertmanager/{made['key']}/api/v2/alerts", number, seconds)
        if how == "kill -9":
            server.kill_all()
        else:
            server.stop(30)
        server = installation.serve()
        try:
            server.wait_until_ready(120)
            installation.ask("support.aftermath:wait_until_quiet", QUIET_SECONDS + 60, seconds=QUIET_SECONDS)
            time.sleep(TOLD_SECONDS)
            installation.ask("support.aftermath:wait_until_quiet", QUIET_SECONDS + 60, seconds=QUIET_SECONDS)
        finally:
            server.stop(30)
        found = installation.ask("support.aftermath:collect", incident=made["incident"])
        arrived = {mail.id for mail in sink.mails}
        told = {summary for summary, name in found["sends"] if name in arrived}
        return _lost(answered, set(found["alerts"]), told)


def _lost(answered: set[str], known: set[str], told: set[str]) -> dict[str, Any]:
    return {
        "answered 2xx": len(answered),
        "not known after the restart": len(answered - known),
        "nobody was ever told": len(answered - told),
    }


def run(folder: Path, number: int, seconds: float) -> Told:
    """Both, ended both ways."""
    told = Told(f"{number} alerts within {seconds:.0f} s, then the end, then a start")
    program = find("alertmanager")
    for how in ENDS:
        for name in ("Quarterdeck", "Alertmanager"):
            if name == "Alertmanager" and program is None:
                told.figures[f"{name}, {how}"] = "not installed"
                continue
            place = folder / f"{name}-{how.replace(' ', '-')}"
            place.mkdir(parents=True)
            mine = name == "Quarterdeck"
            lost = (
                ours(place, how, number, seconds)
                if mine
                else theirs(place, str(program), how, number, seconds)
            )
            told.figures[f"{name}, {how}"] = lost
            if mine and (lost["not known after the restart"] or lost["nobody was ever told"]):
                told.wrong.append(f"{how}: {lost}")
    return told
