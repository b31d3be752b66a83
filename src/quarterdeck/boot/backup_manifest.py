"""What a backup says of itself, and that there is none."""

from __future__ import annotations

import msgspec


class BackupFailed(Exception):
    """There is no new backup; the message says why and what to do."""


class File(msgspec.Struct, frozen=True):
    """`name` is relative to the backup."""

    name: str
    bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup holds and what was found when it was restored to prove it."""

    format: int
    release: str
    made_at: str
    store: str  # sqlite | postgresql
    schema_version: int
    cluster_epoch: int
    installation: str
    secrets: bool
    files: list[File]
    counts: dict[str, int]
    streams: int
    events: int
    copy_seconds: float
    proof_seconds: float
