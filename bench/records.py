"""Export, proof and replay of large records, beside plain hashing of the same bytes."""

from __future__ import annotations

import hashlib
import io
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from .machine import Row

WHAT = "an incident of 5,000 events exported and replayed; a record of a million events proved, beside SHA-256 alone"
MANY, EVENTS = 1_000_000, 5_000
START = datetime(2026, 11, 22, 14, 2, tzinfo=UTC)


def run(seconds: float, rounds: int) -> list[Row]:
    """`seconds` is not used: each measurement is one whole piece of work."""
    from support import database  # noqa: F401 - sets the product up on a store of its own

    with tempfile.TemporaryDirectory(prefix="quarterdeck-bench-") as folder:
        proof = _proof(Path(folder) / "record.zip")
        return [*_one_incident(rounds), proof]


def _one_incident(rounds: int) -> list[Row]:
    from django.core.management import call_command

    from quarterdeck.app.act import Act
    from quarterdeck.app.exports.write import export
    from quarterdeck.app.incidents import replay
    from quarterdeck.core.access import SYSTEM

    call_command("migrate", verbosity=0)
    incident = grown(EVENTS)
    act = Act(SYSTEM, datetime.now(UTC), "cli")
    made: list[bytes] = []

    def exported() -> None:
        out = io.BytesIO()
        export(act, incident, out)
        made[:] = [out.getvalue()]

    export_seconds = _median(exported, rounds)
    plain = _median(lambda: hashlib.sha256(made[0]).digest(), rounds)

    def cold() -> None:
        replay.forget()
        replay.at(incident, SYSTEM, START + timedelta(seconds=EVENTS))

    first = _median(cold, rounds)
    places = iter(range(EVENTS - 13, 0, -97))
    warm = _median(
        lambda: replay.at(incident, SYSTEM, START + timedelta(seconds=next(places))), max(rounds, 9)
    )
    return [
        Row(f"export of {EVENTS:,} events, {len(made[0]) / 1e6:.1f} MB", f"{export_seconds:.2f} s",
            f"{plain * 1000:.1f} ms (SHA-256 of it)", export_seconds / plain, "≤ 3 s"),
        Row("replay to an instant, first look", f"{first * 1000:.0f} ms", goal="≤ 150 ms"),
        Row("replay to an instant, later looks", f"{warm * 1000:.0f} ms", goal="≤ 150 ms"),
    ]  # fmt: skip


def grown(events: int) -> str:
    """An incident with this many events, most of them notes, tasks and decisions."""
    from quarterdeck.app import casebook
    from quarterdeck.app.act import Act, act_of
    from quarterdeck.app.incidents import incidents
    from quarterdeck.core.access import SYSTEM
    from quarterdeck.core.incidents import Declaration
    from quarterdeck.core.incidents import events as ev
    from quarterdeck.store import models, tx

    person = models.Person.objects.create_user(
        "ana@example.com", None, handle="ana", name="Ana", role="responder", created_at=START
    )
    act = act_of(person.id, person.role, START)
    incident = incidents.declare(act, Declaration("Checkout fails", severity=2)).incident.key
    at = START
    while (case := casebook.load(incident, SYSTEM)).incident.seq < events:
        at = START + timedelta(seconds=case.incident.seq)
        batch: list[Any] = []
        for n in range(case.incident.seq, min(case.incident.seq + 500, events)):
            kind = n % 10
            if kind == 3:
                batch.append(ev.TaskGiven(f"t-{n}", f"Look at shard {n}", person.id, 10))
            elif kind == 4:
                batch.append(ev.TaskDone(f"t-{n - 1}", "Nothing there", f"Look at shard {n - 1}"))
            elif kind == 7:
                batch.append(ev.DecisionMade(f"d-{n}", "Go on?", (), "yes", "It falls"))
            else:
                batch.append(ev.EntryWritten(f"e-{n}", "note", f"Errors at {n} a second, and falling. " * 3))
        with tx.write():
            casebook.append(Act(act.who, at, "web"), case, incident, batch)
    return incident


def _proof(path: Path) -> Row:
    from quarterdeck.app.exports import container, format, proof, signing

    lines, head = _lines(MANY)
    digest = hashlib.sha256(lines).hexdigest()

    def files() -> Iterator[tuple[str, bytes]]:
        yield format.EVENTS, lines
        key = signing.public_keys()[0]
        about = {
            "format": format.FORMAT, "incident": "INC-1", "events": MANY, "head": head, "public_key": key.key,
            "files": {format.EVENTS: digest},
        }  # fmt: skip
        manifest = format.as_json(about)
        yield format.MANIFEST, manifest
        signature, public = signing.sign(manifest)
        said = {"algorithm": format.ALGORITHM, "key_id": key.id, "public_key": public,
                "signature": signature, "signs": format.MANIFEST}  # fmt: skip
        yield format.SIGNATURE, format.as_json(said)

    with path.open("wb") as out:
        container.write(out, files())
    found = proof.verify(path)
    assert found.faults == [] and found.events == MANY
    ours = _median(lambda: proof.verify(path), 1)
    plain = _median(lambda: hashlib.sha256(lines).digest(), 3)
    return Row(
        f"proof of {MANY:,} events, {len(lines) / 1e6:.0f} MB", f"{ours:.1f} s",
        f"{plain:.2f} s (SHA-256 of it)", ours / plain, "≤ 30 s",
    )  # fmt: skip


def _lines(number: int) -> tuple[bytes, str]:
    from quarterdeck.core.kernel.chain import GENESIS

    found, previous = [], GENESIS
    for n in range(1, number + 1):
        line = (
            f'["{previous}","INC-1",{n},"2026-11-22T14:02:00Z","01890f2e-7c3a-7bbb-8c3a-000000000001",'
            f'"EntryWritten",{{"entry_id":"e-{n}","followup":false,"happened_at":null,"kind":"note",'
            f'"pinned":false,"text":"Errors at {n} a second, and falling."}}]'
        ).encode()
        found.append(line)
        previous = hashlib.sha256(line).hexdigest()
    return b"\n".join(found) + b"\n", previous


def _median(work: Callable[[], object], rounds: int) -> float:
    took = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return statistics.median(took)
