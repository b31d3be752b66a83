"""Watches the product from outside its fate: two minutes of silence, and the people on duty are told.

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
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from . import roads, verdict
from .following import Follower
from .letter import age_seconds, alarm, all_clear, by_now, read_snapshot
from .page import serve
from .plan import Plan, read_plan

__all__ = ["Plan", "Watch", "main", "read_plan"]

# One bad look says little: a clock that was set, a machine that slept.
BAD_LOOKS = 3
AGAIN_SECONDS = 30.0
STUCK_SECONDS = 60.0
# A supervisor that dies lets go of its ends one by one: its lock may outlive our standard input for a moment, and must
# not be taken for a successor's.
SUCCEEDED_LOOKS = 5


def say(text: str) -> None:
    print(f"lifeline  {text}", file=sys.stderr, flush=True)


class Watch:
    """Counts the silence on the monotonic clock, tells people when it is too long, repeats, says when it is over."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._began = self._heard = time.monotonic()
        self._bad = 0
        self._told: float | None = None
        self._whom: list[tuple[str, str]] = []
        self._teller = Teller(plan)
        self.snapshot: Mapping[str, Any] = {}
        self.word = verdict.Word()
        self.silent_seconds = 0.0
        self.turned = time.monotonic()

    @property
    def look_seconds(self) -> float:
        return self._plan.look_seconds

    def take(self, plan: Plan) -> None:
        """Go by another plan from the next look on; a silence that is being counted goes on."""
        self._plan = plan
        self._teller.plan = plan

    def look(self) -> None:
        """One look, and what follows from it."""
        self.turned = time.monotonic()
        wall = datetime.now(UTC)
        self.snapshot = read_snapshot(self._plan.snapshot, self._plan.snapshot_key) or self.snapshot
        word = verdict.ask(self._plan.watch)
        if not word.why and self.snapshot:
            word = verdict.of_snapshot(age_seconds(self.snapshot, wall), self._plan.snapshot_seconds)
        now = time.monotonic()
        self.word = word
        if not word.why:
            self._well(now)
            return
        self._bad += 1
        # What the product says of itself counts, but for no longer than we have been watching.
        self.silent_seconds = max(now - self._heard, min(word.seconds, now - self._began))
        due = self._told is None or now - self._told >= self._plan.repeat_seconds
        if due and self._bad >= BAD_LOOKS and self.silent_seconds >= self._plan.silent_seconds:
            self._told = now
            known = by_now(self.snapshot, wall)
            letter = alarm(self._plan.watch, self.silent_seconds, known, word.what, word.why)
            whom = roads.addresses(self._plan, known)
            self._whom = list(dict.fromkeys([*self._whom, *whom]))
            self._teller.tell(whom, *letter)

    def _well(self, now: float) -> None:
        self._heard, self._bad, self.silent_seconds = now, 0, 0.0
        if self._told is not None:
            self._told = None
            # Whoever was told hears the end of it, and nobody else.
            self._teller.tell(self._whom, *all_clear(self._plan.watch))
            self._whom = []


class Teller:
    """Sends beside the loop, so that a slow mail server stops neither the watch nor its sign of life.

    Whom it could not reach it tries again every half minute, until there is something newer to say.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._pool = ThreadPoolExecutor(4, thread_name_prefix="tell")
        self._newest = 0
        self._lock = threading.Lock()

    def tell(self, whom: Sequence[tuple[str, str]], subject: str, text: str) -> None:
        """Each of these (road, address), in the order of the list."""
        with self._lock:
            self._newest += 1
            number = self._newest
        for road, to in whom:
            self._pool.submit(self._one, number, road, to, subject, text)

    def _one(self, number: int, road: str, to: str, subject: str, text: str) -> None:
        problem = roads.send_by(self.plan, road, to, subject, text)
        if problem is None:
            say(f"told {to} by {road}: {subject}")
            return
        say(f"could not tell {to} by {road}: {problem}")
        again = threading.Timer(AGAIN_SECONDS, self._again, (number, road, to, subject, text))
        again.daemon = True
        again.start()

    def _again(self, number: int, road: str, to: str, subject: str, text: str) -> None:
        if number == self._newest:
            self._pool.submit(self._one, number, road, to, subject, text)


def main() -> int:
    """Watch until SIGTERM. With a plan it outlives its supervisor: that is when it is needed."""
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    supervised = "QUARTERDECK_PARENT" in os.environ
    keys = _keys() if supervised else {}
    config = Path(os.environ.get("LIFELINE_CONFIG", "lifeline.toml"))
    follower = Follower(config, keys.get("link", ""), _start, say)
    alone = Alone(Path(os.environ.get("LIFELINE_OWNER", "serve.lock")))
    while True:
        follower.follow()
        watch = follower.watch
        if isinstance(watch, Watch) and time.monotonic() - watch.turned > STUCK_SECONDS + watch.look_seconds:
            say("the watch is stuck; ending, to be started anew")
            os._exit(1)
        if not _second_passes(supervised, alone, watch is not None):
            return 0


def _start(plan: Plan) -> Watch:
    """The watch of the first plan that can be used, its page served, looking on beside the sign of life, which must
    not wait for an answer that does not come.
    """
    watch = Watch(plan)
    if plan.page is not None:
        serve(plan.page, lambda: (watch.snapshot, watch.word, watch.silent_seconds), say)
    threading.Thread(target=_look_on, args=(watch,), name="watch", daemon=True).start()
    return watch


def _look_on(watch: Watch) -> None:
    while True:
        began = time.monotonic()
        watch.look()
        time.sleep(max(0.05, watch.look_seconds - (time.monotonic() - began)))


def _keys() -> dict[str, str]:
    """The line of keys the supervisor writes first; read to its end and no further."""
    line = b""
    while not line.endswith(b"\n"):
        part = os.read(0, 1)
        if not part:
            return {}
        line += part
    return dict(json.loads(line))


class Alone:
    """Whether a watch whose supervisor is gone goes on: until a successor has held the lock for some looks in a row."""

    def __init__(self, lock: Path) -> None:
        self._lock = lock
        self._owned = 0

    def goes_on(self) -> bool:
        """To be asked once a second."""
        self._owned = self._owned + 1 if _is_owned(self._lock) else 0
        return self._owned < SUCCEEDED_LOOKS


def _second_passes(supervised: bool, alone: Alone, needed: bool) -> bool:
    """Waits a second. False when this watch is over: idle and alone, or a new supervisor has its own."""
    beat = os.environ.get("QUARTERDECK_BEAT_FILE")
    if not supervised:
        time.sleep(1.0)
        return True
    readable, _, _ = select.select([0], [], [], 1.0)
    if not readable:
        if beat:
            _touch(Path(beat))
        return True
    # The supervisor held the other end of our standard input: it is gone.
    if needed and alone.goes_on():
        time.sleep(1.0)
        return True
    return False


def _touch(beat: Path) -> None:
    """A full disk, or one that is gone, is a reason to watch on, not to end."""
    try:
        beat.touch()
    except OSError:
        return


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
