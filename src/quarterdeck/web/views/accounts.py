"""Sign-in beside the page, and the sessions of whoever looks: where they are signed in, and how to end that."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from quarterdeck.app.act import act_of
from quarterdeck.app.people import accounts
from quarterdeck.web import sessions
from quarterdeck.web.routes import LOGIN, route


@require_safe
def signed_in(request: HttpRequest) -> HttpResponse:
    """Where a sign-in in another tab ends: it tells the page that waits for it."""
    return render(request, "signed_in.html")


@require_http_methods(["GET", "HEAD", "POST"])
def own_sessions(request: HttpRequest) -> HttpResponse:
    """Every live session of this person; POST ends one ("end" is its number in the list) or all others."""
    person = request.user
    mine = sessions.of_person(person.pk)
    here = sessions.stored_key(request.session.session_key or "")
    if request.method == "POST":
        wanted = request.POST.get("end", "")
        chosen = [key for key, _data in mine if key != here and wanted in ("others", sessions.number(key))]
        act = act_of(person.pk, person.role, datetime.now(UTC))  # type: ignore[union-attr]
        count = accounts.end_sessions(act, person.pk, chosen)
        messages.success(request, _("Ended: %(count)d") % {"count": count})
        return redirect("own_sessions")
    shown = [
        {
            "number": sessions.number(key),
            "here": key == here,
            "since": datetime.fromtimestamp(data.get("since", 0), UTC),
            "seen": datetime.fromtimestamp(data.get("seen", 0), UTC),
            **data.get("from", {"address": "", "browser": ""}),
        }
        for key, data in mine
    ]
    return render(request, "account/sessions.html", {"sessions": shown})


ROUTES = [
    route("signed-in", signed_in, name="signed_in", permission=LOGIN),
    route("accounts/sessions/", own_sessions, name="own_sessions", permission=LOGIN),
]
