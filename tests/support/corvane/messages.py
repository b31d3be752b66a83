"""The communication board of INC-1042 and the executives' page."""

from __future__ import annotations

from typing import Any

from support.corvane.clock import NOW, at, later
from support.corvane.frame import frame
from support.corvane.incident import CLOCKS, HEAD, INCIDENT, URL

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


def said(*parts: Any, locked: bool = False) -> dict[str, Any]:
    return {"locked": locked, "parts": [{"text": p[0], "mark": True} if isinstance(p, tuple) else {"text": p} for p in parts]}


MESSAGE = {
    "title": "All customers, Identified, message 2", "state": "approved", "version": 5, "url": MESSAGE_URL, "previous_href": "#previous", "compare_href": "#compare", "may_edit": True,
    "segments": [said("We are rolling back the change that stopped card payments"), said("Since 13:51 CET, some card payments at checkout fail.", locked=True),
                 said("The cause is a release of our payment router. Two thirds of the ", ("cells",), " run the earlier version again, and there card payments work. We expect ", ("everything back by 16:00",), "."),
                 said("Wallets, vouchers and boarding are not affected. Until then you can sell on account at the quay. You will not be charged fees for these sales."),
                 said("Next update by 15:44 CET, sooner if something changes.", locked=True)],
    "edit": [{"id": "lead", "label": "Headline", "text": "We are rolling back the change that stopped card payments"}, {"id": "since", "label": "Since when", "text": "Since 13:51 CET, some card payments at checkout fail.", "locked": True},
             {"id": "cause", "label": "What we do", "text": "The cause is a release of our payment router.", "hint": "No internals, no promise of a time."}],
    "checks": [{"tone": "red", "icon": "octagonx", "lead": "Blocks release:", "text": "“everything back by 16:00” promises a time. Say what happens next instead.", "fix": {"label": "Remove sentence", "href": "#fix"}},
               {"tone": "amber", "icon": "triangle", "lead": "Plain words:", "text": "“cells” is ours. Customers know “regions”.", "fix": {"label": "Replace", "href": "#fix2"}},
               {"tone": "green", "icon": "checkc", "text": "Agrees with the facts panel of 15:18. Next update is set. No names, no hosts. Reading age 12."}],
    "preview": "page", "previews": [{"key": "page", "label": "Page", "state": "Identified", "heading": "Card payments failing for some operators", "meta": "Posted 15:27 CET. Next update by 15:44 CET.",
                                     "body": "We are rolling back the change that stopped card payments. Since 13:51 CET, some card payments at checkout fail. The cause is a release of our payment router…"},
                                    {"key": "mail", "label": "Mail"}, {"key": "sms", "label": "SMS"}, {"key": "webhook", "label": "Webhook"}],
    "reach": [{"label": "Status page", "value": "4 components"}, {"label": "E-mail", "value": "4,812"}, {"label": "SMS", "value": "1,140", "note": "2 segments"}, {"label": "Webhooks and feeds", "value": "86"}],
    "chain": [{"label": "Draft", "note": "Fatima El-Sayed, 15:19", "state": "done"}, {"label": "Wording check", "note": "Aoife Ní Bhriain, 15:25. Added by policy for SEV1", "state": "done"},
              {"label": "Release, you", "note": "Due 15:29. Deputy may not: not delegated", "state": "now", "icon": "unlock", "mine": {"label": "Release", "act": "release", "blocked": True}, "warn": "Resolve 1 check first"},
              {"label": "Distribute", "note": "Joaquín Herrera, 4 channels", "state": "", "icon": "send"}],
    "rules": {"audience": "all customers", "text": "Effect, since when, workaround, what we do, next time. No internals, no promise of a time."}, "next_update": at("15:44"),
}  # fmt: skip

EXECUTIVE = {
    "frame": frame("incidents", can_declare=False, me={"name": "Ingrid Solheim", "initials": "IS", "role": "Duty executive", "on_call_text": "Duty executive until Fri 18:00"}), "now": NOW,
    "incident": INCIDENT | {"title": "Card payments fail for 37 of our 212 operators"}, "line": ["Identified, third of seven phases", "1 h 36 min"],
    "note": "Brief 2 of 15:05, figures of 15:27. The response is led by the commander. Your answers below are how you help.", "tab": "brief",
    "clocks": [CLOCKS[0], {"label": "Your decision", "icon": "fork", "value_text": "16:00", "due_at": later(minutes=32, seconds=52)}],
    "tabs": [{"key": "brief", "label": "Brief", "href": "#"}, {"key": "asks", "label": "Asks", "href": "#", "note": "2"}, {"key": "questions", "label": "Questions", "href": "#", "note": "3"}],
    "brief": {"happened": "A release at 13:46 stopped most card payments in western Europe. Passengers can still pay by wallet or voucher, and everybody with a ticket can board.",
              "affected": "37 ferry and rail operators, about 18,400 failed payments so far. Three of them have sailings at 16:00 and sell at the quay: up to 2,900 passengers without a ticket in the worst case.",
              "doing": "“We go back to the earlier version, one region at a time. Four of six are done and pay normally again. If the last two stall, we switch to the second acquirer.”", "doing_by": "The commander, 15:20",
              "help": "Decide on the fees, and help us reach the acquirer. Please send questions here, not to the people working on it."},
    "decision": {"title": "Decision for you: waive fees on account sales?", "by": later(minutes=32, seconds=52), "default": "affected", "post": "#decide", "options": [
        {"key": "all", "title": "All 212 operators, until midnight", "text": "About €38,000. Simple to say, generous to those not affected."},
        {"key": "affected", "title": "The 37 affected operators, until midnight", "text": "About €9,500. Needs a list, which exists. Applied at 16:00 if nobody decides.", "recommended": True},
        {"key": "none", "title": "No waiver", "text": "No cost today. Four contracts promise a credit anyway."}]},
    "questions": {"note": "one open until 15:35", "post": "#ask", "list": [{"question": "Has anybody been charged twice?", "state": "done", "state_text": "Answered 15:18", "answer": "None found among 11,302 repeated payments. The settlement of tonight gives the final figure."},
                                                                             {"question": "When will it be over?", "state": "waiting", "state_text": "In the brief of 15:35"}]},
    "impact": {"level": "Critical", "tone": "red", "rows": [{"label": "Delayed revenue", "value": "€412,000"}, {"label": "Lost for good, estimate", "value": "€31,000", "note": "± 9,000"}, {"label": "Running cost", "value": "€2,150", "note": "a minute, falling"}]},
    "trend": {"label": "Card payments that succeed", "points": [{"name": n, "value": v} for n, v in (("13:40", 98), ("13:50", 97), ("14:00", 41), ("14:10", 39), ("14:30", 41), ("14:50", 40), ("15:10", 62), ("15:27", 81))]},
    "help": {"title": "A contact at the acquirer above the duty manager.", "text": "Their side still holds 1,900 open authorisations.", "by": later(minutes=17, seconds=52), "note": "Without an answer it goes to the next executive at 15:40.", "post": "#help"},
    "disclosure": [{"tone": "green", "icon": "checkc", "text": "First statement by us", "at_text": "14:06"}, {"tone": "", "icon": "minusc", "text": "No mention outside before it", "at_text": "checked 15:25"}, {"tone": "", "icon": "clock", "text": "Regulator", "at_text": "from 17:51"}],
}  # fmt: skip
COMMUNICATION = HEAD | {"tab": "communication", "board": BOARD, "message": MESSAGE, "path": f"{URL}/communication"}
PAGES = [("communication", "incidents/communication.html", COMMUNICATION), ("communication-none", "incidents/communication.html", COMMUNICATION | {"message": None}),
         ("executive", "incidents/executive.html", EXECUTIVE)]  # fmt: skip
