"""The sentences of the business in emergency mode."""

from __future__ import annotations

from typing import assert_never

from ..events import emergency as ev
from .line import Said, Teller

LEVELS = {-2: "outrage", -1: "annoyed", 0: "calm", 1: "friendly", 2: "praise"}


def emergency(event: ev.EmergencyEvent, tell: Teller) -> Said:
    if isinstance(event, ev.SwitchEvent):
        return _switch(event, tell)
    if isinstance(event, ev.WatchEvent):
        return _watch(event, tell)
    return _offer(event, tell)


def _switch(event: ev.SwitchEvent, tell: Teller) -> Said:
    match event:
        case ev.SwitchHaltRequested():
            title = f"{tell.who} has {event.title} halted by {event.eta_at:%H:%M} UTC"
            return Said("switch", "entry", title)
        case ev.SwitchHalted():
            return Said("switch", "key", f"{event.title} halted; {tell.who} confirms it", event.evidence)
        case ev.SwitchResumeRequested():
            return Said("switch", "entry", f"{tell.who} has {event.title} resumed")
        case ev.SwitchResumed():
            return Said("switch", "key", f"{event.title} runs again; {tell.who} confirms it", event.evidence)
        case ev.SwitchExcused():
            return Said(
                "switch", "entry", f"{tell.who} noted that {event.title} does not apply", event.reason
            )
        case ev.SwitchLate():
            said = "still not halted" if event.level == 1 else "still not halted, the lead was told"
            return Said("switch", "system", f"{event.title} is {said}")
        case _:
            assert_never(event)


def _watch(event: ev.WatchEvent, tell: Teller) -> Said:
    match event:
        case ev.AreasAsked():
            return Said("area", "entry", f"{tell.who} asked {len(event.roles)} areas for their status")
        case ev.AreaReported():
            title = f"{tell.who} reports on the area of {tell.titles(event.role)}: {event.state}"
            return Said("area", "entry", title, event.text)
        case ev.SentimentReported():
            turned = "The mood has turned" if event.big else "The mood"
            level = LEVELS.get(event.level, event.level)
            title = f"{turned} on {event.channel}: {level}, {event.volume} posts"
            return Said("sentiment", "key" if event.big else "entry", title, event.posts)
        case ev.SentimentDue():
            return Said("sentiment", "system", "The next report of the mood outside is due")
        case _:
            assert_never(event)


def _offer(event: ev.OfferEvent, tell: Teller) -> Said:
    match event:
        case ev.MeetingCapacitySet():
            return Said(
                "offer", "system", f"{tell.who} set the time for customer talks: {event.weekly} a week"
            )
        case ev.MeetingOffered():
            beyond = ", beyond the time there is in a week" if event.beyond else ""
            return Said("offer", "entry", f"{tell.who} offered {event.customer} a talk{beyond}", event.note)
        case ev.MeetingEnded():
            how = "was held" if event.state == "held" else "was withdrawn"
            return Said("offer", "system", f"The talk with {event.customer} {how}")
        case _:
            assert_never(event)
