"""The login that the demo shows on its sign-in page. Says nothing outside a demo: there is no file to read."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from django.conf import settings

FILE = "demo-login.json"


def shown() -> dict[str, str] | None:
    """`{login, password}` of the demo's first person, or None where nothing must be shown."""
    if not settings.QUARTERDECK_DEMO:
        return None
    path = Path(settings.QUARTERDECK_DATA) / FILE
    try:
        changed = path.stat().st_mtime_ns
    except OSError:
        return None
    return _read(path, changed)


@lru_cache(maxsize=4)
def _read(path: Path, changed: int) -> dict[str, str] | None:
    """`changed` makes a story told anew be read anew."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {"login": str(found["email"]), "password": str(found["password"])}
    except (OSError, ValueError, KeyError):
        return None
