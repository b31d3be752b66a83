"""Status pages, catalog, settings and search."""

from __future__ import annotations

from typing import Any

from support.corvane.clock import ANA, KWAME, NOW, TOMASZ, YUKI, at, later, who
from support.corvane.frame import frame

GOOD = ["operational"] * 90
BAD = ["operational"] * 60 + ["degraded", "partial_outage"] + ["operational"] * 27 + ["major_outage"]
STATES = [(k, k.replace("_", " ").capitalize()) for k in ("operational", "degraded", "partial_outage", "major_outage", "maintenance")]
STATUS = {
    "frame": frame("status"), "now": NOW, "path": "/status-pages",
    "pages": [{"name": "Corvane for operators", "url": "/status-pages/1", "public_url": "status.corvane.example", "visibility": "everybody", "verdict": {"state": "major_outage", "text": "Card payments fail"}, "components": "14 components", "subscribers": "4,812", "published_at": later(minutes=-13), "languages": "English, German"},
              {"name": "Staff", "url": "/status-pages/2", "public_url": "staff.corvane.example", "visibility": "signed in", "verdict": {"state": "degraded", "text": "2 of 9 degraded"}, "components": "9 components", "subscribers": "1,204", "published_at": later(hours=-2), "languages": "English"}],
    "proposals": [{"component": "Boarding gates", "state": "degraded", "why": "gate-scanner-offline-list-sync is in partial outage", "at": later(minutes=-5), "url": "#"}],
    "posts": [{"at": at("15:14"), "page": "Corvane for operators", "title": "Card payments failing for some operators", "by": "Joaquín Herrera", "state": "sent", "url": "#"}],
}  # fmt: skip
EDIT = {
    "frame": frame("status"), "now": NOW, "page": {"name": "Corvane for operators", "url": "/status-pages/1", "public_url": "status.corvane.example", "visibility": "everybody", "version": 41, "published_at": later(minutes=-13), "changed": True},
    "tab": "components", "tabs": [{"key": k, "label": label, "href": "#"} for k, label in (("components", "Components"), ("look", "Look"), ("people", "Subscribers"), ("posts", "Posts"))], "preview_url": "#", "states": STATES,
    "groups": [{"id": 1, "name": "Selling", "components": [{"id": 1, "name": "Card payments", "state": "major_outage", "service": "payment-gateway-card-acquirer-router", "days": BAD, "uptime": "99.71 % in 90 days"}, {"id": 2, "name": "Wallets and vouchers", "state": "operational", "service": "", "days": GOOD, "uptime": "100 % in 90 days"}]},
               {"id": 2, "name": "Boarding", "components": [{"id": 3, "name": "Gates", "state": "operational", "service": "gate-scanner-offline-list-sync", "days": GOOD, "uptime": "99.99 % in 90 days"}]}],
    "preview": {"state": "major_outage", "sentence": "Card payments fail for some operators", "posts": [{"title": "Card payments failing for some operators", "state": "Identified", "body": "We are rolling back the change that stopped card payments.", "at": at("15:14")}]},
}  # fmt: skip


def services() -> list[dict[str, Any]]:
    team = {"name": "Payments platform", "href": "/catalog/teams/1"}
    return [
        {"name": "payment-gateway-card-acquirer-router", "description": "Sends card payments to the acquirer", "url": "#", "state": "major_outage", "team": team, "policy": "payments, high urgency", "incidents": 7},
        {"name": "seat-inventory-reservation-ledger", "description": "Which seat is whose", "url": "#", "state": "degraded", "team": {"name": "Seat inventory", "href": "#"}, "policy": "seats", "incidents": 4},
        {"name": "mail-renderer", "description": "", "url": "#", "state": "operational", "team": None, "policy": "", "incidents": 1, "problem": "nobody would be paged"},
    ]  # fmt: skip


SERVICES = {"frame": frame("catalog"), "now": NOW, "tab": "services", "services": services(), "filters": {}, "page": {"older": "m", "shown": 3, "total": 46}}
TEAMS = {"frame": frame("catalog"), "now": NOW, "tab": "teams", "teams": [
    {"name": "Payments platform", "url": "#", "lead": "Priya Raghunathan", "chat": "#payments", "people": [who(TOMASZ), who("Dmytro Kovalenko"), who("Hye-jin Park"), ANA], "people_count": 9, "services": 11, "on_call": who(TOMASZ), "gap": "gap Sat 03:00"},
    {"name": "Mail and notices", "url": "#", "lead": "", "people": [who(KWAME)], "people_count": 1, "services": 3, "on_call": None}]}  # fmt: skip
PEOPLE = {"frame": frame("catalog"), "now": NOW, "tab": "people", "filters": {}, "page": {"older": "k", "shown": 3, "total": 212}, "people": [
    ANA | {"url": "#", "role": "Administrator", "teams": "Commanders", "reach_text": "push, SMS, phone", "certified": "Commander, Executive Liaison", "last_seen_at": later(seconds=-4), "two_factor": True},
    {"name": TOMASZ, "url": "#", "role": "Responder", "teams": "Payments platform", "reach_text": "push, SMS", "certified": "", "last_seen_at": later(minutes=-1), "two_factor": True},
    {"name": "Siobhán Adeyemi-Clarke", "url": "#", "role": "Responder", "teams": "Payments platform", "problem": "no phone number", "certified": "", "last_seen_at": later(days=-11), "two_factor": False}]}  # fmt: skip
INTEGRATIONS = {"frame": frame("catalog"), "now": NOW, "tab": "integrations",
    "sources": [{"name": "Alertmanager, production", "kind": "Alertmanager v2", "url": "#", "state": "active", "state_text": "", "last_at": later(seconds=-18), "count_text": "1,204 today"}, {"name": "CloudWatch", "kind": "SNS", "url": "#", "state": "fault", "state_text": "", "problem": "3 messages refused: signature does not match", "last_at": later(hours=-3)}],
    "channels": [{"name": "Push", "url": "#", "state": "ok", "state_text": "", "note": "209 devices"}, {"name": "Phone", "url": "#", "state": "fault", "state_text": "refused since 15:19", "note": "voice provider"}],
    "kinds": [{"name": "Alertmanager", "text": "change one URL", "href": "#"}, {"name": "PagerDuty Events v2", "text": "same wire format", "href": "#"}, {"name": "Opsgenie", "text": "same wire format", "href": "#"}, {"name": "Anything else", "text": "JSON by webhook, or e-mail", "href": "#"}]}  # fmt: skip


def organisation() -> Any:
    from django import forms

    class Organisation(forms.Form):
        name = forms.CharField(label="Name", initial="Corvane")
        zone = forms.ChoiceField(label="Time zone", choices=[("Europe/Paris", "Europe/Paris")])
        commander = forms.BooleanField(label="A page of severity 1 also calls the commander on call", initial=True, required=False)

    return Organisation()


def new_key() -> Any:
    from django import forms

    class Key(forms.Form):
        name = forms.CharField(label="Name", help_text="The tool that will use it")
        scope = forms.ChoiceField(label="May", choices=[("ingest", "Send alerts"), ("read", "Read"), ("write", "Read and write")])

    return Key()


INDEX = {"frame": frame("settings"), "now": NOW, "tab": "index", "form": organisation, "version": {"number": "0.1.0", "released": "18 November 2026"},
         "sections": [{"title": "Response templates", "text": "Roles, severities and checklists", "href": "#", "icon": "layers"}, {"title": "Channels", "text": "How people are reached", "href": "#", "icon": "phone", "state": "fault", "state_text": "Phone refused"}, {"title": "Sign-in", "text": "Two factors, passkeys, single sign-on", "href": "#", "icon": "key", "state": "ok", "state_text": "Two factors"}]}  # fmt: skip
HEALTH = {"frame": frame("settings"), "now": NOW, "tab": "health", "verdict": {"state": "fault", "text": "One fault, one warning, 14 checks well"}, "checked_at": later(seconds=-40), "groups": [
    {"title": "Paging", "checks": [{"name": "Engine", "state": "ok", "reason": "awake 0.2 s ago; the next timer is due in 1:52"}, {"name": "Phone", "state": "fault", "reason": "the voice provider answers 403 since 15:19", "next": "Renew the token of the account at the provider, then enter it under Channels.", "href": "#", "label": "Open Channels"}, {"name": "Lifeline", "state": "warning", "reason": "runs on the same host; it survives processes, not the loss of the machine", "next": "Start it on a second host, or set an outside ping.", "href": "#", "label": "How to"}]},
    {"title": "Store", "checks": [{"name": "Backup", "state": "ok", "reason": "11 minutes ago, restored and compared"}, {"name": "Chains", "state": "ok", "reason": "1,044 incidents and the audit chain hold"}]}]}  # fmt: skip
KEYS = {"frame": frame("settings"), "now": NOW, "tab": "keys", "form": new_key, "fresh": {"name": "Alertmanager, staging", "secret": "qd_in_example_only_not_a_real_key"}, "keys": [
    {"name": "Alertmanager, production", "prefix": "qd_in_7f3a", "owner": "Tomasz Wiśniewski", "scope": "Send alerts", "last_used_at": later(seconds=-18), "expires_at": None, "state": "active", "url": "#"},
    {"name": "Old exporter", "prefix": "qd_rd_91bc", "owner": "Yuki Tanaka", "scope": "Read", "last_used_at": later(days=-40), "expires_at": None, "state": "revoked", "url": "#"}]}  # fmt: skip
AUDIT = {"frame": frame("settings"), "now": NOW, "tab": "audit", "chain": {"state": "ok", "text": "The chain holds: 18,204 events, last anchored 15:00"}, "filters": {}, "choices": {"kind": [("key", "Keys")]}, "page": {"older": "1", "shown": 2, "total": "18,204"}, "events": [
    {"at": at("15:19:04"), "who": "Ana Ferreira", "from_text": "10.2.0.14, web", "act": "changed the policy", "object": "payments, high urgency", "before": "step 2 after 10 min", "after": "step 2 after 5 min"}, {"at": at("14:58:00"), "who": YUKI, "from_text": "api, key qd_rd_91bc", "act": "revoked a key", "object": "Old exporter", "before": "", "after": ""}]}  # fmt: skip
SEARCH = {"frame": frame("now"), "now": NOW, "q": "pay", "kinds": [{"label": "All", "href": "?q=pay", "current": True, "count": 9}, {"label": "Services", "href": "#", "count": 2}], "groups": [
    {"title": "Incidents", "icon": "siren", "total": 6, "more_href": "/incidents?q=pay", "results": [{"title": "INC-1042 Card payments failing at checkout", "text": "Identified, Ana Ferreira", "href": "/incidents/INC-1042", "meta": "open 1 h 25 min"}]},
    {"title": "Services", "icon": "server", "total": 2, "results": [{"title": "payment-gateway-card-acquirer-router", "text": "Payments platform", "href": "#", "state": "major_outage"}]}], "path": "/search?q=pay"}  # fmt: skip
PAGES = [
    ("status", "status/index.html", STATUS), ("status-first", "status/index.html", {"frame": frame("status"), "now": NOW}), ("status-edit", "status/edit.html", EDIT),
    ("catalog-services", "catalog/services.html", SERVICES), ("catalog-teams", "catalog/teams.html", TEAMS), ("catalog-people", "catalog/people.html", PEOPLE), ("catalog-integrations", "catalog/integrations.html", INTEGRATIONS),
    ("settings", "settings/index.html", INDEX), ("settings-health", "settings/health.html", HEALTH), ("settings-keys", "settings/keys.html", KEYS), ("settings-audit", "settings/audit.html", AUDIT),
    ("search", "search.html", SEARCH), ("search-none", "search.html", SEARCH | {"groups": [], "q": "zeppelin"}),
]  # fmt: skip
