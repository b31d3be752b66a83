"""The sentences of the executives' own work. Everybody who responds reads these: they say that something moved in a
workstream, never what, so that nothing but the status line crosses, and that to the commander alone.
"""

from __future__ import annotations

from typing import assert_never

from ..events import exec_work as ev
from ..exec_work import STREAMS
from .line import Said


def exec_work(event: ev.ExecWorkEvent) -> Said:
    match event:
        case ev.ExecLineSet():
            return _aside(f"A status line of the executives’ workstream {_title(event.stream)}")
        case ev.ExecTaskSet():
            return _aside(f"A task of the executives’ workstream {_title(event.stream)} was set")
        case ev.ExecTaskEnded():
            return _aside(f"A task of the executives’ workstream {_title(event.stream)} ended")
        case ev.ExecWordSaid():
            return _aside("A word between executives and their liaison")
        case _:
            assert_never(event)


def _title(stream: str) -> str:
    return STREAMS.get(stream, stream)


def _aside(title: str) -> Said:
    return Said("executive", "system", title)
