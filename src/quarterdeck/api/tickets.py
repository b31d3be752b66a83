"""The support tickets of an incident, counted by hand or by another tool."""

from __future__ import annotations

from typing import Annotated

from quarterdeck.app.casebook import load
from quarterdeck.app.incidents import tickets as acts
from quarterdeck.core.incidents.targets import MOST_TICKETS

from .doors import Request
from .fields import IncidentId, Number, Read, Write
from .operations import Noun

NOUN = Noun("Incidents", "/incidents/{incident}/tickets")
_READ = "incident.read"


class TicketCount(Read):
    """`tickets` null: nobody has counted them."""

    tickets: int | None


class TicketCountWrite(Write):
    """In all, not on top of what was counted before."""

    tickets: Annotated[int, Number(0, MOST_TICKETS)]


@NOUN.get("", _READ, TicketCount)
def get_tickets(request: Request, incident: IncidentId) -> TicketCount:
    return TicketCount(tickets=load(incident, request.act.who).incident.aftermath.tickets)


@NOUN.put("", _READ, TicketCount)
def put_tickets(request: Request, incident: IncidentId, body: TicketCountWrite) -> TicketCount:
    """How many support tickets it has brought so far. The same number twice is kept once."""
    return TicketCount(tickets=acts.count(request.act, incident, body.tickets).incident.aftermath.tickets)
