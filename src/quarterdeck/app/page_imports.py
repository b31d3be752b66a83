"""Taking over a status page of another product: first the plan, with what cannot be and why, then the taking. Audited.

Taken twice it is the same: what came once is known by its id over there. Nobody is told of what happened long ago.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from quarterdeck.core.kernel.refused import Refused, bad, missing
from quarterdeck.core.kernel.text import line
from quarterdeck.core.status import imports as core
from quarterdeck.core.status.imports import Found, FoundComponent, FoundIncident, Note
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from .act import Act, need
from .publishing import touch

LIMIT_BYTES = 8 << 20
_AT_ONCE = 100
_KEEP = timedelta(days=2)
_SHOWN = 500


@dataclass(frozen=True, slots=True)
class Plan:
    """`counts` by kind and verdict: ok (is taken), there (is here already), changes, cannot. `lines` tell the first."""

    counts: dict[str, dict[str, int]]
    lines: list[Note]


def upload(act: Act, page: models.StatusPage, source: str, name: str, content: bytes) -> models.PageImport:
    """Keep a file that can be read, to be looked at and taken. Refused where it is no page of this product."""
    need(act, "status.edit")
    if len(content) > LIMIT_BYTES:
        message = (
            f"A file of a page may have {LIMIT_BYTES >> 20} MiB. Take older incidents in a file of their own."
        )
        raise bad("import.size", message, file=message)
    core.read(source, content)
    with tx.write():
        models.PageImport.objects.filter(taken_at=None, made_at__lt=act.at - _KEEP).delete()
        return models.PageImport.objects.create(
            id=new_id(), page=page, source=source, name=line(name, 200), content=content,
            made_at=act.at, made_by=act.person,
        )  # fmt: skip


def find(import_id: str) -> models.PageImport:
    row = models.PageImport.objects.select_related("page").filter(id=import_id).first()
    if row is None:
        raise missing("import.unknown", "There is no such import. Upload the file again.")
    return row


def plan(row: models.PageImport) -> Plan:
    """What taking it would do. Changes nothing."""
    if row.taken_at is not None:
        raise Refused("import.taken", "This file was taken already. Upload it again to look at it.")
    found = core.read(row.source, bytes(row.content))
    known = _known(row, found)
    lines = [*_lines(row, found, known), *found.notes]
    counts: dict[str, Counter[str]] = {}
    for told in lines:
        counts.setdefault(told.kind, Counter())[told.verdict] += 1
    if found.subscribers:
        counts.setdefault("subscriber", Counter())["cannot"] += found.subscribers
        why = "Subscribers are not taken from here. Import them under the page's subscribers, with their consent."
        lines.append(Note("subscriber", f"{found.subscribers} that can be written to", "cannot", why))
    order = {"cannot": 0, "changes": 1, "ok": 2, "there": 3}
    lines.sort(key=lambda told: order[told.verdict])
    return Plan({k: dict(c) for k, c in counts.items()}, lines[:_SHOWN])


def take(act: Act, import_id: str) -> models.PageImport:
    """Do what the plan says, a hundred at a time; broken off, it is taken up by doing it again."""
    need(act, "status.edit")
    row = find(import_id)
    if row.taken_at is not None:
        return row
    found = core.read(row.source, bytes(row.content))
    known = _known(row, found)
    for part in _parts(found.components):
        with tx.write():
            _components(act, row, part)
    for incidents in _parts(found.incidents):
        with tx.write():
            _posts(act, row, incidents)
    after = _known(row, found)
    taken = {"components": len(after.components - known.components), "posts": len(after.posts - known.posts)}
    with tx.write("web", "engine"):
        touch([row.page_id])
        log.audit(
            "PageImported", {"page": row.page_id, "source": row.source, **taken}, at=act.at, actor=act.person
        )
        models.PageImport.objects.filter(id=row.id).update(taken_at=act.at, taken=taken, content=b"")
    return find(import_id)


@dataclass(frozen=True, slots=True)
class _Known:
    components: frozenset[str]
    posts: frozenset[str]


def _known(row: models.PageImport, found: Found) -> _Known:
    """The ids that are here already."""
    own, posts = set(row.page.components.values_list("id", flat=True)), row.page.posts.filter(source="import")
    ids = {_id(row, "component", c.source) for c in found.components}
    return _Known(frozenset(own & ids), frozenset(posts.values_list("id", flat=True)))


def _lines(row: models.PageImport, found: Found, known: _Known) -> list[Note]:
    lines = []
    taken = {(c.group, c.name) for c in row.page.components.all()}
    for c in found.components:
        there = _id(row, "component", c.source) in known.components
        twin = not there and (c.group, c.name) in taken
        verdict, why = ("there", "It was taken before.") if there else ("ok", "")
        if twin:
            verdict, why = "changes", "A component of this name is there already. A second one is made."
        lines.append(Note("component", f"{c.group}: {c.name}" if c.group else c.name, verdict, why))
    for i in found.incidents:
        ids = {_post_id(row, i, u.source) for u in i.updates}
        verdict, why = (
            ("there", "It was taken before.") if ids <= known.posts else ("ok", f"{len(ids)} updates.")
        )
        lines.append(Note("maintenance" if i.planned else "incident", i.title, verdict, why))
    return lines


def _components(act: Act, row: models.PageImport, part: list[FoundComponent]) -> None:
    place = row.page.components.count()
    for n, c in enumerate(part):
        made, new = models.Component.objects.get_or_create(
            id=_id(row, "component", c.source),
            defaults={
                "page": row.page, "name": c.name, "group": c.group, "description": c.description,
                "state": c.state, "position": min(place + n, 10_000), "created_at": act.at, "updated_at": act.at,
            },
        )  # fmt: skip
        if new:
            models.ComponentState.objects.create(component=made, state=c.state, at=act.at, actor=act.person)


def _posts(act: Act, row: models.PageImport, part: list[FoundIncident]) -> None:
    shown = set(row.page.components.values_list("id", flat=True))
    rows = []
    for i in part:
        for u in i.updates:
            states = {_id(row, "component", c): s for c, s in u.states.items()}
            rows.append(
                models.PagePost(
                    id=_post_id(row, i, u.source),
                    page=row.page,
                    incident_ref=_id(row, "incident", i.source),
                    source="import",
                    title=i.title,
                    status_word=u.word,
                    body=u.body,
                    at=min(u.at, act.at),
                    posted_by=act.person,
                    components={c: s for c, s in states.items() if c in shown},
                    impact=i.impact,
                    scheduled_for=i.scheduled_for,
                    scheduled_until=i.scheduled_until,
                )
            )
    models.PagePost.objects.bulk_create(rows, ignore_conflicts=True, batch_size=_AT_ONCE)


def _post_id(row: models.PageImport, incident: FoundIncident, update: str) -> str:
    return _id(row, "post", f"{incident.source}\0{update}")


def _id(row: models.PageImport, kind: str, source: str) -> str:
    """The same for the same thing of the same page, whenever it is taken."""
    told = f"{row.page_id}\0{row.source}\0{kind}\0{source}".encode("utf-8", "replace")
    return f"imp-{hashlib.sha256(told).hexdigest()[:32]}"


def _parts(found: list[Any]) -> list[list[Any]]:
    return [found[n : n + _AT_ONCE] for n in range(0, len(found), _AT_ONCE)]
