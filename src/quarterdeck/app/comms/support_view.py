"""What support may say now of an incident, and who of them has read it (R-082, R-084).

Only what was sent to customers or to support, and what the customer liaison wrote for support: no entry, fact or
message that stays inside ever stands here, nor the incident's own title.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from quarterdeck.core.access import Who
from quarterdeck.core.incidents.authority import authorise
from quarterdeck.core.incidents.guards import filled
from quarterdeck.core.incidents.inquiries import said_at
from quarterdeck.core.kernel.refused import Refused, bad
from quarterdeck.core.kernel.text import clean
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from .. import casebook
from ..act import Act
from ..casebook import Case
from ..visibility import must_see, unless_restricted
from .sending import public_body

AUDIENCE = "support"
TEXT_LIMIT = 6000
# The team of this key is support, beside those whose address hears the messages to support.
TEAM = "support"
GRANT = "support.brief"


@dataclass(frozen=True, slots=True)
class Said:
    """A text that was sent; `audience` is its title."""

    audience: str
    headline: str
    text: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Brief:
    """`digest` is of all of it: whoever has read this one is to read the next."""

    incident_id: str
    said: tuple[Said, ...]
    workaround: str
    do_not_say: str
    faq: tuple[models.FaqEntry, ...]
    next_update_at: datetime | None
    written: models.SupportBrief | None
    is_open: bool
    digest: str


def of(incident_id: str, who: Who) -> Brief:
    return _briefs({incident_id: casebook.load(incident_id, who)})[0]


@dataclass(frozen=True, slots=True)
class Overview:
    """A brief, how many people of support there are for it, and how many have read it as it stands."""

    brief: Brief
    people: int
    read: int


def overview(incident_ids: Sequence[str], who: Who) -> list[Overview]:
    """Of many incidents, with the same few queries however many they are."""
    briefs = _briefs(casebook.load_many(incident_ids, who))
    keys = [b.incident_id for b in briefs]
    support = {p.id for p in _everybody()}
    secret = set(models.IncidentRow.objects.filter(id__in=keys, restricted=True).values_list("id", flat=True))
    held: dict[str, set[str]] = {}
    roles = models.RoleAssignmentRow.objects.filter(incident_id__in=secret)
    for key, person in roles.values_list("incident_id", "person_id"):
        held.setdefault(key, set()).add(person)
    receipts = models.SupportReceipt.objects.filter(incident_id__in=keys)
    has_read = set(receipts.values_list("incident_id", "person_id", "digest"))
    found = []
    for b in briefs:
        people = support & held.get(b.incident_id, set()) if b.incident_id in secret else support
        number = len(people) if b.digest else 0
        read = sum((b.incident_id, p, b.digest) in has_read for p in people) if b.digest else 0
        found.append(Overview(b, number, read))
    return found


def _briefs(cases: Mapping[str, Case]) -> list[Brief]:
    versions = models.SupportBrief.objects.filter(incident_id__in=list(cases)).order_by("version")
    written = {row.incident_id: row for row in versions}
    asked: dict[str, list[models.FaqEntry]] = {}
    rows = models.FaqEntry.objects.filter(incident_id__in=list(cases), audience=AUDIENCE, withdrawn_at=None)
    for row in rows.order_by("published_at", "id"):
        asked.setdefault(row.incident_id, []).append(row)
    return [_brief(case, written.get(key), tuple(asked.get(key, ()))) for key, case in cases.items()]


def _brief(case: Case, written: models.SupportBrief | None, faq: tuple[models.FaqEntry, ...]) -> Brief:
    said = _said(case)
    clocks = [c for c in case.incident.running_clocks() if c.audience in _open_to_support(case)]
    parts = [f"{s.headline}\n{s.text}" for s in said] + [f"{f.question}\n{f.answer}" for f in faq]
    parts += [written.workaround, written.do_not_say] if written else []
    return Brief(
        case.incident.key, said, written.workaround if written else "", written.do_not_say if written else "", faq,
        min((c.next_due for c in clocks), default=None), written, case.incident.is_open,
        hashlib.sha256("\n\n".join(parts).encode()).hexdigest() if parts else "",
    )  # fmt: skip


def write(act: Act, incident_id: str, workaround: str, do_not_say: str) -> models.SupportBrief:
    """The customer liaison's words for support. Each is a new version; whoever read the last reads again."""
    told = clean(workaround, TEXT_LIMIT).strip(), clean(do_not_say, TEXT_LIMIT).strip()
    with tx.write("web"):
        case = casebook.load(incident_id, act.who)
        authorise(case.incident, case.template, act.who, GRANT, "incident.phase")
        tx.lock(f"support brief {incident_id}")
        last = models.SupportBrief.objects.filter(incident_id=incident_id).order_by("-version").first()
        if last is not None and (last.workaround, last.do_not_say) == told:
            return last
        made = models.SupportBrief.objects.create(
            id=new_id(), incident_id=incident_id, version=last.version + 1 if last else 1, workaround=told[0],
            do_not_say=told[1], written_by=act.person, written_at=act.at,
        )  # fmt: skip
        _audit(act, "SupportBriefed", incident_id)
    return made


def add_question(act: Act, incident_id: str, question: str, answer: str) -> models.FaqEntry:
    asked = filled(clean(question, TEXT_LIMIT).strip(), "question", "Write the question customers ask.")
    said = filled(clean(answer, TEXT_LIMIT).strip(), "answer", "Write what support may answer.")
    with tx.write("web"):
        case = casebook.load(incident_id, act.who)
        authorise(case.incident, case.template, act.who, GRANT, "incident.phase")
        made = models.FaqEntry.objects.create(
            id=new_id(), incident_id=incident_id, audience=AUDIENCE, question=asked, answer=said,
            published_by=act.person, published_at=act.at,
        )  # fmt: skip
        _audit(act, "SupportBriefed", incident_id)
    return made


def read(act: Act, incident_id: str, digest: str) -> None:
    """I have read it, as it stood. Twice is once; a text that has changed meanwhile is to be read first."""
    with tx.write("web"):
        now = of(incident_id, act.who)
        if not now.digest:
            raise bad("support.nothing", "There is nothing to read yet.")
        if digest != now.digest:
            raise Refused(
                "support.changed",
                "It has changed while you read. Read it again, then say so.",
                kind="conflict",
            )
        known = models.SupportReceipt.objects.filter(
            incident_id=incident_id, person_id=act.person, digest=digest
        )
        if not known.exists():
            models.SupportReceipt.objects.create(
                id=new_id(), incident_id=incident_id, person_id=act.person, digest=digest, read_at=act.at
            )


@dataclass(frozen=True, slots=True)
class Reader:
    """`read_at` None: not this text. `before`: an earlier one."""

    person_id: str
    name: str
    read_at: datetime | None
    before: bool


def readers(brief: Brief, who: Who) -> list[Reader]:
    """Everybody of support who may know of the incident: those who have not read first."""
    must_see(who, brief.incident_id)
    people = list(_support(brief.incident_id))
    found: dict[str, list[tuple[str, datetime]]] = {}
    rows = models.SupportReceipt.objects.filter(incident_id=brief.incident_id)
    for person, digest, at in rows.values_list("person_id", "digest", "read_at"):
        found.setdefault(person, []).append((digest, at))
    told = []
    for person in people:
        mine = found.get(person.id, [])
        at = next((at for digest, at in mine if digest == brief.digest), None)
        told.append(Reader(person.id, person.name, at, bool(mine)))
    return sorted(told, key=lambda r: (r.read_at is not None, r.name))


def _everybody() -> QuerySet[models.Person]:
    addresses = models.AudienceContact.objects.filter(audience=AUDIENCE, removed_at=None).values("email")
    team = models.Membership.objects.filter(team__key=TEAM).values("person_id")
    people = models.Person.objects.filter(Q(id__in=team) | Q(email__in=addresses), is_active=True)
    return people.exclude(role="guest").order_by("name", "id")


def _support(incident_id: str) -> list[models.Person]:
    people = _everybody()
    if models.IncidentRow.objects.filter(id=incident_id, restricted=True).exists():
        held = models.RoleAssignmentRow.objects.filter(incident_id=incident_id).values("person_id")
        people = people.filter(id__in=held)
    return list(people)


def _open_to_support(case: Case) -> dict[str, str]:
    return {a.key: a.title for a in case.template.audiences if a.public or a.key == AUDIENCE}


def _said(case: Case) -> tuple[Said, ...]:
    titles, newest = _open_to_support(case), {}
    let_go = [(at, m.id, m) for m in case.incident.messages.values() if (at := said_at(m))]
    for at, _, m in sorted(let_go, key=lambda found: found[:2]):
        if m.audience in titles:
            newest[m.audience] = Said(titles[m.audience], m.headline, public_body(m), at)
    return tuple(sorted(newest.values(), key=lambda s: s.sent_at, reverse=True))


def _audit(act: Act, event: str, incident_id: str) -> None:
    about = unless_restricted(incident_id, incident_id)
    log.audit(event, {"incident": about}, at=act.at, actor=act.person)
