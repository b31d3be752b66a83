"""What a status page shows, gathered from posts and component states. Only public fields cross this border:
headlines and bodies that were released, component names, states and times.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Max, Q

from quarterdeck.channels.status_site import SiteSettings
from quarterdeck.channels.status_site.statuspage_json import permalink
from quarterdeck.core.status import Material, PageSnapshot, Post, StateChange, StatusPage
from quarterdeck.core.status.words import OVER
from quarterdeck.store import models, tx

from ..health import alarms
from ..subscribers import subscribe_addresses
from . import audience_pages, metric_views, page_brand, page_languages

# How many refreshes a page may miss before it is doubted.
MISSED = 3


def page_snapshot(page: models.StatusPage, now: datetime, *, history: bool = True) -> PageSnapshot:
    """The page as the public may see it at `now`. Without `history` nothing is in it of incidents that are over; all
    else is the same, however long the page has been there.
    """
    return page_material(page, now, history=history).at(now)


def page_material(page: models.StatusPage, now: datetime, *, history: bool = True) -> Material:
    """What the page is folded from, as in `page_snapshot`; its figures are those of `now`."""
    components = tuple(audience_pages.components(page))
    states = models.ComponentState.objects.filter(component__in=audience_pages.settable(page).values("id"))
    states = states.order_by("at", "id")
    changes = tuple(StateChange(c, s, at) for c, s, at in states.values_list("component_id", "state", "at"))
    about = StatusPage(page.key, page.title, page.timezone, page.description, page.support_url)
    posts = with_words([*_posts(_updates(page, history)), *_own_posts(page, history)])
    shown = tuple(audience_pages.cut(posts, components))
    return Material(about, components, changes, shown, tuple(metric_views.of_page(page, now)))


def site_settings(page: models.StatusPage) -> SiteSettings:
    """How and where the page is published."""
    brand = page_brand.of(page)
    pictures = {name: page_brand.picture(page, getattr(brand, name)) for name in page_brand.PICTURES}
    return branded(page, brand, pictures)


def branded(page: models.StatusPage, brand: models.PageBrand, pictures: Mapping[str, bytes]) -> SiteSettings:
    """As `site_settings`, with this brand, stored or not."""
    help_page = page.support_url if page.support_url.startswith(("https://", "http://")) else ""
    return SiteSettings(
        url=page_brand.address(page, brand),
        languages=page_languages.also(page, brand.languages),
        home_url=brand.home_url or help_page,
        subscribe_url=f"{settings.QUARTERDECK_PUBLIC_URL}/subscribe/{page.key}" if page.public else "",
        accent=brand.accent,
        accent_dark=brand.accent_dark,
        logo=pictures.get("logo", b""),
        favicon=pictures.get("favicon", b""),
        header_text=brand.header_text,
        footer_text=brand.footer_text,
        css=brand.css,
        social_preview=brand.social_preview,
        created_at=page.created_at,
        subscribe_by_mail="email" in subscribe_addresses.kinds(),
        fresh_for=int(fresh_for().total_seconds()),
    )


def fresh_for() -> timedelta:
    """For how long a published page may be believed to be the present."""
    return timedelta(minutes=MISSED * settings.QUARTERDECK_STATUS_REFRESH_MINUTES)


def post_url(page: models.StatusPage, ref: str) -> str:
    """Where readers find an incident or a maintenance of this page."""
    return permalink(site_settings(page), ref)


def _updates(page: models.StatusPage, history: bool) -> list[models.PageUpdateRow]:
    rows = models.PageUpdateRow.objects.filter(page=page.id)
    if history:
        return list(rows.order_by("posted_at"))
    over = Q(status_word__in=OVER)
    last = rows.order_by().values("incident_id")
    last = last.annotate(ended=Max("posted_at", filter=over), running=Max("posted_at", filter=~over))
    # Of two posts of one instant the snapshot decides, so these incidents are among them.
    running = last.filter(Q(ended=None) | Q(running__gte=F("ended")))
    return list(rows.filter(incident_id__in=running.values("incident_id")).order_by("posted_at"))


def _own_posts(page: models.StatusPage, history: bool) -> list[Post]:
    """What was posted without an incident of ours: maintenance, later entries, imports."""
    rows = list(models.PagePost.objects.filter(page=page).order_by("at", "id"))
    if not history:
        last = {r.incident_ref: r.status_word for r in rows}
        rows = [r for r in rows if last[r.incident_ref] not in OVER]
    return [
        Post(
            id=r.id,
            incident_ref=r.incident_ref,
            title=r.title,
            status_word=r.status_word,
            body=r.body,
            at=r.at,
            components=r.components,
            next_update_at=r.next_update_at,
            impact=r.impact,
            started_at=r.started_at,
            scheduled_for=r.scheduled_for,
            scheduled_until=r.scheduled_until,
            kind=r.kind,
            corrects=r.corrects,
            retroactive=r.retroactive,
            language=r.language,
        )
        for r in rows
    ]


def with_words(posts: list[Post]) -> list[Post]:
    """The posts with what there is of them in other languages."""
    words: dict[str, dict[str, tuple[str, str]]] = {}
    for w in models.PostWords.objects.filter(post_id__in=[p.id for p in posts]):
        words.setdefault(w.post_id, {})[w.language] = (w.title, w.body)
    return [replace(p, words=words[p.id]) if p.id in words else p for p in posts]


def _posts(updates: list[models.PageUpdateRow]) -> list[Post]:
    messages = {m.id: m for m in models.MessageRow.objects.filter(id__in=[u.message_id for u in updates])}
    named: set[str] = set()
    # A correction stands beside the post of the message it corrects, on the same page.
    shown = {u.message_id: u.id for u in updates}
    posts = []
    for u in updates:
        message = messages.get(u.message_id)
        corrects = shown.get(message.corrects, "") if message and message.corrects else ""
        # The first released headline names the incident in public; its internal title never appears.
        title = message.headline if message and u.incident_id not in named else ""
        named.add(u.incident_id)
        posts.append(
            Post(
                id=u.id,
                incident_ref=u.incident_id,
                title=title,
                status_word=u.status_word,
                body=u.body,
                at=u.posted_at,
                components=u.components,
                next_update_at=message.next_update_at if message else None,
                kind="correction" if corrects else "summary" if u.status_word == "postmortem" else "update",
                corrects=corrects,
            )
        )
    return posts


def published(page_id: str, revision: int, now: datetime) -> None:
    """This revision of a page is out. A change that came meanwhile has a higher one and is published next."""
    with tx.write("web"):
        rows = models.StatusPage.objects.filter(id=page_id, published__lt=revision)
        rows.update(published=revision, published_at=now)


def not_published(place: str, text: str, now: datetime) -> None:
    """One page is not out on one node; `place` names both."""
    with tx.write("web"):
        alarms.raise_alarm("status-page", place, text, now)


def published_again(place: str, now: datetime) -> None:
    with tx.write("web"):
        alarms.clear_alarm("status-page", place, now)


def touch(page_ids: Collection[str]) -> None:
    """Have these pages published again, and those that show components of them, inside the caller's transaction."""
    showing = models.ShownComponent.objects.filter(component__page__in=page_ids).values("page_id")
    wanted = Q(id__in=page_ids) | Q(id__in=showing)
    # In one order, so that two who publish pages that show each other's components never wait for each other.
    held = (
        models.StatusPage.objects.select_for_update()
        .filter(wanted)
        .order_by("id")
        .values_list("id", flat=True)
    )
    models.StatusPage.objects.filter(id__in=list(held)).update(revision=F("revision") + 1)


def hold_homes(components: Collection[str]) -> None:
    """Hold the pages of these components until the transaction ends: a page is held before anything of it, so that
    whoever changes its order and whoever sets a state never wait for each other.
    """
    homes = models.Component.objects.filter(id__in=list(components)).values("page_id")
    rows = models.StatusPage.objects.select_for_update().filter(id__in=homes).order_by("id")
    list(rows.values_list("id", flat=True))
