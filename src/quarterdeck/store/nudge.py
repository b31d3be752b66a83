"""Waking another process at once: a datagram to its socket on SQLite, NOTIFY on PostgreSQL. Only ever a hint.

Whoever waits also polls, so a lost nudge costs at most a second.
"""

from __future__ import annotations

import contextlib
import select
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from django.conf import settings
from django.db import connection, transaction

Who = Literal["engine", "web"]
_out: socket.socket | None = None
# Where a whole installation runs inside one process (a simulation), nudges go here instead.
carrier: Callable[[Who], None] | None = None


def path(who: Who) -> Path:
    return Path(settings.QUARTERDECK_RUN) / f"{who}.sock"


def nudge(*whom: Who) -> None:
    """Tell these processes that something was committed. Call outside a transaction."""
    global _out
    if carrier is not None:
        for who in whom:
            carrier(who)
        return
    if connection.vendor == "postgresql":
        with connection.cursor() as c:
            for who in whom:
                c.execute("SELECT pg_notify(%s, '')", [f"quarterdeck_{who}"])
    if _out is None:
        _out = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        _out.setblocking(False)
    for who in whom:
        with contextlib.suppress(OSError):
            _out.sendto(b"!", str(path(who)))


def nudge_on_commit(*whom: Who) -> None:
    """Nudge when the transaction under way commits. That it fails is no failure of what was committed."""
    transaction.on_commit(lambda: nudge(*whom), robust=True)


def listen(who: Who) -> socket.socket:
    """A non-blocking socket that becomes readable when this process is nudged."""
    name = path(who)
    name.parent.mkdir(parents=True, exist_ok=True)
    name.unlink(missing_ok=True)
    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    s.bind(str(name))
    s.setblocking(False)
    return s


def drain(s: socket.socket) -> None:
    """Forget all nudges received so far."""
    with contextlib.suppress(OSError):
        while s.recv(16):
            pass


class Ears:
    """Waits for nudges."""

    def __init__(self, who: Who) -> None:
        self._socket = listen(who)

    def wait(self, seconds: float) -> None:
        """Until nudged, or for so long; what was heard is forgotten."""
        if seconds > 0:
            select.select([self._socket], [], [], seconds)
        drain(self._socket)

    def close(self) -> None:
        self._socket.close()
