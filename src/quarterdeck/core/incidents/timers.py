"""What the passing of time makes true of an incident, and when that is to be looked at next: one list for both.

Whatever asks to be woken has something to say then, or the engine would wake for it again at once, for ever.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from . import (
    briefings,
    chain,
    clocks,
    contributions,
    decision_requests,
    delegations,
    distribution,
    exec_questions,
    executive_review,
    help_requests,
    impact_pulse,
    polls,
    regulatory,
    reliefs,
    review_course,
    sentiment,
    spending_up,
    switches,
    tasks,
    timed_handover,
    vacancies,
    vendors,
    workstreams,
)
from .events import Event
from .ics import meetings
from .state import Incident
from .structure import Template


@dataclass(frozen=True, slots=True)
class Glance:
    """One look at an incident: by which structure, when, and how long triage may take."""

    incident: Incident
    template: Template
    now: datetime
    triage_minutes: int


@dataclass(frozen=True, slots=True)
class Timer:
    """`due` is what has become true, each said once; `wake` the next moment at which it may have something to say."""

    due: Callable[[Glance, Callable[[], str]], Iterable[Event]]
    wake: Callable[[Glance], datetime | None]


# What the law asks, what comes after the end, and what was announced for an hour: all of it stands when the team
# stands down.
ALWAYS: Sequence[Timer] = (
    Timer(lambda g, _: regulatory.due_events(g.incident, g.now), lambda g: regulatory.wake_at(g.incident)),
    Timer(
        lambda g, _: contributions.due_events(g.incident, g.now), lambda g: contributions.wake_at(g.incident)
    ),
    Timer(
        lambda g, _: review_course.due_events(g.incident, g.now), lambda g: review_course.wake_at(g.incident)
    ),
    Timer(
        lambda g, _: executive_review.due_events(g.incident, g.now),
        lambda g: executive_review.wake_at(g.incident),
    ),
    Timer(lambda g, _: delegations.due_events(g.incident, g.now), lambda g: delegations.wake_at(g.incident)),
    Timer(
        lambda g, _: exec_questions.due_events(g.incident, g.now),
        lambda g: exec_questions.wake_at(g.incident),
    ),
    Timer(
        lambda g, new_id: timed_handover.due_events(g.incident, g.template, g.now, new_id),
        lambda g: timed_handover.wake_at(g.incident),
    ),
    Timer(
        lambda g, _: decision_requests.due_events(g.incident, g.now),
        lambda g: decision_requests.wake_at(g.incident),
    ),
)
# What drives the work on.
AT_WORK: Sequence[Timer] = (
    Timer(
        lambda g, _: clocks.due_events(g.incident, g.now, triage_minutes=g.triage_minutes),
        lambda g: clocks.wake_at(g.incident, triage_minutes=g.triage_minutes),
    ),
    Timer(lambda g, _: tasks.due_events(g.incident, g.now), lambda g: tasks.wake_at(g.incident)),
    Timer(lambda g, _: meetings.due_events(g.incident, g.now), lambda g: meetings.wake_at(g.incident)),
    Timer(
        lambda g, _: vacancies.due_events(g.incident, g.template, g.now),
        lambda g: vacancies.wake_at(g.incident, g.template, g.now),
    ),
    Timer(lambda g, _: workstreams.due_events(g.incident, g.now), lambda g: workstreams.wake_at(g.incident)),
    Timer(lambda g, _: reliefs.due_events(g.incident, g.now), lambda g: reliefs.wake_at(g.incident)),
    Timer(lambda g, _: polls.due_events(g.incident, g.template, g.now), lambda g: polls.wake_at(g.incident)),
    Timer(
        lambda g, _: chain.due_events(g.incident, g.template, g.now),
        lambda g: chain.wake_at(g.incident, g.template, g.now),
    ),
    Timer(
        lambda g, _: distribution.due_events(g.incident, g.template, g.now),
        lambda g: distribution.wake_at(g.incident, g.template),
    ),
    Timer(
        lambda g, _: impact_pulse.due_events(g.incident, g.template, g.now),
        lambda g: impact_pulse.wake_at(g.incident, g.template),
    ),
    Timer(lambda g, _: vendors.due_events(g.incident, g.now), lambda g: vendors.wake_at(g.incident)),
    Timer(
        lambda g, _: switches.due_events(g.incident, g.template, g.now),
        lambda g: switches.wake_at(g.incident, g.template),
    ),
    Timer(lambda g, _: spending_up.due_events(g.incident, g.now), lambda g: spending_up.wake_at(g.incident)),
    Timer(lambda g, _: sentiment.due_events(g.incident, g.now), lambda g: sentiment.wake_at(g.incident)),
    Timer(
        lambda g, _: help_requests.due_events(g.incident, g.now), lambda g: help_requests.wake_at(g.incident)
    ),
    Timer(
        lambda g, new_id: briefings.due_events(g.incident, g.now, new_id),
        lambda g: briefings.wake_at(g.incident),
    ),
)


def due_events(glance: Glance, new_id: Callable[[], str]) -> list[Event]:
    """Everything that time has made true by now."""
    return [event for timer in _running(glance.incident) for event in timer.due(glance, new_id)]


def wake_at(glance: Glance) -> datetime | None:
    """The next moment to look again; None when never, as things stand."""
    moments = (timer.wake(glance) for timer in _running(glance.incident))
    return min((m for m in moments if m is not None), default=None)


def _running(incident: Incident) -> Sequence[Timer]:
    standing_down = incident.technical.stood_down_at is not None
    return ALWAYS if standing_down else (*ALWAYS, *AT_WORK)
