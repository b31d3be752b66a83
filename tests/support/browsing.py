"""A browser of one person against the Django pages, and a small company worth looking at, in the present."""

from __future__ import annotations

import html
import json
import re
from datetime import UTC, datetime

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from quarterdeck.app.health import nodes
from quarterdeck.app.incidents import incidents
from quarterdeck.core.incidents import Declaration
from quarterdeck.store import models
from support.world import World

PATIENCE = 20  # queries a page may take, sign-in and frame included


def present() -> World:
    """A world whose clock shows now, as the pages do."""
    world = World()
    world.now = datetime.now(UTC)
    return world


def browser(world: World, handle: str | None, **options: object) -> Client:
    """A browser of this person, signed in; None is somebody who is not."""
    client = Client(SERVER_NAME="127.0.0.1", HTTP_ACCEPT="text/html", **options)
    if handle is not None:
        client.force_login(world.find(handle))
        client.get("/accounts/sessions/")  # the session remembers its first use now, not in a counted request
    return client


def company() -> World:
    """Ana administers, Ben and Cleo respond, Olga looks on, Ed is an executive. Checkout wakes Ben, then Cleo."""
    world = present()
    world.person("ana", "administrator", name="Ana Ruiz", phone="+34 600 111 222")
    world.person("ben", name="Ben Okonkwo", contacts=("email", "webhook"))
    world.person("cleo", name="Cleo Marsh")
    world.person("olga", "observer", name="Olga Brandt")
    world.person("ed", "executive", name="Ed Frost")
    world.schedule("primary", "ben")
    policy = world.policy("default", ("primary", 5), ("cleo", 10), catch_all=("ana",))
    world.service("checkout", policy)
    world.source = world.integration("webhook")  # type: ignore[attr-defined]
    nodes.beat(world.node, "engine", world.now)
    return world


def alert(world: World, title: str = "Checkout is slow", key: str = "slow", **fields: object) -> models.Alert:
    """An alert that came in by the webhook and has been paged."""
    body = {"title": title, "dedup_key": key, "severity": "critical", "service": "checkout", **fields}
    world.journal("webhook", json.dumps(body).encode(), world.source)  # type: ignore[attr-defined]
    world.expand()
    world.settle()
    return models.Alert.objects.exclude(status="resolved").get(dedup_key=key)


def incident(world: World, handle: str = "ben", title: str = "Card payments fail", **said: object) -> str:
    """A declared incident's id."""
    fields = {"severity": 2, "both_reason": "The same people are needed."} | said
    case = incidents.declare(world.act(handle), Declaration(title=title, **fields))  # type: ignore[arg-type]
    return str(case.incident.key)


def callout_path(callout: models.Callout) -> str:
    """The address in the message, as a path."""
    from quarterdeck.app.comms.links import callout_url

    return "/c/" + callout_url(callout.id).partition("/c/")[2]


def words(answer: object) -> str:
    """The text a reader of the page sees, tags dropped and spaces folded."""
    page = re.sub(r"<(script|style)\b.*?</\1>", " ", answer.content.decode(), flags=re.S)  # type: ignore[attr-defined]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def rows(answer: object) -> list[str]:
    """What the rows of the page's lists are called, in order."""
    return re.findall(r'data-row="([^"]*)"', answer.content.decode())  # type: ignore[attr-defined]


def older(answer: object) -> str:
    """Where the next page of a long list is; empty on the last."""
    found = re.search(r'rel="next" href="([^"]*)"', answer.content.decode())  # type: ignore[attr-defined]
    return html.unescape(found[1]) if found else ""


def field(answer: object, name: str) -> list[str]:
    """The values of the inputs of this name."""
    return [
        html.unescape(v)
        for v in re.findall(rf'<input[^>]* name="{name}" value="([^"]*)"', answer.content.decode())
    ]  # type: ignore[attr-defined]


def queries(client: Client, path: str) -> int:
    """How many queries the page takes."""
    with CaptureQueriesContext(connection) as seen:
        answer = client.get(path)
    assert answer.status_code == 200, f"{path} answered {answer.status_code}"
    return len(seen)
