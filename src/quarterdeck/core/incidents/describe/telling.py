"""The sentences of what is known of those outside: mentions, affected customers, the pulse."""

from __future__ import annotations

from typing import assert_never

from quarterdeck.core.kernel.text import counted, cut

from ..events import telling as ev
from ..telling import CUSTOMER_STATES
from .line import Said, Teller


def telling(event: ev.TellingEvent, tell: Teller) -> Said:
    match event:
        case ev.MentionRecorded():
            said = "\n".join(t for t in (event.text, event.link) if t)
            if event.ahead:
                title = f"{event.source} spoke of it on {event.place} before our first public statement"
                return Said("mention", "key", title, said)
            return Said("mention", "entry", f"{event.source} spoke of it on {event.place}", said)
        case ev.CustomersListed():
            names = sorted(event.names.values(), key=str.casefold)
            text = cut(", ".join(names[:40]), 1000)
            return Said(
                "customers", "entry", f"{tell.who} listed {counted(len(names), 'affected customer')}", text
            )
        case ev.CustomerMoved():
            state = CUSTOMER_STATES.get(event.state, event.state).lower()
            return Said("customers", "system", f"{event.name or 'A customer'}: {state}", event.note)
        case ev.PulseTaken():
            now, worst = f"{event.affected_now:,}", f"{event.worst_case:,}"
            title = f"Impact pulse by {tell.who}: {now} affected now, {worst} in the worst case"
            return Said("pulse", "entry", title, event.note)
        case ev.PulseLate():
            told = "whoever takes it is warned" if event.level == 1 else "the commander is told"
            return Said("pulse", "entry", f"The impact pulse is overdue; {told}")
        case _:
            assert_never(event)
