"""Every event of an incident's ties to other organisations, in an order that can happen."""

from __future__ import annotations

from quarterdeck.core.incidents.events import Event
from quarterdeck.core.incidents.events import outside as ev

OUTSIDE_STORY: list[Event] = [
    ev.EntryShared("e-1"),
    ev.AgencyListed("ag-1", "City works", "Gus Grid", "+1 555 0100", "Two pumps", "Not after 22:00"),
    ev.AgencyAsked("ar-1", "ag-1", "City works", "One pump to the north gate"),
    ev.AgencyAnswered("ar-1", "partly", "City works", "At ten"),
    ev.EntryShared("e-1", False),
    ev.AgencyLeft("ag-1", "City works", "Done"),
]
