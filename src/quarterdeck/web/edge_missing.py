"""What is said where no status page is: a sentence to programs, a page to people, whatever the reason."""

from __future__ import annotations

from functools import cache

from django.template.loader import render_to_string

from .edge_answers import Headers, Scope, Send, answer, header, tell

NOT_HERE = "No page is published here."
_READS_ACCEPT = (b"vary", b"accept")


async def not_here(scope: Scope, send: Send, security: Headers) -> None:
    headers = [_READS_ACCEPT, *security]
    if b"text/html" in header(scope, b"accept"):
        await answer(send, 404, _page(), b"text/html; charset=utf-8", headers)
    else:
        await tell(send, 404, NOT_HERE, headers)


@cache
def _page() -> bytes:
    """Made once: it has nothing in it of whoever asks, and takes no longer for a page that is hidden."""
    return render_to_string("status/missing.html", {"said": NOT_HERE}).encode()
