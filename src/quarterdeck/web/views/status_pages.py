"""Status pages for those who look after them: what each says, its components, setting a state by hand."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from quarterdeck.app import audience_pages, component_rules, status_pages
from quarterdeck.app.directory import Directory
from quarterdeck.core.access import may
from quarterdeck.core.kernel.refused import Refused, bad
from quarterdeck.core.status.propose import LONGEST_HOLD_DOWN
from quarterdeck.store import models
from quarterdeck.web.acting import act, back, done, posts
from quarterdeck.web.present import status as present
from quarterdeck.web.routes import route
from quarterdeck.web.widgets import LongSelect

from .schedule_setup import free_slug, zones


def listing(request: HttpRequest) -> HttpResponse:
    doing = act(request)
    rows = list(models.StatusPage.objects.all()[:100])
    context = {
        "pages": present.pages(rows, settings.QUARTERDECK_PUBLIC_URL),
        "proposals": present.proposals(),
        "posts": present.posts(doing.who),
        "may_edit": may(doing.who, "status.edit"),
    }
    return render(request, "status/index.html", context)


class PageForm(forms.Form):
    title = forms.CharField(max_length=120, label="Title", help_text="Your name as customers know it.")
    description = forms.CharField(max_length=500, required=False, label="One sentence under it")
    timezone = forms.ChoiceField(
        choices=zones, widget=LongSelect, label="Time zone", help_text="In which its days begin."
    )
    support_url = forms.CharField(
        max_length=2000, required=False, label="Where customers get help", help_text="https:// or mailto:"
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
        _form(form, "New status page", "/status-pages"),
        status=422 if form.errors else 200,
    )


def _form(form: forms.Form, title: str, back: str) -> dict[str, Any]:
    return {"form": form, "title": title, "back": back}


def page(request: HttpRequest, key: str) -> HttpResponse:
    """Components with their states; the tab `look` has the page's own words."""
    row, doing = status_pages.find_page(key), act(request)
    edits = may(doing.who, "status.edit")
    tab = "look" if request.GET.get("tab") == "look" and edits else "components"
    directory = Directory(doing.at)
    context = _head(row, tab) | {
        "may_edit": edits,
        "states": present.STATES,
        "posts": present.posts(doing.who, row.id),
    }
    context |= present.editor(row, doing.at) | {
        "changes": present.changes(row, directory.name),
        "proposals": present.proposals(row.id),
    }
    if tab == "look":
        first = {n: getattr(row, n) for n in ("title", "description", "timezone", "support_url")}
        context["form"] = PageForm(initial=first)
    return render(request, "status/edit.html", context)


def _head(row: models.StatusPage, tab: str) -> dict[str, Any]:
    url = f"/status-pages/{row.key}"
    return {
        "page": {
            "name": row.title,
            "key": row.key,
            "url": url,
            "new_component": f"{url}/components/new",
            "public_path": f"/status/{row.key}/",
            "public_url": f"{settings.QUARTERDECK_PUBLIC_URL}/status/{row.key}/",
            "published_at": row.published_at,
            "waiting": row.revision > row.published,
        },
        "tab": tab,
        "tabs": [
            {"key": "components", "label": "Components", "href": url},
            {"key": "look", "label": "Name and help", "href": f"{url}?tab=look"},
            {"key": "access", "label": "Access", "href": f"{url}/access"},
            {"key": "shown", "label": "From other pages", "href": f"{url}/components/choose"},
            {"key": "import", "label": "Take over", "href": f"{url}/import"},
        ],
    }


def look(request: HttpRequest, key: str) -> HttpResponse:
    row, doing = status_pages.find_page(key), act(request)
    if request.method != "POST":
        return HttpResponseRedirect(f"/status-pages/{row.key}?tab=look")
    form = PageForm(request.POST)
    if form.is_valid():
        try:
            status_pages.update_page(doing, row.key, **form.cleaned_data)
        except Refused as refused:
            form.add_error(next((f for f in refused.fields if f in form.fields), None), refused.message)
        else:
            return done(
                request, f"/status-pages/{row.key}?tab=look", "Saved. It is published within seconds."
            )
    context = _head(row, "look") | {"form": form, "may_edit": True} | present.editor(row, doing.at)
    return render(request, "status/edit.html", context, status=422)


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
    if changed and not reason:
        raise bad(
            "state.reason",
            "Say why the state changes: your colleagues see it beside the change.",
            reason="missing",
        )
    for component_id, state in changed:
        status_pages.set_state(doing, component_id, state, reason)
    said = f"{len(changed)} changed; published within seconds." if changed else "Nothing was changed."
    return done(request, f"/status-pages/{row.key}", said)


class ComponentForm(forms.Form):
    name = forms.CharField(
        max_length=120, label="Name", help_text="What customers call it, not what you call it."
    )
    group = forms.CharField(
        max_length=120, required=False, label="Group", help_text="Components of one group stand together."
    )
    description = forms.CharField(max_length=500, required=False, label="What it is, in one line")
    services = forms.MultipleChoiceField(required=False, label="Made of these services")
    rule = forms.TypedChoiceField(
        required=False, empty_value=None, initial="propose", label="What alerts of these services do here",
        widget=forms.RadioSelect,
        choices=[("off", "Nothing: people set the state"), ("propose", "Propose a state, which a person publishes"),
                 ("publish", "Publish it at once; never over a state that a person set")],
    )  # fmt: skip
    hold_down_seconds = forms.IntegerField(
        required=False, min_value=0, max_value=int(LONGEST_HOLD_DOWN.total_seconds()), initial=600,
        label="Quiet seconds before it is better", help_text="How long its alerts must be over: 600 is ten minutes.",
    )  # fmt: skip
    position = forms.IntegerField(
        required=False, min_value=0, max_value=10_000, label="Place", help_text="0 is at the top."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["services"].choices = list(models.Service.objects.values_list("key", "name")[:500])  # type: ignore[attr-defined]


def new_component(request: HttpRequest, key: str) -> HttpResponse:
    row = status_pages.find_page(key)
    form = ComponentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        try:
            made = status_pages.create_component(act(request), row.key, data.pop("name"), **data)
        except Refused as refused:
            form.add_error(next((f for f in refused.fields if f in form.fields), None), refused.message)
        else:
            return done(request, f"/status-pages/{row.key}", f"{made.name} is on the page.")
    context = _form(form, f"New component of {row.title}", f"/status-pages/{row.key}")
    return render(request, "status/form.html", context, status=422 if form.errors else 200)


def component(request: HttpRequest, component_id: str) -> HttpResponse:
    row = status_pages.find_component(component_id)
    kept = ("name", "group", "description", "position", "rule", "hold_down_seconds")
    first = {n: getattr(row, n) for n in kept}
    first["services"] = list(row.services.values_list("key", flat=True))
    form = ComponentForm(request.POST or None, initial=first)
    back = f"/status-pages/{row.page.key}"
    if request.method == "POST" and form.is_valid():
        try:
            status_pages.update_component(act(request), row.id, **form.cleaned_data)
        except Refused as refused:
            form.add_error(next((f for f in refused.fields if f in form.fields), None), refused.message)
        else:
            return done(request, back, "Saved.")
    return render(
        request, "status/form.html", _form(form, row.name, back), status=422 if form.errors else 200
    )


@posts
def proposal(request: HttpRequest, component_id: str) -> HttpResponse:
    """Publish the state that alerts propose, or keep the page as it is."""
    doing, what = act(request), request.POST.get("act", "")
    if what == "accept":
        row = component_rules.accept(doing, component_id)
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
        "status-pages/components/<str:component_id>/proposal",
        proposal,
        name="component-proposal",
        permission=_EDIT,
    ),
    route("status-pages/<str:key>", page, name="status-page", permission="status.read"),
    route("status-pages/<str:key>/states", states, name="status-page-states", permission=_EDIT),
    route("status-pages/<str:key>/look", look, name="status-page-look", permission=_EDIT),
    route("status-pages/<str:key>/components/new", new_component, name="component-new", permission=_EDIT),
]
