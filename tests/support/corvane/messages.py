"""The communication board of INC-1042 and the brief for executives."""

from __future__ import annotations

from typing import Any

from support.corvane.clock import NOW, at, later
from support.corvane.frame import frame
from support.corvane.incident import HEAD, URL

NONE, NOT_DUE = {"text": "Not started"}, {"text": "Not due"}
MESSAGE_URL = f"{URL}/messages/18"


def cell(state: str, text: str = "", note: str = "", **more: Any) -> dict[str, Any]:
    return {"state": state, "text": text, "note": note, "href": "#message"} | more


def line(audience: str, owner: str, clock: dict[str, Any], *cells: dict[str, Any]) -> dict[str, Any]:
    return {"audience": audience, "owner": owner, "clock": clock, "cells": [c | {"here": n == 2} for n, c in enumerate(cells)]}


BOARD = {
    "note": "8 audiences, 1 late, 1 waiting for you",
    "phases": [{"key": k, "label": k.title(), "note": n, "current": k == "identified"} for k, n in (
        ("triage", "14:02, 4 min"), ("investigating", "14:06, 58 min"), ("identified", "since 15:04, now"), ("monitoring", "next"), ("resolved", ""))],
    "rows": [
        line("All customers", "Fatima El-Sayed", {"due_at": later(minutes=1, seconds=52), "note": "every 15 min"}, cell("sent", "Sent 14:06", "first, after 4 min"), cell("sent", "Sent 14:59", "4 in this phase"),
             cell("approved", "", "waits for your release", waits=True, current=True), cell("draft", "", "from template, 1 slot open"), NONE),
        line("Support", "Aoife Ní Bhriain", {"due_at": later(minutes=-1, seconds=-8), "note": "every 15 min"}, cell("sent", "Sent 14:05", "may-say text"), cell("sent", "Sent 14:55", "4 in this phase"),
             cell("in_review", "", "Fatima, since 15:24"), NONE, NONE),
        line("Responders", "Mei-Ling Zhao", {"due_at": later(minutes=7, seconds=52), "note": "every 15 min"}, cell("sent", "Sent 14:04", "roles and bridge"), cell("sent", "Sent 14:58", "4 in this phase"),
             cell("sent", "Sent 15:20", "2 in this phase"), NONE, NONE),
        line("Executives", "rolled up to you", {"due_at": later(minutes=7, seconds=52), "note": "every 30 min"}, {"text": "Standing brief"}, cell("sent", "Sent 14:35", "brief 1"), cell("sent", "Sent 15:05", "brief 2"), NONE, NONE),
        line("Strategic customers", "Priya Raghunathan signs", {"text": "once a phase", "note": "14 contracts"}, NOT_DUE, cell("superseded", "", "phase moved 15:04"), cell("released", "", "11 of 14 sent"), NONE, NONE),
        line("Partners and vendors", "Fatima El-Sayed", {"text": "once a phase", "note": "case 88-20417"}, NOT_DUE, cell("sent", "Sent 14:29", "portal, mail"), cell("draft", "", "Dmytro Kovalenko"), NONE, NONE),
        line("Staff", "rolled up to you", {"due_at": later(minutes=38, seconds=40), "note": "every 60 min"}, cell("sent", "Sent 14:06", "with press rule"), NOT_DUE, cell("sent", "Sent 15:06", "1,204 people"), NONE, NONE),
        line("Media", "no owner, none needed", {"text": "on demand", "note": "0 inquiries"}, NOT_DUE, NOT_DUE, cell("approved", "", "holding statement"), NONE, NONE),
    ],
}  # fmt: skip


MESSAGE = {
    "title": "All customers, Identified, message 2", "state": "draft", "url": MESSAGE_URL, "hash": "x", "may_edit": True, "may_release": True, "blocked": "Resolve 1 check first",
    "headline": "We are rolling back the change that stopped card payments", "next_update_at": at("15:44"), "components": [{"name": "Card payments", "state": "major_outage"}],
    "body": "Since 13:51 CET, some card payments at checkout fail.\n\nThe cause is a release of our payment router. Two thirds of the regions run the earlier version again, and there card payments work.\n\nWallets, vouchers and boarding are not affected. Until then you can sell on account at the quay.",
    "checks": [{"tone": "red", "icon": "octagonx", "text": "“everything back by 16:00” promises a time. Say what happens next instead."},
               {"tone": "amber", "icon": "triangle", "text": "“cells” is ours. Customers know “regions”."},
               {"tone": "green", "icon": "checkc", "text": "Agrees with the facts panel of 15:18. Next update is set. No names, no hosts."}],
    "reach": [{"label": "Status page", "value": "4 components"}, {"label": "E-mail", "value": "4,812"}, {"label": "SMS", "value": "1,140"}, {"label": "Webhooks and feeds", "value": "86"}],
    "chain": [{"label": "Draft", "note": "Fatima El-Sayed, 15:19", "state": "done"}, {"label": "Wording check", "note": "Aoife Ní Bhriain, 15:25", "state": "done"},
              {"label": "Release, you", "note": "Due 15:29", "state": "now", "icon": "unlock"}, {"label": "Distribute", "note": "Joaquín Herrera, 4 channels", "state": "", "icon": "send"}],
    "rules": {"audience": "all customers", "text": "Effect, since when, workaround, what we do, next time. No internals, no promise of a time."},
    "form": {"audience": "customers", "headline": "We are rolling back the change that stopped card payments", "limit": 90, "errors": {}, "next_update": "2026-11-18T15:44",
             "customer_effect": "Some card payments at checkout fail.", "states": [{"key": "major_outage", "label": "Major outage"}], "pages": [{"id": 1, "title": "Corvane for operators", "on": True}],
             "components": [{"id": 1, "name": "Card payments", "state": "major_outage"}]},
}  # fmt: skip
BRIEFS = [{"id": "INC-1042", "title": "Card payments fail for 37 of our 212 operators", "severity": 1, "phase": "Identified", "since": at("15:04"), "next_update_at": at("15:35"),
           "happened": "A release at 13:46 stopped most card payments in western Europe.", "affected": "37 ferry and rail operators, about 18,400 failed payments so far.",
           "doing": "We go back to the earlier version, one region at a time. Four of six are done."}]  # fmt: skip
COMMUNICATION = HEAD | {"tab": "communication", "board": BOARD, "message": MESSAGE, "path": f"{URL}/communication", "may": HEAD["may"] | {"draft": True}}
PAGES = [
    ("communication", "incidents/communication.html", COMMUNICATION),
    ("communication-none", "incidents/communication.html", COMMUNICATION | {"message": None}),
    ("briefs", "briefs.html", {"frame": frame("now", can_declare=False), "now": NOW, "briefs": BRIEFS}),
]