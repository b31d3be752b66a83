"""What a step of an engine raised that no fault explains. The engine goes on after it; a simulation does not."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager

from django.db import InterfaceError, OperationalError

from quarterdeck.engine import loop

from .breaking import instead

STEP = "step"


class Heard:
    """In the place of the engine's log."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell

    def error(self, event: str, **_: object) -> None:
        raised = sys.exception()
        if raised is not None and not isinstance(raised, OperationalError | InterfaceError):
            self._tell(f"{event}: {raised!r}")


def hear(tell: Callable[[str], None]) -> AbstractContextManager[None]:
    """Tell of every exception that an engine has caught and that is not the store's."""
    return instead(loop, "log", Heard(tell))
