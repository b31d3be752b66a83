"""Which processes of this installation are alive."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from quarterdeck import __version__
from quarterdeck.store import models


def beat(name: str, kind: str, now: datetime, **detail: Any) -> None:
    """This process is alive at `now`."""
    models.Node.objects.update_or_create(
        name=name[:100],
        defaults={"kind": kind, "heartbeat_at": now, "version": __version__, "detail": detail},
        create_defaults={
            "kind": kind, "heartbeat_at": now, "started_at": now, "version": __version__, "detail": detail,
        },
    )  # fmt: skip


def newest(kind: str) -> models.Node | None:
    return models.Node.objects.filter(kind=kind).order_by("-heartbeat_at").first()
