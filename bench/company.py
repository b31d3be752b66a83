"""Tells the demo's story into an empty data folder, copies its past until there is a hundred times as much, and prints,
as JSON, the demo's login and the addresses of the pages to measure.

Runs in a process of its own (`python -m bench.company 5000 100000`); the folder comes from QUARTERDECK_DATA. What is
measured later is what stands in the store: nothing is looked at here to warm it.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import Any

from .prepare import open_store, pages


def main() -> None:
    incidents, alerts = int(sys.argv[1]), int(sys.argv[2])
    open_store()
    from django.conf import settings

    from quarterdeck.boot import demo
    from quarterdeck.boot.demo import scale
    from quarterdeck.store import models

    told = demo.seed(_now(), settings.QUARTERDECK_DATA, clock=_now)
    scale.multiply(incidents)
    scale.multiply(0, max(0, alerts - models.Alert.objects.count()))
    found = {"incidents": models.IncidentRow.objects.count(), "alerts": models.Alert.objects.count()}
    print(json.dumps(found | {"email": told.email, "password": told.password, "pages": [*pages(), *deep()]}))


def _now() -> datetime:
    return datetime.now(UTC)


def deep() -> list[str]:
    """The pages of one thing each, of the live incident above all, and the lists at their longest."""
    from quarterdeck.store import models
    from quarterdeck.web.views.war_room import PARTS

    live: Any = models.IncidentRow.objects.filter(is_open=True, drill=False, restricted=False)
    live = live.order_by("severity", "number").first()
    room = f"/incidents/{live.id}"
    alert: Any = models.Alert.objects.filter(incident_id=live.id).order_by("-id").first()
    schedule = models.Schedule.objects.order_by("key").values_list("key", flat=True).first()
    review = models.ReviewRow.objects.order_by("-opened_at").values_list("incident_id", flat=True).first()
    status_page = models.StatusPage.objects.values_list("key", flat=True).first()
    component = models.Component.objects.values_list("id", flat=True).first()
    integration = models.Integration.objects.values_list("id", flat=True).first()
    return [
        room,
        *(f"{room}/parts/{name}" for name in PARTS),
        *(f"{room}/{tab}" for tab in ("communication", "tasks", "alerts", "chart", "facts", "handover")),
        *(f"{room}/{form}" for form in ("resolve", "fill/scribe")),
        *(f"/parts/now/{name}" for name in ("due", "incidents", "side")),
        f"/alerts/{alert.id}",
        f"/on-call/schedules/{schedule}",
        f"/catalog/people/{live.commander_id}",
        f"/catalog/services/{live.services[0]}",
        f"/catalog/teams/{models.Team.objects.values_list('key', flat=True).first()}",
        f"/catalog/integrations/{integration}",
        f"/reviews/{review}",
        f"/status-pages/{status_page}",
        f"/status-pages/components/{component}",
        "/search?q=card",
        f"/search?q={live.id}",
        "/search.json?q=gateway",
        "/incidents?show=all",
        "/incidents?show=closed&severity=1",
        "/incidents?show=all&q=payment",
        "/alerts?show=all",
        "/alerts?show=all&q=disk",
        "/reviews?show=published",
        "/insights?weeks=104",
    ]


if __name__ == "__main__":
    main()
