"""The JSON Feed (version 1.1) of a page: the same entries as its Atom feed, for readers that know no XML."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from . import looks
from .settings import SiteSettings
from .statuspage_json import as_json


class Item(NamedTuple):
    id: str
    title: str
    link: str
    published: datetime
    updated: datetime
    html: str


def feed(title: str, language: str, settings: SiteSettings, items: Iterable[Item]) -> bytes:
    return as_json(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": title,
            "home_page_url": settings.root,
            "feed_url": f"{settings.root}feed.json",
            "language": language,
            "items": [
                {
                    "id": item.id,
                    "url": item.link,
                    "title": item.title,
                    "content_html": item.html,
                    "date_published": looks.iso(item.published),
                    "date_modified": looks.iso(item.updated),
                }
                for item in items
            ],
        }
    )
