"""Pages for readers outside, who have no account here: the language they are shown in, and what stands around them.

What is chosen by ?lang= counts, else what the browser asks for, as far as it is shipped; nothing of a page decides,
so that the answer where there is none is the answer where there is one that is not for this reader.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs, quote

from django.http import HttpRequest
from django.utils.translation.trans_real import parse_accept_lang_header

from quarterdeck.channels.status_site.phrases import LANGUAGES, shipped

from .edge_answers import Scope, header

_LONGEST = 500


def language_of(request: HttpRequest) -> str:
    """The language of whoever asks."""
    chosen = (request.GET.get("lang", ""), request.POST.get("language", ""))
    return _first(chosen, request.headers.get("Accept-Language", ""))


def language_preferred(request: HttpRequest) -> str:
    """What the browser asks for, whatever was chosen: where the rest of a request is not to be read."""
    return _first((), request.headers.get("Accept-Language", ""))


def language_in(scope: Scope) -> str:
    """The same for a request that the edge answers."""
    query = parse_qs(scope["query_string"][:2000].decode("latin-1"))
    return _first(query.get("lang", ())[:1], header(scope, b"accept-language").decode("latin-1"))


def still(request: HttpRequest, path: str) -> str:
    """This address, in the language that was chosen."""
    chosen = shipped(request.GET.get("lang", ""))
    return f"{path}?lang={chosen}" if chosen else path


def around(language: str, keep: str = "") -> dict[str, Any]:
    """What the frame of a page shows in this language; `keep` is where its forms lead on to."""
    more = f"&next={quote(keep)}" if keep else ""
    known = shipped(language) or "en"
    return {
        "language": language,
        "direction": LANGUAGES[known].direction,
        "languages": [
            {"code": code, "name": one.name, "on": code == known, "href": f"?lang={code}{more}"}
            for code, one in LANGUAGES.items()
        ],
    }


def _first(chosen: Iterable[str], accepted: str) -> str:
    asked = [*chosen, *(code for code, _ in parse_accept_lang_header(accepted[:_LONGEST]))]
    return next((found for code in asked if (found := shipped(code))), "en")
