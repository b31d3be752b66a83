"""What is said where no status page is: a sentence to programs, a page in their language to people, whatever the
reason. Readers' pages that Django answers say the same.
"""

from __future__ import annotations

from functools import cache

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.defaults import page_not_found

from quarterdeck.channels.status_site.outside import phrases

from . import readers
from .edge_answers import Headers, Scope, Send, answer, header, tell

NOT_HERE = "No page is published here."
_READS = (b"vary", b"accept, accept-language")
# Where readers outside come, who have no account here.
_READERS = ("/status/", "/subscribe/", "/status-access/", "/status-access-links/", "/u/", "/f/")


async def not_here(scope: Scope, send: Send, security: Headers) -> None:
    headers = [_READS, *security]
    if b"text/html" in header(scope, b"accept"):
        body = _page(readers.language_in(scope))
        await answer(send, 404, body, b"text/html; charset=utf-8", headers)
    else:
        await tell(send, 404, NOT_HERE, headers)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's answer to an address at which nothing is."""
    if not request.path.startswith(_READERS):
        return page_not_found(request, exception)
    answer = HttpResponse(_page(readers.language_of(request)), status=404)
    answer["Cache-Control"] = "no-store"
    answer["Vary"] = "Accept-Language"
    return answer


@cache
def _page(language: str) -> bytes:
    """Made once in a language: nothing else in it is of whoever asks, and it takes no longer for a hidden page."""
    shown = readers.around(language) | {"t": phrases(language)}
    return render_to_string("status/missing.html", shown).encode()
