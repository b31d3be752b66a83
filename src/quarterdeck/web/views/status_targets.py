"""Where else a status page is brought: its targets, how they are doing, adding, changing, trying and removing one."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from quarterdeck.app.status import publish_targets as acts
from quarterdeck.app.status.status_pages import find_page
from quarterdeck.channels.status_targets import KINDS
from quarterdeck.channels.status_targets import kind as kind_of
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models
from quarterdeck.web.acting import act, done, posts
from quarterdeck.web.routes import route


class TargetForm(forms.Form):
    """The name, the fields of the kind, its secret. A secret is never shown again: left empty, it stays."""

    name = forms.CharField(
        max_length=120, label="Name", help_text="What you call it, such as Bucket in Frankfurt."
    )

    def __init__(self, kind: str, *args: Any, **kwargs: Any) -> None:
        kept = kwargs.pop("kept", False)
        super().__init__(*args, **kwargs)
        module = kind_of(kind)
        for field in fields(module.Settings):
            label, text = module.LABELS[field.name]
            self.fields[field.name] = forms.CharField(
                max_length=2000,
                required=field.name in module.NEEDED,
                label=label,
                help_text=text,
                initial=field.default,
            )
        many = module.KEY_CALLED == "Private key"
        self.fields["secret"] = forms.CharField(
            max_length=acts.SECRET_MOST, strip=False, label=module.KEY_CALLED,
            required="secret" in module.NEEDED and not kept,
            help_text="Left empty, the one there is stays." if kept else "It is sealed, and shown to nobody again.",
            widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "autocomplete": "off"}) if many
            else forms.PasswordInput(attrs={"autocomplete": "off"}),
        )  # fmt: skip
        if kept:
            self.fields["enabled"] = forms.BooleanField(
                required=False,
                label="In use",
                help_text="Switched off, nothing is brought there; what is there stays while the page is public.",
            )

    def values(self) -> dict[str, str]:
        return {n: v for n, v in self.cleaned_data.items() if n not in ("name", "secret", "enabled")}


def listing(request: HttpRequest, key: str) -> HttpResponse:
    page = find_page(key)
    rows = [_shown(row, page) for row in acts.of_page(page)]
    context = _around(page) | {
        "rows": rows,
        "kinds": [
            {"name": m.NAME, "href": f"{_url(page)}/new?kind={k}", "text": _told(m)} for k, m in KINDS.items()
        ],
        "full": len(rows) >= acts.MOST,
    }
    return render(request, "status/targets.html", context)


def new(request: HttpRequest, key: str) -> HttpResponse:
    page, kind = find_page(key), request.GET.get("kind", "s3")
    form = TargetForm(kind, request.POST or None)
    if request.method == "POST" and form.is_valid():
        name, secret = form.cleaned_data["name"], form.cleaned_data["secret"]
        try:
            acts.add(act(request), page.key, kind, name, form.values(), secret)
        except Refused as refused:
            _say(form, refused)
        else:
            return done(request, _url(page), f"{name} is tried now, and the page brought there.")
    title = f"{kind_of(kind).NAME}: a target of {page.title}"
    return _form(request, form, title, page, kind)


def one(request: HttpRequest, key: str, target: str) -> HttpResponse:
    row = acts.find(key, target)
    first = {**row.settings, "name": row.name, "enabled": row.enabled}
    form = TargetForm(row.kind, request.POST or None, initial=first, kept=True)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            acts.change(
                act(request), key, row.id, name=given["name"], enabled=given["enabled"], values=form.values(),
                secret=given["secret"],
            )  # fmt: skip
        except Refused as refused:
            _say(form, refused)
        else:
            return done(request, _url(row.page), "Saved. It is tried within seconds.")
    return _form(request, form, row.name, row.page, row.kind)


@posts
def test(request: HttpRequest, key: str, target: str) -> HttpResponse:
    row = acts.ask_test(act(request), key, target)
    return done(request, _url(row.page), f"{row.name} is tried now. Look again in a few seconds.")


@posts
def remove(request: HttpRequest, key: str, target: str) -> HttpResponse:
    row = acts.find(key, target)
    if acts.remove(act(request), key, target, take_away=request.POST.get("take_away") == "1"):
        return done(
            request,
            _url(row.page),
            f"{row.name} is removed when the published files are taken away from there.",
        )
    return done(request, _url(row.page), f"{row.name} is removed. What was brought there is still there.")


def _say(form: forms.Form, refused: Refused) -> None:
    form.add_error(next((f for f in refused.fields if f in form.fields), None), refused.message)


def _form(
    request: HttpRequest, form: forms.Form, title: str, page: models.StatusPage, kind: str
) -> HttpResponse:
    context = _around(page) | {"form": form, "title": title, "help": _paragraphs(kind)}
    return render(request, "status/target.html", context, status=422 if form.errors else 200)


def _around(page: models.StatusPage) -> dict[str, Any]:
    return {"page": {"name": page.title, "url": f"/status-pages/{page.key}", "targets": _url(page)}}


def _url(page: models.StatusPage) -> str:
    return f"/status-pages/{page.key}/targets"


def _paragraphs(kind: str) -> list[str]:
    return [" ".join(part.split()) for part in (kind_of(kind).__doc__ or "").split("\n\n")]


def _told(module: Any) -> str:
    return " ".join((module.__doc__ or "").split("\n\n")[0].split())


def _shown(row: models.PublishTarget, page: models.StatusPage) -> dict[str, Any]:
    """How a target is doing, by word and mark: the worst that is so of it."""
    if row.leaving:
        mark, word = "late" if row.failure else "waiting", "Being taken away"
    elif not row.enabled:
        mark, word = "paused", "Switched off"
    elif row.failure:
        mark, word = "late", "Behind"
    elif row.test_failure:
        mark, word = "fault", "Does not work"
    elif row.succeeded_at is None:
        mark, word = "waiting", "Not there yet"
    else:
        mark, word = "ok", "Up to date" if row.behind_since is None else "On its way"
    return {
        "id": row.id, "name": row.name, "kind": kind_of(row.kind).NAME, "url": f"{_url(page)}/{row.id}",
        "where": _where(row), "mark": mark, "word": word, "enabled": row.enabled,
        "leaving": row.leaving, "brought": bool(row.version), "why": row.failure or row.test_failure,
        "succeeded_at": row.succeeded_at, "failed_at": row.failed_at if row.failure else None,
        "next_try_at": row.next_try_at if row.failure else None, "trying": row.test_asked_at is not None,
    }  # fmt: skip


def _where(row: models.PublishTarget) -> str:
    s = row.settings
    if row.kind == "s3":
        return f"{s['endpoint']}/{s['bucket']}/{s['prefix']}".rstrip("/")
    return str(s["url"]) if row.kind == "git" else f"{s['host']}:{s['folder']}".lstrip(":")


_EDIT = "status.edit"
ROUTES = [
    route("status-pages/<str:key>/targets", listing, name="status-targets", permission=_EDIT),
    route("status-pages/<str:key>/targets/new", new, name="status-target-new", permission=_EDIT),
    route("status-pages/<str:key>/targets/<str:target>", one, name="status-target", permission=_EDIT),
    route(
        "status-pages/<str:key>/targets/<str:target>/test", test, name="status-target-test", permission=_EDIT
    ),
    route(
        "status-pages/<str:key>/targets/<str:target>/remove",
        remove,
        name="status-target-remove",
        permission=_EDIT,
    ),
]
