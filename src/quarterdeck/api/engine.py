"""The engine on hold: whether it is, what it would do, holding it and letting it go on."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from ninja import Query
from pydantic import Field

from quarterdeck.app.paging import pause as acts

from .doors import Request
from .fields import Asked, Moment, Read, Text, Write
from .operations import Noun

NOUN = Noun("Engine", "/engine")


class Pause(Read):
    """Since when and why. `by` is a person's id, or "operator" for somebody on the server."""

    at: Moment
    by: str
    reason: str


class Waiting(Read):
    """What of one kind would happen at once; `stale` of it was due over an hour ago."""

    kind: str
    count: int
    oldest: Moment
    stale: int


class Engine(Read):
    """`pause` is null while the engine works. The rest is what would happen at once if it went on now."""

    pause: Pause | None
    timers: list[Waiting]
    deliveries: list[Waiting]


class PauseWrite(Write):
    reason: Annotated[str, Text(300, least=1)]


class ResumeAsked(Asked):
    """Drop what was due longer ago than this many minutes."""

    cancel_older_than_minutes: Annotated[int, Field(ge=0, le=1_000_000)] | None = None


@NOUN.get("", "settings.read", Engine)
def get_engine(request: Request) -> Engine:
    """Whether the engine is paused, and what waits."""
    held = acts.standing()
    pending = acts.pending(request.act.at)
    return Engine(
        pause=None if held is None else Pause.model_validate(held),
        timers=[Waiting.model_validate(w) for w in pending.timers],
        deliveries=[Waiting.model_validate(w) for w in pending.deliveries],
    )


@NOUN.put("/pause", "settings.edit", Pause)
def pause_engine(request: Request, body: PauseWrite) -> Pause:
    """Hold the engine: no timer fires, nothing is sent."""
    return Pause.model_validate(acts.pause(request.act, body.reason))


@NOUN.delete("/pause", "settings.edit")
def resume_engine(request: Request, asked: Query[ResumeAsked]) -> None:
    """Let the engine go on."""
    older = asked.cancel_older_than_minutes
    acts.resume(request.act, None if older is None else timedelta(minutes=older))
