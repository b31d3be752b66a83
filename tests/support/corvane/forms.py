"""The forms of the gallery's pages."""

from __future__ import annotations

from typing import Any

from django import forms

SERVICES = [("1", "payment-gateway-card-acquirer-router"), ("3", "seat-inventory-reservation-ledger")]
SERVICES += [("4", "push-notification-dispatch-android"), ("5", "mail-renderer")]
SEVERITIES = [("", "As suggested"), *((str(n), f"SEV{n}") for n in range(1, 6))]


class Declare(forms.Form):
    """Declaring an incident; a start in the future is refused."""

    title = forms.CharField(
        error_messages={"required": "Say in a few words what does not work, and for whom."}
    )
    type = forms.ChoiceField(
        choices=[("payment", "Payment disruption")], help_text="Template software, version 3"
    )
    started = forms.DateTimeField(
        required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )
    services = forms.MultipleChoiceField(required=False, choices=SERVICES, help_text="2 of 46")
    impact = forms.ChoiceField(
        label="How many customers",
        widget=forms.RadioSelect,
        choices=[("few", "Few"), ("many", "Many"), ("all", "All")],
    )
    urgency = forms.ChoiceField(
        label="How soon it hurts",
        widget=forms.RadioSelect,
        choices=[("wait", "It can wait"), ("soon", "Soon"), ("now", "At once")],
    )
    summary = forms.CharField(label="What you know", required=False, widget=forms.Textarea(attrs={"rows": 2}))
    severity = forms.ChoiceField(required=False, choices=SEVERITIES)
    restricted = forms.BooleanField(label="Restricted: only its people see it", required=False)
    codename = forms.CharField(required=False, max_length=40, label="Codename")
    drill = forms.BooleanField(label="Drill: nothing leaves the building", required=False)

    def clean_started(self) -> Any:
        raise forms.ValidationError("It is 15:27 now. Did you mean 14:40?")


class Organisation(forms.Form):
    name = forms.CharField(initial="Corvane")
    zone = forms.ChoiceField(label="Time zone", choices=[("Europe/Paris", "Europe/Paris")])
    commander = forms.BooleanField(
        label="A page of severity 1 also calls the commander on call", initial=True, required=False
    )


class Key(forms.Form):
    name = forms.CharField(help_text="The tool that will use it")
    scope = forms.ChoiceField(label="May", choices=[("ingest", "Send alerts"), ("read", "Read")])


def made(name: str) -> forms.Form:
    """One form by the name a page gives it."""
    typed = {"type": "payment", "impact": "many", "urgency": "soon", "services": ["1", "3"]}
    if name == "declare":
        return Declare(initial=typed)
    if name == "declare_wrong":
        return Declare(typed | {"title": "", "started": "2026-11-18T16:40"})
    return {"organisation": Organisation, "key": Key}[name]()
