"""Changes of how people work, told to those they concern, and who has understood them (R-204, R-295).

Messages, never pages. Nothing here changes what a notice is about.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from quarterdeck.core.access import may
from quarterdeck.core.incidents.guards import filled, one_line
from quarterdeck.core.kernel.links import safe_url
from quarterdeck.core.kernel.refused import Refused, bad, forbidden, missing
from quarterdeck.core.kernel.text import clean, counted, cut, line
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from .. import due
from ..act import Act, need
from ..oncall import duty_notes
from ..paging.directory import Directory, people_of, policy_from, schedule_from

KIND = "notice"
TITLE_LIMIT, NOTE_LIMIT, MOST_PEOPLE = 200, 4000, 2000
# Days after which whoever has not said that they understood is asked again; then whoever published it is told.
REMINDED_AFTER = (2, 7, 14)
AHEAD = timedelta(days=366)
KINDS = ("template", "policy", "article", "runbook", "document")


@dataclass(frozen=True, slots=True)
class Words:
    """What a notice says. `path` is where the thing itself is; `effective_at` None: from now on."""

    kind: str
    subject: str
    title: str
    note: str
    path: str = ""
    version: str = ""
    effective_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a notice concerns: members of teams (keys), whoever is certified for roles, everybody on call, everybody."""

    teams: Sequence[str] = ()
    roles: Sequence[str] = ()
    on_call: bool = False
    everybody: bool = False
    people: Sequence[str] = field(default=())


def publish(act: Act, words: Words, people: Iterable[str], **more: Any) -> models.Notice:
    """Tell these people, inside the caller's transaction. Whoever publishes it knows it already."""
    active = models.Person.objects.filter(is_active=True).exclude(role="guest")
    concerned = list(
        active.filter(id__in=set(people)).order_by("id").values_list("id", flat=True)[:MOST_PEOPLE]
    )
    effective = max(words.effective_at or act.at, act.at)
    row = models.Notice.objects.create(
        id=new_id(), kind=words.kind, subject=cut(words.subject, 120), version=words.version,
        title=cut(words.title, TITLE_LIMIT), note=clean(words.note, NOTE_LIMIT), path=words.path,
        effective_at=effective, published_by=act.person, published_at=act.at, **more,
    )  # fmt: skip
    models.NoticeReceipt.objects.bulk_create(
        models.NoticeReceipt(
            id=new_id(), notice=row, person=p, told_at=act.at,
            understood_at=act.at if p == act.person else None,
        )
        for p in concerned
    )  # fmt: skip
    others = [p for p in concerned if p != act.person]
    if others:
        due.rearm(KIND, row.id, act.at + timedelta(days=REMINDED_AFTER[0]), act.at)
        duty_notes.tell(others, f"Please read: {row.title}", _text(row, act.at), f"/notices/{row.id}", act.at)
    told = {"notice": row.id, "about": f"{row.kind} {row.subject}", "people": len(concerned)}
    log.audit("NoticePublished", told, at=act.at, actor=act.person)
    return row


def announce(act: Act, title: str, note: str, audience: Audience, *, url: str = "",
             effective_at: datetime | None = None) -> models.Notice:  # fmt: skip
    """A change of something that is kept elsewhere, such as a policy on paper."""
    need(act, "settings.edit")
    title = one_line(filled(title, "title", "Say what changes."), "title", TITLE_LIMIT)
    note = filled(note, "note", "Say what is different from then on.")
    if effective_at is not None and not act.at <= effective_at < act.at + AHEAD:
        message = "Give a time from now on, within a year, or leave it out: then it holds from now on."
        raise bad("notice.when", message, effective_at=message)
    found = people(audience)
    if not found - {act.person}:
        message = "Nobody is concerned by this choice. Choose teams, roles, everybody on call or everybody."
        raise bad("notice.nobody", message, audience=message)
    words = Words("document", title, title, note, _link(url), effective_at=effective_at)
    with tx.write("engine", "web"):
        return publish(act, words, found)


def people(audience: Audience) -> set[str]:
    """The ids of everybody active who is meant."""
    active = models.Person.objects.filter(is_active=True).exclude(role="guest")
    found = set(audience.people)
    if audience.everybody:
        found |= set(active.values_list("id", flat=True))
    if audience.teams:
        members = models.Membership.objects.filter(team__key__in=list(audience.teams))
        found |= set(members.values_list("person_id", flat=True))
    if audience.roles:
        certified = models.Certification.objects.filter(role__in=list(audience.roles), ended_at=None)
        found |= set(certified.exclude(certified_at=None).values_list("person_id", flat=True))
    if audience.on_call:
        for row in models.Schedule.objects.prefetch_related("layers", "overrides"):
            found |= people_of(schedule_from(row))
    return set(active.filter(id__in=found).values_list("id", flat=True))


def of_templates(
    act: Act, made: Mapping[str, int], titles: Mapping[str, tuple[str, Sequence[str]]], note: str
) -> None:
    """Each response structure with a new version, inside the caller's transaction. `titles`: key -> title, roles."""
    for key, number in made.items():
        title, roles = titles.get(key, (key, ()))
        held = models.RoleAssignmentRow.objects.filter(
            incident_id__in=models.IncidentRow.objects.filter(is_open=True, template=key).values("id"),
            ended_at=None,
        )
        now_in = tuple(held.values_list("person_id", flat=True))
        words = Words(
            "template",
            key,
            f"{title}, version {number}",
            note,
            f"/settings/structures/templates/{key}",
            str(number),
        )
        publish(act, words, people(Audience(roles=roles, on_call=True, people=now_in)))


def of_policy(act: Act, row: models.EscalationPolicy, before: dict[str, Any], note: str) -> None:
    """An escalation policy that was changed, to those whom it calls or called. `row` as it is now."""
    ids: set[str] = set()
    for definition in (before, row.definition):
        found = policy_from(definition)
        for target in [t for s in found.steps for t in s.targets] + list(found.catch_all):
            ids |= _behind(target.kind, target.ref)
    words = Words(
        "policy", row.key, f"Escalation policy: {row.name}", note or "Whom it calls, or when, was changed.",
        f"/on-call/policies/{row.key}", str(row.version),
    )  # fmt: skip
    publish(act, words, ids)


def _behind(kind: str, ref: str) -> set[str]:
    if kind == "person":
        return {ref}
    if kind == "team":
        return set(models.Membership.objects.filter(team_id=ref).values_list("person_id", flat=True))
    rows = models.Schedule.objects.filter(id=ref).prefetch_related("layers", "overrides")
    return {p for row in rows if kind == "schedule" for p in people_of(schedule_from(row))}


def notices() -> QuerySet[models.Notice]:
    """All that were not withdrawn. Unordered."""
    return models.Notice.objects.filter(withdrawn_at=None)


def find(notice_id: str) -> models.Notice:
    found = models.Notice.objects.filter(id=notice_id).first()
    if found is None:
        raise missing("notice.unknown", "There is no such notice. Look it up in the list.")
    return found


def waiting_for(person: str) -> list[models.Notice]:
    """What somebody has still to read, what takes effect first."""
    mine = models.NoticeReceipt.objects.filter(person=person, understood_at=None)
    return list(notices().filter(id__in=mine.values("notice_id")).order_by("effective_at", "id")[:50])


def understood(act: Act, notice_id: str) -> models.Notice:
    """Whoever acts has read it and understood. Twice is once."""
    with tx.write("web"):
        row = find(notice_id)
        receipt = row.receipts.select_for_update().filter(person=act.person).first()
        if receipt is None:
            raise Refused("notice.not_yours", "This notice does not ask for your word. Reading it is enough.")
        if receipt.understood_at is None:
            row.receipts.filter(id=receipt.id).update(understood_at=act.at)
            told = {"notice": row.id, "person": act.person}
            log.audit("NoticeUnderstood", told, at=act.at, actor=act.person)
            if not owing(row):
                due.disarm(KIND, [row.id], act.at)
    return row


def owing(row: models.Notice) -> list[str]:
    """Who has not said that they understood, of those who are still here."""
    active = models.Person.objects.filter(is_active=True).values("id")
    rows = row.receipts.filter(understood_at=None, person__in=active).order_by("person")
    return list(rows.values_list("person", flat=True))


def withdraw(act: Act, notice_id: str) -> None:
    """It asks for nobody's word any more, and what was planned with it does not happen. Twice changes nothing."""
    with tx.write("engine", "web"):
        row = models.Notice.objects.select_for_update().get(id=find(notice_id).id)
        if row.published_by != act.person and not may(act.who, "settings.edit"):
            raise forbidden(
                "notice.not_yours", "Whoever published it or an administrator withdraws it. Ask them."
            )
        if row.withdrawn_at is None:
            models.Notice.objects.filter(id=row.id).update(withdrawn_at=act.at)
            due.disarm(KIND, [row.id], act.at)
            log.audit("NoticeWithdrawn", {"notice": row.id}, at=act.at, actor=act.person)


def fire(notice_id: str, directory: Directory) -> None:
    """Its timer: whoever has not answered is asked again; at last whoever published it hears who is left."""
    row = notices().filter(id=notice_id).first()
    left = owing(row) if row else []
    if row is None or not left:
        return
    number, now, path = row.reminders + 1, directory.now, f"/notices/{row.id}"
    models.Notice.objects.filter(id=row.id).update(reminders=number)
    if number > len(REMINDED_AFTER):
        directory.load_people(set(left))
        names = ", ".join(directory.name(p) for p in left[:50])
        text = f"{row.title}\n\n{counted(len(left), 'person has', 'people have')} not said so: {names}"
        duty_notes.tell([row.published_by], "Not yet understood by all", text, path, now)
        return
    duty_notes.tell(left, f"Still to read: {row.title}", _text(row, now), path, now)
    days = (*REMINDED_AFTER, REMINDED_AFTER[-1] + 7)[number]
    due.rearm(KIND, row.id, max(row.published_at + timedelta(days=days), now + timedelta(days=1)), now)


def _link(url: str) -> str:
    found = line(url, 2000)
    if found and (safe_url(found) is None or found.startswith("mailto:")):
        message = "This is not a link that a browser opens. Start it with https://."
        raise bad("url.link", message, url=message)
    return found


def _text(row: models.Notice, now: datetime) -> str:
    holds = (
        f"From {duty_notes.said(row.effective_at)} on." if row.effective_at > now else "It holds from now on."
    )
    return f"{row.note}\n\n{holds} Open it and say that you have understood."
