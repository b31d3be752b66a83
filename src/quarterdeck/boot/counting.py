"""Writes down once a second what came of each source. A web process that is killed takes its last second with it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from concurrent.futures import Executor
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.db import DatabaseError, InterfaceError, close_old_connections

if TYPE_CHECKING:
    from quarterdeck.web.ingest_limits import Limits

EVERY_SECONDS = 1.0
log = logging.getLogger("quarterdeck.web")


async def keep(limits: Limits, executor: Executor) -> None:
    """Until cancelled, and once more then."""
    try:
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            await _write(limits, executor)
    finally:
        await _write(limits, executor)


async def _write(limits: Limits, executor: Executor) -> None:
    found = limits.counted()
    if not found:
        return
    try:
        await asyncio.get_running_loop().run_in_executor(executor, _add, found)
    except (DatabaseError, InterfaceError) as e:
        limits.back(found)
        log.warning("what came of each source cannot be written down yet: %s", e)


def _add(found: Mapping[str, tuple[int, int, int, int]]) -> None:
    from quarterdeck.app.alerts import source_counts

    close_old_connections()
    source_counts.add(found, datetime.now(UTC))
