"""Private and internal status pages: rendered where no public server looks, and handed out after a check only."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings

from quarterdeck.app.health import health_pages
from quarterdeck.app.status import page_access, page_folders, page_readers, page_removal, status_pages
from quarterdeck.boot import emergency
from quarterdeck.engine import publish
from quarterdeck.store import models
from quarterdeck.web import edge_files, edge_private
from support.browsing import browser
from support.private_page import SECRET, change, edge, right, row, world

__all__ = ["edge", "world"]


def files():
    """Every published file of the private page, by its address."""
    root = page_folders.private_folder("partners")
    found = sorted(str(p.relative_to(root)) for p in root.rglob("*") if p.is_file() and root.is_dir())
    assert len(found) > 30
    return [f"/status/partners/{name}" for name in found]


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
    publish.publish_pages(world.now)
    assert {edge(path).status for path in files()} == {404}


def test_a_hidden_page_answers_as_one_that_does_not_exist(world, edge):
    change(world, visibility="private", password=SECRET, hidden=True)
    for end in ("", "/", "/index.html", "/api/v2/summary.json", "/history.atom?token=x", "/index.html.gz"):
        there, nowhere = edge(f"/status/partners{end}"), edge(f"/status/nothing{end}")
        assert (there.status, there.body, there.headers) == (nowhere.status, nowhere.body, nowhere.headers)
    read = [("accept", "text/html,*/*")]
    there, nowhere = edge("/status/partners/", read), edge("/status/nothing/", read)
    assert (there.status, there.body, there.headers) == (nowhere.status, nowhere.body, nowhere.headers)
    assert there.status == 404 and b"<h1>No page is published here.</h1>" in there.body


def test_a_deleted_page_answers_as_one_that_never_was_to_browsers_and_readers_of_feeds(
    world, edge, monkeypatch
):
    monkeypatch.setattr(edge_files, "LOOK_AGAIN_SECONDS", 0)
    change(world, visibility="private", password=SECRET)
    good = right(world)
    had = edge("/status/partners/index.html", good)
    assert had.status == 200 and b"Canary gateway" in had.body
    page_removal.delete(world.act("ana"), "partners", "partners")
    for end in ("", "/", "/index.html", "/history.atom", "/api/v2/summary.json", "/incidents/INC-7/"):
        sent = [*good, ("if-none-match", had.headers["etag"])]
        there, nowhere = edge(f"/status/partners{end}", sent), edge(f"/status/nothing{end}", sent)
        assert (there.status, there.body, there.headers) == (404, nowhere.body, nowhere.headers)
    status_pages.create_page(world.act("ana"), "partners", "Another")
    publish.publish_pages(world.now)
    fresh = edge("/status/partners/index.html", [("if-none-match", had.headers["etag"])])
    assert fresh.status == 200 and b"Canary" not in fresh.body


def test_another_site_shows_its_visitors_nothing_of_a_page_that_their_network_opens(world, edge):
    """How wide a badge is tells which words are in it."""
    change(world, visibility="private", networks=["203.0.113.0/24"], network="enough")
    publish.publish_pages(world.now)
    got = edge("/status/partners/badge.svg", client="203.0.113.7")
    assert got.status == 200
    assert got.headers["cross-origin-resource-policy"] == "same-origin"
    assert "access-control-allow-origin" not in got.headers


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


def test_who_lacks_the_second_factor_or_has_too_old_a_session_is_nobody_here(world, edge, monkeypatch):
    change(world, visibility="internal", hidden=False)
    client = browser(world, "olga")
    sent = [
        ("cookie", f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}")
    ]
    monkeypatch.setattr(settings, "QUARTERDECK_SECOND_FACTOR", "everybody")
    assert edge("/status/partners/", sent).status == 401
    monkeypatch.setattr(settings, "QUARTERDECK_SECOND_FACTOR", "administrators")
    assert edge("/status/partners/", sent).status == 200
    monkeypatch.setattr(settings, "QUARTERDECK_SESSION_SECONDS", -1)
    assert edge("/status/partners/", sent).status == 401


def test_names_that_are_guessed_ask_the_store_for_nothing(world, edge, monkeypatch):
    change(world, visibility="private", password=SECRET, hidden=True)
    monkeypatch.setattr(edge_private, "LOOK_AGAIN_SECONDS", 60)
    asked, looked = [], []
    judge, closed = page_readers.judge, page_readers.closed_pages
    monkeypatch.setattr(page_readers, "judge", lambda *a: asked.append(a) or judge(*a))
    monkeypatch.setattr(page_readers, "closed_pages", lambda: looked.append(1) or closed())
    for n in range(50):
        assert edge(f"/status/guess-{n}/").status == edge("/status/partners/").status == 404
    assert (len(asked), len(looked)) == (0, 1)
    assert edge("/status/partners/", right(world)).status == 200
    assert len(asked) == 1
    monkeypatch.setattr(edge_private, "MOST_WAITING", 0)
    crowded = edge("/status/partners/", right(world))
    assert (crowded.status, crowded.headers["retry-after"]) == (503, "2")
    assert edge("/status/partners/").status == 404


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
    root = page_folders.private_root()
    for folder in (root, *(p for p in root.iterdir() if not p.is_symlink())):
        assert folder.stat().st_mode & 0o077 == 0, folder
    assert page_folders.private_folder("partners").exists()
    assert not public.exists()


def test_what_was_told_in_an_emergency_is_taken_over_by_a_page_that_turned_private_and_nothing_stays(world):
    publish.publish_pages(world.now)
    root, public = Path(settings.QUARTERDECK_STATUS), page_folders.public_folder("partners")
    assert (root / ".partners").stat().st_mode & 0o777 == 0o711
    emergency.publish(root, "partners", emergency.Words("Down", "", "All of it."), world.now)
    publish.publish_pages(world.now)
    emergency.publish(root, "partners", emergency.Words("Down too", "", "Found."), world.now)
    (root / ".partners" / "targets" / "some" / "repository").mkdir(parents=True)
    page_access.change(world.act("ana"), "partners", visibility="internal")
    left = sorted(p.name for p in (root / ".partners").rglob("*") if p.is_file())
    assert len(left) == 2, "the lock, and the post nobody has taken over"
    publish.publish_pages(world.now)
    assert [p.name for p in (root / ".partners").iterdir()] == [".lock"]
    assert not public.exists()
    assert models.PagePost.objects.count() == 2


def test_a_page_that_turns_private_while_it_is_rendered_is_not_left_in_public(world, monkeypatch):
    page = status_pages.find_page("partners")  # as the engine read it: public
    real = publish.status_site.release

    def written(*args):
        page_access.change(world.act("ana"), "partners", visibility="internal")
        with pytest.raises(publish.status_site.Withheld) as never:  # not for a moment
            real(*args)
        raise never.value

    monkeypatch.setattr(publish.status_site, "release", written)
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
