"""A status page with subscribers, and an engine that really sends: over the channels of the installation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.test import Client

from quarterdeck.app.subscribers import subscriber_notices
from quarterdeck.app.subscribers.subscriber_notices import Posted
from quarterdeck.engine.mailer import Mailer
from quarterdeck.engine.outlets import Outlets
from quarterdeck.store import models, tx
from quarterdeck.store.ids import new_id
from support.rest import HOST, Organisation

BROWSER = "203.0.113.9"
LINK = re.compile(r"https?://[^\s/]+(/subscribe/\S+/(?:confirm|manage)/[\w-]+)")


class Page:
    """One page with two components, and what happens to it."""

    def __init__(self, org: Organisation, key: str = "acme") -> None:
        self.org = org
        self.row = models.StatusPage.objects.create(
            id=new_id(), key=key, title="Acme Cloud", created_at=org.now
        )
        self.parts = {
            name: models.Component.objects.create(
                id=new_id(), page=self.row, name=name, group=group, created_at=org.now, updated_at=org.now
            ).id
            for name, group in (("Checkout", "Shop"), ("Search", "Shop"), ("Billing", ""))
        }

    @property
    def url(self) -> str:
        return f"/subscribe/{self.row.key}"

    def active(self, kind: str = "email", address: str = "", **fields: Any) -> models.Subscriber:
        """Somebody who has confirmed, without the way there."""
        told = {
            "id": new_id(), "page": self.row, "kind": kind, "address": address or f"{new_id()}@example.com",
            "shown": address, "events": ["incidents", "maintenance"], "state": "active", "asked_at": self.org.now,
            "confirmed_at": self.org.now, "source": "page",
        }  # fmt: skip
        return models.Subscriber.objects.create(**(told | fields))

    def post(self, event: Any = "opened", **fields: Any) -> Posted:
        """Something is posted on it."""
        told = {
            "page_id": self.row.id, "post_id": new_id(), "ref": "INC-1", "event": event,
            "title": "Checkout is slow", "body": "We look into it.", "status_word": "investigating",
            "at": self.org.now, "components": {self.parts["Checkout"]: "degraded_performance"},
        }  # fmt: skip
        posted = Posted(**(told | fields))
        with tx.write():
            subscriber_notices.tell(posted)
        return posted


@contextmanager
def channels(*ports: int, **values: dict[str, Any]) -> Iterator[None]:
    before = settings.QUARTERDECK_CHANNELS, settings.QUARTERDECK_ALLOW_TARGETS
    public, settings.QUARTERDECK_PUBLIC_URL = settings.QUARTERDECK_PUBLIC_URL, f"https://{HOST}"
    settings.QUARTERDECK_CHANNELS = values
    inside, settings.QUARTERDECK_SUBSCRIBER_TARGETS = (
        settings.QUARTERDECK_SUBSCRIBER_TARGETS,
        [f"127.0.0.1:{port}" for port in ports],
    )
    settings.QUARTERDECK_ALLOW_TARGETS = [f"127.0.0.1:{port}" for port in ports]
    try:
        yield
    finally:
        settings.QUARTERDECK_CHANNELS, settings.QUARTERDECK_ALLOW_TARGETS = before
        settings.QUARTERDECK_PUBLIC_URL = public
        settings.QUARTERDECK_SUBSCRIBER_TARGETS = inside


def mail(port: int) -> dict[str, Any]:
    return {"host": "127.0.0.1", "port": port, "tls": "none", "from_address": "status@example.com"}


def settle(org: Organisation) -> None:
    """The engine does what is due, and everything leaves by its real channel."""
    outlets = Outlets()
    org.outbox.answer = outlets.send
    org.settle()
    Mailer(lambda: org.now, org.node).run()


def visitor(address: str = BROWSER) -> Client:
    return Client(headers={"host": HOST}, REMOTE_ADDR=address)


def link_in(text: str) -> str:
    found = LINK.search(text)
    assert found is not None, text
    return found[1]
