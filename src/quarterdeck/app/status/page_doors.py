"""Getting into a private status page: by its password, or by a link that is mailed to an address and works once.

Nobody learns here which addresses may, nor whether one was mailed: every address is answered alike, by the same work,
and the engine decides afterwards. Tries are counted for each page and place they come from.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password

from quarterdeck.channels.mail_message import check_address
from quarterdeck.channels.status_site.outside import phrases
from quarterdeck.core.kernel.refused import Refused, bad
from quarterdeck.core.kernel.text import line
from quarterdeck.core.status import access as core
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from .. import due
from ..comms import links
from ..paging.directory import Directory
from ..subscribers import subscribe_limits
from . import page_access, page_readers

KIND = "page-mail-link"
PURPOSE = "page-mail"
WITHIN = timedelta(minutes=10)
LINK_HOLDS = timedelta(minutes=30)
# Why a link opens nothing any more.
USED, OLD, BARRED = "used", "old", "barred"
# Tries within that time of one network. Where a page has had this many of all of them, a network has one.
MOST_OF_SOURCE = {"password": 10, "mail": 10}
MOST_OF_PAGE = {"password": 400, "mail": 400}
# Mails to one address for one page within that time, whoever asks for them.
MOST_TO_ADDRESS = 3
_KEEP = timedelta(days=1)
# By such a name a mail server may pass a mail on to another domain than the one it is judged by.
_ROUTE = re.compile(r"[%!]|=\?")


def find(page_key: str, door: str) -> models.StatusPage | None:
    """The page behind this door. None for a wrong one and for no page, which look alike."""
    page = models.StatusPage.objects.select_related("access").filter(key=page_key[:60]).first()
    ref = page_access.door_ref(page or page_readers.stranger())
    if not links.holds("page-door", ref, door) or page is None or page.public:
        return None
    return page


def by_password(page: models.StatusPage, given: str, source: str, at: datetime) -> str:
    """The right of somebody who knows the password. Raises Refused otherwise, or after too many tries."""
    knock = _knock(page, "password", source, at)
    row = page_access.of(page)
    good = row.password if how(page).password else ""
    # Outside any transaction, and as long where there is no password at all.
    fits = check_password(given[: page_access.LONGEST_PASSWORD], good or _nobodys())
    if not fits or not good or len(given) > page_access.LONGEST_PASSWORD:
        message = "This is not the password. Ask whoever gave it to you for the current one."
        raise bad("page.password", message, password=message)
    with tx.write():
        models.PageKnock.objects.filter(id=knock.id).delete()  # only what failed counts
    return page_readers.right(page, row, page_readers.PASSWORD, "", at)


_made: list[str] = []


def _nobodys() -> str:
    """A hash that nothing fits."""
    if not _made:
        _made.append(make_password(new_id()))
    return _made[0]


def how(page: models.StatusPage) -> core.Ways:
    """The ways that count for whoever stands at the door."""
    found = page_access.ways(page, page_access.of(page))
    return found if found.visibility == "private" else core.Ways(found.visibility)


def ask_mail(page: models.StatusPage, address: str, source: str, at: datetime, language: str = "en") -> None:
    """Somebody who reads `language` says that this address is theirs. The same for every address."""
    email = _plain(address)
    _knock(page, "mail", source, at)
    generation = page_access.of(page).generation
    with tx.write("engine"):
        # Of this page and of rights that still count: what is asked for elsewhere keeps nobody out here.
        lately = models.PageMailLink.objects.filter(
            page=page, address=email, generation=generation, made_at__gt=at - WITHIN
        )
        if lately.count() < MOST_TO_ADDRESS:
            row = models.PageMailLink.objects.create(
                id=new_id(), page=page, address=email, made_at=at, expires_at=at + LINK_HOLDS,
                generation=generation,
            )  # fmt: skip
            due.arm(KIND, row.id, at, at, language=language)


def _plain(address: str) -> str:
    """A typed address as mail is sent to it, in ASCII: this form alone is judged, counted and stored."""
    try:
        plain = check_address(line(address, 254)).lower()
        if _ROUTE.search(plain.rpartition("@")[0]):
            raise bad("page.email", "This name leads on to somewhere else.")
        return plain
    except Refused:
        message = "This is not a mail address. Write it as you@example.com."
        raise bad("page.email", message, email=message) from None


def fire(link_id: str, directory: Directory) -> None:
    """Mail the link where the address may; inside the caller's transaction."""
    row = models.PageMailLink.objects.select_related("page").filter(id=link_id).first()
    if row is None or _why_closed(row, directory.now):
        return
    url = f"{settings.QUARTERDECK_PUBLIC_URL}/status-access-links/{row.id}/{links.token(PURPOSE, row.id)}/"
    asked = models.Due.objects.filter(kind=KIND, ref=row.id).values_list("data", flat=True).first() or {}
    language = asked.get("language", "en")
    if language != "en":
        url += f"?lang={language}"
    said = phrases(language, url=url, page=line(row.page.title, 200))
    models.Delivery.objects.create(
        id=new_id(), key=f"page-mail/{row.id}", cls="message", channel="email", address=row.address,
        body={
            "subject": line(said["m_subject"], 200), "kind": "message",
            "urgency": "high", "recipient_name": "", "text": said["m_text"],
            "data": {"language": language},
        },
        next_at=directory.now, not_after=row.expires_at, created_at=directory.now,
    )  # fmt: skip


def link(link_id: str, token: str) -> models.PageMailLink | None:
    """What a mailed link opens; None for a wrong one, which looks like one that never was."""
    if not links.holds(PURPOSE, link_id, token):
        return None
    return models.PageMailLink.objects.select_related("page").filter(id=link_id).first()


def why_closed(row: models.PageMailLink, at: datetime) -> str:
    """Why it opens nothing any more: USED, OLD or BARRED; "" while it does."""
    return _why_closed(row, at)


def _why_closed(row: models.PageMailLink, at: datetime) -> str:
    if row.used_at is not None:
        return USED
    mine = page_access.of(row.page)
    if row.expires_at <= at or mine.generation != row.generation:
        return OLD
    if core.domain_of(row.address) not in how(row.page).domains:
        return BARRED
    return ""


def use(link_id: str, at: datetime) -> tuple[models.StatusPage, str]:
    """Use a link up: the page, and the right of whoever had it. Refused a second time."""
    with tx.write("web"):
        row = (
            models.PageMailLink.objects.select_for_update(of=("self",)).select_related("page").get(id=link_id)
        )
        why = _why_closed(row, at)
        if why:
            raise Refused("page.link", phrases("en")[f"l_{why}"])
        row.used_at = at
        row.save(update_fields=["used_at"])
        log.audit("PageOpenedByMail", {"page": row.page_id}, at=at, actor="reader")
    mine = page_access.of(row.page)
    return row.page, page_readers.right(row.page, mine, page_readers.MAIL, core.domain_of(row.address), at)


def _knock(page: models.StatusPage, way: str, source: str, at: datetime) -> models.PageKnock:
    """Count a try before anything is checked, so that many at one instant count, too.

    However many try at once, a network that has not failed lately is let try: nobody keeps the readers out.
    """
    came_from = links.token("page-source", f"{page.id}/{subscribe_limits.network(source)}/{at:%Y-%m-%d}")
    lately = models.PageKnock.objects.filter(page=page, way=way, at__gt=at - WITHIN)
    with tx.write():
        tx.lock("page knocks")
        tried = lately.filter(source=came_from).count()
        if tried >= MOST_OF_SOURCE[way] or (tried and lately.count() >= MOST_OF_PAGE[way]):
            raise Refused(
                "page.tries", "Too many tries at this moment. Try again in ten minutes.", kind="limited"
            )
        row = models.PageKnock.objects.create(page=page, way=way, source=came_from, at=at)
        models.PageKnock.objects.filter(page=page, at__lt=at - _KEEP).delete()
        models.PageMailLink.objects.filter(page=page, made_at__lt=at - _KEEP).delete()
    return row
