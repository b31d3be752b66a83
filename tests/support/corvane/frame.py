"""What the context processor of the product would supply: the frame around every page."""

from __future__ import annotations

from typing import Any

from support.corvane.clock import NOW


def _nav() -> list[dict[str, Any]]:
    rows = [
        ("now", "Now", "/", "now", 0, "", "", 1, "g n"),
        ("incidents", "Incidents", "/incidents", "siren", 4, "open", "", 1, "g i"),
        ("alerts", "Alerts", "/alerts", "bell", 12, "firing", "red", 1, "g a"),
        ("oncall", "On-call", "/on-call", "phone", 0, "", "", 1, "g o"),
        ("status", "Status", "/status-pages", "bars", 0, "", "", 1, "g s"),
        ("inquiries", "Inquiries", "/inquiries", "chat", 3, "open", "", 1, ""),
        ("reviews", "Reviews", "/reviews", "review", 2, "to do", "", 2, "g r"),
        ("insights", "Insights", "/insights", "chart", 0, "", "", 2, ""),
        ("readiness", "Readiness", "/readiness", "shield", 0, "", "", 2, ""),
        ("catalog", "Catalog", "/catalog/services", "layers", 0, "", "", 3, ""),
        ("settings", "Settings", "/settings", "sliders", 0, "", "", 3, ""),
    ]
    keys = ("key", "label", "href", "icon", "count", "count_label", "tone", "group", "shortcut")
    return [dict(zip(keys, row, strict=True)) for row in rows]


COMMANDS = [
    {"label": "Declare incident", "hint": "you become commander", "icon": "siren", "href": "/declare", "key": "C"},
    {"label": "Page Payments platform", "hint": "Tomasz until 21:00", "icon": "phone", "href": "/page?team=payments"},
    {"label": "Page a commander", "hint": "primary and backup at once", "icon": "phone", "href": "/page?commander"},
    {"label": "Post an update", "hint": "INC-1042", "icon": "mega", "href": "/incidents/INC-1042/communication"},
    {"label": "INC-1042 Card payments failing", "hint": "you command", "icon": "siren", "href": "/incidents/INC-1042"},
    {"label": "payment-gateway-card-acquirer-router", "hint": "major outage", "icon": "server", "href": "/catalog/s/1"},
]
for _command in COMMANDS:
    _command["group"] = "Go to" if _command["icon"] in ("server",) else "Do"

FRAME: dict[str, Any] = {
    "me": {"name": "Ana Ferreira", "initials": "AF", "role": "Incident commander", "on_call_text": "On call until Mon 09:00"},
    "organisation": "Corvane",
    "zone": "CET (UTC+1)",
    "counts": {"alerts": 12, "incidents": 4, "inquiries": 3, "reviews": 2, "notifications": 3},
    "sysbars": [],
    "demo": None,
    "nav": _nav(),
    "active": "now",
    "commands": COMMANDS,
    "can_declare": True,
}
SYSBARS = [
    {"kind": "red", "icon": "octagonx", "text": "Phone calls cannot be made.", "href": "/settings/health", "label": "Open Health",
     "detail": "The voice provider refuses us since 15:19. Push and SMS work; pages that need a phone go to SMS and the backup."},
    {"kind": "blue", "icon": "target", "text": "Drill running.", "href": "/readiness", "label": "Facilitator console",
     "detail": "“Ledger lost at noon”, until 16:30. Nothing leaves the building."},
    {"kind": "amber", "icon": "zap", "text": "Emergency operations mode.", "href": "/switches", "label": "Switches",
     "detail": "3 of 6 switches halted: paid ads, e-mail campaigns, scheduled posts."},
]  # fmt: skip


def frame(active: str, **changes: Any) -> dict[str, Any]:
    return FRAME | {"active": active} | changes


def processor(request: Any) -> dict[str, Any]:
    demo = {"login": "ana@corvane.example", "password": "quarterdeck-demo"} if request.GET.get("demo") else None
    return {"frame": frame("settings", demo=demo), "now": NOW}
