"""What is said where no status page is: a sentence to programs, a page in their language to people."""

from __future__ import annotations

from . import reader_faults, readers
from .edge_answers import Headers, Scope, Send, answer, header, tell

NOT_HERE = "No page is published here."
_READS = (b"vary", b"accept, accept-language")


async def not_here(scope: Scope, send: Send, security: Headers) -> None:
    headers = [_READS, *security]
    if b"text/html" in header(scope, b"accept"):
        body = reader_faults.page(readers.language_in(scope), 404)
        await answer(send, 404, body, b"text/html; charset=utf-8", headers)
    else:
        await tell(send, 404, NOT_HERE, headers)
