"""The targets of a status page in a real browser: nothing scrolls sideways, axe finds nothing, in both sizes and themes."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client

from quarterdeck.app.status import publish_targets, status_pages
from quarterdeck.store import models
from support import browsing, gallery
from support.browser import faults, launched, overhang
from support.patience import WAIT_MS, ready, slowed

pytestmark = pytest.mark.slow
VIEWS = [(1440, 900, "light"), (1440, 900, "dark"), (390, 844, "light"), (390, 844, "dark")]


def pages(folder: Path) -> None:
    """A page without targets, one with several that are well and not, and the form of a new one."""
    world = browsing.company()
    act = world.act("ana")
    for key, title in (("shop", "Shop"), ("empty", "Partners")):
        status_pages.create_page(act, key, title)
    bucket = {"endpoint": "https://s3.eu-central-1.amazonaws.com", "bucket": "corvane-status-frankfurt",
              "region": "eu-central-1", "access_key": "AKIA", "prefix": "public/status"}  # fmt: skip
    for name in (
        "Bucket in Frankfurt",
        "A bucket whose name somebody made much longer than any name of a bucket needs to be",
    ):
        publish_targets.add(act, "shop", "s3", name, bucket, "secret")
    models.PublishTarget.objects.update(
        test_asked_at=None, succeeded_at=world.now, tested_at=world.now, version="1" * 24
    )
    leaving = publish_targets.add(act, "shop", "s3", "Paris", bucket | {"prefix": "old"}, "secret")
    models.PublishTarget.objects.filter(id=leaving.id).update(version="1" * 24, test_asked_at=None)
    publish_targets.remove(act, "shop", leaving.id, take_away=True)
    last = models.PublishTarget.objects.filter(enabled=True).last()
    assert last is not None
    last.failure, last.failed_at = (
        "S3 bucket: the key may not do this in the bucket (PUT index.html).",
        world.now,
    )
    last.next_try_at = world.now + timedelta(minutes=10)
    last.save()
    client: Client = browsing.browser(world, "ben")
    for name, path in (
        ("listing", "/status-pages/shop/targets"),
        ("empty", "/status-pages/empty/targets"),
        ("new", "/status-pages/shop/targets/new?kind=sftp"),
        ("one", f"/status-pages/shop/targets/{last.id}"),
    ):
        (folder / f"{name}.html").write_bytes(client.get(path).content)


def test_targets_fit_and_can_be_used_by_everybody(db: None, tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    folder.mkdir()
    pages(folder)
    with gallery.served(folder) as address, contextmanager(launched)("chromium") as chromium:
        for width, height, scheme in VIEWS:
            context = chromium.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]
            context.set_default_timeout(WAIT_MS)
            page = slowed(context.new_page())
            wrong: list[str] = []
            page.on("pageerror", lambda fault, wrong=wrong: wrong.append(str(fault)))
            for name in ("listing", "empty", "new", "one"):
                page.goto(f"{address}/{name}.html")
                ready(page)
                page.screenshot(path=tmp_path / f"{name}-{width}-{scheme}.png", full_page=True)
                # Nothing stands behind the bar at the bottom then.
                page.set_viewport_size(
                    {"width": width, "height": page.evaluate("document.body.scrollHeight + 80")}
                )
                assert faults(page) == [], (name, width, scheme)
                assert overhang(page) == [], (name, width, scheme)
            assert wrong == []
            context.close()
