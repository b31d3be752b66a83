"""The inquiry desk: what customers, support, staff, partners, the press and social networks ask, in one list (R-083).

An inquiry about a restricted incident does not exist for outsiders.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet

from quarterdeck.core.access import SYSTEM, Who
from quarterdeck.core.incidents import inquiries as core
from quarterdeck.core.kernel.refused import Refused, bad, missing
from quarterdeck.core.kernel.text import clean, line
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from .. import due
from ..act import Act, need
from ..comms import customer_reports
from ..paging.directory import must_be_active
from ..visibility import hidden_incidents, must_see

WORK, ASK = "incident.act", "report.write"
DEADLINE = "inquiry-deadline"
QUESTION_LIMIT, ANSWER_LIMIT, NOTE_LIMIT = 6000, 6000, 1000
MOST_AT_ONCE = 200
# The same words of the same customer within this time are the same question.
SAME_WITHIN = timedelta(hours=24)
MOST_OPEN_OF_PERSON = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """What came in. `source` and `external_id` are another tool's; the same pair twice is one inquiry."""

    question: str
    kind: str = "customer"
    channel: str = "web"
    incident_id: str = ""
    tier: str = ""
    customer: str = ""
    contact: str = ""
    outlet: str = ""
    topic: str = ""
    sentiment: str = ""
    deadline: datetime | None = None
    source: str = ""
    external_id: str = ""


def inquiries(who: Who) -> QuerySet[models.Inquiry]:
    """Every inquiry `who` may know of. Unordered."""
    return models.Inquiry.objects.exclude(incident_id__in=hidden_incidents(who).values("id"))


def find(inquiry_id: str, who: Who) -> models.Inquiry:
    found = inquiries(who).filter(id=inquiry_id).first()
    if found is None:
        raise missing("inquiry.unknown", "There is no such inquiry. Look it up on the desk.")
    return found


def history(inquiry: models.Inquiry) -> list[models.InquiryEntry]:
    return list(models.InquiryEntry.objects.filter(inquiry_id=inquiry.id).order_by("at", "id"))


def take(act: Act, asked: Asked) -> models.Inquiry:
    """Write down what somebody asks. What is known already is counted there and not listed twice."""
    need(act, WORK)
    if asked.incident_id:
        must_see(act.who, asked.incident_id)
    with tx.write("engine", "web"):
        return keep(_tamed(asked), act.person, act.at, act.who)


def ask(act: Act, question: str, incident_id: str = "") -> models.Inquiry:
    """A question of staff, by whoever is here (R-108)."""
    need(act, ASK)
    if incident_id:
        must_see(act.who, incident_id)
    waiting = models.Inquiry.objects.filter(created_by=act.person, kind="staff", state__in=core.OPEN_STATES)
    if waiting.count() >= MOST_OPEN_OF_PERSON:
        raise Refused("inquiry.many", "Many of your questions wait already.", kind="limited")
    person = models.Person.objects.filter(id=act.person).first()
    said = Asked(
        question, kind="staff", channel="web", incident_id=incident_id, customer=person.name if person else ""
    )
    with tx.write("web"):
        return keep(_tamed(said), act.person, act.at, act.who)


def keep(asked: Asked, by: str, at: datetime, who: Who = SYSTEM) -> models.Inquiry:
    """Store it, or count it where it is known; inside the caller's transaction. What `who` may not know of is not
    counted for them: the answer would show it.
    """
    tx.lock("inquiries")
    digest = _digest(asked)
    known = _known(asked, digest, at, who)
    if known is not None:
        if not asked.external_id or known.external_id != asked.external_id:
            known.repeats += 1
            known.changed_at = at
            known.save(update_fields=["repeats", "changed_at"])
            note(known, by, "repeat", "Asked again.", at)
        return known
    row = models.Inquiry.objects.create(
        id=new_id(), incident_id=asked.incident_id, kind=asked.kind, channel=asked.channel, tier=asked.tier,
        customer=asked.customer, contact=asked.contact, outlet=asked.outlet, topic=asked.topic,
        question=asked.question, sentiment=asked.sentiment, deadline=asked.deadline, source=asked.source,
        external_id=asked.external_id, digest=digest, created_by=by, asked_at=at, changed_at=at,
    )  # fmt: skip
    note(row, by, "asked", "", at)
    if row.deadline is not None:
        due.rearm(DEADLINE, row.id, row.deadline, at)
    if row.kind == "customer" and row.incident_id:
        customer_reports.count(row.incident_id, 1, at, source="inquiry", inquiry_id=row.id)
    return row


def assign(act: Act, ids: list[str], owner: str) -> list[models.Inquiry]:
    """Give these to one person; "" takes them back to the list."""
    if owner:
        must_be_active(owner, "owner")
    told = (
        models.Person.objects.filter(id=owner).values_list("name", flat=True).first() if owner else "nobody"
    )
    hidden = set(hidden_incidents(Who(owner)).values_list("id", flat=True)) if owner else set()

    def one(row: models.Inquiry) -> None:
        if row.incident_id in hidden:
            message = "This person may not know of its incident. Name somebody else."
            raise bad("person.outside", message, owner=message)
        row.owner = owner
        if row.state in ("new", "assigned"):
            row.state = "assigned" if owner else "new"
        note(row, act.person, "assigned", f"Given to {told}.", act.at)

    return _each(act, ids, one)


def change(
    act: Act, inquiry_id: str, *, incident_id: str | None = None, sentiment: str | None = None,
    tier: str | None = None, deadline: datetime | None = None, topic: str | None = None,
) -> models.Inquiry:  # fmt: skip
    """None leaves a value as it is."""

    def one(row: models.Inquiry) -> None:
        if incident_id is not None and incident_id != row.incident_id:
            _move(act, row, incident_id)
        if sentiment is not None:
            row.sentiment = core.one_of(sentiment, core.SENTIMENTS, "sentiment")
        if tier is not None:
            row.tier = core.one_of(tier, core.TIERS, "tier")
        if topic is not None:
            row.topic = line(topic, 200)
        if deadline is not None and deadline != row.deadline:
            row.deadline, row.deadline_told = deadline, False
            due.rearm(DEADLINE, row.id, deadline, act.at)

    return _each(act, [inquiry_id], one)[0]


def link(act: Act, ids: list[str], incident_id: str) -> list[models.Inquiry]:
    """These are about this incident."""
    return _each(act, ids, lambda row: _move(act, row, incident_id))


def follow_up(act: Act, ids: list[str], state: str) -> list[models.Inquiry]:
    """Whether whoever asked is still to be told how it ended (R-087)."""
    core.one_of(state, core.FOLLOW_UPS, "follow_up")

    def one(row: models.Inquiry) -> None:
        row.follow_up = state
        note(row, act.person, "follow_up", core.FOLLOW_UPS[state] + ".", act.at)

    return _each(act, ids, one)


def close(act: Act, ids: list[str], reason: str = "") -> list[models.Inquiry]:
    """Nothing more comes of these."""
    said = line(reason, NOTE_LIMIT)

    def one(row: models.Inquiry) -> None:
        if row.state == "escalated":
            message = "This one is escalated. Close the escalation first; it returns here."
            raise Refused("inquiry.escalated", message)
        if row.state != "closed":
            row.state = "closed"
            note(row, act.person, "closed", said, act.at)
            due.disarm(DEADLINE, [row.id], act.at)

    return _each(act, ids, one)


def reopen(act: Act, inquiry_id: str) -> models.Inquiry:
    def one(row: models.Inquiry) -> None:
        if row.state not in core.OPEN_STATES:
            row.state = "assigned" if row.owner else "new"
            note(row, act.person, "reopened", "", act.at)

    return _each(act, [inquiry_id], one)[0]


def counts(who: Who, incident_id: str = "") -> dict[str, int]:
    """How many are open, by kind, with "open", "unowned" and "late" over all; one query."""
    rows = inquiries(who).filter(state__in=core.OPEN_STATES)
    if incident_id:
        rows = rows.filter(incident_id=incident_id)
    named = {k: Count("id", filter=Q(kind=k)) for k in core.KINDS}
    return dict(rows.aggregate(open=Count("id"), unowned=Count("id", filter=Q(owner="")), **named))


def locked(inquiry_id: str, act: Act) -> models.Inquiry:
    """For a change, inside the caller's transaction."""
    need(act, WORK)
    return models.Inquiry.objects.select_for_update().get(id=find(inquiry_id, act.who).id)


def note(row: models.Inquiry, by: str, kind: str, text: str, at: datetime) -> None:
    models.InquiryEntry.objects.create(
        id=new_id(), inquiry_id=row.id, incident_id=row.incident_id, at=at, by=by, kind=kind, text=text
    )


def _each(act: Act, ids: list[str], change: object) -> list[models.Inquiry]:
    """All of them or none."""
    wanted = list(dict.fromkeys(ids))
    if not 1 <= len(wanted) <= MOST_AT_ONCE:
        message = f"Choose 1 to {MOST_AT_ONCE} inquiries."
        raise bad("inquiry.number", message, ids=message)
    found = []
    with tx.write("engine", "web"):
        for inquiry_id in sorted(wanted):
            row = locked(inquiry_id, act)
            change(row)  # type: ignore[operator]
            row.changed_at = act.at
            row.save()
            found.append(row)
        log.audit("InquiriesChanged", {"inquiries": sorted(wanted)}, at=act.at, actor=act.person)
    return found


def _move(act: Act, row: models.Inquiry, incident_id: str) -> None:
    if incident_id:
        must_see(act.who, incident_id)
    if incident_id == row.incident_id:
        return
    if row.state == "escalated":
        raise Refused("inquiry.escalated", "This one is escalated. Close the escalation first.")
    row.incident_id = incident_id
    models.InquiryEntry.objects.filter(inquiry_id=row.id).update(incident_id=incident_id)
    note(row, act.person, "linked", f"About {incident_id}." if incident_id else "About no incident.", act.at)
    models.CustomerReport.objects.filter(inquiry_id=row.id).delete()
    if row.kind == "customer" and incident_id:
        customer_reports.count(incident_id, 1, act.at, source="inquiry", inquiry_id=row.id)


def _tamed(asked: Asked) -> Asked:
    question = clean(asked.question, QUESTION_LIMIT).strip()
    if not question:
        message = "Write what is asked."
        raise bad("question.missing", message, question=message)
    if asked.kind == "media" and not asked.outlet.strip():
        message = "Name the outlet: who they write or speak for."
        raise bad("outlet.missing", message, outlet=message)
    return Asked(
        question=question,
        kind=core.one_of(asked.kind, core.KINDS, "kind"),
        channel=core.one_of(asked.channel, core.CHANNELS, "channel"),
        incident_id=asked.incident_id,
        tier=core.one_of(asked.tier, core.TIERS, "tier"),
        customer=line(asked.customer, 200),
        contact=line(asked.contact, 300),
        outlet=line(asked.outlet, 200),
        topic=line(asked.topic, 200),
        sentiment=core.one_of(asked.sentiment, core.SENTIMENTS, "sentiment"),
        deadline=asked.deadline,
        source=line(asked.source, 60),
        external_id=line(asked.external_id, 200),
    )


def _digest(asked: Asked) -> str:
    who = (asked.contact or asked.customer).casefold()
    words = " ".join(asked.question.casefold().split())
    return hashlib.sha256(f"{asked.kind}\n{who}\n{asked.incident_id}\n{words}".encode()).hexdigest()


def _known(asked: Asked, digest: str, at: datetime, who: Who) -> models.Inquiry | None:
    if asked.external_id:
        found = models.Inquiry.objects.filter(source=asked.source, external_id=asked.external_id).first()
        if found is not None and not inquiries(who).filter(id=found.id).exists():
            raise Refused("inquiry.taken_in", "This one came in before. Whoever works on it has it.")
        return found
    if not (asked.customer or asked.contact):
        return None
    same = inquiries(who).filter(digest=digest, state__in=core.OPEN_STATES, asked_at__gt=at - SAME_WITHIN)
    return same.first()
