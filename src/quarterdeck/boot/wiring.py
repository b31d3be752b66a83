"""Bringing Django up in this process, once. Nothing here is imported by the processes that do without it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from . import (
    loading,
    sqlite_module,  # noqa: F401 - must come before Django
)

if TYPE_CHECKING:
    from quarterdeck.app.health.health import Machine


def set_up(process: str = "command") -> None:
    """Load the settings and the applications; `process` names this process in its log lines."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quarterdeck.boot.settings")
    os.environ["QUARTERDECK_PROCESS"] = process
    import django
    from django.apps import apps

    if not apps.ready:
        loading.begin()
        django.setup()
        from quarterdeck.app.upkeep import this_machine

        this_machine.here[:] = [_machine]


def _machine() -> Machine:
    from .machine import machine

    return machine()
