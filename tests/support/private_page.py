"""A private status page with contents nobody else may read, and the native route that is asked for it."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connections

from quarterdeck.app.status import page_access, page_folders, page_readers, status_pages
from quarterdeck.engine import publish
from quarterdeck.store import models
from quarterdeck.web import edge_answers, edge_private
from support.asgi import ask
from support.browsing import company

SECRET = "correct horse battery"


@pytest.fixture
def world(db, monkeypatch):
    monkeypatch.setattr(Argon2PasswordHasher, "memory_cost", 512)  # as it is, but quick
    publish._out.clear()
    publish._failed.clear()
    world = company()
    act = world.act("ana")
    status_pages.create_page(act, "partners", "Canary partners")
    status_pages.create_component(act, "partners", "Canary gateway")
    for word, minutes in (("investigating", 50), ("resolved", 10)):
        models.PageUpdateRow.objects.create(
            id=f"u-{word}", incident_id="INC-7", page=status_pages.find_page("partners").id, message_id="",
            status_word=word, body="Canary says", components={}, posted_at=world.now - timedelta(minutes=minutes),
        )  # fmt: skip
    yield world
    publish._out.clear()
    publish._failed.clear()


@pytest.fixture
def edge(world, monkeypatch):
    """The native route, asked by somebody from outside unless said otherwise; 10.9.9.9 is our proxy."""
    monkeypatch.setattr(edge_private, "LOOK_AGAIN_SECONDS", 0)
    with ThreadPoolExecutor(1) as executor, asyncio.Runner() as runner:
        served = edge_private.pages(
            Path(settings.QUARTERDECK_STATUS), page_folders.private_root(), executor,
            edge_answers.secured(False), ["10.9.9.9"],
        )  # fmt: skip

        def get(path, headers=(), method="GET", client="203.0.113.9"):
            return runner.run(ask(served, method, path, headers, client=client))

        yield get
        executor.submit(connections.close_all).result()


def change(world, **values):
    page = page_access.change(world.act("ana"), "partners", **values)
    publish.publish_pages(world.now)
    return page


def right(world, way="password", subject="", **at):
    page = status_pages.find_page("partners")
    value = page_readers.right(page, page_access.of(page), way, subject, world.now)
    return [("cookie", f"{page_readers.cookie_name('partners')}={value}")]


def row(world):
    return page_access.of(status_pages.find_page("partners"))
