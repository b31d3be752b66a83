"""The doors of private status pages: a password, or a link by mail that works once. For people without an account.

The forms carry no form token: they stand on pages that the edge answers, and take nothing but what is typed as proof.
"""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from quarterdeck.app.status import page_access, page_around, page_doors, page_readers
from quarterdeck.channels.status_site.outside import phrases
from quarterdeck.core.kernel.refused import Refused, bad
from quarterdeck.store import models
from quarterdeck.web import edge_private, readers
from quarterdeck.web.acting import now
from quarterdeck.web.routes import PUBLIC, route

_STATUS = {"limited": 429, "bad": 422}
# What is refused at the door, as its phrase.
_SAID = {
    "page.password": "d_wrong",
    "page.email": "d_address",
    "page.tries": "d_limited",
    "page.way": "d_way",
}


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def door(request: HttpRequest, key: str, door: str) -> HttpResponse:
    """GET shows the ways in; POST takes one of them. A wrong door is no door."""
    page = page_doors.find(key, door)
    if page is None:
        raise Http404
    wanted = _inside(page.key, request.POST.get("next", "") or request.GET.get("next", ""))
    spoken = readers.language_of(request)
    context = edge_private.door(page, spoken, wanted)
    if request.method != "POST":
        return _shown(request, context)
    source, typed = request.META.get("REMOTE_ADDR", ""), request.POST
    try:
        if typed.get("way") == "password":
            right = page_doors.by_password(page, typed.get("password", ""), source, now())
            return _let_in(page, right, wanted, spoken)
        if typed.get("way") != "mail":
            raise bad("page.way", "Choose how you get in: by the password or by a mail.")
        page_doors.ask_mail(page, typed.get("email", ""), source, now(), spoken)
    except Refused as refused:
        told = phrases(spoken)[_SAID[refused.code]] if refused.code in _SAID else refused.message
        said = {
            "refused": told, "wrong": next(iter(refused.fields), ""), "email": typed.get("email", "")[:254]
        }  # fmt: skip
        return _shown(request, context | said, _STATUS.get(refused.kind, 409))
    return _shown(request, context | {"asked": True})


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def by_link(request: HttpRequest, link_id: str, token: str) -> HttpResponse:
    """GET shows what the link opens, POST opens it: mail programs look at links before people do."""
    row = page_doors.link(link_id, token)
    if row is None:
        raise Http404
    closed, spoken = page_doors.why_closed(row, now()), readers.language_of(request)
    if request.method == "POST" and not closed:
        try:
            page, right = page_doors.use(link_id, now())
        except models.PageMailLink.DoesNotExist:  # the page was deleted this moment
            raise Http404 from None
        except Refused:  # somebody was faster
            closed = page_doors.why_closed(page_doors.link(link_id, token) or row, now()) or page_doors.USED
        else:
            return _let_in(page, right, _inside(page.key, ""), spoken)
    t = phrases(spoken)
    context = {"closed": t.get(f"l_{closed}", ""), "page_title": "" if closed else row.page.title, "t": t}
    context |= readers.around(spoken)
    return _quiet(render(request, "status/door_link.html", context, status=410 if closed else 200))


def _let_in(page: models.StatusPage, right: str, wanted: str, spoken: str) -> HttpResponse:
    answer = HttpResponseRedirect(page_around.spoken(page, wanted, spoken), status=303)
    answer.set_cookie(
        page_readers.cookie_name(page.key), right, max_age=page_access.of(page).hours * 3600,
        path=f"/status/{page.key}/", httponly=True, samesite="Lax",
        secure=settings.QUARTERDECK_PUBLIC_URL.startswith("https://"),
    )  # fmt: skip
    return _quiet(answer)


def _inside(key: str, wanted: str) -> str:
    """Where somebody wanted to, where that lies on this page; else its start."""
    home = f"/status/{key}/"
    try:
        path = urlsplit(unquote(wanted)).path
    except ValueError:  # no address at all
        return home
    safe = path.startswith(home) and ".." not in path and "\\" not in path and unquote(wanted).isprintable()
    return path if safe else home


def _shown(request: HttpRequest, context: dict[str, object], status: int = 200) -> HttpResponse:
    return _quiet(render(request, "status/door.html", context, status=status))


def _quiet(answer: HttpResponse) -> HttpResponse:
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex, nofollow"
    answer["Vary"] = "Accept-Language, Cookie"
    return answer


ROUTES = [
    route("status-access/<str:key>/<str:door>/", door, name="status-door", permission=PUBLIC),
    route(
        "status-access-links/<str:link_id>/<str:token>/", by_link, name="status-door-link", permission=PUBLIC
    ),
]
