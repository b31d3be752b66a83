"""Status pages for those who look after them: what each says, its components, setting a state by hand."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from quarterdeck.app.act import Act
from quarterdeck.app.paging.directory import Directory
from quarterdeck.app.status import (
    audience_pages,
    component_rules,
    component_tree,
    page_health,
    page_rights,
    status_pages,
)
from quarterdeck.app.status.publishing import page_snapshot
from quarterdeck.core.access import may
from quarterdeck.core.kernel.refused import Refused, bad
from quarterdeck.core.status.propose import LONGEST_HOLD_DOWN
from quarterdeck.store import models
from quarterdeck.web.acting import act, back, done, posts
from quarterdeck.web.present import page_editor as present_editor
from quarterdeck.web.present import status as present
from quarterdeck.web.routes import route
from quarterdeck.web.translated_names import named_in_languages, names_field
from quarterdeck.web.widgets import LongSelect

from . import status_removal
from .page_look import PageForm
from .schedule_setup import free_slug


def listing(request: HttpRequest) -> HttpResponse:
    doing = act(request)
    rows = list(models.StatusPage.objects.all()[:100])
    context = {
        "pages": present.pages(rows),
        "proposals": present.proposals(),
        "posts": present.posts(doing.who),
        "may_edit": may(doing.who, "status.edit"),
    }
    context["deleted"] = status_removal.shown(doing.at) if context["may_edit"] else []
    return render(request, "status/index.html", context)


_INTRO = (
    "It is public as soon as it is saved; Access makes it private. Components, words and colours come next."
)


class NewPageForm(PageForm):
    key = forms.CharField(
        max_length=60,
        required=False,
        label="Address",
        help_text="The end of its address. Left empty, it is made from the title.",
    )
    field_order = ("title", "key", "description", "timezone", "support_url")


def new(request: HttpRequest) -> HttpResponse:
    viewer: Any = request.user
    form = NewPageForm(request.POST or None, initial={"timezone": viewer.timezone})
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        title = data.pop("title")
        key = data.pop("key") or free_slug(models.StatusPage, title)
        try:
            row = status_pages.create_page(act(request), key, title, **data)
        except Refused as refused:
            form.add_error(next((f for f in refused.fields if f in form.fields), None), refused.message)
        else:
            return done(request, f"/status-pages/{row.key}", "The page is there. Now say what it shows.")
    return render(
        request,
        "status/form.html",
        _form(form, "New status page", "/status-pages") | {"intro": _INTRO},
        status=422 if form.errors else 200,
    )


def _form(form: forms.Form, title: str, back: str, page: models.StatusPage | None = None) -> dict[str, Any]:
    groups = (
        page.components.exclude(group="").order_by("group").values_list("group", flat=True).distinct()
        if page
        else ()
    )
    return {
        "form": form,
        "title": title,
        "back": back,
        "from": page.title if page else "",
        "groups": list(groups),
    }


def page(request: HttpRequest, key: str) -> HttpResponse:
    """Components with their states, and what there is to look at."""
    return render(request, "status/edit.html", _overview(status_pages.find_page(key), act(request)))


def _overview(row: models.StatusPage, doing: Act) -> dict[str, Any]:
    edits = may(doing.who, "status.edit")
    directory = Directory(doing.at)
    shown = page_snapshot(row, doing.at, history=False)
    context = present_editor.head(row, "components") | {
        "may_edit": edits,
        "states": present.STATES,
        "posts": present.posts(doing.who, row.id),
        "findings": page_health.look(row, doing.who, doing.at, shown),
        "closed": page_rights.closed_to(row.id, doing.who) if edits else [],
    }
    context |= present.editor(row, shown) | {
        "changes": present.changes(row, directory.name),
        "proposals": present.proposals(row.id),
    }
    return context


@posts
def states(request: HttpRequest, key: str) -> HttpResponse:
    """Fields are component.<id> with the state wanted; one reason for all that change."""
    row, doing = status_pages.find_page(key), act(request)
    reason = request.POST.get("reason", "").strip()
    wanted = {
        k.removeprefix("component."): str(v) for k, v in request.POST.items() if k.startswith("component.")
    }
    rows = audience_pages.settable(row).filter(id__in=list(wanted)[:500])
    changed = [(c.id, wanted[c.id]) for c in rows if c.state != wanted[c.id]]
    glass = request.POST.get("break_glass", "")
    try:
        if changed and not reason:
            said = "Say why the state changes: your colleagues see it beside the change."
            raise bad("state.reason", said, reason="missing")
        status_pages.set_states(doing, dict(changed), reason, glass)
    except Refused as refused:
        context = _overview(row, doing) | {
            "refused": refused,
            "typed": {"reason": reason, "break_glass": glass},
        }
        for group in context["groups"]:
            for one in group["components"]:
                one["chosen"] = wanted.get(one["id"], one["state"])
        return render(request, "status/edit.html", context, status=422)
    said = f"{len(changed)} changed; published within seconds." if changed else "Nothing was changed."
    return done(request, f"/status-pages/{row.key}", said)


class ComponentForm(forms.Form):
    name = forms.CharField(
        max_length=120, label="Name", help_text="What customers call it, not what you call it."
    )
    group = forms.CharField(
        max_length=120, required=False, label="Group",
        help_text="Choose one, or type a new name: components of one group stand together.",
        widget=forms.TextInput(attrs={"list": "groups", "autocomplete": "off"}),
    )  # fmt: skip
    description = forms.CharField(max_length=500, required=False, label="What it is, in one line")
    services = forms.MultipleChoiceField(
        required=False, label="Made of these services", widget=forms.CheckboxSelectMultiple
    )
    rule = forms.TypedChoiceField(
        required=False, empty_value=None, initial="propose", label="What alerts of these services do here",
        widget=forms.RadioSelect,
        choices=[("off", "Nothing: people set the state"), ("propose", "Propose a state, which a person publishes"),
                 ("publish", "Publish it at once; never over a state that a person set")],
    )  # fmt: skip
    hold_down_seconds = forms.IntegerField(
        required=False, min_value=0, max_value=int(LONGEST_HOLD_DOWN.total_seconds()), initial=600,
        label="Seconds without an alert before it is well", help_text="600 is ten minutes.",
    )  # fmt: skip
    position = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=10_000,
        label="Place",
        help_text="0 is at the top. Easier to set under Order.",
    )

    parent = forms.ChoiceField(
        required=False, widget=LongSelect, label="Part of",
        help_text="What it is a part of shows the worst of its parts.",
    )  # fmt: skip
    depends_on = forms.MultipleChoiceField(
        required=False, label="Depends on", widget=forms.CheckboxSelectMultiple,
        help_text="Shown beside it; it changes no state.",
    )  # fmt: skip
    names = names_field()
    field_order = (
        "name",
        "group",
        "description",
        "parent",
        "services",
        "rule",
        "hold_down_seconds",
        "depends_on",
        "names",
        "position",
    )

    def __init__(self, *args: Any, page: models.StatusPage, own: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = [(c, name) for c, name in page.components.values_list("id", "name") if c != own]
        self.fields["parent"].choices = [("", "Nothing, it stands for itself"), *others]  # type: ignore[attr-defined]
        self.fields["depends_on"].choices = others  # type: ignore[attr-defined]
        self.fields["services"].choices = list(models.Service.objects.values_list("key", "name")[:500])  # type: ignore[attr-defined]

    def clean_names(self) -> dict[str, str]:
        return named_in_languages(self.cleaned_data["names"])


def new_component(request: HttpRequest, key: str) -> HttpResponse:
    row = status_pages.find_page(key)
    form = ComponentForm(request.POST or None, page=row)
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        try:
            made = status_pages.create_component(act(request), row.key, data.pop("name"), **data)
        except Refused as refused:
            form.add_error(next((f for f in refused.fields if f in form.fields), None), refused.message)
        else:
            return done(request, f"/status-pages/{row.key}", f"{made.name} is on the page.")
    context = _form(form, "New component", f"/status-pages/{row.key}", row)
    return render(request, "status/form.html", context, status=422 if form.errors else 200)


def component(request: HttpRequest, component_id: str) -> HttpResponse:
    row = status_pages.find_component(component_id)
    kept = ("name", "group", "description", "position", "rule", "hold_down_seconds")
    first = {n: getattr(row, n) for n in kept}
    first["services"] = list(row.services.values_list("key", flat=True))
    first |= component_tree.linked(row)
    first["names"] = "\n".join(f"{language}: {name}" for language, name in sorted(row.names.items()))
    form = ComponentForm(request.POST or None, initial=first, page=row.page, own=row.id)
    back = f"/status-pages/{row.page.key}"
    if request.method == "POST" and form.is_valid():
        try:
            status_pages.update_component(act(request), row.id, **form.cleaned_data)
        except Refused as refused:
            form.add_error(next((f for f in refused.fields if f in form.fields), None), refused.message)
        else:
            return done(request, back, "Saved.")
    context = _form(form, row.name, back, row.page) | {"removes": f"/status-pages/components/{row.id}/remove"}
    context["closed"] = row.state != "operational" and page_rights.closed_to(row.page_id, act(request).who)
    return render(request, "status/form.html", context, status=422 if form.errors else 200)


@posts
def remove_component(request: HttpRequest, component_id: str) -> HttpResponse:
    row = status_pages.find_component(component_id)
    status_pages.remove_component(
        act(request), row.id, request.POST.get("reason", ""), request.POST.get("break_glass", "")
    )
    said = f"{row.name} is off the page. The history brings it back."
    return done(request, f"/status-pages/{row.page.key}", said)


@posts
def proposal(request: HttpRequest, component_id: str) -> HttpResponse:
    """Publish the state that alerts propose, or keep the page as it is."""
    doing, what = act(request), request.POST.get("act", "")
    if what == "accept":
        row = component_rules.accept(doing, component_id, request.POST.get("break_glass", ""))
        said = f"{row.name}: published within seconds."
    elif what == "dismiss":
        row = component_rules.dismiss(doing, component_id)
        said = f"{row.name} stays as it is until its alerts have been quiet."
    else:
        raise bad("proposal.act", "Choose to publish or to dismiss what is proposed.")
    return done(request, back(request, "/status-pages"), said)


_EDIT = "status.edit"
ROUTES = [
    route("status-pages", listing, name="status-pages", permission="status.read"),
    route("status-pages/new", new, name="status-page-new", permission=_EDIT),
    route("status-pages/components/<str:component_id>", component, name="component", permission=_EDIT),
    route(
        "status-pages/components/<str:component_id>/remove",
        remove_component,
        name="component-remove",
        permission=_EDIT,
    ),
    route(
        "status-pages/components/<str:component_id>/proposal",
        proposal,
        name="component-proposal",
        permission=_EDIT,
    ),
    route("status-pages/<str:key>", page, name="status-page", permission="status.read"),
    route("status-pages/<str:key>/states", states, name="status-page-states", permission=_EDIT),
    route("status-pages/<str:key>/components/new", new_component, name="component-new", permission=_EDIT),
]
