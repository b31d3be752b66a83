"""How an operator wants a published page: where it is, its languages, its brand, where to subscribe."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime

from quarterdeck.core.kernel.moments import EPOCH
from quarterdeck.core.kernel.refused import bad

from .phrases import LANGUAGES

_WEB = re.compile(r"https?://[^\s<>\"'`\\]{1,1000}")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """`url` is where the page is published; the first language is the start page's.

    `accent` is a colour as #rrggbb and nothing else; `logo` holds the bytes of a PNG, WebP or SVG file.
    `created_at` is when the page was set up: readers of the JSON are told it of every component.
    Raises Refused (bad) for what cannot be used.
    """

    url: str
    languages: tuple[str, ...] = ("en",)
    home_url: str = ""
    subscribe_url: str = ""
    accent: str = "#0c766d"
    logo: bytes = field(default=b"", repr=False)
    created_at: datetime = EPOCH
    says_quarterdeck: bool = True

    def __post_init__(self) -> None:
        if not _COLOUR.fullmatch(self.accent):
            raise bad("status.accent", f"{self.accent[:20]!r} is not a colour. Write it as #0c766d.")
        for url in (self.url, self.home_url, self.subscribe_url):
            if not _WEB.fullmatch(url) and (url or url is self.url):
                raise bad("status.link", f"{url[:60]!r} is not a web address. It starts with https://.")
        strange = [language for language in self.languages if language not in LANGUAGES]
        if strange or not self.languages:
            known = ", ".join(LANGUAGES)
            raise bad(
                "status.language", f"{strange[:1] or 'None'} is no language of the page. It has {known}."
            )

    @property
    def root(self) -> str:
        """The page's address with one slash at its end."""
        return self.url.rstrip("/") + "/"

    def file_name(self, language: str) -> str:
        """What a language's pages are called: index.html for the first, index.de.html for others."""
        return "index.html" if language == self.languages[0] else f"index.{language}.html"

    def link_name(self, language: str) -> str:
        """The end of a link to a page of a language: nothing for the first, which servers find themselves."""
        return "" if language == self.languages[0] else self.file_name(language)
