"""What is wrong with a store's files, found without trusting any of them: structure, references, chains, counts.

Needs no Django, so that a copy can be proved while the store it came from is in use. Changes nothing.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from quarterdeck.core.kernel.chain import Entry, first_break
from quarterdeck.core.kernel.moments import from_micros

from .copying import counts, open_to_read

EVENTS = "SELECT stream, seq, at, actor, kind, data, prev_hash, hash FROM event ORDER BY stream, seq"


@dataclass
class Proof:
    """`wrong` says in words what does not hold; empty when all does. Counts by table."""

    counts: dict[str, int] = field(default_factory=dict)
    streams: int = 0
    events: int = 0
    wrong: list[str] = field(default_factory=list)


def prove(store: Path, journal: Path | None) -> Proof:
    """Read both files as a whole. `journal` None: there is none (nothing was ever received)."""
    proof = Proof()
    try:
        with closing(open_to_read(store)) as db:
            _structure(db, store.name, proof)
            proof.counts = counts(db)
            chains(db.execute(EVENTS) if "event" in proof.counts else (), proof)
            position = _position(db) if "cursor" in proof.counts else 0
        last = 0
        if journal is not None:
            with closing(open_to_read(journal)) as db:
                _structure(db, journal.name, proof)
                rows, last = db.execute("SELECT count(*), coalesce(max(id), 0) FROM inbound").fetchone()
                proof.counts["journal.inbound"] = rows
        if position > last:
            proof.wrong.append(f"the store has read {position} bodies of a journal that ends at {last}")
    except sqlite3.Error as e:
        proof.wrong.append(f"it cannot be read: {e}")
    return proof


def differences(wanted: Mapping[str, int], found: Mapping[str, int]) -> list[str]:
    """Where two counts of the same tables differ, in words."""
    return [
        f"{name} has {found.get(name, 0)} rows instead of {wanted.get(name, 0)}"
        for name in sorted(wanted.keys() | found.keys())
        if wanted.get(name, 0) != found.get(name, 0)
    ]


def chains(rows: Iterable[tuple[Any, ...]], proof: Proof) -> None:
    """Every hash computed anew. `rows` in order of stream and place, as EVENTS gives them."""

    def entries(found: Iterable[tuple[Any, ...]]) -> Iterator[Entry]:
        for stream, seq, at, actor, kind, data, prev_hash, own in found:
            proof.events += 1
            yield Entry(stream, seq, from_micros(at), actor, kind, json.loads(data), prev_hash, own)

    for _, found in groupby(rows, key=lambda row: row[0]):
        proof.streams += 1
        broken = first_break(entries(found))
        if broken is not None:
            proof.wrong.append(f"the log is broken: {broken}")


def _structure(db: sqlite3.Connection, name: str, proof: Proof) -> None:
    told = [text for (text,) in db.execute("PRAGMA integrity_check(5)")]
    if told != ["ok"]:
        proof.wrong.append(f"{name} is damaged: {told[0]}")
    lost = db.execute("PRAGMA foreign_key_check").fetchone()
    if lost is not None:
        proof.wrong.append(f"{name}: a row of {lost[0]} names one of {lost[2]} that is not there")


def _position(db: sqlite3.Connection) -> int:
    found = db.execute("SELECT position FROM cursor WHERE name = 'journal'").fetchone()
    return found[0] if found else 0
