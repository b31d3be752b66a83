"""What is known of one person and how they are reached: one's own, or anybody's for an administrator."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from quarterdeck.app.act import Act
from quarterdeck.app.oncall import handoff
from quarterdeck.app.paging import paging, proofs
from quarterdeck.app.people import people
from quarterdeck.app.people.people import RuleWanted
from quarterdeck.core.access import may
from quarterdeck.core.escalation.policy import Target
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models
from quarterdeck.web.acting import act, done, number, posts
from quarterdeck.web.present import catalog as present
from quarterdeck.web.present.callouts import channel_name
from quarterdeck.web.routes import LOGIN, route
from quarterdeck.web.widgets import LongSelect

from . import digests
from .personal import quiet, rehearsal
from .schedule_setup import holiday_regions, zones

DELAYS = (0, 60, 120, 180, 300, 600, 900, 1800)
LEADS = ((0, "when it begins"), (15, "15 minutes"), (30, "30 minutes"), (60, "an hour"), (180, "3 hours"),
         (720, "12 hours"), (1440, "a day"))  # fmt: skip
TIMES = 2  # how often one contact can be tried for one page


class ProfileForm(forms.Form):
    name = forms.CharField(max_length=120, label="Name")
    title = forms.CharField(max_length=120, required=False, label="What you do")
    phone = forms.CharField(
        max_length=40, required=False, label="Phone", help_text="Shown to those who must ring by hand."
    )
    timezone = forms.ChoiceField(
        choices=zones, widget=LongSelect, label="Time zone", help_text="All times are shown in it."
    )
    holiday_region = forms.ChoiceField(
        choices=holiday_regions, widget=LongSelect, required=False, label="Public holidays of",
        help_text="They count in the hours on call, and are shown in the calendar.",
    )  # fmt: skip
    skills = forms.CharField(
        max_length=1000, required=False, label="Knows about", help_text="Separated by commas."
    )


class PersonForm(ProfileForm):
    """For an administrator: the role as well."""

    role = forms.ChoiceField(choices=list(present.ROLES.items()), label="Role")
    field_order = ("name", "title", "role", "phone", "timezone", "holiday_region", "skills")


def me(request: HttpRequest) -> HttpResponse:
    return _profile(request, act(request).person, "/settings/me", ProfileForm)


def somebody(request: HttpRequest, person_id: str) -> HttpResponse:
    return _profile(request, person_id, f"/catalog/people/{person_id}/edit", PersonForm)


def _profile(request: HttpRequest, person_id: str, url: str, kind: type[ProfileForm]) -> HttpResponse:
    row = people.find(person_id)
    first = {n: getattr(row, n) for n in ("name", "title", "phone", "timezone", "holiday_region", "role")}
    form = kind(request.POST or None, initial=first | {"skills": ", ".join(str(s) for s in row.skills)})
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        data["skills"] = data["skills"].split(",")
        if data.get("role") == row.role:
            del data["role"]
        try:
            people.update(act(request), row.id, **data)
        except Refused as refused:
            field = next((f for f in refused.fields if f in form.fields), None)
            form.add_error(field, refused.message)
        else:
            return done(request, url, "Saved.")
    return render(
        request, "settings/me.html", _context(request, row, form, url), status=422 if form.errors else 200
    )


def _context(request: HttpRequest, row: models.Person, form: ProfileForm, url: str) -> dict[str, Any]:
    doing = act(request)
    own = row.id == doing.person
    return {
        "tab": "me" if own else "",
        "own": own,
        "person": {"id": row.id, "name": row.name, "url": f"/people/{row.id}"},
        "form": form,
        "form_url": url,
        "contacts": _contacts(row, own, doing.at),
        "kinds": [
            (k, channel_name(k))
            for k in settings.QUARTERDECK_CHANNELS
            if k != "web_push" and (k != "console" or settings.QUARTERDECK_DEMO)
        ],
        "rules": _rules(row),
        "quiet": quiet(row),
        "digest": digests.panel(row),
        "wish": handoff.wish(row.id),
        "rehearsal": rehearsal(row.id) if own else None,
        "leads": LEADS,
        "may_test": own and may(doing.who, "page.send"),
    }


def _contacts(row: models.Person, own: bool, now: datetime) -> list[dict[str, Any]]:
    """Each with what is to be done about it: one's own are confirmed here."""
    found = present.contacts(row, True)
    codes = proofs.pending([c["id"] for c in found], now) if own else {}
    for contact in found:
        contact["code_until"] = codes[contact["id"]].expires_at if contact["id"] in codes else None
        contact["may_confirm"] = own and contact["verified_at"] is None
    return found


def _rules(row: models.Person) -> list[dict[str, Any]]:
    """A line for each contact: when it is tried for urgent and for quiet pages, at most `TIMES` each."""
    held: dict[tuple[str, str], list[int]] = {}
    for rule in people.rules_of(row.id):
        held.setdefault((rule.contact_id, rule.urgency), []).append(rule.delay_seconds)
    lines = []
    for contact in present.contacts(row, True):
        cells = []
        for urgency, title in present.URGENCIES.items():
            delays = sorted(held.get((contact["id"], urgency), []))
            shown: list[int | None] = [*delays, *[None] * max(0, TIMES - len(delays))]
            known = sorted({*DELAYS, *delays})
            choices = [(str(s), present.after(s)) for s in known]
            cells.append(
                {
                    "urgency": urgency,
                    "title": title,
                    "choices": choices,
                    "values": ["" if s is None else str(s) for s in shown],
                }
            )
        lines.append({"contact": contact, "cells": cells})
    return lines


@posts
def add_contact(request: HttpRequest, person_id: str) -> HttpResponse:
    doing, post = act(request), request.POST
    row = people.add_contact(
        doing, person_id, post.get("kind", ""), post.get("address", ""), post.get("label", "")
    )
    return done(request, _home(request, person_id), f"Added. {_coded(doing, row)}", "contact")


@posts
def change_contact(request: HttpRequest, person_id: str, contact_id: str) -> HttpResponse:
    doing, post = act(request), request.POST
    row = people.change_contact(
        doing, person_id, contact_id, address=post.get("address", ""), label=post.get("label", "")
    )
    said = "Saved." if row.verified_at is not None else f"Saved. {_coded(doing, row)}"
    return done(request, _home(request, person_id), said)


def _coded(doing: Act, row: models.ContactMethod) -> str:
    """Send the first code by itself; what was done, in words."""
    if row.person_id != doing.person:
        return "Its owner has to confirm it; until then it is tried last."
    try:
        proofs.send(doing, row.id)
    except Refused as refused:
        return f"It is not confirmed yet. {refused.message}"
    return f"A code goes to {row.address} now: enter it below."


@posts
def send_code(request: HttpRequest, contact_id: str) -> HttpResponse:
    proofs.send(act(request), contact_id)
    return done(request, "/settings/me#contacts", "A code is on its way. It is good for 15 minutes.")


@posts
def confirm_contact(request: HttpRequest, contact_id: str) -> HttpResponse:
    proofs.confirm(act(request), contact_id, request.POST.get("code", "")[:20])
    return done(request, "/settings/me#contacts", "Confirmed. Answers from there count as yours.")


@posts
def remove_contact(request: HttpRequest, person_id: str, contact_id: str) -> HttpResponse:
    people.remove_contact(act(request), person_id, contact_id)
    return done(request, _home(request, person_id), "Removed.")


@posts
def set_rules(request: HttpRequest, person_id: str) -> HttpResponse:
    """Fields are called <urgency>.<contact>, as often as the contact may be tried; empty is not at all."""
    wanted = [
        RuleWanted(contact, urgency, number(delay, "delay", 0, people.LATEST_SECONDS))
        for field, delays in request.POST.lists()
        for urgency, _, contact in [field.partition(".")]
        if urgency in present.URGENCIES and contact
        for delay in delays
        if delay
    ]
    people.set_rules(
        act(request), person_id, sorted(wanted, key=lambda r: (r.urgency, r.delay_seconds, r.contact_id))
    )
    return done(request, _home(request, person_id), "Saved. The next page follows it.")


@posts
def test_page(request: HttpRequest) -> HttpResponse:
    """A real page to oneself, over every way one's own rules name."""
    doing = act(request)
    made = paging.page(
        doing, [Target("person", doing.person)], "Test page", "You asked for a test page. Acknowledge it."
    )
    return done(
        request,
        f"/callouts/{made[0].id}",
        "Queued. This page shows when it goes out, and what becomes of it.",
    )


def _home(request: HttpRequest, person_id: str) -> str:
    return "/settings/me" if person_id == act(request).person else f"/catalog/people/{person_id}/edit"


_OF = "people/<str:person_id>/"
ROUTES = [
    route("settings/me", me, name="me", permission=LOGIN),
    route("settings/me/test-page", test_page, name="test-page", permission="page.send"),
    route("catalog/people/<str:person_id>/edit", somebody, name="person-edit", permission="person.edit"),
    route(f"{_OF}contacts", add_contact, name="contact-add", permission=LOGIN),
    route(f"{_OF}contacts/<str:contact_id>/removal", remove_contact, name="contact-remove", permission=LOGIN),
    route(f"{_OF}contacts/<str:contact_id>", change_contact, name="contact-change", permission=LOGIN),
    route("settings/me/contacts/<str:contact_id>/code", send_code, name="contact-code", permission=LOGIN),
    route(
        "settings/me/contacts/<str:contact_id>/confirmation",
        confirm_contact,
        name="contact-confirm",
        permission=LOGIN,
    ),
    route(f"{_OF}rules", set_rules, name="rules-set", permission=LOGIN),
]
