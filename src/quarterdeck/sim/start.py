"""Making a process fit for simulating, before anything of the product is imported."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from typing import Any


def set_up() -> None:
    """Bring Django up with the product's settings, without a folder of data that stays."""
    folder = tempfile.mkdtemp(prefix="quarterdeck-sim-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["DJANGO_SETTINGS_MODULE"] = "quarterdeck.boot.settings"
    os.environ["QUARTERDECK_DATA"] = folder
    for name in ("DATABASE_URL", "QUARTERDECK_CONFIG"):
        os.environ.pop(name, None)
    import django

    django.setup()


def work(first: int, step: int, until: float, results: Any) -> None:
    """A process of a soak."""
    set_up()
    from .soak import work as run

    run(first, step, until, results)
