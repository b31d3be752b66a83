"""How an operator wants a published page: where it is, its languages, its brand, where to subscribe."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime

from quarterdeck.core.kernel.moments import EPOCH
from quarterdeck.core.kernel.refused import bad
from quarterdeck.core.status.branding import is_colour

from .brand_css import safe_css
from .phrases import LANGUAGES

_WEB = re.compile(r"https?://[^\s<>\"'`\\]{1,1000}")
DEFAULT_ACCENT = "#0c766d"
LARGEST_PICTURE = 65_536
LONGEST_TEXT = 2000


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """`url` is where the page is published; the first language is the start page's.

    `accent` and `accent_dark` are colours as #rrggbb and nothing else (the dark one "": made from the other); a colour
    that cannot be read gives way to the nearest that can. `logo` and `favicon` hold the bytes of a PNG, WebP or SVG
    file. `header_text` and `footer_text` are Markdown as in posts, `css` is what `brand_css.safe_css` lets through.
    `fresh_for`: for how many seconds after it was written the page may be believed; then it says that it is old.
    `social_preview`: a picture for those who share the address. `subscribe_by_mail`: mails can be sent, so the page
    itself asks for an address; else it leads to `subscribe_url`, where the other ways are.
    `created_at` is when the page was set up: readers of the JSON are told it of every component.
    Raises Refused (bad) for what cannot be used.
    """

    url: str
    languages: tuple[str, ...] = ("en",)
    home_url: str = ""
    subscribe_url: str = ""
    accent: str = DEFAULT_ACCENT
    logo: bytes = field(default=b"", repr=False)
    created_at: datetime = EPOCH
    says_quarterdeck: bool = True
    accent_dark: str = ""
    favicon: bytes = field(default=b"", repr=False)
    header_text: str = ""
    footer_text: str = ""
    css: str = ""
    fresh_for: int = 1800
    social_preview: bool = True
    subscribe_by_mail: bool = True

    def __post_init__(self) -> None:
        for colour in (self.accent, self.accent_dark):
            if not is_colour(colour) and (colour or colour is self.accent):
                raise bad("status.accent", f"{colour[:20]!r} is not a colour. Write it as #0c766d.")
        for url in (self.url, self.home_url, self.subscribe_url):
            if not _WEB.fullmatch(url) and (url or url is self.url):
                raise bad("status.link", f"{url[:60]!r} is not a web address. It starts with https://.")
        strange = [language for language in self.languages if language not in LANGUAGES]
        if strange or not self.languages:
            known = ", ".join(LANGUAGES)
            raise bad(
                "status.language", f"{strange[:1] or 'None'} is no language of the page. It has {known}."
            )
        if max(len(self.header_text), len(self.footer_text)) > LONGEST_TEXT:
            raise bad("status.text", f"A text of the page has at most {LONGEST_TEXT} characters. Shorten it.")
        picture(self.logo)
        picture(self.favicon, "favicon")
        safe_css(self.css)

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


def picture(content: bytes, named: str = "logo") -> str:
    """The ending of a picture's file by its content, "" without one. Refuses what is no PNG, WebP or SVG, or too big.

    It is shown as a picture, where SVG can run nothing.
    """
    if not content:
        return ""
    if len(content) <= LARGEST_PICTURE:
        if content.startswith(b"\x89PNG\r\n\x1a\n"):
            return "png"
        if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
            return "webp"
        if re.match(rb"\s*(?:<\?xml[^>]*>\s*)?<svg[\s>]", content):
            return "svg"
    raise bad(
        f"status.{named}",
        f"The {named} cannot be used. Take a PNG, WebP or SVG file of at most 64 KiB.",
        **{named: "not a picture"},
    )
