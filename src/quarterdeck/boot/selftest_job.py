"""What breaks a shadow of this installation now and then, beside the auditor: a process of its own with low priority.

What comes of it is written down; one that takes too long is ended, and counts as failed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError, close_old_connections

from quarterdeck.app.health import selftests

from .backup_job import stopped

log = structlog.get_logger("selftest")
TICK_SECONDS = 60.0
MOST_SECONDS = 240.0
GRACE_SECONDS = 20.0
# Of one process alone; what it starts must not take itself for it.
_OURS = ("PROCESS", "PARENT", "BEAT_FILE", "LISTEN_FD")
COMMAND = (
    sys.executable,
    "-c",
    "import os; os.nice(19); from quarterdeck.boot.pulse import stop_with_parent; stop_with_parent(); "
    "from quarterdeck.cli.main import main; main()",
    "selftest",
    "--json",
)


def begin(stop: threading.Event) -> None:
    """Start the thread; it ends with the process."""
    threading.Thread(target=_run, args=(stop,), name="selftest", daemon=True).start()


def _run(stop: threading.Event) -> None:
    last = time.monotonic()
    while not stopped(stop):
        # Short, so that an orderly end is not held up.
        time.sleep(1.0)
        if time.monotonic() - last < TICK_SECONDS:
            continue
        last = time.monotonic()
        try:
            tick(datetime.now(UTC), stop)
        except (OperationalError, InterfaceError) as e:
            log.error("database away", error=repr(e))
            close_old_connections()


def tick(now: datetime, stop: threading.Event) -> None:
    """One, where it is due; returns when it is over and written down."""
    selftests.watch(now)
    run_id = selftests.claim(now)
    if not run_id:
        return
    told = carried_out(stop)
    if told is not None:
        selftests.ended(run_id, told, datetime.now(UTC))
        log.info("self-test", well=told.get("well"), wrong=told.get("wrong"))


def carried_out(stop: threading.Event) -> Mapping[str, Any] | None:
    """What it said; None when we are to end ourselves."""
    env = {k: v for k, v in os.environ.items() if k.removeprefix("QUARTERDECK_") not in _OURS}
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and command
        COMMAND,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        process_group=0,
    )
    end = time.monotonic() + MOST_SECONDS
    while True:
        try:
            said, _ = process.communicate(timeout=1.0)
        except subprocess.TimeoutExpired:
            if stopped(stop) or time.monotonic() > end:
                _end(process)
                too_long = {"well": None, "wrong": [f"It was not over after {MOST_SECONDS:.0f} s."]}
                return None if stopped(stop) else too_long
        else:
            return _read(said)


def _read(said: str) -> Mapping[str, Any]:
    try:
        found = json.loads(said[said.index("{") :])
    except ValueError:
        return {"well": None, "wrong": [f"It said: {said[-200:]}"]}
    return found if isinstance(found, dict) else {}


def _end(process: subprocess.Popen[str]) -> None:
    """Asked first: it ends its shadow."""
    process.terminate()
    try:
        process.communicate(timeout=GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
