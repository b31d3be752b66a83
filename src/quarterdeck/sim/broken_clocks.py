"""Parts for mutants that break time: clocks, what they are asked for, and what was dated by one that is ahead."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import datetime
from typing import Any

from quarterdeck.engine.clock import EngineClock
from quarterdeck.engine.loop import Engine

from .breaking import instead
from .broken_parts import instead_on, nothing


def one_time_a_step(run_step: Any) -> Any:
    def broken(self: Engine, step: Any) -> bool:
        now = self.clock.now()
        with instead_on(self.clock, "now", lambda: now):
            return bool(run_step(self, step))

    return broken


def only_wall() -> Any:
    stack = ExitStack()
    stack.enter_context(instead(EngineClock, "now", lambda self: self.wall()))
    stack.enter_context(instead(EngineClock, "reach", nothing))
    return stack


def no_counter(come_to: Any) -> Any:
    return lambda kind, boot, counter_seconds: come_to(kind, "", counter_seconds)


def frozen(self: EngineClock) -> datetime:
    self._last = max(self._last, self.wall())
    return self._last


def brought_back_to_then(bring_back: Any) -> Any:
    """The time is asked before waiting for the transaction."""

    def broken(clock: Any) -> Any:
        now = clock()
        return bring_back(lambda: now)

    return broken
