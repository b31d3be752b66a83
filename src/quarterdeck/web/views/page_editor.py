"""The order of a status page's components, and the history of its versions: compared, and brought back."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from quarterdeck.app.paging.directory import Directory
from quarterdeck.app.status import page_order, page_rights, page_versions, status_pages
from quarterdeck.core.access import may
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.web import confirming
from quarterdeck.web.acting import act, done, number, posts
from quarterdeck.web.present import page_editor as present
from quarterdeck.web.routes import route

MOST = 1_000_000


def order(request: HttpRequest, key: str) -> HttpResponse:
    """Fields `order` (component ids) and `in` (the group each stands in), side by side; `up` or `down` moves one."""
    row, doing = status_pages.find_page(key), act(request)
    at, error = f"/status-pages/{row.key}/order", None
    placed = list(zip(request.POST.getlist("order"), request.POST.getlist("in"), strict=False))
    if request.method == "POST":
        step = next((way for way in page_order.WAYS if request.POST.get(way)), "")
        try:
            if step:
                what = request.POST[step]
                page_order.move(doing, row.key, what, step)
                return done(request, f"{at}#{_anchor(what)}", "Moved.")
            base = number(request.POST.get("base") or "1", "base", 1, MOST)
            page_order.put(doing, row.key, placed, request.POST.get("reason", ""), base)
        except Refused as refused:
            error = refused.message
        else:
            return done(request, at, "The order is saved. It is published within seconds.")
    context = present.head(row, "order") | {
        "groups": present.ordered(row, placed),
        "base": present.newest(row),
        "error": error,
        "reason": request.POST.get("reason", ""),
    }
    return render(request, "status/order.html", context, status=409 if error else 200)


def _anchor(what: str) -> str:
    return "groups" if what.startswith("group:") else f"c-{what}"


@require_safe
def history(request: HttpRequest, key: str) -> HttpResponse:
    """Versions with what each changed; `old` and `new` are compared."""
    row, doing = status_pages.find_page(key), act(request)
    context = present.head(row, "history") | {
        "may_edit": may(doing.who, "status.edit"),
        "closed": page_rights.closed_to(row.id, doing.who),
        "versions": present.history(row, Directory(doing.at).name),
        "shown": present.SHOWN,
        "asks": page_versions.may_open(row) and not confirming.proven(request),
    }
    if request.GET.get("old") and request.GET.get("new"):
        old, new = (number(request.GET[n], n, 1, MOST) for n in ("old", "new"))
        context["compared"] = {
            "old": old,
            "new": new,
            "differences": page_versions.compare(row, old, new),
        }
    return render(request, "status/history.html", context)


@posts
def roll_back(request: HttpRequest, key: str) -> HttpResponse:
    row = status_pages.find_page(key)
    version = number(request.POST.get("version"), "version", 1, MOST)
    base = number(request.POST.get("base"), "base", 1, MOST)
    if page_versions.opened(row, page_versions.find(row, version).config):
        confirming.confirm(request, request.POST.get(confirming.FIELD, ""))
    page_versions.roll_back(
        act(request),
        row.key,
        version,
        request.POST.get("reason", ""),
        base,
        request.POST.get("break_glass", ""),
        proven=confirming.proven(request),
    )
    return done(
        request,
        f"/status-pages/{row.key}/history",
        f"The page is as it was in version {version}. It is published within seconds.",
    )


_EDIT = "status.edit"
ROUTES = [
    route("status-pages/<str:key>/order", order, name="status-page-order", permission=_EDIT),
    route("status-pages/<str:key>/history", history, name="status-page-history", permission="status.read"),
    route("status-pages/<str:key>/rollback", roll_back, name="status-page-rollback", permission=_EDIT),
]
