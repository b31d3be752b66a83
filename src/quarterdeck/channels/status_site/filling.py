"""Templates filled with plain values, everything escaped, and the policy that keeps the result inert."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.template import Context, Engine

from .settings import SiteSettings

_TEMPLATES = Path(__file__).with_name("templates")
Fields = dict[str, Any]


def policy(settings: SiteSettings) -> str:
    """The content security policy of the site: its own style sheet, script and pictures, and where its form goes."""
    parts = urlsplit(settings.subscribe_url)
    form = f"{parts.scheme}://{parts.netloc}" if settings.subscribe_url else "'none'"
    own = "script-src 'self'; style-src 'self'; img-src 'self'"
    return f"default-src 'none'; {own}; form-action {form}; base-uri 'none'"


def fill(template: str, fields: Mapping[str, Any]) -> bytes:
    """A template with its fields, without the blank lines its tags leave behind."""
    context = Context(dict(fields), use_l10n=False, use_tz=False)
    text = str(_engine().get_template(template).render(context))
    return re.sub(r"\n(?:[ \t]*\n)+", "\n", text).encode("utf-8", "replace")


@cache
def _engine() -> Engine:
    return Engine(dirs=[str(_TEMPLATES)], autoescape=True, debug=False)
