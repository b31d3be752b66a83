"""Controls of forms that Django's own draw too slowly. Nothing here decides what is valid."""

from __future__ import annotations

from typing import Any

from django.forms import Select
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


class LongSelect(Select):
    """A select with hundreds of plain choices, written at once rather than by a template for each of them."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        chosen = set(self.format_value(value))
        options = format_html_join(
            "\n",
            '<option value="{}"{}>{}</option>',
            ((v, SafeString(" selected") if str(v) in chosen else "", text) for v, text in self.choices),
        )
        built = flatatt(self.build_attrs(self.attrs, attrs))
        return format_html('<select name="{}"{}>{}</select>', name, built, options)
