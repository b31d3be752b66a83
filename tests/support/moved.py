"""What must be the same on both sides of a move. Runs inside `Installation.ask`."""

from __future__ import annotations

from collections import Counter
from typing import Any


def vendor() -> str:
    from django.db import connection

    return connection.vendor


def collect() -> dict[str, Any]:
    from django.contrib.sessions.models import Session

    from quarterdeck.app.incidents import attachments
    from quarterdeck.store import models

    from .aftermath import _unwatched

    return {
        "alerts": Counter(models.Alert.objects.values_list("summary", flat=True)),
        "people": list(models.Person.objects.order_by("id").values_list("id", "email", "password")),
        "sessions": list(
            Session.objects.order_by("pk").values_list("session_key", "session_data", "expire_date")
        ),
        "incidents": list(models.IncidentRow.objects.order_by("id").values_list("id", "title")),
        # The engine makes its own for the self-test some time after its start.
        "integrations": list(
            models.Integration.objects.exclude(id="synthetic").order_by("id").values_list("id", "key_hash")
        ),
        "files": [
            (a.id, a.sha256, attachments.content_of(a.sha256) is not None)
            for a in models.AttachmentRow.objects.order_by("id")
        ],
        "events": list(models.Event.objects.order_by("id").values_list("stream", "seq", "hash")),
        "unwatched": _unwatched(),
        "epoch": models.Installation.objects.get(id=1).cluster_epoch,
    }
