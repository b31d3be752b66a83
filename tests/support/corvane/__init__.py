"""Corvane, the invented company of the gallery: contexts for every page, as the views would make them."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

Page = tuple[str, str, dict[str, Any]]


def pages() -> list[Page]:
    """(name, template, context) of every page; each module of this package lists its own in PAGES."""
    found: list[Page] = []
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda m: m.name):
        found += getattr(importlib.import_module(f"{__name__}.{module.name}"), "PAGES", [])
    return [(name, template, dict(context)) for name, template, context in found]
