"""Live parts that look the same to everybody who may do the same, written once for all who ask within a second.

Sixty people watch one incident: when somebody writes a line, sixty browsers ask for its header and timeline at once.
Who may see them was decided before; what differs from viewer to viewer is in the key, and each gets a form token of
their own.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language

from quarterdeck.app.casebook import Case
from quarterdeck.core.incidents import Incident

MOST_KEPT = 32
LONGEST_QUERY = 200
# Nobody can write it into a text, and so have the token of whoever reads put there.
_TOKEN = secrets.token_hex(16)
_written: OrderedDict[tuple[object, ...], tuple[Incident, str]] = OrderedDict()
_lock = threading.Lock()


def part(
    request: HttpRequest,
    case: Case,
    at: datetime,
    may: dict[str, bool],
    template: str,
    context: Callable[[], dict[str, Any]],
) -> HttpResponse:
    """The part as `template` draws `context()`, which may differ by the incident, by `may` (what the viewer's roles
    grant in it), by what the query asks, by the viewer's zone and language, and by nothing else.

    A state of the incident is an object of its own: as long as the log is the same, so is the object, in any store.
    """
    query = request.GET.urlencode()
    if len(query) > LONGEST_QUERY:
        return render(request, template, context())
    seen = (
        template,
        case.incident.key,
        tuple(sorted(may.items())),
        query,
        timezone.get_current_timezone_name(),
        get_language(),
        int(at.timestamp()),
    )
    with _lock:
        kept = _written.get(seen)
        if kept is None or kept[0] is not case.incident:
            given = context() | {"csrf_token": _TOKEN, "request": request, "now": at}
            kept = _written[seen] = case.incident, render_to_string(template, given)
            while len(_written) > MOST_KEPT:
                _written.popitem(last=False)
    html = kept[1]
    return HttpResponse(html.replace(_TOKEN, get_token(request)) if _TOKEN in html else html)
