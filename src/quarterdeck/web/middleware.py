"""What holds for every Django page: same-site writes only, declared permissions, sessions that end, plain
refusals.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from quarterdeck.app.act import act_of
from quarterdeck.app.executives import executives
from quarterdeck.app.incidents import guests
from quarterdeck.core.access import GUEST, PERMISSIONS
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import feed

from . import reader_faults, sessions, store_words
from .routes import admits, permission_of

SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
STATUS = {
    "bad": HTTPStatus.UNPROCESSABLE_ENTITY,
    "forbidden": HTTPStatus.FORBIDDEN,
    "missing": HTTPStatus.NOT_FOUND,
    "conflict": HTTPStatus.CONFLICT,
    "limited": HTTPStatus.TOO_MANY_REQUESTS,
}
_SEEN = "seen"
TOUCH_SECONDS = 3600
Answer = Callable[[HttpRequest], HttpResponse]


class SameSiteWrites:
    """Refuses an unsafe request that a browser says came from another site (besides the CSRF token).

    A view that is `csrf_exempt` takes no cookie as proof and is left alone.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, *_: Any) -> HttpResponse | None:
        if request.method in SAFE or getattr(view, "csrf_exempt", False):
            return None
        site = request.headers.get("Sec-Fetch-Site", "same-origin")
        origin = request.headers.get("Origin")
        if site in ("same-origin", "none") and (origin is None or _is_ours(origin, request)):
            return None
        return refuse(
            request, HTTPStatus.FORBIDDEN, "This form was sent from another site. Open the page here."
        )


def _is_ours(origin: str, request: HttpRequest) -> bool:
    named = urlsplit(origin)
    return named.netloc in (request.get_host(), urlsplit(settings.QUARTERDECK_PUBLIC_URL).netloc)


class DeclaredPermissions:
    """Lets in whom the route's declaration admits, and nobody into a route that has none."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, _args: Any, kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        permission = permission_of(view)
        if permission is None:
            return refuse(request, HTTPStatus.FORBIDDEN, "Nobody may open this: it declares no permission.")
        user = request.user
        if admits(permission, user.role if user.is_authenticated else None):  # type: ignore[union-attr]
            return None
        if not user.is_authenticated:
            return ask_to_sign_in(request)
        if _acts_inside(request, permission, str(kwargs.get("incident_id", ""))):
            return None
        what = PERMISSIONS.get(permission, permission)
        return refuse(
            request,
            HTTPStatus.FORBIDDEN,
            f"Your account may not do this: {what}. An administrator can give you a role that may.",
        )


def _acts_inside(request: HttpRequest, permission: str, incident_id: str) -> bool:
    """Whether an executive holds a role in this very incident; if not, that they tried to act there is counted."""
    user: Any = request.user
    doing = act_of(str(user.pk), user.role, datetime.now(UTC))
    who = executives.inside(doing.who, permission, incident_id, request.path)
    if who is doing.who:
        if request.method not in SAFE:
            name = request.resolver_match.url_name if request.resolver_match else ""
            executives.refused(who, doing.at, incident_id, (name or "").removeprefix("incident-"))
        return False
    request.held_inside = who  # type: ignore[attr-defined]
    return True


class GuestsStayInside:
    """Somebody of another organisation sees the pages of the one incident they were let into, and nothing else."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: Any) -> HttpResponse | None:
        user = request.user
        if not user.is_authenticated or user.role != GUEST:  # type: ignore[union-attr]
            return None
        name = request.resolver_match.url_name if request.resolver_match else ""
        if name == "account_logout":
            return None
        home = guests.incident_of(str(user.pk))
        if not home:
            logout(request)
            return refuse(request, HTTPStatus.FORBIDDEN, "The incident you were a guest of is over for you.")
        asked = request.resolver_match.kwargs.get("incident_id") if request.resolver_match else ""
        if asked == home and name in GUEST_PAGES:
            return None
        if request.method in SAFE and not is_fragment(request):
            return HttpResponseRedirect(f"/incidents/{home}")
        return refuse(request, HTTPStatus.FORBIDDEN, f"As a guest you may see {home} and nothing else.")


# What a guest may open: their page of the incident they were let into, and what they say and do there.
GUEST_PAGES = frozenset(
    {
        "incident", "incident-part", "incident-entries", "incident-task", "incident-roll-answer",
        "incident-agency-answer",
    }
)  # fmt: skip


class SessionsThatEnd:
    """Ends a session that is too old, and remembers at most once an hour that it is in use.

    The idle limit is the cookie's age; each write renews it.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now = int(time.time())
            session = request.session
            since = session.get(sessions.SINCE)
            if since is None:
                session[sessions.SINCE] = session[_SEEN] = now
                session["from"] = _whence(request)
            elif sessions.too_old(since, now):
                logout(request)
            elif now - session.get(_SEEN, 0) > TOUCH_SECONDS:
                session[_SEEN] = now
        return self.get_response(request)


def _whence(request: HttpRequest) -> dict[str, str]:
    """Shown in the list of sessions, so that people recognise their own."""
    return {
        "address": request.META.get("REMOTE_ADDR", ""),
        "browser": request.headers.get("User-Agent", "")[:200],
    }


class SecondFactorWanted:
    """Where the configuration asks for a second factor, leads whoever has none to the page that makes one."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: Any) -> HttpResponse | None:
        user = request.user
        if not user.is_authenticated or request.path.startswith("/accounts/"):
            return None
        if not sessions.lacks_second_factor(user):  # type: ignore[arg-type]
            return None
        if is_fragment(request):
            return refuse(request, HTTPStatus.FORBIDDEN, "Set up a second factor first, under your account.")
        return HttpResponseRedirect(reverse("mfa_index"))


class OwnTimeZone:
    """Shows every time in the zone of whoever looks."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return self.get_response(request)
        try:
            zone = ZoneInfo(request.user.timezone)  # type: ignore[union-attr]
        except (ZoneInfoNotFoundError, ValueError):
            return self.get_response(request)
        with timezone.override(zone):
            return self.get_response(request)


class PlaceInTheLog:
    """Notes how far the log is before a whole page is read, so that its live updates resume there: what happens while
    the page is being put together is told again rather than missed.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: Any) -> HttpResponse | None:
        if request.method == "GET" and not is_fragment(request) and request.user.is_authenticated:
            request.place_in_log = feed.now()  # type: ignore[attr-defined]
        return None


class PlainRefusals:
    """A rule that said no, where the view did not show it itself: its words, with the status of its kind."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if busy := store_words.busy(exception, request.path):
            return refuse(request, HTTPStatus.SERVICE_UNAVAILABLE, busy)
        reads = request.method in SAFE
        told = (
            exception
            if isinstance(exception, Refused)
            else store_words.said(exception, request.path, reads=reads)
        )
        return refuse(request, STATUS[told.kind], told.message, told) if told else None


def is_fragment(request: HttpRequest) -> bool:
    """Whether a script asked, which cannot follow a redirect to a whole page."""
    if request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true":
        return True
    return wants_json(request) or request.headers.get("Sec-Fetch-Dest") == "empty"


def wants_json(request: HttpRequest) -> bool:
    accept = request.headers.get("Accept", "")
    return "application/json" in accept and "text/html" not in accept


def ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """The way to the sign-in page and back; for a script 401, so that what was typed stays on the page."""
    if is_fragment(request):
        answer = refuse(
            request, HTTPStatus.UNAUTHORIZED, "Your session has ended. Sign in and send it again."
        )
        answer["HX-Trigger"] = "signin-needed"
        answer["HX-Reswap"] = "none"
        return answer
    back = request.get_full_path()
    if request.method not in SAFE:
        referer = urlsplit(request.headers.get("Referer", ""))
        query = f"?{referer.query}" if referer.query else ""
        back = referer.path + query if referer.netloc == request.get_host() else "/"
    return HttpResponseRedirect(f"{settings.LOGIN_URL}?{urlencode({'next': back})}")


def refuse(request: HttpRequest, status: int, message: str, refused: Refused | None = None) -> HttpResponse:
    """`message` with this status, as a page, a fragment or JSON: whatever was asked for."""
    if wants_json(request):
        code = refused.code if refused else f"http.{int(status)}"
        return JsonResponse({"code": code, "message": message}, status=status)
    told = {"refused": {"message": message, "code": refused.code if refused else ""}, "reason": message}
    if is_fragment(request):
        return render(request, "partials/refused.html", told, status=status)
    if outside := reader_faults.said(request, int(status)):
        return outside
    return render(request, PAGES.get(int(status), "403.html"), told, status=status)


PAGES = {403: "403.html", 404: "404.html", 409: "409.html", 422: "400.html", 429: "400.html", 401: "403.html"}
