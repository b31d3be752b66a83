"""Lists of subscribers: out with the trail of their consent, and in as a list of contacts comes in, for a page.

A list that comes in is of mail addresses. Who ended a subscription stays so, whatever a list says; who is not
subscribed where the list comes from is not taken. What a row calls its lists are the components that the page shows,
its own and those of others, by the words it shows them with.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

from quarterdeck.core.comms.contact_rows import Fault, Row
from quarterdeck.core.comms.subscribing import EVENTS, Offer, Wishes, wishes
from quarterdeck.core.kernel import moments
from quarterdeck.core.kernel.refused import Refused, missing
from quarterdeck.core.status import Component
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from ..act import Act, need
from ..status import audience_pages
from . import subscriber_ends

PAGE = "page:"
COLUMNS = (
    "kind", "address", "language", "components", "events", "digest", "state", "reason", "consent_source", "consent_at",
    "asked_at", "ended_at", "ended_via", "component_groups", "timezone",
    "quiet_from", "quiet_to",
)  # fmt: skip
EXAMPLE = (
    "email", "language", "components", "component_groups", "events", "digest", "timezone", "quiet_from", "quiet_to",
    "consent_source", "consent_at",
)  # fmt: skip
_OTHER_STATES = frozenset({"ended", "unsubscribed", "quarantined", "pending", "unconfirmed", "bounced"})


def is_page(audience: str) -> bool:
    return audience.startswith(PAGE)


def page_of(audience: str) -> models.StatusPage:
    """Refused where the page is no more."""
    page = models.StatusPage.objects.filter(id=audience.removeprefix(PAGE)).first()
    if page is None:
        raise missing("page.unknown", "There is no such status page. Choose one of the list.")
    return page


def must_exist(audience: str) -> None:
    page = page_of(audience)
    if not page.public:
        text = (
            "This page is not public, so nobody can subscribe to it. Invite people, or make it public first."
        )
        raise Refused("subscriber.page", text)


def named(text: str) -> str:
    """A component as a list may call it."""
    return re.sub(r"[^a-z0-9._-]+", "-", text.strip().lower()).strip("-._")[:39]


def judge_of(row: models.ContactImport) -> Callable[[Row | Fault], Row | Fault]:
    """What is asked of each row besides; of a list for an audience nothing."""
    if not is_page(row.audience):
        return lambda judged: judged
    shown = audience_pages.components(page_of(row.audience))
    known, groups = set(_parts(shown)), {c.group for c in shown}

    def judge(judged: Row | Fault) -> Row | Fault:
        if isinstance(judged, Fault):
            return judged
        if judged.state in _OTHER_STATES:
            return Fault("state", "They are not subscribed where this list comes from.", judged.state)
        strange = [name for name in judged.segments if name not in known]
        if strange:
            return Fault(
                "component", "The page has no such component. Correct its name or leave it out.", strange[0]
            )
        try:
            wishes(_wished(judged), Offer({g: g for g in groups}, ()))
        except Refused as refused:
            return Fault("wishes", refused.message)
        return judged

    return judge


def _wished(said: Row) -> Wishes:
    told = dict(said.wishes)
    many = {
        k: tuple(v.strip() for v in _several(told.get(k, "")) if v.strip())
        for k in ("events", "component_groups")
    }
    return Wishes(
        timezone=told.get("timezone", ""), groups=many["component_groups"], events=many["events"] or EVENTS,
        digest=told.get("digest", "each"), quiet_from=told.get("quiet_from", ""), quiet_to=told.get("quiet_to", ""),
    )  # fmt: skip


def _several(cell: str) -> list[str]:
    """What stands in one cell with semicolons between; one that has a semicolon itself stands in quotes."""
    return next(csv.reader([cell], delimiter=";"), [])


def _one_cell(values: Sequence[str]) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=";", lineterminator="").writerow(values)
    return text.getvalue() if values else ""


def words(shown: Sequence[Component]) -> dict[str, str]:
    """What a list calls each component that a page shows: its name there, or its id where two are called alike and
    where the name has nothing that a list can hold.
    """
    names = {c.id: named(c.name) for c in shown}
    often = Counter(names.values())
    return {ident: name if name and often[name] == 1 else ident for ident, name in names.items()}


def _parts(shown: Sequence[Component]) -> dict[str, str]:
    return {c.id: c.id for c in shown} | {word: ident for ident, word in words(shown).items()}


def example(page: models.StatusPage) -> list[list[str]]:
    """Rows of a file that can be brought for this page, with its own words; the first has the titles."""
    shown = audience_pages.components(page)
    parts = list(words(shown).values())[:2]
    group = next((c.group for c in shown if c.group), "")
    return [
        list(EXAMPLE),
        ["ana@example.com", "en", "", "", "incidents;maintenance", "each", "", "", "", "sign-up form", "2026-01-31"],
        ["ben@example.com", "de", ";".join(parts), "", "incidents", "each", "Europe/Berlin", "22:00", "07:00",
         "contract", "2026-02-28"],
        ["eve@example.com", "", "", _one_cell([group] if group else []), "maintenance", "daily", "", "", "",
         "asked by mail", "2026-03-31"],
    ]  # fmt: skip


def merge(row: models.ContactImport, good: dict[str, Row], now: datetime) -> None:
    """New addresses are added, known ones stay as they are, inside the caller's transaction."""
    page_id = row.audience.removeprefix(PAGE)
    known = models.Subscriber.objects.filter(page_id=page_id, kind="email", address__in=list(good))
    standing = {r.address: r for r in known}
    parts = _parts(audience_pages.components(page_of(row.audience)))
    added = []
    for email, said in good.items():
        old = standing.get(email)
        if old is not None and old.state != "pending":
            row.withheld += old.state == "ended"
            row.same += old.state != "ended"
            continue
        if old is not None and old.ended_at is not None:
            row.withheld += 1
            continue
        added.append(_made(old, row, said, parts, page_id, now))
    models.Subscriber.objects.filter(id__in=[r.id for r in added]).delete()
    models.Subscriber.objects.bulk_create(added, batch_size=200)
    subscriber_ends.hold_if_suppressed(added)
    row.added += len(added)


def _made(
    old: models.Subscriber | None, row: models.ContactImport, said: Row, parts: dict[str, str], page_id: str,
    now: datetime,
) -> models.Subscriber:  # fmt: skip
    at = _moment(said.consent_at) or row.consent_at or row.created_at
    wanted = _wished(said)
    return models.Subscriber(
        id=old.id if old else new_id(), page_id=page_id, kind="email", address=said.email, shown=said.email,
        language=said.language, components=[parts[name] for name in said.segments], events=list(wanted.events),
        groups=list(wanted.groups), digest=wanted.digest, timezone=wanted.timezone, quiet_from=wanted.quiet_from,
        quiet_to=wanted.quiet_to,
        state="active", source=(said.consent_source or row.source)[:120], by=row.created_by, asked_at=at,
        confirmed_at=min(at, now),
    )  # fmt: skip


def _moment(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text.strip()) if text else None
        found = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC) if at else None
        return found or (moments.parse(text) if text else None)
    except (ValueError, OverflowError, Refused):
        return None


def exported(act: Act, page: models.StatusPage) -> None:
    """The subscribers leave as a file: that is written down."""
    need(act, "status.edit")
    with tx.write():
        n = models.Subscriber.objects.filter(page=page).count()
        told = {"page": page.id, "subscribers": n}
        log.audit("SubscribersExported", told, at=act.at, actor=act.person)


def rows(page: models.StatusPage) -> Iterator[list[str]]:
    """Each subscriber as a row of `COLUMNS`, without sealed addresses; cells are not yet safe for a spreadsheet."""
    names = words(audience_pages.components(page))
    for r in models.Subscriber.objects.filter(page=page).defer("target").order_by("id").iterator(2000):
        at = [moments.text(t) if t else "" for t in (r.confirmed_at, r.asked_at, r.ended_at)]
        address = r.address if r.kind in ("email", "sms") else r.shown
        # What is not shown any more keeps its id: without it the row would be about the whole page.
        chosen = ";".join(names.get(c, c) for c in r.components)
        yield [
            r.kind, address, r.language, chosen, ";".join(r.events), r.digest, r.state, r.reason, r.source, *at,
            r.ended_via, _one_cell(r.groups), r.timezone, r.quiet_from, r.quiet_to,
        ]  # fmt: skip
