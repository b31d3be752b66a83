"""Where what goes to a subscriber is sent in truth: outbox and ledger hold a name only, the address is sealed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from quarterdeck.core.comms.subscribing import SEALED
from quarterdeck.store import models

from ..paging.deliveries import Claim


def addressed(claims: Sequence[Claim]) -> list[Claim]:
    """The claims, each with its sealed address opened: the workers that send never ask the store."""
    wanted = [c.outgoing.to for c in claims if c.outgoing.to.startswith(SEALED)]
    if not wanted:
        return list(claims)
    rows = models.Subscriber.objects.filter(address__in=wanted).order_by("asked_at")
    targets = dict(rows.values_list("address", "target"))
    return [_addressed(c, targets.get(c.outgoing.to, "")) for c in claims]


def _addressed(claim: Claim, target: str) -> Claim:
    outgoing = replace(claim.outgoing, outside=claim.outgoing.to.startswith(SEALED))
    claim = replace(claim, outgoing=outgoing)
    if not target:
        return claim
    told = json.loads(target)
    if "url" in told:
        return replace(claim, outgoing=replace(claim.outgoing, to=told["url"]))
    data = {**claim.outgoing.data, "subscription": told}
    return replace(claim, outgoing=replace(claim.outgoing, data=data))
