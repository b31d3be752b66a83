"""The engine as a process of this machine: by which name it is known, whom it follows, how it spares the collector."""

from __future__ import annotations

import gc
import os
import socket


def spare_the_collector() -> None:
    """What was loaded by now stays, and a batch makes thousands of objects of which none hold each other: looking
    through all of them again and again took a seventh of the time of a storm.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)


def name_of(pid: str, host: str = "") -> str:
    """Whole in the column of a delivery (60 characters), by which those of a dead engine are found. The end of a host's
    name is what tells pods of one kind apart.
    """
    return f"engine@{(host or socket.gethostname())[-45:]}:{pid}"


def predecessor() -> str:
    """The engine in whose place the supervisor has started this one; it has seen it end."""
    pid = os.environ.get("QUARTERDECK_LOST", "")
    return name_of(pid) if pid else ""


def own_name() -> str:
    return name_of(str(os.getpid()))
