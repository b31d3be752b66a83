"""Whether somebody may read a file of a status page now: what they bring (a session, a right, a token, an address) is
checked here and put before the core. Reads only.

A right is a signed value that the browser keeps: bound to the page, to how it was won and to an end. Nothing of it is
stored, and raising the page's generation, another password or a domain off the list ends it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from quarterdeck.core.access import GUEST
from quarterdeck.core.status import access as core
from quarterdeck.store import models

from ..comms import links
from . import page_access

PASSWORD, MAIL = "password", "mail"
_LONGEST = 600


@dataclass(frozen=True, slots=True)
class Brought:
    """What came with a request, as it came. `person` is who is signed in here and has every factor that is asked for,
    checked by the caller.
    """

    person: str = ""
    role: str = ""
    right: str = ""
    token: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """`hidden`: whoever is refused must not learn that there is such a page."""

    allowed: bool
    reason: str
    hidden: bool = True
    page: models.StatusPage | None = None


def judge(key: str, file: str, brought: Brought, now: datetime) -> Judged:
    """Whether whoever brought this may have this file of the page with this key."""
    # One query whether there is such a page or not, so that the time it takes tells nothing either.
    page = models.StatusPage.objects.select_related("access").filter(key=key).first()
    if page is None:
        return Judged(False, "unknown")
    return judge_page(page, file, brought, now)


def closed_pages() -> dict[str, models.StatusPage]:
    """Every page that is not public by its key, with what it takes to judge without asking the store again."""
    return {p.key: p for p in models.StatusPage.objects.filter(public=False).select_related("access")}


def stranger() -> models.StatusPage:
    """A page that is none, to be judged in place of one that does not exist: no answer is quicker than another."""
    page = models.StatusPage(id="-", key="-", public=False)
    page.access = models.PageAccess(page=page, visibility="private", feeds=1)
    return page


def judge_page(page: models.StatusPage, file: str, brought: Brought, now: datetime) -> Judged:
    """As `judge`, of a page that was read. Asks the store for nothing where its access was read with it."""
    row = page_access.of(page)
    how = page_access.ways(page, row)
    answer = core.decide(how, _evidence(page, row, brought, now), file)
    return Judged(answer.allowed, answer.reason, row.hidden, page)


def _evidence(
    page: models.StatusPage, row: models.PageAccess, brought: Brought, now: datetime
) -> core.Evidence:
    way, subject = _opened(page, row, brought.right, now)
    feeds = row.feeds > 0 and links.holds("page-feed", f"{page.id}/{row.feeds}", brought.token)
    return core.Evidence(
        member=bool(brought.person) and brought.role != GUEST,
        password=way == PASSWORD,
        domain=subject if way == MAIL else "",
        feed=feeds,
        address=brought.address,
    )


def cookie_name(page_key: str) -> str:
    """A name of its own for each page: rights for two pages do not push each other out."""
    digest = hashlib.sha256(page_key.encode()).hexdigest()[:12]
    secure = "__Secure-" if settings.QUARTERDECK_PUBLIC_URL.startswith("https://") else ""
    return f"{secure}quarterdeck-page-{digest}"


def right(page: models.StatusPage, row: models.PageAccess, way: str, subject: str, now: datetime) -> str:
    """What the browser keeps of somebody who got in."""
    until = int((now + timedelta(hours=row.hours)).timestamp())
    return f"{way}~{subject}~{until}~{links.token('page-right', _ref(page, row, way, subject, until))}"


def _opened(page: models.StatusPage, row: models.PageAccess, given: str, now: datetime) -> tuple[str, str]:
    """By which way this right was won, and its domain for a mail; two empty texts for one that counts for nothing."""
    parts = given.split("~") if len(given) <= _LONGEST else []
    if len(parts) != 4:
        return "", ""
    way, subject, until, signature = parts
    if way not in (PASSWORD, MAIL) or not until.isascii() or not until.isdigit() or len(until) > 12:
        return "", ""
    if not links.holds("page-right", _ref(page, row, way, subject, int(until)), signature):
        return "", ""
    return (way, subject) if now.timestamp() < int(until) else ("", "")


def _ref(page: models.StatusPage, row: models.PageAccess, way: str, subject: str, until: int) -> str:
    secret = hashlib.sha256(row.password.encode()).hexdigest() if way == PASSWORD else ""
    return f"{page.id}/{row.generation}/{way}/{subject}/{until}/{secret}"
