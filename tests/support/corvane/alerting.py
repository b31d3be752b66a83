"""The alerts console, one alert, and the page on a phone."""

from __future__ import annotations

from typing import Any

from support.corvane.clock import NOW, TOMASZ, at, later, who
from support.corvane.frame import frame

ROUTER = "payment-gateway-card-acquirer-router"
INCIDENT = {"id": "INC-1042", "url": "/incidents/INC-1042", "title": "Card payments failing"}


def alert(id_: int, name: str, summary: str, state: str, count: int, first: str, last: str, reason: str, **more: Any) -> dict[str, Any]:
    return {"id": id_, "url": f"/alerts/{id_}", "name": name, "summary": summary, "state": state, "count": count, "first_at": at(first), "last_at": at(last), "reason": reason} | more


GROUPS = [
    {"key": "g1", "title": "eu-west-1, payments", "note": "5 alerts, 1,204 signals", "alerts": [
        alert(1, "CheckoutSuccessRateLow", "eu-west-1c, 41 %", "firing", 812, "13:58", "15:26:50", "Paged Tomasz Wiśniewski: SEV1, route payments-high", service=ROUTER, severity=1, paged=True, incident=INCIDENT),
        alert(2, "LedgerPoolExhausted", "eu-west-1c, eu-west-1f", "firing", 377, "13:53", "15:26:02", "Did not page: same group, already acknowledged at 13:59", service="seat-inventory-reservation-ledger", severity=2, incident=INCIDENT, tone="orange"),
        alert(3, "ThreeDSCallbackLatencyP99", "eu-west-1a, 2.1 s", "ended", 15, "13:55", "15:11", "Did not page: below the severity of the route", severity=3),
    ]},
    {"key": "g2", "title": "gate-scanner-offline-list-sync", "note": "2 alerts", "alerts": [
        alert(4, "OfflineListStale", "Piraeus E9, 22 min old", "acknowledged", 9, "15:20", "15:25", "Paged Dimitra Papadaki, acknowledged after 48 s", severity=2, paged=True),
        alert(5, "DiskSpaceLow", "gate-scanner-07, 8 % left", "silenced", 41, "Tue 22:10", "15:02", "Did not page: silenced until 18:00 by Dimitra Papadaki (disk swap)", severity=4),
    ]},
]  # fmt: skip
VIEWS = [{"label": n, "href": f"?state={n.lower()}", "current": n == "Firing", "count": k} for n, k in (("Firing", 12), ("Acknowledged", 4), ("Silenced", 2), ("Ended", 388), ("All", 406))]  # fmt: skip
CONSOLE = {"frame": frame("alerts"), "now": NOW, "summary": "12 firing in 5 groups; 3 of them paged somebody.", "views": VIEWS, "filters": {}, "choices": {}, "groups": GROUPS,
           "page": {"older": "3", "shown": 5, "total": 406}, "path": "/alerts"}  # fmt: skip
STORM = {"title": "412 alerts in 10 minutes, 388 share one thing", "text": "Pages are bundled while this lasts: one call per person, with the count. The most shared labels, first is probably the cause:", "total": 412,
         "groups": [{"label": "region", "value": "eu-west-1", "count": 388, "href": "?region=eu-west-1"}, {"label": "release", "value": "router-4.18.0", "count": 261, "href": "?release=router"}, {"label": "az", "value": "eu-west-1c", "count": 140, "href": "?az"}]}  # fmt: skip
ONE = GROUPS[0]["alerts"][0] | {
    "source": {"name": "Alertmanager, production", "href": "/catalog/integrations/1"}, "service": {"name": ROUTER, "href": "/catalog/services/1"}, "team": "Payments platform",
    "key": "prod/CheckoutSuccessRateLow{cell=eu-west-1c}", "ack": {"who": TOMASZ, "at": at("13:59:22")}, "links": [{"label": "Payment funnel", "href": "https://grafana.corvane.example/d/1"}],
    "labels": [("alertname", "CheckoutSuccessRateLow"), ("cell", "eu-west-1c"), ("severity", "critical"), ("team", "payments")],
    "summary": "Fewer than 60 % of card payments succeed in eu-west-1c for 5 minutes.",
}  # fmt: skip
STORY = [
    {"at": at("13:58:02"), "icon": "bell", "title": "Received from Alertmanager, production", "text": "first of 812; key prod/CheckoutSuccessRateLow{cell=eu-west-1c}"},
    {"at": at("13:58:02"), "icon": "layers", "title": "Grouped with 4 others", "text": "same service and region within 5 minutes"},
    {"at": at("13:58:02"), "icon": "fork", "title": "Route “payments, high urgency”", "text": "because team = payments and severity = critical; policy version 7"},
    {"at": at("13:58:03"), "icon": "phone", "title": "Paged Tomasz Wiśniewski by push and SMS", "text": "on call for Payments platform, primary, until 21:00"},
    {"at": at("13:59:22"), "icon": "checkc", "tone": "green", "title": "Acknowledged by Tomasz Wiśniewski", "text": "from the link in the SMS, 79 s after the first page; step 2 was due at 14:03"},
    {"at": at("14:02:11"), "icon": "siren", "title": "Linked to INC-1042", "text": "declared from this alert by Ana Ferreira"},
]  # fmt: skip
CALLS = [
    {"person": who(TOMASZ), "channel": "Push", "at": at("13:58:03"), "state": "sent", "state_text": "Delivered", "note": "0.4 s"},
    {"person": who(TOMASZ), "channel": "SMS", "at": at("13:58:03"), "state": "acknowledged", "note": "13:59:22"},
    {"person": who(TOMASZ), "channel": "Phone", "at": at("13:59:03"), "state": "failed", "state_text": "Busy", "note": "not tried again: acknowledged"},
]  # fmt: skip
DETAIL = {"frame": frame("alerts"), "now": NOW, "alert": ONE, "story": STORY, "callouts": CALLS, "raw": '{"status": "firing", "labels": {"alertname": "CheckoutSuccessRateLow"}}', "path": "/alerts/1"}  # fmt: skip
CALLOUT = {"title": "Authorisation queue above 20,000 in eu-north-1", "severity": 3, "reason": "you are on call as commander until Mon 09:00", "service": ROUTER, "at": later(seconds=-72), "step": "step 2",
           "who": "Ana Ferreira", "escalates_at": later(minutes=3, seconds=48), "escalates_to": "Ben Okonkwo", "url": "/ack/x", "incident": INCIDENT}  # fmt: skip
MORE = [{"label": "I cannot", "act": "decline", "icon": "x"}, {"label": "Escalate now", "act": "escalate", "icon": "up"}]
ACK = {"now": NOW, "callout": CALLOUT, "state": "open", "more": MORE}
PAGES = [
    ("alerts", "alerts/list.html", CONSOLE), ("alerts-storm", "alerts/list.html", CONSOLE | {"storm": STORM}), ("alerts-none", "alerts/list.html", CONSOLE | {"groups": [], "page": {}}),
    ("alert", "alerts/detail.html", DETAIL), ("ack", "callouts/ack.html", ACK), ("ack-done", "callouts/ack.html", ACK | {"state": "acknowledged", "done": {"who": "Ana Ferreira", "at": NOW}}),
    ("ack-late", "callouts/ack.html", ACK | {"state": "late", "done": {"who": "Ben Okonkwo", "at": NOW}}), ("ack-expired", "callouts/ack.html", ACK | {"state": "expired"}),
]  # fmt: skip
