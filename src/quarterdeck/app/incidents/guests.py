"""Guests of other organisations: let into one incident by a link that works once, and out again when it ends.

A guest sees that incident and nothing else: `visibility` answers for lists, the web's middleware for every page.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from quarterdeck.core.access import GUEST
from quarterdeck.core.incidents import crewing
from quarterdeck.core.incidents import events as ev
from quarterdeck.core.incidents.state import ENDED_PHASES
from quarterdeck.core.kernel.refused import Refused, missing
from quarterdeck.core.kernel.text import line
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from .. import casebook
from ..act import Act, engine_act
from ..comms import links

PURPOSE = "guest"
OPEN_FOR = timedelta(hours=24)


def invite(act: Act, incident_id: str, name: str, organisation: str) -> models.GuestPass:
    """Let a person of another organisation in. The pass's link (`url`) is to be handed to them alone."""
    with tx.write("web"):
        log.lock_incident(incident_id)
        case = casebook.load(incident_id, act.who)
        name, organisation = crewing.invited(
            case.incident, case.template, act.who, line(name, 200), line(organisation, 300)
        )
        person = models.Person(
            id=new_id(), name=name, title=organisation[:120], role=GUEST, is_active=False, created_at=act.at
        )
        person.email, person.handle = f"{person.id}@guest.invalid", f"guest-{person.id[-30:]}"
        person.set_unusable_password()
        person.save()
        row = models.GuestPass.objects.create(
            incident_id=incident_id, person_id=person.id, organisation=organisation,
            invited_by=act.person, made_at=act.at, expires_at=act.at + OPEN_FOR,
        )  # fmt: skip
        log.audit("GuestInvited", {"pass": row.id, "person": person.id}, at=act.at, actor=act.person)
    return row


def url(row: models.GuestPass) -> str:
    return f"{settings.QUARTERDECK_PUBLIC_URL}/join/{row.id}/{links.token(PURPOSE, row.id)}/"


def find(pass_id: str, token: str) -> models.GuestPass | None:
    """The pass behind a link; None for a wrong token, which looks like no pass at all."""
    if not links.holds(PURPOSE, pass_id, token):
        return None
    return models.GuestPass.objects.filter(id=pass_id).first()


def enter(pass_id: str, at: datetime, doing: str = "") -> models.Person:
    """Use the link: from now on the guest is signed in as an onlooker of that incident. Refused a second time."""
    with tx.write("engine", "web"):
        row = models.GuestPass.objects.filter(id=pass_id).first()
        if row is None:
            raise missing("guest.unknown", "There is no such invitation. Ask for a new link.")
        log.lock_incident(row.incident_id)
        row = models.GuestPass.objects.select_for_update().get(id=pass_id)
        why = why_closed(row, at)
        if why:
            raise Refused("guest.closed", why)
        models.Person.objects.filter(id=row.person_id).update(is_active=True)
        models.GuestPass.objects.filter(id=row.id).update(used_at=at)
        came = [
            ev.RoleTaken(new_id(), "observer", row.person_id, assigned_by=row.invited_by, reason="a guest"),
            ev.CheckedIn(row.person_id, line(doing, 200), row.organisation, guest=True),
        ]
        casebook.change_within(engine_act(at), row.incident_id, lambda i, t: came)
    return models.Person.objects.get(id=row.person_id)


def why_closed(row: models.GuestPass, at: datetime) -> str:
    """Why an invitation opens nothing any more, in words; "" while it does."""
    if row.ended_at is not None or _over(row.incident_id):
        return "The incident is over, and so is this invitation."
    if row.used_at is not None:
        return "This link was used already. Ask whoever invited you for a new one."
    return "This link has expired. Ask whoever invited you for a new one." if row.expires_at < at else ""


def incident_of(person_id: str) -> str:
    """The incident a guest is in; "" when it is over or they were let go."""
    row = models.GuestPass.objects.filter(person_id=person_id, ended_at=None).exclude(used_at=None).first()
    if row is None or _over(row.incident_id):
        return ""
    here = models.PresenceRow.objects.filter(incident_id=row.incident_id, person=person_id, left_at=None)
    return row.incident_id if here.exists() else ""


def waiting(incident_id: str, at: datetime) -> list[models.GuestPass]:
    """Invitations that nobody has used yet."""
    rows = models.GuestPass.objects.filter(incident_id=incident_id, used_at=None, ended_at=None)
    return list(rows.filter(expires_at__gt=at).order_by("made_at"))


def _over(incident_id: str) -> bool:
    return models.IncidentRow.objects.filter(id=incident_id, phase__in=ENDED_PHASES).exists()
