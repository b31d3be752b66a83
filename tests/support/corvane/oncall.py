"""The on-call week of Payments platform."""

from __future__ import annotations

from typing import Any

from support.corvane.clock import ANA, DMYTRO, NOW, PRIYA, TOMASZ, at, who
from support.corvane.frame import frame


def cells(*parts: Any) -> list[dict[str, Any]]:
    """Numbers are empty time; (span, text, kind) are shifts."""
    return [{"span": p, "text": ""} if isinstance(p, int) else dict(zip(("span", "text", "kind", "title", "href"), p, strict=False)) for p in parts]


T, A, H, R = (4, "Tomasz", ""), (4, "Amara", ""), (4, "Hye-jin", "alt"), (4, "Rukmini", "alt")
GAP = (2, "Gap", "gap", "Gap, Sat 03:00 to 09:00", "#gap")
WEEK = {
    "title": "Week 47, 16 to 22 November", "start": "2026-11-16T00:00", "slots": 56, "slot_hours": 3, "now_percent": "37.77", "before_href": "?week=46", "after_href": "?week=48", "today_href": "?",
    "days": [{"label": d, "today": d == "Wed 18"} for d in ("Mon 16", "Tue 17", "Wed 18", "Thu 19", "Fri 20", "Sat 21", "Sun 22")],
    "rows": [
        {"label": "Europe, days", "note": "09:00 to 21:00", "cells": cells(3, T, 4, T, 4, T, 4, A, 4, A, 4, A, 4, A, 1)},
        {"label": "Osaka, nights", "note": "21:00 to 09:00", "cells": cells((3, "HP", "alt"), 4, H, 4, H, 4, H, 4, H, 4, (2, "HP", "alt"), 6, R, 4, (1, "R", "alt"))},
        {"label": "Overrides", "note": "2 this week", "cells": cells(23, (2, "DK", "over", "Dmytro Kovalenko for Hye-jin Park, Wed 21:00 to Thu 03:00"), 26, (2, "You", "me", "You for Amara Nwosu, Sun 09:00 to 15:00"), 3)},
        {"label": "On call", "note": "what counts", "final": True, "cells": cells((3, "HP", "alt"), T, H, T, H, T, (2, "DK", "over"), (2, "HP", "alt"), A, H, A, (2, "HP", "alt"), GAP, A, R, (2, "You", "me"), (2, "AN", ""), (1, "R", "alt"))},
    ],
}  # fmt: skip
AGENDA = [
    {"person": who(TOMASZ), "title": TOMASZ, "note": "now, until 21:00", "when": "now"}, {"person": who(DMYTRO), "title": DMYTRO, "note": "for Hye-jin Park", "when": "Today 21:00"},
    {"person": who("Hye-jin Park"), "title": "Hye-jin Park", "when": "Thu 03:00"}, {"person": who("Amara Nwosu"), "title": "Amara Nwosu", "when": "Thu 09:00"},
    {"gap": True, "title": "Nobody, 6 h", "when": "Sat 03:00"}, {"person": who("Amara Nwosu"), "title": "Amara Nwosu", "when": "Sat 09:00"},
]  # fmt: skip
POLICY = {"title": "Policy: payments, high urgency", "note": "version 7, called now", "edit_href": "#edit", "steps": [
    {"after": "0 min", "title": "Payments platform, primary", "note": "push and SMS at once, phone after 1 min", "people": [who(TOMASZ) | {"state": "ok", "state_text": "reachable, answered 13:59"}]},
    {"after": "5 min", "title": "Payments platform, backup", "note": "push, SMS and phone at once", "people": [who(DMYTRO) | {"state": "ok", "state_text": "reachable"}]},
    {"after": "15 min", "title": "Payments engineering leads, all", "note": "push and phone at once", "people": [who(PRIYA), who("Siobhán Adeyemi-Clarke") | {"state": "warning", "state_text": "has no phone number"}]},
    {"after": "25 min", "title": "Commander on call", "note": "then again from the top, 3 times at most", "people": [ANA]}]}  # fmt: skip
WHATIF = {"services": [("1", "payment-gateway-card-acquirer-router")], "severities": [("2", "SEV2"), ("1", "SEV1")], "service": "1", "severity": "2", "at": at("Sat 04:30"), "result": [
    {"at": at("Sat 04:30"), "icon": "bell", "text": "Alert matches route “payments, high urgency”"},
    {"at": at("Sat 04:30"), "icon": "triangle", "text": "Step 1 skipped: nobody is on call", "note": "Payments platform, primary, gap until 09:00", "tone": "red"},
    {"at": at("Sat 04:30:01"), "icon": "mobile", "text": "Dmytro Kovalenko, push and SMS"}, {"at": at("Sat 04:30:01"), "icon": "phone", "text": "Dmytro Kovalenko, phone, again at 04:32"},
    {"at": at("Sat 04:40"), "icon": "phone", "text": "Priya Raghunathan, push and phone", "note": "Siobhán Adeyemi-Clarke, push only"}, {"at": at("Sat 04:50"), "icon": "phone", "text": "Ana Ferreira, push and phone"},
    {"at": at("Sat 05:00"), "icon": "undo", "text": "From the top, 2 rounds left"}]}  # fmt: skip
FAIR = {"note": "5 people, tick is the mean", "columns": ["Nights", "Weekend days", "Pages"], "csv_href": "#csv", "tone": "amber", "verdict": "Uneven", "foot": "Hye-jin Park works 2.6 times the mean of nights.",
        "rows": [{"person": n, "cells": [{"value": v, "share": s, "mean": m, "high": h} for v, s, m, h in c]} for n, c in (
            ("Hye-jin Park", ((41, 91, 35, True), (8, 50, 51, False), (27, 75, 60, False))), ("Rukmini Iyer", ((22, 49, 35, False), (13, 81, 51, True), (19, 53, 60, False))),
            ("Dmytro Kovalenko", ((11, 24, 35, False), (5, 31, 51, False), (9, 25, 60, False))), ("Tomasz Wiśniewski", ((2, 4, 35, False), (6, 38, 51, False), (31, 86, 60, False))))]}  # fmt: skip
MINE = [{"title": "Commander on call", "note": "now, until Mon 23 Nov 09:00", "end": "4 d 17 h left"}, {"title": "Payments platform, for Amara Nwosu", "note": "Sun 22 Nov, 09:00 to 15:00", "acts": [{"label": "Give away", "href": "#give"}]},
        {"title": "Kwame Mensah asks to swap", "note": "his week of 30 Nov for yours of 14 Dec", "acts": [{"label": "Decline", "post": "#d"}, {"label": "Accept", "post": "#a"}]}]  # fmt: skip
FULL = {
    "frame": frame("oncall"), "now": NOW, "schedule": {"key": "payments", "name": "Payments platform, primary", "url": "/on-call/payments", "zone": "CET", "summary": "Tomasz Wiśniewski now, until 21:00. Then Dmytro Kovalenko until Thu 03:00. One gap this week."},
    "schedules": [{"name": "Payments platform, primary", "href": "#", "current": True, "gap": True}, {"name": "Payments platform, backup", "href": "#"}, {"name": "Seat inventory", "href": "#"}, {"name": "Commanders", "href": "#"}],
    "whois": {"at": at("Sat 04:30"), "answer": "nobody", "tone": "red"}, "week": WEEK, "agenda": AGENDA, "policy": POLICY, "whatif": WHATIF, "fairness": FAIR, "mine": MINE, "webcal_href": "#webcal",
    "gap": {"title": "Gap of 6 h", "text": "Sat 21 November, 03:00 to 09:00. Hye-jin Park is on leave. A page would skip to the backup at once.", "ask": {"label": "Ask Rukmini Iyer", "post": "#ask"}, "take": {"label": "Take it", "post": "#take"}},
    "people": [("1", "Ana Ferreira"), ("2", "Tomasz Wiśniewski")], "path": "/on-call",
}  # fmt: skip
PAGES = [("oncall", "oncall/index.html", FULL), ("oncall-first", "oncall/index.html", {"frame": frame("oncall"), "now": NOW})]
