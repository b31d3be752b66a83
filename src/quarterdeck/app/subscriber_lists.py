"""Lists of subscribers: out with the trail of their consent, and in as a list of contacts comes in, for a page.

A list that comes in is of mail addresses. Who ended a subscription stays so, whatever a list says; who is not
subscribed where the list comes from is not taken. What a row calls its lists are components of the page, by
their names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from quarterdeck.core.comms.contact_rows import Fault, Row
from quarterdeck.core.comms.subscribing import EVENTS, Offer, Wishes, wishes
from quarterdeck.core.kernel import moments
from quarterdeck.core.kernel.refused import Refused, missing
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from . import subscriber_ends
from .act import Act, need

PAGE = "page:"
COLUMNS = (
    "kind", "address", "language", "components", "events", "digest", "state", "reason", "consent_source", "consent_at",
    "asked_at", "ended_at", "ended_via", "component_groups", "timezone",
    "quiet_from", "quiet_to",
)  # fmt: skip
_OTHER_STATES = frozenset({"ended", "unsubscribed", "quarantined", "pending", "unconfirmed", "bounced"})


def is_page(audience: str) -> bool:
    return audience.startswith(PAGE)


def must_exist(audience: str) -> None:
    page = models.StatusPage.objects.filter(id=audience.removeprefix(PAGE)).first()
    if page is None:
        raise missing("page.unknown", "There is no such status page. Choose one of the list.")
    if not page.public:
        text = (
            "This page is not public, so nobody can subscribe to it. Invite people, or make it public first."
        )
        raise Refused("subscriber.page", text)


def named(text: str) -> str:
    """A component as a list may call it."""
    return re.sub(r"[^a-z0-9._-]+", "-", text.strip().lower()).strip("-")[:39]


def judge_of(row: models.ContactImport) -> Callable[[Row | Fault], Row | Fault]:
    """What is asked of each row besides; of a list for an audience nothing."""
    if not is_page(row.audience):
        return lambda judged: judged
    page_id = row.audience.removeprefix(PAGE)
    known = set(_parts(page_id))
    groups = set(models.Component.objects.filter(page_id=page_id).values_list("group", flat=True))

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
        k: tuple(v.strip() for v in told.get(k, "").split(";") if v.strip())
        for k in ("events", "component_groups")
    }
    return Wishes(
        timezone=told.get("timezone", ""), groups=many["component_groups"], events=many["events"] or EVENTS,
        digest=told.get("digest", "each"), quiet_from=told.get("quiet_from", ""), quiet_to=told.get("quiet_to", ""),
    )  # fmt: skip


def _parts(page_id: str) -> dict[str, str]:
    rows = models.Component.objects.filter(page_id=page_id).values_list("name", "id")
    return {named(name): ident for name, ident in rows}


def merge(row: models.ContactImport, good: dict[str, Row], now: datetime) -> None:
    """New addresses are added, known ones stay as they are, inside the caller's transaction."""
    page_id = row.audience.removeprefix(PAGE)
    known = models.Subscriber.objects.filter(page_id=page_id, kind="email", address__in=list(good))
    standing = {r.address: r for r in known}
    parts = _parts(page_id)
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
    names = {c.id: named(c.name) for c in page.components.all()}
    for r in models.Subscriber.objects.filter(page=page).defer("target").order_by("id").iterator(2000):
        at = [moments.text(t) if t else "" for t in (r.confirmed_at, r.asked_at, r.ended_at)]
        address = r.address if r.kind in ("email", "sms") else r.shown
        chosen = ";".join(names[c] for c in r.components if c in names)
        yield [
            r.kind, address, r.language, chosen, ";".join(r.events), r.digest, r.state, r.reason, r.source, *at,
            r.ended_via, ";".join(r.groups), r.timezone, r.quiet_from, r.quiet_to,
        ]  # fmt: skip
