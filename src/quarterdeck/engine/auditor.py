"""The auditor: looks every minute whether what should have happened has, and raises alarms. It never sends.

Its questions are the invariants of paging that plain SQL can ask of the live store; it reads, and what it finds goes
through `app` like everything else.
"""

from __future__ import annotations

import os
import socket
import threading
from datetime import UTC, datetime

import structlog
from django.db import InterfaceError, OperationalError, close_old_connections

from quarterdeck.app import audit, nodes

log = structlog.get_logger("auditor")
EVERY_SECONDS = 60.0
SETTLING_SECONDS = 20.0


def run(stop: threading.Event) -> None:
    """Audit until told to stop."""
    node = f"auditor@{socket.gethostname()}:{os.getpid()}"
    # At the start the engine catches up with what fell due meanwhile; looking then would cry wolf.
    stop.wait(SETTLING_SECONDS)
    while not stop.is_set():
        now = datetime.now(UTC)
        try:
            found = audit.look(now)
            nodes.beat(node, "auditor", now, findings=len(found))
            for finding in found:
                log.warning(
                    "invariant broken",
                    invariant=finding.invariant,
                    subject=finding.subject,
                    text=finding.text,
                )
        except (OperationalError, InterfaceError) as e:
            log.error("database away", error=repr(e))
            close_old_connections()
        stop.wait(EVERY_SECONDS)
