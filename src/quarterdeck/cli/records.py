"""`quarterdeck verify FILE`: what the proof of an exported record found, in words. Opens no store and no network."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path

import click

_KEY = re.compile(r"[0-9a-f]{16}|[0-9a-f]{64}")


def is_record(name: str) -> bool:
    """Whether a file is meant rather than a stream of the log."""
    return Path(name).is_file() or name.endswith(".zip") or "/" in name


def prove(names: Sequence[str], key: str) -> None:
    """Look at every file; ends the program with 1 when one is not what was signed, with 2 when one cannot be read."""
    wanted = key.strip().lower()
    if wanted and not _KEY.fullmatch(wanted):
        raise click.UsageError("A key is 16 hexadecimal digits (its id) or 64 (the whole of it).")
    codes = [_one(Path(name), wanted) for name in names]
    sys.exit(max(codes, key=lambda code: (code == 1, code)))


def _one(path: Path, wanted: str) -> int:
    from quarterdeck.app.exports.proof import verify

    try:
        proof = verify(path)
    except OSError as e:
        click.echo(f"quarterdeck: {path} cannot be read ({e.strerror}).", err=True)
        return 2
    faults = list(proof.faults)
    if wanted and wanted not in (proof.key_id, proof.public_key):
        faults.append(f"it was signed with key {proof.key_id or 'none'}, not with {wanted}")
    for fault in faults:
        click.echo(f"CHANGED  {path.name}: {fault}", err=True)
    if faults:
        click.echo(f"{path} is not what was signed. Do not rely on it.", err=True)
        return 1
    people = "people by name" if proof.names else "people by role"
    click.echo(
        f"whole    {path.name}  {proof.incident}, {proof.events} events, {proof.files} files, {people}"
    )
    click.echo(f"made     {proof.made_at} by Quarterdeck {proof.release}, installation {proof.installation}")
    click.echo(f"signed   with key {proof.key_id}")
    if not wanted:
        click.echo(
            "Whose key that is, nobody but its owner can say: compare it with `quarterdeck keys show` there, or with "
            "/.well-known/quarterdeck-keys.json of that installation; then name it with --key."
        )
    return 0
