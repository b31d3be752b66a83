"""Keeps web, engine, auditor and lifeline running: starts them, restarts the dead and the silent, ends them
together.

It loads neither Django nor the store, holds the listening socket (so a restarted web process loses no
connection) and the lock by which one installation owns its files.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from . import folder, pointer, pulse
from .config import Config
from .launch import launch, let_go

STARTING_SECONDS = 60.0
GRACE_SECONDS = 8.0
# A process that dies again and again is still started within 2 s: pages wait meanwhile (a start takes 1-2 s of CPU).
BACKOFF_SECONDS = (0.2, 0.5, 1.0, 2.0)
STEADY_SECONDS = 60.0
# What a process ends with whose settings cannot be used (sysexits' EX_CONFIG), and how soon it is tried again.
UNUSABLE = 78
SETTINGS_SECONDS = 10.0
PAUSE_SECONDS = 5.0
NAMES = ("web", "engine", "auditor", "lifeline")


class CannotStart(Exception):
    """Serving is impossible as things are; the message says why and what to do."""


@dataclass
class Child:
    """One supervised process and what is known about it. Times are monotonic seconds."""

    name: str
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    beat: float | None = None
    seen: float = 0.0
    failures: int = 0
    next_start: float = 0.0
    alive: bool = False
    restarts: int = field(default=0)
    lost: int = 0

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None


def say(text: str) -> None:
    """One line for the person or the log that watches `serve`."""
    print(text, file=sys.stderr, flush=True)


def own(data: Path) -> IO[str]:
    """The lock on the data folder, held as long as the file is open. Raises CannotStart when somebody else
    holds it.
    """
    folder.make(data)
    lock = (data / "serve.lock").open("a+")
    deadline = time.monotonic() + 3
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            # The children of a killed supervisor need an instant to go.
            if time.monotonic() > deadline:
                raise CannotStart(
                    f"Another Quarterdeck serves {data}. Stop it (Ctrl-C where it runs), "
                    "or choose another folder with --data."
                ) from None
            time.sleep(0.1)
    lock.truncate(0)
    lock.write(f"{os.getpid()}\n")
    lock.flush()
    return lock


def bind(host: str, port: int) -> socket.socket:
    """The listening socket. Raises CannotStart when the address is taken or not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    s = socket.socket(family, socket.SOCK_STREAM)
    # A port in TIME_WAIT after a restart is free for us.
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    deadline = time.monotonic() + 3
    while True:
        try:
            s.bind((host, port))
            break
        except OSError as e:
            if time.monotonic() > deadline or e.errno != errno.EADDRINUSE:
                s.close()
                raise CannotStart(
                    f"Cannot listen on {host} port {port} ({e.strerror}). "
                    "Stop what uses it, or choose another with --port or PORT=."
                ) from None
            time.sleep(0.1)
    s.listen(2048)
    s.set_inheritable(True)
    return s


class Supervisor:
    """Runs until SIGTERM, SIGINT or SIGHUP. `on_ready` is called once, when every process has shown life."""

    def __init__(self, config: Config, listener: socket.socket, keys: Mapping[str, str]) -> None:
        self._config = config
        self._listener = listener
        self._keys = keys
        self._children = [Child(name) for name in NAMES]
        self._asked_to_stop = 0
        self._pointer = pointer.mark(config.data)
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)
        os.set_blocking(self._wake_write, False)

    def run(self, on_ready: Callable[[], None]) -> int:
        """Supervise until asked to stop; 0 after an orderly end."""
        for s in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(s, self._on_stop)
        signal.signal(signal.SIGCHLD, lambda *_: self._wake())
        self._config.run.mkdir(parents=True, exist_ok=True, mode=0o700)
        ready = False
        last = time.monotonic()
        while not self._asked_to_stop:
            now = time.monotonic()
            if now - last > PAUSE_SECONDS:
                # The whole machine stood still, or we did: the children's silence means nothing yet.
                for child in self._children:
                    child.seen = now
            last = now
            self._follow_a_move()
            for child in self._children:
                self._look_after(child, now)
            if not ready and all(child.alive for child in self._children):
                ready = True
                on_ready()
                notify("READY=1")
            elif ready:
                notify("WATCHDOG=1")
            self._sleep(0.25)
        notify("STOPPING=1")
        return self._end()

    def _follow_a_move(self) -> None:
        """The store was moved to another one: every process is started anew and finds its way there."""
        mark = pointer.mark(self._config.data)
        if mark == self._pointer:
            return
        self._pointer = mark
        say("the store was moved; starting every process with the new one")
        for child in self._children:
            if child.running and child.process is not None:
                with contextlib.suppress(ProcessLookupError):
                    child.process.send_signal(signal.SIGTERM)

    def _on_stop(self, number: int, _: object) -> None:
        self._asked_to_stop += 1
        self._wake()

    def _wake(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.write(self._wake_write, b"!")

    def _sleep(self, seconds: float) -> None:
        select.select([self._wake_read], [], [], seconds)
        with contextlib.suppress(BlockingIOError):
            os.read(self._wake_read, 4096)

    def _look_after(self, child: Child, now: float) -> None:
        if not child.running:
            if child.process is not None:
                self._bury(child, now)
            if now >= child.next_start:
                self._start(child, now)
            return
        beat = self._beat_of(child)
        if beat is not None and beat != child.beat:
            if not child.alive:
                say(f"{child.name:9} running, process {child.process.pid if child.process else 0}")
            child.beat, child.seen, child.alive = beat, now, True
        limit = self._config.silent_seconds if child.alive else STARTING_SECONDS
        if now - max(child.seen, child.started) > limit:
            self._end_silent(child, limit)
        elif child.failures and now - child.started > STEADY_SECONDS:
            child.failures = 0

    def _beat_of(self, child: Child) -> float | None:
        try:
            return pulse.beat_file(self._config.run, child.name).stat().st_mtime
        except OSError:
            return None

    def _start(self, child: Child, now: float) -> None:
        child.beat = self._beat_of(child)
        child.started = child.seen = now
        child.alive = False
        listener = self._listener if child.name == "web" else None
        try:
            child.process = launch(child.name, self._config, self._keys, listener, child.lost)
        except (OSError, subprocess.SubprocessError) as e:
            # No memory or no process to be had just now: the others run on, and this one is tried again.
            wait = BACKOFF_SECONDS[min(child.failures, len(BACKOFF_SECONDS) - 1)]
            child.failures += 1
            child.next_start = now + wait
            say(f"{child.name:9} could not be started ({e}); trying again in {wait:g} s")

    def _bury(self, child: Child, now: float) -> None:
        assert child.process is not None
        code = child.process.returncode
        child.lost = child.process.pid
        how = f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"
        let_go(child.process)
        wait = BACKOFF_SECONDS[min(child.failures, len(BACKOFF_SECONDS) - 1)]
        if code == UNUSABLE:
            # It has said why. Starting it more often helps nobody; it starts again once the settings are mended.
            wait = SETTINGS_SECONDS
        child.failures += 1
        child.restarts += 1
        child.process, child.alive = None, False
        child.next_start = now + wait
        say(f"{child.name:9} {how}; starting it again in {wait:g} s")

    def _end_silent(self, child: Child, limit: float) -> None:
        assert child.process is not None
        say(f"{child.name:9} has shown no life for {limit:g} s; ending it")
        # SIGABRT makes the child print where every thread stands; SIGKILL follows for one that cannot even do
        # that.
        child.process.send_signal(signal.SIGABRT)
        try:
            child.process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            child.process.kill()
            child.process.wait()

    def _end(self) -> int:
        say("stopping")
        running = [c for c in self._children if c.running and c.process is not None]
        for child in running:
            with contextlib.suppress(ProcessLookupError):
                child.process.send_signal(signal.SIGTERM)  # type: ignore[union-attr]
        deadline = time.monotonic() + GRACE_SECONDS
        while any(c.running for c in running) and time.monotonic() < deadline and self._asked_to_stop < 2:
            self._sleep(0.05)
        if self._asked_to_stop > 1 and any(c.running for c in running):
            say("asked again: ending at once; what was under way is taken up at the next start")
        for child in running:
            if child.running and child.process is not None:
                if self._asked_to_stop < 2:
                    say(f"{child.name:9} did not stop in {GRACE_SECONDS:g} s; ending it")
                child.process.kill()
            if child.process is not None:
                child.process.wait()
        self._listener.close()
        say("stopped")
        return 0


def notify(state: str) -> None:
    """Tell systemd, where it started us (sd_notify)."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s, contextlib.suppress(OSError):
        s.sendto(state.encode(), "\0" + address[1:] if address.startswith("@") else address)
