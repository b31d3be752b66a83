"""Ten thousand alerts of one team in a minute, while other teams have one now and then: what everybody waits, and what
it takes in memory.
"""

from __future__ import annotations

import http.client
import json
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from ..kills import children
from ..load import _alertmanager
from ..serving import Installation
from ..smtp_sink import Mail, smtp_sink
from . import Told, mail_settings

OTHERS = 10
SENDERS = 4
APART_SECONDS = 30.0
LATE_SECONDS = 30.0
MEMORY_MIB = 512
EXPANDED_SECONDS = 600.0
QUIET_SECONDS = 300.0
PAGE = os.sysconf("SC_PAGE_SIZE")


def memory_mib(pid: int) -> float:
    """Resident memory of one process; 0.0 when it is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE / 2**20
    except OSError:
        return 0.0


class Watcher(threading.Thread):
    """The most memory that each process, and all of them together, had at one look. Looks twice a second."""

    def __init__(self, supervisor: int) -> None:
        super().__init__(daemon=True)
        self._supervisor = supervisor
        self._over = threading.Event()
        self.most: dict[str, float] = {}

    def run(self) -> None:
        while not self._over.wait(0.5):
            pids = {**children(self._supervisor), "supervisor": self._supervisor}
            found = {name: memory_mib(pid) for name, pid in pids.items()}
            found["all"] = sum(found.values())
            self.most = {
                name: max(found.get(name, 0.0), self.most.get(name, 0.0)) for name in {*found, *self.most}
            }

    def stop(self) -> None:
        self._over.set()
        self.join()


class Sender:
    """One connection, and what was answered on it: the names of alerts, with the seconds since 1970."""

    def __init__(self, port: int, key: str) -> None:
        self._port, self._key = port, key
        self._line: http.client.HTTPConnection | None = None
        self.answered: dict[str, float] = {}
        self.slowest = 0.0
        self.refused = 0

    def send(self, name: str, service: str) -> None:
        path, body = _alertmanager(self._key, [name], service, firing=True)
        raw = json.dumps(body)
        while True:
            began = time.monotonic()
            try:
                if self._line is None:
                    self._line = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
                self._line.request("POST", path, raw, {"Content-Type": "application/json"})
                answer = self._line.getresponse()
                answer.read()
                status = answer.status
            except (OSError, http.client.HTTPException):
                self._line, status = None, 0
            if 200 <= status < 300:
                self.slowest = max(self.slowest, time.monotonic() - began)
                self.answered[name] = time.time()
                return
            self.refused += 1
            time.sleep(0.1)


def _storm(sender: Sender, numbers: range, seconds: float) -> None:
    """These, evenly over the time; behind it, as fast as they are answered."""
    began = time.monotonic()
    for done, n in enumerate(numbers):
        ahead = began + seconds * done / len(numbers) - time.monotonic()
        if ahead > 0:
            time.sleep(ahead)
        sender.send(f"storm {n}", "crew-0")


def run(folder: Path, alerts: int, seconds: float) -> Told:
    """So many alerts of one team in so many seconds, and one each of ten other teams meanwhile."""
    told = Told(f"storm of {alerts} alerts in {seconds:.0f} s")
    with smtp_sink() as sink:
        installation = Installation(folder, **mail_settings(sink.port))
        made = installation.ask("support.aftermath:furnish", crowd=OTHERS + 1)
        server = installation.serve()
        try:
            server.wait_until_ready(120)
            watcher = Watcher(server.process.pid)
            watcher.start()
            senders = [Sender(installation.port, made["key"]) for _ in range(SENDERS)]
            others = Sender(installation.port, made["key"])
            parts = [range(n, alerts, SENDERS) for n in range(SENDERS)]
            threads = [
                threading.Thread(target=_storm, args=(sender, part, seconds), daemon=True)
                for sender, part in zip(senders, parts, strict=True)
            ]
            began = time.monotonic()
            for thread in threads:
                thread.start()
            for n in range(OTHERS):
                time.sleep(seconds / (OTHERS + 1))
                others.send(f"other {n}", f"crew-{n + 1}")
            for thread in threads:
                thread.join()
            took = time.monotonic() - began
            expanded = installation.ask(
                "support.drills.storm:wait_until_expanded", EXPANDED_SECONDS + 60, seconds=EXPANDED_SECONDS
            )
            drained = time.monotonic() - began
            quiet = installation.ask(
                "support.aftermath:wait_until_quiet", QUIET_SECONDS + 60, seconds=QUIET_SECONDS
            )
            watcher.stop()
        finally:
            server.stop(30)
        found = installation.ask("support.aftermath:collect", incident=made["incident"])
    answered = {name: at for sender in (*senders, others) for name, at in sender.answered.items()}
    late = sorted(_waits(found, sink.mails, others.answered))
    gaps = sorted(_gaps(sink.mails))
    memory = {name: f"{mib:.0f} MiB" for name, mib in sorted(watcher.most.items())}
    told.figures = {
        "answered 2xx": len(answered),
        "within": f"{took:.1f} s",
        "slowest answer": f"{max(s.slowest for s in (*senders, others)) * 1000:.0f} ms",
        "refused and sent again": sum(s.refused for s in (*senders, others)),
        "all expanded after": f"{drained:.0f} s",
        "other teams' pages": f"{len(late)}, the latest {max(late, default=0.0):.1f} s after its 2xx",
        "mails": len(sink.mails),
        "shortest pause between two to one contact": f"{min(gaps, default=0.0):.1f} s",
        "most memory": memory,
        "deliveries": found["deliveries"],
        "quiet": quiet["quiet"],
    }
    told.wrong = _wrong(found, answered, late, gaps, watcher.most.get("all", 0.0))
    if not expanded:
        told.wrong.append(f"the journal was not worked off within {EXPANDED_SECONDS:.0f} s")
    return told


def _wrong(
    found: dict[str, dict[str, int]],
    answered: dict[str, float],
    late: list[float],
    gaps: list[float],
    mib: float,
) -> list[str]:
    alerts = found["alerts"]
    lost = [name for name in answered if alerts.get(name) != 1]
    wrong = [f"{len(lost)} alerts were answered 2xx and are not there once"] if lost else []
    if len(late) != OTHERS or max(late) > LATE_SECONDS:
        wrong.append(
            f"{len(late)} of {OTHERS} other teams were paged, the latest after {max(late, default=0.0):.1f} s"
        )
    if gaps and gaps[0] < APART_SECONDS - 1:
        wrong.append(f"one contact was paged twice within {gaps[0]:.1f} s")
    if mib > MEMORY_MIB:
        wrong.append(f"all processes had {mib:.0f} MiB, more than {MEMORY_MIB}")
    return wrong


def _waits(
    found: dict[str, list[tuple[str, str]]], mails: list[Mail], answered: dict[str, float]
) -> Iterator[float]:
    """Seconds from the 2xx of these alerts to the beginning of their first page."""
    began: dict[str, float] = {}
    for mail in mails:
        began.setdefault(mail.id, mail.began_at)
    first: dict[str, float] = {}
    for summary, name in found["sends"]:
        if summary in answered and name in began:
            first[summary] = min(first.get(summary, began[name]), began[name])
    for summary, at in first.items():
        yield at - answered[summary]


def _gaps(mails: list[Mail]) -> Iterator[float]:
    """Seconds between one page to a contact and the next."""
    last: dict[str, float] = {}
    for mail in sorted(mails, key=lambda m: m.began_at):
        if mail.rcpt_to[0] in last:
            yield mail.began_at - last[mail.rcpt_to[0]]
        last[mail.rcpt_to[0]] = mail.began_at


def wait_until_expanded(seconds: float) -> bool:
    """Runs inside `Installation.ask`: until no accepted body waits."""
    from quarterdeck.store.journal_reader import JournalReader

    reader, end = JournalReader(), time.monotonic() + seconds
    while (left := reader.lag()[0]) and time.monotonic() < end:
        time.sleep(0.2)
    reader.close()
    return not left
