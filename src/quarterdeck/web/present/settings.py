"""The findings of the health checks in groups, and audit events in words. Reads only."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format

from quarterdeck.app.health.health_finding import Finding
from quarterdeck.app.paging.directory import Directory
from quarterdeck.core.kernel import moments
from quarterdeck.core.kernel.text import counted, cut
from quarterdeck.store import models

# Title of a group → the checks in it, by their names; what is not named is of this machine.
_GROUPS = (
    ("Paging", ("engine", "journal", "outbox", "channel", "bodies", "alarm", "alarms", "texts and calls")),
    ("Who watches the pager", ("auditor", "synthetic page", "test", "outside ping", "buddy", "lifeline")),
    ("Who is woken", ("sign-in", "contacts", "schedules", "policies", "services")),
    ("This installation", ()),
)
_LINKS = {
    "engine: pause": ("/settings/engine", "Look and resume"),
    "schedules": ("/on-call", "On-call"),
    "policies": ("/on-call/policies", "Policies"),
    "services": ("/catalog/services", "Services"),
    "contacts": ("/catalog/people", "People"),
    "sign-in": ("/catalog/people", "People"),
    "bodies": ("/catalog/integrations", "Integrations"),
    "texts and calls": ("/settings/paid", "Texts and calls"),
    "status pages": ("/status-pages", "Status pages"),
}
_PAGE = re.compile(r"/status-pages/[a-z0-9-]+")  # a check of one page names where it is looked after
LONGEST = 160
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def groups(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Faults first within each group, otherwise in the order of the checks."""
    named = {name for _, names in _GROUPS for name in names}
    order = {"fault": 0, "warning": 1, "ok": 2}
    found = []
    for title, names in _GROUPS:
        mine = [f for f in findings if (_kind(f) in names if names else _kind(f) not in named)]
        checks = [_check(f) for f in sorted(mine, key=lambda f: order[f.level])]
        if checks:
            found.append({"title": title, "checks": checks})
    return found


def _kind(f: Finding) -> str:
    """`channel: E-mail` is a check of the kind `channel`."""
    return f.name.partition(":")[0]


def _check(f: Finding) -> dict[str, str]:
    href, label = _LINKS.get(f.name, ("", "")) if f.level != "ok" else ("", "")
    page = _PAGE.search(f.next)
    if page and not href:
        href, label = page[0], "Open it"
    return {
        "name": f.name.capitalize(),
        "state": f.level,
        "reason": f.text,
        "next": f.next,
        "href": href,
        "label": label,
    }


def verdict(findings: Sequence[Finding]) -> dict[str, str]:
    faults = sum(f.level == "fault" for f in findings)
    warnings = sum(f.level == "warning" for f in findings)
    if faults:
        return {
            "state": "fault",
            "text": f"{counted(faults, 'fault')}, {warnings} to look at",
        }
    if warnings:
        return {"state": "warning", "text": f"{warnings} to look at"}
    return {"state": "ok", "text": "All is well"}


def spaced(kind: str) -> str:
    """PersonCreated → Person created."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind).capitalize()


def audit(rows: Sequence[models.Event], directory: Directory) -> list[dict[str, Any]]:
    """Events of the installation's own chain: who did what to what, and what it was before."""
    parsed = [(r, json.loads(r.data)) for r in rows]
    directory.load_people({r.actor for r in rows} | {i for _, d in parsed for i in _ids(d)})
    return [_event(r, d, Telling(directory)) for r, d in parsed]


def _ids(value: Any) -> Iterator[str]:
    """Whatever may be somebody's id, anywhere in an event."""
    if isinstance(value, str):
        if _ID.fullmatch(value):
            yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _ids(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _ids(inner)


def _event(row: models.Event, data: dict[str, Any], tell: Telling) -> dict[str, Any]:
    before, after = data.pop("before", None), data.pop("after", None)
    return {
        "id": row.seq,
        "at": row.at,
        "who": "Somebody on the server" if row.actor == "operator" else tell.directory.name(row.actor),
        "act": spaced(row.kind),
        "object": cut(tell(data), 400),
        "before": tell(before),
        "after": tell(after),
    }


@dataclass(frozen=True, slots=True)
class Telling:
    """Values of an event as words: people by name, times on the viewer's clock, ids of other things left out."""

    directory: Directory

    def __call__(self, value: Any) -> str:
        match value:
            case None:
                return ""
            case bool():
                return "yes" if value else "no"
            case str():
                return cut(self._text(value), LONGEST)
            case {"name": name, "op": op, "value": wanted}:
                return f"{name} {op} {wanted}"
            case dict():
                told = ((k.replace("_", " "), self(v)) for k, v in value.items())
                return cut("; ".join(f"{k} {v}" for k, v in told if v), 400)
            case list():
                return cut(", ".join(v for v in map(self, value) if v), LONGEST)
        return cut(str(value), LONGEST)

    def _text(self, value: str) -> str:
        if _ID.fullmatch(value):
            person = self.directory.person(value)
            return person.name if person else ""
        if _TIME.fullmatch(value) and (at := moments.parse(value)):
            return date_format(timezone.localtime(at), "D j M Y, H:i")
        return value
