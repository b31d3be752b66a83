"""What is said to readers outside, in their language, where Django cannot answer what they asked for: nothing is there,
their form is out of date, everything is busy, or a fault. Not the product's own pages, which speak to its people.
"""

from __future__ import annotations

from functools import cache

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.template.loader import render_to_string
from django.views import csrf, defaults

from quarterdeck.channels.status_site.outside import phrases

from . import readers

# Where readers come, who have no account here.
_READERS = ("/status/", "/subscribe/", "/status-access/", "/status-access-links/", "/u/", "/f/")
# Phrases of title and text by status.
_SAID = {403: "x_form", 404: "n", 500: "x_failed", 503: "x_busy"}

# What Django raises where it reads what a request sent.
_UNREADABLE = (SuspiciousOperation, BadRequest, MultiPartParserError, OSError, LookupError, ValueError)


def concerns(request: HttpRequest) -> bool:
    """Whether readers come to this address."""
    return request.path.startswith(_READERS)


def said(request: HttpRequest, status: int) -> HttpResponse | None:
    """The page for this status; None where nobody outside asks, or there is none."""
    if not concerns(request) or status not in _SAID:
        return None
    answer = HttpResponse(page(_language(request), status), status=status)
    answer["Cache-Control"] = "no-store"
    answer["Vary"] = "Accept-Language"
    return answer


def _language(request: HttpRequest) -> str:
    """What is wrong with a request may be that what it sent cannot be read: too many fields, or too much."""
    try:
        return readers.language_of(request)
    except _UNREADABLE:
        return readers.language_preferred(request)


@cache
def page(language: str, status: int) -> bytes:
    """Made once in a language: nothing else in it is of whoever asks, and it takes no longer for a hidden page."""
    t = phrases(language)
    told = {
        "status": status,
        "title": t[f"{_SAID[status]}_title"],
        "text": t[f"{_SAID[status]}_text"],
        "t": t,
    }
    return render_to_string("reader/fault.html", readers.around(language) | told).encode()


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return said(request, 404) or defaults.page_not_found(request, exception)


def failed(request: HttpRequest) -> HttpResponse:
    return said(request, 500) or defaults.server_error(request)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    return said(request, 403) or csrf.csrf_failure(request, reason)
