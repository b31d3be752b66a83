"""How the business in emergency mode changes: switches, areas, sentiment, talks offered."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from .. import emergency as parts
from ..events import Stamped
from ..events import emergency as ev
from ..state import Incident
from .fold import change, put


def emergency(state: Incident, stamped: Stamped, event: ev.EmergencyEvent) -> Incident:
    if isinstance(event, ev.SwitchEvent):
        return _switch(state, stamped, event)
    if isinstance(event, ev.WatchEvent):
        return _watch(state, stamped, event)
    return _offer(state, stamped, event)


def _with(state: Incident, **values: object) -> Incident:
    return replace(state, emergency=replace(state.emergency, **values))  # type: ignore[arg-type]


def _switch(state: Incident, stamped: Stamped, event: ev.SwitchEvent) -> Incident:
    now = state.emergency
    if isinstance(event, ev.SwitchLate):
        return _with(state, switches=change(now.switches, event.switch, level=event.level))
    before = now.switches.get(event.switch) or parts.SwitchState(event.switch, event.title)
    done = replace(before, changed_by=stamped.actor, changed_at=stamped.at, title=event.title)
    match event:
        case ev.SwitchHaltRequested():
            after = replace(
                done, state=parts.HALT_REQUESTED, eta_at=event.eta_at, level=0, evidence="", reason="",
                halted_at=None, halts=before.halts + 1,
            )  # fmt: skip
        case ev.SwitchHalted():
            after = replace(done, state=parts.HALTED, evidence=event.evidence, halted_at=stamped.at)
        case ev.SwitchResumeRequested():
            after = replace(done, state=parts.RESUME_REQUESTED)
        case ev.SwitchResumed():
            after = replace(done, state=parts.NORMAL, evidence=event.evidence or before.evidence)
        case ev.SwitchExcused():
            after = replace(done, state=parts.NOT_APPLICABLE, reason=event.reason)
        case _:
            assert_never(event)
    return _with(state, switches=put(now.switches, event.switch, after), total=event.of or now.total)


def _watch(state: Incident, stamped: Stamped, event: ev.WatchEvent) -> Incident:
    now = state.emergency
    match event:
        case ev.AreasAsked():
            areas = dict(now.areas)
            for role, person in zip(event.roles, event.people, strict=False):
                known = areas.get(role, parts.Area(role))
                areas[role] = replace(known, asked_at=stamped.at, asked=person)
            return _with(state, areas=areas)
        case ev.AreaReported():
            known = now.areas.get(event.role, parts.Area(event.role))
            said = replace(known, state=event.state, text=event.text, said_by=stamped.actor, as_of=stamped.at)
            return _with(state, areas=put(now.areas, event.role, said))
        case ev.SentimentReported():
            told = parts.Sentiment(
                event.report_id, event.channel, event.level, event.volume, event.posts, stamped.actor, stamped.at,
                event.big,
            )  # fmt: skip
            return _with(
                state,
                sentiments=put(now.sentiments, told.id, told),
                sentiment_due=event.next_at,
                sentiment_late=False,
            )
        case ev.SentimentDue():
            return _with(state, sentiment_late=True)
        case _:
            assert_never(event)


def _offer(state: Incident, stamped: Stamped, event: ev.OfferEvent) -> Incident:
    now = state.emergency
    match event:
        case ev.MeetingCapacitySet():
            return _with(state, weekly_meetings=event.weekly)
        case ev.MeetingOffered():
            made = parts.MeetingOffer(event.offer_id, event.customer, event.note, stamped.actor, stamped.at)
            return _with(state, offers=put(now.offers, made.id, made))
        case ev.MeetingEnded():
            ended = {"state": event.state, "ended_at": stamped.at}
            return _with(state, offers=change(now.offers, event.offer_id, **ended))
        case _:
            assert_never(event)
