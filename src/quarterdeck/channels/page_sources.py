"""Fetching a status page of another product from its interface, page after page, into one document to import.

Shapes: Statuspage API v1 (`Authorization: OAuth`), Cachet API v1 (`X-Cachet-Token`), Instatus v1 (`Bearer`), and Uptime
Kuma's public answer. Addresses are the page's own: `https://api.statuspage.io/v1/pages/<id>`,
`https://status.example.com/api/v1`, `https://api.instatus.com/v1/<page id>`,
`https://uptime.example.com/api/status-page/<slug>`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from quarterdeck.core.kernel.refused import Refused, bad

from .safe_http import SafeClient, Unreached

PART, MOST_PARTS = 100, 200
PART_BYTES = 8 * 1024 * 1024
MOST_BYTES = 128 * 1024 * 1024  # of all answers together


@dataclass(frozen=True, slots=True)
class _Source:
    """`lists`: where in the document each list goes and its path below the address; none is one answer as it is."""

    header: str
    prefix: str
    lists: Mapping[str, str]
    size: str = "per_page"
    alone: str = ""


_SOURCES = {
    "statuspage": _Source(
        "Authorization",
        "OAuth ",
        {
            "components": "/components", "component_groups": "/component-groups", "incidents": "/incidents",
            "subscribers": "/subscribers",
        },
        "limit",
        "page",
    ),
    "cachet": _Source(
        "X-Cachet-Token",
        "",
        {
            "components": "/components", "groups": "/components/groups", "incidents": "/incidents",
            "schedules": "/schedules", "subscribers": "/subscribers",
        },
    ),
    "instatus": _Source(
        "Authorization",
        "Bearer ",
        {
            "components": "/components", "incidents": "/incidents", "maintenances": "/maintenances",
            "subscribers": "/subscribers",
        },
    ),
    "kuma": _Source("Authorization", "", {}),
}  # fmt: skip


def gather(product: str, url: str, key: str, http: SafeClient) -> dict[str, Any]:
    """The whole page as one document. Raises Refused in words when the other side does not give it."""
    source = _SOURCES.get(product)
    if source is None:
        raise bad("import.product", f"Take one of these: {', '.join(_SOURCES)}.", product="unknown")
    at = url.rstrip("/")
    left = [MOST_BYTES]
    headers = {"Accept": "application/json"} | ({source.header: source.prefix + key} if key else {})
    if not source.lists:
        found = _ask(http, at, headers, left)
        return found if isinstance(found, dict) else {}
    document: dict[str, Any] = {
        name: _all(http, at + path, headers, source, left) for name, path in source.lists.items()
    }
    if source.alone:
        document[source.alone] = _ask(http, at, headers, left)
    return document


def _all(http: SafeClient, url: str, headers: dict[str, str], source: _Source, left: list[int]) -> list[Any]:
    """Every record of a list; Statuspage begins to count at 1 too (its `page`)."""
    found: list[Any] = []
    for n in range(1, MOST_PARTS + 1):
        told = _ask(http, f"{url}?page={n}&{source.size}={PART}", headers, left)
        part = told.get("data") if isinstance(told, dict) else told
        if not isinstance(part, list):
            raise Refused("import.source", f"{url} did not answer with a list. Check the address.")
        found += part
        pages = _within(_within(_within(told, "meta"), "pagination"), "total_pages")
        if not part or (n >= pages if isinstance(pages, int) else len(part) < PART):
            return found
    raise Refused(
        "import.source", f"{url} has more than {MOST_PARTS * PART:,} records. Import from a file instead."
    )


def _within(told: Any, name: str) -> Any:
    return told.get(name) if isinstance(told, dict) else None


def _ask(http: SafeClient, url: str, headers: dict[str, str], left: list[int]) -> Any:
    """`left` is how many bytes may still come, and goes down."""
    try:
        reply = http.request("GET", url, headers=headers, read_bytes=PART_BYTES)
    except Unreached as e:
        raise Refused("import.source", f"{url} does not answer: {e.why}.") from None
    if reply.status in (401, 403):
        raise Refused(
            "import.source", f"{url} refuses the key (it answered {reply.status}). Check the key's rights."
        )
    if reply.status != 200:
        raise Refused("import.source", f"{url} answered {reply.status}. Check the address.")
    left[0] -= len(reply.body)
    if left[0] < 0:
        raise Refused("import.source", f"{url} sends more than fits. Import from a file instead.")
    try:
        return json.loads(reply.body)
    except (ValueError, RecursionError):
        raise Refused("import.source", f"{url} did not answer with JSON. Check the address.") from None
