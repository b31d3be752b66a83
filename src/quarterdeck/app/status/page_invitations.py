"""Inviting people to follow a private page by mail, and withdrawing that. Audited.

An invitation is a question: whoever is invited confirms by the link in the mail, as somebody who asked by themselves,
and is told nothing before. Who ended a subscription by themselves is not asked again. What it is worth later is
`page_invited`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from quarterdeck.channels.status_site.subscribing import LANGUAGES
from quarterdeck.core.comms import contact_rows
from quarterdeck.core.kernel.refused import Refused, bad, missing
from quarterdeck.core.kernel.text import cut, line
from quarterdeck.core.status import access as core
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from .. import due
from ..act import Act, need
from ..paging.directory import Directory
from ..subscribers import subscribe_addresses, subscribe_letters, subscribe_limits, subscriber_ends
from . import page_invited, page_languages, status_pages
from .page_ways import of, ways

KIND = "page_invitation"
# At once, and standing on one page; and how many the engine asks in one transaction.
MOST_AT_ONCE, MOST, AT_ONCE = 1_000, 5_000, 100
# Faults that are told of one by one; there may be many more.
_TOLD = 10
# Whoever ended it in one of these ways said no to nobody.
_NOT_THEIRS = frozenset({"manager", subscriber_ends.INVITED})


@dataclass(frozen=True, slots=True)
class Invited:
    """What came of inviting: the invitations, and what is to be known about some of them, in words."""

    rows: list[models.PageInvitation]
    warnings: list[str]


def invite(act: Act, page_key: str, given: Sequence[str], language: str = "") -> Invited:
    """Each a mail address; all of them or none. Once more asks again whoever has not confirmed yet."""
    need(act, "status.edit")
    page = status_pages.find_page(page_key)
    _must_be_open(page)
    addresses = _addresses(given)
    spoken = _language(page, language)
    how = ways(page, of(page))
    strange = {a for a in addresses if core.strange_to(how, a)}
    with tx.write("engine"):
        tx.lock("page invitations")
        known = {r.address: r for r in page.invitations.select_for_update().filter(address__in=addresses)}
        standing = page.invitations.filter(withdrawn_at=None).exclude(address__in=addresses).count()
        if standing + len(addresses) > MOST:
            text = f"At most {MOST:,} people are invited to one page. Withdraw those who no longer need it."
            raise Refused("invitation.most", text)
        new = [models.PageInvitation(id=new_id(), page=page, address=a) for a in addresses if a not in known]
        told: dict[str, Any] = {
            "language": spoken, "by": act.person, "at": act.at, "asked_at": None, "withdrawn_at": None,
            "withdrawn_by": "",
        }  # fmt: skip
        rows = [*new, *known.values()]
        for row in rows:
            row.despite = row.address in strange
            for field, value in told.items():
                setattr(row, field, value)
        models.PageInvitation.objects.bulk_create(new, batch_size=200)
        models.PageInvitation.objects.bulk_update(known.values(), ["despite", *told], batch_size=200)
        due.rearm(KIND, page.id, act.at, act.at)
        noted = {"page": page.id, "invitations": [r.id for r in rows]}
        log.audit("PageInvited", noted, at=act.at, actor=act.person)
    return Invited(sorted(rows, key=lambda r: r.id), _warnings(page, how, strange, addresses))


def _must_be_open(page: models.StatusPage) -> None:
    if page.public:
        text = "This page is public: everybody can subscribe to it, nobody has to be invited."
        raise Refused("invitation.public", text)
    if not page_invited.open_to_invited(page):
        text = (
            "This page is for people who sign in, or is kept a secret, so nobody is told of it by mail. Under Access "
            "make it private and not hidden first."
        )
        raise Refused("invitation.closed", text)


def _addresses(given: Sequence[str]) -> list[str]:
    """In the form they are kept in, each once; every one that cannot be taken is named with its line."""
    lines = [(n, text.strip()) for n, text in enumerate(given, 1) if text.strip()]
    if not lines:
        raise _bad("Write at least one mail address, each on a line of its own.")
    if len(lines) > MOST_AT_ONCE:
        text = f"At most {MOST_AT_ONCE:,} are invited at once, these are {len(lines):,}. Nobody was invited."
        raise _bad(text)
    found: dict[str, None] = {}
    faults: list[str] = []
    for n, text in lines:
        try:
            found[subscribe_addresses.check("email", text).address] = None
        except Refused as refused:
            faults.append(f"Line {n} ({contact_rows.shown(cut(text, 60))}): {refused.message}")
    if faults:
        more = f" And {len(faults) - _TOLD} more." if len(faults) > _TOLD else ""
        raise _bad(f"Nobody was invited. {' '.join(faults[:_TOLD])}{more}")
    return list(found)


def _bad(text: str) -> Refused:
    return bad("invitation.addresses", text, addresses=text)


def _language(page: models.StatusPage, wanted: str) -> str:
    spoken = contact_rows.language(wanted[:40])
    if spoken is None or (spoken and spoken not in LANGUAGES):
        text = f"Write to them in one of these: {', '.join(LANGUAGES)}."
        raise bad("invitation.language", text, language=text)
    first = page_languages.first(page)
    return spoken or (first if first in LANGUAGES else "")


def _warnings(
    page: models.StatusPage, how: core.Ways, strange: set[str], addresses: Sequence[str]
) -> list[str]:
    found = []
    if strange:
        who = ", ".join(sorted(strange)[:_TOLD]) + (" and others" if len(strange) > _TOLD else "")
        found.append(
            f"The page lets in {', '.join(how.domains[:5])} alone: {who} get its mails, but cannot open it."
        )
    no = models.Subscriber.objects.filter(page=page, kind="email", address__in=addresses)
    ended = no.exclude(ended_at=None).exclude(ended_via__in=_NOT_THEIRS).exclude(state="active")
    said = sorted(ended.values_list("address", flat=True))
    if said:
        who = ", ".join(said[:_TOLD]) + (" and others" if len(said) > _TOLD else "")
        found.append(f"They ended their subscription themselves and are not asked again: {who}.")
    return found


def withdraw(act: Act, page_key: str, invitation_id: str) -> models.PageInvitation:
    """From now on nothing is sent by it, not even what waits. Twice changes nothing."""
    need(act, "status.edit")
    page = status_pages.find_page(page_key)
    row = find(page, invitation_id)
    with tx.write("engine"):
        rows = models.PageInvitation.objects.filter(id=row.id, withdrawn_at=None)
        if rows.update(withdrawn_at=act.at, withdrawn_by=act.person):
            follower = models.Subscriber.objects.filter(page=page, kind="email", address=row.address).first()
            if follower is not None and not page.public:
                subscriber_ends.uninvited(follower, act.at)
            told = {"page": page.id, "invitation": row.id}
            log.audit("PageInvitationWithdrawn", told, at=act.at, actor=act.person)
    return find(page, invitation_id)


def find(page: models.StatusPage, invitation_id: str) -> models.PageInvitation:
    row = models.PageInvitation.objects.filter(page=page, id=invitation_id).first()
    if row is None:
        raise missing("invitation.unknown", "This page has no such invitation. Reload the list.")
    return row


def of_page(page: models.StatusPage, words: str = "") -> QuerySet[models.PageInvitation]:
    """Those that stand, by a part of the address. Unordered."""
    rows = models.PageInvitation.objects.filter(page=page, withdrawn_at=None)
    return rows.filter(address__icontains=line(words, 100)) if words else rows


def states(page: models.StatusPage, rows: Sequence[models.PageInvitation]) -> dict[str, str]:
    """How far each has come, by its id: waiting | asked | follows | failing | ended | closed (it does not count)."""
    addresses = [r.address for r in rows]
    counts = page_invited.counting(page, addresses)
    known = models.Subscriber.objects.filter(page=page, kind="email", address__in=addresses)
    by_address = dict(known.values_list("address", "state"))
    word = {"active": "follows", "quarantined": "failing", "ended": "ended"}
    found = {}
    for row in rows:
        state = "closed" if not page.public and row.address not in counts else ""
        asked = "asked" if row.asked_at else "waiting"
        found[row.id] = state or word.get(by_address.get(row.address, ""), asked)
    return found


# -- asked by the engine


def fire(page_id: str, directory: Directory) -> None:
    """Ask the next of those who are invited, inside the caller's transaction, and come again while there are more."""
    page = models.StatusPage.objects.select_related("access").filter(id=page_id).first()
    if page is None or not page_invited.open_to_invited(page):
        return
    now = directory.now
    waiting = models.PageInvitation.objects.filter(page=page, asked_at=None, withdrawn_at=None)
    rows = list(waiting.order_by("id")[:AT_ONCE])
    counts = page_invited.counting(page, [r.address for r in rows])
    for row in rows:
        if row.address in counts:
            _ask(page, row, now)
    models.PageInvitation.objects.filter(id__in=[r.id for r in rows]).update(asked_at=now)
    if len(rows) == AT_ONCE:
        due.arm(KIND, page_id, now, now)


def _ask(page: models.StatusPage, invitation: models.PageInvitation, now: datetime) -> None:
    rows = models.Subscriber.objects.select_for_update().filter(
        page=page, kind="email", address=invitation.address
    )
    row = rows.first() or models.Subscriber(
        id=new_id(), page=page, kind="email", address=invitation.address, events=["incidents", "maintenance"]
    )
    said_no = row.ended_at is not None and row.ended_via not in _NOT_THEIRS
    if row.state in ("active", "quarantined") or said_no or subscribe_letters.mail_is_dead(row):
        return
    mark = f"to/{subscribe_limits.address_mark('email', row.address)}"
    if not subscribe_limits.passes(mark, subscribe_limits.MOST_OF_ADDRESS, now):
        return
    subscribe_limits.count(mark, now)
    row.page, row.shown, row.language = page, row.address, invitation.language
    row.source, row.by, row.asked_at, row.state = subscriber_ends.INVITED, invitation.by, now, "pending"
    row.confirmed_at, row.reason = None, ""
    subscribe_letters.ask_to_confirm(row, now, invited=True)
