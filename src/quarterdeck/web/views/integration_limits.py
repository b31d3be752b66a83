"""How much an integration sent and may send: what its page shows of that, and setting a limit of its own."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from quarterdeck.app.alerts import source_counts
from quarterdeck.app.people import keys
from quarterdeck.core.kernel.refused import bad
from quarterdeck.core.kernel.text import counted
from quarterdeck.store import models
from quarterdeck.web.acting import act, done, posts
from quarterdeck.web.routes import route


def came(row: models.Integration) -> dict[str, Any]:
    """What was taken and refused of it, and how much of it may come a minute."""
    found, usual = source_counts.of(row.id), settings.QUARTERDECK.limits
    requests, alerts = row.requests_per_minute, row.alerts_per_minute
    return {
        "accepted": _both(found.requests, found.alerts) if found else "",
        "refused": _both(found.refused_requests, found.refused_alerts) if found and found.refused_at else "",
        "refused_at": found.refused_at if found else None,
        "limit": ", ".join((
            _most(usual.requests_per_minute if requests is None else requests, "requests"),
            _most(usual.alerts_per_minute if alerts is None else alerts, "alerts"),
        )),
        "requests": requests,
        "alerts": alerts,
        "usual_requests": usual.requests_per_minute,
        "usual_alerts": usual.alerts_per_minute,
    }  # fmt: skip


def _both(requests: int, alerts: int) -> str:
    return f"{counted(requests, 'request')}, {counted(alerts, 'alert')}"


def _most(number: int, what: str) -> str:
    return f"{number:,} {what} a minute" if number else f"any number of {what}"


@posts
def limit(request: HttpRequest, integration_id: str) -> HttpResponse:
    keys.limit_integration(
        act(request), integration_id, *(_number(request, name) for name in ("requests", "alerts"))
    )
    return done(request, f"/catalog/integrations/{integration_id}", "Saved. It holds within two seconds.")


def _number(request: HttpRequest, name: str) -> int | None:
    """A whole number of a form; None where the field is empty. Raises Refused."""
    given = request.POST.get(name, "").strip()
    if given and not (given.isascii() and given.isdigit() and len(given) <= 9):
        raise bad(
            "integration.limit",
            "A limit is a whole number. Leave it empty for the usual one.",
            **{name: "not one"},
        )
    return int(given) if given else None


ROUTES = [
    route(
        "catalog/integrations/<str:integration_id>/limit",
        limit,
        name="integration-limit",
        permission="key.edit",
    ),
]
