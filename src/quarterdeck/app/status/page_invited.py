"""Who may follow a status page that is not public: those whose invitation counts now. Reads only.

It is asked whenever something is about to be sent, so that a withdrawal, a page that is closed further, or a mail
domain off the list ends what an invitation began.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from quarterdeck.core.status import access as core
from quarterdeck.store import models

from .page_ways import of, ways


def open_to_invited(page: models.StatusPage) -> bool:
    """Whether invitations count on this page at all: it is private, and no secret."""
    row = of(page)
    return core.invites(ways(page, row), hidden=row.hidden)


def tells(page: models.StatusPage) -> bool:
    """Whether it tells anybody outside by mail."""
    return page.public or open_to_invited(page)


def counting(page: models.StatusPage, addresses: Collection[str] | None = None) -> set[str]:
    """The addresses whose invitation counts now, of these or of all."""
    if not open_to_invited(page):
        return set()
    rows = models.PageInvitation.objects.filter(page=page, withdrawn_at=None)
    if addresses is not None:
        rows = rows.filter(address__in=list(addresses))
    how = ways(page, of(page))
    found = rows.values_list("address", "despite")
    return {address for address, despite in found if despite or not core.strange_to(how, address)}


def following(page: models.StatusPage, rows: Sequence[models.Subscriber]) -> list[models.Subscriber]:
    """Those of these subscribers of the page whom it may tell now."""
    if page.public or not rows:
        return list(rows)
    allowed = counting(page, [r.address for r in rows if r.kind == "email"])
    return [r for r in rows if r.kind == "email" and r.address in allowed]


def ids(page: models.StatusPage) -> list[str]:
    """The subscribers of a page that is not public whom it may tell, by id."""
    rows = models.Subscriber.objects.filter(page=page, kind="email", address__in=counting(page))
    return list(rows.values_list("id", flat=True))
