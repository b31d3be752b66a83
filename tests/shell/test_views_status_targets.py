"""Targets of a status page in the browser and over REST: adding, changing, trying and removing one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from quarterdeck.app.status import status_pages
from quarterdeck.store import models
from support.browsing import browser, company, words
from support.rest import Organisation

BUCKET = {
    "name": "Frankfurt", "endpoint": "https://s3.example.com", "bucket": "pages", "region": "eu-central-1",
    "access_key": "AKID", "prefix": "", "secret": "very-secret-key",
}  # fmt: skip


@pytest.fixture
def world(db):
    world = company()
    status_pages.create_page(world.act("ana"), "shop", "Shop")
    return world


def test_a_bucket_is_added_changed_tried_and_removed_in_the_browser(world):
    client = browser(world, "ben")
    assert "On this machine alone" in words(client.get("/status-pages/shop/targets"))
    said = words(client.post("/status-pages/shop/targets/new?kind=s3", BUCKET, follow=True))
    assert "Frankfurt is tried now" in said
    assert "https://s3.example.com/pages" in said
    row = models.PublishTarget.objects.get()
    url = f"/status-pages/shop/targets/{row.id}"
    shown = client.get(url).content.decode()
    assert "very-secret-key" not in shown
    assert 'value="eu-central-1"' in shown
    changed = BUCKET | {"name": "Paris", "secret": "", "enabled": "on", "region": "eu-west-3"}
    client.post(url, changed)
    row.refresh_from_db()
    assert (row.name, row.settings["region"], row.secret) == ("Paris", "eu-west-3", "very-secret-key")
    models.PublishTarget.objects.update(
        test_asked_at=None, failure="S3 bucket: the bucket is full.", failed_at=world.now,
        next_try_at=world.now + timedelta(minutes=1),
    )  # fmt: skip
    said = words(client.get("/status-pages/shop/targets"))
    assert "Behind" in said
    assert "the bucket is full." in said
    client.post(f"{url}/test")
    row.refresh_from_db()
    assert row.test_asked_at is not None
    assert row.next_try_at is None
    assert "is removed" in words(client.post(f"{url}/remove", follow=True))
    assert models.PublishTarget.objects.count() == 0
    assert client.get(url).status_code == 404


@pytest.mark.parametrize(
    ("kind", "form", "said"),
    [
        ("s3", BUCKET | {"endpoint": "http://169.254.169.254/"}, "cloud metadata"),
        ("s3", BUCKET | {"secret": ""}, "This field is required."),
        (
            "rsync",
            {"name": "N", "host": "-oProxyCommand=x", "folder": "/srv/x", "port": "22"},
            "no name of a machine",
        ),
        ("rsync", {"name": "N", "host": "", "folder": "/etc", "port": "22"}, "closed to targets"),
        ("rsync", {"name": "N", "host": "h", "folder": "/srv/x", "port": "many"}, "port is a number."),
        ("git", {"name": "N", "url": "file:///srv/git/x.git", "branch": "main"}, "closed to targets"),
    ],
)
def test_what_cannot_be_used_is_said_at_the_form_which_keeps_what_was_typed(world, kind, form, said):
    answer = browser(world, "ben").post(f"/status-pages/shop/targets/new?kind={kind}", form)
    assert answer.status_code == 422
    assert said in words(answer)
    assert f'value="{form["name"]}"' in answer.content.decode()
    assert models.PublishTarget.objects.count() == 0


def test_a_kind_there_is_not_and_somebody_who_may_not_are_turned_away(world):
    assert browser(world, "ben").get("/status-pages/shop/targets/new?kind=ftp").status_code in (400, 422)
    assert browser(world, "ben").get("/status-pages/none/targets").status_code == 404
    assert browser(world, "ed").get("/status-pages/shop/targets").status_code == 403


def test_targets_over_rest_never_tell_the_secret(db):
    org = Organisation()
    org.call("root", "administrator")
    ana = org.call("ana")
    ana.post("/status-pages", {"key": "main", "title": "Main"})
    where = "/status-pages/main/targets"
    settings = {k: BUCKET[k] for k in ("endpoint", "bucket", "region", "access_key")}
    made = ana.post(where, {"kind": "s3", "name": "One", "settings": settings, "secret": "very-secret-key"})
    assert made.status == 201, made.json
    assert "very-secret-key" not in str(made.json)
    assert made.json["settings"]["bucket"] == "pages"
    one = f"{where}/{made.json['id']}"
    assert ana.put(f"{one}/test", {}).json["test_asked_at"] is not None
    assert ana.patch(one, {"settings": {"prefix": "status"}}).json["settings"]["prefix"] == "status"
    assert ana.patch(one, {"settings": {"port": 1}}).status == 422
    assert ana.post(where, {"kind": "ftp", "name": "x"}).status == 422
    assert ana.post(where, {"kind": "s3", "name": "One", "settings": settings, "secret": "x"}).status == 422
    assert [t["name"] for t in ana.get(where).json["items"]] == ["One"]
    assert ana.delete(one).status == 204
    assert ana.get(one).status == 404
    key = "-----BEGIN OPENSSH " + "PRIVATE KEY-----\r\nAAAA\r\n-----END OPENSSH PRIVATE KEY-----\r\n"
    far = {
        "host": "www.example.com",
        "user": "web",
        "folder": "/srv/www",
        "host_key": "ssh-ed25519 AAAA",
        "port": 22,
    }
    made = ana.post(where, {"kind": "sftp", "name": "Web", "settings": far, "secret": key})
    assert made.status == 201, made.json
    assert "\r" not in models.PublishTarget.objects.get().secret
