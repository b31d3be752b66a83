"""One act: the record of an incident, signed, into a file. Who did it, with names or without, is in the audit trail."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from quarterdeck.app import casebook, reports, visibility
from quarterdeck.app.act import OPERATOR, Act, need
from quarterdeck.app.incidents import readings
from quarterdeck.core.access import may
from quarterdeck.core.incidents import grants
from quarterdeck.core.kernel.refused import Refused, forbidden
from quarterdeck.store import log, tx

from . import build, container, signing
from .format import ALGORITHM, MANIFEST, SIGNATURE, as_json


@dataclass(frozen=True, slots=True)
class Record:
    """What was written. `lost`: how many attached files were not to be had; the manifest names them."""

    incident: str
    name: str
    size_bytes: int
    events: int
    files: int
    key_id: str
    lost: int


def export(act: Act, incident_id: str, out: BinaryIO, *, named: bool = False) -> Record:
    """Write the signed record into `out`. People are called by their roles unless `named` (R-292), which takes the
    commander of the incident or an administrator. Somebody who may not read the incident is told it does not exist.
    """
    if not act.who.is_system:
        need(act, "incident.read")
    _may_name(act, incident_id, named)
    page = reports.page_of(incident_id, act.who, act.at, named=named)
    entries = log.read(incident_id)
    incident = page.case.incident
    name = f"{incident.key}-record.zip"
    found = build.contents(page, entries, act.at, named=named, name=name)
    digests: dict[str, str] = {}
    key = signing.public_keys()[0]

    def files() -> Iterator[tuple[str, bytes]]:
        for place, content in found.files:
            digests[place] = hashlib.sha256(content).hexdigest()
            yield place, content
        manifest = as_json({**found.about, "public_key": key.key, "files": digests})
        yield MANIFEST, manifest
        signature, public = signing.sign(manifest)
        yield SIGNATURE, as_json(
            {
                "algorithm": ALGORITHM, "key_id": key.id, "public_key": public, "signature": signature,
                "signs": MANIFEST,
            }
        )  # fmt: skip

    try:
        size = container.write(out, files())
    except container.TooLarge:
        raise Refused(
            "export.large", "The record would be larger than 4 GB. Fetch its attachments one by one."
        ) from None
    _note(act, incident_id, len(entries), named)
    if not act.who.is_system:
        readings.note(act.who, incident, readings.RECORD, act.at)
    return Record(incident.key, name, size, len(entries), len(digests), key.id, len(found.lost))


def _may_name(act: Act, incident_id: str, named: bool) -> None:
    if not named or act.who.is_system or may(act.who, "audit.read"):
        return
    case = casebook.load(incident_id, act.who)
    if "incident.phase" not in grants(case.incident, case.template, act.who):
        raise forbidden(
            "export.names",
            "Only the commander of this incident or an administrator may export names. Export it with roles instead.",
        )


def _note(act: Act, incident_id: str, events: int, named: bool) -> None:
    told = visibility.unless_restricted(incident_id, incident_id, "a restricted incident")
    actor = OPERATOR if act.who.is_system else act.person
    with tx.write():
        log.audit(
            "RecordExported", {"incident": told, "events": events, "names": named}, at=act.at, actor=actor
        )
