"""What the manager of a status page has to look at now: each finding with its reason and the next step. Reads only.

A check is one function in `CHECKS`. What a reader may not know of is not found for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from quarterdeck.core.access import SYSTEM, Who
from quarterdeck.core.kernel.moments import spoken
from quarterdeck.core.kernel.text import counted, cut
from quarterdeck.core.status import IncidentView, PageSnapshot
from quarterdeck.core.status.words import label
from quarterdeck.store import models
from quarterdeck.store.models.publish_targets import LEAVING

from ..health.health_finding import Finding, some, warning
from ..subscribers import subscribe_addresses, subscribe_limits, subscriber_figures
from ..visibility import known_to, visible_incidents
from . import audience_pages, publish_target_runs
from .publish_targets import label as label_of
from .publishing import page_snapshot

GRAVE = 2  # an incident of this severity or a graver one has a component that is not well
_WAITING = ("draft", "released")


@dataclass(frozen=True, slots=True)
class PageFinding:
    """`kind` is one of `_KINDS`; `level` is warning or fault."""

    kind: str
    level: str
    text: str
    next: str
    incident: str = ""
    component: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """What the checks of one page read: the page as it is shown now, for whom, and when."""

    page: models.StatusPage
    shown: PageSnapshot
    who: Who
    now: datetime


def look(
    page: models.StatusPage, who: Who, now: datetime, shown: PageSnapshot | None = None
) -> list[PageFinding]:
    """Everything there is to look at on a page, the gravest first; nothing when all is well."""
    seen = Look(page, shown or page_snapshot(page, now, history=False), who, now)
    found = [finding for check in CHECKS for finding in check(seen)]
    return sorted(found, key=lambda f: f.level != "fault")


def doctor(now: datetime) -> list[Finding]:
    """One line a page that has something to look at. Says how much of what, and names no incident."""
    found = []
    for page in models.StatusPage.objects.all()[:50]:
        kinds = [f.kind for f in look(page, SYSTEM, now)]
        if kinds:
            told = [f"{kinds.count(k)} {_KINDS[k]}" for k in dict.fromkeys(kinds)]
            found.append(
                warning(
                    "status page",
                    f"{page.title}: {some(told)}.",
                    f"Look at /status-pages/{page.key}, Health.",
                )
            )
    return found


_KINDS = {
    "draft": "to be published or thrown away",
    "overdue": "where the promised update is overdue",
    "contradiction": "where the page and an incident contradict each other",
    "unexplained": "not well without a word to customers",
    "unpublished": "not published",
    "behind": "behind at a target",
    "unreached": "of subscribers kept back",
    "codes": "about codes by text message",
}


def _drafts(seen: Look) -> Iterator[PageFinding]:
    """Messages of open incidents that name this page and are not on it yet."""
    rows = models.MessageRow.objects.filter(
        state__in=_WAITING, incident_id__in=visible_incidents(seen.who).filter(is_open=True, drill=False).values("id")
    ).order_by("drafted_at")  # fmt: skip
    posted = set(models.PageUpdateRow.objects.filter(page=seen.page.id).values_list("message_id", flat=True))
    for m in rows:
        if seen.page.id in m.pages and m.id not in posted:
            title = cut(m.headline or m.body or "without a headline", 120)
            since = m.released_at or m.drafted_at
            step = "released" if m.state == "released" else "in draft"
            yield PageFinding(
                "draft", "warning", f"“{title}” is {step} for {spoken(seen.now - since)} and not on the page.",
                "Have it released, or take the page out of it.", m.incident_id, since=since,
            )  # fmt: skip


def _overdue(seen: Look) -> Iterator[PageFinding]:
    """Open posts whose promised next update has passed."""
    known = _known(seen, seen.shown.open_incidents)
    for i in seen.shown.open_incidents:
        if i.next_update_at is not None and i.next_update_at < seen.now:
            late = seen.now - i.next_update_at
            yield PageFinding(
                "overdue", "fault", f"Customers were promised an update on “{i.title}” {spoken(late)} ago.",
                "Publish an update now, even if it only says that the work goes on.",
                i.ref if i.ref in known else "", since=i.next_update_at,
            )  # fmt: skip


def _contradictions(seen: Look) -> Iterator[PageFinding]:
    """A grave incident is open, and what it touches is shown as operational."""
    told = {i.ref: i for i in seen.shown.open_incidents}
    rows = visible_incidents(seen.who).filter(is_open=True, drill=False, severity__lte=GRAVE)
    well = {
        v.component.id: v.component.name
        for g in seen.shown.groups
        for v in g.components
        if v.state == "operational"
    }
    for row in rows.order_by("severity", "number")[:50]:
        view = told.get(row.id)
        if view is not None and view.status == "monitoring":
            continue  # repaired and watched: operational is what it should say
        touched = set(view.components) if view is not None else set()
        touched |= _made_of(seen.page, row.services)
        names = [well[c] for c in well if c in touched]
        if names:
            yield PageFinding(
                "contradiction", "fault",
                f"{row.id} is open at SEV{row.severity}, and the page shows as operational: {some(names)}.",
                "Set the states as customers meet them, or correct the incident's severity or services.",
                row.id, since=row.declared_at,
            )  # fmt: skip


def _made_of(page: models.StatusPage, services: list[str]) -> set[str]:
    rows = audience_pages.settable(page).filter(services__key__in=services)
    return set(rows.values_list("id", flat=True))


def _unexplained(seen: Look) -> Iterator[PageFinding]:
    """Components that are not well, of which nothing that is open on the page speaks."""
    spoken_of = {c for i in (*seen.shown.open_incidents, *seen.shown.maintenance) for c in i.components}
    rows = [
        v
        for g in seen.shown.groups
        for v in g.components
        if v.state != "operational" and not v.inherited and v.component.id not in spoken_of
    ]
    since = dict(
        models.Component.objects.filter(id__in=[v.component.id for v in rows]).values_list("id", "updated_at")
    )
    for v in rows:
        yield PageFinding(
            "unexplained", "warning",
            f"{v.component.name} shows {label(v.state).lower()}, and nothing open on the page says why.",
            "Post an update about it, or set it to operational if it is well.",
            component=v.component.id, since=since.get(v.component.id),
        )  # fmt: skip


def _unpublished(seen: Look) -> Iterator[PageFinding]:
    """A change is not out: a node could not write the page."""
    standing = models.Alarm.objects.filter(
        kind="status-page", subject__startswith=f"{seen.page.key}@", cleared_at=None
    ).order_by("id")
    for alarm in standing:
        yield PageFinding(
            "unpublished", "fault", alarm.text, "Mend what it says; it is tried again every half minute.",
            since=alarm.raised_at,
        )  # fmt: skip


def _behind(seen: Look) -> Iterator[PageFinding]:
    """A target that does not have the newest publication."""
    for row in models.PublishTarget.objects.filter(page=seen.page).filter(
        Q(enabled=True) | Q(version=LEAVING)
    ):
        late = row.behind_since is not None and row.behind_since <= seen.now - publish_target_runs.BEHIND
        if late or row.failure:
            why = (
                publish_target_runs.behind_text(row, seen.now) if late else f"{label_of(row)}: {row.failure}"
            )
            yield PageFinding(
                "behind", "fault" if late else "warning", why, "Look under Targets; it is tried again by itself.",
                since=row.behind_since,
            )  # fmt: skip


def _unreached(seen: Look) -> Iterator[PageFinding]:
    """Subscribers to whom nothing is sent any more because it did not arrive."""
    count = subscriber_figures.failing(seen.page.id).get(seen.page.id, 0)
    if count:
        told = counted(count, "subscriber is", "subscribers are")
        yield PageFinding(
            "unreached", "warning", f"{told} kept back: what was sent to them failed.",
            "Look under Subscribers: mend the address, or end it.",
        )  # fmt: skip


def _codes(seen: Look) -> Iterator[PageFinding]:
    """Somebody has very many codes sent, or guesses them: on the form of every page that is public."""
    if not seen.page.public or not subscribe_addresses.channel_of("sms"):
        return
    for alarm in models.Alarm.objects.filter(kind=subscribe_limits.ALARM, cleared_at=None).order_by("id"):
        yield PageFinding(
            "codes", "warning", alarm.text, subscribe_limits.NEXT.get(alarm.subject, subscribe_limits.NEXT["texts"]),
            since=alarm.raised_at,
        )  # fmt: skip


def _known(seen: Look, views: tuple[IncidentView, ...]) -> frozenset[str]:
    return known_to(seen.who, [i.ref for i in views])


# Each answers its findings for one page. A part of the product that publishes or tells people adds its own.
CHECKS: list[Callable[[Look], Iterator[PageFinding]]] = [
    _overdue,
    _contradictions,
    _unpublished,
    _behind,
    _drafts,
    _unexplained,
    _unreached,
    _codes,
]


def summary(found: list[PageFinding]) -> str:
    """In a few words, for a list of pages."""
    if not found:
        return "Nothing to look at"
    return counted(len(found), "thing to look at", "things to look at")
