"""Whether a thing of a drill may go out at all. Nothing of it reaches anybody outside: only the screen in the room
shows it. What practises the paging of people inside (`practice`) reaches them, each on a device of their own, marked.
"""

from __future__ import annotations

from .outcome import GaveUp, Outgoing

DRILL_STAYS = "A drill never leaves the building. It was shown on the console instead of being sent."


def refuse_drill(outgoing: Outgoing, *, room: bool = False) -> GaveUp | None:
    """The answer of every outward channel to a drill, None for real work and for a page that a person inside gets.

    `room`: others read along at this address, or a program acts on it: no drill goes there. `deliver` asks before it
    picks a channel and each outward `send` asks again, so that neither a new caller nor a new channel can forget it.
    """
    if not outgoing.drill or (outgoing.practice and outgoing.kind == "page" and not room):
        return None
    return GaveUp(DRILL_STAYS)
