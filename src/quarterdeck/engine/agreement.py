"""How the engines of an installation agree on the time, and tell each other which channels fail them."""

from __future__ import annotations

from datetime import datetime

from quarterdeck.app.health import alarms, nodes

from .clock import Clock
from .sender import Sender


class Agreement:
    """Of one engine with the others. `reached` once it has heard of them and they of it."""

    def __init__(self, clock: Clock, node: str, sender: Sender) -> None:
        self._clock, self._node, self._sender = clock, node, sender
        self.reached = False

    def reach(self, now: datetime) -> None:
        """All engines go by the clock furthest ahead, so that what one has dated falls due with the others, too.

        Told before anything is dated by a clock that jumped: should this node be lost, the others know how far it came.
        A new engine asks first: it goes on where the one before it would be by now, whatever the wall says.
        """
        clock = self._clock
        if not self.reached:
            before = nodes.come_to("engine", clock.boot, clock.monotonic())
            if before is not None:
                clock.reach(before)
                now = clock.now()
        fails = sorted(self._sender.breaker.channels())
        passed = round(clock.monotonic(), 3)
        nodes.beat(self._node, "engine", now, boot=clock.boot, counter_seconds=passed, failing=fails)
        others = nodes.channels_of_others("engine", self._node, now) if fails else []
        self._sender.served_elsewhere = {k for k in fails if any(k not in other for other in others)}
        furthest = nodes.newest("engine")
        if furthest is not None:
            clock.reach(furthest.heartbeat_at)
        jumped = clock.jumped
        if jumped is not None:
            text = f"The system clock jumped by {jumped.total_seconds():.0f} s. Check time synchronisation."
            alarms.raise_alarm("clock", self._node, text, now)
            clock.jumped = None
        self.reached = True
