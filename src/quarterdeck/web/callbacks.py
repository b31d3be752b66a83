"""What every report of a provider passes: POST only, its signature, and no cookie. Says no secrets."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.views.decorators.csrf import csrf_exempt

View = Callable[..., HttpResponse]


def report(view: View) -> View:
    """A view for a provider. Without a browser there is no form of another site to fear; the view checks who it is."""

    @csrf_exempt
    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        answer = view(request, *args, **kwargs)
        answer["Cache-Control"] = "no-store"
        return answer

    return guarded


def known(kind: str) -> dict[str, Any]:
    """What checks the reports for this channel; empty where it is not set up."""
    values: dict[str, Any] = settings.QUARTERDECK_CALLBACKS.get(kind, {})
    return values


def public_address(request: HttpRequest) -> str:
    """The address of this request as the provider was given it, whatever a proxy made of it."""
    query = request.META.get("QUERY_STRING", "")
    return f"{settings.QUARTERDECK_PUBLIC_URL}{request.path}" + (f"?{query}" if query else "")


def form_of(request: HttpRequest) -> dict[str, list[str]]:
    return {name: [str(v) for v in request.POST.getlist(name)] for name in request.POST}


def plain(text: str, status: int) -> HttpResponse:
    return HttpResponse(text + "\n", status=status, content_type="text/plain; charset=utf-8")


def forged() -> HttpResponse:
    """The same answer for a wrong signature, none, and a channel that is not set up."""
    return plain(
        "This request is not signed as it must be. Check the provider's settings and public_url.", 403
    )
