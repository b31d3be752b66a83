"""Which languages a status page speaks, and what of it still waits for its words in one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.db.models import Q

from quarterdeck.channels.status_site.phrases import LANGUAGES
from quarterdeck.core.kernel.refused import bad
from quarterdeck.core.status import IncidentView, PageSnapshot
from quarterdeck.store import models

from . import page_brand


class Pending(NamedTuple):
    """A post that is not told in a language of its page."""

    post_id: str
    ref: str
    title: str
    language: str


def names() -> Mapping[str, str]:
    """The languages a page can speak, code to name."""
    return {code: language.name for code, language in LANGUAGES.items()}


def languages(page: models.StatusPage) -> tuple[str, ...]:
    """The languages of a page, its first one first: those chosen for it, then every one that there are words of."""
    return also(page, page_brand.of(page).languages)


def first(page: models.StatusPage) -> str:
    """What a post is written in that does not say otherwise."""
    return languages(page)[0]


def also(page: models.StatusPage, chosen: Sequence[str]) -> tuple[str, ...]:
    """As `languages`, with these chosen."""
    own = models.PagePost.objects.filter(page=page).values("id")
    told = models.PageUpdateRow.objects.filter(page=page.id).values("id")
    rows = models.PostWords.objects.filter(Q(post_id__in=own) | Q(post_id__in=told))
    found = set(rows.values_list("language", flat=True))
    spoken = tuple(chosen) or ("en",)
    return (*spoken, *sorted(found - set(spoken)))


def known(code: str) -> str:
    """The code, if a page can speak it."""
    if code not in LANGUAGES:
        text = f"Pages speak these languages: {', '.join(sorted(LANGUAGES))}. Choose one of them."
        raise bad("language.unknown", text, language=text)
    return code


def pending(shown: PageSnapshot, spoken: Sequence[str]) -> list[Pending]:
    """Posts about what is open that lack their words in a language of the page, oldest first."""
    return [one for i in (*shown.open_incidents, *shown.maintenance) for one in _of(i, spoken)]


def _of(incident: IncidentView, spoken: Sequence[str]) -> list[Pending]:
    return [
        Pending(post.id, incident.ref, incident.title, code)
        for post in reversed(incident.posts)
        for code in spoken
        if code != (post.language or spoken[0]) and code not in post.words
    ]
