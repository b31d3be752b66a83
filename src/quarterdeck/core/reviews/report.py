"""A report from an incident and its log: the same log gives the same report. Makes no text for a sink, hides nothing
but what `withhold` takes out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from quarterdeck.core.incidents import Incident, Stamped, Template
from quarterdeck.core.incidents.aftermath import Contribution
from quarterdeck.core.incidents.deviations import deviations
from quarterdeck.core.incidents.executive_review import STRATEGIC
from quarterdeck.core.incidents.parts import ActionItem, Message, RoleAssignment, Task
from quarterdeck.core.incidents.state import COMMANDER

from .clocks import clocks, phases, updates
from .shapes import (
    AlertMoments,
    Checked,
    Contributed,
    Decided,
    Facts,
    Held,
    Item,
    Learned,
    Report,
    ReviewState,
    Told,
    Words,
    Work,
)
from .timeline import timeline


def report(
    incident: Incident,
    template: Template,
    log: Sequence[Stamped],
    words: Words,
    now: datetime,
    alerts: Sequence[AlertMoments] = (),
) -> Report:
    """Everything of the incident as of `now`. `log` is its whole stream, in order."""
    return Report(
        made_at=now,
        facts=_facts(incident, template, words),
        review=review_state(incident, words, now),
        summary=_filled(
            ("Reported as", incident.summary),
            ("What we know", incident.what_we_know),
            ("What customers noticed", incident.customer_effect),
            ("Workaround", incident.workaround),
            ("How it was resolved", incident.resolution_summary),
            ("Fix", incident.fix),
            ("Verification", incident.verification),
            ("Next step", incident.next_step if incident.is_open else ""),
        ),
        impact=_impact(incident, words),
        cause=incident.cause,
        phases=phases(incident, now, words.titles, words.names),
        clocks=clocks(incident, alerts),
        updates=updates(incident, log, now, words.titles),
        roles=tuple(_held(a, words) for a in incident.assignments.values()),
        decisions=_decisions(incident, words),
        tasks=tuple(_work(t, words) for t in incident.tasks.values()),
        checks=tuple(
            Checked(
                c.subject, c.state, words.names(c.checked_by) if c.checked_by else "", c.checked_at, c.note
            )
            for c in incident.checks.values()
        ),
        messages=_messages(incident, words),
        alerts=tuple(sorted(alerts, key=lambda a: (a.first_at, a.alert_id))),
        items=tuple(item(i, words, now.date()) for i in incident.action_items.values()),
        timeline=timeline(log, words),
        written={k: v for k, v in incident.review.sections.items() if v.strip()} if incident.review else {},
        deviations=tuple(replace(d, by=words.names(d.by)) for d in deviations(template, log)),
        **_left(incident, words, now),
    )


def withhold(full: Report) -> Report:
    """The report without the raw record: no timeline, tasks, alerts, decisions, holders of roles, action items or
    texts of an unfinished review. For readers who may see these only when the review is published.
    """
    facts = replace(full.facts, declared_by="", commanders=())
    nobody = tuple(replace(p, by="") for p in full.phases)
    return replace(
        full,
        facts=facts,
        phases=nobody,
        cause="",
        roles=(),
        decisions=(),
        tasks=(),
        checks=(),
        alerts=(),
        items=(),
        timeline=(),
        written={k: v for k, v in full.written.items() if k in STRATEGIC},
        review=replace(full.review, invited=(), place=""),
        lessons=(),
        contributions=(),
        debrief=(),
        deviations=(),
        withheld=True,
    )


def review_state(incident: Incident, words: Words, now: datetime) -> ReviewState:
    review = incident.review
    if review is None:
        return ReviewState()
    return ReviewState(
        state=review.state,
        owner=words.names(review.owner),
        due_on=review.due_on,
        overdue=is_overdue(review.due_on, now.date()) and not review.is_settled,
        published_at=review.published_at,
        waived_reason=review.waived_reason,
        facilitator=words.names(review.facilitator) if review.facilitator else "",
        read_until=review.read_until,
        meets_at=review.meets_at,
        place=review.place,
        invited=tuple(words.names(p) for p in review.invited),
    )


def _left(incident: Incident, words: Words, now: datetime) -> dict[str, Any]:
    """What people wrote down afterwards: the debrief, lessons, contributions."""
    left = incident.aftermath
    today = now.date()

    def state(c: Contribution) -> str:
        return "done" if not c.is_open else "overdue" if is_overdue(c.due_on, today) else "open"

    return {
        "lessons": tuple(
            Learned(one.kind, one.text, words.names(one.recorded_by), one.recorded_at)
            for one in left.lessons.values()
        ),
        "contributions": tuple(
            Contributed(c.id, words.names(c.person), c.section, c.due_on, state(c), c.text, c.article)
            for c in left.contributions.values()
        ),
        "debrief": tuple(
            pair
            for held in left.debriefs.values()
            for pair in _filled(
                ("Went well", held.went_well),
                ("Went badly", held.went_badly),
                ("There", ", ".join(words.names(p) for p in held.attendees)),
            )
        ),
    }


def item(one: ActionItem, words: Words, today: date) -> Item:
    state = "done" if one.done_at else "overdue" if is_overdue(one.due_on, today) else "open"
    return Item(one.id, one.title, words.names(one.owner), one.due_on, one.kind, state, one.done_at)


def is_overdue(due_on: str, today: date) -> bool:
    """Whether a calendar date (ISO 8601) has passed; the day itself still counts as in time."""
    return due_on < today.isoformat()


def _facts(incident: Incident, template: Template, words: Words) -> Facts:
    commanders = [words.names(a.person) for a in incident.assignments.values() if a.role == COMMANDER]
    return Facts(
        key=incident.key,
        title=incident.title,
        severity=words.severities(incident.severity),
        severity_known=not incident.severity_unknown,
        severity_highest=words.severities(incident.severity_highest or incident.severity),
        type=words.types(incident.type) if incident.type else "",
        services=tuple(words.services(s) for s in incident.services),
        phase=words.titles(incident.phase),
        source=incident.source,
        template=f"{template.title}, version {template.version}",
        declared_at=incident.declared_at,
        declared_by=words.names(incident.declared_by),
        commanders=tuple(dict.fromkeys(commanders)),
        resolved_at=incident.resolved_at,
        resolution=words.codes(incident.resolution_code) if incident.resolution_code else "",
        closed_at=incident.closed_at,
        drill=incident.drill,
        restricted=incident.restricted,
        commander_title=role.title if (role := template.role(COMMANDER)) else "Commander",
    )


def _filled(*pairs: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((label, text) for label, text in pairs if text.strip())


def _impact(incident: Incident, words: Words) -> tuple[tuple[str, str], ...]:
    dimensions = [(words.titles(name).capitalize(), level) for name, level in incident.dimensions.items()]
    return _filled(
        ("Impact and urgency", ", ".join(t for t in (incident.impact, incident.urgency) if t)),
        ("Scope", words.titles(incident.scope) if incident.scope else ""),
        ("Customers affected", incident.customers_affected),
        *dimensions,
    )


def _held(a: RoleAssignment, words: Words) -> Held:
    return Held(words.titles(a.role), words.names(a.person), a.started_at, a.ended_at, a.end_reason)


def _decisions(incident: Incident, words: Words) -> tuple[Decided, ...]:
    return tuple(
        Decided(
            d.decided_at, words.names(d.decided_by), d.question, d.options, d.chosen, d.reason, d.objections
        )
        for d in incident.decisions.values()
    )


def _work(task: Task, words: Words) -> Work:
    return Work(
        title=task.title,
        assignee=words.names(task.assignee),
        given_by=words.names(task.given_by),
        given_at=task.given_at,
        minutes=task.minutes,
        state=task.state,
        late=task.late,
        ended_at=task.ended_at,
        outcome=task.result or task.end_reason or task.note,
    )


def _messages(incident: Incident, words: Words) -> tuple[Told, ...]:
    sent = [(m.sent_at, m) for m in incident.messages.values() if m.state == "sent" and m.sent_at]
    return tuple(_told(at, m, words) for at, m in sorted(sent, key=lambda pair: (pair[0], pair[1].id)))


def _told(at: datetime, m: Message, words: Words) -> Told:
    text = "\n".join(t for t in (m.customer_effect, m.action, m.body) if t)
    return Told(at, words.titles(m.audience), m.headline, text, m.recipients, m.page_count, m.final)
