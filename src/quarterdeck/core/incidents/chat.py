"""An incident's channel in a chat program: its name, its topic, who belongs in it, and who is to be told what when.

The topic is the contact card (R-037). A restricted incident bears its codename there, never its title.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from quarterdeck.core.access import Who, require
from quarterdeck.core.kernel.refused import bad

from .authority import must_read
from .codename import outside
from .contact import contact_of
from .events import EntryCorrected, EntryWritten, Event
from .guards import not_ended
from .record import BACKDATED_AFTER, TEXT_LIMIT
from .state import Incident
from .structure import Template

# What Slack takes; the others take more.
NAME_LIMIT, TOPIC_LIMIT = 80, 250
# Told to whoever is missing, told again, then the commander hears of it.
TIMES = 3
Names = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Rule:
    """How incidents of a type are given a channel. `wanted` and `restricted`: none, public (not where restricted),
    private. `minutes` maps a severity to how long somebody may be missing before they are told.
    """

    wanted: str = "none"
    restricted: str = "none"
    prefix: str = "inc"
    minutes: Mapping[int, int] | None = None
    archive_days: int = 7
    program: str = "slack"

    def of(self, incident: Incident) -> str:
        """none, public or private. A drill has none: it never leaves the building."""
        if incident.drill:
            return "none"
        return self.restricted if incident.restricted else self.wanted

    def patience(self, severity: int) -> timedelta:
        known = self.minutes or {}
        return timedelta(minutes=known.get(severity) or DEFAULT_MINUTES.get(severity, 30))


DEFAULT_MINUTES: Mapping[int, int] = {1: 3, 2: 5, 3: 10, 4: 30, 5: 60}


def channel_name(incident: Incident, prefix: str, attempt: int = 1) -> str:
    """inc-1042-checkout-is-down: lower case, at most 80 characters; the number first, so that cutting never hides it.
    From the second attempt on it carries a number at the end. That of a restricted incident says its codename.
    """
    head = f"{prefix or 'inc'}-{incident.number}"
    tail = f"-{attempt}" if attempt > 1 else ""
    plain = unicodedata.normalize("NFKD", outside(incident))
    words = re.sub(r"[^a-z0-9]+", "-", plain.encode("ascii", "ignore").decode().lower()).strip("-")
    if not words:
        return f"{head}{tail}"
    return f"{head}-{words}"[: NAME_LIMIT - len(tail)].rstrip("-") + tail


def headline(incident: Incident) -> str:
    """What the channel may say of what happened."""
    return f"{incident.key} {outside(incident)}"


def card(incident: Incident, template: Template, names: Names, link: str) -> str:
    """The contact card in one line: severity, title, whom to ask, phase, next update, link. At most 250 characters; the
    title gives way.
    """
    contact = contact_of(incident)
    role = template.role(contact.role) if contact else None
    title = role.title if role else contact.role.replace("_", " ").capitalize() if contact else "Contact"
    parts = [f"{title}: {names(contact.person) if contact else 'nobody'}", incident.phase]
    at = incident.next_update_at
    parts.append(f"next update {at.astimezone(UTC):%H:%M} UTC" if at else "")
    rest = " · ".join(p for p in (*parts, link) if p)
    unsure = "?" if incident.severity_unknown else ""
    lead = f"SEV{incident.severity}{unsure} · "
    room = TOPIC_LIMIT - len(lead) - len(" · ") - len(rest)
    told = headline(incident)
    short = told if len(told) <= room else f"{told[: max(room - 1, 0)].rstrip()}…"
    return f"{lead}{short} · {rest}"[:TOPIC_LIMIT]


def belongs(incident: Incident) -> dict[str, datetime]:
    """Who is to be in the channel, and since when: whoever holds a role now."""
    found: dict[str, datetime] = {}
    for held in incident.open_assignments():
        found[held.person] = min(found.get(held.person, held.started_at), held.started_at)
    return found


def had_a_role(incident: Incident) -> frozenset[str]:
    """Who held a role here at any time: released people may stay in the channel."""
    return frozenset(a.person for a in incident.assignments.values())


def times_due(since: datetime, patience: timedelta, now: datetime) -> int:
    """How often somebody who is missing since then is to have been told by now: 0 to 3."""
    return min(int((now - since) / patience), TIMES)


def told_next(since: datetime, patience: timedelta, told: int) -> datetime | None:
    """When it is to be said again; None when all has been said."""
    return since + patience * (told + 1) if told < TIMES else None


def numbers_in(text: str) -> set[int]:
    """The numbers of incidents that a text names: INC-1042, or inc 1042. (Whether there are such is not known here.)"""
    return {int(n) for n in re.findall(r"(?<![a-z0-9])inc[- ]?(\d{1,9})(?!\d)", text.lower(), re.ASCII)}


def bridge(
    incident: Incident,
    by: Who,
    *,
    entry_id: str,
    text: str,
    at: datetime,
    said_at: datetime,
    place: str,
    author: str = "",
    guest: str = "",
) -> list[Event]:
    """What was said in a chat becomes an entry, in the name of whoever said it. `by` chose it, and may write here.

    The same entry is written once.
    """
    not_ended(incident)
    must_read(incident, by)
    require(by, "incident.act")
    said = text.strip()[:TEXT_LIMIT]
    if not said:
        raise bad("text.missing", "This message has no text. Attach what it shows in the incident.")
    if entry_id in incident.entries:
        return []
    when = said_at if at - said_at > BACKDATED_AFTER else None
    return [EntryWritten(entry_id, "note", said, when, by=author, guest=guest, place=place)]


def edited(incident: Incident, *, entry_id: str, supersedes: str, text: str, place: str) -> list[Event]:
    """Whoever said it has edited it there: the entry says so, and the first words stay readable."""
    old = incident.entries.get(supersedes)
    said = text.strip()[:TEXT_LIMIT]
    if old is None or old.superseded_by or entry_id in incident.entries or not said or incident.has_ended:
        return []
    return [EntryCorrected(entry_id, supersedes, said, f"edited in {place}")]
