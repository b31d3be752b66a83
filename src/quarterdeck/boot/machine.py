"""What the health checks need to know of this process and this machine. Reads only."""

from __future__ import annotations

import ctypes
import sqlite3
import sys

from django.conf import settings

from quarterdeck.app.health import Machine

from . import secrets, sqlite_module

TIME_ERROR = 5


def machine() -> Machine:
    """This process and machine as they are now."""
    kept = secrets.file(settings.QUARTERDECK_DATA)
    return Machine(
        data=settings.QUARTERDECK_DATA,
        public_url=settings.QUARTERDECK_PUBLIC_URL,
        channels=frozenset(settings.QUARTERDECK_CHANNELS),
        mail=settings.QUARTERDECK_CHANNELS.get("email", {}),
        lifeline=settings.QUARTERDECK_DATA / "lifeline" / "lifeline.toml",
        secrets_open=kept.exists() and secrets.is_open_to_others(kept),
        sqlite_faulty=sqlite_module.has_wal_fault(sqlite3.sqlite_version_info),
        sqlite_version=sqlite3.sqlite_version,
        clock_in_step=clock_in_step(),
    )


def clock_in_step() -> bool | None:
    """Whether the kernel counts its clock as synchronised (Linux adjtimex(2), read only); None where unknown."""
    if sys.platform != "linux":
        return None
    state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.create_string_buffer(512))
    return None if state < 0 else bool(state != TIME_ERROR)
