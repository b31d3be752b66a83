"""What happens at the very moment a status page is deleted, and around it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.shell.test_page_deletion import SECOND, delete, sink, world

from quarterdeck.app.comms import ledger, links
from quarterdeck.app.people.accounts import operator
from quarterdeck.app.status import page_access, page_doors, page_folders, page_removal, status_pages
from quarterdeck.channels import status_site
from quarterdeck.engine import publish, publish_gone
from quarterdeck.store import models
from support.attacks import org
from support.browsing import browser
from support.rest import Organisation
from support.smtp_sink import SmtpSink
from support.subscribing import Page, settle, visitor
from support.world import World

__all__ = ["org", "sink", "world"]


def test_a_page_that_has_the_id_of_another_as_its_key_is_not_deleted_in_its_place(world: World) -> None:
    page = status_pages.find_page("shop")
    status_pages.create_page(world.act("ana"), page.id, "Not meant")
    assert delete(world).page_id == page.id
    assert models.StatusPage.objects.filter(title="Not meant").exists()


def test_an_older_page_is_listed_while_it_is_still_being_taken_away_somewhere(world: World) -> None:
    page = delete(world).page
    assert list(page_removal.deleted(0)) == []
    models.PublishTarget.objects.create(
        page=page, kind="s3", name="Lost", version="leaving", created_at=world.now
    )
    assert [r.key for r in page_removal.deleted(0)] == ["shop"] == [r.key for r in page_removal.deleted(1)]


def test_a_mailed_link_opens_nothing_where_the_page_is_deleted_at_that_moment(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = status_pages.find_page("shop")
    page_access.change(world.act("ana"), "shop", visibility="private", hidden=False, domains=["corp.example"])
    link = models.PageMailLink.objects.create(
        id="l-1", page=page, address="kim@corp.example", made_at=world.now,
        expires_at=world.now + timedelta(days=9999), generation=page_access.of(page).generation,
    )  # fmt: skip
    path = f"/status-access-links/{link.id}/{links.token(page_doors.PURPOSE, link.id)}/"
    assert browser(world, None).get(path).status_code == 200
    use = page_doors.use

    def later(*given: Any) -> Any:
        delete(world)
        return use(*given)

    monkeypatch.setattr(page_doors, "use", later)
    assert browser(world, None).post(path).status_code == 404


def test_the_link_in_a_mail_of_old_answers_before_the_subscribers_are_forgotten_and_mails_nobody(
    org: Organisation, sink: SmtpSink
) -> None:
    row = Page(org).active(address="kim@example.com")
    path = ledger.unsubscribe_path(0, row.id)
    to = models.Recipient.objects.create(
        message_id="m-1", channel="email", address=row.address, contact_id=row.id, next_at=org.now
    )
    older = f"/u/{to.id}/{links.token('unsubscribe', str(to.id))}/"
    page_removal.delete(operator(org.now), "acme", "acme", farewell="We close.")
    for answer in (
        visitor().get(older), visitor().get(path), visitor().post(path, {"act": "change"}), visitor().post(path)
    ):  # fmt: skip
        assert answer.status_code == 200 and "This subscription is no more" in answer.content.decode()
        assert "Acme" not in answer.content.decode() and "~" not in answer.content.decode()
    assert not models.Delivery.objects.exists()
    settle(org)
    assert sink.mails == [], "they ended it"


def test_a_letter_that_is_being_handed_over_when_the_page_goes_and_fails_is_not_tried_again(
    org: Organisation, sink: SmtpSink
) -> None:
    page = Page(org)
    row = page.active(address="kim@example.com")
    mailed = models.PageMailLink.objects.create(
        id="l-1", page=page.row, address="lee@example.com", made_at=org.now, expires_at=org.now, generation=1
    )
    for key, to in ((f"subscription/{row.id}/1", row.id), (f"page-mail/{mailed.id}", "")):
        models.Delivery.objects.create(
            id=f"d-{key[:4]}", key=key, cls="message", contact_id=to, channel="email", address="kim@example.com",
            body={"subject": "Hello", "text": "", "kind": "message"}, state="sending", attempts=1, next_at=org.now,
            not_after=org.now + timedelta(days=1), created_at=org.now,
        )  # fmt: skip
    page_removal.delete(operator(org.now), "acme", "acme")
    settle(org)
    org.now += SECOND
    models.Delivery.objects.update(state="queued", next_at=org.now)  # it failed
    settle(org)
    assert sink.mails == []
    assert set(models.Delivery.objects.values_list("state", flat=True)) == {"cancelled"}


def test_what_is_brought_in_its_place_lies_here_until_the_last_target_has_it(world: World) -> None:
    delete(world)
    page = models.DeletedPage.objects.select_related("page").get().page
    target = models.PublishTarget.objects.create(
        page=page, kind="s3", name="Late", version="leaving", created_at=world.now
    )
    notice = status_site.versions_of(page_folders.withdrawn_folder(page.key)) / "1" / "index.html"
    notice.parent.mkdir(parents=True)
    notice.write_text("Not public")
    publish.publish_pages(world.now)
    assert notice.exists()
    target.delete()
    publish.publish_pages(world.now + publish_gone.AGAIN - SECOND)
    assert notice.exists(), "looked for now and then, not with every cycle"
    publish.publish_pages(world.now + publish_gone.AGAIN + SECOND)
    assert not notice.parent.exists()
