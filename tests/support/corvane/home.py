"""Now, with everything waiting, and the same page of an installation in its first minute."""

from __future__ import annotations

from support.corvane.clock import ANA, DIMITRA, INGRID, KWAME, NOW, TOMASZ, YUKI, at, later, who
from support.corvane.frame import SYSBARS, frame

ROUTER = "payment-gateway-card-acquirer-router"

DUE = [
    {"id": "d1", "icon": "phone", "title": "Page: authorisation queue above 20,000 in eu-north-1", "severity": 3,
     "notes": ["push and SMS 15:26", "as commander on call"], "when": later(minutes=3, seconds=48), "when_text": "escalates", "tone": "amber",
     "action": {"label": "Acknowledge", "post": "/callouts/77/acknowledgement", "key": "a"}, "primary": True},
    {"id": "d2", "icon": "send", "title": "Release: customer message 2, Identified", "severity": None,
     "notes": ["INC-1042", "drafted by Fatima El-Sayed", "checked by Aoife Ní Bhriain"], "when": later(minutes=1, seconds=52), "when_text": "due", "tone": "amber",
     "action": {"label": "Review and release", "href": "/incidents/INC-1042/communication"}, "primary": True},
    {"id": "d3", "icon": "swap", "title": "Handover: Ben Okonkwo is reading your briefing", "notes": ["INC-1042", "4 of 6 points read"],
     "when": None, "when_text": "offered 15:22", "action": {"label": "Open INC-1042", "href": "/incidents/INC-1042"}},
    {"id": "d4", "icon": "task", "title": "Task: name a fallback if the rollback stalls in eu-west-1c", "notes": ["INC-1042", "from your role card"],
     "when": later(minutes=7, seconds=52), "when_text": "due", "action": {"label": "Mark done", "post": "/incidents/INC-1042/tasks/4/done"}},
    {"id": "d5", "icon": "mega", "title": "Update clock: executives, every 30 min", "notes": ["INC-1042", "rolled up, no Executive Liaison"],
     "when": later(minutes=7, seconds=52), "when_text": "due", "action": {"label": "Write brief", "href": "/incidents/INC-1042/communication?audience=executives"}},
    {"id": "d6", "icon": "review", "title": "Sign off: review of INC-1031, duplicate boarding passes at Split",
     "notes": ["11 of 11 sections written", "two action items without an owner"], "when": None, "when_text": "due Fri 20 Nov",
     "action": {"label": "Read", "href": "/reviews/INC-1031"}},
]  # fmt: skip


def row(id_: str, title: str, severity: int, commander: str, phase: str, **more: object) -> dict[str, object]:
    return {"id": id_, "url": f"/incidents/{id_}", "title": title, "severity": severity, "commander": commander, "phase": phase} | more


INCIDENTS = [
    row("INC-1042", "Card payments failing at checkout for operators on EU-West", 1, "Ana Ferreira", "Identified",
        services_text=f"{ROUTER}, 3 more", next_update_at=later(minutes=1, seconds=52), opened_at=at("14:02")),
    row("INC-1044", "Gate scanners at Piraeus E9 and Igoumenitsa fall back to offline lists", 2, DIMITRA, "Triage",
        services_text="gate-scanner-offline-list-sync", next_update_at=later(seconds=-48), opened_at=at("15:21")),
    row("INC-1043", "Departure notices reach Android phones up to 12 minutes late", 3, KWAME, "Monitoring",
        services_text="push-notification-dispatch-android", next_update_at=later(minutes=22, seconds=40), opened_at=at("14:46")),
    row("INC-1040", "Nordvest Hurtigbåt: nightly settlement file refused, duplicate batch reference", 4, YUKI, "Investigating",
        services_text="refund-and-settlement-batch-exporter", next_update_at=at("Thu 09:00"), opened_at=at("Tue 12:10")),
]  # fmt: skip

CLOCKS = [
    {"title": "Support, INC-1044", "sub": DIMITRA, "due_at": later(seconds=-48), "href": "/incidents/INC-1044/communication"},
    {"title": "All customers, INC-1042", "sub": "waits for your release", "due_at": later(minutes=1, seconds=52)},
    {"title": "Responders, INC-1042", "sub": "Mei-Ling Zhao", "due_at": later(minutes=7, seconds=52)},
]
ON_CALL = [
    {"person": ANA, "title": "Commander", "until": at("2026-11-23 09:00")},
    {"person": who(TOMASZ), "title": "Payments platform", "until": at("21:00")},
    {"person": who(YUKI), "title": "Seat inventory", "until": at("Thu 07:00")},
    {"person": who(KWAME), "title": "Customer support", "until": at("22:00")},
    {"person": who(INGRID), "title": "Duty executive", "until": at("Fri 18:00")},
    {"person": None, "title": "Nobody, Sat 03:00 to 09:00", "sub": "Payments platform", "href": "/on-call", "label": "Fill gap"},
]  # fmt: skip
SERVICES = [
    {"name": ROUTER, "state": "major_outage", "since": at("13:51"), "href": "/catalog/services/1"},
    {"name": "gate-scanner-offline-list-sync", "state": "partial_outage", "since": at("15:20"), "href": "/catalog/services/2"},
    {"name": "seat-inventory-reservation-ledger", "state": "degraded", "since": at("13:53"), "href": "/catalog/services/3"},
    {"name": "push-notification-dispatch-android", "state": "degraded", "since": at("14:46"), "href": "/catalog/services/4"},
]  # fmt: skip
SETUP = [
    {"done": True, "title": "Sign in and change the first password", "text": "done 14:58"},
    {"done": False, "title": "Say how you are reached", "text": "A phone number or the app; then send yourself a test page.", "href": "/settings/me", "label": "Add a way"},
    {"done": False, "title": "Connect a monitoring tool", "text": "Alertmanager, Grafana, CloudWatch and 20 more: change one URL.", "href": "/catalog/integrations", "label": "Connect"},
    {"done": False, "title": "Make a schedule", "text": "Who is woken, and when.", "href": "/on-call", "label": "Make one"},
]  # fmt: skip

FULL = {
    "frame": frame("now"), "now": NOW, "summary": "You command INC-1042. Its customers hear from you in 1:52.", "due": DUE, "mine_href": "/mine",
    "incidents": INCIDENTS, "incident_total": 4, "clocks": CLOCKS, "clock_note": "1 late, 2 within 10 min", "on_call": ON_CALL,
    "services": SERVICES, "service_note": "4 of 46", "path": "/",
}  # fmt: skip
FIRST = {"frame": frame("now", counts={}, nav=[i | {"count": 0} for i in frame("now")["nav"]], me={"name": "Ana Ferreira", "role": "Administrator"}),
         "now": NOW, "summary": "Nothing is open.", "setup": SETUP, "path": "/"}  # fmt: skip
JOBS = [
    {"icon": "send", "title": "Message to subscribers, INC-1042", "notes": ["3,906 of 4,812 mails", "4 refused"], "done": 3906, "total": 4812, "left": "about 20 s left"},
    {"icon": "download", "title": "Export of incidents, 2024 to 2026", "notes": ["1,044 of 1,044", "38 MB"], "state": "done", "state_text": "Ready", "href": "/jobs/2", "label": "Download"},
    {"icon": "users", "title": "Import of people from directory.csv", "notes": ["212 of 240", "28 without e-mail were left out"], "state": "warning",
     "state_text": "Done, look at 28", "href": "/jobs/3", "label": "Show rows"},
]  # fmt: skip
PAGES = [
    ("now", "now.html", FULL),
    ("now-first", "now.html", FIRST),
    ("now-bars", "now.html", FULL | {"frame": frame("now", sysbars=SYSBARS), "jobs": JOBS,
     "said": [(25, "You acknowledged the page. It no longer escalates."), (40, "The message could not be released: one check is open.")]}),
]  # fmt: skip
