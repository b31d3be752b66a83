"""Acts on connections whose time is up, on one thread for all of them. Never knows what a connection is."""

from __future__ import annotations

import contextlib
import math
import threading
import time
from collections.abc import Callable


class Watchdog:
    """One thread for all connections: a timer for each mail would cost more than the mail."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._ends: dict[object, tuple[float, Callable[[], None]]] = {}
        self._next = math.inf
        self._thread: threading.Thread | None = None

    def watch(self, thing: object, seconds: float, act: Callable[[], None]) -> None:
        """Do `act` once so many seconds are over, unless it is forgotten before. Replaces what was set for it."""
        end = time.monotonic() + seconds
        with self._changed:
            self._ends[thing] = (end, act)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)
                self._thread.start()
            if end < self._next:
                self._changed.notify()

    def forget(self, thing: object) -> None:
        with self._changed:
            self._ends.pop(thing, None)

    def _run(self) -> None:
        while True:
            for act in self._due():
                with contextlib.suppress(OSError, ValueError):  # it was closed at this moment
                    act()

    def _due(self) -> list[Callable[[], None]]:
        """Waits until something is."""
        with self._changed:
            now = time.monotonic()
            due = [thing for thing, (end, _) in self._ends.items() if end <= now]
            acts = [self._ends.pop(thing)[1] for thing in due]
            if not acts:
                self._next = min((end for end, _ in self._ends.values()), default=math.inf)
                self._changed.wait(None if self._next == math.inf else self._next - now)
            return acts
