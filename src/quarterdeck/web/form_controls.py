"""Controls of forms written at once: to the letter what Django's templates make of them, several times as fast. Those
ask for a template for each option and another for its attributes. Whatever is not known here is left to them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.utils.formats import localize
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.timezone import template_localtime

_FOLDER = "django/forms/widgets/"
_INPUTS = (
    "input",
    "text",
    "number",
    "email",
    "url",
    "password",
    "hidden",
    "date",
    "time",
    "datetime",
    "checkbox",
)
Widget = Mapping[str, Any]


class Renderer(DjangoTemplates):
    """The FORM_RENDERER of the product."""

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> SafeString:
        control = CONTROLS.get(template_name)
        if control is None:
            return super().render(template_name, context, request)
        return SafeString(control(context["widget"]))


def _input(widget: Widget) -> str:
    value = "" if widget["value"] is None else f' value="{_plain(widget["value"])}"'
    name, attributes = _shown(widget["name"]), _attributes(widget["attrs"])
    return f'<input type="{_shown(widget["type"])}" name="{name}"{value}{attributes}>'


def _labelled(widget: Widget) -> str:
    """A radio or a box of a list of them."""
    if not widget.get("wrap_label"):
        return _input(widget)
    own = widget["attrs"].get("id")
    meant = f' for="{_shown(own)}"' if own else ""
    return f"<label{meant}>{_input(widget)}\n {_shown(widget['label'])}</label>"


def _option(widget: Widget) -> str:
    value = _plain(widget["value"])
    return f'<option value="{value}"{_attributes(widget["attrs"])}>{_shown(widget["label"])}</option>'


def _select(widget: Widget) -> str:
    parts = [f'<select name="{_shown(widget["name"])}"{_attributes(widget["attrs"])}>']
    for group, options, _ in widget["optgroups"]:
        parts += [f'\n  <optgroup label="{_shown(group)}">'] if group else []
        parts += [f"\n  {_option(option)}\n" for option in options]
        parts += ["\n  </optgroup>"] if group else []
    return "".join((*parts, "\n</select>"))


def _textarea(widget: Widget) -> str:
    text = _shown(widget["value"]) if widget["value"] else ""
    return f'<textarea name="{_shown(widget["name"])}"{_attributes(widget["attrs"])}>\n{text}</textarea>'


def _attributes(given: Mapping[str, Any]) -> str:
    return "".join(
        f" {_shown(name)}" if value is True else f' {_shown(name)}="{_plain(value)}"'
        for name, value in given.items()
        if value is not False
    )


def _plain(value: Any) -> str:
    """As `{{ value|stringformat:"s" }}` says it."""
    return conditional_escape(str(value))


def _shown(value: Any) -> str:
    """As `{{ value }}` says it."""
    return conditional_escape(value if isinstance(value, str) else str(localize(template_localtime(value))))


CONTROLS: Mapping[str, Callable[[Widget], str]] = {
    **{f"{_FOLDER}{name}.html": _input for name in _INPUTS},
    **{f"{_FOLDER}{name}_option.html": _labelled for name in ("input", "checkbox", "radio")},
    f"{_FOLDER}select_option.html": _option,
    f"{_FOLDER}select.html": _select,
    f"{_FOLDER}textarea.html": _textarea,
}
