"""Who may read a status page, for those who look after it: its visibility, the ways in, ending what was let in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from quarterdeck.app.status import page_access, page_brand, status_pages
from quarterdeck.app.subscribers import subscriber_figures
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models
from quarterdeck.web import confirming
from quarterdeck.web.acting import act, done, posts
from quarterdeck.web.routes import route

_EDIT = "status.edit"
_VISIBILITIES = [
    ("public", "Public: anybody may read it"),
    ("private", "Private: whoever has one of the ways in below"),
    ("internal", "Internal: people with an account here"),
]
_NETWORKS = [
    ("off", "Any address will do"),
    ("enough", "These addresses are a way in by themselves"),
    ("needed", "Only from these addresses, and with another way in"),
]


class AccessForm(forms.Form):
    visibility = forms.ChoiceField(label="Who may read it", choices=_VISIBILITIES, widget=forms.RadioSelect)
    hidden = forms.BooleanField(
        required=False, label="Hide that it exists",
        help_text="Whoever has no right gets 404, and finds the ways in by the link below only.",
    )  # fmt: skip
    members = forms.BooleanField(required=False, label="People with an account here may read a private page")
    password = forms.CharField(
        required=False, strip=False, max_length=page_access.LONGEST_PASSWORD, label="New password",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="Shared by all readers. A new one ends every right by the old. Left empty, it stays as it is.",
    )  # fmt: skip
    no_password = forms.BooleanField(required=False, label="Take the password away")
    domains = forms.CharField(
        required=False, max_length=10_000, widget=forms.Textarea(attrs={"rows": 3}), label="Mail domains",
        help_text="One a line, such as example.com. Their people are mailed a link that works once.",
    )  # fmt: skip
    network = forms.ChoiceField(
        label="From which network addresses", choices=_NETWORKS, widget=forms.RadioSelect
    )
    networks = forms.CharField(
        required=False, max_length=20_000, widget=forms.Textarea(attrs={"rows": 3}),
        label="Networks", help_text="One a line: 192.0.2.7, 10.0.0.0/8, 2001:db8::/32.",
    )  # fmt: skip
    hours = forms.IntegerField(
        min_value=page_access.LEAST_HOURS, max_value=page_access.MOST_HOURS, label="Hours a right lasts",
        help_text="After that, a reader proves it again.",
    )  # fmt: skip
    confirm = forms.CharField(
        required=False, strip=False, max_length=512, label="Your own password, or a code",
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        help_text="Asked for before the page is opened to everybody or its password changes.",
    )  # fmt: skip


def access(request: HttpRequest, key: str) -> HttpResponse:
    row, doing = status_pages.find_page(key), act(request)
    form = AccessForm(request.POST if request.method == "POST" else None, initial=_first(row))
    if request.method == "POST" and form.is_valid():
        try:
            given = _given(form.cleaned_data)
            _confirmed(request, row, given, form.cleaned_data["confirm"])
            page_access.change(doing, row.key, **given, proven=True)
        except Refused as refused:
            form.add_error(next((f for f in refused.fields if f in form.fields), None), refused.message)
        else:
            return done(request, f"/status-pages/{row.key}/access", "Saved. It holds from now on.")
    context = _context(status_pages.find_page(key)) | {"form": form, "proven": confirming.proven(request)}
    return render(request, "status/access.html", context, status=422 if form.errors else 200)


def _confirmed(request: HttpRequest, row: models.StatusPage, given: dict[str, Any], typed: str) -> None:
    if page_access.needs_proof(row, **given):
        confirming.confirm(request, typed)


def _first(row: models.StatusPage) -> dict[str, Any]:
    mine = page_access.of(row)
    plain = {n: getattr(mine, n) for n in ("hidden", "members", "network", "hours")}
    lists = {"domains": "\n".join(mine.domains), "networks": "\n".join(mine.networks)}
    return plain | lists | {"visibility": page_access.visibility(row, mine)}


def _given(data: dict[str, Any]) -> dict[str, Any]:
    given = dict(data)
    del given["confirm"]
    empty, typed = given.pop("no_password"), given.pop("password")
    given["password"] = "" if empty else typed or None
    return given | {n: given[n].split() for n in ("domains", "networks")}


def _context(row: models.StatusPage) -> dict[str, Any]:
    mine = page_access.of(row)
    token = page_access.feed_token(row, mine)
    # Where the rights of readers are checked: a domain of its own may be served by somebody else.
    root = f"{settings.QUARTERDECK_PUBLIC_URL}/status/{row.key}/"
    names = ("history.atom", "history.rss", "api/v2/summary.json")
    return {
        "page": {
            "name": row.title,
            "url": f"/status-pages/{row.key}",
            "public": row.public,
            "public_url": page_brand.address(row, page_brand.of(row)),
        },
        "door_url": "" if row.public else page_access.door_url(row),
        "has_password": bool(mine.password),
        "password_at": mine.password_at,
        "subscribers": subscriber_figures.active(row.id),
        "feeds": [f"{root}{n}?token={token}" for n in names] if token else [],
    }


@posts
def ending(request: HttpRequest, key: str) -> HttpResponse:
    """End what was let in, or make, renew and end the token of programs."""
    what, doing, url = request.POST.get("act", ""), act(request), f"/status-pages/{key}/access"
    if what == "rights":
        page_access.end_rights(doing, key)
        return done(request, url, "Whoever was let in by the password or a mail has to prove it again.")
    if what == "feeds":
        page_access.renew_feeds(doing, key)
        return done(request, url, "Feeds and JSON have new addresses; the ones before open nothing.")
    page_access.end_feeds(doing, key)
    return done(request, url, "Feeds and JSON open for people only.")


ROUTES = [
    route("status-pages/<str:key>/access", access, name="status-page-access", permission=_EDIT),
    route("status-pages/<str:key>/access/endings", ending, name="status-page-access-end", permission=_EDIT),
]
