"""What the context processor of the product would supply: the frame around every page."""

from __future__ import annotations

from typing import Any

from support.corvane import NOW

_NAV = [
    ("now", "Now", "/", "now", 0, "", "", 1, "g n"),
    ("incidents", "Incidents", "/incidents", "siren", 4, "open", "", 1, "g i"),
    ("alerts", "Alerts", "/alerts", "bell", 12, "firing", "red", 1, "g a"),
    ("oncall", "On-call", "/on-call", "phone", 0, "", "", 1, "g o"),
    ("status", "Status", "/status-pages", "bars", 0, "", "", 1, "g s"),
    ("inquiries", "Inquiries", "/inquiries", "chat", 3, "open", "", 1, ""),
    ("reviews", "Reviews", "/reviews", "review", 2, "to do", "", 2, "g r"),
    ("insights", "Insights", "/insights", "chart", 0, "", "", 2, ""),
    ("catalog", "Catalog", "/catalog/services", "layers", 0, "", "", 3, ""),
    ("settings", "Settings", "/settings", "sliders", 0, "", "", 3, ""),
]
_KEYS = ("key", "label", "href", "icon", "count", "count_label", "tone", "group", "shortcut")
_COMMANDS = [
    ("Do", "Declare incident", "you become commander", "siren", "/declare"),
    ("Do", "Page Payments platform", "Tomasz until 21:00", "phone", "/page?team=payments"),
    ("Do", "Page a commander", "primary and backup at once", "phone", "/page?commander"),
    ("Do", "Post an update", "INC-1042", "mega", "/incidents/INC-1042/communication"),
    ("Go to", "INC-1042 Card payments failing", "you command", "siren", "/incidents/INC-1042"),
    ("Go to", "payment-gateway-card-acquirer-router", "major outage", "server", "/catalog/services/1"),
]
FRAME: dict[str, Any] = {
    "me": {
        "name": "Ana Ferreira",
        "initials": "AF",
        "role": "Incident commander",
        "on_call_text": "On call until Mon 09:00",
    },
    "organisation": "Corvane",
    "zone": "CET (UTC+1)",
    "counts": {"alerts": 12, "incidents": 4, "inquiries": 3, "reviews": 2, "notifications": 3},
    "sysbars": [],
    "demo": None,
    "nav": [dict(zip(_KEYS, row, strict=True)) for row in _NAV],
    "commands": [
        dict(zip(("group", "label", "hint", "icon", "href"), row, strict=True)) for row in _COMMANDS
    ],
    "can_declare": True,
}


def frame(active: str, **changes: Any) -> dict[str, Any]:
    return FRAME | {"active": active} | changes


def processor(request: Any) -> dict[str, Any]:
    demo = {"login": "ana@corvane.example", "password": "quarterdeck-demo"}
    return {"frame": frame("settings", demo=demo if request.GET.get("demo") else None), "now": NOW}
