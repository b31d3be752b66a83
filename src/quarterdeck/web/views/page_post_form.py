"""The forms of posts on a status page: which fields each kind of post has, and what is said where one is missing."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from quarterdeck.channels.status_site import markup
from quarterdeck.core.status.posting import ENDS, WORDS
from quarterdeck.core.status.words import label

_CHOICES = [(w, label(w)) for w in WORDS]
# The fields of the form for each thing that is posted, in their order.
_FIELDS = {
    "new": ("title", "status", "body", "next_update_at", "reason", "tell"),
    "past": ("title", "body", "started_at", "ended_at", "reason", "tell"),
    "update": ("status", "body", "next_update_at", "title", "tell"),
    "correction": ("corrects", "body", "tell"),
    "summary": ("body", "tell"),
}
# What has to be said, with what is said where it is missing.
_MUST = {
    "title": "Say in one line what it is about: readers see it as the headline.",
    "body": "Say what customers notice and what you do about it.",
    "next_update_at": "Say when the next update comes, or that it is resolved.",
    "reason": "Say why no incident is declared for it: your colleagues read it in the audit trail.",
    "started_at": "Say when it began.",
    "ended_at": "Say when it was over.",
    "corrects": "Choose the post that is corrected.",
    "status": "Choose the status.",
}


def _glass() -> forms.CharField:
    return forms.CharField(
        required=False,
        max_length=300,
        label="Why you break the glass",
        help_text="An incident is told on this page: its status page manager and its commander post now. If none of "
        "them can, say why you do; it is kept.",
    )


class _Moment(forms.TextInput):
    input_type = "datetime-local"


class PostForm(forms.Form):
    """Limits are said by the core, so that nothing is cut while it is typed."""

    use_required_attribute = False

    title = forms.CharField(
        required=False,
        label="Headline",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="What readers see first. No names of machines or people.",
    )
    status = forms.ChoiceField(required=False, label="Status", choices=_CHOICES)
    corrects = forms.ChoiceField(required=False, label="Which post is wrong")
    body = forms.CharField(
        required=False,
        label="What customers notice, and what you do",
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="Markdown: **bold**, lists, links.",
    )
    next_update_at = forms.CharField(
        required=False,
        label="Next update at",
        widget=_Moment,
        help_text="Left out only when it is resolved.",
    )
    started_at = forms.CharField(required=False, label="It began", widget=_Moment)
    ended_at = forms.CharField(required=False, label="It was over", widget=_Moment)
    reason = forms.CharField(
        required=False,
        max_length=300,
        label="Why no incident is declared",
        help_text="For your colleagues and the audit trail; customers never see it.",
    )
    tell = forms.BooleanField(required=False, label="Tell the subscribers")
    break_glass = _glass()
    token = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)

    def __init__(
        self, what: str, *args: Any, posts: Any = (), closed: bool = False, ends: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        shown = [*_FIELDS[what], *(["break_glass"] if closed else []), "token"]
        for name in set(self.fields) - {*shown}:
            del self.fields[name]
        self.order_fields(shown)
        over = ends or self.data.get("status") == "resolved"
        if ends and "status" in self.fields:
            self.fields["status"].choices = [(w, label(w)) for w in ENDS]  # type: ignore[attr-defined]
        for name, text in _MUST.items():
            if name in self.fields and not (name == "next_update_at" and over):
                self.fields[name].required = True
                self.fields[name].error_messages["required"] = text
        if "corrects" in self.fields:
            choices = [
                (p.id, f"{timezone.localtime(p.at):%d %b %H:%M} · {markup.plain(p.body, 70)}") for p in posts
            ]
            self.fields["corrects"].choices = choices  # type: ignore[attr-defined]
        if what == "update":
            self.fields["title"].label, self.fields["title"].required = "Another headline", False


class WordsForm(forms.Form):
    use_required_attribute = False
    title = forms.CharField(required=False, label="Headline")
    body = forms.CharField(
        label="Text",
        error_messages={"required": "Write what the post says, in this language."},
        widget=forms.Textarea(attrs={"rows": 10}),
    )
    break_glass = _glass()

    def __init__(self, *args: Any, closed: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not closed:
            del self.fields["break_glass"]
