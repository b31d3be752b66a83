"""An incident's channel as it stands: its state in words, who is missing in it, and who is there without a role."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from quarterdeck.core.incidents import chat
from quarterdeck.store import models

from ..casebook import Case
from . import chat_rules
from .chat_rules import PROGRAMS

WORDS = {
    "opening": "is being opened", "open": "is open", "archiving": "is being archived", "archived": "is archived",
    "by_hand": "was archived or removed by hand", "failed": "could not be opened",
}  # fmt: skip
MOST = 100


@dataclass(frozen=True, slots=True)
class Missing:
    """Somebody who holds a role and is not there. `told` counts; `why` is what stands in the way, "" for nothing."""

    person: str
    since: datetime
    told: int
    why: str


@dataclass(frozen=True, slots=True)
class Stranger:
    """Somebody who is there and never held a role. `person` "" for who has no account here."""

    person: str
    name: str
    member: str = ""
    executive: bool = False


@dataclass(frozen=True, slots=True)
class Channel:
    """`state`: none and those of `WORDS`. `error` is what the chat program refused last. `looked_at`: when it was last
    asked who is there.
    """

    state: str
    program: str = ""
    name: str = ""
    url: str = ""
    private: bool = False
    topic: str = ""
    error: str = ""
    here: int = 0
    missing: tuple[Missing, ...] = ()
    without_role: tuple[Stranger, ...] = ()
    looked_at: datetime | None = None
    archive_at: datetime | None = None
    rights: str = ""

    @property
    def words(self) -> str:
        return WORDS.get(self.state, "")


NONE = Channel("none")


def channel_of(case: Case, now: datetime) -> Channel:
    """As far as it is known here; whoever asks may read the incident."""
    incident = case.incident
    row = None if incident.drill else models.IncidentChannel.objects.filter(incident_id=incident.key).first()
    if row is None:
        return NONE
    names = case.directory(now).name
    members = list(models.ChannelMember.objects.filter(incident_id=incident.key).order_by("id"))
    belong = {} if incident.has_ended else chat.belongs(incident)
    by_person = {m.person_id: m for m in members if m.person_id}
    missing = []
    for person, since in belong.items():
        m = by_person.get(person)
        if row.state == "open" and (m is None or not m.here):
            missing.append(Missing(person, since, m.told if m else 0, m.error if m else ""))
    held = chat.had_a_role(incident)
    executives = _executives([m.person_id for m in members if m.here and m.person_id])
    strangers = [
        Stranger(
            m.person_id,
            names(m.person_id) if m.person_id else m.name or m.member,
            m.member,
            m.person_id in executives,
        )
        for m in members
        if m.here and m.person_id not in held and not m.name.endswith("(app)")
    ]
    return Channel(
        row.state, PROGRAMS[row.program], row.name, row.url, row.private, row.topic_set, row.error,
        sum(m.here for m in members), tuple(missing[:MOST]), tuple(strangers[:MOST]), row.looked_at, row.archive_at,
        row.rights,
    )  # fmt: skip


def _executives(people: list[str]) -> frozenset[str]:
    rows = (
        models.Person.objects.filter(id__in=people, role="executive")
        if people
        else models.Person.objects.none()
    )
    return frozenset(rows.values_list("id", flat=True))


def may_have_one(case: Case) -> bool:
    """Whether a channel can be opened on request: one is set up for its type, or it had one."""
    if case.incident.drill or case.incident.has_ended:
        return False
    return chat_rules.rule_of(case.incident.type).of(case.incident) != "none"
