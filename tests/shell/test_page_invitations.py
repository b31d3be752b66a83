"""A private page tells those alone who are invited, as long as that counts; to everybody else it stays closed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest

from quarterdeck.app.paging.directory import Directory
from quarterdeck.app.status import page_access, page_invitations, publishing
from quarterdeck.app.subscribers import subscriber_fanout, subscribers
from quarterdeck.channels import status_site
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models, tx
from support.attacks import org, signed_in
from support.rest import HOST, Organisation
from support.smtp_sink import SmtpSink, smtp_sink
from support.subscribing import Page, channels, link_in, mail, settle, visitor

__all__ = ["org"]


@pytest.fixture
def page(org: Organisation) -> Page:
    made = Page(org, "inner")
    close(made)
    return made


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    with smtp_sink() as found, channels(email=mail(found.port)):
        yield found


def close(page: Page, **said: object) -> None:
    told = {"visibility": "private", "hidden": False, "members": True} | said
    page_access.change(page.org.act("root"), page.row.key, **told)  # type: ignore[arg-type]


def invite(page: Page, *addresses: str) -> page_invitations.Invited:
    return page_invitations.invite(page.org.act("root"), page.row.key, addresses)


def follower(page: Page, sink: SmtpSink, address: str = "kim@example.com") -> models.Subscriber:
    """All the way: invited, asked, confirmed."""
    invite(page, address)
    settle(page.org)
    browser = visitor()
    path = link_in(plain(sink))
    assert browser.get(path).status_code == 200 and browser.post(path).status_code == 200
    page.org.now += timedelta(minutes=1)
    return models.Subscriber.objects.get(page=page.row, address=address)


def plain(sink: SmtpSink) -> str:
    return str(sink.mails[-1].message.get_body(("plain",)).get_content())


def to(sink: SmtpSink) -> Counter[str]:
    return Counter(m.rcpt_to[0] for m in sink.mails)


def without_marks(content: bytes) -> list[str]:
    return [line for line in content.decode().splitlines() if "csrf" not in line and "server-now" not in line]


def told(page: Page, sink: SmtpSink, event: str = "updated") -> Counter[str]:
    """Whom one more post is sent to."""
    before = to(sink)
    page.org.now += timedelta(seconds=1)
    page.post(event)
    settle(page.org)
    return to(sink) - before


@pytest.mark.requirement("R-045")
def test_an_invited_reader_confirms_is_told_changes_and_ends_it_as_everybody_does(
    org: Organisation, page: Page, sink: SmtpSink
) -> None:
    invite(page, " Kim@Example.com ", "", "kim@example.com", "li@example.com")
    settle(org)
    assert to(sink) == {"kim@example.com": 1, "li@example.com": 1}
    assert sink.mails[0].message["Subject"] == "Invitation: updates of Acme Cloud"
    assert not told(page, sink, "opened"), "nothing before they confirm"
    link = next(m for m in sink.mails if m.rcpt_to[0].startswith("kim"))
    path = link_in(link.message.get_body(("plain",)).get_content())
    browser = visitor()
    assert "Confirm" in browser.get(path).content.decode()
    shown = browser.post(path).content.decode()
    assert "/subscribe/inner/manage" not in shown, "that page takes nobody who is not known"
    assert browser.post(path).status_code == 404
    assert told(page, sink) == {"kim@example.com": 1}
    got = sink.mails[-1].message
    assert got["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    end = got["List-Unsubscribe"].replace("\n", "").strip("<> ").partition(HOST)[2]
    assert 'name="act" value="change"' in visitor().get(end).content.decode()
    assert visitor().post(end, {"act": "change"}).status_code == 200
    settle(org)
    assert browser.post(link_in(plain(sink))).status_code == 302
    assert browser.post("/subscribe/inner/mine", {"events": "maintenance"}).status_code == 200
    row = models.Subscriber.objects.get(address="kim@example.com")
    assert (row.state, row.source, row.events) == ("active", "invitation", ["maintenance"])
    assert visitor().post(end, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not told(page, sink, "started")
    made = invite(page, "kim@example.com")
    assert "not asked again: kim@example.com" in made.warnings[0]
    before = len(sink.mails)
    settle(org)
    assert len(sink.mails) == before, "a no is a no"


def test_withdrawing_ends_it_before_what_is_queued_goes_out(
    org: Organisation, page: Page, sink: SmtpSink
) -> None:
    one = follower(page, sink)
    two = follower(page, sink, "li@example.com")
    page.post()
    with tx.write():
        subscriber_fanout.fire(models.SubscriberPost.objects.get().id, Directory(org.now))
    assert models.Recipient.objects.filter(state="queued").count() == 2
    before = to(sink)
    standing = models.PageInvitation.objects.get(address="kim@example.com")
    page_invitations.withdraw(org.act("root"), "inner", standing.id)
    page_invitations.withdraw(org.act("root"), "inner", standing.id)
    settle(org)
    assert to(sink) - before == {"li@example.com": 1}
    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.state, one.ended_via, two.state) == ("ended", "invitation", "active")
    follower(page, sink)
    assert told(page, sink) == {"kim@example.com": 1, "li@example.com": 1}, "invited and confirmed anew"


@pytest.mark.parametrize(
    "change", [{"visibility": "internal"}, {"hidden": True}, {"members": False, "domains": ["a.io"]}]
)  # fmt: skip
def test_a_page_that_is_closed_further_tells_them_nothing_not_even_what_is_queued(
    org: Organisation, page: Page, sink: SmtpSink, change: dict[str, object]
) -> None:
    follower(page, sink)
    invite(page, "asked@example.com")
    page.post()
    with tx.write():
        subscriber_fanout.fire(models.SubscriberPost.objects.get().id, Directory(org.now))
    assert models.Recipient.objects.filter(state="queued").count() == 1
    before = len(sink.mails)
    page_access.change(org.act("root"), "inner", **change)  # type: ignore[arg-type]
    settle(org)
    assert len(sink.mails) == before and not told(page, sink)
    assert page_invitations.states(page.row, []) == {}
    close(page)
    assert told(page, sink) == {"kim@example.com": 1}, "the invitation still stands"


def test_public_again_and_private_again_tells_whoever_may_then(
    org: Organisation, page: Page, sink: SmtpSink
) -> None:
    follower(page, sink)
    page.active(address="open@example.com")
    assert told(page, sink) == {"kim@example.com": 1}
    page_access.change(org.act("root"), "inner", visibility="public")
    assert told(page, sink) == {"kim@example.com": 1, "open@example.com": 1}
    page.post("corrected")
    with tx.write():
        fresh = models.SubscriberPost.objects.filter(state="running").get()
        subscriber_fanout.fire(fresh.id, Directory(org.now))
    before = to(sink)
    close(page)
    settle(org)
    assert to(sink) - before == {"kim@example.com": 1}, "what waits goes to the invited alone"
    assert told(page, sink) == {"kim@example.com": 1}
    page_access.change(org.act("root"), "inner", visibility="public")
    standing = models.PageInvitation.objects.get(address="kim@example.com")
    page_invitations.withdraw(org.act("root"), "inner", standing.id)
    assert told(page, sink) == {"kim@example.com": 1, "open@example.com": 1}, "open to everybody"
    close(page)
    assert not told(page, sink)


def test_a_digest_that_waits_ends_with_the_invitation(org: Organisation, page: Page, sink: SmtpSink) -> None:
    row = follower(page, sink)
    models.Subscriber.objects.filter(id=row.id).update(digest="daily")
    assert not told(page, sink) and models.HeldPost.objects.exists()
    page_access.change(org.act("root"), "inner", members=False, domains=["other.example"])
    assert not models.HeldPost.objects.exists()
    close(page)
    assert not told(page, sink) and models.HeldPost.objects.exists()
    # Rules that are broken behind the back of what holds mails back are seen when it goes out all the same.
    models.PageAccess.objects.update(hidden=True)
    before = len(sink.mails)
    org.now += timedelta(days=2)
    settle(org)
    assert len(sink.mails) == before and not models.HeldPost.objects.exists()


def test_another_mail_domain_than_those_let_in_is_warned_of_and_invited(
    org: Organisation, page: Page, sink: SmtpSink
) -> None:
    close(page, members=False, domains=["example.com"])
    assert not invite(page, "kim@example.com").warnings
    made = invite(page, "li@other.example")
    assert made.warnings == [
        "The page lets in example.com alone: li@other.example get its mails, but cannot open it."
    ]
    settle(org)
    assert to(sink) == {"kim@example.com": 1, "li@other.example": 1}
    assert models.PageInvitation.objects.get(address="li@other.example").despite


def test_the_public_routes_of_a_private_page_look_as_if_there_was_none(
    org: Organisation, page: Page, sink: SmtpSink
) -> None:
    follower(page, sink)
    other = without_marks(visitor().get("/subscribe/nothing/confirm/x").content)
    for path in ("", "/manage", "/code", "/confirm/x", "/manage/x", "/mine"):
        answer = visitor().get(f"/subscribe/inner{path}")
        assert answer.status_code == 404 and without_marks(answer.content) == other, path
    for path in ("", "/manage", "/code", "/confirm/x"):
        given = {"kind": "email", "address": "kim@example.com", "email": "kim@example.com"}
        assert visitor().post(f"/subscribe/inner{path}", given).status_code == 404
    assert not models.SubscriptionRequest.objects.exists()
    invite(page, "late@example.com")
    settle(org)
    path = link_in(plain(sink))
    standing = models.PageInvitation.objects.get(address="late@example.com")
    page_invitations.withdraw(org.act("root"), "inner", standing.id)
    assert visitor().get(path).status_code == 404 and visitor().post(path).status_code == 404


def test_what_a_private_page_says_stands_in_nothing_public(
    org: Organisation, page: Page, sink: SmtpSink
) -> None:
    follower(page, sink)
    public = Page(org, "open")
    page.post(title="CANARY4711", body="CANARY4711")
    settle(org)
    assert "CANARY4711" in str(sink.mails[-1].message["Subject"])
    files = status_site.render(
        publishing.page_snapshot(public.row, org.now), publishing.site_settings(public.row)
    )
    for data in files.values():
        assert b"CANARY" not in data and b"kim@example.com" not in data
    for path in ("/status/open/", "/subscribe/open", "/status/inner/", "/api/v1/status-pages/inner"):
        shown = visitor().get(path).content
        assert b"CANARY" not in shown and b"kim@" not in shown
    assert signed_in(org, "ole").get("/status-pages/inner/subscribers").status_code == 403
    seen = signed_in(org, "root").get("/status-pages/inner/subscribers").content.decode()
    assert "kim@example.com" in seen and "CANARY4711" in seen


def test_bad_invitations_are_refused_in_words_and_nobody_is_asked(
    org: Organisation, page: Page, sink: SmtpSink
) -> None:
    url, root = "/status-pages/inner/invitations", org.call("root")
    bad = [
        "a@example.com\r\nBcc: all@example.com", "a@example.com,b@example.com", "kim@exаmple.com", "@", "a" * 399,
        "kim\u202e@example.com", "=cmd()@example.com", "<script>alert(1)</script>@example.com",
    ]  # fmt: skip
    for one in bad:
        with pytest.raises(Refused, match="Nobody was invited. Line 2 "):
            invite(page, "fine@example.com", one)
    assert root.post(url, {"addresses": ["fine@example.com", bad[-1]]}).status == 422
    for said in ({"addresses": []}, {"addresses": ["a@example.com"] * 10_000}, {"addresses": "a@example.com"},
                 {"addresses": ["a@example.com"], "language": "xx"}, {"addresses": [7]}):  # fmt: skip
        assert root.post(url, said).status in (400, 422), said
    many = "\n".join(f"p{n}@example.com" for n in range(10_000))
    client = signed_in(org, "root")
    answer = client.post(f"{url}/new", {"addresses": many}, follow=True)
    assert "At most 1,000 are invited at once" in answer.content.decode()
    assert not models.PageInvitation.objects.exists()
    settle(org)
    assert not sink.mails and not models.Subscriber.objects.exists()
    assert org.call("ole").post(url, {"addresses": ["a@example.com"]}).status == 403
    assert root.delete(f"{url}/nothing").status == 404
    page_access.change(org.act("root"), "inner", hidden=True)
    with pytest.raises(Refused, match="not hidden"):
        invite(page, "a@example.com")
    page_access.change(org.act("root"), "inner", visibility="public")
    assert root.post(url, {"addresses": ["a@example.com"]}).status == 409


def test_a_keeper_invites_and_withdraws_over_the_web_and_the_interface(
    org: Organisation, page: Page, sink: SmtpSink
) -> None:
    root, url = org.call("root"), "/status-pages/inner/invitations"
    made = root.post(url, {"addresses": ["Kim@example.com"], "language": "de"})
    assert made.status == 201 and made.json["invitations"][0]["state"] == "waiting", made.json
    client = signed_in(org, "root")
    answer = client.post(f"{url}/new", {"addresses": "li@example.com\r\nmo@example.com\r\n"}, follow=True)
    seen = answer.content.decode()
    assert "2 invitations are on the way." in seen and "mo@example.com" in seen
    settle(org)
    subjects = {m.rcpt_to[0][:2]: m.message["Subject"] for m in sink.mails}
    assert subjects["ki"].startswith("Einladung") and subjects["mo"].startswith("Invitation")
    found = root.get(f"{url}?q=li@").json["items"]
    assert [(i["address"], i["state"]) for i in found] == [("li@example.com", "asked")]
    assert root.delete(f"{url}/{found[0]['id']}").status == 204
    assert root.delete(f"{url}/{found[0]['id']}").status == 204
    mo = models.PageInvitation.objects.get(address="mo@example.com")
    assert client.post(f"{url}/{mo.id}/removal").status_code == 302
    assert [i["address"] for i in root.get(url).json["items"]] == ["kim@example.com"]
    types = Counter(models.Event.objects.filter(kind__startswith="PageInvit").values_list("kind", flat=True))
    assert types == {"PageInvited": 2, "PageInvitationWithdrawn": 2}
    for _ in range(5):
        invite(page, "kim@example.com")
        settle(org)
    assert to(sink)["kim@example.com"] <= 3, "nobody is flooded by being invited again and again"
    with pytest.raises(Refused, match="Invite people"):
        subscribers.add(org.act("root"), "inner", "email", "new@example.com", "by mail")
