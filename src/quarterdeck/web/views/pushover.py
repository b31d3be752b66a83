"""Pages acknowledged in the Pushover app. Pushover signs nothing: the address it was given is what nobody can guess."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse

from quarterdeck.app.comms import links
from quarterdeck.app.paging import remote_answers
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.web.callbacks import forged, report
from quarterdeck.web.routes import KEY, route


@report
def acknowledged(request: HttpRequest, callout_id: str, token: str) -> HttpResponse:
    """The app's acknowledgement, under the token of the page's own link."""
    if not links.holds("callout", callout_id, token):
        return forged()
    if request.POST.get("acknowledged") == "1":
        try:
            remote_answers.acknowledge(callout_id, datetime.now(UTC), "push")
        except Refused as refused:
            # Expired, restricted or gone: Pushover would only try again.
            if refused.kind not in ("conflict", "forbidden", "missing"):
                raise
    return HttpResponse(status=204)


ROUTES = [
    route(
        "callbacks/pushover/<str:callout_id>/<str:token>",
        acknowledged,
        name="pushover-acknowledged",
        permission=KEY,
    )
]
