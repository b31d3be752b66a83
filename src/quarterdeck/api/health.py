"""Whether this installation can do its work now: is the engine alive, does an alarm about paging stand."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from quarterdeck import __version__
from quarterdeck.app.health.alarms import open_alarms
from quarterdeck.app.health.nodes import newest
from quarterdeck.app.visibility import known_alarms
from quarterdeck.core.access import may

from .doors import LOGIN, Request
from .fields import Moment, Read
from .operations import Noun

NOUN = Noun("Health", "/health")
SILENT = timedelta(seconds=30)


class Alarm(Read):
    """Something about paging itself that a human must see."""

    kind: str
    text: str
    raised_at: Moment


class Health(Read):
    """`degraded`: the engine is silent, or an alarm stands. Alarms are shown to whoever may see alerts."""

    status: Literal["ok", "degraded"]
    version: str
    engine_seen_at: Moment | None
    open_alarms: int
    alarms: list[Alarm]


@NOUN.get("", LOGIN, Health)
def get_health(request: Request) -> Health:
    """Whether alerts would be paged now."""
    engine = newest("engine")
    alarms = open_alarms()
    alive = engine is not None and request.act.at - engine.heartbeat_at <= SILENT
    shown = known_alarms(request.act.who, alarms) if may(request.act.who, "alert.read") else []
    return Health(
        status="ok" if alive and not alarms else "degraded",
        version=__version__,
        engine_seen_at=engine.heartbeat_at if engine else None,
        open_alarms=len(alarms),
        alarms=[Alarm.model_validate(a) for a in shown],
    )
