"""Sentences of a drill's injects. Each says that it is one."""

from __future__ import annotations

from ..events.drill import DrillEvent
from .line import Said, Teller

_ASKS = {"customer": "A customer", "media": "The media", "executive": "An executive", "partner": "A partner"}


def drill(event: DrillEvent, tell: Teller) -> Said:
    """One kind of line for all of them, so that they can be told from what people did."""
    if event.kind == "away":
        who = tell.name(event.person) if event.person else "nobody"
        title = f"Inject: {who} is away, who held {tell.role(event.role)}"
        return Said("inject", "key", title, "\n".join(t for t in (event.title, event.text) if t))
    title = (
        f"{_ASKS.get(event.about, 'Somebody')} asks: {event.title}"
        if event.kind == "inquiry"
        else event.title
    )
    to = f" (for {tell.role(event.role)})" if event.role else ""
    text = "" if event.kind == "fact" else event.text
    return Said("inject", "key", f"Inject{to}: {title}", text)
