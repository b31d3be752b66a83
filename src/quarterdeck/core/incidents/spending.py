"""Money of an incident: what is planned and what was spent, and what the harm costs in each dimension."""

from __future__ import annotations

from datetime import datetime

from quarterdeck.core.access import Who
from quarterdeck.core.kernel import money
from quarterdeck.core.kernel.refused import Refused

from .authority import authorise
from .delegations import MONEY_GRANTS, authorise_act, lent, must_be_within
from .events import Event
from .events.business import ImpactAssessed, ImpactBegan, MoneyEntered, MoneyStruck
from .guards import filled, known, not_later, one_line, unfit
from .state import Incident
from .structure import DIMENSIONS, LEVELS, Template

KINDS = ("cost", "budget")
WHAT_LIMIT = 300
NOTE_LIMIT = 2000
# A billion an hour in a currency with cents, so that a year of it still fits into a column.
MOST_HOURLY = 10**11


def enter_money(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    entry_id: str,
    kind: str,
    what: str,
    minor: int,
    currency: str,
    now: datetime,
) -> list[Event]:
    """A cost that was spent, or a part of the budget. [] when one of this id is there already."""
    _countable(incident)
    if kind not in KINDS:
        raise unfit("kind.unknown", "kind", f"Choose one of: {', '.join(KINDS)}.")
    act = "budget" if kind == "budget" else "spend"
    authorise_act(incident, template, by, act, now, *_grants(kind))
    if entry_id in incident.business.costs:
        return []
    what = one_line(filled(what, "what", "Say what the money is for."), "what", WHAT_LIMIT)
    code = money.code(currency)
    money.within(minor, "amount", 1)
    must_be_within(incident, by.person, act, minor, code, now)
    return [MoneyEntered(entry_id, kind, what, minor, code)]


def strike_money(
    incident: Incident, template: Template, by: Who, *, entry_id: str, reason: str, now: datetime
) -> list[Event]:
    """An entry was wrong: by whoever entered it, or who keeps the money."""
    _countable(incident)
    found = known(incident.business.costs.get(entry_id), "money.unknown", "entry")
    if found.struck_at is not None:
        return []
    act = "budget" if found.kind == "budget" else "spend"
    if not (by.person == found.entered_by and lent(incident, by.person, act, now)):
        authorise(incident, template, by, *_grants(found.kind))
    why = one_line(filled(reason, "reason", "Say what was wrong with it."), "reason", WHAT_LIMIT)
    return [MoneyStruck(found.id, why, found.kind, found.what)]


def assess_impact(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    dimension: str,
    level: str,
    note: str = "",
    hour_minor: int = 0,
    once_minor: int = 0,
    currency: str = "",
    from_start: bool = False,
    reason: str = "",
) -> list[Event]:
    """Level, note and estimate of one dimension (R-006). [] when nothing changes.

    A new hourly amount counts from now, or from the beginning of the impact: `from_start`, the first one, and every one
    after the incident was resolved.
    """
    _countable(incident)
    authorise(incident, template, by, "impact.set", "severity.set")
    if dimension not in DIMENSIONS:
        raise unfit("impact.unknown", "dimension", f"Choose one of: {', '.join(DIMENSIONS)}.")
    if level not in LEVELS:
        raise unfit("impact.level", "level", f"Choose one of: {', '.join(LEVELS)}.")
    if not 0 <= hour_minor <= MOST_HOURLY:
        raise unfit("hour_minor.range", "hour_minor", f"Give an amount from 0 to {MOST_HOURLY} minor units.")
    money.within(once_minor, "once_minor")
    code = money.code(currency) if hour_minor or once_minor else ""
    note = note.strip()
    if len(note) > NOTE_LIMIT:
        raise unfit(
            "note.long", "note", f"The note has {len(note)} characters; {NOTE_LIMIT} fit. Shorten it."
        )
    before = incident.business.impacts.get(dimension)
    anew = from_start or before is None or incident.resolved_at is not None
    if before is not None and before.accrued + before.hour_minor and code not in ("", before.currency):
        anew = True
    after = (level, note, hour_minor, once_minor, code)
    if before is not None and not from_start:
        if after == (
            incident.dimensions.get(dimension),
            before.note,
            before.hour_minor,
            before.once_minor,
            before.currency,
        ):
            return []
        # The hours before were counted in this currency, and stay so.
        code = code or before.currency if not anew else code
    return [ImpactAssessed(dimension, level, note, hour_minor, once_minor, code, anew, reason.strip())]


def set_impact_start(
    incident: Incident, template: Template, by: Who, *, began_at: datetime, now: datetime, reason: str = ""
) -> list[Event]:
    """When the harm began. Not after it ended, and not in the future."""
    _countable(incident)
    authorise(incident, template, by, "impact.set", "severity.set", "facts.write")
    not_later(began_at, now, "began_at")
    if incident.resolved_at is not None and began_at > incident.resolved_at:
        raise unfit(
            "began_at.late", "began_at", "The incident was resolved before that. Give an earlier time."
        )
    if any(i.accrued for i in incident.business.impacts.values()):
        raise Refused(
            "impact.counted",
            "The estimate was changed on the way: its beginning cannot move. Assess it anew from the beginning first.",
        )
    if began_at == incident.business.impact_started_at:
        return []
    return [ImpactBegan(began_at, reason.strip())]


def _grants(kind: str) -> tuple[str, ...]:
    """What a budget is, only the commander says."""
    return ("decision.make",) if kind == "budget" else MONEY_GRANTS


def _countable(incident: Incident) -> None:
    """Money and harm are written down after the incident, too; not where it was none."""
    if not incident.number or incident.phase in ("dismissed", "merged"):
        state = f"{incident.key} is {incident.phase}" if incident.number else "There is no such incident"
        raise Refused("incident.ended", f"{state}. Write it down in the incident that goes on.")
