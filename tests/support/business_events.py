"""Every event of the business half of an incident, in an order that can happen."""

from __future__ import annotations

from datetime import timedelta

from quarterdeck.core.incidents.events import Event
from quarterdeck.core.incidents.events import business as ev
from support.incident_case import START

_LATER = START + timedelta(hours=72)

BUSINESS_STORY: list[Event] = [
    ev.AuthorityDelegated("dg-1", "ana", "ben", ("spend", "budget"), 500_000, "EUR", _LATER, "Pumps only"),
    ev.RequestSentUp("q-2", 2, "ben", "ana", 900_000, 500_000, "EUR", ("cho",)),
    ev.RequestPassedUp("q-2", 2, "ana", "cho", 15, 900_000, "EUR"),
    ev.RequestPassedUp("q-2", 2, "cho", "", 15, 900_000, "EUR"),
    ev.AuthorityEnded("dg-1", "ben", "Its time is over."),
    ev.MoneyEntered("mo-1", "budget", "First week", 2_000_000, "EUR"),
    ev.MoneyEntered("mo-2", "cost", "Tow truck", 45_000, "EUR"),
    ev.MoneyStruck("mo-2", "Paid by the insurer", "cost", "Tow truck"),
    ev.ImpactAssessed("revenue", "high", "Nobody can pay", 120_000, 0, "EUR", True),
    ev.ImpactBegan(START - timedelta(minutes=30), "First failed payment"),
    ev.ImpactAssessed("revenue", "medium", "Cards work again", 40_000, 5_000, "EUR"),
    ev.VendorCaseOpened("vc-1", "Northgrid", "Power in hall 2", "ben", "shop", "", "+44 20 7946 0000", 60, _LATER),
    ev.VendorCaseNumbered("vc-1", "NG-4711", "Northgrid"),
    ev.VendorLate("vc-1", "Northgrid", "ben", "NG-4711"),
    ev.VendorAnswered("vc-1", "A crew is on its way", "Northgrid"),
    ev.VendorAsked("vc-1", "When do they arrive?", _LATER, "Northgrid"),
    ev.VendorCaseClosed("vc-1", "Power is back", "Northgrid"),
    ev.ContinuityActivated("ca-1", "pl-1", "Paper tills", "shop", "Pay Later Ltd", 60, 15, ("Fetch the slips",)),
    ev.ContinuityEnded("ca-1", "Tills work again", "Paper tills"),
    ev.ContactNamed("ben", "Ana sleeps"),
    ev.ReportLinked("rp-1", "customer", "I cannot pay", "Halden Ferries", 3),
    ev.RegulatoryStarted(
        "gdpr", "Tell the authority", "GDPR, article 33(1)", "legal_officer", "ben", START, _LATER,
        ("86400", "3600"), "Names were seen",
    ),
    ev.RegulatoryReminded("gdpr", "Tell the authority", "ben", _LATER),
    ev.RegulatoryOverdue("gdpr", "Tell the authority", "ben"),
    ev.RegulatoryEnded("gdpr", "met", "Told by telephone", "Tell the authority"),
]  # fmt: skip
