"""Deleting a status page for good: what goes, what stays, what stands against it, and that nothing of it comes back."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import transaction
from tests.shell.test_message_steps import Desk

from quarterdeck.app.act import act_of
from quarterdeck.app.comms import contact_imports, frozen
from quarterdeck.app.paging.directory import Directory
from quarterdeck.app.people.accounts import operator
from quarterdeck.app.status import (
    audience_pages,
    page_access,
    page_folders,
    page_posts,
    page_purge,
    page_removal,
    publish_targets,
    status_pages,
)
from quarterdeck.app.status import publish_target_runs as runs
from quarterdeck.app.status.audience_pages import Chosen
from quarterdeck.app.upkeep import verify
from quarterdeck.channels import status_site
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.status.posting import Written
from quarterdeck.engine import publish, publish_gone
from quarterdeck.store import models
from support.attacks import org
from support.browsing import browser, company, incident, words
from support.rest import Caller, Organisation
from support.s3_fake import ACCESS, REGION, SECRET, Store, s3_store
from support.smtp_sink import SmtpSink, smtp_sink
from support.subscribing import Page, channels, mail, settle, visitor
from support.turns import Turns
from support.world import World

__all__ = ["org"]
SECOND = timedelta(seconds=1)
SECRET_WORDS = "Zanzibar gateway"


@pytest.fixture
def world(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(Argon2PasswordHasher, "memory_cost", 512)  # as it is, but quick
    publish._out.clear()
    publish._failed.clear()
    made = company()
    status_pages.create_page(made.act("ana"), "shop", "Shop of old")
    status_pages.create_component(made.act("ana"), "shop", SECRET_WORDS)
    publish.publish_pages(made.now)
    yield made
    publish._out.clear()
    publish._failed.clear()


def delete(world: World, key: str = "shop", **more: Any) -> models.DeletedPage:
    return page_removal.delete(world.act("ana"), key, key, **more)


def everything(folder: Path) -> bytes:
    return b"\n".join(
        p.read_bytes() for p in folder.rglob("*") if p.is_file() and p.suffix not in (".gz", ".br")
    )


def beside(folder: Path) -> list[str]:
    """What is left in the hidden folder of the versions."""
    versions = status_site.versions_of(folder)
    return sorted(p.name for p in versions.rglob("*")) if versions.exists() else []


def against(world: World, key: str = "shop") -> str:
    return " ".join(page_removal.preview(status_pages.find_page(key), world.act("ana").who).reasons)


# -- files, key and record


def test_a_deleted_page_is_gone_at_once_and_its_record_stays_whole(world: World) -> None:
    folder, page = page_folders.public_folder("shop"), status_pages.find_page("shop")
    assert SECRET_WORDS.encode() in everything(folder.resolve())
    models.PageUpdateRow.objects.create(
        id="u-1", incident_id="INC-7", page=page.id, message_id="", status_word="resolved", body="Over.",
        components={}, posted_at=world.now,
    )  # fmt: skip
    found = page_removal.preview(page, world.act("ana").who)
    assert page_removal.in_words(found.goes) == ["1 component", "2 versions in its history"]
    assert page_removal.in_words(found.stays) == ["1 post of incidents, in their own record"]
    with pytest.raises(Refused, match="Type shop to delete"):
        page_removal.delete(world.act("ana"), "shop", "Shop")
    assert folder.exists()
    delete(world, reason="The shop has closed")
    assert not folder.exists() and beside(folder) == [".lock"]
    with pytest.raises(Refused, match="no such status page"):
        status_pages.find_page("shop")
    with pytest.raises(Refused, match="no such status page"):
        delete(world)
    assert not models.Component.objects.exists() and not models.ComponentState.objects.exists()
    assert not models.PageVersion.objects.exists()
    assert models.PageUpdateRow.objects.get().page == page.id
    assert "Shop of old" in words(browser(world, "ana").get("/status-pages")), "posts name it still"
    event = models.Event.objects.get(kind="StatusPageDeleted")
    assert "The shop has closed" in str(event.data) and SECRET_WORDS not in str(event.data)
    assert [broken for _, _, broken in verify.streams() if broken] == []
    assert publish.publish_pages(world.now) == 0 and not folder.exists()


def test_a_new_page_of_the_same_key_meets_nothing_of_the_one_before(world: World) -> None:
    old, folder = status_pages.find_page("shop"), page_folders.public_folder("shop")
    models.Subscriber.objects.create(
        page=old,
        kind="email",
        address="kim@x.example",
        state="active",
        asked_at=world.now,
        confirmed_at=world.now,
    )
    page_access.change(world.act("ana"), "shop", visibility="private", password="long enough for all")
    publish.publish_pages(world.now)
    assert SECRET_WORDS.encode() in everything(page_folders.private_folder("shop").resolve())
    delete(world)
    assert beside(page_folders.private_folder("shop")) == [".lock"]
    fresh = status_pages.create_page(world.act("ana"), "shop", "New shop")
    publish.publish_pages(world.now)
    assert fresh.id != old.id and b"New shop" in everything(folder.resolve())
    for place in (folder, page_folders.private_folder("shop")):
        assert SECRET_WORDS.encode() not in everything(status_site.versions_of(place))
    assert not fresh.subscribers.exists() and page_access.of(fresh).password == ""
    world.settle()
    assert (
        not models.Subscriber.objects.exists() and not models.PageAccess.objects.filter(page=old.id).exists()
    )


@pytest.mark.parametrize("noted", [True, False], ids=["this release", "the one before"])
def test_a_node_that_slept_takes_away_what_it_has_also_where_the_key_is_used_again(
    world: World, tmp_path: Path, noted: bool
) -> None:
    """Its folders still are as they were when the page was deleted on another node."""
    root = Path(settings.QUARTERDECK_STATUS)
    if not noted:
        notes = status_site.versions_of(root / "shop") / "published.json"
        notes.write_text(notes.read_text().replace('"page": ', '"other": '))
    shutil.copytree(root, tmp_path / "slept", symlinks=True)
    revision = status_pages.find_page("shop").revision
    delete(world)

    def wake() -> None:
        for place in (root / "shop", root / ".shop"):
            if place.is_symlink():
                place.unlink()
            shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(tmp_path / "slept", root, symlinks=True, dirs_exist_ok=True)
        publish._out.clear()
        publish_gone._cleared.clear()

    wake()
    assert SECRET_WORDS.encode() in everything((root / "shop").resolve())
    publish.publish_pages(world.now)
    assert not (root / "shop").exists() and beside(root / "shop") == [".lock"]
    world.now += timedelta(minutes=1)
    status_pages.create_page(world.act("ana"), "shop", "New shop")
    models.StatusPage.objects.update(revision=revision)
    wake()
    publish.publish_pages(world.now)
    assert b"New shop" in everything((root / "shop").resolve())
    assert SECRET_WORDS.encode() not in everything(root / ".shop")


@pytest.mark.parametrize("visibility", ["public", "internal"])
def test_a_page_that_is_deleted_while_it_is_rendered_is_not_put_back(world: World, visibility: str) -> None:
    page_access.change(world.act("ana"), "shop", visibility=visibility)
    page = models.StatusPage.objects.select_related("access").get(key="shop")
    delete(world)
    publish.publish_one(page, world.now)
    for folder in (page_folders.public_folder("shop"), page_folders.private_folder("shop")):
        assert not folder.exists() and b"Zanzibar" not in everything(status_site.versions_of(folder))


# -- its targets


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    with s3_store() as made:
        monkeypatch.setattr(settings, "QUARTERDECK_ALLOW_TARGETS", (made.url.removeprefix("http://"),))
        yield made


def test_its_files_are_taken_away_at_its_targets_and_who_cannot_reach_one_leaves_it(
    db: None, store: Store
) -> None:
    turns = Turns()
    act = operator(turns.now)
    bucket = {"endpoint": store.url, "bucket": "pages", "region": REGION, "access_key": ACCESS}
    here = publish_targets.add(act, "main", "s3", "Bucket", bucket, SECRET)
    publish_targets.add(act, "main", "s3", "Never", bucket | {"prefix": "never"}, SECRET)
    # As a push leaves it.
    models.PublishTarget.objects.filter(id=here.id).update(version="0" * 24, test_asked_at=None)
    files = {"index.html": "1", "incidents/INC-1/index.html": "2"}
    store.objects["/pages/quarterdeck-files.json"] = (json.dumps({"format": 1, "files": files}).encode(), {})
    store.objects |= {f"/pages/{name}": (b"Main", {}) for name in files}
    store.refuse = lambda method, path: 403
    row = page_removal.delete(act, "main", "main")
    assert models.PublishTarget.objects.get().leaving, "one that never had anything goes at once"
    turns.turn(SECOND)
    left = models.PublishTarget.objects.get()
    assert left.failure
    told = turns.turn(timedelta(minutes=6))
    assert any("Main: Bucket could not be taken away" in text for text in told)
    assert "Main: Bucket could not be taken away" in models.Alarm.objects.get(cleared_at=None).text
    models.PublishTarget.objects.create(
        page=left.page, kind="s3", name="Lost", version="leaving", created_at=turns.now
    )
    lost = models.PublishTarget.objects.get(name="Lost")
    publish_targets.give_up(act, row.page_id, lost.id)
    store.refuse = lambda method, path: 0
    turns.turn(runs.LAST_AGAIN)
    assert not store.objects and not models.PublishTarget.objects.exists()
    assert not models.Alarm.objects.filter(cleared_at=None).exists()
    with pytest.raises(Refused, match="No deleted page"):
        publish_targets.give_up(act, row.page_id, left.id)


# -- its subscribers


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    with smtp_sink() as found, channels(email=mail(found.port)):
        yield found


def test_subscribers_get_one_last_mail_where_that_is_wished_and_nothing_ever_after(
    org: Organisation, sink: SmtpSink
) -> None:
    page = Page(org)
    for name in ("kim", "lee"):
        page.active(address=f"{name}@example.com")
    page.active(address="daily@example.com", digest="daily")
    page.active(address="bounced@example.com", state="quarantined")
    page.active(address="waits@example.com", state="pending", confirmed_at=None)
    models.Suppression.objects.create(address="lee@example.com", reason="bounce", at=org.now)
    other = Page(org, "other")
    other.active(address="kim@example.com")
    page.post()
    settle(org)
    assert [m.rcpt_to[0] for m in sink.mails] == ["kim@example.com"]
    link = str(sink.mails[0].message["List-Unsubscribe"]).replace("\n", "").strip("<>").partition("/u/")[2]
    org.now += SECOND
    page.post("updated", post_id="p-2")  # on its way when the page goes
    assert models.Due.objects.filter(kind="subscriber_digest", state="waiting").exists()
    root = operator(org.now)
    page_removal.delete(root, "acme", "acme", farewell="We close on Friday.\nThank you for reading.")
    settle(org)
    org.now += timedelta(days=2)
    settle(org)
    assert [m.rcpt_to[0] for m in sink.mails[1:]].count("kim@example.com") == 1
    assert {m.rcpt_to[0] for m in sink.mails[1:]} == {"kim@example.com", "daily@example.com"}
    last = sink.mails[-1].message
    assert str(last["Subject"]).endswith("Acme Cloud: We close on Friday.")
    assert "Thank you for reading." in last.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert last["List-Unsubscribe"] is None
    assert models.Subscriber.objects.get().page.key == "other"
    assert not models.HeldPost.objects.exists()
    row = models.DeletedPage.objects.get()
    assert row.purged_at is not None
    told = models.Recipient.objects.filter(message_id=row.mailing, state="handed")
    assert set(told.values_list("address", flat=True)) == {"kim@example.com", "daily@example.com"}
    assert models.Recipient.objects.filter(address="kim@example.com").count() == 2, "the ledger stays"
    # The link in a mail of old still answers, and ends nothing else.
    ended = visitor().post(
        f"/u/{link}", "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded"
    )
    assert ended.status_code == 200 and "This subscription is no more" in ended.content.decode()
    assert models.Suppression.objects.count() == 1


def test_without_a_wish_nobody_is_told_and_whoever_waits_is_forgotten(
    org: Organisation, sink: SmtpSink
) -> None:
    page = Page(org)
    page.active(address="kim@example.com")
    page.post()
    visitor().post(page.url, {"kind": "email", "address": "new@example.com", "events": "incidents"})
    assert models.SubscriptionRequest.objects.exists()
    root, to = operator(org.now), f"page:{page.row.id}"
    lists = [
        contact_imports.begin(
            root, to, "l.csv", io.BytesIO(f"email\n{n}@example.com\nnobody\n".encode()), source="mail"
        )
        for n in range(2)
    ]
    contact_imports.start(root, lists[0].id)
    page_removal.delete(root, "acme", "acme")
    assert not models.ContactImportPart.objects.exists()
    assert not models.ContactImportFault.objects.exists()
    assert contact_imports.find(lists[0].id).state == "dropped"
    models.ContactImport.objects.filter(id=lists[1].id).update(state="preview")  # read by a hair too late
    with pytest.raises(Refused, match="no such status page"):
        contact_imports.start(root, lists[1].id)
    settle(org)
    assert sink.mails == []
    assert not models.Subscriber.objects.exists() and not models.SubscriptionRequest.objects.exists()
    assert visitor().get(page.url).status_code == 404


def killed(page_id: str, directory: Directory) -> None:
    """The next part is done, and the engine dies before it is written down."""
    with transaction.atomic():
        page_purge.fire(page_id, directory)
        raise KeyboardInterrupt


def test_an_engine_that_is_killed_in_between_goes_on_and_tells_nobody_twice(
    org: Organisation, sink: SmtpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_purge, "AT_ONCE", 2)
    monkeypatch.setattr(frozen, "FEW", 3)  # some go as mails to many do, the rest one by one
    page = Page(org)
    for n in range(5):
        page.active(address=f"s{n}@example.com")
    row = page_removal.delete(operator(org.now), "acme", "acme", farewell="Goodbye.")
    directory = Directory(org.now)
    with transaction.atomic():
        page_purge.fire(row.page_id, directory)
    with pytest.raises(KeyboardInterrupt):
        killed(row.page_id, directory)
    assert models.Subscriber.objects.count() == 3 and models.Recipient.objects.count() == 2
    settle(org)
    assert sorted(m.rcpt_to[0] for m in sink.mails) == [f"s{n}@example.com" for n in range(5)]
    assert {m.message["List-Unsubscribe"] for m in sink.mails} == {None}
    mailing = models.Mailing.objects.get()
    assert (mailing.state, mailing.segment) == ("done", "acme")
    assert not models.Subscriber.objects.exists()


# -- what stands against it


def test_whatever_is_open_on_a_page_keeps_it_and_says_so(world: World) -> None:
    page, act = status_pages.find_page("shop"), world.act("ana")
    assert against(world) == ""
    key = incident(world)
    models.PageUpdateRow.objects.create(
        id="u-1", incident_id=key, page=page.id, message_id="", status_word="identified", body="x", components={},
        posted_at=world.now,
    )  # fmt: skip
    assert f"Open incidents are told on it, or will be by a message that names it: {key}." in against(world)
    with pytest.raises(Refused, match="still needed"):
        delete(world)
    models.PageUpdateRow.objects.all().delete()
    models.MessageRow.objects.create(
        id="m-1",
        incident_id=key,
        audience="customers_all",
        state="draft",
        pages=[page.id],
        drafted_at=world.now,
    )
    assert f"by a message that names it: {key}." in against(world)
    models.IncidentRow.objects.update(restricted=True)
    assert page_removal.preview(page, world.act("cleo").who).reasons == (), (
        "nothing of what they may not know"
    )
    models.MessageRow.objects.all().delete()
    slow = Written(
        title="Slow shop", body="We look.", status_word="investigating", reason="Small",
        next_update_at=world.now + timedelta(hours=1),
    )  # fmt: skip
    page_posts.post(act, "shop", slow)
    assert against(world) == "Posts on it are not resolved: Slow shop. Resolve them first."
    models.PagePost.objects.update(status_word="resolved")
    window = models.MaintenanceWindow.objects.create(
        title="New disks", starts_at=world.now, ends_at=world.now, planned_end=world.now, planned_at=world.now,
        planned_by="", state="announced", components={page.components.get().id: "under_maintenance"},
    )  # fmt: skip
    assert against(world) == "Maintenance is under way or planned on it: New disks. Finish it or call it off."
    models.MaintenanceWindow.objects.filter(id=window.id).update(state="completed")
    partner = status_pages.create_page(act, "partner", "Partner page")
    audience_pages.choose(act, partner, [Chosen(page.components.get().id)])
    assert against(world) == "Other pages show its components: Partner page. Take them off there first."
    assert against(world, "partner") == "", "one that only shows others' is needed by nobody"
    page_removal.delete(act, "partner", "partner")
    assert against(world) == ""
    delete(world)


def test_a_message_that_whoever_deletes_may_not_know_of_is_released_without_the_page(db: None) -> None:
    org = Organisation()
    org.call("root", "administrator")
    desk = Desk(org, restricted=True)
    message = desk.people["ben"].post(f"{desk.where}/messages", desk.body(pages=[desk.page.id])).json["id"]
    models.AudienceContact.objects.create(
        audience="customers_all", email="kim@customer.example", created_at=org.now
    )
    gus = org.find("gus")
    page_removal.delete(act_of(gus.id, gus.role, org.now), "public", "public", proven=True)
    ana = desk.people["ana"]
    wanted = ana.get(f"{desk.where}/messages/{message}").json
    done = ana.put(f"{desk.where}/messages/{message}/release", {"content_hash": wanted["content_hash"]})
    assert done.status == 200, done.json
    assert (done.json["state"], done.json["page_count"]) == ("sent", 0)
    assert not models.PageUpdateRow.objects.exists()


# -- who may, in the browser and over REST


def test_the_form_shows_what_goes_and_asks_for_the_key_and_a_proof(world: World) -> None:
    ben, url = world.find("ben"), "/status-pages/shop/delete"
    client = browser(world, "ben")
    ben.set_password("ben's own long password")
    ben.save()
    client.force_login(ben)
    shown = words(client.get(url))
    assert "1 component" in shown and "The record of every incident" in shown
    assert "Tell its subscribers" not in shown, "it has none"
    said = client.post(url, {"key": "shop", "reason": "It is over"})
    assert (
        said.status_code == 422
        and "It has been a while" in words(said)
        and "It is over" in said.content.decode()
    )
    assert "neither your password" in words(client.post(url, {"key": "shop", "confirm": "guess"}))
    proof = {"confirm": "ben's own long password"}
    assert "Type shop to delete this page" in words(client.post(url, {"key": "other"} | proof))
    assert status_pages.find_page("shop")
    done = words(client.post(url, {"key": "shop"} | proof, follow=True))
    assert "Shop of old is deleted" in done and "Deleted pages" in done
    assert client.get(url).status_code == 404
    assert browser(world, "olga").get("/status-pages/other/delete").status_code == 403


def test_over_rest_it_takes_the_key_of_an_administrator(world: World) -> None:
    def call(handle: str) -> Caller:
        return Caller(world.find(handle))

    at, body = "/status-pages/shop/deletion", {"key": "shop"}
    assert call("ana").get(at).json["goes"] == ["1 component", "2 versions in its history"]
    sent = browser(world, "ana").put(f"/api/v1{at}", body, "application/json")
    assert sent.json()["error"]["code"] == "access.key"
    assert call("ben").put(at, body).code == "page.delete"
    assert call("olga").get(at).status == 403
    assert call("ana").put(at, {"key": "nope"}).code == "page.typed"
    assert call("ana").put(at, {"key": "shop", "farewell": "x" * 2001}).status == 422
    done = call("ana").put(at, body)
    assert (done.status, done.json["title"], done.json["targets"]) == (200, "Shop of old", [])
    assert call("ana").put(at, body).status == 404
    [row] = call("ana").get("/deleted-status-pages").json["items"]
    assert row["key"] == "shop" and row["counts"]["component"] == 1
    assert call("ana").delete(f"/deleted-status-pages/{row['id']}/targets/none").status == 404
