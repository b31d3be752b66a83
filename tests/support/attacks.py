"""Outsiders at work: an organisation, its browsers, a restricted incident full of one word, what no page may hold."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client

from quarterdeck.app.incidents import incidents
from quarterdeck.core.incidents import Declaration
from support.rest import HOST, Organisation

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
CANARY = "CANARY4711"
OTHER_DIGITS = "²"  # a digit to str.isdigit, no number to int
LONG_NUMBER = "9" * 5000  # longer than int() takes


# Pages that show more when they are asked for it.
QUERIES = {
    "/incidents": ("?show=all", f"?q={CANARY[:-2]}", "?part=table&show=all"),
    "/alerts": ("?show=all", "?show=all&q=disk"),
    "/search": (f"?q={CANARY[:-2]}", "?q=INC-"),
    "/search.json": (f"?q={CANARY[:-2]}", "?q=INC-"),
    "/page/commander": ("?part=calls",),
    "/declare": ("?title=title+summary",),
    "/reviews": ("?show=overdue", "?show=reviewed"),
    "/insights.csv": ("?table=weeks",),
    "/insights/mine": ("?person=nobody",),
    "/insights/targets": ("?metric=time_to_resolve&weeks=104",),
}


@pytest.fixture
def org(db: None) -> Organisation:
    made = Organisation()
    for handle, role in (
        ("root", "administrator"),
        ("ana", "responder"),
        ("ben", "responder"),
        ("ole", "observer"),
        ("eva", "executive"),
    ):
        made.person(handle, role)
    return made


def signed_in(org: Organisation, handle: str, **options: Any) -> Client:
    client = Client(headers={"host": HOST}, **options)
    client.force_login(org.find(handle), backend=BACKEND)
    return client


def restricted(org: Organisation, **said: Any) -> str:
    """A restricted incident that Ana declared; its every text holds the canary."""
    told = {"severity": 2, "type": "availability", "summary": f"{CANARY} summary", "restricted": True} | said
    return incidents.declare(
        org.act("ana"), Declaration(f"{CANARY} title", both_reason="The same people are needed.", **told)
    ).incident.key


def page_of(pattern: str, incident: str) -> str | None:
    """The address of a page, with this incident where one is named; None for what needs another id."""
    path = re.sub(r"<(?:\w+:)?incident_id>", incident, pattern)
    path = path.replace("<str:name>", "timeline").replace("<str:role>", "commander")
    return None if "<" in path or "(" in path or path.startswith("api/") else f"/{path}"


class _Faults(HTMLParser):
    """What of a page a browser would run: inline handlers, foreign scripts, frames, links of strange schemes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in ("iframe", "object", "embed", "base") or (tag == "script" and not _is_ours(given)):
            self.found.append(tag)
        for name, value in given.items():
            scheme = re.match(r"[\s\x00-\x20]*([a-z][a-z0-9+.-]*):", value, re.IGNORECASE)
            strange = scheme is not None and scheme[1].lower() not in ("http", "https", "mailto", "tel")
            strange = strange and not (tag == "img" and value.startswith("data:image/"))
            if name.startswith("on") or name in ("srcdoc", "style"):
                self.found.append(f"{tag} {name}")
            if name in ("href", "src", "action", "formaction", "xlink:href") and strange:
                self.found.append(f"{tag} {name}={value}")


def _is_ours(given: dict[str, str]) -> bool:
    return given.get("src", "").startswith("/static/") or given.get("type") == "application/json"


def faults(html: str) -> list[str]:
    """What a browser would run or follow on this page; none when the page is sound."""
    parser = _Faults()
    parser.feed(html)
    return parser.found
