"""Private and internal status pages: rendered where no public server looks, and handed out after a check only."""

from __future__ import annotations

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connections

from quarterdeck.app import health_pages, page_access, page_doors, page_folders, page_readers, status_pages
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.engine import publish
from quarterdeck.store import models
from quarterdeck.web import edge_answers, edge_private
from support.asgi import ask
from support.browsing import browser, company, words

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


def files():
    """Every published file of the private page, by its address."""
    root = page_folders.private_folder("partners")
    found = sorted(str(p.relative_to(root)) for p in root.rglob("*") if p.is_file() and root.is_dir())
    assert len(found) > 30
    return [f"/status/partners/{name}" for name in found]


def right(world, way="password", subject="", **at):
    page = status_pages.find_page("partners")
    value = page_readers.right(page, page_access.of(page), way, subject, world.now)
    return [("cookie", f"{page_readers.cookie_name('partners')}={value}")]


def again(world, **_):
    """Looked at anew, not within the half second in which a folder is not looked at again."""
    publish.publish_pages(world.now)


@pytest.mark.requirement("R-042")
def test_an_anonymous_request_to_a_private_page_is_401_or_404_for_every_file_of_it(world, edge):
    change(world, visibility="private", password=SECRET, hidden=False)
    tricks = [("range", "bytes=0-50"), ("if-none-match", "*"), ("accept-encoding", "gzip")]
    for hidden, status in ((False, 401), (True, 404)):
        change(world, hidden=hidden)
        for path in ["/status/partners", "/status/partners/", "/status/partners/nowhere", *files()]:
            for method, headers in (("GET", []), ("HEAD", tricks), ("GET", tricks)):
                answer = edge(path, headers, method)
                assert answer.status == status, (path, method, headers)
                assert b"Canary gateway" not in answer.body
                assert b"Canary says" not in answer.body
                assert "etag" not in answer.headers
                assert "access-control-allow-origin" not in answer.headers
    page_access.change(world.act("ana"), "partners", visibility="internal")
    again(world)
    assert {edge(path).status for path in files()} == {404}


def test_a_hidden_page_answers_as_one_that_does_not_exist(world, edge):
    change(world, visibility="private", password=SECRET, hidden=True)
    for end in ("", "/", "/index.html", "/api/v2/summary.json", "/history.atom?token=x", "/index.html.gz"):
        there, nowhere = edge(f"/status/partners{end}"), edge(f"/status/nothing{end}")
        assert (there.status, there.body, there.headers) == (nowhere.status, nowhere.body, nowhere.headers)


def test_no_spelling_of_a_private_file_gets_past_the_check(world, edge):
    change(world, visibility="private", password=SECRET)
    status_pages.create_page(world.act("ana"), "open", "Open")
    publish.publish_pages(world.now)
    assert edge("/status/open/").status == 200
    for path in (
        "/status/open/../partners/index.html", "/status/open/..%2fpartners/index.html", "/status//partners/index.html",
        "/status/./partners/index.html", "/status/PARTNERS/index.html", "/status/Partners/", "/status/partners//",
        "/status/partners/./index.html", "/status/partners/../partners/index.html", "/status/partners\\index.html",
        "/status/.partners/published.json", "/status/open/../../status-private/partners/index.html",
        "/status/../status-private/partners/index.html", "/status/status-private/partners/index.html",
        "/status/partners\0/index.html", "/status/partners%00/index.html", "/status/partners;/index.html",
        "/status/partners /index.html", "/status/" + "x" * 5000, "/status/", "/status/\u212apartners/",
    ):  # fmt: skip
        answer = edge(path)
        assert answer.status in (401, 404), path
        assert b"Canary" not in answer.body, path


def test_rights_open_and_whatever_is_not_quite_one_does_not(world, edge):
    change(world, visibility="private", password=SECRET, domains=["corp.example"], hours=2)
    good = right(world)
    assert all(edge(path, good).status == 200 for path in files())
    page = edge("/status/partners/", good)
    assert b"Canary gateway" in page.body
    assert page.headers["cache-control"] == "private, no-store"
    assert "noindex" in page.headers["x-robots-tag"]
    assert edge("/status/partners/", [*good, ("if-none-match", page.headers["etag"])]).status == 304
    assert edge("/status/partners/", right(world, "mail", "corp.example")).status == 200
    name, _, value = good[0][1].partition("=")
    way, subject, until, signature = value.split("~")
    bad = [
        "", "~~~", "x" * 5000, value[:-1], value + "A", value.upper(), f"{way}~{subject}~{int(until) + 9999}~{signature}",
        f"mail~corp.example~{until}~{signature}", f"member~{subject}~{until}~{signature}",
        f"{way}~{subject}~{until}~", f"{way}~{subject}~{until}.0~{signature}", f"{way}~{subject}~-1~{signature}",
        f"{way}~{subject}~\u0661~{signature}",
        right(world, "mail", "other.example")[0][1].partition("=")[2],
        right(world, "member", "")[0][1].partition("=")[2],
    ]  # fmt: skip
    for value in bad:
        sent = [("cookie", f"{name}={value}".encode().decode("latin-1"))]
        assert {edge(path, sent).status for path in files()[:5]} == {401 if not row(world).hidden else 404}, (
            value
        )


def row(world):
    return page_access.of(status_pages.find_page("partners"))


def test_a_right_ends_with_its_time_the_password_the_domain_the_page_and_by_hand(world, edge):
    change(world, visibility="private", password=SECRET, domains=["corp.example"], hidden=False, hours=1)
    page = status_pages.find_page("partners")
    early = page_readers.right(page, row(world), "password", "", world.now - timedelta(minutes=61))
    cookie = page_readers.cookie_name("partners")
    assert edge("/status/partners/", [("cookie", f"{cookie}={early}")]).status == 401
    by_password, by_mail = right(world), right(world, "mail", "corp.example")
    change(world, password="another secret word")
    assert edge("/status/partners/", by_password).status == 401
    assert edge("/status/partners/", by_mail).status == 200
    change(world, domains=["new.example"])
    assert edge("/status/partners/", by_mail).status == 401
    fresh = right(world)
    assert edge("/status/partners/", fresh).status == 200
    page_access.end_rights(world.act("ana"), "partners")
    assert edge("/status/partners/", fresh).status == 401
    # A right for one page is none for another.
    status_pages.create_page(world.act("ana"), "second", "Second")
    page_access.change(world.act("ana"), "second", visibility="private", password=SECRET, hidden=False)
    publish.publish_pages(world.now)
    value = right(world)[0][1].partition("=")[2]
    assert (
        edge("/status/second/", [("cookie", f"{page_readers.cookie_name('second')}={value}")]).status == 401
    )


def test_an_internal_page_is_for_whoever_is_signed_in(world, edge):
    change(world, visibility="internal", hidden=False)
    client = browser(world, "olga")
    cookie = [
        ("cookie", f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}")
    ]
    assert edge("/status/partners/", cookie).status == 200
    assert edge("/status/partners/", right(world)).status == 401
    models.Person.objects.filter(name="Olga Brandt").update(is_active=False)
    assert edge("/status/partners/", cookie).status == 401


def test_addresses_count_and_a_forwarded_one_only_from_our_proxy(world, edge):
    change(
        world,
        visibility="private",
        networks=["198.51.100.0/24", "2001:db8::/32"],
        network="enough",
        hidden=False,
    )
    assert edge("/status/partners/", client="198.51.100.4").status == 200
    assert edge("/status/partners/", client="::ffff:198.51.100.4").status == 200
    assert edge("/status/partners/", client="2001:db8::9").status == 200
    assert edge("/status/partners/").status == 401
    said = [("x-forwarded-for", "198.51.100.4")]
    assert edge("/status/partners/", said).status == 401
    assert edge("/status/partners/", said, client="10.9.9.9").status == 200
    assert (
        edge(
            "/status/partners/", [("x-forwarded-for", "198.51.100.4, 203.0.113.5")], client="10.9.9.9"
        ).status
        == 401
    )
    change(world, network="needed", password=SECRET)
    assert edge("/status/partners/", client="198.51.100.4").status == 401
    assert edge("/status/partners/", right(world)).status == 401
    assert edge("/status/partners/", right(world), client="198.51.100.4").status == 200


def test_the_token_opens_feeds_and_json_and_nothing_else_until_it_is_renewed(world, edge):
    change(world, visibility="private", password=SECRET, hidden=True)
    assert edge("/status/partners/history.atom?token=").status == 404
    page_access.renew_feeds(world.act("ana"), "partners")
    page = status_pages.find_page("partners")
    token = page_access.feed_token(page, row(world))
    machine = [p for p in files() if re.search(r"\.(json|atom|rss|ics)(\.gz|\.br)?$", p)]
    assert len(machine) > 10
    for path in files():
        assert edge(f"{path}?token={token}").status == (200 if path in machine else 404), path
    page_access.renew_feeds(world.act("ana"), "partners")
    assert edge(f"{machine[0]}?token={token}").status == 404
    fresh = page_access.feed_token(page, row(world))
    page_access.end_feeds(world.act("ana"), "partners")
    assert edge(f"{machine[0]}?token={fresh}").status == 404
    page_access.renew_feeds(world.act("ana"), "partners")
    assert edge(f"{machine[0]}?token={fresh}").status == 404


def test_a_public_page_is_gone_the_moment_it_is_private(world, edge):
    publish.publish_pages(world.now)
    public = page_folders.public_folder("partners")
    assert edge("/status/partners/").status == 200
    assert public.exists()
    page_access.change(world.act("ana"), "partners", visibility="private", password=SECRET)
    assert not public.exists()  # before any engine looked
    left = [p.name for p in Path(settings.QUARTERDECK_STATUS).rglob("*") if p.is_file()]
    assert set(left) <= {".lock"}
    publish.publish_pages(world.now)
    assert page_folders.private_root().stat().st_mode & 0o077 == 0
    assert page_folders.private_folder("partners").exists()
    assert not public.exists()


def test_a_page_that_turns_private_while_it_is_rendered_is_not_left_in_public(world, monkeypatch):
    page = status_pages.find_page("partners")  # as the engine read it: public
    real = publish.status_site.write

    def written(*args):
        page_access.change(world.act("ana"), "partners", visibility="internal")
        return real(*args)

    monkeypatch.setattr(publish.status_site, "write", written)
    publish.publish_one(page, world.now)
    monkeypatch.undo()
    assert not page_folders.public_folder("partners").exists()
    assert publish.publish_pages(world.now) == 1
    assert publish.publish_pages(world.now) == 0
    assert not page_folders.public_folder("partners").exists()


def test_a_page_that_turns_public_again_leaves_nothing_behind(world, edge):
    change(world, visibility="internal")
    change(world, visibility="public")
    assert not page_folders.private_folder("partners").exists()
    assert edge("/status/partners/").status == 200
    assert edge("/status/partners/").headers["access-control-allow-origin"] == "*"


def test_the_doctor_says_who_else_can_read_private_pages(world):
    assert list(health_pages.look()) == []
    change(world, visibility="internal")
    assert [f.level for f in health_pages.look()] == ["ok"]
    page_folders.private_root().chmod(0o755)
    assert [f.level for f in health_pages.look()] == ["fault"]
    change(world, hidden=False)  # publishing mends it
    page_folders.public_folder("partners").mkdir(parents=True)
    models.PageAccess.objects.update(visibility="private")
    assert [f.level for f in health_pages.look()] == ["fault", "warning"]


# -- the doors


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
