"""A list of contacts on its way in: read into parts, looked at, then taken a part at a time, each part once.

Nothing is written to an audience before somebody has seen the preview and said go. Leaving the page changes nothing:
the engine takes the parts, and a kill between two of them repeats none. Nobody who unsubscribed comes back by a list.
"""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import IO, Any

from quarterdeck.core.comms import contact_rows
from quarterdeck.core.comms.contact_rows import Fault, Row
from quarterdeck.core.kernel import moments
from quarterdeck.core.kernel.moments import micros
from quarterdeck.core.kernel.refused import Refused, bad, missing
from quarterdeck.core.kernel.text import line
from quarterdeck.store import bulk, log, models, tx
from quarterdeck.store.ids import new_id

from .. import due
from ..act import Act, need
from ..paging.directory import Directory
from ..subscribers import subscriber_lists
from . import audiences, suppressions

KIND = "contact_import"
PART, MOST_ROWS, SHOWN = 2_000, 1_000_000, 20
# Faults beyond these are counted, by their reason, and not kept one by one.
MOST_FAULTS = 5_000
# Lists that wait to be looked at: so many at once, and so long. What was refused is kept as long as other records.
MOST_WAITING, WAITS, FAULTS_KEPT = 20, timedelta(days=7), timedelta(days=90)
_FAULT = ("import_id", "row", "code", "text", "value")
_PART = ("import_id", "first", "rows")


@dataclass(frozen=True, slots=True)
class Preview:
    """The first rows as they will be taken, and what is wrong with others among them."""

    rows: list[tuple[int, Row]]
    faults: list[tuple[int, Fault]]


def begin(
    act: Act, audience: str, name: str, file: IO[bytes], *, source: str, consent_at: datetime | None = None,
    segment: str = "",
) -> models.ContactImport:  # fmt: skip
    """Read a CSV file into parts and change nothing yet. `source` says where the consent of these people is from."""
    need(act, "status.edit")
    subscriber_lists.must_exist(audience) if subscriber_lists.is_page(audience) else audiences.must_exist(
        audience
    )
    where, wanted = line(source, 120), contact_rows.segment(segment)
    if not where:
        text = "Say where these people agreed to hear from you, such as: contract, sign-up form."
        raise bad("import.source", text, source=text)
    if wanted is None:
        text = "A list has letters, digits, - and _ in its name."
        raise bad("import.segment", text, segment=text)
    if models.ContactImport.objects.filter(state__in=("reading", "preview")).count() >= MOST_WAITING:
        raise Refused("import.many", "Many lists wait to be looked at. Take or drop some of them first.")
    row = models.ContactImport(
        id=new_id(), audience=audience, name=line(name, 200) or "list.csv", source=where, consent_at=consent_at,
        segment=wanted, created_by=act.person, created_at=act.at, state="reading",
    )  # fmt: skip
    row.save(force_insert=True)
    try:
        _read(row, file)
    except Refused:
        models.ContactImportPart.objects.filter(import_id=row.id).delete()
        row.delete()
        raise
    with tx.write():
        row.state = "preview"
        row.save(update_fields=["state", "columns", "total"])
        told = {"import": row.id, "audience": audience, "file": row.name, "rows": row.total}
        log.audit("ContactsUploaded", told, at=act.at, actor=act.person)
    return row


def _read(row: models.ContactImport, file: IO[bytes]) -> None:
    reader = _rows(file)
    first = next(reader, None)
    if first is None:
        raise bad(
            "import.empty", "This file has no rows. Choose a CSV file with one address a row.", file="empty"
        )
    columns = contact_rows.columns_of(first[1])
    if "email" not in columns:
        told = "No column is called email. Give the first row titles, such as: email,name,segments."
        raise bad("import.columns", told, file="no email column")
    row.columns = [[k, v] for k, v in columns.items()]
    part: list[list[str]] = []
    start = first[0]
    if contact_rows.has_titles(first[1]):
        start = 0
    else:
        part.append(first[1])
    for number, cells in reader:
        start = start or number
        part.append(cells)
        row.total += 1
        if row.total > MOST_ROWS:
            raise bad(
                "import.rows", f"A list has {MOST_ROWS:,} rows at most. Cut it into several.", file="too long"
            )
        if len(part) == PART:
            _put_by(row.id, start, part)
            part, start = [], 0
    row.total += 0 if contact_rows.has_titles(first[1]) else 1
    if part:
        _put_by(row.id, start, part)
    if not row.total:
        raise bad("import.empty", "This file has titles and no rows.", file="empty")


def _put_by(import_id: str, first: int, rows: list[list[str]]) -> None:
    """Each part in a transaction of its own: a long list must not keep pages from being written down."""
    with tx.write():
        bulk.insert(models.ContactImportPart, _PART, [(import_id, first, bulk.plain(rows))])


def _rows(file: IO[bytes]) -> Iterator[tuple[int, list[str]]]:
    """Number and cells of each row that is not blank; whatever is no UTF-8 is taken as the letters Excel writes."""
    head = file.read(64 * 1024)
    file.seek(0)
    if b"\0" in head:
        raise bad("import.kind", "This is no CSV file. Save the sheet as CSV (UTF-8).", file="not CSV")
    try:
        # A letter may be cut in two where the head ends.
        codecs.getincrementaldecoder("utf-8")().decode(head)
        coding = "utf-8-sig"
    except UnicodeDecodeError:
        coding = "cp1252"
    text = io.TextIOWrapper(file, encoding=coding, errors="replace", newline="")
    start = head[:4096].decode("utf-8", "replace").split("\n")[0]
    mark = max(",;\t", key=start.count)
    csv.field_size_limit(1 << 17)
    number = 0
    try:
        for number, cells in enumerate(csv.reader(text, delimiter=mark), 1):
            if any(c.strip() for c in cells):
                # A cell as long as a page is only kept so far that the row can be refused with a reason.
                yield number, [c[:2100] for c in cells[:100]]
    except csv.Error:
        told = f"Row {number + 1} cannot be read: a quote is opened and never closed, or a cell is longer than any."
        raise bad("import.broken", told, file="broken") from None
    finally:
        # The file is its owner's to close, and may have been closed before this reader is gone.
        with contextlib.suppress(ValueError):
            text.detach()


def preview(row: models.ContactImport) -> Preview:
    """The first rows of an import that waits."""
    part = models.ContactImportPart.objects.filter(import_id=row.id).order_by("id").first()
    columns, more = dict(row.columns), subscriber_lists.judge_of(row)
    found = Preview([], [])
    for n, cells in enumerate(part.rows if part else [], part.first if part else 1):
        judged = more(_judged(cells, columns))
        if isinstance(judged, Fault):
            if len(found.faults) < SHOWN:
                found.faults.append((n, judged))
        elif len(found.rows) < SHOWN:
            found.rows.append((n, judged))
    return found


def start(act: Act, import_id: str) -> models.ContactImport:
    """Take it: from now on the engine does, a part at a time. Twice changes nothing."""
    need(act, "status.edit")
    with tx.write("engine", "web"):
        row = find(import_id, lock=True)
        if row.state == "running":
            return row
        if row.state != "preview":
            raise Refused("import.over", "This import is over. Upload the list again to take it once more.")
        if subscriber_lists.is_page(row.audience):
            subscriber_lists.page_of(row.audience)
        row.state = "running"
        row.save(update_fields=["state"])
        due.arm(KIND, row.id, act.at, act.at)
        told = {"import": row.id, "audience": row.audience, "rows": row.total, "source": row.source}
        log.audit("ContactsImported", told, at=act.at, actor=act.person)
    return row


def drop(act: Act, import_id: str) -> None:
    """Stop or forget it. What was taken stays taken."""
    need(act, "status.edit")
    with tx.write("web"):
        row = find(import_id, lock=True)
        if row.state not in ("done", "dropped"):
            _drop(row, act)


def _drop(row: models.ContactImport, act: Act) -> None:
    models.ContactImportPart.objects.filter(import_id=row.id).delete()
    due.disarm(KIND, [row.id], act.at)
    models.ContactImport.objects.filter(id=row.id).update(state="dropped", ended_at=act.at)
    told = {"import": row.id, "audience": row.audience, "taken": row.done}
    log.audit("ContactsImportDropped", told, at=act.at, actor=act.person)


def forget(act: Act, audience: str) -> None:
    """This audience is no more: its lists are dropped with what was refused of them. Inside the transaction."""
    rows = list(models.ContactImport.objects.select_for_update().filter(audience=audience))
    for row in rows:
        if row.state not in ("done", "dropped"):
            _drop(row, act)
    models.ContactImportFault.objects.filter(import_id__in=[r.id for r in rows]).delete()


def tidy(now: datetime) -> int:
    """Forget a list that nobody took, and what was refused of an old one: these are addresses. How many rows went."""
    left = models.ContactImport.objects.filter(
        state__in=("reading", "preview"), created_at__lt=now - WAITS
    ).first()
    old = models.ContactImport.objects.filter(created_at__lt=now - FAULTS_KEPT).order_by("-created_at")[:200]
    faults = models.ContactImportFault.objects.filter(import_id__in=list(old.values_list("id", flat=True)))
    if left is None and not faults.exists():
        return 0
    with tx.write():
        gone, _ = faults.delete()
        if left is not None:
            parts = models.ContactImportPart.objects.filter(import_id=left.id)
            gone += parts.delete()[0] + 1
            rows = models.ContactImport.objects.filter(id=left.id, state=left.state)
            rows.update(state="dropped", ended_at=now)
    return gone


def find(import_id: str, *, lock: bool = False) -> models.ContactImport:
    rows = models.ContactImport.objects.select_for_update() if lock else models.ContactImport.objects
    found = rows.filter(id=import_id).first()
    if found is None:
        raise missing("import.unknown", "There is no such import. Choose one from the list under Audiences.")
    return found


def fire(import_id: str, directory: Directory) -> None:
    """Take the next part, inside the caller's transaction, and come again while there are more."""
    row = models.ContactImport.objects.select_for_update().filter(id=import_id, state="running").first()
    part = models.ContactImportPart.objects.filter(import_id=import_id).order_by("id").first()
    if row is None:
        return
    if part is not None:
        _take(row, part, directory.now)
        part.delete()
    if part is None or not models.ContactImportPart.objects.filter(import_id=import_id).exists():
        row.state, row.ended_at = "done", directory.now
    else:
        due.arm(KIND, row.id, directory.now, directory.now)
    row.save()


def _take(row: models.ContactImport, part: models.ContactImportPart, now: datetime) -> None:
    columns, more = dict(row.columns), subscriber_lists.judge_of(row)
    good: dict[str, Row] = {}
    faults: list[tuple[int, Fault]] = []
    for n, cells in enumerate(part.rows, part.first):
        judged = more(_judged(cells, columns))
        if isinstance(judged, Fault):
            faults.append((n, judged))
        elif judged.email in good:
            faults.append((n, Fault("twice", "This address stands in the list already.", judged.email)))
        else:
            good[judged.email] = judged
    _keep_faults(row, faults)
    if subscriber_lists.is_page(row.audience):
        subscriber_lists.merge(row, good, now)
    else:
        _merge(row, good, now)
    row.done += len(part.rows)


def _keep_faults(row: models.ContactImport, faults: list[tuple[int, Fault]]) -> None:
    room = max(0, MOST_FAULTS - row.refused)
    kept = [(row.id, n, f.code, f.text[:300], f.value[:120]) for n, f in faults[:room]]
    bulk.insert(models.ContactImportFault, _FAULT, kept)
    row.refused += len(faults)
    row.reasons = dict(Counter(row.reasons) + Counter(f.code for _, f in faults))


def _judged(cells: list[str], columns: dict[str, int]) -> Row | Fault:
    found = contact_rows.read(cells, columns)
    if isinstance(found, Fault):
        return found
    try:
        plain = audiences.plain_address(found.email)
    except Refused as refused:
        return Fault("address", refused.message, contact_rows.shown(found.email))
    if found.consent_at and moment(found.consent_at) is None:
        return Fault("consent_at", "This is no date. Write one such as 2026-03-31.", found.consent_at[:60])
    return replace(found, email=plain)


def moment(text: str) -> datetime | None:
    """A day or a time as people's lists have it; None for what is neither, and for years nobody means."""
    try:
        at = datetime.fromisoformat(text.strip())
        found = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        try:
            return moments.parse(text)
        except (ValueError, Refused):
            return None
    return found if moments.EARLIEST <= found <= moments.LATEST else None


_NEW = (
    "id", "audience", "email", "name", "data", "phone", "language", "segments", "consent_source", "consent_at",
    "withdrawn_at", "withdrawn_via", "created_at",
)  # fmt: skip
_OLD = ("name", "phone", "language", "segments", "consent_source", "consent_at", "removed_at")


def _merge(row: models.ContactImport, good: dict[str, Row], now: datetime) -> None:
    """New addresses are added, known ones get what the list says more; who unsubscribed stays so."""
    tx.lock("audience contacts")
    rows = models.AudienceContact.objects.filter(audience=row.audience, email__in=list(good))
    known = {c.email: c for c in rows}
    gone = suppressions.among("email", good)
    added: list[tuple[Any, ...]] = []
    changed: list[tuple[Any, ...]] = []
    for email, said in good.items():
        old = known.get(email)
        lists = list(dict.fromkeys([*said.segments, *([row.segment] if row.segment else [])]))
        at = moment(said.consent_at) or row.consent_at or row.created_at
        source = said.consent_source or row.source
        withdrawn = old.withdrawn_at if old else (now if email in gone else None)
        row.withheld += withdrawn is not None
        if old is None:
            via = "suppressed" if withdrawn else ""
            added.append((
                new_id(), row.audience, email, said.name, "{}", said.phone, said.language, audiences.joined(lists),
                source, micros(at), micros(now) if withdrawn else None, via, micros(now),
            ))  # fmt: skip
            continue
        merged = audiences.joined([*audiences.segments_of(old), *lists])
        new = (said.name or old.name, said.phone or old.phone, said.language or old.language, merged)
        if new == (old.name, old.phone, old.language, old.segments) and old.removed_at is None:
            row.same += 1
            continue
        keep = (old.consent_source, old.consent_at) if old.consent_source else (source, at)
        changed.append((*new, keep[0], micros(keep[1]) if keep[1] else None, None, old.id))
    bulk.insert(models.AudienceContact, _NEW, added)
    bulk.update(models.AudienceContact, _OLD, changed)
    row.added += len(added)
    row.changed += len(changed)
