"""The state in numbers, for programs that graph it: one number for each component, 0 operational to 4 major outage."""

from __future__ import annotations

from typing import Any

from quarterdeck.core.status.shapes import PageSnapshot
from quarterdeck.core.status.words import COMPONENT_STATES, rank

from . import looks, told
from .statuspage_json import as_json

_INDICATORS = ("none", "maintenance", "minor", "major", "critical")


def files(page: PageSnapshot) -> dict[str, bytes]:
    """`metrics.json` for JSON exporters, `metrics.txt` in Prometheus' own form."""
    return {"metrics.json": as_json(_document(page)), "metrics.txt": _exposition(page)}


def _document(page: PageSnapshot) -> dict[str, Any]:
    return {
        "page": page.page.key,
        "as_of": looks.iso(page.generated_at),
        "as_of_seconds": int(page.generated_at.timestamp()),
        "indicator": page.verdict.indicator,
        "value": _INDICATORS.index(page.verdict.indicator),
        "open_incidents": len(page.open_incidents),
        "maintenance_running": _running(page),
        "states": dict(enumerate_states()),
        "components": [
            {
                "id": v.component.id,
                "name": v.component.name,
                "group": group.name,
                "state": v.state,
                "value": rank(v.state),
                "uptime_percent": v.record.uptime_percent,
            }
            for group in page.groups
            for v in group.components
        ],
    }


def enumerate_states() -> list[tuple[str, int]]:
    """What each number means."""
    return [(state, rank(state)) for state in COMPONENT_STATES]


def _exposition(page: PageSnapshot) -> bytes:
    own = f'page="{_label(page.page.key)}"'
    lines = [
        "# HELP status_page_state State of the page: 0 none, 1 maintenance, 2 minor, 3 major, 4 critical.",
        "# TYPE status_page_state gauge",
        f"status_page_state{{{own}}} {_INDICATORS.index(page.verdict.indicator)}",
        "# HELP status_page_open_incidents Incidents that are not over.",
        "# TYPE status_page_open_incidents gauge",
        f"status_page_open_incidents{{{own}}} {len(page.open_incidents)}",
        "# HELP status_page_maintenance_running Planned work that is under way.",
        "# TYPE status_page_maintenance_running gauge",
        f"status_page_maintenance_running{{{own}}} {_running(page)}",
        "# HELP status_page_as_of_seconds When this was written, in seconds since 1970.",
        "# TYPE status_page_as_of_seconds gauge",
        f"status_page_as_of_seconds{{{own}}} {int(page.generated_at.timestamp())}",
    ]
    if page.groups:
        lines += [
            "# HELP status_component_state 0 operational, 1 maintenance, 2 degraded, 3 partial, 4 major outage.",
            "# TYPE status_component_state gauge",
        ]
    for group in page.groups:
        for v in group.components:
            names = {"id": v.component.id, "name": v.component.name, "group": group.name}
            labels = ",".join([own, *(f'{key}="{_label(value)}"' for key, value in names.items())])
            lines.append(f"status_component_state{{{labels}}} {rank(v.state)}")
    return ("\n".join(lines) + "\n").encode("utf-8", "replace")


def _running(page: PageSnapshot) -> int:
    return sum(told.is_running(m) for m in told.maintenances(page))


def _label(text: str) -> str:
    return " ".join(text.split()).replace("\\", "\\\\").replace('"', '\\"')
