"""The Django application that owns every table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class StoreConfig(AppConfig):
    name = "quarterdeck.store"
    label = "store"
    verbose_name = "Quarterdeck store"

    def ready(self) -> None:
        post_migrate.connect(_guard, sender=self)
        post_migrate.connect(_stamp, sender=self)


def _guard(*, plan: Sequence[tuple[Any, bool]] = (), **_: object) -> None:
    """Not while a store is taken back to before its guards were made."""
    from . import guards

    if not any(backwards for _, backwards in plan):
        guards.restore()


def _stamp(**_: object) -> None:
    from .stamp import stamp

    stamp()
