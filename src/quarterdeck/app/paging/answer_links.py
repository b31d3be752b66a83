"""Signed links to answer something without a login: made for one person and one thing, good for one answer.

Looking changes nothing. What may be answered, and how it reads, is in `answer_kinds`; the rules are the core's.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F

from quarterdeck.core.kernel.refused import Refused, forbidden, missing
from quarterdeck.core.kernel.text import line
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from ..act import Act, act_of
from ..comms import links
from ..visibility import unless_restricted

PURPOSE = "answer"
LASTS = timedelta(hours=48)
# Whoever has a link needs one answer, and a few tries to give it.
MOST_TRIES, WITHIN = 10, timedelta(minutes=10)
_KEEP_TELLING = timedelta(hours=24)


def make(
    kind: str, person: str, incident_id: str, about: str, now: datetime, *,
    step: str = "", role: str = "", content_hash: str = "",
) -> models.AnswerLink:  # fmt: skip
    """Inside the caller's transaction."""
    return models.AnswerLink.objects.create(
        id=new_id(), kind=kind, person=person, incident_id=incident_id, about=about, step=step, role=role,
        content_hash=content_hash, made_at=now, expires_at=now + LASTS,
    )  # fmt: skip


def standing(
    kind: str, person: str, incident_id: str, about: str, now: datetime, *,
    step: str = "", role: str = "", content_hash: str = "",
) -> models.AnswerLink:  # fmt: skip
    """One that was made for just this and still works for a while, else a new one: who is told often has one link."""
    rows = models.AnswerLink.objects.filter(
        person=person, kind=kind, incident_id=incident_id, about=about, step=step, role=role,
        content_hash=content_hash, used_at=None, expires_at__gt=now + LASTS / 2,
    )  # fmt: skip
    found = rows.order_by("-made_at").first()
    if found is not None:
        return found
    return make(kind, person, incident_id, about, now, step=step, role=role, content_hash=content_hash)


def url(row: models.AnswerLink) -> str:
    return f"{settings.QUARTERDECK_PUBLIC_URL}/a/{row.id}/{links.token(PURPOSE, row.id)}/"


def find(link_id: str, token: str) -> models.AnswerLink | None:
    """None whatever is wrong with it: a wrong token and an unknown link look alike."""
    if not links.holds(PURPOSE, link_id, token):
        return None
    return models.AnswerLink.objects.filter(id=link_id).first()


def act_by(row: models.AnswerLink, at: datetime) -> Act | None:
    """The act of the person it was made for; None for somebody who is no longer here."""
    person = models.Person.objects.filter(id=row.person, is_active=True).first()
    return act_of(person.id, person.role, at, "link") if person else None


def count_try(link_id: str, at: datetime) -> None:
    """Every POST counts, whatever comes of it."""
    with tx.write("web"):
        rows = models.AnswerLink.objects.filter(id=link_id)
        fresh = rows.filter(tried_at__gt=at - WITHIN)
        if not fresh.update(tries=F("tries") + 1):
            rows.update(tries=1, tried_at=at)
        tries = rows.values_list("tries", flat=True).first() or 0
    if tries > MOST_TRIES:
        raise Refused(
            "link.limit", "This link was tried too often. Wait ten minutes, or log in.", kind="limited"
        )


@tx.again
def use(act: Act, link_id: str, do: Callable[[models.AnswerLink], str]) -> None:
    """Do what is answered, which tells it in words, and spend the link; or neither. Whoever the link belongs to hears
    of it on every way they have.
    """
    with tx.write("engine", "web"):
        row = models.AnswerLink.objects.filter(id=link_id).first()
        if row is None:
            raise missing("link.unknown", "This link opens nothing. Use it exactly as you got it.")
        if row.person != act.person:
            raise forbidden("link.person", "This link is somebody else's.")
        log.lock_incident(row.incident_id)
        row = models.AnswerLink.objects.select_for_update().get(id=link_id)
        if row.used_at is not None:
            raise Refused("link.used", "This link was used. Log in to change what you said.")
        if row.expires_at <= act.at:
            raise Refused("link.expired", "This link has expired. Log in to see what waits for you.")
        answer = line(do(row), 30)
        models.AnswerLink.objects.filter(id=row.id).update(used_at=act.at, answer=answer)
        about = unless_restricted(row.incident_id, row.incident_id)
        log.audit(
            "AnsweredByLink", {"incident": about, "kind": row.kind, "answer": answer, "link": row.id},
            at=act.at, actor=act.person,
        )  # fmt: skip
        _close_callouts(row, act)
        _announce(row, answer, act)


def _close_callouts(row: models.AnswerLink, act: Act) -> None:
    """The pages that carried this link are answered, and what still waits to be sent of them is not."""
    carried = models.Delivery.objects.filter(
        incident_id=row.incident_id, person_id=row.person, body__contains=row.id
    )
    ids = set(carried.exclude(callout_id="").values_list("callout_id", flat=True))
    waiting = models.Callout.objects.filter(id__in=ids, state="waiting")
    waiting.update(state="acknowledged", acknowledged_at=act.at, acknowledged_via="link")
    carried.filter(state="queued").update(state="cancelled", finished_at=act.at, error="They answered.")


def _announce(row: models.AnswerLink, answer: str, act: Act) -> None:
    """To every way this person can be reached: whoever answered with a link that was not theirs is found out."""
    known = list(models.ContactMethod.objects.filter(person_id=row.person, disabled=False))
    drill = models.IncidentRow.objects.filter(id=row.incident_id, drill=True).exists()
    about = unless_restricted(row.incident_id, row.incident_id)
    for contact in [c for c in known if c.verified_at is not None] or known:
        models.Delivery.objects.create(
            id=new_id(), key=f"answered/{row.id}/{contact.id}", cls="message", incident_id=row.incident_id,
            person_id=row.person, contact_id=contact.id, channel=contact.kind, address=contact.address,
            body={
                "subject": line(f"Answered by your link: {answer}", 200),
                "text": (
                    f"Your link for {about} was used at {act.at:%H:%M} UTC; the answer was: {answer}. "
                    "Was it not you? Log in, say so to the commander, and have your links looked at."
                ),
                "link": links.incident_url(row.incident_id), "link_label": "Open", "kind": "message",
                "urgency": "low",
            },
            drill=drill, next_at=act.at, not_after=act.at + _KEEP_TELLING, created_at=act.at,
        )  # fmt: skip
