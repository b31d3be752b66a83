"""What an executive reads of an incident, made from its facts, phases and clocks: nobody is asked to write it.

No names and no tasks: who is named in a text stands there by their role.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from .parts import Message, UpdateClock
from .state import Incident
from .structure import Template

AUDIENCE = "executives"
SHOWN_STATES = ("released", "sent")
UNKNOWN = "Not known yet."
# What is being done while the commander has not said it in their own words.
_DOING = {
    "triage": "We find out what is wrong and how far it reaches.",
    "investigating": "We look for the cause.",
    "identified": "The cause is known; we put it right.",
    "monitoring": "It is put right; we watch that it stays so.",
    "resolved": "It is over; we make sure of it.",
    "analysis": "It is over; we look at what happened and why.",
    "closed": "It is over.",
}
HELD = "Questions reach the executive liaison, not the people working on it."
# As people ask for the state of things, without marks and in lower case.
_DEMANDS = frozenset(
    {
        "status", "status update", "status please", "update", "updates", "update please", "any update", "any updates",
        "any news", "news", "eta", "any eta", "whats the eta", "what is the eta", "what is the status",
        "whats the status", "what is the state", "whats the latest", "what is the latest", "where are we",
        "where do we stand", "how does it look", "how is it going", "hows it going", "is it fixed", "is it fixed yet",
        "is it over", "is it over yet", "is it solved", "is it solved yet", "are we back", "are we there yet",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ExecBrief:
    """The six answers. `sent_at` is when the last written brief went out, None before the first; `next_brief_at` None
    when no clock runs.
    """

    happened: str
    affected: str
    doing: str
    workaround: str
    you_can: str
    sent: str
    sent_at: datetime | None
    next_brief_at: datetime | None


def standing_brief(incident: Incident, template: Template, names: Mapping[str, str]) -> ExecBrief:
    """The brief as it stands. `names` gives the name of everybody who may be named in a text, by person id."""
    written = last_brief(incident)
    clock = clock_of(incident)

    def said(text: str) -> str:
        return without_names(incident, template, text, names)

    affected = "\n".join(t for t in (incident.customer_effect, incident.customers_affected) if t)
    return ExecBrief(
        happened=said(incident.summary or incident.what_we_know or incident.title),
        affected=said(affected) or UNKNOWN,
        doing=said(incident.next_step) or _DOING.get(incident.phase, "It is over."),
        workaround=said(incident.workaround),
        you_can=HELD,
        sent=said("\n".join(t for t in (written.headline, written.body) if t)) if written else "",
        sent_at=(written.sent_at or written.released_at) if written else None,
        next_brief_at=clock.next_due if clock else None,
    )


def as_text(brief: ExecBrief) -> str:
    """The brief in a few lines, as the answer to somebody who asks how it stands."""
    latest = brief.sent or brief.happened
    lines = [latest, f"Affected: {brief.affected}", f"We do: {brief.doing}"]
    return "\n".join([*lines, *([f"Workaround: {brief.workaround}"] if brief.workaround else [])])


def last_brief(incident: Incident) -> Message | None:
    """The newest message to executives that went out."""
    sent = [m for m in incident.messages.values() if m.audience == AUDIENCE and m.state in SHOWN_STATES]
    return max(sent, key=lambda m: m.released_at or m.drafted_at, default=None)


def clock_of(incident: Incident) -> UpdateClock | None:
    found = incident.clocks.get(AUDIENCE)
    return found if found and found.running else None


def is_status_demand(text: str) -> bool:
    """Whether this asks for nothing but how it stands."""
    words = re.sub(r"[^\w\s]", "", text.casefold()).split()
    return " ".join(words) in _DEMANDS


def without_names(incident: Incident, template: Template, text: str, names: Mapping[str, str]) -> str:
    """The text with everybody who is named in it called by their role, or a colleague."""
    titles = {r.key: r.title for r in template.roles}
    instead = dict.fromkeys(names, "a colleague")
    for a in incident.assignments.values():
        instead[a.person] = f"the {titles.get(a.role, a.role.replace('_', ' '))}"
    for person in sorted(names, key=lambda p: -len(names[p])):
        name = names[person].strip()
        if not name:
            continue
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", lambda _, p=person: instead[p], text)  # type: ignore[misc]
        first = name.split()[0]
        if len(first) > 2 and first != name:
            text = re.sub(rf"(?<!\w){re.escape(first)}(?!\w)", lambda _, p=person: instead[p], text)  # type: ignore[misc]
    return text
