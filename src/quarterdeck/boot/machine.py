"""What the health checks need to know of this process and this machine. Reads only."""

from __future__ import annotations

import ctypes
import os
import sqlite3
import sys
import time
from pathlib import Path

from django.conf import settings

from quarterdeck.app.health.health import Machine
from quarterdeck.app.health.health_setup import Lifeline
from quarterdeck_lifeline.following import mark_of, noted
from quarterdeck_lifeline.plan import read_plan

from . import environment, secrets, sqlite_module
from .config import sources

TIME_ERROR = 5


def machine() -> Machine:
    """This process and machine as they are now."""
    kept = secrets.file(settings.QUARTERDECK_DATA)
    sees_channels = os.environ.get("QUARTERDECK_PROCESS", "command") in ("engine", "command")
    return Machine(
        data=settings.QUARTERDECK_DATA,
        public_url=settings.QUARTERDECK_PUBLIC_URL,
        channels=frozenset(settings.QUARTERDECK_CHANNELS),
        mail=settings.QUARTERDECK_CHANNELS.get("email", {}),
        mail_known=sees_channels,
        ways=settings.QUARTERDECK_CHANNELS if sees_channels else {},
        lifeline=lifeline(settings.QUARTERDECK_DATA / "lifeline" / "lifeline.toml"),
        secrets_open=kept.exists() and secrets.is_open_to_others(kept),
        secrets_there=kept.exists(),
        settings=sources(os.environ),
        strange=tuple(environment.strange(os.environ)),
        sqlite_faulty=sqlite_module.has_wal_fault(sqlite3.sqlite_version_info),
        sqlite_version=sqlite3.sqlite_version,
        clock_in_step=clock_in_step(),
    )


def lifeline(file: Path) -> Lifeline:
    """The lifeline's file, read as it does, and how that compares with what the running one read."""
    mark = mark_of(file)
    if mark is None:
        return Lifeline(file)
    problem, roads = "", ()
    try:
        roads = tuple(read_plan(file, "").roads)
    except (OSError, ValueError, TypeError) as e:
        problem = str(e)
    state = noted(file)
    unread = tuple(state.get("read") or ()) != mark  # type: ignore[call-overload]
    return Lifeline(
        file,
        there=True,
        problem=problem,
        roads=roads,
        running=bool(state.get("watching")),
        unread_seconds=max(0.0, time.time() - mark[0] / 1e9) if unread else None,
        restart=bool(state.get("restart")),
    )


def clock_in_step() -> bool | None:
    """Whether the kernel counts its clock as synchronised (Linux adjtimex(2), read only); None where unknown."""
    if sys.platform != "linux":
        return None
    state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.create_string_buffer(512))
    return None if state < 0 else bool(state != TIME_ERROR)
