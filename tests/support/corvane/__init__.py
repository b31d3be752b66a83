"""Corvane, the invented company of the gallery: what the views of its pages would put into their contexts.

Each file in `pages/` is one page: its template, the frame around it and its context. Times are texts in the company's
zone; its clock stands still on Wednesday 18 November 2026, 15:27:08.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 18, 15, 27, 8, tzinfo=ZONE)
FOLDER = Path(__file__).parent / "pages"
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d:\d\d")


def _alive(value: Any) -> Any:
    """The value with every time a datetime."""
    if isinstance(value, dict):
        return {key: _alive(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_alive(inner) for inner in value]
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        return datetime.fromisoformat(value)
    return value


def pages() -> list[tuple[str, str, dict[str, Any]]]:
    """(name, template, context) of every page. `path` and `said` in a context are for the request."""
    from support.corvane.forms import made
    from support.corvane.frame import frame

    found = []
    for file in sorted(FOLDER.glob("*.json")):
        page = json.loads(file.read_text(encoding="utf-8"))
        context = _alive(page["context"]) | {"now": NOW}
        context["path"] = page.get("path", f"/{file.stem}")
        context["said"] = page.get("said", [])
        if "active" in page:
            context["frame"] = frame(page["active"], **page.get("frame", {}))
        if "form" in page:
            context["form"] = made(page["form"])
        found.append((file.stem, page["template"], context))
    return found
