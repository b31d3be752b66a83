"""How what is shared with other organisations changes, and what is known of them."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from .. import outside as parts
from ..events import Stamped
from ..events import outside as ev
from ..state import Incident
from .fold import change, put


def outside(state: Incident, stamped: Stamped, event: ev.OutsideEvent) -> Incident:
    now = state.outside
    match event:
        case ev.EntryShared():
            one = {event.entry_id}
            return _with(state, shared=now.shared | one if event.shared else now.shared - one)
        case ev.AgencyListed():
            before = now.agencies.get(event.agency_id)
            since = before.listed_at if before else stamped.at
            found = parts.Agency(
                event.agency_id,
                event.name,
                event.representative,
                event.contact,
                event.offers,
                event.limits,
                since,
            )
            return _with(state, agencies=put(now.agencies, event.agency_id, found))
        case ev.AgencyLeft():
            left = {"left_at": stamped.at, "left_reason": event.reason}
            return _with(state, agencies=change(now.agencies, event.agency_id, **left))
        case ev.AgencyAsked():
            asked = parts.AgencyRequest(
                event.request_id, event.agency_id, event.text, stamped.actor, stamped.at
            )
            return _with(state, requests=put(now.requests, event.request_id, asked))
        case ev.AgencyAnswered():
            said = {
                "answer": event.answer, "reply": event.reply, "answered_by": stamped.actor, "answered_at": stamped.at,
            }  # fmt: skip
            return _with(state, requests=change(now.requests, event.request_id, **said))
        case _:
            assert_never(event)


def _with(state: Incident, **values: object) -> Incident:
    return replace(state, outside=replace(state.outside, **values))  # type: ignore[arg-type]
