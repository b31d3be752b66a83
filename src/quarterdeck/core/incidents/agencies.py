"""Other organisations in an incident: who is listed, what they are asked, which entries their people are shown.

What is shown is chosen entry by entry, by whoever speaks with them; nothing is shared by itself.
"""

from __future__ import annotations

from quarterdeck.core.access import GUEST, Who
from quarterdeck.core.kernel.refused import Refused, bad, forbidden

from .authority import authorise, must_read
from .events import Event
from .events.outside import AgencyAnswered, AgencyAsked, AgencyLeft, AgencyListed, EntryShared
from .guards import filled, known, not_ended, one_line
from .outside import Agency
from .state import Incident
from .structure import Template

SHARES = "outside.share"
ANSWERS = ("yes", "partly", "no")
MOST = 200
TEXT_LIMIT = 2000


def may_speak(incident: Incident, template: Template, by: Who) -> None:
    """Refuses whoever neither speaks with other organisations nor commands."""
    not_ended(incident)
    authorise(incident, template, by, SHARES, "incident.phase")


def share_entry(
    incident: Incident, template: Template, by: Who, *, entry_id: str, shared: bool = True
) -> list[Event]:
    """Guests are shown this entry (and what corrects it later), or are not any more."""
    may_speak(incident, template, by)
    entry = known(incident.entries.get(entry_id), "entry.unknown", "entry")
    if shared and entry.kind == "file":
        raise Refused("share.file", "Guests open no files of the record. Send them the file yourself.")
    if shared and entry.superseded_by:
        raise Refused("entry.superseded", "This entry was corrected. Share the newest text.")
    return [] if (entry_id in incident.outside.shared) == shared else [EntryShared(entry_id, shared)]


def list_agency(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    agency_id: str,
    name: str,
    representative: str = "",
    contact: str = "",
    offers: str = "",
    limits: str = "",
) -> list[Event]:
    """List an organisation with who speaks for it, what it can offer and its limits; or change what is known."""
    may_speak(incident, template, by)
    event = AgencyListed(
        agency_id,
        one_line(filled(name, "name", "Say which organisation this is."), "name", 200),
        one_line(representative, "representative", 200),
        one_line(contact, "contact", 300),
        _text(offers, "offers"),
        _text(limits, "limits"),
    )
    if any(a.is_called(event.name) and a.id != agency_id and a.is_here for a in _all(incident)):
        message = "An agency of this name is listed already. Change that one."
        raise bad("agency.listed", message, name=message)
    before = incident.outside.agencies.get(agency_id)
    if before is None and len(incident.outside.agencies) >= MOST:
        raise Refused("agencies.many", f"{MOST} agencies are listed. Take those off that left.")
    same = before and before.is_here and _as_listed(before) == event
    return [] if same else [event]


def agency_left(
    incident: Incident, template: Template, by: Who, *, agency_id: str, reason: str = ""
) -> list[Event]:
    """It works on this no more. What it was asked and said stays; what it has not answered it need not."""
    may_speak(incident, template, by)
    found = known(incident.outside.agencies.get(agency_id), "agency.unknown", "agency")
    return [AgencyLeft(agency_id, found.name, reason.strip())] if found.is_here else []


def ask_agency(
    incident: Incident, template: Template, by: Who, *, request_id: str, agency_id: str, text: str
) -> list[Event]:
    """Ask an agency for something it can give."""
    may_speak(incident, template, by)
    if request_id in incident.outside.requests:
        return []
    found = known(incident.outside.agencies.get(agency_id), "agency.unknown", "agency")
    if not found.is_here:
        raise Refused("agency.left", f"{found.name} is here no more. List it again, or ask another one.")
    if len(incident.outside.requests) >= MOST:
        raise Refused("requests.many", f"{MOST} requests were made. Give a task instead.")
    said = _text(filled(text, "text", "Say what you ask for."), "text")
    return [AgencyAsked(request_id, agency_id, found.name, said)]


def answer_request(
    incident: Incident, template: Template, by: Who, *, request_id: str, answer: str, reply: str = ""
) -> list[Event]:
    """The answer of an agency: by one of its people, or written down by whoever speaks with it."""
    not_ended(incident)
    must_read(incident, by)
    asked = known(incident.outside.requests.get(request_id), "request.unknown", "request")
    agency = incident.outside.agencies[asked.agency]
    if GUEST in by.roles:
        if agency_of(incident, by.person) is not agency:
            raise forbidden(
                "request.not_yours", "Another organisation was asked this. Answer what yours was asked."
            )
    else:
        may_speak(incident, template, by)
    if answer not in ANSWERS:
        message = f"Choose one of: {', '.join(ANSWERS)}."
        raise bad("answer.unknown", message, answer=message)
    said = _text(reply, "reply")
    if answer != "yes" and not said:
        message = "Say what you can do, or why not."
        raise bad("reply.missing", message, reply=message)
    if (asked.answer, asked.reply) == (answer, said):
        return []
    return [AgencyAnswered(request_id, answer, agency.name, said)]


def agency_of(incident: Incident, person: str) -> Agency | None:
    """The agency whose guest this person is."""
    found = incident.crew.presence.get(person)
    if found is None or not found.guest:
        return None
    return next((a for a in _all(incident) if a.is_here and a.is_called(found.organisation)), None)


def _all(incident: Incident) -> tuple[Agency, ...]:
    return tuple(incident.outside.agencies.values())


def _as_listed(a: Agency) -> AgencyListed:
    return AgencyListed(a.id, a.name, a.representative, a.contact, a.offers, a.limits)


def _text(text: str, field: str) -> str:
    text = text.strip()
    if len(text) > TEXT_LIMIT:
        message = f"This has {len(text)} characters; {TEXT_LIMIT} fit. Shorten it."
        raise bad(f"{field}.long", message, **{field: message})
    return text
