"""Taking over a status page of another product: planned before anything is written, and the same thing twice is once.

Nobody is told of what comes in: it was said long ago, by others.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from quarterdeck.core.kernel.refused import Refused, bad, forbidden, missing
from quarterdeck.core.kernel.text import line
from quarterdeck.core.status import imports
from quarterdeck.core.status.imports import FoundComponent, FoundPost, Plan
from quarterdeck.core.status.imports.plan import states as states_of
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from ..act import Act, need
from . import page_config, page_import_subscribers, page_rights
from .publishing import touch
from .status_pages import find_page

MOST_BYTES, PART, MOST_WAITING = 32 * 1024 * 1024, 200, 20
MOST_RECORDS = 50_000  # components, updates and subscribers
MOST_LINES = 5_000  # of a plan that are kept to look at
_ORDER = ("cannot", "change", "ok", "there")  # what somebody has to know before they take it comes first
REASON = "Imported from {}"


def begin(act: Act, page_key: str, product: str, name: str, raw: bytes) -> models.PageImport:
    """Read a document (JSON) and put it by; nothing of the page changes. Refuses what cannot be read."""
    need(act, "status.edit")
    page = find_page(page_key)
    if len(raw) > MOST_BYTES:
        text = f"The file is larger than {MOST_BYTES // 1024 // 1024} MB. Leave some of its history out."
        raise bad("import.size", text, file="too large")
    document = _decoded(raw)
    found = imports.read(product, document)
    if len(found.components) + len(found.posts) + len(found.subscribers) > MOST_RECORDS:
        text = f"The file has more than {MOST_RECORDS:,} records. Leave some of its history out."
        raise bad("import.records", text, file="too many")
    if models.PageImport.objects.filter(state="preview").count() >= MOST_WAITING:
        raise Refused("import.many", "Many imports wait to be looked at. Take or drop some of them first.")
    row = models.PageImport(
        id=new_id(), page=page, product=product, name=line(name, 200) or f"{product}.json",
        document=json.dumps(document, separators=(",", ":")), created_at=act.at, created_by=act.person,
    )  # fmt: skip
    row.plan = _kept(_planned(row, found))
    with tx.write():
        row.save(force_insert=True)
        told = {"import": row.id, "page": page.id, "product": product, "file": row.name}
        log.audit("PageImportPlanned", told, at=act.at, actor=act.person)
    return row


def find(import_id: str) -> models.PageImport:
    found = models.PageImport.objects.select_related("page").filter(id=import_id).first()
    if found is None:
        raise missing("import.unknown", "There is no such import. Look it up at its page.")
    return found


def plan(row: models.PageImport) -> dict[str, Any]:
    """What taking it would have done when it was uploaded: `total` lines, `counts` ("kind verdict": how many) and the
    first `lines` (verdict, kind, what, why), what is left out first. Refuses one that is over.
    """
    _waiting(row)
    return dict(row.plan)


def take(act: Act, import_id: str) -> models.PageImport:
    """Plan it anew, for the page may have changed since, and write that part by part; a kill between two parts is
    mended by taking it again.
    """
    need(act, "status.edit")
    row = find(import_id)
    _waiting(row)
    planned = _planned(row, imports.read(row.product, json.loads(row.document)))
    _may_stand(act, row, planned)
    known = _components(act, row, planned)
    for start in range(0, len(planned.posts), PART):
        _posts(act, row, planned.posts[start : start + PART], known)
    with tx.write():
        _still_waits(row)
    came = page_import_subscribers.take(act, row, planned.subscribers, known)
    with tx.write("engine"):
        _still_waits(row)
        row.state, row.ended_at, row.document = "taken", act.at, ""
        row.plan, row.counts = {}, _counts(planned) | came
        row.save(update_fields=["state", "ended_at", "document", "plan", "counts"])
        touch([row.page_id])
        told = {"import": row.id, "page": row.page_id, "product": row.product, "counts": row.counts}
        log.audit("PageImported", told, at=act.at, actor=act.person)
    return row


def drop(act: Act, import_id: str) -> models.PageImport:
    """Forget one that waits. What was taken stays."""
    need(act, "status.edit")
    row = find(import_id)
    if row.state == "preview":
        with tx.write():
            _still_waits(row)
            row.state, row.ended_at, row.document, row.plan = "dropped", act.at, "", {}
            row.save(update_fields=["state", "ended_at", "document", "plan"])
            log.audit("PageImportDropped", {"import": row.id}, at=act.at, actor=act.person)
    return row


def _waiting(row: models.PageImport) -> None:
    if row.state != "preview":
        raise Refused("import.over", "This import is over. Upload the document again to take what is new.")


def _may_stand(act: Act, row: models.PageImport, planned: Plan) -> None:
    """Posts that come in stand on the page as any other: beside an incident only those who publish then take them."""
    closed = page_rights.closed_to(row.page_id, act.who) if planned.posts or planned.components else []
    if closed and not act.who.is_machine:
        text = (
            f"{closed[0]} is told on this page now, and others speak there. Take it over once that has ended."
        )
        raise forbidden("grant.page.publish", text)


def _still_waits(row: models.PageImport) -> None:
    """Somebody else may take or drop it at the same moment. Inside the transaction."""
    _waiting(models.PageImport.objects.select_for_update().get(id=row.id))


def _planned(row: models.PageImport, found: imports.Found) -> Plan:
    there = {(c.group, c.name): c.id for c in row.page.components.all()}
    posts = set(models.PagePost.objects.filter(page=row.page, source="import").values_list("id", flat=True))
    return imports.plan(found, row.page_id, there, posts)


def _kept(planned: Plan) -> dict[str, Any]:
    lines = sorted(planned.lines, key=lambda line: _ORDER.index(line.verdict))
    return {
        "total": len(lines), "counts": _counts(planned), "lines": [asdict(line) for line in lines[:MOST_LINES]]
    }  # fmt: skip


def _counts(planned: Plan) -> dict[str, int]:
    return {f"{kind} {verdict}": n for (kind, verdict), n in sorted(planned.counts.items())}


def _decoded(raw: bytes) -> object:
    try:
        return json.loads(raw.decode("utf-8-sig"), parse_constant=_no_number)
    except (UnicodeDecodeError, ValueError, RecursionError):
        text = "This is no JSON. Save what the product's interface answers, as one object."
        raise bad("import.json", text, file="not JSON") from None


def _no_number(_: str) -> float:
    raise ValueError("NaN and Infinity are no JSON")


def _components(act: Act, row: models.PageImport, planned: Plan) -> dict[str, str]:
    """Make those that are not there, with their history; which of ours each of theirs is."""
    known, fresh = dict(planned.known), set[str]()
    with tx.write():
        _still_waits(row)
        page_config.begin(row.page, act)
        first = row.page.components.count()
        # Somebody may have taken the same document a moment ago.
        there = {(c.group, c.name): c.id for c in row.page.components.all()}
        for n, component in enumerate(sorted(planned.components, key=lambda c: c.position)):
            place = (component.group, component.name)
            if place not in there:
                there[place] = _made(act, row, component, first + n)
                fresh.add(there[place])
            known[component.id] = there[place]
        known |= {a: known[b] for a, b in planned.twins.items() if b in known}
        _states(act, row, planned, known, fresh)
        page_config.keep(row.page_id, act, REASON.format(imports.PRODUCTS[row.product]))
    return known


def _made(act: Act, row: models.PageImport, component: FoundComponent, position: int) -> str:
    found = models.Component.objects.create(
        id=new_id(), page=row.page, group=component.group, name=component.name, description=component.description,
        position=min(position, 10_000), created_at=act.at, updated_at=act.at,
    )  # fmt: skip
    return str(found.id)


def _posts(
    act: Act, row: models.PageImport, part: Sequence[tuple[str, str, FoundPost]], known: dict[str, str]
) -> None:
    with tx.write():
        _still_waits(row)
        there = set(
            models.PagePost.objects.filter(id__in=[id_ for id_, _, _ in part]).values_list("id", flat=True)
        )
        models.PagePost.objects.bulk_create(
            models.PagePost(
                id=id_, page=row.page, incident_ref=ref, source="import", title=post.title, body=post.body,
                status_word=post.status_word, at=post.at, posted_by=act.person, components=states_of(post, known),
                impact=post.impact, started_at=post.started_at, scheduled_for=post.scheduled_for,
                scheduled_until=post.scheduled_until,
            )
            for id_, ref, post in part
            if id_ not in there
        )  # fmt: skip


def _states(act: Act, row: models.PageImport, planned: Plan, known: dict[str, str], fresh: set[str]) -> None:
    """The history of components that came in: well from the first update on, but where one says otherwise."""
    reason = REASON.format(imports.PRODUCTS[row.product])
    went: dict[str, list[tuple[datetime, str]]] = {c: [] for c in fresh}
    for _, _, post in planned.posts:
        for component, state in states_of(post, known).items():
            if component in went and post.at <= act.at:
                went[component].append((post.at, state))
    begun = min((p.at for _, _, p in planned.posts if p.at <= act.at), default=act.at)
    now = {known[c.id]: c.state for c in planned.components if c.id in known}
    for component, changes in went.items():
        told, last = [(begun, "operational")], "operational"
        for at, state in [*changes, (act.at, now.get(component, "operational"))]:
            if state != last:
                told.append((at, state))
                last = state
        models.ComponentState.objects.bulk_create(
            models.ComponentState(component_id=component, state=state, at=at, actor=act.person, reason=reason)
            for at, state in told
        )
        models.Component.objects.filter(id=component).update(state=last)
