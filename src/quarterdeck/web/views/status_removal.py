"""Deleting a status page for good: what goes, what stays, what stands against it, and the form that does it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from quarterdeck.app.paging.directory import Directory
from quarterdeck.app.status import page_removal, publish_targets, status_pages
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.kernel.text import counted
from quarterdeck.store import models
from quarterdeck.web import confirming
from quarterdeck.web.acting import act, done, posts
from quarterdeck.web.routes import route

_EDIT = "status.edit"
_GOODBYE = (
    "This status page is closed for good. This is the last message you get by it; you need not do anything."
)


class RemovalForm(forms.Form):
    tell = forms.BooleanField(required=False, label="Tell its subscribers by one last mail")
    farewell = forms.CharField(
        required=False, max_length=page_removal.LONGEST_FAREWELL, label="What the mail says",
        widget=forms.Textarea(attrs={"rows": 3}), help_text="Its first line is the subject, too.",
    )  # fmt: skip
    reason = forms.CharField(
        required=False, max_length=300, label="Why", help_text="It stands in the audit log.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    key = forms.CharField(
        max_length=60, label="The page\u2019s key", widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    confirm = forms.CharField(
        required=False, strip=False, max_length=512, label="Your own password, or a code",
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": confirming.LAPSED},
    )  # fmt: skip

    def __init__(self, *args: Any, page: models.StatusPage, told: int, proven: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["confirm"].required = not proven
        self.fields["key"].help_text = f"Type {page.key} to say that you mean this page."
        self.fields["tell"].help_text = f"It goes to {counted(told, 'subscriber')} by mail, now."


def delete(request: HttpRequest, key: str) -> HttpResponse:
    row, doing = status_pages.find_page(key), act(request)
    found = page_removal.preview(row, doing.who)
    given = request.POST if request.method == "POST" else None
    proven = confirming.proven(request)
    form = RemovalForm(given, page=row, told=found.told, proven=proven, initial={"farewell": _GOODBYE})
    if given is not None and form.is_valid():
        data = form.cleaned_data
        try:
            confirming.confirm(request, data["confirm"])
            page_removal.delete(
                doing, row.key, data["key"], reason=data["reason"], proven=True,
                farewell=_farewell(data) if found.told else "",
            )  # fmt: skip
        except Refused as refused:
            form.add_error(next((f for f in refused.fields if f in form.fields), None), refused.message)
        else:
            return done(request, "/status-pages", f"{row.title} is deleted. Its files are being taken away.")
    context = {
        "page": {"name": row.title, "url": f"/status-pages/{row.key}", "key": row.key},
        "form": form,
        "goes": page_removal.in_words(found.goes),
        "stays": page_removal.in_words(found.stays),
        "reasons": found.reasons,
        "told": found.told,
        "proven": proven,
    }
    return render(request, "status/delete.html", context, status=422 if form.errors else 200)


def _farewell(data: dict[str, Any]) -> str:
    if not data["tell"]:
        return ""
    if not data["farewell"].strip():
        raise Refused(
            "page.farewell", "Say what the mail says, or tell them nothing.", fields={"farewell": "Empty."}
        )
    return str(data["farewell"])


@posts
def leave_there(request: HttpRequest, page_id: str, target_id: str) -> HttpResponse:
    publish_targets.give_up(act(request), page_id, target_id)
    return done(request, "/status-pages", "What is there stays. Take it away by hand if it must go.")


def shown(now: Any) -> list[dict[str, Any]]:
    """Deleted pages for the list of pages: the last ones, and where their files may still be."""
    names = Directory(now)
    return [
        {
            "name": row.page.title,
            "key": row.key,
            "at": row.at,
            "by": names.name(row.by) if row.by else "",
            "reason": row.reason,
            "purged": row.purged_at is not None,
            "targets": [
                {
                    "name": t.name,
                    "failure": t.failure,
                    "url": f"/status-pages/deleted/{row.page_id}/targets/{t.id}/leave",
                }
                for t in row.page.targets.all()
            ],
        }
        for row in page_removal.deleted(10)
    ]


ROUTES = [
    route("status-pages/<str:key>/delete", delete, name="status-page-delete", permission=_EDIT),
    route(
        "status-pages/deleted/<str:page_id>/targets/<str:target_id>/leave",
        leave_there,
        name="status-page-deleted-leave",
        permission=_EDIT,
    ),
]
