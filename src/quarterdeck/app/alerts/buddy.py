"""The alert that another installation is silent: its integration, its body, whether it is open. Sends nothing."""

from __future__ import annotations

import json
from datetime import datetime

from quarterdeck.store import models

from ..people import keys
from ..people.accounts import operator

PURPOSE = "buddy"
NAME = "Other Quarterdeck installations"


def ensure(now: datetime) -> None:
    """Its integration, made the first time it is needed. Whoever revokes it wants no such alerts."""
    key = keys.own(PURPOSE)
    if key and not models.Integration.objects.filter(key_hash=keys.digest(key)).exists():
        keys.create_integration(operator(now), NAME, "webhook", key=key)


def body(url: str, name: str, why: str, *, over: bool) -> bytes:
    """As the webhook dialect reads it; the address is what makes two reports one alert."""
    told = {
        "title": f"Quarterdeck {name} is silent"
        if name != "Quarterdeck"
        else f"Quarterdeck at {url} is silent",
        "message": f"{why} Its people may not be paged: look at it, and tell them by other means.",
        "dedup_key": f"buddy {url}",
        "severity": "critical",
        "status": "resolved" if over else "firing",
        "url": url,
        "source": url,
    }
    return json.dumps(told).encode()


def is_open(url: str) -> bool:
    """Whether the alert about this installation stands."""
    key = keys.own(PURPOSE)
    rows = models.Alert.objects.filter(integration__key_hash=keys.digest(key), dedup_key=f"buddy {url}")
    return rows.exclude(status="resolved").exists()
