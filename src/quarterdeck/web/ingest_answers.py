"""What Alertmanager's clients may ask at an intake address: its status, and the alerts of that integration alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

from django.db import close_old_connections

from quarterdeck import __version__
from quarterdeck.app.search import LIVE_STATES
from quarterdeck.intake import alertmanager_api
from quarterdeck.store import models

STARTED_AT = datetime.now(UTC)
MOST = 1000


def status(integration: str, query: str) -> bytes:
    return _json(alertmanager_api.status(STARTED_AT, __version__))


def alerts(integration: str, query: str) -> bytes:
    """The live alerts of one integration, in the shape of GET /api/v2/alerts. Raises Refused for a filter."""
    close_old_connections()
    live = models.Alert.objects.filter(integration_id=integration, status__in=LIVE_STATES)
    rows = live.order_by("-id")[:MOST]
    asked = alertmanager_api.selected([_plain(a) for a in rows], parse_qs(query, keep_blank_values=True))
    return _json(alertmanager_api.gettable_alerts(asked))


def _plain(a: models.Alert) -> dict[str, Any]:
    return {
        "labels": a.labels,
        "annotations": {"summary": a.summary, **a.details},
        "starts_at": a.starts_at or a.first_seen_at,
        "ends_at": a.expires_at,
        "updated_at": a.last_seen_at,
        "generator_url": next((x["href"] for x in a.links if x.get("text") == "Source"), ""),
        "silenced_by": ["silence"] if a.status == "silenced" else [],
        "receivers": ["quarterdeck"],
    }


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


ANSWERS: Mapping[str, Callable[[str, str], bytes]] = {
    "alertmanager/status": status,
    "alertmanager/alerts": alerts,
}
