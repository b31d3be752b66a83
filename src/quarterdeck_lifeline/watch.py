"""Watches the product from outside its fate: when it has been silent for two minutes, the people on duty are
mailed.

Standard library only, own configuration, own credentials, its own copy of who is on call. It never reads the
product's database and imports nothing of it.

    LIFELINE_CONFIG     a TOML file (default: lifeline.toml beside the snapshot); without it the watch is idle
    LIFELINE_SNAPSHOT   who is on duty and what is open, written each minute by the product
    LIFELINE_WATCH      the address that shows life, ending in /healthz
"""

from __future__ import annotations

import fcntl
import os
import select
import signal
import sys
import time
import tomllib
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from .letter import Mail, Snapshot, alarm, all_clear, read_snapshot, send

LOOK_SECONDS = 5.0
SILENT_SECONDS = 120.0
REPEAT_SECONDS = 900.0


@dataclass(frozen=True)
class Plan:
    """What to watch and how to reach people. `silent_seconds` without an answer is silence."""

    watch: str
    snapshot: Path
    mail: Mail
    silent_seconds: float = SILENT_SECONDS
    look_seconds: float = LOOK_SECONDS


def say(text: str) -> None:
    print(f"lifeline  {text}", file=sys.stderr, flush=True)


def read_plan(config: Path, snapshot: Path, watch: str) -> Plan | None:
    """The plan in the file; None when there is no file. Raises ValueError when it cannot be used."""
    if not config.exists():
        return None
    values = tomllib.loads(config.read_text(encoding="utf-8"))
    mail = values.get("mail", {})
    known = {"host", "port", "username", "password", "security", "sender", "to"}
    strange = sorted(set(mail) - known)
    if strange:
        raise ValueError(f"{config}: unknown key 'mail.{strange[0]}'. Known: {', '.join(sorted(known))}.")
    if not mail.get("host") or not mail.get("sender"):
        raise ValueError(f"{config}: [mail] needs host and sender.")
    return Plan(
        watch=values.get("watch", watch),
        snapshot=Path(values.get("snapshot", snapshot)),
        mail=Mail(**mail),
        silent_seconds=float(values.get("silent_seconds", SILENT_SECONDS)),
        look_seconds=float(values.get("look_seconds", LOOK_SECONDS)),
    )


def is_alive(url: str) -> bool:
    """Whether the product says that it does its work. A 503 is silence: the pages do not go out."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=4) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError, ValueError):
        return False


class Watch:
    """Counts the silence on the monotonic clock, mails once it is too long, repeats, and says when it is
    over.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._heard = time.monotonic()
        self._told: float | None = None
        self._snapshot = Snapshot()

    def look(self) -> None:
        now = time.monotonic()
        self._snapshot = read_snapshot(self._plan.snapshot) or self._snapshot
        if is_alive(self._plan.watch):
            self._heard = now
            if self._told is not None:
                self._told = None
                self._mail(*all_clear(self._plan.watch))
            return
        silent = now - self._heard
        due = self._told is None or now - self._told >= REPEAT_SECONDS
        if silent >= self._plan.silent_seconds and due:
            self._told = now
            self._mail(*alarm(self._plan.watch, silent, self._snapshot))

    def _mail(self, subject: str, text: str) -> None:
        for address in self._plan.mail.recipients(self._snapshot):
            problem = send(self._plan.mail, address, subject, text)
            say(f"mailed {address}: {subject}" if problem is None else f"could not mail {address}: {problem}")


def main() -> int:
    """Watch until SIGTERM. With a plan it outlives its supervisor: that is when it is needed."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    snapshot = Path(os.environ.get("LIFELINE_SNAPSHOT", "lifeline.json"))
    config = Path(os.environ.get("LIFELINE_CONFIG") or snapshot.with_name("lifeline.toml"))
    try:
        plan = read_plan(config, snapshot, os.environ.get("LIFELINE_WATCH", ""))
    except (ValueError, TypeError, OSError) as e:
        say(f"{e} Nobody would be told if the product stopped.")
        plan = None
    beat = os.environ.get("QUARTERDECK_BEAT_FILE")
    if plan is None:
        say(f"idle: no usable {config}. See the documentation on the lifeline.")
    else:
        say(f"watching {plan.watch}; silence of {plan.silent_seconds:g} s is told by mail")
    return _run(plan, Path(beat) if beat else None, snapshot.with_name("serve.lock"))


def _run(plan: Plan | None, beat: Path | None, owner: Path) -> int:
    watch = Watch(plan) if plan else None
    alone = "QUARTERDECK_PARENT" not in os.environ
    orphan = False
    next_look = 0.0
    while True:
        if watch is not None and plan is not None and time.monotonic() >= next_look:
            watch.look()
            next_look = time.monotonic() + plan.look_seconds
        if orphan and _is_owned(owner):
            say("a new supervisor has taken over; this watch ends")
            return 0
        if alone or orphan:
            time.sleep(1.0)
        elif _supervisor_is_gone():
            if watch is None:
                return 0
            orphan = True
            say("the supervisor is gone; watching on alone")
        elif beat is not None:
            beat.touch()


def _supervisor_is_gone() -> bool:
    """Waits a second for the end of our standard input, which the supervisor holds open."""
    readable, _, _ = select.select([0], [], [], 1.0)
    return bool(readable) and os.read(0, 4096) == b""


def _is_owned(lock: Path) -> bool:
    """Whether a supervisor runs on this folder (it holds the lock)."""
    try:
        with lock.open() as f:
            fcntl.flock(f, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
