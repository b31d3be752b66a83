"""Keys of integrations and of the API: made once, shown once, kept as SHA-256 (160 random bits: a fast hash is right).

A key looks like `qd_in_<32 letters>_<6 hex digits>`; the last part is a checksum, so that a typo is told from a
revoked key and secret scanners can find leaks.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import zlib
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db.models import Q, QuerySet

from quarterdeck.core.kernel.refused import bad, missing
from quarterdeck.core.kernel.text import line
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from ..act import Act, need
from ..upkeep import removals

LONGEST_DAYS = 366
MOST_PER_MINUTE = 10_000_000
SYNTHETIC = "synthetic"  # the id of the integration that the product's own synthetic page comes in by


def make(kind: str) -> str:
    """A new key; `kind` is "in" (integrations) or "api"."""
    body = base64.b32encode(os.urandom(20)).decode().lower()
    return f"qd_{kind}_{body}_{_sum(f'qd_{kind}_{body}')}"


def own(purpose: str) -> str:
    """The key with which this installation sends alerts to itself: the same in each of its processes that may know it,
    "" in those that may not.
    """
    known: str = settings.QUARTERDECK_WATCH_KEY
    if not known:
        return ""
    raw = hmac.digest(known.encode(), purpose.encode(), "sha256")[:20]
    head = f"qd_in_{base64.b32encode(raw).decode().lower()}"
    return f"{head}_{_sum(head)}"


def well_formed(key: str) -> bool:
    head, _, check = key.rpartition("_")
    return head.startswith("qd_") and _sum(head) == check


def digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def _sum(head: str) -> str:
    return f"{zlib.crc32(head.encode('utf-8', 'replace')) & 0xFFFFFF:06x}"


def integrations() -> QuerySet[models.Integration]:
    """Those that people made or may see; the built-in one is nobody's business."""
    return models.Integration.objects.exclude(id=SYNTHETIC)


def create_integration(
    act: Act,
    name: str,
    kind: str,
    *,
    service: models.Service | None = None,
    policy: models.EscalationPolicy | None = None,
    mapping: dict[str, object] | None = None,
    key: str = "",
    source_kind: str = "monitor",
) -> tuple[models.Integration, str]:
    """A new integration and its key, which nobody can read again. `source_kind` says who notices: monitor, heartbeat,
    customer, employee.
    """
    need(act, "key.edit")
    name = line(name, 120)
    if not name:
        raise bad(
            "integration.name_missing",
            "Give the integration a name, such as the tool that will send.",
            name="missing",
        )
    key = key or make("in")
    with tx.write("web"):
        row = models.Integration.objects.create(
            id=new_id(),
            name=name,
            kind=kind,
            service=service,
            policy=policy,
            mapping=mapping,
            key_hash=digest(key),
            hint=f"{key[:10]}…{key[-4:]}",
            created_at=act.at,
            source_kind=source_kind,
        )
        log.audit(
            "IntegrationCreated",
            {"integration": row.id, "name": name, "kind": kind},
            at=act.at,
            actor=act.person,
        )
    return row, key  # fmt: skip


def limit_integration(act: Act, integration_id: str, requests: int | None, alerts: int | None) -> None:
    """How many requests and alerts a minute a web process takes of it. None: as the installation says; 0: no limit."""
    need(act, "key.edit")
    for name, value in (("requests", requests), ("alerts", alerts)):
        if value is not None and not 0 <= value <= MOST_PER_MINUTE:
            raise bad(
                "integration.limit",
                f"A limit is 0 (none) to {MOST_PER_MINUTE:,} a minute. Leave it empty for the usual one.",
                **{name: "out of range"},
            )
    with tx.write("web"):
        rows = integrations().filter(id=integration_id)
        if not rows.update(requests_per_minute=requests, alerts_per_minute=alerts):
            raise missing("integration.unknown", "There is no such integration. Reload the list.")
        said = {"integration": integration_id, "requests_per_minute": requests, "alerts_per_minute": alerts}
        log.audit("IntegrationLimited", said, at=act.at, actor=act.person)


def revoke_integration(act: Act, integration_id: str) -> None:
    """From now on its key is refused. What it sent before stays."""
    need(act, "key.edit")
    with tx.write("web"):
        live = integrations().filter(id=integration_id, revoked_at=None)
        name = live.values_list("name", flat=True).first()
        if live.update(revoked_at=act.at):
            removals.note(act, "integration", integration_id, name or "", {})
            log.audit("IntegrationRevoked", {"integration": integration_id}, at=act.at, actor=act.person)
        elif not integrations().filter(id=integration_id).exists():
            raise missing("integration.unknown", "There is no such integration. Reload the list.")


class Known(NamedTuple):
    """What the edge knows of a key. Limits by the minute: None the installation's own, 0 no limit."""

    integration: str
    kind: str
    revoked: bool
    requests_per_minute: int | None
    alerts_per_minute: int | None


def integrations_by_digest(only: str | None = None) -> dict[str, Known]:
    """By the digest of their keys, for the edge's table of keys."""
    rows = models.Integration.objects.filter(Q(key_hash=only) if only else Q())
    found = rows.values_list(
        "key_hash", "id", "kind", "revoked_at", "requests_per_minute", "alerts_per_minute"
    )
    return {h: Known(i, k, r is not None, requests, alerts) for h, i, k, r, requests, alerts in found}


def create_api_key(
    act: Act, name: str, days: int = 90, *, person_id: str = "", key: str = ""
) -> tuple[models.ApiKey, str]:
    """A key that acts as its owner, for at most a year."""
    owner = person_id or act.person
    if owner != act.person:
        need(act, "key.edit")
    if not 1 <= days <= LONGEST_DAYS:
        raise bad(
            "key.days",
            f"A key lives 1 to {LONGEST_DAYS} days. Choose a number between them.",
            days="out of range",
        )
    name = line(name, 120)
    if not name:
        raise bad("key.name_missing", "Give the key a name: what will use it?", name="missing")
    key = key or make("api")
    with tx.write("web"):
        row = models.ApiKey.objects.create(
            id=new_id(),
            person_id=owner,
            name=name,
            key_hash=digest(key),
            hint=f"{key[:11]}…{key[-4:]}",
            created_at=act.at,
            expires_at=act.at + timedelta(days=days),
        )
        log.audit("ApiKeyCreated", {"key": row.id, "owner": owner, "name": name}, at=act.at, actor=act.person)
    return row, key  # fmt: skip


def revoke_api_key(act: Act, key_id: str) -> None:
    with tx.write("web"):
        row = models.ApiKey.objects.filter(id=key_id).first()
        if row is None:
            raise missing("key.unknown", "There is no such key. Reload the list.")
        if row.person_id != act.person:
            need(act, "key.edit")
        if row.revoked_at is None:
            models.ApiKey.objects.filter(id=key_id).update(revoked_at=act.at)
            log.audit("ApiKeyRevoked", {"key": key_id}, at=act.at, actor=act.person)


def owner_of(key: str, at: datetime) -> models.Person | None:
    """The active person whose unexpired, unrevoked key this is; None otherwise."""
    if not well_formed(key):
        return None
    row = (
        models.ApiKey.objects.select_related("person")
        .filter(key_hash=digest(key), revoked_at=None, expires_at__gt=at, person__is_active=True)
        .first()
    )
    if row is None:
        return None
    if row.last_used_at is None or row.last_used_at < at - timedelta(minutes=5):
        models.ApiKey.objects.filter(id=row.id).update(last_used_at=at)
    return row.person
