"""How often the public form is answered: for one network, for one address, and for one page. Counts, in whole hours.

Read before anything is locked, so that whoever floods the form holds nobody up who writes. It says nothing of whether
an address is known here: every address is counted alike.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address, ip_address

from django.db.models import F

from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models

from ..comms import links
from ..health import alarms

WITHIN = timedelta(hours=1)
# Of one network, of one address over all pages, and of one page in an hour.
MOST_OF_NETWORK, MOST_OF_ADDRESS, MOST_OF_PAGE = 20, 3, 5_000
# Codes by text message in an hour and in a day: of the installation, and of the numbers that begin alike.
DAY = timedelta(days=1)
CODES, CODES_OF_PREFIX = (100, 400), (40, 150)
# Wrong codes of one network in an hour.
MOST_CODES = 30
# Wrong codes of everybody in an hour, before somebody is told: people mistype, programs guess.
WRONG_CODES = 100
ALARM = "subscriber_codes"
NEXT = {
    "texts": "Look which numbers wait under Subscribers, Text message. Codes leave again with the next hour or day.",
    "guesses": "Nothing is open: each code has five tries. Look at the proxy's log who posts to /subscribe/.../code.",
}


def network(ip: str) -> str:
    """A mark of a network that leads back to nobody: of an IPv6 address its first 64 bits."""
    place = _place(ip)
    return links.token("subscriber-network", place)[:32] if place else ""


def _place(ip: str) -> str:
    """However an address is written: zeros left out, and IPv4 in the clothes of IPv6."""
    try:
        found = ip_address(ip.partition("%")[0])
    except ValueError:
        return ip
    if isinstance(found, IPv6Address):
        mapped = found.ipv4_mapped
        return str(mapped) if mapped else ":".join(found.exploded.split(":")[:4])
    return str(found)


def address_mark(kind: str, address: str) -> str:
    return links.token("subscriber-address", f"{kind}/{address}")[:32]


def passes(key: str, most: int, now: datetime) -> bool:
    """Whether one more is within the limit. Reads only."""
    row = models.SubscribeLimit.objects.filter(id=_id(key, now)).values_list("n", flat=True).first()
    return (row or 0) < most


def count(key: str, now: datetime, within: timedelta = WITHIN) -> None:
    """One more, inside the caller's transaction."""
    until = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + within
    row, made = models.SubscribeLimit.objects.get_or_create(
        id=_id(key, now), defaults={"n": 1, "until": until}
    )
    if not made:
        models.SubscribeLimit.objects.filter(id=row.id).update(n=F("n") + 1)


def code_may_leave(number: str, now: datetime) -> bool:
    """Whether one more code goes out as a text, counted, inside the caller's transaction: they cost money."""
    day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    found = [
        (f"texts/{where}", most, at, at_most)
        for where, (hourly, daily) in (("all", CODES), (number[:4], CODES_OF_PREFIX))
        for most, at, at_most in ((hourly, now, WITHIN), (daily, day, DAY))
    ]
    keys = [(f"{key}/{'h' if span == WITHIN else 'd'}", most, at, span) for key, most, at, span in found]
    if not all(passes(key, most, at) for key, most, at, _ in keys):
        text = f"So many codes were asked for by text message that no more leave for now, among them for {number[:4]}…"
        alarms.raise_alarm(ALARM, "texts", text, now)
        return False
    for key, _, at, span in keys:
        count(key, at, span)
    return True


def code_was_wrong(now: datetime) -> None:
    """Counted, inside the caller's transaction; very many of them, from wherever they come, are an alarm."""
    count("codes/wrong", now)
    if not passes("codes/wrong", WRONG_CODES, now):
        text = f"{WRONG_CODES} wrong codes or more within an hour on the forms of status pages: somebody guesses."
        alarms.raise_alarm(ALARM, "guesses", text, now)


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


def is_over(now: datetime) -> bool:
    """Whether there is anything to tidy."""
    old = models.Alarm.objects.filter(kind=ALARM, cleared_at=None, raised_at__lt=now - DAY)
    return models.SubscribeLimit.objects.filter(until__lt=now).exists() or old.exists()


def tidy(now: datetime) -> int:
    models.Alarm.objects.filter(kind=ALARM, cleared_at=None, raised_at__lt=now - DAY).update(cleared_at=now)
    gone, _ = models.SubscribeLimit.objects.filter(until__lt=now).delete()
    return gone
