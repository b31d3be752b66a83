"""The executives' own workstreams and channel, on their page: each act is one POST, and what was typed stays when it is
refused.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _

from quarterdeck.app.act import Act
from quarterdeck.app.executives import exec_streams
from quarterdeck.core.kernel.refused import missing
from quarterdeck.web.acting import act, local_time
from quarterdeck.web.routes import route

from .executives import tried

Do = Callable[[Act, str, QueryDict], object]
_ACTS: dict[str, tuple[str, Do]] = {
    "line": ("work", lambda a, i, p: exec_streams.set_line(a, i, p.get("stream", ""), p.get("text", ""))),
    "task": (
        "work",
        lambda a, i, p: exec_streams.set_task(
            a, i, p.get("stream", ""), p.get("title", ""), p.get("owner", ""),
            local_time(p.get("due_at", ""), "due_at"),
        ),
    ),
    "done": (
        "work",
        lambda a, i, p: exec_streams.end_task(a, i, p.get("task", ""), p.get("state", "done")),
    ),
    "say": ("channel", lambda a, i, p: exec_streams.say(a, i, p.get("text", ""))),
}  # fmt: skip


def work(request: HttpRequest, incident_id: str, name: str) -> HttpResponse:
    found = _ACTS.get(name)
    if found is None:
        raise missing("act.unknown", "There is no such act. Reload the page and try again.")
    form, do = found

    def doing() -> str:
        do(act(request), incident_id, request.POST)
        return _("Kept.")

    return tried(request, incident_id, form, doing)


ROUTES = [
    route("briefs/<str:incident_id>/work/<str:name>", work, name="brief-work", permission="executive.work")
]
