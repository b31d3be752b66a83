"""What an alert source said, in one shape. A signal is one parsed report before it is matched to an alert."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import Literal

from quarterdeck.core.kernel.value import value

Action = Literal["trigger", "acknowledge", "resolve"]
SEVERITIES = ("critical", "error", "warning", "info")


@value
class Link:
    """A link out of the payload. Only http, https and mailto survive `safe_url`."""

    href: str
    text: str = ""


@value
class Signal:
    """`key` deduplicates within one integration. `service` is a routing hint: the key of a service."""

    key: str
    action: Action = "trigger"
    summary: str = ""
    severity: str = "error"
    source: str = ""
    service: str | None = None
    starts_at: datetime | None = None
    expires_at: datetime | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    details: Mapping[str, str] = field(default_factory=dict)
    links: tuple[Link, ...] = ()
