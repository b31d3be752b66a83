"""INC-1042 in its second hour: the war room."""

from __future__ import annotations

from typing import Any

from support.corvane.clock import ANA, AOIFE, BEN, DMYTRO, FATIMA, JOAQUIN, MEILING, NOW, PRIYA, TOMASZ, YUKI, at, later, who
from support.corvane.frame import frame

URL = "/incidents/INC-1042"
INCIDENT: dict[str, Any] = {
    "id": "INC-1042", "url": URL, "title": "Card payments failing at checkout for operators on EU-West", "severity": {"rank": 1, "label": "SEV1"},
    "type": "Payment disruption", "declared_at": at("14:02:11"), "declared_by": "Ana Ferreira", "started_at": at("13:51"), "version": 312,
    "services": [{"name": "payment-gateway-card-acquirer-router", "href": "/catalog/services/1"}, {"name": "seat-inventory-reservation-ledger", "href": "/catalog/services/3"}],
    "services_more": 2, "phase": {"key": "identified", "label": "Identified", "since": at("15:04")}, "commander": ANA,
    "bridge": {"href": "#bridge", "people": 9}, "chat": {"href": "#chat", "label": "inc-1042"}, "restricted": False, "drill": False,
}  # fmt: skip
CLOCKS = [
    {"label": "Impact", "icon": "clock", "since": at("13:51:00"), "note": "since 13:51 · 61 % at peak"},
    {"label": "Customers last heard", "icon": "mega", "since": at("15:14:00"), "ago": True, "due_at": later(minutes=1, seconds=52), "due_owner": "Fatima"},
]  # fmt: skip
PHASES = [
    {"label": "Triage", "state": "done", "note": "14:02, 4 min"}, {"label": "Investigating", "state": "done", "note": "14:06, 58 min"},
    {"label": "Identified", "state": "now", "note": "since 15:04, 23 min"}, {"label": "Monitoring", "state": "next", "note": "2 of 4 conditions missing"},
    {"label": "Resolved", "state": "later", "note": ""}, {"label": "Analysis", "state": "later", "note": ""}, {"label": "Closed", "state": "later", "note": ""},
]  # fmt: skip
GATE = {
    "label": "Monitoring", "key": "monitoring", "missing": 2, "ready": False,
    "conditions": [
        {"text": "Fix chosen and authorised", "met": True}, {"text": "Relapse plan written", "met": True},
        {"text": "Rollback applied in all cells, 4 of 6", "met": False}, {"text": "Validation owner for eu-west-1c", "met": False},
    ],
}  # fmt: skip
TABS = [
    {"key": "overview", "label": "Overview", "href": URL}, {"key": "communication", "label": "Communication", "href": f"{URL}/communication", "note": "2 due"},
    {"key": "tasks", "label": "Tasks", "href": f"{URL}/tasks", "note": "5"}, {"key": "alerts", "label": "Alerts", "href": f"{URL}/alerts", "note": "4"},
    {"key": "resources", "label": "Resources", "href": f"{URL}/resources"}, {"key": "plan", "label": "Plan", "href": f"{URL}/plan"},
    {"key": "review", "label": "Review", "href": f"{URL}/review"},
]  # fmt: skip


def role(key: str, title: str, person: Any = None, lead: str = "", note: str = "", extra: str = "") -> dict[str, Any]:
    return {"key": key, "title": title, "person": who(person) if person else None, "lead": lead, "note": note, "extra": extra}


COMMAND = {
    "commander": ANA | {"since": at("14:02:11")}, "deputy": "", "org_href": f"{URL}/organisation",
    "handover": {
        "id": 7, "to": BEN, "note": "You command until it is effective.", "action": {"label": "Withdraw", "post": f"{URL}/handovers/7/withdraw"},
        "steps": [{"label": "Offered", "note": "15:22", "state": "done"}, {"label": "Accepted", "note": "15:23", "state": "done"},
                  {"label": "Briefing", "note": "4 of 6", "state": "now"}, {"label": "Effective", "note": "your call", "state": ""}],
    },
    "roles": [
        role("executive_liaison", "Executive Liaison", lead="Vacant 3 min, needed at SEV1", note="Calling Lars Ødegård, 2nd try"),
        role("internal_liaison", "Internal Liaison", lead="Vacant, rolls up to you"),
        role("deputy", "Deputy", BEN), role("scribe", "Scribe", MEILING), role("communications_lead", "Communications Lead", FATIMA),
        role("status_page_manager", "Status Page Manager", JOAQUIN), role("customer_liaison", "Customer Liaison", AOIFE, extra="standby KM"),
        role("technical_lead", "Technical Lead", PRIYA, extra="4 experts"), role("shadow", "Shadow of Ben", "Leilani Kealoha"),
    ],
    "vacant": ["Executive Liaison", "Internal Liaison"], "total": 11, "span": {"value": 4, "limit": 7},
}  # fmt: skip
MY_ROLE = {
    "title": "Commander", "key": "commander", "done": 3, "total": 6, "score": {"value": 62, "prompt": 70, "label": "Severe score, prompt at 70"},
    "steps": [
        {"id": "c4", "text": "Release the customer message", "state": "next", "note": "Waiting for you 2 min", "due_at": at("15:29"), "href": f"{URL}/communication", "label": "Review and release"},
        {"id": "c5", "text": "Name a fallback if the rollback stalls", "state": "open", "due_at": at("15:35")},
        {"id": "c6", "text": "Brief the executives", "state": "open", "note": "rolled up from Executive Liaison", "due_at": at("15:35")},
        {"id": "c1", "text": "Choose fix, rollback or workaround", "state": "done"}, {"id": "c2", "text": "Ask for strong objections", "state": "done"},
        {"id": "c3", "text": "Authorise the change", "state": "done"},
    ],
}  # fmt: skip
COMPOSER = {
    "kinds": [{"key": k, "label": label, "icon": i, "shortcut": s} for k, label, i, s in (
        ("note", "Note", "note", "n"), ("finding", "Finding", "finding", ""), ("hypothesis", "Hypothesis", "bulb", ""),
        ("decision", "Decision", "fork", "d"), ("task", "Task", "task", "t"), ("update", "Update", "mega", "u"))],
    "kind": "note", "hint": "Responders see this",
    "commands": [{"name": "page", "hint": "page a person, a team or a role"}, {"name": "severity", "hint": "change the severity, with a reason"},
                 {"name": "task", "hint": "give a task: /task @tomasz 10m roll back 1c"}],
}  # fmt: skip


def entry(id_: int, clock: str, icon: str, who_: str, act: str = "", weight: str = "", **more: Any) -> dict[str, Any]:
    return {"id": id_, "at": at(clock), "icon": icon, "who": who_, "act": act, "weight": weight} | more


TIMELINE = {
    "filters": [{"key": k, "label": label, "count": n, "href": f"?kind={k}", "current": k == "all"} for k, label, n in (
        ("all", "All", 64), ("pinned", "Pinned", 2), ("decisions", "Decisions", 4), ("findings", "Findings", 7), ("updates", "Updates", 9), ("followups", "Follow-ups", 3))],
    "order_href": "?order=oldest", "order_label": "Newest first", "older_href": "?before=11",
    "groups": [
        {"label": "Identified", "since": at("15:04"), "entries": [
            entry(64, "15:26:41", "task", TOMASZ, "finished a task", fresh=True, text="Rollback to 4.17.3 done in eu-west-1b. Four of six cells are clean; 1c is waiting for its connection pool to drain, about 6 min."),
            entry(63, "15:25:10", "eye", AOIFE, "checked the wording of", link={"href": f"{URL}/communication", "text": "All customers, Identified 2"}),
            entry(62, "15:24:02", "user", "Henrik Lindqvist", "released as Executive Liaison, end of shift. Lars Ødegård called.", "sys"),
            entry(61, "15:22:30", "swap", "Ana Ferreira", "offered command to Ben Okonkwo", text="I have been on since 06:40. Ben has followed everything from the start and is certified."),
            entry(60, "15:18:55", "finding", YUKI, kind="Finding, confirmed", followup=True, flags=[{"icon": "link", "text": "Payment funnel, 15:00–15:18", "href": "#funnel"}],
                  text="Checkout success on rolled-back cells is **97.8 %**, against 41 % on 4.18.0. No duplicate captures among 11,302 retried payments."),
            entry(59, "15:14:00", "send", "Update sent", "to all customers: status page, 4,812 e-mails, 1,140 SMS, 86 webhooks.", "sys"),
            entry(58, "15:06:12", "fork", "Ana Ferreira", weight="key", kind="Decision", pinned=True, text="Roll back the card acquirer router to 4.17.3, one cell at a time, two people on every step.",
                  note="Instead of raising the pool limit, which hides the leak. Asked for strong objections at 15:04: none in 90 s."),
        ]},
        {"label": "Investigating", "since": at("14:06"), "until": at("15:04"), "entries": [
            entry(40, "14:58:20", "bulb", PRIYA, kind="Hypothesis, confirmed by Yuki 15:03", text="Router 4.18.0 keeps a ledger connection open while it waits for the 3-D Secure callback. The pool is empty after about 90 s of normal traffic."),
            entry(33, "14:41:07", "ship", AOIFE, kind="Impact pulse", text="Three operators sell at the quay for the 16:00 sailings: Egeia Lines, Nordvest Hurtigbåt, Straits & Sunda Ferries. Worst case 2,900 passengers without a ticket."),
            entry(20, "14:04:18", "up", "Ana Ferreira", "raised severity from SEV2 to SEV1: 61 % of card payments fail, sailings at 16:00.", "sys"),
        ]},
        {"label": "Triage", "since": at("14:02"), "until": at("14:06"), "entries": [
            entry(14, "14:06:02", "send", "Update sent", "to all customers, first one, 4 min after declaration.", "sys"),
            entry(12, "14:03:40", "phone", "Quarterdeck", "called six roles this severity needs", text="Five acknowledged within 3 min. Priya Raghunathan answered the second call at 14:09."),
            entry(11, "14:02:11", "siren", "Ana Ferreira", weight="key", kind="Declared, took command", text="Card checkout is failing for many operators, started about 13:51.", note="From the alert CheckoutSuccessRateLow, acknowledged 13:59 by Tomasz Wiśniewski."),
        ]},
    ],
}  # fmt: skip
FACTS = {
    "rows": [{"text": "Card checkout fails on cells running router 4.18.0", "at": at("15:03")}, {"text": "Wallets, vouchers and boarding gates work", "at": at("14:22")},
             {"text": "No double charges found so far", "at": at("15:18")}],
    "workaround": "Sell on account at the quay and settle tonight.", "workaround_note": "Sent to 212 operators at 14:35.", "edit": f"{URL}/facts",
}  # fmt: skip
IMPACT = {"level": "Critical", "tone": "red", "rows": [
    {"label": "Failed payments", "value": "18,420"}, {"label": "Operators affected", "value": "37", "note": "of 212"}, {"label": "Delayed revenue", "value": "€412,000"},
    {"label": "Running cost", "value": "€2,150", "note": "a minute, was €4,280"}, {"label": "Legal and safety", "value": "Low"}]}  # fmt: skip
TASKS = {"open": 5, "rows": [
    {"id": 1, "text": "Roll back eu-west-1c", "who": TOMASZ, "due_at": later(minutes=4, seconds=2), "state": "open"},
    {"id": 2, "text": "Roll back eu-west-1f", "who": DMYTRO, "due_at": later(minutes=9, seconds=2), "state": "open"},
    {"id": 3, "text": "Confirm ledger totals with finance", "who": YUKI, "note": "not acknowledged", "due_at": later(minutes=-3), "state": "late"}]}  # fmt: skip
ALERTS = {"firing": 2, "total": 4, "rows": [
    {"name": "CheckoutSuccessRateLow", "where": "eu-west-1c, 41 %, 812 times", "state": "firing", "tone": "red", "icon": "octagonx", "since": at("13:58"), "href": "/alerts/1"},
    {"name": "LedgerPoolExhausted", "where": "eu-west-1c, eu-west-1f", "state": "firing", "tone": "orange", "icon": "triangle", "since": at("13:53"), "href": "/alerts/2"},
    {"name": "ThreeDSCallbackLatencyP99", "where": "eu-west-1a, 2.1 s", "state": "ended", "tone": "green", "icon": "checkc", "until": at("15:11"), "href": "/alerts/3"}]}  # fmt: skip
CUSTOMERS = {"reports": 41, "open": 3, "open_href": "/inquiries", "rows": [
    {"name": "Egeia Lines", "quote": "“Nobody can pay at gate E9 in Piraeus”", "reports": 14}, {"name": "Nordvest Hurtigbåt", "quote": "Selling on account since 14:40", "reports": 9},
    {"name": "Straits & Sunda Ferries", "quote": "Asks for a call before 16:00", "reports": 6}]}  # fmt: skip
USEFUL = [
    {"icon": "siren", "title": "INC-0987 Ledger pool empty after release", "note": "12 Mar, resolved by rollback in 48 min", "end": "84 %", "href": "/incidents/INC-0987"},
    {"icon": "book", "title": "Roll back the card acquirer router", "note": "Runbook, tested 2 Nov", "end": "step 6 of 9", "href": "/runbooks/12"},
]  # fmt: skip
CATCH_UP = {"at": NOW, "lines": [
    "SEV1 since 14:04, identified since 15:04; declared 14:02 by Ana Ferreira, who commands.", "Ana is handing command to Ben Okonkwo; the briefing is at 4 of 6.",
    "Card checkout fails on cells running router 4.18.0; wallets, vouchers and boarding work.", "Cause: 4.18.0 keeps ledger connections open while it waits for 3-D Secure.",
    "Decision 15:06: roll back to 4.17.3, cell by cell. Four of six are done.", "Workaround since 14:35: sell on account at the quay, settle tonight.",
    "37 of 212 operators affected, 18,420 failed payments, no double charges found.", "Customers last heard at 15:14; the next update is due at 15:29 and waits for release.",
    "Late: confirm ledger totals with finance (Yuki Tanaka).", "Vacant: Executive Liaison (calling Lars Ødegård), Internal Liaison."]}  # fmt: skip
SEVERITIES = [{"rank": n, "label": f"SEV{n}", "meaning": m} for n, m in enumerate(
    ("Most customers cannot do what they came for", "Many customers are hindered", "Some customers notice", "Hardly anybody notices", "Only we notice"), 1)]  # fmt: skip
DIMENSIONS = [{"key": k, "label": label, "level": lv, "levels": [{"key": x, "label": x.title()} for x in ("none", "low", "medium", "high", "critical")]}
              for k, label, lv in (("service", "Service", "critical"), ("financial", "Money", "high"), ("legal", "Legal", "low"), ("brand", "Brand", "medium"))]  # fmt: skip

HEAD: dict[str, Any] = {
    "frame": frame("incidents"), "now": NOW, "incident": INCIDENT, "clocks": CLOCKS, "phases": PHASES, "gate": GATE, "tabs": TABS, "tab": "overview",
    "may": {"change": True, "post": True, "assign": True, "commander": True}, "severities": SEVERITIES, "impact_dimensions": DIMENSIONS,
    "next_phases": [{"key": "monitoring", "label": "Monitoring", "note": "2 conditions missing; a reason is kept"}, {"key": "investigating", "label": "Back to Investigating"}, {"key": "resolved", "label": "Resolved"}],
    "path": URL,
}  # fmt: skip
ROOM = HEAD | {
    "command": COMMAND, "my_role": MY_ROLE, "composer": COMPOSER, "timeline": TIMELINE, "facts": FACTS, "impact": IMPACT, "tasks": TASKS, "alerts": ALERTS,
    "customers": CUSTOMERS, "useful": USEFUL, "catch_up": CATCH_UP,
}  # fmt: skip
QUIET = ROOM | {
    "incident": INCIDENT | {"id": "INC-1045", "title": "Ledger lost at noon", "severity": {"rank": 2, "label": "SEV2"}, "drill": True, "restricted": True, "bridge": None,
                            "phase": {"key": "triage", "label": "Triage", "since": at("15:20")}, "services": []},
    "gate": GATE | {"label": "Investigating", "missing": 0, "ready": True, "conditions": [{"text": "Severity agreed", "met": True}]},
    "clocks": [CLOCKS[0], {"label": "Customers last heard", "icon": "mega", "value_text": "Not yet", "note": "first", "due_at": later(minutes=-3), "due_owner": "you"}],
    "command": COMMAND | {"handover": None, "vacant": [], "roles": COMMAND["roles"][2:]}, "my_role": None, "may": {"post": False, "change": False, "assign": False},
    "open_roles": [{"key": "scribe", "title": "Scribe", "text": "keeps the record; you are certified"}], "facts": {"rows": []}, "impact": None,
    "tasks": {"open": 0, "rows": []}, "alerts": {"rows": []}, "customers": None, "useful": [], "timeline": TIMELINE | {"groups": [], "older_href": ""},
}  # fmt: skip
PAGES = [("war-room", "incidents/war_room.html", ROOM), ("war-room-quiet", "incidents/war_room.html", QUIET)]
