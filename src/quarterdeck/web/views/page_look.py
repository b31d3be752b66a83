"""How a status page looks: its words and brand in one form, beside the page as it would be published with them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from quarterdeck.app.act import Act
from quarterdeck.app.status import page_brand, page_editing, page_preview, status_pages
from quarterdeck.channels.status_site.phrases import LANGUAGES
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.status import domains
from quarterdeck.core.status.pictures import MOST_BYTES
from quarterdeck.store import models
from quarterdeck.web.acting import act, done
from quarterdeck.web.edge_answers import POLICY
from quarterdeck.web.present import page_editor as present
from quarterdeck.web.routes import route
from quarterdeck.web.widgets import LongSelect

from .schedule_setup import zones

_WORDS = ("title", "description", "timezone", "support_url")
_NAMES = [(code, language.name) for code, language in LANGUAGES.items()]
_PICTURE = "PNG, WebP or SVG, at most 64 KiB."


class PageForm(forms.Form):
    title = forms.CharField(max_length=120, label="Title", help_text="Your name as customers know it.")
    description = forms.CharField(max_length=500, required=False, label="One sentence under it")
    timezone = forms.ChoiceField(
        choices=zones, widget=LongSelect, label="Time zone", help_text="In which its days begin."
    )
    support_url = forms.CharField(
        max_length=2000, required=False, label="Where customers get help", help_text="https:// or mailto:"
    )


def _text(label: str, hint: str, rows: int, css: str = "") -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows, "spellcheck": "false"} if css else {"rows": rows})
    return forms.CharField(required=False, label=label, help_text=hint, widget=widget, max_length=20_000)


class LookForm(PageForm):
    """Fields that a request does not name stay as they are."""

    accent = forms.CharField(
        max_length=20, required=False, label="Colour", help_text="As #0c766d. Links and buttons have it."
    )
    accent_dark = forms.CharField(
        max_length=20, required=False, label="Colour on dark", help_text="Empty: made from the other."
    )
    logo = forms.FileField(required=False, label="Logo", help_text=_PICTURE)
    favicon = forms.FileField(required=False, label="Favicon", help_text=_PICTURE)
    header_text = _text("Text at the top", "Markdown as in posts.", 3)
    footer_text = _text("Text at the bottom", "Markdown as in posts.", 3)
    languages = forms.MultipleChoiceField(
        required=False, choices=_NAMES, label="Languages", widget=forms.CheckboxSelectMultiple
    )
    first_language = forms.ChoiceField(
        required=False,
        choices=_NAMES,
        label="First language",
        help_text="Whoever opens the address reads this one.",
    )
    home_url = forms.CharField(
        max_length=2000, required=False, label="Where the logo leads", help_text="https://"
    )
    domain = forms.CharField(
        max_length=253,
        required=False,
        label="Domain of its own",
        help_text="status.example.com; empty: the address here.",
    )
    css = _text(
        "Style sheet",
        "Colours, type, spacing and edges. What could fetch, run or hide is refused.",
        6,
        "code",
    )
    social_preview = forms.BooleanField(required=False, label="A preview picture where the address is shared")
    reason = forms.CharField(max_length=300, required=False, label="Why it changes", help_text="For the history."
    )  # fmt: skip


def look(request: HttpRequest, key: str) -> HttpResponse:
    """The editor. POST saves; what is wrong stands beside its field, and a picture that was given is kept."""
    row, doing = status_pages.find_page(key), act(request)
    if request.method != "POST":
        return editor(request, row, LookForm(initial=_first(row)), {})
    form, held = _posted(request, row, doing)
    edit = _edit(request, form, row, held) if form.is_valid() else None
    if edit is not None:
        try:
            changed = page_editing.put_in_force(doing, row.key, edit)
        except Refused as refused:
            _beside(form, refused)
        else:
            said = "Saved. It is published within seconds." if changed else "Nothing was changed."
            return done(request, f"/status-pages/{row.key}/look", said, f"/status-pages/{row.key}/look")
    return editor(request, row, form, held, 422)


def preview(request: HttpRequest, key: str) -> HttpResponse:
    """The page with what is in the form, for a frame; GET as it is stored. Changes nothing."""
    row, doing = status_pages.find_page(key), act(request)
    edit, given = page_editing.Edit(), request.GET
    if request.method == "POST":
        given = request.POST
        form, held = _posted(request, row, doing, hold=False)
        if not form.is_valid():
            return _cannot(present.wrong(form))
        edit = _edit(request, form, row, held)
    try:
        text = page_preview.preview(
            doing, row.key, edit, given.get("pv_language", ""), given.get("pv_theme", "")
        )
    except Refused as refused:
        return _cannot([refused.message])
    return _framed(HttpResponse(text))


@require_safe
def picture(request: HttpRequest, key: str, which: str) -> HttpResponse:
    row = page_brand.shown_picture(status_pages.find_page(key), which)
    answer = HttpResponse(bytes(row.content), content_type=row.media_type)
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer["Cache-Control"] = "private, no-store"
    return answer


def editor(
    request: HttpRequest, row: models.StatusPage, form: forms.Form, held: dict[str, str], status: int = 200
) -> HttpResponse:
    brand = page_brand.of(row)
    host = urlsplit(settings.QUARTERDECK_PUBLIC_URL).netloc
    context = present.head(row, "look") | {
        "form": form,
        "held": held,
        "base": request.POST.get("base") or present.newest(row),
        "brand": brand,
        "languages": page_preview.languages(brand.languages or ["en"]),
        "steps": domains.steps(brand.domain, host, row.key, str(settings.QUARTERDECK_STATUS))
        if brand.domain
        else (),
    }
    answer = render(request, "status/look.html", context, status=status)
    answer["Content-Security-Policy"] = POLICY.decode() + "; frame-src 'self'"
    return answer


def _first(row: models.StatusPage) -> dict[str, Any]:
    brand = page_brand.of(row)
    spoken = brand.languages or ["en"]
    return (
        {n: getattr(row, n) for n in _WORDS}
        | {n: getattr(brand, n) for n in page_brand.FIELDS}
        | {"languages": spoken, "first_language": spoken[0]}
    )


def _posted(
    request: HttpRequest, row: models.StatusPage, doing: Act, *, hold: bool = True
) -> tuple[LookForm, dict[str, str]]:
    """The form with what was sent, and the pictures it gave: a browser sends a file once, so it is kept here."""
    data = request.POST.copy()
    for name, value in _first(row).items():
        if name not in data and not (data.get("whole") and name in ("languages", "social_preview")):
            data.setlist(name, value if isinstance(value, list) else [value])
    form, held = LookForm(data, request.FILES), {}
    for name in page_brand.PICTURES:
        given = request.FILES.get(name)
        held[name] = request.POST.get(f"{name}_held", "")[:64]
        if given is None or isinstance(given, list):
            continue
        try:
            if hold:
                held[name] = page_brand.hold(doing, row, name, given.read(MOST_BYTES + 1))
        except Refused as refused:
            _beside(form, refused)
    return form, held


def _edit(
    request: HttpRequest, form: forms.Form, row: models.StatusPage, held: dict[str, str]
) -> page_editing.Edit:
    data = form.cleaned_data
    spoken = [c for c in data["languages"] if c != data["first_language"]]
    if data["first_language"] in data["languages"] or not data["languages"]:
        spoken.insert(0, data["first_language"] or "en")
    brand = {n: data[n] for n in page_brand.FIELDS} | {"languages": spoken}
    for name in page_brand.PICTURES:
        given = request.FILES.get(name)
        if request.POST.get(f"{name}_gone"):
            brand[name] = b""
        elif held[name]:
            brand[name] = page_brand.picture(row, held[name]) or None
        elif given is not None and not isinstance(given, list):
            given.seek(0)
            brand[name] = given.read(MOST_BYTES + 1)
    base = request.POST.get("base", "")
    known = int(base) if base.isascii() and base.isdigit() and len(base) < 7 else None
    return page_editing.Edit({n: data[n] for n in _WORDS}, brand, data["reason"], known)


def _beside(form: forms.Form, refused: Refused) -> None:
    """A refusal beside the field it is about; above the form where it is about none."""
    name = next((f for f in refused.fields if f in form.fields), None)
    form.add_error(name, refused.message)


def _cannot(said: list[str]) -> HttpResponse:
    return _framed(HttpResponse(present.cannot(said), status=422))


def _framed(answer: HttpResponse) -> HttpResponse:
    answer["Content-Security-Policy"] = page_preview.POLICY
    answer["Cache-Control"] = "private, no-store"
    return answer


_EDIT = "status.edit"
ROUTES = [
    route("status-pages/<str:key>/look", look, name="status-page-look", permission=_EDIT),
    route("status-pages/<str:key>/preview", preview, name="status-page-preview", permission=_EDIT),
    route(
        "status-pages/<str:key>/pictures/<str:which>",
        picture,
        name="status-page-picture",
        permission="status.read",
    ),
]
