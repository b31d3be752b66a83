"""A message to a crowd inside an installation: contacts, its release, and what its ledger says. Runs in `ask`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

GONE = 7  # so many of them nobody has


def release(count: int, gone: int = GONE) -> dict[str, Any]:
    """`count` contacts of one audience, and a message to them that is released but not handed over yet."""
    from quarterdeck.app.comms import messages
    from quarterdeck.app.incidents import incidents
    from quarterdeck.core.incidents import Content, content_hash
    from quarterdeck.core.incidents.declare import Declaration
    from quarterdeck.store import models, tx
    from quarterdeck.store.ids import new_id

    from .world import World

    world = World()
    world.now = datetime.now(UTC)
    world.person("ana", "administrator")
    with tx.write():
        models.AudienceContact.objects.bulk_create(
            (
                models.AudienceContact(
                    id=new_id(), audience="customers_all", name=f"Reader {n}", created_at=world.now,
                    email=f"{'gone' if n < gone else 'p'}{n}@example.com",
                )
                for n in range(count)
            ),
            batch_size=500,
        )  # fmt: skip
    key = incidents.declare(
        world.act("ana"), Declaration(title="Everything at once", severity=1)
    ).incident.key
    content = Content(
        audience="customers_all", headline="Checkout is down", customer_effect="Payments fail",
        action="We are on it", final=True,
    )  # fmt: skip
    case, message = messages.draft(world.act("ana"), key, content)
    digest = content_hash(case.incident.messages[message])
    began = datetime.now(UTC)
    messages.release(world.act("ana"), key, message, digest, "Nobody else is awake")
    return {"message": message, "release_seconds": (datetime.now(UTC) - began).total_seconds()}


def standing(message: str) -> dict[str, Any]:
    """The ledger as it is."""
    from quarterdeck.app.comms import mailings
    from quarterdeck.store import models

    rows = models.Recipient.objects.filter(message_id=message)
    return {
        "state": models.Mailing.objects.get(id=message).state,
        "counts": mailings.counts(message),
        "total": rows.count(),
        "rows": list(rows.values_list("address", "state", "attempts", "unclear")),
    }


def how_far(message: str) -> str:
    from quarterdeck.store import models

    return models.Mailing.objects.get(id=message).state
