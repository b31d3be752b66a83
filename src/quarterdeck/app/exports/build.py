"""The files of an incident's signed record, for one reader. Refuses a log whose chain is broken; changes nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from quarterdeck import __version__
from quarterdeck.app import reports
from quarterdeck.app.incidents import attachments
from quarterdeck.app.reports import Page
from quarterdeck.core.incidents import rows
from quarterdeck.core.incidents.parts import Attachment
from quarterdeck.core.kernel.chain import GENESIS, Entry, canonical, first_break
from quarterdeck.core.kernel.moments import text
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.reviews import Report
from quarterdeck.store import models

from .format import ATTACHMENTS, EVENTS, FORMAT

_SAFE = re.compile(r"[^A-Za-z0-9._-]+")
README = """\
This is the record of {incident}, exported {at} by Quarterdeck {release}.

report.md, report.pdf   what happened, for reading
incident.json           the incident as it stood, every part of it
timeline.json           every line of the record in order of time
people.json             whom the ids stand for: {people}
events.jsonl            the log itself, one event a line
attachments/            files of the record, each named by the beginning of its SHA-256
manifest.json           the SHA-256 of every file
signature.json          an Ed25519 signature over manifest.json, and the public key

To prove it, on any machine and without a network:

    quarterdeck verify {name}

By hand: each line of events.jsonl is the text [previous hash, incident, number, time, actor, kind, data]; the SHA-256
of a line (without its line end) is the previous hash of the next one and, for the last, "head" in manifest.json.
A signature proves who signed only to those who know the key: compare its id with `quarterdeck keys show` or with
/.well-known/quarterdeck-keys.json of the installation.
"""


@dataclass(frozen=True, slots=True)
class Contents:
    """What goes into a record, and what the manifest says of it. `lost`: hashes of files that are not to be had."""

    files: Iterator[tuple[str, bytes]]
    about: Mapping[str, Any]
    lost: tuple[str, ...]


def contents(page: Page, entries: list[Entry], now: datetime, *, named: bool, name: str) -> Contents:
    """The files but manifest and signature, in their order. `entries` is the whole log of the incident."""
    incident = page.case.incident
    broken = first_break(entries)
    if broken is not None:
        raise Refused(
            "export.broken",
            f"The log of this incident is not whole ({broken}), so nobody may sign it. Run quarterdeck verify and "
            "compare with a backup.",
        )
    files = list(incident.attachments.values())
    gone = {a.sha256 for a in files if a.taken_back_at} - {a.sha256 for a in files if not a.taken_back_at}
    found = {a.sha256: a.sha256 not in gone and attachments.content_of(a.sha256) is not None for a in files}
    installation = models.Installation.objects.get(id=1).installation_id
    about = {
        "format": FORMAT, "product": "Quarterdeck", "release": __version__, "incident": incident.key,
        "installation": installation, "made_at": text(now), "names": named, "restricted": incident.restricted,
        "events": len(entries), "head": entries[-1].hash if entries else GENESIS,
        # What was taken back is not to be had, and is named once more with those that were.
        "unavailable": sorted(sha for sha, there in found.items() if not there), "taken_back": sorted(gone),
    }  # fmt: skip
    told = README.format(
        incident=incident.key, at=text(now), release=__version__, name=name,
        people="their names" if named else "the roles they held",
    )  # fmt: skip

    def each() -> Iterator[tuple[str, bytes]]:
        yield "README.txt", told.encode()
        yield "report.md", reports.markdown(page.report, whole=True).encode()
        yield "report.pdf", reports.pdf(page.report, undated=True)
        yield "incident.json", _json(_incident(page))
        yield "timeline.json", _json(_timeline(page.report))
        yield "people.json", _json(dict(sorted(page.people.items())))
        yield EVENTS, "".join(f"{line(e)}\n" for e in entries).encode()
        done = set()
        for file in files:
            if found[file.sha256] and file.sha256 not in done:
                done.add(file.sha256)
                content = attachments.content_of(file.sha256)
                yield place_of(file), content or b""

    return Contents(
        each(), about, tuple(sha for sha, there in found.items() if not there and sha not in gone)
    )


def line(e: Entry) -> str:
    """An event as the very text that its hash was made of (`core.kernel.chain.link`)."""
    return canonical([e.prev_hash, e.stream, e.seq, text(e.at), e.actor, e.kind, e.data])


def place_of(file: Attachment) -> str:
    """Where a file stands in the record: its hash tells it apart, its name says what it is."""
    return f"{ATTACHMENTS}{file.sha256[:16]}-{_SAFE.sub('_', file.name)[-80:].lstrip('.') or 'file'}"


def _incident(page: Page) -> dict[str, Any]:
    tables = rows(page.case.incident)
    (row,) = tables.pop("incident").values()
    return {
        "incident": row,
        "structure": page.case.template.key,
        "parts": {name: list(parts.values()) for name, parts in sorted(tables.items())},
        "files": {a.id: place_of(a) for a in page.case.incident.attachments.values()},
    }


def _timeline(report: Report) -> list[dict[str, Any]]:
    return [
        {
            "seq": e.seq, "kind": e.kind, "weight": e.weight, "who": e.who, "title": e.title, "text": e.text,
            "happened_at": e.happened_at, "entered_at": e.entered_at, "backdated": e.backdated,
            "followup": e.followup,
        }
        for e in report.timeline
    ]  # fmt: skip


def _json(value: object) -> bytes:
    return (json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False, default=_plain) + "\n").encode()


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return text(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")
