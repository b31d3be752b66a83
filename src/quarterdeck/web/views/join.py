"""The link of a guest: shows who is invited to what and how people talk there; only the POST uses it up."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from quarterdeck.app.incidents import guests
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models
from quarterdeck.web.acting import now
from quarterdeck.web.routes import PUBLIC, route


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def guest(request: HttpRequest, pass_id: str, token: str) -> HttpResponse:
    """A wrong token and an unknown pass look alike; a used or expired one tells nothing of the incident."""
    row = guests.find(pass_id, token)
    if row is None:
        raise Http404
    at = now()
    why = guests.why_closed(row, at)
    if request.method == "POST" and not why:
        try:
            person = guests.enter(pass_id, at, request.POST.get("doing", ""))
        except Refused as refused:  # somebody was faster, or the incident ended in this second
            why = refused.message
        else:
            login(request, person, backend=settings.AUTHENTICATION_BACKENDS[0])
            return HttpResponseRedirect(f"/incidents/{row.incident_id}")
    if why:
        return render(request, "callouts/join.html", {"closed": why}, status=410)
    person = models.Person.objects.get(id=row.person_id)
    context = {"name": person.name, "organisation": row.organisation, "incident": row.incident_id}
    return render(request, "callouts/join.html", context)


ROUTES = [route("join/<str:pass_id>/<str:token>/", guest, name="guest-join", permission=PUBLIC)]
