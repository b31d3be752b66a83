"""From a request to an Act, and from a refused act back to the page with its words. All acts of pages pass here."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.utils import timezone

from quarterdeck.app.act import Act, act_of
from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import Refused, bad

from . import store_words
from .middleware import is_fragment

View = Callable[..., HttpResponse]


def now() -> datetime:
    """The moment of this request, aware UTC."""
    return datetime.now(UTC)


def act(request: HttpRequest) -> Act:
    """The signed-in person acting now."""
    person: Any = request.user
    inside: Who | None = getattr(request, "held_inside", None)
    return act_of(person.id, person.role, now(), "web") if inside is None else Act(inside, now(), "web")


def posts(view: View) -> View:
    """A view that only answers POST. A refusal returns to the page it came from, in words, with what was typed kept
    by the browser (fields marked data-keep are only forgotten after a success).
    """

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            return view(request, *args, **kwargs)
        except (Refused, DatabaseError) as e:
            refused = e if isinstance(e, Refused) else store_words.said(e, request.path)
            if refused is None or is_fragment(request) or refused.kind == "missing":
                raise
            messages.error(request, refused.message)
            return HttpResponseRedirect(back(request))

    return guarded


def back(request: HttpRequest, otherwise: str = "/") -> str:
    """The page the form stood on, if it was one of ours."""
    referer = urlsplit(request.headers.get("Referer", ""))
    # A path that begins with "//" would be read as another host.
    if (
        referer.netloc == request.get_host()
        and referer.path.startswith("/")
        and referer.path[1:2] not in ("/", "\\")
    ):
        return referer.path + (f"?{referer.query}" if referer.query else "")
    return otherwise


def done(request: HttpRequest, url: str, text: str = "", saved: str = "") -> HttpResponseRedirect:
    """After a success: to `url`, with a word of confirmation. `saved` tells the browser which draft it may forget."""
    if text or saved:
        messages.success(request, text or "Saved.", extra_tags=f"saved:{saved}" if saved else "")
    return HttpResponseRedirect(url)


def number(text: str | None, field: str, least: int = 0, most: int = 100_000) -> int:
    """A whole number from a form, or a refusal that names the field."""
    try:
        value = int((text or "").strip())
    except ValueError:
        value = least - 1
    if not least <= value <= most:
        message = f"Give a whole number from {least} to {most}."
        raise bad(f"{field}.number", message, **{field: message})
    return value


def local_time(text: str, field: str) -> datetime | None:
    """A `datetime-local` value in the viewer's zone as aware UTC; None when empty."""
    text = text.strip()
    if not text:
        return None
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        message = "Give a date and time such as 2026-11-22 15:30."
        raise bad(f"{field}.time", message, **{field: message}) from None
    if parsed.tzinfo is None:
        parsed = parsed.replace(tzinfo=timezone.get_current_timezone())
    if not 1971 < parsed.year < 2200:
        message = "That year cannot be meant. Give a date near today."
        raise bad(f"{field}.time", message, **{field: message})
    return parsed.astimezone(UTC)
