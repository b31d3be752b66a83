"""Events of an incident's ties to other organisations: entries shown to them, agencies listed, asked and answering."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EntryShared:
    """From now on guests are shown this entry, or are not any more. What they read before they have read."""

    entry_id: str
    shared: bool = True


@dataclass(frozen=True, slots=True)
class AgencyListed:
    """An organisation is listed, or what is known of it has changed."""

    agency_id: str
    name: str
    representative: str = ""
    contact: str = ""
    offers: str = ""
    limits: str = ""


@dataclass(frozen=True, slots=True)
class AgencyLeft:
    agency_id: str
    name: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AgencyAsked:
    request_id: str
    agency_id: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class AgencyAnswered:
    """`answer`: yes, partly, no. `name` is that of the agency."""

    request_id: str
    answer: str
    name: str = ""
    reply: str = ""


OutsideEvent = EntryShared | AgencyListed | AgencyLeft | AgencyAsked | AgencyAnswered
