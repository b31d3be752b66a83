"""Whether a thing may leave the building at all. A drill never may: only the screen in the room shows it."""

from __future__ import annotations

from .outcome import GaveUp, Outgoing

DRILL_STAYS = "A drill never leaves the building. It was shown on the console instead of being sent."


def refuse_drill(outgoing: Outgoing) -> GaveUp | None:
    """The answer of every outward channel to a drill, None for real work.

    `deliver` asks before it picks a channel and each outward `send` asks again, so that neither a new caller
    nor a new channel can forget it.
    """
    return GaveUp(DRILL_STAYS) if outgoing.drill else None
