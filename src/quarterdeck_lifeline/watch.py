"""Watches the product from outside its fate: two minutes of silence, and the people on duty are mailed.

Standard library only, own configuration, own mail server. Never reads the product's database.

    LIFELINE_CONFIG     its TOML file: [mail] host, sender, …; without one the watch is idle
    LIFELINE_SNAPSHOT   who is on duty and what is open, written and signed each minute by the product
    LIFELINE_WATCH      the address that shows life, ending in /healthz
    LIFELINE_OWNER      the lock a running supervisor holds
"""

from __future__ import annotations

import fcntl
import json
import os
import select
import signal
import sys
import time
import tomllib
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from .letter import Mail, alarm, all_clear, read_snapshot, send

REPEAT_SECONDS = 900.0


@dataclass(frozen=True)
class Plan:
    """What to watch and how to reach people. `silent_seconds` without an answer is silence."""

    mail: Mail
    watch: str
    snapshot: Path
    snapshot_key: str
    silent_seconds: float = 120.0
    look_seconds: float = 5.0


def say(text: str) -> None:
    print(f"lifeline  {text}", file=sys.stderr, flush=True)


def read_plan(config: Path, key: str) -> Plan:
    """The plan in the file. Raises OSError without one, ValueError when it cannot be used."""
    values = tomllib.loads(config.read_text(encoding="utf-8"))
    mail = values.pop("mail", {})
    for table, known in ((values, Plan), (mail, Mail)):
        strange = sorted(set(table) - {f.name for f in fields(known)})
        if strange:
            raise ValueError(f"unknown key '{strange[0]}'")
    if not mail.get("host") or not mail.get("sender"):
        raise ValueError("[mail] needs host and sender")
    env = os.environ
    plan = {"watch": env.get("LIFELINE_WATCH", ""), "snapshot_key": key} | values
    plan["snapshot"] = Path(values.get("snapshot") or env.get("LIFELINE_SNAPSHOT", "snapshot.json"))
    return Plan(mail=Mail(**mail), **plan)


def is_alive(url: str) -> bool:
    """Whether the product says that it does its work. A 503 counts as silence: no page goes out."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=4) as answer:
            return bool(answer.status == 200)
    except (OSError, ValueError):
        return False


class Watch:
    """Counts the silence on the monotonic clock, mails when it is too long, repeats, says when it is over."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._heard = time.monotonic()
        self._told: float | None = None
        self._snapshot: Mapping[str, Any] = {}

    def look(self) -> None:
        now = time.monotonic()
        self._snapshot = read_snapshot(self._plan.snapshot, self._plan.snapshot_key) or self._snapshot
        if is_alive(self._plan.watch):
            self._heard = now
            if self._told is not None:
                self._told = None
                self._mail(*all_clear(self._plan.watch))
            return
        silent = now - self._heard
        due = self._told is None or now - self._told >= REPEAT_SECONDS
        if due and silent >= self._plan.silent_seconds:
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
    supervised = "QUARTERDECK_PARENT" in os.environ
    keys = _keys() if supervised else {}
    config = Path(os.environ.get("LIFELINE_CONFIG", "lifeline.toml"))
    watch: Watch | None = None
    look_seconds = 1.0
    try:
        plan = read_plan(config, keys.get("link", ""))
        watch, look_seconds = Watch(plan), plan.look_seconds
        say(f"watching {plan.watch}; a silence of {plan.silent_seconds:g} s is told by mail")
    except FileNotFoundError:
        say(f"idle: write {config} to have people mailed when Quarterdeck is silent")
    except (OSError, ValueError, TypeError) as e:
        say(f"idle, because {config} cannot be used: {e}")
    next_look = 0.0
    while True:
        if watch is not None and time.monotonic() >= next_look:
            watch.look()
            next_look = time.monotonic() + look_seconds
        if not _second_passes(supervised, watch is not None):
            return 0


def _keys() -> dict[str, str]:
    """The line of keys the supervisor writes first; read to its end and no further."""
    line = b""
    while not line.endswith(b"\n"):
        part = os.read(0, 1)
        if not part:
            return {}
        line += part
    return dict(json.loads(line))


def _second_passes(supervised: bool, needed: bool) -> bool:
    """Waits a second. False when this watch is over: idle and alone, or a new supervisor has its own."""
    beat = os.environ.get("QUARTERDECK_BEAT_FILE")
    if not supervised:
        time.sleep(1.0)
        return True
    readable, _, _ = select.select([0], [], [], 1.0)
    if not readable:
        if beat:
            Path(beat).touch()
        return True
    # The supervisor held the other end of our standard input: it is gone.
    if needed and not _is_owned(Path(os.environ.get("LIFELINE_OWNER", "serve.lock"))):
        time.sleep(1.0)
        return True
    return False


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
