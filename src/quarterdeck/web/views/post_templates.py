"""Texts to start a post on a status page from: the list, one of them, taking one away."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from quarterdeck.app.status import post_templates
from quarterdeck.core.access import may
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.status.posting import WORDS
from quarterdeck.core.status.words import label
from quarterdeck.store import models
from quarterdeck.web.acting import act, done, posts
from quarterdeck.web.routes import route


class TemplateForm(forms.Form):
    name = forms.CharField(max_length=120, label="Name", help_text="For you and your colleagues.")
    title = forms.CharField(required=False, label="Headline")
    body = forms.CharField(
        label="Text",
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="Filled in when the text is taken: {{ components }}, {{ page }}, {{ time }}.",
    )
    status_word = forms.ChoiceField(label="Status", choices=[(w, label(w)) for w in WORDS])


def listing(request: HttpRequest) -> HttpResponse:
    rows = [
        {
            "id": r.id,
            "name": r.name,
            "title": r.title or r.body[:100],
            "word": label(r.status_word),
            "removal": f"/post-templates/{r.id}/removal",
        }
        for r in models.PostTemplate.objects.all()
    ]
    context = {"templates": rows, "may_edit": may(act(request).who, "status.edit")}
    return render(request, "status/post_templates.html", context)


def new(request: HttpRequest) -> HttpResponse:
    return _form(request, None)


def one(request: HttpRequest, template_id: str) -> HttpResponse:
    return _form(request, post_templates.find(template_id))


def _form(request: HttpRequest, row: models.PostTemplate | None) -> HttpResponse:
    first = {n: getattr(row, n) for n in TemplateForm.base_fields} if row else {}
    form = TemplateForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            post_templates.keep(act(request), **form.cleaned_data, template_id=row.id if row else "")
        except Refused as refused:
            if refused.kind == "missing":
                raise
            form.add_error(next((f for f in refused.fields if f in form.fields), None), refused.message)
        else:
            return done(request, "/post-templates", "Saved.")
    context = {"form": form, "title": row.name if row else "New template", "back": "/post-templates"}
    return render(request, "status/form.html", context, status=422 if form.errors else 200)


@posts
def remove(request: HttpRequest, template_id: str) -> HttpResponse:
    post_templates.remove(act(request), template_id)
    return done(request, "/post-templates", "Deleted. What was posted from it stands.")


_EDIT = "status.edit"
ROUTES = [
    route("post-templates", listing, name="post-templates", permission="status.read"),
    route("post-templates/new", new, name="post-template-new", permission=_EDIT),
    route("post-templates/<str:template_id>", one, name="post-template", permission=_EDIT),
    route("post-templates/<str:template_id>/removal", remove, name="post-template-removal", permission=_EDIT),
]
