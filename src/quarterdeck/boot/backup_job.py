"""What runs beside the auditor all the while: backups at their interval, and the journal into its second folder.

A thread that waits; the copying itself is a process of its own with low priority. What goes wrong becomes an alarm.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections

from quarterdeck.app.upkeep import installation, standby
from quarterdeck.store.sqlite import journal_copy

from . import moving
from .backup import JOURNAL, result_file
from .config import Config
from .launch import run_once

log = structlog.get_logger("backup")
TICK_SECONDS = 5.0
# A backup first thing after a start would only be in the way of it.
SETTLING_SECONDS = 90.0


def begin(stop: threading.Event) -> None:
    """Start the thread; it ends with the process."""
    config: Config = settings.QUARTERDECK
    threading.Thread(target=_run, args=(config, stop), name="backup", daemon=True).start()


def _run(config: Config, stop: threading.Event) -> None:
    # Not `stop` itself to wait on: asking it shows life, and only the auditor's own loop may do that.
    first = time.monotonic() + SETTLING_SECONDS
    while not stopped(stop):
        try:
            tick(config)
            if time.monotonic() >= first:
                back_up(config)
        except (OperationalError, InterfaceError) as e:
            log.error("database away", error=repr(e))
            close_old_connections()
        time.sleep(TICK_SECONDS)


def stopped(stop: Any) -> bool:
    """Whether the process is to end, without showing life where that is told apart."""
    return bool(stop.asked() if hasattr(stop, "asked") else stop.is_set())


def tick(config: Config) -> None:
    """What is done every few seconds."""
    taken = moving.adopt(config)
    if taken:
        log.info("taken over from the file of the journal", bodies=taken)
    standby.look(config.store.synchronous, datetime.now(UTC))
    folder = config.journal_copy
    if folder is None or config.database_url:
        return
    error = ""
    try:
        journal_copy.append(config.data / JOURNAL, folder)
    except (OSError, sqlite3.Error) as e:
        error = str(e)
    installation.journal_copy(error, datetime.now(UTC))


def back_up(config: Config) -> None:
    """One backup where it is due; returns when it is made or has failed."""
    every = timedelta(minutes=config.backup.every_minutes)
    if not every or config.demo or not installation.claim_backup(datetime.now(UTC), every):
        return
    result_file(config).unlink(missing_ok=True)
    run_once("backup", config, {})
    try:
        told = json.loads(result_file(config).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        told = {
            "error": "The process that makes it was ended. Look at the log and at the memory of this machine."
        }
    error = told.get("error")
    if error:
        log.error("backup failed", error=error)
        installation.backup_failed(error, datetime.now(UTC), every)
    else:
        log.info("backed up", **told)
        installation.backed_up(told, datetime.now(UTC))
