"""Form fields with label, control, hint and error tied together. Never drops what somebody typed."""

from __future__ import annotations

from typing import Any

from django.forms import (
    BoundField,
    CheckboxInput,
    CheckboxSelectMultiple,
    RadioSelect,
    Select,
    SelectMultiple,
)
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from quarterdeck.web.templatetags.marks import icon


def _errors(bound: BoundField) -> SafeString:
    return format_html_join(
        "",
        '<p class="error" id="{}_error">{}<span>{}</span></p>',
        ((bound.auto_id, icon("octagonx"), " ".join(bound.errors)),) if bound.errors else (),
    )


def _control(bound: BoundField, css: str, described: list[str], keep: bool) -> SafeString:
    attributes: dict[str, Any] = {"class": css} if css else {}
    attributes["aria-describedby"] = " ".join(described) or False
    if bound.errors:
        attributes["aria-invalid"] = "true"
    if keep:
        attributes["data-keep"] = True
    placeholder = str(bound.field.widget.attrs.get("placeholder", "")).lower()
    if placeholder and (placeholder in str(bound.label).lower() or str(bound.label).lower() in placeholder):
        attributes["placeholder"] = False  # one that repeats the label is noise
    return bound.as_widget(attrs=attributes)


MANY = 8  # more choices than this get a field to filter them


def _segments(bound: BoundField) -> SafeString:
    """A few short words side by side, one of them chosen."""
    rows = format_html_join("", "<label>{}{}</label>", ((w.tag(), w.choice_label) for w in bound.subwidgets))
    return format_html('<div class="seg seg--field">{}</div>', rows)


def _filter(bound: BoundField) -> SafeString:
    """A field that narrows a long list of boxes; only scripts can, so it appears with them."""
    if len(bound.field.choices) <= MANY:
        return SafeString("")
    return format_html(
        '<input class="input input--filter" type="search" data-filter-choices aria-label="{}" placeholder="{}"'
        ' autocomplete="off" hidden>',
        gettext("Filter: %(label)s") % {"label": bound.label},
        gettext("Type to filter"),
    )


def _choices(bound: BoundField, hint: SafeString, error: SafeString, css: str, shape: str = "") -> SafeString:
    """Radios and boxes: a fieldset whose legend is the label. `shape`: "seg" or "grid", else one below the other."""
    kind = "radio" if isinstance(bound.field.widget, RadioSelect) else "box"
    rows = format_html_join(
        "",
        '<label class="choice choice--{}" for="{}">{}<span>{}</span></label>',
        ((kind, w.id_for_label, w.tag(), w.choice_label) for w in bound.subwidgets),
    )
    described = format_html(' aria-describedby="{}_error"', bound.auto_id) if bound.errors else ""
    optional = SafeString("")
    if shape and not bound.field.required:
        optional = format_html(' <span class="opt">{}</span>', gettext("optional"))
    body = format_html('<div class="choices{}">{}</div>', " choices--grid" if shape == "grid" else "", rows)
    if shape == "seg":
        body = _segments(bound)
    elif shape == "grid":
        body = _filter(bound) + body
    return format_html(
        '<fieldset class="{}"{}><legend class="label">{}{}</legend>{}{}{}</fieldset>',
        css,
        described,
        bound.label,
        optional,
        body,
        hint,
        error,
    )


def field(
    bound: BoundField, hint: str = "", wide: bool = False, keep: bool = False, shape: str = ""
) -> SafeString:
    """One field: label above, control, hint, then the error in words. `wide` spans the form; `keep` saves drafts."""
    widget = bound.field.widget
    if widget.is_hidden:
        return format_html("{}", bound)
    help_text = hint or bound.help_text
    hint_html = (
        format_html('<div class="hint" id="{}_hint">{}</div>', bound.auto_id, help_text) if help_text else ""
    )
    error = _errors(bound)
    css = "field" + (" has-error" if bound.errors else "") + (" form__full" if wide else "")
    if isinstance(widget, RadioSelect | CheckboxSelectMultiple):
        return _choices(bound, hint_html, error, css, shape)
    described = [f"{bound.auto_id}_hint"] * bool(help_text) + [f"{bound.auto_id}_error"] * bool(bound.errors)
    if isinstance(widget, CheckboxInput):
        return format_html(
            '<div class="{}"><label class="choice choice--box" for="{}">{}<span>{}</span></label>{}{}</div>',
            css,
            bound.id_for_label,
            _control(bound, "", described, keep),
            bound.label,
            hint_html,
            error,
        )
    control = _control(bound, _input_class(widget), described, keep)
    optional = (
        "" if bound.field.required else format_html(' <span class="opt">{}</span>', gettext("optional"))
    )
    return format_html(
        '<div class="{}"><label for="{}">{}{}</label>{}{}{}</div>',
        css,
        bound.id_for_label,
        bound.label,
        optional,
        control,
        hint_html,
        error,
    )


def _input_class(widget: Any) -> str:
    if isinstance(widget, SelectMultiple):
        return "input input--multi"
    return "input input--select" if isinstance(widget, Select) else "input"


def form_errors(form: Any) -> SafeString:
    """The summary above a form: how many, one link per field; empty when all is well."""
    if not form or not getattr(form, "errors", None):
        return SafeString("")
    count = sum(len(e) for e in form.errors.values())
    title = ngettext(
        "One thing to correct, nothing you typed is lost",
        "%(count)s things to correct, nothing you typed is lost",
        count,
    ) % {"count": count}
    loose = format_html_join("", "<li>{}</li>", ((e,) for e in form.non_field_errors()))
    linked = format_html_join(
        "",
        '<li><a href="#{}">{}</a>: {}</li>',
        (
            (form[n].id_for_label, form[n].label, " ".join(e))
            for n, e in form.errors.items()
            if n in form.fields
        ),
    )
    return format_html(
        '<div class="summary form__full" role="alert"><p class="summary__title">{}{}</p><ul>{}{}</ul></div>',
        icon("octagonx"),
        title,
        loose,
        linked,
    )
