"""How what is known of those outside changes: mentions, affected customers, the pulse."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from .. import telling as parts
from ..events import Stamped
from ..events import telling as ev
from ..state import Incident
from .fold import change, put


def telling(state: Incident, stamped: Stamped, event: ev.TellingEvent) -> Incident:
    now = state.telling
    match event:
        case ev.MentionRecorded():
            found = parts.Mention(
                event.mention_id, event.source, event.place, event.seen_at, stamped.actor, stamped.at, event.link,
                event.text, event.ahead,
            )  # fmt: skip
            return _with(state, mentions=put(now.mentions, event.mention_id, found))
        case ev.CustomersListed():
            listed = dict(now.customers)
            for key, name in event.names.items():
                before = listed.get(key) or parts.AffectedCustomer(key, name, stamped.at)
                listed[key] = replace(
                    before, name=name, reference=event.references.get(key, before.reference)
                )
            return _with(state, customers=listed)
        case ev.CustomerMoved():
            moved = {"state": event.state, "changed_by": stamped.actor, "changed_at": stamped.at}
            said = moved | ({"note": event.note} if event.note else {})
            return _with(state, customers=change(now.customers, event.customer_id, **said))
        case ev.PulseTaken():
            pulse = parts.Pulse(
                event.pulse_id, event.affected_now, event.worst_case, stamped.actor, stamped.at, event.note
            )
            return _with(state, pulses=put(now.pulses, event.pulse_id, pulse), pulse_late=0, pulse_due=None)
        case ev.PulseLate():
            return _with(state, pulse_late=event.level, pulse_due=event.due)
        case _:
            assert_never(event)


def _with(state: Incident, **values: object) -> Incident:
    return replace(state, telling=replace(state.telling, **values))  # type: ignore[arg-type]
