"""Sentences of an incident's course, its end and its alerts."""

from __future__ import annotations

from typing import assert_never

from ..events import (
    AlertEvent,
    AlertLinked,
    AlertResolved,
    AlertUnlinked,
    Closed,
    CodenameSet,
    CourseEvent,
    Declared,
    Dismissed,
    EndingEvent,
    FactsSet,
    ImpactSet,
    LinksSet,
    PhaseChanged,
    Reopened,
    Resolved,
    SeveritySet,
    TitleSet,
    TriageOverdue,
    TypeSet,
)
from .line import Said, Teller, of, quoted


def course(event: CourseEvent, tell: Teller) -> Said:
    match event:
        case Declared():
            return _declared(event, tell)
        case TitleSet():
            return Said("incident", "system", f"{tell.who} renamed the incident {quoted(event.title)}")
        case CodenameSet():
            return Said("incident", "system", f"{tell.who} set the codename {quoted(event.codename)}")
        case PhaseChanged():
            text = _with_override(event.reason, event.overridden, tell)
            title = f"{tell.who} moved the incident to {tell.titles(event.phase)}"
            return Said("phase", "key", title, text)
        case SeveritySet():
            title = f"{tell.who} set the severity to {tell.titles(str(event.severity))}"
            before = (
                f" (it was {tell.titles(str(event.previous))})" if event.previous != event.severity else ""
            )
            return Said("severity", "key", title + before, event.reason)
        case TypeSet():
            return Said("type", "key", f"{tell.who} set the type to {tell.titles(event.type)}", event.reason)
        case ImpactSet():
            return Said("impact", "entry", f"{tell.who} assessed the impact", _impact(event, tell))
        case FactsSet():
            return Said("facts", "entry", f"{tell.who} updated the facts", _facts(event))
        case LinksSet():
            text = "\n".join(url for url in (event.bridge_url, event.chat_url) if url)
            return Said("incident", "system", f"{tell.who} set where people meet", text)
        case _:
            assert_never(event)


def ending(event: EndingEvent, tell: Teller) -> Said:
    match event:
        case Resolved():
            title = f"{tell.who} resolved the incident as {tell.titles(event.code)}"
            reason = _with_override(event.override_reason, event.overridden, tell)
            text = "\n".join(
                t
                for t in (event.summary, f"Service back at {event.resolved_at:%-d %b %H:%M} UTC", reason)
                if t
            )
            return Said("phase", "key", title, text)
        case Reopened():
            return Said("phase", "key", f"{tell.who} reopened the incident", event.reason)
        case Closed():
            text = _with_override(event.reason, event.overridden, tell)
            return Said("phase", "key", f"{tell.who} closed the incident", text)
        case Dismissed():
            return Said("phase", "key", f"{tell.who} dismissed the incident", event.reason)
        case TriageOverdue():
            after = f" after {event.minutes} min" if event.minutes else ""
            return Said("severity", "key", f"Severity or type is still missing{after}; the commander is told")
        case _:
            assert_never(event)


def alert(event: AlertEvent, tell: Teller) -> Said:
    what = quoted(event.summary) or event.alert_id
    match event:
        case AlertLinked():
            return Said("alert", "system", f"{tell.who} linked the alert {what}")
        case AlertResolved():
            return Said("alert", "entry", f"The alert {what} has recovered")
        case AlertUnlinked():
            return Said("alert", "system", f"{tell.who} took the alert {what} off the incident", event.reason)
        case _:
            assert_never(event)


def _declared(event: Declared, tell: Teller) -> Said:
    rank = tell.titles(str(event.severity))
    severity = f"not known yet, treated as {rank}" if event.unknown_severity else rank
    title = f"{tell.who} declared the incident {quoted(event.title)}, severity {severity}"
    return Said("incident", "key", f"{title} (drill)" if event.drill else title, event.summary)


def _impact(event: ImpactSet, tell: Teller) -> str:
    lines = [f"{tell.titles(dimension)}: {level}" for dimension, level in event.dimensions.items()]
    if event.customers_affected:
        lines.append(f"customers affected: {event.customers_affected}")
    return "\n".join([*lines, event.reason] if event.reason else lines)


def _facts(event: FactsSet) -> str:
    labelled = (
        ("What we know", event.what_we_know),
        ("What customers notice", event.customer_effect),
        ("Cause", event.cause),
        ("Workaround", event.workaround),
        ("Fix", event.fix),
        ("Verification", event.verification),
        ("Next step", event.next_step),
    )
    return "\n".join(label + of(text) for label, text in labelled if text)


def _with_override(reason: str, overridden: tuple[str, ...], tell: Teller) -> str:
    if not overridden:
        return reason
    missing = ", ".join(tell.titles(key) for key in overridden)
    return "\n".join(part for part in (reason, f"Went on without: {missing}") if part)
