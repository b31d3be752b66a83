"""The doors of private status pages, and how they are set up: passwords, links by mail, limits, forms, REST."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta

import pytest
from allauth.mfa.totp.internal import auth as totp

from quarterdeck.app.act import Act, engine_act
from quarterdeck.app.status import page_access, page_doors, page_readers, status_pages
from quarterdeck.core.access import rule_actor
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models
from support.browsing import browser, words
from support.private_page import SECRET, change, edge, row, world

__all__ = ["edge", "world"]


def door(world):
    return page_access.door_path(status_pages.find_page("partners"))


def test_the_password_opens_the_page_in_this_browser(world, edge):
    change(world, visibility="private", password=SECRET, hidden=False)
    asked = edge("/status/partners/history/")
    assert door(world).encode() in asked.body
    client = browser(world, None)
    wrong = client.post(
        door(world), {"way": "password", "password": "wrong", "next": "/status/partners/history/"}
    )
    assert wrong.status_code == 422
    assert "This is not the password." in words(wrong)
    assert "/status/partners/history/" in wrong.content.decode()
    answer = client.post(
        door(world), {"way": "password", "password": SECRET, "next": "/status/partners/history/"}
    )
    assert (answer.status_code, answer["Location"]) == (303, "/status/partners/history/")
    cookie = answer.cookies[page_readers.cookie_name("partners")]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/status/partners/", True, "Lax")
    sent = [("cookie", f"{cookie.key}={cookie.value}")]
    assert edge("/status/partners/history/", sent).status == 200
    assert SECRET not in str(models.PageAccess.objects.values())


def test_the_way_back_leads_to_this_page_alone(world):
    change(world, visibility="private", password=SECRET)
    client = browser(world, None)
    for wanted in (
        "//evil.example/", "/status/other/", "/status/partners/../../x", "https://e.example",
        "/status/partners/\r\nX: y", "/status/partners/\\evil.example",
    ):  # fmt: skip
        answer = client.post(door(world), {"way": "password", "password": SECRET, "next": wanted})
        assert answer["Location"] == "/status/partners/", wanted


def test_guessing_is_slowed_for_each_place_and_leaves_others_alone(world, monkeypatch):
    monkeypatch.setitem(page_doors.MOST_OF_SOURCE, "password", 3)
    change(world, visibility="private", password=SECRET)
    page = status_pages.find_page("partners")
    models.PageKnock.objects.all().delete()
    for n in range(page_doors.MOST_OF_SOURCE["password"]):
        with pytest.raises(Refused, match="not the password"):
            page_doors.by_password(page, f"guess {n}", "203.0.113.1", world.now)
    with pytest.raises(Refused, match="Too many tries"):
        page_doors.by_password(page, SECRET, "203.0.113.1", world.now)
    assert page_doors.by_password(page, SECRET, "203.0.113.2", world.now)
    assert page_doors.by_password(page, SECRET, "203.0.113.1", world.now + timedelta(minutes=11))
    client = browser(world, None, REMOTE_ADDR="203.0.113.1")
    for _ in range(4):
        last = client.post(door(world), {"way": "password", "password": "x"})
    assert last.status_code == 429
    assert "203.0.113" not in str(list(models.PageKnock.objects.values()))


def test_a_wrong_door_is_no_door_and_a_public_page_has_none(world):
    change(world, visibility="private", password=SECRET)
    client, good = browser(world, None), door(world)
    assert client.get(good).status_code == 200
    for path in (good[:-2] + "/", good.replace("partners", "nothing"), good.replace("partners", "Partners")):
        assert client.get(path).status_code == 404
        assert client.post(path, {"way": "password", "password": SECRET}).status_code == 404
    change(world, visibility="public")
    assert client.get(good).status_code == 404


def mailed(world):
    world.now = datetime.now(UTC)
    world.settle()
    found = models.Delivery.objects.filter(key__startswith="page-mail/").order_by("created_at", "id")
    return [(d.address, re.search(r"http\S+(/status-access-links/\S+)", d.body["text"])[1]) for d in found]


def test_a_link_by_mail_opens_the_page_once(world, edge):
    change(world, visibility="private", domains=["corp.example"], hidden=False)
    client = browser(world, None)
    said = {
        words(client.post(door(world), {"way": "mail", "email": e}))
        for e in ("Ann@Corp.Example", "eve@evil.example")
    }
    assert len({s.replace("Ann@Corp.Example", "").replace("eve@evil.example", "") for s in said}) == 1
    ((address, path),) = mailed(world)
    assert address == "ann@corp.example"
    assert "Canary partners" in words(client.get(path))  # a mail program that looks uses nothing up
    answer = client.post(path)
    assert answer.status_code == 303
    cookie = answer.cookies[page_readers.cookie_name("partners")]
    assert edge("/status/partners/", [("cookie", f"{cookie.key}={cookie.value}")]).status == 200
    again = client.post(path)
    assert again.status_code == 410
    assert "used already" in words(again)
    assert client.get(path[:-2] + "/").status_code == 404


def test_mails_are_few_for_each_address_and_links_end(world):
    change(world, visibility="private", domains=["corp.example"])
    page, client = status_pages.find_page("partners"), browser(world, None)
    for n in range(8):
        page_doors.ask_mail(page, "ann@corp.example", f"203.0.113.{n}", world.now)
    links = mailed(world)
    assert len(links) == page_doors.MOST_TO_ADDRESS
    page_access.end_rights(world.act("ana"), "partners")
    assert client.post(links[0][1]).status_code == 410
    models.PageMailLink.objects.update(generation=row(world).generation)
    assert "Canary" not in words(client.get(links[0][1][:-3] + "x/"))
    change(world, domains=["new.example"])
    assert client.post(links[1][1]).status_code == 410
    for n in range(10):
        page_doors.ask_mail(page, f"p{n}@other.example", "203.0.113.77", world.now)
    with pytest.raises(Refused, match="Too many"):
        page_doors.ask_mail(page, "one@other.example", "203.0.113.77", world.now)
    with pytest.raises(Refused, match="not a mail address"):
        page_doors.ask_mail(page, "a@b\r\nBcc: x@y.example", "203.0.113.78", world.now)
    # Where a mail server passes it on by its name, somebody else gets the link.
    for name in ("eve%evil.example", "evil.example!eve", "=?utf-8?q?eve=40evil.example=2c?="):
        with pytest.raises(Refused, match="not a mail address"):
            page_doors.ask_mail(page, f"{name}@new.example", "203.0.113.79", world.now)


def test_an_address_is_judged_in_the_letters_that_mail_is_sent_by(world):
    change(world, visibility="private", domains=["strasse.example", "münchen.example"])
    assert row(world).domains == ["strasse.example", "xn--mnchen-3ya.example"]
    page = status_pages.find_page("partners")
    for n, typed in enumerate(("eve@straße.example", "ann@MÜNCHEN.example")):
        page_doors.ask_mail(page, typed, f"203.0.113.{n}", world.now)
    asked = models.PageMailLink.objects.values_list("address", flat=True)
    assert set(asked) == {"eve@xn--strae-oqa.example", "ann@xn--mnchen-3ya.example"}
    assert [address for address, _ in mailed(world)] == ["ann@xn--mnchen-3ya.example"]


def test_nobody_keeps_the_readers_of_a_page_out(world, monkeypatch):
    monkeypatch.setitem(page_doors.MOST_OF_SOURCE, "password", 2)
    monkeypatch.setitem(page_doors.MOST_OF_PAGE, "password", 3)
    change(world, visibility="private", password=SECRET, domains=["corp.example"])
    page = status_pages.find_page("partners")

    def guess(source):
        with pytest.raises(Refused) as refused:
            page_doors.by_password(page, "wrong guess", source, world.now)
        return refused.value.kind

    # One network, however its addresses are written.
    assert [guess(f"2001:db8::{n}") for n in (1, 2, 3)] == ["bad", "bad", "limited"]
    assert guess("2001:db8:0:0:ffff::9") == "limited"
    assert [guess("203.0.113.1"), guess("::ffff:203.0.113.1")] == ["bad", "limited"]
    for _ in range(4):  # who knows it is let in, however many guess, and is not counted
        assert page_doors.by_password(page, SECRET, "203.0.113.2", world.now)
    status_pages.create_page(world.act("ana"), "second", "Second")
    other = page_access.change(world.act("ana"), "second", visibility="private", domains=["corp.example"])
    for n in range(page_doors.MOST_TO_ADDRESS):
        page_doors.ask_mail(other, "ann@corp.example", f"203.0.113.{n}", world.now)
    page_doors.ask_mail(page, "ann@corp.example", "203.0.113.9", world.now)
    assert models.PageMailLink.objects.filter(page=page).count() == 1


def test_the_door_of_a_page_ends_with_the_rights(world):
    change(world, visibility="private", password=SECRET, hidden=True)
    before, client = door(world), browser(world, None)
    page_access.end_rights(world.act("ana"), "partners")
    assert client.get(before).status_code == 404
    assert client.get(door(world)).status_code == 200


# -- setting it


def test_access_is_set_in_a_form_that_keeps_what_was_typed(world):
    client = browser(world, "ben")
    form = {
        "visibility": "private",
        "network": "off",
        "hours": "12",
        "domains": "corp.example\nnonsense",
        "networks": "",
    }
    answer = client.post("/status-pages/partners/access", form)
    assert answer.status_code == 422
    assert "no mail domain" in words(answer)
    assert "nonsense" in answer.content.decode()
    assert status_pages.find_page("partners").public
    shut = client.post("/status-pages/partners/access", form | {"domains": ""})
    assert "Nobody could read it." in words(shut)
    done = client.post(
        "/status-pages/partners/access", form | {"domains": "corp.example", "hidden": "on"}, follow=True
    )
    assert "Saved. It holds from now on." in words(done)
    assert door(world) in done.content.decode()
    assert "history.atom?token=" in words(
        client.post("/status-pages/partners/access/endings", {"act": "feeds"}, follow=True)
    )
    assert browser(world, "olga").get("/status-pages/partners/access").status_code == 403
    assert client.post("/status-pages/partners/access", form | {"password": "short"}).status_code == 422


def test_only_people_set_who_may_read_and_only_administrators_open_a_page_to_all(world):
    by_rule = Act(rule_actor("r", frozenset({"status.edit"})), world.now, "engine")
    for act in (by_rule, engine_act(world.now)):
        for deed in (
            page_access.end_rights,
            page_access.renew_feeds,
            page_access.end_feeds,
            page_access.change,
        ):
            with pytest.raises(Refused, match="decided by people"):
                deed(act, "partners")
        with pytest.raises(Refused, match="decided by people"):
            status_pages.update_page(act, "partners", public=False)
    page_access.change(world.act("ben"), "partners", visibility="private", password=SECRET)
    for opened in (
        lambda who: page_access.change(world.act(who), "partners", visibility="public"),
        lambda who: status_pages.update_page(world.act(who), "partners", public=True),
    ):
        with pytest.raises(Refused, match="only an administrator"):
            opened("ben")
        assert not status_pages.find_page("partners").public
        opened("ana")
        assert status_pages.find_page("partners").public
        # Back to what it was, with the same check and the same record.
        status_pages.update_page(world.act("ben"), "partners", public=False)
        last = models.Event.objects.filter(kind="PageAccessChanged").latest("seq")
        assert '"after":{"visibility":"private"}' in last.data.replace(" ", "")
    status_pages.update_page(world.act("ana"), "partners", public=True)
    models.PageAccess.objects.update(password="")
    with pytest.raises(Refused, match="Nobody could read it"):
        status_pages.update_page(world.act("ben"), "partners", public=False)
    answer = browser(world, "ben").get("/status-pages/partners/access")
    assert "Its subscribers are sent nothing" in words(answer)


def test_a_page_is_opened_and_its_password_changed_by_whoever_proves_again_who_they_are(world):
    def post(client, **more):
        form = {"visibility": "private", "network": "off", "hours": "12", "domains": "", "networks": ""}
        return client.post("/status-pages/partners/access", form | more, follow=True)

    ben, client = world.find("ben"), browser(world, "ben")
    ben.set_password("ben's own long password")
    ben.save()
    client.force_login(ben)
    assert "Saved" in words(post(client, password=SECRET)), "a first password closes, and asks for nothing"
    was = status_pages.find_page("partners").access.password
    for more in (
        {"visibility": "public"},
        {"password": "another secret"},
        {"no_password": "on", "members": "on"},
    ):
        assert "It has been a while" in words(post(client, **more))
        assert "neither your password" in words(post(client, **more, confirm="guess"))
        page = status_pages.find_page("partners")
        assert (page.public, page.access.password) == (False, was)
    # A cookie does no more over REST than in the form.
    for path, body in (
        ("/access", {"visibility": "public"}),
        ("/access", {"password": ""}),
        ("", {"public": True}),
    ):
        sent = browser(world, "ana").patch(f"/api/v1/status-pages/partners{path}", body, "application/json")
        assert sent.json()["error"]["code"] == "access.key"
    assert "Saved" in words(post(client, visibility="public", confirm="ben's own long password"))
    assert status_pages.find_page("partners").public
    # The session has proven it now: it is asked nothing for some minutes.
    assert "Saved" in words(post(client))
    assert "Saved" in words(post(client, visibility="public"))


def test_a_code_of_the_second_factor_proves_it_too_and_once(world):
    change(world, visibility="private", password=SECRET)
    ben, client = world.find("ben"), browser(world, "ben")
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(ben, secret)
    code = totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30))
    form = {
        "visibility": "public",
        "network": "off",
        "hours": "12",
        "domains": "",
        "networks": "",
        "confirm": code,
    }
    assert "neither" in words(client.post("/status-pages/partners/access", form | {"confirm": "000000x"}))
    assert "Saved" in words(client.post("/status-pages/partners/access", form, follow=True))
    change(world, visibility="private", password=SECRET)
    again = browser(world, "ben")
    assert "neither" in words(again.post("/status-pages/partners/access", form)), "a code counts once"


def test_how_many_subscribers_a_page_has_and_what_becomes_of_them_is_said_beside_its_access(world):
    page = status_pages.find_page("partners")
    for n in range(2):
        models.Subscriber.objects.create(page=page, kind="email", address=f"s{n}@x.example", state="active",
                                         asked_at=world.now)  # fmt: skip
    told = browser(world, "ana").get("/status-pages/partners/access")
    assert "2 subscribers are told of what is posted now" in words(told)
    change(world, visibility="internal")
    told = browser(world, "ana").get("/status-pages/partners/access")
    assert "2 subscribers are kept and sent nothing while the page is not public" in words(told)


def test_access_over_rest_never_tells_the_password(world):
    client = browser(world, "ana")
    told = client.patch(
        "/api/v1/status-pages/partners/access",
        {"visibility": "private", "password": SECRET, "networks": ["10.0.0.1"], "hours": 3},
        content_type="application/json", headers={"X-CSRFToken": csrf(client)},
    )  # fmt: skip
    assert told.status_code == 200, told.content
    assert told.json() | {"door": "", "password_at": ""} == {
        "visibility": "private", "hidden": True, "members": False, "has_password": True, "password_at": "",
        "domains": [], "networks": ["10.0.0.1/32"], "network": "off", "hours": 3, "door": "", "feed_token": "",
    }  # fmt: skip
    audited = models.Event.objects.filter(kind="PageAccessChanged").latest("seq")
    assert SECRET not in str(audited.data)
    assert "argon2" not in str(audited.data)


def csrf(client):
    page = client.get("/status-pages/partners/access").content.decode()
    return re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
