"""An incident and those outside, for the eye: the first word, clocks, who spoke first, who heard of the end, affected
customers and their count.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from quarterdeck.app.casebook import Case
from quarterdeck.app.comms import acknowledging
from quarterdeck.core.access import Who, may
from quarterdeck.core.incidents import acknowledgement, clocks, closing, customers, disclosure, impact_pulse
from quarterdeck.core.incidents.authority import may as may_here
from quarterdeck.core.incidents.cadence import LONG, STAGES
from quarterdeck.core.incidents.parts import UpdateClock
from quarterdeck.core.incidents.telling import CUSTOMER_STATES
from quarterdeck.core.kernel.links import safe_url
from quarterdeck.core.kernel.moments import spoken

SHOWN = 100


def statements(case: Case, who: Who, now: datetime) -> dict[str, Any]:
    """The page of clocks and statements."""
    incident, template = case.incident, case.template
    open_ = not incident.has_ended
    word = acknowledging.first_word(case, now)
    return {
        "first_word": word,
        "may_acknowledge": open_ and acknowledgement.may_send(incident, template, who),
        "may_pace": open_ and may_here(incident, template, who, "clock.manage", "incident.phase"),
        "cadences": [
            _clock(case, c, now) for c in sorted(incident.running_clocks(), key=lambda c: c.next_due)
        ],
        "watch": watch(case, now),
        "may_mention": may(who, "incident.act"),
        "closings": closings(case, who),
    }


def watch(case: Case, now: datetime) -> dict[str, Any]:
    """Who said it first."""
    incident = case.incident
    ours = disclosure.first_statement_at(incident, case.template)
    names = case.directory(now)
    found = sorted(incident.telling.mentions.values(), key=lambda m: (m.seen_at, m.id))
    names.load_people({m.recorded_by for m in found})
    first = disclosure.outrun_by(incident)
    took = ours - incident.declared_at if ours and incident.declared_at else None
    return {
        "ours": ours,
        "took": spoken(max(took, took * 0)) if took is not None else "",
        "outrun": first,
        "mentions": [
            {
                "source": m.source, "place": m.place, "seen_at": m.seen_at, "link": safe_url(m.link) if m.link else "",
                "text": m.text, "ahead": m.ahead, "by": names.name(m.recorded_by),
            }
            for m in found
        ],
    }  # fmt: skip


def closings(case: Case, who: Who) -> dict[str, Any]:
    """Who heard of it, and has heard of its end or not."""
    incident = case.incident
    told = closing.told(incident, case.template)
    url = f"/incidents/{incident.key}/communication"
    return {
        "url": f"/incidents/{incident.key}/closing-summaries",
        "rows": [
            {
                "audience": t.audience, "title": t.title, "messages": t.messages,
                "sent_at": t.summary.sent_at if t.summary else None,
                "draft": f"{url}?message={t.draft.id}#message" if t.draft and not t.summary else "",
                "write": f"{url}?draft=1&audience={t.audience}#message",
            }
            for t in told
        ],
        "missing": sum(t.summary is None for t in told),
        "undrafted": sum(t.summary is None and t.draft is None for t in told),
        "page_summary": _page_summary(case, url),
        "open": incident.is_open,
        "ended": incident.has_ended and not closing.still(incident),
        "may": not incident.is_open
        and (not incident.has_ended or closing.still(incident))
        and may_here(closing.speaking(incident), case.template, who, "message.draft", "message.release"),
    }  # fmt: skip


def _page_summary(case: Case, url: str) -> str:
    """Where the summary for the readers of its status pages is drafted, once it is analysed; "" where none is owed."""
    incident = closing.speaking(case.incident)
    posts = sorted(incident.page_updates.values(), key=lambda p: p.posted_at)
    if incident.phase != "analysis" or not posts or any(p.status_word == "postmortem" for p in posts):
        return ""
    message = incident.messages.get(posts[-1].message_id)
    return f"{url}?draft=1&audience={message.audience}#message" if message else ""


def customer_page(case: Case, who: Who, now: datetime, state: str = "") -> dict[str, Any]:
    """The list of affected customers, the open ones first, and the pulse."""
    incident, telling = case.incident, case.incident.telling
    everyone = list(telling.customers.values())
    order = list(CUSTOMER_STATES)
    found = [c for c in everyone if not state or c.state == state]
    found.sort(key=lambda c: (order.index(c.state), c.name.casefold()))
    counts = {key: sum(c.state == key for c in everyone) for key in order}
    return {
        "customers": found[:SHOWN],
        "more": max(0, len(found) - SHOWN),
        "listed": len(everyone),
        "open_customers": len(telling.open_customers()),
        "filters": [
            {"key": k, "label": label, "count": counts[k], "current": k == state}
            for k, label in CUSTOMER_STATES.items()
        ],
        "states": list(CUSTOMER_STATES.items()),
        "all_current": not state,
        "may_keep": not incident.has_ended and customers.may_keep(incident, case.template, who),
        "pulse": pulse(case, now),
    }


def pulse(case: Case, now: datetime) -> dict[str, Any]:
    """The last counts, newest first, and when the next is due."""
    telling = case.incident.telling
    names = case.directory(now)
    last = list(telling.pulses.values())[-6:][::-1]
    names.load_people({p.taken_by for p in last})
    due = impact_pulse.due_at(case.incident, case.template)
    every = impact_pulse.every(case.incident, case.template)
    return {
        "rows": [
            {
                "now": p.affected_now,
                "worst": p.worst_case,
                "note": p.note,
                "at": p.taken_at,
                "by": names.name(p.taken_by),
            }
            for p in last
        ],
        "due_at": due,
        "late": bool(due and due < now),
        "every": spoken(every) if every else "",
    }


def warnings(case: Case, now: datetime) -> dict[str, Any]:
    """What the war room warns of: somebody was ahead of us, the count is overdue, the first word is owed."""
    incident = case.incident
    outrun = disclosure.outrun_by(incident)
    ours = disclosure.first_statement_at(incident, case.template)
    return {
        "outrun": outrun,
        "silent": outrun is not None and ours is None and incident.is_open,
        "pulse_late": pulse(case, now)["late"],
        "first_word": acknowledging.first_word(case, now) if any(
            c.stage == "first" for c in incident.running_clocks()
        ) else None,
    }  # fmt: skip


def _clock(case: Case, clock: UpdateClock, now: datetime) -> dict[str, Any]:
    incident = case.incident
    audience = case.template.audience(clock.audience)
    cadence = case.template.cadence(clock.audience, incident.severity)
    owner = incident.holder(clock.owner_role) or incident.commander
    opens = clocks.slows_from(clock, cadence) if cadence and cadence.long else None
    return {
        "audience": clock.audience,
        "title": audience.title if audience else clock.audience,
        "owner": case.directory(now).name(owner.person) if owner else "nobody",
        "due_at": clock.next_due,
        "late": clock.next_due < now,
        "told": ("", "its owner was told", "the commander was told")[min(clock.overdue_level, 2)],
        "minutes": clock.every_seconds // 60,
        "stage": STAGES.get(clock.stage, ""),
        "slow": clock.stage == LONG,
        "long_minutes": int(cadence.long.total_seconds()) // 60 if cadence and cadence.long else 0,
        "opens_at": opens if opens and opens > now else None,
        "write": f"/incidents/{incident.key}/communication?draft=1&audience={clock.audience}#message",
    }
