"""Whether a signed record is what was signed: container, signature, every file, the chain of its events.

Needs no store, no network and no settings. Never trusts the file with more than it proves: who holds the key is for
the reader to know, by comparing its id.
"""

from __future__ import annotations

import hashlib
import json
import mmap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from quarterdeck.core.kernel.chain import GENESIS

from . import container
from .format import ALGORITHM, ATTACHMENTS, EVENTS, FORMAT, MANIFEST, SIGNATURE, as_json

_MOST_TOLD = 20


@dataclass(slots=True)
class Proof:
    """What was found. `faults` empty: everything is as it was signed by the holder of `public_key`."""

    faults: list[str] = field(default_factory=list)
    incident: str = ""
    made_at: str = ""
    installation: str = ""
    release: str = ""
    names: bool = False
    files: int = 0
    events: int = 0
    public_key: str = ""
    key_id: str = ""

    def wrong(self, text: str) -> None:
        if len(self.faults) < _MOST_TOLD and text not in self.faults:
            self.faults.append(text)


def verify(path: Path) -> Proof:
    """Look at every byte of a signed record. Raises OSError when it cannot be read."""
    proof = Proof()
    with path.open("rb") as file:
        if path.stat().st_size == 0:
            proof.wrong("the file is empty")
            return proof
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped, memoryview(mapped) as data:
            _whole(data, mapped, proof)
    return proof


def _whole(data: memoryview, mapped: mmap.mmap, proof: Proof) -> None:
    try:
        parts = container.read(data)
    except container.Damaged as e:
        proof.wrong(str(e))
        return
    known = {p.name: p for p in parts}
    if len(known) != len(parts):
        proof.wrong("two files have the same name")
    proof.files = len(parts)
    for name in (MANIFEST, SIGNATURE, EVENTS):
        if name not in known:
            proof.wrong(f"{name}: is missing")
    if proof.faults:
        return
    text = bytes(data[known[MANIFEST].start : known[MANIFEST].start + known[MANIFEST].size])
    manifest = _object(text, MANIFEST, proof)
    _signed(data, known[SIGNATURE], text, proof)
    _described(manifest, proof)
    _files(data, known, manifest, proof)
    part = known[EVENTS]
    _chained(mapped, part, manifest, known, proof)


def _object(text: bytes, name: str, proof: Proof) -> Mapping[str, Any]:
    try:
        value = json.loads(text)
        if isinstance(value, dict) and as_json(value) == text:
            return value
    except (ValueError, RecursionError):
        pass
    proof.wrong(f"{name}: was changed: it is not in the form it is written in")
    return {}


def _signed(data: memoryview, part: container.Part, manifest: bytes, proof: Proof) -> None:
    said = _object(bytes(data[part.start : part.start + part.size]), SIGNATURE, proof)
    if not said:
        return
    try:
        key, signature = bytes.fromhex(str(said["public_key"])), bytes.fromhex(str(said["signature"]))
        proof.public_key, proof.key_id = key.hex(), hashlib.sha256(key).hexdigest()[:16]
        meant = {
            "algorithm": ALGORITHM, "key_id": proof.key_id, "public_key": key.hex(),
            "signature": signature.hex(), "signs": MANIFEST,
        }  # fmt: skip
        if dict(said) != meant:
            proof.wrong(f"{SIGNATURE}: was changed")
        Ed25519PublicKey.from_public_bytes(key).verify(signature, manifest)
    except (KeyError, ValueError):
        proof.wrong(f"{SIGNATURE}: was changed: it holds no key and signature")
    except InvalidSignature:
        proof.wrong(f"{MANIFEST} or {SIGNATURE}: was changed: the signature does not fit")


def _described(manifest: Mapping[str, Any], proof: Proof) -> None:
    if manifest and manifest.get("format") != FORMAT:
        proof.wrong(f"{MANIFEST}: its form {manifest.get('format')!r} is not known; use a newer Quarterdeck")
    proof.incident = str(manifest.get("incident", ""))
    proof.made_at = str(manifest.get("made_at", ""))
    proof.installation = str(manifest.get("installation", ""))
    proof.release = str(manifest.get("release", ""))
    proof.names = manifest.get("names") is True
    if manifest and manifest.get("public_key") != proof.public_key:
        proof.wrong(f"{SIGNATURE}: names another key than {MANIFEST}")


def _files(
    data: memoryview, known: Mapping[str, container.Part], manifest: Mapping[str, Any], proof: Proof
) -> None:
    listed = manifest.get("files")
    if not isinstance(listed, dict):
        return
    for name, part in known.items():
        if name in (MANIFEST, SIGNATURE):
            continue
        if name not in listed:
            proof.wrong(f"{name}: was added: the manifest does not name it")
            continue
        if _digest(data, part) != listed[name]:
            proof.wrong(f"{name}: was changed: its SHA-256 is not the one that was signed")
    for name in sorted(set(listed) - set(known)):
        proof.wrong(f"{name}: is missing")


def _digest(data: memoryview, part: container.Part) -> str:
    total = hashlib.sha256()
    for piece in part.pieces(data):
        total.update(piece)
    return total.hexdigest()


def _chained(
    mapped: mmap.mmap,
    part: container.Part,
    manifest: Mapping[str, Any],
    known: Mapping[str, container.Part],
    proof: Proof,
) -> None:
    """Each line is the very text its hash was made of, and begins with the hash of the line before."""
    stream = json.dumps(proof.incident, ensure_ascii=False)
    previous, number = GENESIS, 0
    listed = manifest.get("files")
    held = {str(v) for v in listed.values()} if isinstance(listed, dict) else set()
    lost = manifest.get("unavailable")
    held |= {str(v) for v in lost} if isinstance(lost, list) else set()
    for line in _lines(mapped, part):
        number += 1
        if not line.startswith(f'["{previous}",{stream},{number},'.encode()):
            proof.wrong(
                f"{EVENTS}: event {number} does not follow the one before it, or that one was changed"
            )
            break
        if b'"FileAttached",' in line:
            _attached(line, number, held, proof)
        previous = hashlib.sha256(line).hexdigest()
    proof.events = number
    if (number, previous) != (manifest.get("events"), manifest.get("head")):
        proof.wrong(f"{EVENTS}: event {number} is not the last one that was signed, or was changed")


def _attached(line: bytes, number: int, held: set[str], proof: Proof) -> None:
    """A file named in the chain is in the record, unless the manifest says that it was not to be had."""
    try:
        found = json.loads(line)
        if found[5] == "FileAttached" and found[6]["sha256"] not in held:
            proof.wrong(f"{ATTACHMENTS}: the file of event {number} is missing")
    except (ValueError, LookupError, TypeError):
        proof.wrong(f"{EVENTS}: event {number} cannot be read")


def _lines(mapped: mmap.mmap, part: container.Part) -> Iterator[bytes]:
    at, end = part.start, part.start + part.size
    while at < end:
        to = mapped.find(b"\n", at, end)
        to = end if to < 0 else to
        yield mapped[at:to]
        at = to + 1
