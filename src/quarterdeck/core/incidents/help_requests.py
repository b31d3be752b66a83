"""Help asked of executives and offered by them: open, accepted, done or declined, and who is asked when nobody answers
(X-09). An offer is a note; only the commander turns it into a request.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from quarterdeck.core.access import Who, may, require
from quarterdeck.core.kernel.refused import Refused, forbidden

from .asks import HelpRequest
from .authority import authorise, must_read
from .events import Event
from .events.asks import (
    HelpAccepted,
    HelpAsked,
    HelpDeclined,
    HelpDone,
    HelpLate,
    HelpOffered,
    HelpPassedOn,
    OfferAnswered,
)
from .guards import filled, known, not_ended, unfit
from .state import Incident
from .structure import Template

PERMISSION = "executive.act"
KINDS: Mapping[str, str] = {
    "roadblock": "Remove a roadblock",
    "resource": "A resource",
    "access": "Access to something",
    "spend": "Approve spending",
    "decision": "A decision",
    "external_contact": "Contact someone outside",
}
OFFERS = ("resource", "roadblock", "spend", "external_contact")
TEXT_LIMIT = 1000
LONGEST_MINUTES = 7 * 24 * 60
MOST_OPEN = 50
# How long each further person has to answer once the time is over.
NEXT_AFTER = timedelta(minutes=10)


def ask(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    help_id: str,
    kind: str,
    text: str,
    minutes: int,
    chain: tuple[str, ...],
    now: datetime,
) -> list[Event]:
    """By the commander: what is needed of executives, and by when. `chain` are the executives on duty, in order."""
    not_ended(incident)
    authorise(incident, template, by, "decision.make")
    if help_id in incident.asks.help:
        return []
    _kind(kind, tuple(KINDS))
    said = _text(filled(text, "text", "Say what is needed."), "text")
    if not 1 <= minutes <= LONGEST_MINUTES:
        raise unfit("minutes.number", "minutes", f"Give 1 to {LONGEST_MINUTES} minutes.")
    must_have(chain)
    if len(incident.asks.open_help()) >= MOST_OPEN:
        raise Refused("help.many", f"{MOST_OPEN} requests are open. End one first.")
    return [HelpAsked(help_id, kind, said, now + timedelta(minutes=minutes), chain)]


def accept(incident: Incident, by: Who, *, help_id: str, note: str = "") -> list[Event]:
    """An executive takes it on."""
    found = _asked(incident, by, help_id)
    if found.state == "accepted" and found.accepted_by == by.person:
        return []
    if found.state == "accepted":
        raise Refused("help.taken", "Another executive has taken this on already. Talk to them.")
    return [HelpAccepted(found.id, found.text, _text(note, "note"))]


def decline(incident: Incident, by: Who, *, help_id: str, reason: str) -> list[Event]:
    """An executive says why not; the commander hears of it and may ask anew."""
    found = _asked(incident, by, help_id)
    return [HelpDeclined(found.id, _text(filled(reason, "reason", "Say why not."), "reason"), found.text)]


def finish(incident: Incident, template: Template, by: Who, *, help_id: str, note: str = "") -> list[Event]:
    """It is done, as whoever accepted it says, or the commander who sees it."""
    not_ended(incident)
    must_read(incident, by)
    found = known(incident.asks.help.get(help_id), "help.unknown", "request")
    if found.state == "done":
        return []
    if found.accepted_by != by.person:
        authorise(incident, template, by, "decision.make", "exec.answer")
    if found.state == "declined":
        raise Refused("help.over", "This request was declined. Ask anew if it is needed.")
    return [HelpDone(found.id, _text(note, "note"), found.text)]


def offer(incident: Incident, by: Who, *, offer_id: str, kind: str, text: str) -> list[Event]:
    """A note of an executive to the liaison. It binds nobody and gives nobody a task."""
    must_read(incident, by)
    not_ended(incident)
    require(by, PERMISSION)
    if offer_id in incident.asks.offers:
        return []
    _kind(kind, OFFERS)
    if sum(o.state == "open" for o in incident.asks.offers.values()) >= MOST_OPEN:
        raise Refused("offer.many", f"{MOST_OPEN} offers wait for an answer. The liaison has them all.")
    return [HelpOffered(offer_id, kind, _text(filled(text, "text", "Say what you offer."), "text"))]


def take_offer(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    offer_id: str,
    help_id: str,
    minutes: int,
    text: str,
    now: datetime,
) -> list[Event]:
    """The commander makes it a request to whoever offered; `text` "" keeps their words."""
    found = known(incident.asks.offers.get(offer_id), "offer.unknown", "offer")
    if found.state != "open":
        return []
    said = text.strip() or found.text
    asked = ask(
        incident, template, by, help_id=help_id, kind=found.kind, text=said, minutes=minutes,
        chain=(found.offered_by,), now=now,
    )  # fmt: skip
    return [*asked, OfferAnswered(found.id, help_id, "", said)]


def decline_offer(
    incident: Incident, template: Template, by: Who, *, offer_id: str, reason: str
) -> list[Event]:
    """By the liaison or the commander, with a reason that the executive reads."""
    not_ended(incident)
    authorise(incident, template, by, "exec.answer", "decision.make")
    found = known(incident.asks.offers.get(offer_id), "offer.unknown", "offer")
    if found.state != "open":
        return []
    said = _text(filled(reason, "reason", "Say why it is not needed."), "reason")
    return [OfferAnswered(found.id, "", said, found.text)]


def may_answer(by: Who, chain: tuple[str, ...]) -> bool:
    """Whether somebody may answer what executives were asked: an executive, or whoever is on their duty list."""
    return may(by, PERMISSION) or by.person in chain


def must_have(chain: tuple[str, ...]) -> None:
    """Refuses to ask where nobody would be asked."""
    if not chain:
        raise Refused(
            "executives.none",
            "No executive is on duty. Make an escalation policy or a schedule with the key executive-duty.",
        )


def due_events(incident: Incident, now: datetime) -> list[Event]:
    """Requests whose time is over: the next is asked, at last the last of the list; a late helper is named once."""
    events: list[Event] = []
    if incident.has_ended:
        return events
    for h in incident.asks.open_help():
        at = _next(h)
        if at is None or now < at:
            continue
        if h.state == "accepted":
            events.append(HelpLate(h.id, h.accepted_by, h.text))
            continue
        events.append(HelpPassedOn(h.id, h.chain[h.level + 1], h.level + 1, h.text))
    return events


def wake_at(incident: Incident) -> datetime | None:
    if incident.has_ended:
        return None
    moments = (_next(h) for h in incident.asks.open_help())
    return min((m for m in moments if m is not None), default=None)


def _next(h: HelpRequest) -> datetime | None:
    """When time has something to say about it; None when it has said everything."""
    if h.state == "accepted":
        return None if h.late else h.need_by
    return h.need_by + h.level * NEXT_AFTER if h.level + 1 < len(h.chain) else None


def _asked(incident: Incident, by: Who, help_id: str) -> HelpRequest:
    must_read(incident, by)
    not_ended(incident)
    found = known(incident.asks.help.get(help_id), "help.unknown", "request")
    if not may_answer(by, found.chain):
        raise forbidden("help.executive", "Only executives answer this. The commander may note it as done.")
    if not found.is_open:
        raise Refused("help.over", f"This request is {found.state} already.")
    return found


def _kind(kind: str, known_kinds: tuple[str, ...]) -> None:
    if kind not in known_kinds:
        raise unfit("kind.unknown", "kind", f"Choose one of: {', '.join(known_kinds)}.")


def _text(text: str, field: str) -> str:
    text = text.strip()
    if len(text) > TEXT_LIMIT:
        message = f"This has {len(text)} characters; {TEXT_LIMIT} fit. Shorten it."
        raise unfit(f"{field}.long", field, message)
    return text
