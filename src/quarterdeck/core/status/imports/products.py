"""The products whose pages can be read, and reading one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from quarterdeck.core.kernel.refused import bad

from . import cachet, instatus, kuma, statuspage
from .shapes import Found

PRODUCTS: Mapping[str, str] = {
    "statuspage": "Atlassian Statuspage",
    "cachet": "Cachet",
    "instatus": "Instatus",
    "kuma": "Uptime Kuma",
}
_READERS: Mapping[str, Callable[[Mapping[str, Any]], Found]] = {
    "statuspage": statuspage.read,
    "cachet": cachet.read,
    "instatus": instatus.read,
    "kuma": kuma.read,
}
# One of these must be in a document, or it is of something else.
_SIGNS: Mapping[str, tuple[str, ...]] = {
    "statuspage": ("components", "incidents", "subscribers"),
    "cachet": ("components", "incidents", "schedules", "subscribers"),
    "instatus": ("components", "incidents", "maintenances", "subscribers"),
    "kuma": ("publicGroupList", "config"),
}


def read(product: str, document: Any) -> Found:
    """What there is on a page, from a decoded JSON document. Refuses (bad) what is none of this product."""
    if product not in _READERS:
        raise bad("import.product", f"Take one of these: {', '.join(PRODUCTS)}.", product="unknown")
    if not isinstance(document, dict) or not any(sign in document for sign in _SIGNS[product]):
        wanted = " or ".join(_SIGNS[product])
        text = f"This is no page of {PRODUCTS[product]}: it is one JSON object with {wanted} in it."
        raise bad("import.document", text, file=text)
    return _READERS[product](document)
