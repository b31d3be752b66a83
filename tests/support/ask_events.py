"""Every event of what is asked of executives, in an order that can happen."""

from __future__ import annotations

from quarterdeck.core.incidents.events import Event
from quarterdeck.core.incidents.events import asks as ev
from quarterdeck.core.incidents.events import exec_work as work
from support.incident_case import START

ASK_STORY: list[Event] = [
    ev.ExecutivesEngaged("sev1", "SEV1", "call", True, 30, ("elt_approver",)),
    ev.ExecutiveCalled("The bank wants a word"),
    ev.BriefSent("m-9", "Payments fail", "All shops", "We roll back", "Call the bank", START),
    work.ExecLineSet("legal", "Counsel reads the contract"),
    work.ExecTaskSet("w-1", "legal", "Tell the insurer", "eva", START),
    work.ExecTaskSet("w-1", "legal", "Tell both insurers", "", None),
    work.ExecTaskSet("w-2", "pr", "Draft a statement"),
    work.ExecTaskEnded("w-1", "legal", "done", "They know"),
    work.ExecWordSaid("ww-1", "We are with you"),
    ev.HelpAsked("h-1", "roadblock", "Purchasing has closed", START, ("ben", "cho")),
    ev.HelpPassedOn("h-1", "cho", 1, "Purchasing has closed"),
    ev.HelpAccepted("h-1", "Purchasing has closed", "I call them"),
    ev.HelpLate("h-1", "cho", "Purchasing has closed"),
    ev.HelpDone("h-1", "They open now", "Purchasing has closed"),
    ev.HelpOffered("o-1", "resource", "Two people of my staff"),
    ev.HelpAsked("h-2", "resource", "Two people", START, ("ben",)),
    ev.OfferAnswered("o-1", "h-2", "", "Two people"),
    ev.HelpDeclined("h-2", "They are ill", "Two people"),
    ev.DecisionAsked("x-1", "Pay?", ("Yes", "No"), ("It ends", "It goes on"), "No", "No", START, ("ben",), "spend", 5, "EUR"),
    ev.DecisionAnswered("x-1", "No", "On principle", "Pay?"),
    ev.DecisionAsked("x-2", "Tell?", ("Yes", "No"), ("Known", "Quiet"), "Yes", "Yes", START, ("ben",)),
    ev.DecisionDefaulted("x-2", "Yes", "Tell?"),
    ev.BriefingPlanned("b-1", START, "", ("ben",), "https://call.example/b", 30),
    ev.BriefingReminded("b-1", START, "ana", ("ben",)),
    ev.BriefingHeld("b-1", ("ben",), "All asked for dates", START),
    ev.BriefingPlanned("b-2", START),
    ev.BriefingMissed("b-2", START, ""),
    ev.BriefingPlanned("b-3", START),
    ev.BriefingCancelled("b-3", START, "It is over"),
]  # fmt: skip
