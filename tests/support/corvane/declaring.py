"""The list of incidents, and declaring one."""

from __future__ import annotations

from typing import Any

from support.corvane.clock import ANA, AOIFE, FATIMA, MEILING, NOW, TOMASZ, who
from support.corvane.frame import frame
from support.corvane.home import INCIDENTS, row

CHOICES = {
    "severity": [(str(n), f"SEV{n}") for n in range(1, 6)],
    "phase": [("triage", "Triage"), ("investigating", "Investigating"), ("identified", "Identified"), ("monitoring", "Monitoring")],
    "team": [("payments", "Payments platform"), ("seats", "Seat inventory")],
}  # fmt: skip
VIEWS = [{"label": n, "href": "?", "current": c, "count": k} for n, c, k in (("Open", True, 4), ("Mine", False, 1), ("Last 30 days", False, 31), ("Drills", False, 6), ("All", False, 1044))]  # fmt: skip
LIST: dict[str, Any] = {
    "frame": frame("incidents"), "now": NOW, "summary": "4 open, 1 without an update on time.", "views": VIEWS, "filters": {}, "choices": CHOICES,
    "incidents": [*INCIDENTS, row("INC-1039", "Refund e-mails in Greek show the order number twice", 5, "Dimitra Papadaki", "Resolved",
                                  closed_at=NOW.replace(hour=11, minute=5), lasted=7440, services_text="mail-renderer")],
    "page": {"newer": "", "older": "INC-1010", "shown": 5, "total": "1,044"}, "path": "/incidents",
}  # fmt: skip
FILTERED = LIST | {
    "incidents": [], "filters": {"severity": "1", "team": "seats"}, "page": {},
    "chips": [{"label": "severity SEV1", "href": "?team=seats"}, {"label": "team Seat inventory", "href": "?severity=1"}],
    "none": {"title": "No SEV1 incident of Seat inventory in 30 days", "text": "The last one was INC-0987 on 12 March: ledger pool empty after a release."},
}  # fmt: skip


def form(data: dict[str, Any] | None = None) -> Any:
    from django import forms

    class Declare(forms.Form):
        alert = forms.CharField(widget=forms.HiddenInput, required=False)
        title = forms.CharField(error_messages={"required": "Say in a few words what does not work, and for whom."})
        type = forms.ChoiceField(choices=[("payment", "Payment disruption"), ("software", "Software fault")], help_text="Template software, version 3")
        started = forms.DateTimeField(label="Started", required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))
        services = forms.MultipleChoiceField(required=False, help_text="2 of 46, owned by Payments platform and Seat inventory", choices=[
            ("1", "payment-gateway-card-acquirer-router"), ("3", "seat-inventory-reservation-ledger"), ("4", "push-notification-dispatch-android")])
        impact = forms.ChoiceField(label="How many customers", widget=forms.RadioSelect, choices=[("few", "Few"), ("many", "Many"), ("all", "All")])
        urgency = forms.ChoiceField(label="How soon it hurts", widget=forms.RadioSelect, choices=[("wait", "It can wait"), ("soon", "Soon"), ("now", "At once")])
        summary = forms.CharField(label="What you know", required=False, widget=forms.Textarea(attrs={"rows": 2}))
        severity = forms.ChoiceField(required=False, choices=[("", "As suggested"), *CHOICES["severity"]])
        restricted = forms.BooleanField(label="Restricted: only people of this incident see it", required=False)
        drill = forms.BooleanField(label="Drill: nothing leaves the building", required=False)

        def clean_started(self) -> Any:
            raise forms.ValidationError("It is 15:27 now. Did you mean 14:40?")

    return Declare(data) if data is not None else Declare(initial={"type": "payment", "impact": "many", "urgency": "soon", "services": ["1", "3"]})


CALLED = [{"person": ANA | {"name": "You", "initials": "AF"}, "title": "Commander, until you hand over", "how": "at once"}] + [
    {"person": who(p), "title": t, "how": h} for p, t, h in ((TOMASZ, "Technical Lead, owner on call", "push, SMS"), (FATIMA, "Communications Lead", "push, SMS"),
                                                             (MEILING, "Scribe", "push"), (AOIFE, "Customer Liaison", "push"))]  # fmt: skip




def declare(data: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "frame": frame("incidents"), "now": NOW, "form": lambda: form(data), "called": CALLED, "roles": [{"title": "Deputy"}, {"title": "Executive Liaison", "note": "at SEV1"}],
        "suggestion": {"rank": 2, "label": "SEV2", "reason": "Suggested: many customers, and soon."}, "button": "Declare as SEV2 and call 5 people",
        "similar": [{"id": "INC-1042", "title": "Card payments failing at checkout", "note": "same service, open since 14:02", "url": "/incidents/INC-1042"}],
        "path": "/declare",
    }  # fmt: skip


WRONG = {"title": "", "type": "payment", "started": "2026-11-18T16:40", "impact": "many", "urgency": "soon", "services": ["1"]}
PAGES = [
    ("incidents", "incidents/list.html", LIST),
    ("incidents-none", "incidents/list.html", FILTERED),
    ("incidents-first", "incidents/list.html", LIST | {"incidents": [], "summary": "", "page": {}}),
    ("declare", "incidents/declare.html", declare(None)),
    ("declare-wrong", "incidents/declare.html", declare(WRONG)),
]
