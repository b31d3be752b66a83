"""What happens to pages while somebody's device has no connection; asked for by `support.serving.Installation.ask`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from quarterdeck.app.act import act_of
from quarterdeck.app.paging import paging, push_devices
from quarterdeck.app.subscribers import subscribe_letters
from quarterdeck.core.escalation.policy import Target
from quarterdeck.engine.push_key import publish_push_key
from quarterdeck.store import models, tx
from quarterdeck.store.ids import new_id


def call_off(callout: str, note: str) -> int:
    """Somebody else was faster."""
    with tx.write("engine", "web"):
        return models.Callout.objects.filter(id=callout).update(state="cancelled", note=note)


def own_devices(person: str) -> None:
    """One device in order and one that is gone, with long and short names."""
    now = datetime.now(UTC)
    if models.PushDevice.objects.filter(contact__person_id=person).exists():
        return
    with tx.write():
        for n, (name, gone) in enumerate(
            (("Phone", False), ("Old tablet in the kitchen of the second floor, left", True))
        ):
            row = new_id()
            contact = models.ContactMethod.objects.create(
                person_id=person,
                kind="web_push",
                address=row,
                label=name,
                verified_at=now,
                disabled=gone,
                position=n + 5,
            )
            models.PushDevice.objects.create(
                id=row, contact=contact, endpoint=f"https://push.example/{n}", endpoint_hash=str(n) * 64, created_at=now,
                p256dh="x", auth="x", public_key=push_devices.public_key(), browser="Chrome on Android",
                ended_at=now if gone else None,
                ended_why="The push service answered 410: this browser takes pages no more. Switch them on there again." if gone else "",
            )  # fmt: skip


def page_a_device(endpoint: str, p256dh: str, auth: str) -> str:
    """Somebody whose only way is a browser, and a page for them that is not sent yet; the callout's id."""
    now = datetime.now(UTC)
    publish_push_key(now)
    person = models.Person.objects.create_user(
        "ben@example.com", handle="ben", name="Ben", role="administrator"
    )
    act = act_of(person.id, person.role, now, "web")
    offered = push_devices.Offered(endpoint, p256dh, auth, push_devices.public_key(), "Chrome on Android")
    push_devices.add(act, offered, "Phone")
    made = paging.page(act, [Target("person", person.id)], "Store is full", "It is full.")
    return str(made[0].id)


def become(callout: str) -> dict[str, str]:
    """What became of it."""
    row = models.Callout.objects.get(id=callout)
    sent = models.Delivery.objects.get(callout_id=callout)
    return {"state": row.state, "via": row.acknowledged_via, "delivery": sent.state, "error": sent.error}


def browser_that_waits(token: str) -> dict[str, str]:
    """A browser that asked for the updates of a page, and the way on which it posts back what is pushed to it."""
    now = datetime.now(UTC)
    page = models.StatusPage.objects.filter(public=True).order_by("key")[0]
    with tx.write():
        row = models.Subscriber.objects.create(
            id=new_id(), page=page, kind="push", address=f"sealed:{token}", shown="Chrome", asked_at=now, source="page",
            confirm_hash=subscribe_letters.hashed(token), confirm_until=now + timedelta(hours=1),
        )  # fmt: skip
    return {"id": row.id, "page": page.key}


def subscribed(subscriber: str) -> str:
    return models.Subscriber.objects.get(id=subscriber).state
