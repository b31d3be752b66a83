"""Whether the calls and chats that stand ready answer. Reads what the last look found; a part of `health`."""

from __future__ import annotations

from collections.abc import Iterator

from quarterdeck.store import models

from ..chat import standing_channels
from .health_finding import Finding, fault, ok, warning

NAME = "standing channels"


def look() -> Iterator[Finding]:
    """A fault for each address that does not answer, by name; nothing where none stands ready."""
    found = standing_channels.rows()
    if not found:
        return
    faults = [f for row in found for f in _faults(row)]
    waiting = [r for r in found if r.checked_at is None]
    yield from faults
    if waiting:
        whose = standing_channels.name(waiting[0])
        more = f" and {len(waiting) - 1} more" if len(waiting) > 1 else ""
        text = f"Nobody has looked yet at those of {whose}{more}."
        yield warning(NAME, text, "The engine looks within a minute or two: see that it runs.")
    elif not faults:
        yield ok(
            NAME,
            f"Something answers at the addresses of the calls and chats that stand ready ({len(found)} looked at). "
            "Whether the rooms behind them are open, nobody sees from here.",
        )


def _faults(row: models.StandingChannel) -> Iterator[Finding]:
    for what, well, why in (("call", row.call_well, row.call_text), ("chat", row.chat_well, row.chat_text)):
        if well is False:
            url = row.call_url if what == "call" else row.chat_url
            text = f"Nothing usable answers at the address of the {what} of {standing_channels.name(row)}: {url}. {why}"
            yield fault(NAME, text, "Mend it, or set another address under Catalog, Channels.")
