"""The signed record of an incident: what is in it, who may have it, and that any change to it is found and named."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings as django
from django.test import override_settings
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterdeck.app import reports
from quarterdeck.app.exports import build, container, signing
from quarterdeck.app.exports.proof import Proof, verify
from quarterdeck.app.exports.write import export
from quarterdeck.app.incidents import attachments, record
from quarterdeck.core.access import SYSTEM
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import log
from support.budgets import examples
from support.reviewed import declared, organisation, reviewed
from support.world import World

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63606060000000040001f61738550000000049454e44ae426082"
)


@pytest.fixture
def world(db: None) -> World:
    return organisation(World())


def exported(world: World, incident: str, handle: str = "ana", **how: bool) -> bytes:
    out = io.BytesIO()
    export(world.act(handle), incident, out, **how)
    return out.getvalue()


def proof_of(content: bytes, folder: Path) -> Proof:
    path = folder / "record.zip"
    path.write_bytes(content)
    return verify(path)


def test_a_record_holds_everything_and_proves_itself(world: World, tmp_path: Path) -> None:
    incident = reviewed(world)
    content = exported(world, incident)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        events = archive.read("events.jsonl").decode().splitlines()
        told = json.loads(archive.read("incident.json"))
        assert archive.testzip() is None
    assert {"report.md", "report.pdf", "timeline.json", "manifest.json", "signature.json"} <= set(names)
    assert len(events) == len(log.read(incident)) and told["incident"]["id"] == incident
    proof = proof_of(content, tmp_path)
    assert (proof.faults, proof.incident, proof.events) == ([], incident, len(events))
    assert proof.public_key == signing.public_keys()[0].key
    audit = [e for e in log.read("installation") if e.kind == "RecordExported"]
    assert [e.data["incident"] for e in audit] == [incident]


def test_files_of_the_record_come_along_and_are_bound_by_the_chain(world: World, tmp_path: Path) -> None:
    incident = declared(world)
    attachments.attach(world.act("ana"), incident, "graph.png", PNG, text="The pool at 14:02")
    content = exported(world, incident)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        (place,) = [n for n in archive.namelist() if n.startswith("attachments/")]
        assert archive.read(place) == PNG and place.endswith("-graph.png")
    assert proof_of(content, tmp_path).faults == []


def test_the_same_moment_gives_the_same_record(world: World) -> None:
    incident = declared(world)
    assert exported(world, incident) == exported(world, incident)


@pytest.fixture
def small(world: World, tmp_path: Path) -> tuple[bytes, Path]:
    incident = declared(world)
    attachments.attach(world.act("ana"), incident, "graph.png", PNG)
    return exported(world, incident), tmp_path


def test_any_flipped_byte_is_found_and_named(small: tuple[bytes, Path]) -> None:
    content, folder = small
    parts = container.read(memoryview(content))

    @settings(max_examples=examples(150))
    @given(st.integers(0, len(content) - 1), st.integers(1, 255))
    def holds(at: int, flip: int) -> None:
        changed = bytearray(content)
        changed[at] ^= flip
        faults = proof_of(bytes(changed), folder).faults
        assert faults
        inside = [p.name for p in parts if p.start <= at < p.start + p.size]
        assert not inside or any(inside[0] in f for f in faults)

    holds()


def test_what_is_cut_added_left_out_or_put_in_another_order_is_found(small: tuple[bytes, Path]) -> None:
    content, folder = small
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = [(n, archive.read(n)) for n in archive.namelist()]

    def again(changed: list[tuple[str, bytes]]) -> list[str]:
        out = io.BytesIO()
        container.write(out, changed)
        return proof_of(out.getvalue(), folder).faults

    assert again(files) == []
    assert "report.md: is missing" in again([f for f in files if f[0] != "report.md"])
    assert "evil.txt: was added: the manifest does not name it" in again([("evil.txt", b"x"), *files])
    assert any("PNG" in f or "graph.png: is missing" in f for f in again([f for f in files if f[1] != PNG]))
    lines = dict(files)["events.jsonl"].splitlines(keepends=True)
    for chain in (lines[:-1], lines[1:], [lines[1], lines[0], *lines[2:]], [*lines, lines[-1]]):
        faults = again([(n, b"".join(chain) if n == "events.jsonl" else c) for n, c in files])
        assert any("event " in f for f in faults), faults
    for cut in (0, 1, 100, len(content) // 2, len(content) - 1):
        assert proof_of(content[:cut], folder).faults
    assert proof_of(content + b"x", folder).faults


def test_a_record_made_anew_by_somebody_else_carries_another_key(small: tuple[bytes, Path]) -> None:
    content, folder = small
    ours = proof_of(content, folder).key_id
    former = django.SECRET_KEY
    with override_settings(
        SECRET_KEY="another installation's own key, long enough", SECRET_KEY_FALLBACKS=[former]
    ):
        assert [(k.id == ours, k.present) for k in signing.public_keys()] == [(False, True), (True, False)]


@pytest.mark.requirement("R-292")
def test_a_record_shows_roles_and_names_take_the_commander_or_an_administrator(world: World) -> None:
    incident = declared(world)
    record.write(world.act("ben"), incident, "note", "The pool is full")
    plain = _texts(exported(world, incident))
    assert "Incident Commander" in plain and "Ana" not in plain and "Ben" not in plain
    assert "Ana" in _texts(exported(world, incident, "ana", named=True))
    assert "Ben" in _texts(exported(world, incident, "root", named=True))
    with pytest.raises(Refused, match=r"export\.names"):
        exported(world, incident, "ben", named=True)


def _texts(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return "\n".join(
            archive.read(n).decode() for n in archive.namelist() if n.endswith((".md", ".json", ".txt"))
        )


@pytest.mark.requirement("R-293")
def test_nobody_but_its_members_has_the_record_of_a_restricted_incident(world: World) -> None:
    incident = declared(world, restricted=True, title="Keys leaked")
    for handle in ("ben", "root", "ole"):
        with pytest.raises(Refused, match=r"incident\.unknown"):
            exported(world, incident, handle)
    with pytest.raises(Refused, match=r"access\.incident\.read"):
        exported(world, incident, "eva")
    assert b"Keys leaked" in exported(world, incident)
    (noted,) = [e for e in log.read("installation") if e.kind == "RecordExported"]
    assert incident not in json.dumps(dict(noted.data))


def test_a_log_that_was_changed_is_not_signed(world: World) -> None:
    incident = declared(world)
    page = reports.page_of(incident, SYSTEM, world.now)
    entries = log.read(incident)
    entries[1] = replace(entries[1], actor="somebody else")
    with pytest.raises(Refused, match=r"export\.broken"):
        build.contents(page, entries, world.now, named=False, name="x")
