"""Who may sign in: making, disabling and re-keying logins, ending sessions, and the mails an account needs.

Everything is one transaction with its audit event. Never returns or records a password.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from quarterdeck.core.access import ROLES
from quarterdeck.core.kernel.refused import Refused, bad, forbidden
from quarterdeck.core.kernel.text import clean, line
from quarterdeck.core.oncall.wall import check_zone
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from ..act import OPERATOR, Act, act_of, need, need_own
from ..upkeep import removals
from . import leaving
from .people import find, keep_an_administrator

KEEP_TRYING = timedelta(hours=1)


def operator(at: datetime) -> Act:
    """Whoever works on the server itself: may do what an administrator may."""
    return act_of(OPERATOR, "administrator", at, via="cli")


def somebody_can_sign_in() -> bool:
    """Whether there is an active person with a password or passkey. Until then the set-up page is open."""
    people = models.Person.objects.filter(is_active=True)
    usable = people.exclude(password="").exclude(password__startswith="!").exists()  # noqa: S106 - Django's mark
    return usable or people.filter(authenticator__isnull=False).exists()


def first_administrator(
    email: str, name: str, password: str, at: datetime, timezone: str = "UTC"
) -> models.Person:
    """The person who sets the installation up. Refused as soon as anybody can sign in."""
    with tx.write("web"):
        tx.lock("first administrator")
        if somebody_can_sign_in():
            raise forbidden(
                "setup.done", "This installation is set up. Ask one of its administrators for an account."
            )
        return create(operator(at), email, name, role="administrator", password=password, timezone=timezone)


def create(
    act: Act,
    email: str,
    name: str,
    *,
    role: str = "responder",
    password: str | None = None,
    timezone: str = "UTC",
) -> models.Person:
    """A person with a login (without `password`, one that cannot sign in yet) and their mail address as a
    contact.
    """
    need(act, "person.edit")
    email, name = _email(email), line(name, 120)
    if not name:
        raise bad("person.name_missing", "Give the person's name, as colleagues know it.", name="missing")
    if role not in ROLES:
        raise bad(
            "person.role", f"There is no role {role!r}. Choose one of: {', '.join(ROLES)}.", role="unknown"
        )
    check_zone(timezone)
    with tx.write("web"):
        tx.lock("addresses of people")
        if models.Person.objects.filter(email__iexact=email).exists():
            raise Refused(
                "person.exists", f"There is somebody with the address {email} already.", kind="conflict"
            )
        person = models.Person(
            id=new_id(), email=email, name=name, role=role, timezone=timezone, created_at=act.at
        )
        person.handle = _free_handle(email)
        _set(person, password)
        person.save()
        contact = models.ContactMethod.objects.create(
            person=person, kind="email", address=email, label="Work", verified_at=None
        )
        for urgency in ("high", "low"):
            models.NotificationRule.objects.create(person=person, contact=contact, urgency=urgency)
        log.audit("PersonCreated", {"person": person.id, "role": role}, at=act.at, actor=act.person)
    return person


def set_password(act: Act, person_id: str, password: str) -> models.Person:
    """A new password; every session of the person ends with the old one."""
    need_own(act, person_id)
    with tx.write("web"):
        person = find(person_id, lock=True)
        _set(person, password)
        person.save(update_fields=["password"])
        log.audit("PasswordSet", {"person": person.id}, at=act.at, actor=act.person)
    return person


def set_active(act: Act, person_id: str, active: bool) -> models.Person:
    """Disabling ends every session within seconds and keeps the record. The last administrator stays."""
    need(act, "person.edit")
    with tx.write("web", "engine"):
        person = find(person_id, lock=True)
        if person.is_active == active:
            return person
        if not active:
            keep_an_administrator(person)
        person.is_active = active
        person.save(update_fields=["is_active"])
        if active:
            removals.undone("person", person.id, act.at)
        else:
            removals.note(act, "person", person.id, person.name, {})
            leaving.pass_on(person, act.at)
        kind = "PersonEnabled" if active else "PersonDisabled"
        log.audit(kind, {"person": person.id}, at=act.at, actor=act.person)
    return person


def end_sessions(act: Act, person_id: str, stored: Collection[str]) -> int:
    """End these sessions of a person (by the stored form of their keys); how many there were."""
    need_own(act, person_id)
    with tx.write("web"):
        count, _ = Session.objects.filter(session_key__in=stored).delete()
        if count:
            log.audit("SessionsEnded", {"person": person_id, "count": count}, at=act.at, actor=act.person)
    return count


def invite(act: Act, person_id: str, link: str = "") -> None:
    """Ask somebody who has no password yet to choose one by this link; without it, only the record is written."""
    need(act, "person.edit")
    with tx.write("engine", "web"):
        person = find(person_id, lock=True)
        if not person.is_active:
            raise Refused(
                "person.off", f"{person.name} is switched off. Switch them on first.", kind="conflict"
            )
        if person.has_usable_password():
            raise Refused("person.has_password", f"{person.name} has a password already.", kind="conflict")
        log.audit("PersonInvited", {"person": person.id, "by_mail": bool(link)}, at=act.at, actor=act.person)
        if link:
            by = models.Person.objects.filter(id=act.person).values_list("name", flat=True).first()
            text = _INVITATION.format(
                name=person.name, by=by or "An administrator", url=settings.QUARTERDECK_PUBLIC_URL, link=link,
                email=person.email,
            )  # fmt: skip
            queue_mail(person.email, "You are invited to Quarterdeck", text, timedelta(days=1))


_INVITATION = """Hello {name},

{by} has made an account for you in Quarterdeck, where people are paged and incidents are led: {url}

Choose your password here:
{link}

The link works once, for three days. You sign in with {email}, and you are reached by it first; add a phone number and
other contacts under your name afterwards.

If you did not expect this, do nothing: without a password the account opens nothing.
"""


def queue_mail(to: str, subject: str, text: str, keep: timedelta = KEEP_TRYING) -> None:
    """A mail about somebody's own account, into the outbox: the engine sends it within seconds, or tries for `keep`."""
    now = datetime.now(UTC)
    body = {"subject": line(subject, 200), "text": clean(text), "kind": "message", "urgency": "high"}
    with tx.write("engine"):
        key = new_id()
        models.Delivery.objects.create(
            id=key, key=f"account/{key}", cls="message", channel="email", address=_email(to), body=body,
            next_at=now, not_after=now + keep, created_at=now,
        )  # fmt: skip


def _set(person: models.Person, password: str | None) -> None:
    if password is not None:
        try:
            validate_password(password, person)
        except ValidationError as e:
            raise bad("person.password", " ".join(e.messages), password=" ".join(e.messages)) from None
    person.set_password(password)


def _email(text: str) -> str:
    email = line(text, 254).lower()
    try:
        validate_email(email)
    except ValidationError:
        raise bad("person.email", f"{email!r} is not a mail address.", email="not usable") from None
    return email


def _free_handle(email: str) -> str:
    wanted = "".join(c for c in email.partition("@")[0] if c.isalnum() or c in "._-")[:34] or "person"
    taken = set(models.Person.objects.filter(handle__startswith=wanted).values_list("handle", flat=True))
    return next(
        h for n in range(len(taken) + 1) if (h := wanted if n == 0 else f"{wanted}{n + 1}") not in taken
    )
