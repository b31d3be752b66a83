"""Signs of life: a file each process touches while its loop turns, and the end of a process whose parent is
gone.

A heartbeat is the file's modification time. Readers that must not be fooled by a clock that jumps (the
supervisor) watch whether it *changes*; the others (`/healthz`, `doctor`) take its age.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import threading
import time
from pathlib import Path

_PR_SET_PDEATHSIG = 1


def beat_file(run: Path, name: str) -> Path:
    return run / f"{name}.beat"


def age_seconds(run: Path, name: str) -> float | None:
    """How long ago this process last showed life; None when it never did."""
    try:
        return max(0.0, time.time() - beat_file(run, name).stat().st_mtime)
    except FileNotFoundError:
        return None


class Heart:
    """Touches the heartbeat file at most once a second, however often it is asked to."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._next = 0.0
        path.parent.mkdir(parents=True, exist_ok=True)

    def beat(self) -> None:
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + 1.0
        try:
            os.utime(self._path)
        except FileNotFoundError:
            with contextlib.suppress(OSError):
                self._path.touch(mode=0o644)
        except OSError:
            # A full or failing disk must not stop the loop that beats; the supervisor sees the silence.
            return


class Stop(threading.Event):
    """The order to stop, handed to a loop. Asking whether to stop is what shows that the loop turns."""

    def __init__(self, heart: Heart) -> None:
        super().__init__()
        self._heart = heart

    def asked(self) -> bool:
        """As `is_set`, without showing life."""
        return super().is_set()

    def is_set(self) -> bool:
        self._heart.beat()
        return super().is_set()

    def wait(self, timeout: float | None = None) -> bool:
        """As Event.wait, beating all the while: a loop that sleeps on purpose is alive."""
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            self._heart.beat()
            left = None if end is None else end - time.monotonic()
            if left is not None and left <= 0:
                return super().is_set()
            if super().wait(1.0 if left is None else min(left, 1.0)):
                return True


def stop_on_signals(stop: threading.Event) -> None:
    """SIGTERM asks for an orderly end; SIGINT from the terminal is the supervisor's to pass on."""
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def die_with_parent(parent: int, pipe: int) -> None:
    """End this process at once when the supervisor is gone, so that no orphan keeps the port or the files.

    `pipe` is the read end of a pipe whose write end only the supervisor holds. A killed process is a case the
    whole product is built for; an orphan beside its successor is not.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    threading.Thread(target=_until_closed, args=(pipe,), name="parent-watch", daemon=True).start()


def stop_with_parent() -> None:
    """Ask this process to stop as soon as the one that started it is gone, where the system can do that."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _until_closed(pipe: int) -> None:
    while True:
        try:
            if not os.read(pipe, 512):
                os._exit(1)
        except InterruptedError:
            continue
        except OSError:
            os._exit(1)
