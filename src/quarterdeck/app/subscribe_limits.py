"""How often the public form is answered: for one network, for one address, and for one page. Counts, in whole hours.

Read before anything is locked, so that whoever floods the form holds nobody up who writes. It says nothing of whether
an address is known here: every address is counted alike.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db.models import F

from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models

from . import links

WITHIN = timedelta(hours=1)
# Of one network, of one address over all pages, and of one page in an hour.
MOST_OF_NETWORK, MOST_OF_ADDRESS, MOST_OF_PAGE = 20, 3, 5_000
# Wrong codes of one network in an hour.
MOST_CODES = 30


def network(ip: str) -> str:
    """A mark of a network that leads back to nobody: of an IPv6 address its first 64 bits."""
    place = ":".join(ip.split(":")[:4]) if ip.count(":") > 1 else ip
    return links.token("subscriber-network", place)[:32] if place else ""


def address_mark(kind: str, address: str) -> str:
    return links.token("subscriber-address", f"{kind}/{address}")[:32]


def passes(key: str, most: int, now: datetime) -> bool:
    """Whether one more is within the limit. Reads only."""
    row = models.SubscribeLimit.objects.filter(id=_id(key, now)).values_list("n", flat=True).first()
    return (row or 0) < most


def count(key: str, now: datetime) -> None:
    """One more, inside the caller's transaction."""
    until = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + WITHIN
    row, made = models.SubscribeLimit.objects.get_or_create(
        id=_id(key, now), defaults={"n": 1, "until": until}
    )
    if not made:
        models.SubscribeLimit.objects.filter(id=row.id).update(n=F("n") + 1)


def refuse() -> Refused:
    return Refused(
        "subscribe.limit", "Too many requests came from your network. Try again in an hour.", kind="limited"
    )


def busy() -> Refused:
    return Refused(
        "subscribe.busy", "Very many people subscribe at this moment. Try again in an hour.", kind="limited"
    )


def _id(key: str, now: datetime) -> str:
    return f"{key}/{now.astimezone(UTC):%Y%m%d%H}"


def tidy(now: datetime) -> int:
    gone, _ = models.SubscribeLimit.objects.filter(until__lt=now).delete()
    return gone
