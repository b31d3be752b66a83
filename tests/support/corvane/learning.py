"""Reviews, insights and readiness."""

from __future__ import annotations

from support.corvane.clock import AOIFE, NOW, TOMASZ, YUKI, at, later, who
from support.corvane.frame import frame

VIEWS = [{"label": n, "href": "#", "current": c, "count": k} for n, c, k in (("To do", True, 2), ("Published", False, 88))]
ITEMS = [{"text": "Alarm on the age of the oldest ledger connection", "owner": who(YUKI), "due_at": later(days=-2), "state": "late", "review_id": "INC-1031", "url": "#"},
         {"text": "Ask every operator how they sell on account", "owner": None, "due_at": later(days=9), "state": "open", "review_id": "INC-1031", "url": "#"}]  # fmt: skip
LIST = {"frame": frame("reviews"), "now": NOW, "summary": "2 to do, 1 action item late.", "views": VIEWS, "items": ITEMS, "path": "/reviews", "reviews": [
    {"id": "INC-1031", "url": "/reviews/INC-1031", "title": "Duplicate boarding passes at Split", "severity": 2, "owner": "Ana Ferreira", "state": "in_review", "state_text": "Waits for you", "written": 11, "sections": 11, "due_at": at("Fri 17:00"), "items_open": 4},
    {"id": "INC-1036", "url": "/reviews/INC-1036", "title": "Push certificates expired for two operators", "severity": 3, "owner": "Kwame Mensah", "state": "draft", "state_text": "", "written": 4, "sections": 11, "due_at": later(days=-1), "items_open": 0}],
    "page": {"older": "x", "shown": 2, "total": 90}}  # fmt: skip
DETAIL = {
    "frame": frame("reviews"), "now": NOW, "path": "/reviews/INC-1031",
    "review": {"id": "INC-1031", "url": "/reviews/INC-1031", "title": "Duplicate boarding passes at Split", "severity": 2, "state": "in_review", "state_text": "In review", "owner": "Ana Ferreira", "due_at": at("Fri 17:00"), "version": 7,
               "incident": {"id": "INC-1031", "url": "/incidents/INC-1031"}, "may_edit": True},
    "figures": [{"label": "Impact", "value": "2 h 11 min", "note": "09:12 to 11:23"}, {"label": "To acknowledge", "value": "58 s", "note": "goal 5 min"}, {"label": "To the first word", "value": "9 min", "note": "goal 10 min"}, {"label": "Updates on time", "value": "11 of 12", "note": "one 3 min late"}, {"label": "Passengers affected", "value": "1,240", "note": "6 sailings"}],
    "scale": {"label": "09:12 to 11:23, 6 events", "phases": [{"from_percent": 0, "width_percent": 9}, {"from_percent": 9, "width_percent": 41}, {"from_percent": 50, "width_percent": 30}, {"from_percent": 80, "width_percent": 20}],
              "marks": [{"percent": 1, "label": "Impact begins", "at": at("09:12"), "tone": "red"}, {"percent": 10, "label": "Declared", "at": at("09:24"), "tone": ""}, {"percent": 15, "label": "First word to customers", "at": at("09:33"), "tone": "accent"}, {"percent": 50, "label": "Cause found", "at": at("10:17"), "tone": ""}, {"percent": 80, "label": "Fix applied", "at": at("10:58"), "tone": ""}, {"percent": 99, "label": "Restored", "at": at("11:23"), "tone": "green"}]},
    "sections": [{"key": "summary", "title": "Summary", "state": "done", "text": "A retry in the boarding service printed **two passes** for one seat when the printer answered late. Stewards saw it at the gate; nobody was left behind.\n\n- 1,240 passengers on six sailings\n- no seat sold twice", "hint": ""},
                 {"key": "factors", "title": "Contributing factors", "state": "done", "text": "1. The retry had no idempotency key.\n2. The printer’s timeout was raised in May without a review.", "hint": ""},
                 {"key": "helped", "title": "What helped", "state": "open", "text": "", "hint": "Who or what made it shorter? Name it, so that it is kept."}],
    "actions": [{"text": "Idempotency key for every print", "owner": who(TOMASZ), "due_at": later(days=4), "state": "open", "url": "#"}, {"text": "Review of printer timeouts", "owner": None, "due_at": later(days=11), "state": "open", "url": "#"}],
    "roles": [{"title": "Commander", "person": who("Ana Ferreira"), "took_minutes_text": "at once", "verdict": "ok", "note": "declared it"}, {"title": "Communications Lead", "person": who(AOIFE), "took_minutes_text": "6 min", "verdict": "warning", "note": "second call answered"}],
    "clocks": [{"audience": "All customers", "promised": 8, "kept": 8, "late": "on time", "verdict": "ok"}, {"audience": "Support", "promised": 4, "kept": 3, "late": "3 min late", "verdict": "warning"}],
    "approvals": [{"label": "Written", "note": "Ana Ferreira, 16 Nov", "state": "done"}, {"label": "Technical lead", "note": "Priya Raghunathan, 17 Nov", "state": "done"}, {"label": "Sign off, you", "note": "due Fri 17:00", "state": "now", "icon": "pencil", "mine": {"label": "Sign off", "act": "approve"}}, {"label": "Published", "note": "to staff", "state": "", "icon": "send"}],
    "impact": {"rows": [{"label": "Passengers", "value": "1,240"}, {"label": "Refunds", "value": "€3,110"}]}, "events": [{"id": n, "at": at(t), "text": x, "who": w, "selected": n < 3} for n, t, x, w in ((1, "09:24", "Declared from the report of the port agent", "Ana Ferreira"), (2, "10:17", "The retry has no key", "Yuki Tanaka"), (3, "10:20", "Bridge opened", "Quarterdeck"))],
    "exports": [{"label": "PDF", "href": "#"}, {"label": "Markdown", "href": "#"}],
}  # fmt: skip

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov")
SPLITS = ((0, 2, 5, 8), (1, 3, 4, 9), (2, 2, 6, 7), (0, 1, 5, 6), (1, 2, 3, 8), (0, 3, 4, 5), (1, 4, 7, 11), (2, 3, 6, 9), (0, 2, 3, 7), (1, 1, 4, 6), (1, 3, 5, 9))
INSIGHTS = {
    "frame": frame("insights"), "now": NOW, "path": "/insights", "period": {"label": "1 January to 18 November 2026, without drills and dismissed incidents.", "choices": [("year", "This year"), ("90d", "90 days")], "value": "year", "teams": [("payments", "Payments platform")]},
    "figures": [{"label": "To acknowledge, median", "value": "1:12", "unit": "min", "note": "n 214, goal 5:00", "tone": "green"}, {"label": "To restore, median", "value": "48", "unit": "min", "note": "n 161, was 61 last year", "tone": "green"},
                {"label": "To the first word", "value": "7", "unit": "min", "note": "n 98, goal 10"}, {"label": "Updates on time", "value": "94", "unit": "%", "note": "goal 95", "tone": "amber"}, {"label": "Same cause again", "value": "11", "unit": "%", "note": "18 of 161"}],
    "times": {"top": 240, "rows": [{"name": n, "severity": s, "low": lo, "median": m, "high": h, "n": k, "target": t, "target_text": f"{t} min" if t else "", "met": m <= (t or 999), "unit": "min"} for n, s, lo, m, h, k, t in (
        ("To acknowledge", None, 0.6, 1.2, 2.4, 214, 5), ("To restore", 1, 36, 48, 96, 9, 60), ("To restore", 2, 41, 73, 151, 26, 120), ("To restore", 3, 60, 122, 210, 52, None), ("In triage", None, 3, 5, 9, 161, 10), ("In investigation", None, 18, 31, 64, 161, None))]},
    "frequency": {"label": "Incidents per month by severity, 5 to 24", "legend": [("s1", "SEV1"), ("s2", "SEV2"), ("s3", "SEV3"), ("s4", "SEV4")],
                  "rows": [{"name": m, "total": sum(s), "parts": [(f"s{4 - i}", v) for i, v in enumerate(reversed(s))]} for m, s in zip(MONTHS, SPLITS, strict=True)]},
    "punctual": {"label": "Updates sent on time per month, 88 to 97 per cent", "target": 95, "rows": [{"name": m, "value": v, "n": 40 + v % 9} for m, v in zip(MONTHS, (88, 90, 89, 92, 91, 94, 93, 95, 96, 97, 94), strict=True)]},
    "load": {"label": "Pages by hour of the day, most between 9 and 17", "top": 60, "hours": [{"name": f"{h:02d}", "total": v, "parts": [("ink" if 7 <= h < 22 else "accent", v)]} for h, v in enumerate((9, 7, 6, 8, 5, 6, 9, 14, 22, 31, 36, 33, 29, 31, 38, 34, 27, 24, 19, 15, 12, 11, 10, 8))],
             "people": [{"name": n, "pages": p, "nights": k, "high": p > 40} for n, p, k in (("Hye-jin Park", 52, 31), ("Tomasz Wiśniewski", 38, 2), ("Rukmini Iyer", 27, 14), ("Dmytro Kovalenko", 18, 5))]},
    "repeats": [{"service": "seat-inventory-reservation-ledger", "causes": "connection pool empty after a release", "count": 4, "last_at": at("14:02"), "href": "#"}],
    "csv": {k: "#" for k in ("figures", "times", "frequency", "punctual", "load", "repeats")},
}  # fmt: skip
CREW = [("AF", "Ana Ferreira"), ("BO", "Ben Okonkwo"), ("PR", "Priya Raghunathan"), ("FE", "Fatima El-Sayed"), ("MZ", "Mei-Ling Zhao"), ("AB", "Aoife Ní Bhriain"), ("KM", "Kwame Mensah"), ("JH", "Joaquín Herrera")]  # fmt: skip
READINESS = {
    "frame": frame("readiness"), "now": NOW, "path": "/readiness",
    "figures": [{"label": "Roles with two people or more", "value": "7", "unit": "of 9", "note": "goal 9", "tone": "amber"}, {"label": "Last drill", "value": "78", "unit": "of 100", "note": "ledger lost at noon, 4 Nov"}, {"label": "Reachable people", "value": "209", "unit": "of 212", "note": "3 have no working way"}, {"label": "Runbooks tested in 90 days", "value": "31", "unit": "of 44", "note": "13 going stale"}],
    "findings": [{"state": "fault", "text": "Nobody is on call for Payments platform, Sat 03:00 to 09:00", "fix": {"label": "Fill gap", "href": "#"}}, {"state": "warning", "text": "Siobhán Adeyemi-Clarke is on a policy and has no phone number", "fix": {"label": "Ask her", "href": "#"}}, {"state": "warning", "text": "The service mail-renderer has no owner", "fix": {"label": "Choose a team", "href": "#"}}],
    "coverage": {"people": [{"initials": i, "name": n} for i, n in CREW], "rows": [{"title": t, "cells": c, "count": c.count("certified"), "needed": 2, "thin": c.count("certified") < 2} for t, c in (
        ("Commander", ["certified", "certified", "training", "", "", "", "", ""]), ("Technical Lead", ["", "", "certified", "", "", "", "expired", ""]), ("Communications Lead", ["", "", "", "certified", "", "certified", "", "training"]),
        ("Scribe", ["", "", "", "", "certified", "certified", "", "certified"]), ("Customer Liaison", ["", "", "", "", "", "certified", "certified", ""]), ("Executive Liaison", ["certified", "", "", "", "", "", "", "expired"]))]},
    "drills": [{"title": "Ledger lost at noon", "at": at("15:00"), "kind": "simulation", "state": "running", "url": "#"}, {"title": "Two ports without power", "at": later(days=-14), "kind": "tabletop", "score": "78", "url": "#"}],
    "training": [{"person": "Kwame Mensah", "what": "Technical Lead, expired", "due_at": later(days=-3)}, {"person": "Joaquín Herrera", "what": "Communications Lead, shadow duty", "due_at": later(days=12)}],
    "runbooks": [{"title": "Switch payments to the second acquirer", "tested_at": at("2026-05-02 10:00"), "state": "warning", "state_text": "200 days", "href": "#"}],
}  # fmt: skip
PAGES = [("reviews", "reviews/list.html", LIST), ("reviews-first", "reviews/list.html", LIST | {"reviews": [], "items": [], "page": {}}), ("review", "reviews/detail.html", DETAIL), ("insights", "insights/index.html", INSIGHTS),
         ("insights-first", "insights/index.html", INSIGHTS | {"figures": []}), ("readiness", "readiness/index.html", READINESS), ("readiness-first", "readiness/index.html", {"frame": frame("readiness"), "now": NOW})]  # fmt: skip
