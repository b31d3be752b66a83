"""What a subscriber of a status page asked for, and which posts they get by it. Decides and writes nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time

from quarterdeck.core.escalation import quiet
from quarterdeck.core.kernel.refused import Refused, bad
from quarterdeck.core.oncall import wall

from . import contact_rows

KINDS = ("email", "sms", "webhook", "slack", "teams", "push")
SEALED = "sealed:"  # stands before the hash of an address that is kept sealed
EVENTS = ("incidents", "maintenance")
DIGESTS = ("each", "daily")
STATES = ("pending", "active", "quarantined", "ended")
# When a daily digest goes out, on the subscriber's own clock.
DIGEST_AT = time(8)
MOST_CHOSEN = 500
_MAINTENANCE = frozenset({"planned", "reminded", "started", "extended", "finished", "cancelled"})
# A text message says that an incident began and is over, and of a maintenance that it begins; the page says the rest.
_TEXTED = frozenset({"opened", "resolved", "started"})


@dataclass(frozen=True, slots=True)
class Wishes:
    """What somebody wants to hear, checked. Neither components nor groups: the whole page."""

    language: str = ""
    timezone: str = ""
    components: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    events: tuple[str, ...] = EVENTS
    digest: str = "each"
    quiet_from: str = ""
    quiet_to: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a page has to choose from: component ids with their groups, and languages."""

    components: Mapping[str, str]
    languages: Collection[str]


def wishes(said: Wishes, offer: Offer) -> Wishes:
    """What was asked for, in the form it is kept in. Raises Refused with the field that cannot be taken."""
    language = contact_rows.language(said.language[:40])
    if language is None or (language and language not in offer.languages):
        raise _bad("language", "The page is not written in this language. Choose one of the list.")
    zone = said.timezone.strip()
    try:
        if zone:
            wall.check_zone(zone[:80])
    except Refused:
        raise _bad("timezone", "There is no such time zone. Write one such as Europe/Berlin.") from None
    components, groups = _chosen(said, offer)
    events = tuple(e for e in EVENTS if e in said.events)
    if not events or set(said.events) - set(EVENTS):
        raise _bad("events", "Choose incidents, maintenance, or both.")
    if said.digest not in DIGESTS:
        raise _bad("digest", "Choose each message as it comes, or one a day.")
    starts, ends = said.quiet_from.strip(), said.quiet_to.strip()
    if starts or ends:
        try:
            quiet.quiet_hours(zone or "UTC", starts, ends, range(7))
        except Refused:
            told = "Quiet hours have a beginning and another end, such as 22:00 and 07:00."
            raise _bad("quiet_from", told) from None
    return Wishes(language, zone, components, groups, events, said.digest, starts, ends)


def _chosen(said: Wishes, offer: Offer) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if len(said.components) + len(said.groups) > MOST_CHOSEN:
        raise _bad("components", f"Choose at most {MOST_CHOSEN} parts, or none for the whole page.")
    strange = set(said.components) - set(offer.components) or set(said.groups) - set(
        offer.components.values()
    )
    if strange:
        raise _bad("components", "The page has no such part any more. Reload it and choose again.")
    return tuple(dict.fromkeys(said.components)), tuple(dict.fromkeys(g for g in said.groups if g))


def _bad(field: str, text: str) -> Refused:
    return bad(f"subscriber.{field}", text, **{field: text})


def is_maintenance(event: str) -> bool:
    return event in _MAINTENANCE


def wants(
    event: str, affected: Collection[str], groups: Collection[str], *, kind: str, events: Iterable[str],
    components: Collection[str], chosen_groups: Collection[str], maintenance: bool = False,
) -> bool:  # fmt: skip
    """Whether a subscriber gets a post. One that touches no part of the page concerns everybody.

    `maintenance`: its word says that it is of one, as an update is, too.
    """
    if ("maintenance" if maintenance or is_maintenance(event) else "incidents") not in events:
        return False
    if kind == "sms" and event not in _TEXTED:
        return False
    if not affected or not (components or chosen_groups):
        return True
    return not set(affected).isdisjoint(components) or not set(groups).isdisjoint(chosen_groups)


def waits_until(
    at: datetime, *, digest: str, timezone: str, quiet_from: str, quiet_to: str
) -> datetime | None:
    """When a post of `at` may go out to a subscriber who has it later; None for now."""
    zone = timezone or "UTC"
    late = _next_digest(at, zone) if digest == "daily" else None
    if quiet_from and quiet_to:
        hours = quiet.quiet_hours(zone, quiet_from, quiet_to, range(7))
        over = quiet.until(hours, late or at, "low")
        late = over or late
    return late


def _next_digest(at: datetime, zone: str) -> datetime:
    """The next eight o'clock of this zone."""
    tz = wall.zone(zone)
    shown = wall.wall(at, tz)
    today = datetime.combine(shown.date(), DIGEST_AT)
    return wall.instant(today if shown < today else today + wall.DAY, tz)
