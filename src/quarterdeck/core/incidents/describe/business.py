"""Sentences of the business half: authority, money, harm, vendors, legal clocks, continuity plans, the contact."""

from __future__ import annotations

from typing import assert_never

from quarterdeck.core.kernel import money

from ..events import business as ev
from .line import Said, Teller, of

ACT_WORDS = {
    "spend": "approve spending",
    "budget": "set the budget",
    "regulatory": "judge legal deadlines",
    "continuity": "activate continuity plans",
}


def business(event: ev.BusinessEvent, tell: Teller) -> Said:
    if isinstance(event, ev.MoneyEvent):
        return _money(event, tell)
    if isinstance(event, ev.VendorEvent):
        return _vendor(event, tell)
    if isinstance(event, ev.ContinuityEvent):
        return _continuity(event, tell)
    return _regulatory(event, tell)


def _money(event: ev.MoneyEvent, tell: Teller) -> Said:
    match event:
        case ev.AuthorityDelegated():
            acts = ", ".join(ACT_WORDS.get(a, a) for a in event.acts)
            most = f" up to {money.text(event.limit_minor, event.currency)}" if event.currency else ""
            most += f" in any {event.window_hours} h" if event.currency and event.window_hours else ""
            until = f" until {event.until:%-d %b %H:%M} UTC" if event.until else ""
            title = f"{tell.name(event.from_person)} lets {tell.name(event.to_person)} {acts}{most}{until}"
            return Said("role", "key", title, event.note)
        case ev.AuthorityEnded():
            title = f"The authority lent to {tell.name(event.to_person)} is over"
            return Said("role", "entry", title, event.reason)
        case ev.RequestSentUp():
            cost = money.text(event.minor, event.currency)
            title = f"Request {event.number} ({cost}) waits for {tell.name(event.to_person)}"
            most = money.text(event.limit_minor, event.currency)
            return Said(
                "resource", "entry", title, f"{tell.name(event.from_person)} may approve up to {most}."
            )
        case ev.RequestPassedUp():
            silent = f"{tell.name(event.from_person)} did not answer within {event.minutes} min"
            if not event.to_person:
                return Said(
                    "resource", "key", f"Request {event.number} waits: nobody is left to ask", f"{silent}."
                )
            title = f"Request {event.number} goes on to {tell.name(event.to_person)}"
            return Said("resource", "key", title, f"{silent}.")
        case ev.MoneyEntered():
            cost = money.text(event.minor, event.currency)
            word = "planned" if event.kind == "budget" else "entered a cost of"
            return Said("cost", "entry", f"{tell.who} {word} {cost}", event.what)
        case ev.MoneyStruck():
            return Said("cost", "entry", f"{tell.who} struck an entry of money{of(event.what)}", event.reason)
        case ev.ImpactAssessed():
            return _assessed(event, tell)
        case ev.ImpactBegan():
            title = f"The impact began on {event.began_at:%-d %b} at {event.began_at:%H:%M} UTC"
            return Said("impact", "entry", title, event.reason)
        case _:
            assert_never(event)


def _assessed(event: ev.ImpactAssessed, tell: Teller) -> Said:
    costs = []
    if event.hour_minor:
        costs.append(f"{money.text(event.hour_minor, event.currency)} an hour")
    if event.once_minor:
        costs.append(f"{money.text(event.once_minor, event.currency)} once")
    what = event.dimension.replace("_", " ").capitalize()
    title = (
        f"{tell.who} assessed the impact: {what} {event.level}{', ' if costs else ''}{' and '.join(costs)}"
    )
    return Said("impact", "entry", title, "\n".join(filter(None, (event.note, event.reason))))


def _vendor(event: ev.VendorEvent, tell: Teller) -> Said:
    match event:
        case ev.VendorCaseOpened():
            case = f", case {event.number}" if event.number else ""
            due = f"; an answer is due at {event.due_at:%H:%M} UTC" if event.due_at else ""
            title = f"Waiting for {event.vendor}{case}{due}"
            return Said("vendor", "entry", title, event.what)
        case ev.VendorCaseNumbered():
            return Said("vendor", "system", f"The case at {event.vendor} has the number {event.number}")
        case ev.VendorAnswered():
            return Said("vendor", "entry", f"{event.vendor} answered", event.note)
        case ev.VendorAsked():
            due = f"; an answer is due at {event.due_at:%H:%M} UTC" if event.due_at else ""
            return Said("vendor", "entry", f"Waiting for {event.vendor} again{due}", event.note)
        case ev.VendorLate():
            case = f" (case {event.number})" if event.number else ""
            return Said("vendor", "key", f"{event.vendor} is late with an answer{case}")
        case ev.VendorCaseClosed():
            return Said("vendor", "entry", f"{tell.who} closed the case at {event.vendor}", event.note)
        case _:
            assert_never(event)


def _continuity(event: ev.ContinuityEvent, tell: Teller) -> Said:
    match event:
        case ev.ContinuityActivated():
            title = f"{tell.who} activated the continuity plan {event.title}"
            n = len(event.steps)
            told = [f"{n} {'step' if n == 1 else 'steps'} given as tasks." if n else ""]
            told.append(f"Alternate supplier: {event.supplier}." if event.supplier else "")
            return Said("continuity", "key", title, " ".join(filter(None, told)))
        case ev.ContinuityEnded():
            return Said(
                "continuity", "key", f"{tell.who} ended the continuity plan {event.title}", event.note
            )
        case ev.ContactNamed():
            whom = tell.name(event.person) if event.person else "whoever commands"
            return Said("role", "entry", f"The contact of this incident is {whom}", event.reason)
        case ev.ReportLinked():
            source = event.customer or ("a customer" if event.source_kind == "customer" else "an employee")
            return Said("report", "entry", f"A report of {source} is about this incident", event.text)
        case _:
            assert_never(event)


def _regulatory(event: ev.RegulatoryEvent, tell: Teller) -> Said:
    match event:
        case ev.RegulatoryStarted():
            due = f"{event.due_at:%-d %b %H:%M} UTC"
            title = (
                f"A legal deadline runs: {event.title}, due {due}, {tell.name(event.owner)} answers for it"
            )
            return Said(
                "legal", "key", title, "\n".join(filter(None, (event.why, f"Source: {event.source}")))
            )
        case ev.RegulatoryReminded():
            due = f"{event.due_at:%-d %b %H:%M} UTC"
            return Said("legal", "entry", f"{tell.name(event.person)} was reminded: {event.title}, due {due}")
        case ev.RegulatoryOverdue():
            return Said("legal", "key", f"The legal deadline has passed: {event.title}")
        case ev.RegulatoryEnded():
            word = "met" if event.state == "met" else "judged not applicable:"
            return Said("legal", "key", f"{tell.who} {word} {event.title}", event.note)
        case _:
            assert_never(event)
