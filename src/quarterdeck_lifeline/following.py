"""Keeps the watch by its file as that is now: read again when it changes; what cannot be used changes nothing.

What was read is noted beside the file, without any secret, so that the product can say what its lifeline would do.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from .plan import Plan, read_plan

NOTE = "lifeline-state.json"


class Watching(Protocol):
    """A watch that can be told of another plan."""

    def take(self, plan: Plan) -> None: ...


class Follower:
    """`watch` is None until there was a plan that can be used; `start` makes one."""

    def __init__(
        self, config: Path, key: str, start: Callable[[Plan], Watching], say: Callable[[str], None]
    ) -> None:
        self.watch: Watching | None = None
        self.plan: Plan | None = None
        self._config, self._key, self._start, self._say = config, key, start, say
        self._mark: tuple[int, ...] | None = (-1,)

    def follow(self) -> None:
        """Look whether the file has changed, and go by it."""
        mark = mark_of(self._config)
        if mark == self._mark:
            return
        self._mark = mark
        try:
            plan = read_plan(self._config, self._key)
        except FileNotFoundError:
            self._keep(f"write {self._config} to have people told when Quarterdeck is silent", "")
            return
        except (OSError, ValueError, TypeError) as e:
            self._keep(f"because {self._config} cannot be used: {e}", str(e))
            return
        moved = self.plan is not None and self.plan.page != plan.page
        self.plan = plan
        if self.watch is None:
            self.watch = self._start(plan)
        else:
            self.watch.take(plan)
        by = " and ".join(plan.roads) or "nobody (no mail, ntfy or webhook is set)"
        self._say(f"watching {plan.watch}; a silence of {plan.silent_seconds:g} s is told by {by}")
        if moved:
            self._say("the roster page stays as it was until quarterdeck serve is started again")
        self._note("", restart=moved)

    def _keep(self, told: str, problem: str) -> None:
        if self.watch is None:
            self._say(f"idle: {told}" if not problem else f"idle, {told}")
        else:
            self._say(f"going on with what was read before, {told}")
        self._note(problem or "the file is gone")

    def _note(self, problem: str, *, restart: bool = False) -> None:
        """A disk that takes nothing must not end the watch."""
        value = {
            "read": list(self._mark or ()), "problem": problem, "restart": restart, "watching": self.watch is not None,
            "roads": self.plan.roads if self.plan else [],
        }  # fmt: skip
        path = self._config.with_name(NOTE)
        fresh = path.with_suffix(".new")
        try:
            fresh.write_text(json.dumps(value), encoding="utf-8")
            fresh.replace(path)
        except OSError:
            return


def mark_of(config: Path) -> tuple[int, ...] | None:
    """Changes when the file does; None while it is not there."""
    try:
        found = config.stat()
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_size, found.st_ino)


def noted(config: Path) -> Mapping[str, object]:
    """What the running lifeline read last; empty when none ever did."""
    try:
        found = json.loads(config.with_name(NOTE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
