"""Pages that readers outside meet around a status page speak their language and wear its brand, and tell nothing of one
that is closed.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from django.conf import settings
from django.test import Client, override_settings

from quarterdeck.app.comms import customer_feedback, ledger
from quarterdeck.app.status import page_access, page_around, page_doors, publishing, status_pages
from quarterdeck.channels import rendering, status_site
from quarterdeck.channels.outcome import Outgoing
from quarterdeck.channels.status_site import outside, phrases, subscribing
from quarterdeck.core.status.branding import colours
from quarterdeck.store import models, tx
from quarterdeck.store.ids import new_id
from quarterdeck.web import edge_private
from support.browsing import browser, words
from support.private_page import SECRET, change, edge, world
from support.subscribing import visitor

__all__ = ["edge", "world"]
READ = ("accept", "text/html,*/*")
CANARY = "canary4711"
PICTURE = b"\x89PNG\r\n\x1a\n" + CANARY.encode()


def speaking(language):
    return [READ, ("accept-language", language)]


def door(world):
    return page_access.door_path(status_pages.find_page("partners"))


def branded(key, **values):
    """A brand that can be told from every other, as it is stored."""
    page = status_pages.find_page(key)
    told = {
        "accent": "#aa1177", "css": f".{CANARY}{{color:#123456}}", "header_text": f"{CANARY} header",
        "footer_text": f"**{CANARY}** footer", "logo": "1" * 64, "favicon": "2" * 64, "languages": ["en", "fr"],
    }  # fmt: skip
    for digest in ("1" * 64, "2" * 64):
        models.PagePicture.objects.get_or_create(
            page=page, digest=digest,
            defaults={"id": new_id(), "media_type": "image/png", "content": PICTURE, "created_at": page.created_at},
        )  # fmt: skip
    models.PageBrand.objects.update_or_create(page=page, defaults=told | values)
    return page


def opened(world, key="open", **values):
    status_pages.create_page(world.act("ana"), key, "Corvane status")
    return branded(key, **values)


def look_in(content):
    """The addresses of style sheet, logo and favicon that a page names, none where it has no brand."""
    return re.findall(r"(?:href|src)=\"(/subscribe/\w+/look/[^\"]+)\"", content.decode())


def test_every_language_has_every_phrase_with_its_places():
    assert set(outside.PHRASES) == set(phrases.LANGUAGES) == set(subscribing.LANGUAGES)
    places = {key: set(re.findall(r"\{\w+\}", text)) for key, text in outside.phrases("en").items()}
    for found in outside.PHRASES.values():
        assert {key: set(re.findall(r"\{\w+\}", text)) for key, text in found.items()} == places
        assert all(text.strip() for text in found.values())


def test_the_door_speaks_the_readers_language_and_keeps_what_was_chosen(world, edge, monkeypatch):
    monkeypatch.setitem(page_doors.MOST_OF_SOURCE, "password", 1)
    change(world, visibility="private", hidden=False, password=SECRET, domains=["corp.example"])
    branded("partners")
    for language, one in phrases.LANGUAGES.items():
        asked = edge("/status/partners/", speaking(f"{language}-XX,en;q=0.1"))
        said = asked.body.decode()
        assert asked.status == 401 and "accept-language" in asked.headers["vary"]
        assert f'<html lang="{language}" dir="{one.direction}"' in said
        assert outside.phrases(language)["d_password"] in said and "Canary partners" in said
        assert CANARY not in said and "aa1177" not in said and not look_in(asked.body), (
            "no brand before the door"
        )
    assert b'lang="ja"' in edge("/status/partners/?lang=ja", speaking("de")).body
    assert b'lang="en"' in edge("/status/partners/?lang=xx", speaking("tlh")).body
    german, client = outside.phrases("de"), browser(world, None, HTTP_ACCEPT_LANGUAGE="de-AT")
    typed = {"way": "password", "password": "no", "next": "/status/partners/history/"}
    wrong = client.post(door(world), typed)
    assert wrong.status_code == 422 and german["d_wrong"] in words(wrong)
    assert "?lang=fr&amp;next=/status/partners/history/" in wrong.content.decode(), "the way on is kept"
    assert german["d_limited"] in words(client.post(door(world), typed))
    assert german["d_address"] in words(client.post(door(world), {"way": "mail", "email": "nobody"}))
    assert german["d_way"] in words(client.post(door(world), {"way": "?"}))
    assert client.post(f"{door(world)}?lang=ar", typed).content.decode().count('dir="rtl"') == 1


def test_the_door_leads_to_the_start_where_the_way_on_is_no_address(world):
    change(world, visibility="private", hidden=False, domains=["corp.example"])
    client = browser(world, None)
    for strange in ("//[", "http://[::1"):
        assert client.get(door(world), {"next": strange}).status_code == 200, strange
        assert client.post(door(world), {"way": "?", "next": strange}).status_code == 422, strange


def test_the_link_by_mail_and_what_it_opens_are_in_the_language_it_was_asked_in(world):
    change(world, visibility="private", hidden=False, domains=["corp.example"])
    french, client = outside.phrases("fr"), browser(world, None, HTTP_ACCEPT_LANGUAGE="fr")
    assert french["d_asked"] in words(client.post(door(world), {"way": "mail", "email": "ann@corp.example"}))
    world.now = datetime.now(UTC)
    world.settle()
    body = models.Delivery.objects.get(key__startswith="page-mail/").body
    assert body["subject"] == french["m_subject"].replace("{page}", "Canary partners")
    assert body["text"].startswith("Quelqu’un") and body["data"] == {"language": "fr"}
    path = re.search(r"http\S+(/status-access-links/\S+)", body["text"])[1]
    assert path.endswith("/?lang=fr")
    stranger = browser(world, None)
    assert french["l_text"] in words(stranger.get(path))
    branded("partners", languages=["en", "fr"])
    inside = stranger.post(path)
    assert (inside.status_code, inside["Location"]) == (303, "/status/partners/index.fr.html")
    used = stranger.post(path)
    assert used.status_code == 410 and french["l_used"] in words(used)


def test_mails_to_readers_say_their_language_and_run_as_it_does():
    def mail(language):
        return Outgoing("k", "a@b.example", "s", "t", kind="message", data={"language": language})

    assert rendering.html(mail("ar")).count('lang="ar" dir="rtl"') == 2, "of the page and of what is in it"
    assert 'lang="de" dir="ltr"' in rendering.html(mail("de-AT"))
    for unknown in ("", '"><script>'):
        assert '<html lang="en"><' in rendering.html(mail(unknown)) and "<script" not in rendering.html(
            mail(unknown)
        )


def test_where_nothing_is_the_answer_is_one_in_each_language_whatever_there_may_be(world, edge):
    change(world, visibility="private", hidden=True, password=SECRET)
    branded("partners", languages=["ja"])
    good = door(world)
    links = (
        "/subscribe/nothing", "/subscribe/partners", "/subscribe/partners/confirm/x", "/subscribe/partners/no/way",
        good[:-2] + "/", good.replace("partners", "nothing"), "/status-access-links/x/y/", "/u/7/x/", "/u/s/x/y/",
        "/f/nothing/", "/f/nothing/x/", "/subscribe/partners/look/x/page.css", "/subscribe/nothing/look/x/page.css",
    )  # fmt: skip
    for language in ("de", "ar"):
        there, nowhere = (edge(f"/status/{key}/", speaking(language)) for key in ("partners", "nothing"))
        assert (there.status, there.body, there.headers) == (nowhere.status, nowhere.body, nowhere.headers)
        assert outside.phrases(language)["n_title"].encode() in there.body
        assert there.headers["vary"] == "accept, accept-language"
        client = browser(world, None, HTTP_ACCEPT_LANGUAGE=language)
        for path in links:
            answer = client.get(path)
            assert (answer.status_code, answer.content) == (404, there.body), path
            assert answer["Vary"].startswith("Accept-Language") and answer["Cache-Control"] == "no-store"
            nothing = client.get(path.replace("partners", "nothing"))
            assert nothing.headers == answer.headers and nothing.cookies == answer.cookies, path
    assert b"Sign in" in browser(world, None).get("/nothing/at/all").content, (
        "elsewhere it is the product's own"
    )


def test_what_goes_wrong_is_said_to_readers_in_their_language_and_not_as_to_the_people_of_the_product(
    world, monkeypatch
):
    opened(world)
    german = outside.phrases("de")
    told = {"accept-language": "de", "accept": "text/html"}
    strict = Client(enforce_csrf_checks=True, raise_request_exception=False, SERVER_NAME="127.0.0.1")
    out_of_date = strict.post("/subscribe/open/manage", {"address": "a@b.example"}, headers=told)
    elsewhere = strict.post("/subscribe/open/manage", headers=told | {"sec-fetch-site": "cross-site"})
    monkeypatch.delattr(page_around, "look")
    failed = strict.get("/subscribe/open", headers=told)
    for answer, status, key in (
        (out_of_date, 403, "form"),
        (elsewhere, 403, "form"),
        (failed, 500, "failed"),
    ):
        assert answer.status_code == status
        assert german[f"x_{key}_title"] in words(answer) and "Quarterdeck" not in words(answer)
    assert "Quarterdeck" in strict.post("/accounts/login/", headers=told).content.decode()


@override_settings(DATA_UPLOAD_MAX_NUMBER_FIELDS=3)
def test_where_nothing_is_a_request_that_cannot_be_read_is_told_so_as_every_other(world):
    many = "a=&b=&c=&d="
    client = browser(world, None, HTTP_ACCEPT_LANGUAGE="es")
    for path in ("/f/nobody/", "/subscribe/nobody", "/u/s/x/y/"):
        answer = client.get(f"{path}?{many}")
        assert answer.status_code == 404 and outside.phrases("es")["n_title"] in words(answer), path
    answer = client.post("/u/s/x/y/", many, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 404 and outside.phrases("es")["n_title"] in words(answer)


def test_a_page_that_was_taken_away_says_so_in_every_language():
    (page,) = status_site.withdrawn().values()
    for language, said in outside.PHRASES.items():
        assert f'lang="{language}"' in page.decode() and said["w_text"] in page.decode()


def test_who_comes_while_too_many_ask_reads_so_in_their_language(world, edge, monkeypatch):
    monkeypatch.setattr(edge_private, "MOST_WAITING", 0)
    change(world, visibility="private", hidden=False, password=SECRET)
    cookie = ("cookie", f"{settings.SESSION_COOKIE_NAME}=x")
    busy = edge("/status/partners/", [*speaking("fr"), cookie])
    assert (busy.status, busy.headers["retry-after"]) == (503, "2")
    assert outside.phrases("fr")["x_busy_title"].encode() in busy.body
    assert edge("/status/partners/", [cookie]).body.startswith(b"Many people")


def test_pages_for_subscribers_wear_the_brand_as_the_published_page_has_it(world):
    page = opened(world, domain="status.corvane.example")
    form = visitor().get("/subscribe/open", headers={"accept-language": "fr"})
    css, favicon, logo = (
        next(u for u in look_in(form.content) if u.endswith(n)) for n in ("css", "favicon", "logo")
    )
    said = form.content.decode()
    assert f"<strong>{CANARY}</strong> footer" in said and f"{CANARY} header" in said
    assert 'href="https://status.corvane.example/index.fr.html"' in said, "back to the page, in this language"
    files = status_site.render(publishing.page_snapshot(page, world.now), publishing.site_settings(page))
    sheet = visitor().get(css)
    made = colours("#aa1177")
    for colour in (made.accent, made.accent_dark):
        assert colour in sheet.content.decode() and colour in files["status.css"].decode()
    assert f".{CANARY}{{color:#123456}}" in sheet.content.decode()
    assert visitor().get(logo).content == visitor().get(favicon).content == files["logo.png"] == PICTURE
    assert (
        "immutable" in sheet["Cache-Control"] and "sandbox" in visitor().get(logo)["Content-Security-Policy"]
    )
    assert "style=" not in said and "<style" not in said
    assert visitor().get(css.replace("page.css", "css")).status_code == 404
    row = models.Subscriber.objects.create(
        id=new_id(), page=page, kind="email", address="kim@example.com", state="active", language="ja",
        asked_at=world.now, source="page",
    )  # fmt: skip
    end = visitor().get(ledger.unsubscribe_path(0, row.id))
    assert look_in(end.content) and '<html lang="ja"' in end.content.decode()
    branded("open", accent="#115599")
    assert visitor().get(css).status_code == 404, "what is kept for ever has another address once it differs"


def test_a_page_without_a_brand_has_the_products_own_look_and_colours_that_cannot_be_read_are_mended(world):
    status_pages.create_page(world.act("ana"), "plain", "Plain")
    found = look_in(visitor().get("/subscribe/plain").content)
    assert len(found) == 1 and b"/status/plain/icon.svg" in visitor().get("/subscribe/plain").content
    assert b"--accent:" not in visitor().get(found[0]).content
    pale = page_around.sheet("#ffee00", "", "")
    assert "#ffee00," not in pale and colours("#ffee00").accent in pale


def test_nothing_of_a_closed_page_is_told_by_its_brand(world, edge):
    page = opened(world)
    before = look_in(visitor().get("/subscribe/open").content)
    row = models.Subscriber.objects.create(
        id=new_id(), page=page, kind="email", address="kim@example.com", state="active", asked_at=world.now,
        source="page",
    )  # fmt: skip
    page_access.change(world.act("ana"), "open", visibility="private", hidden=False, members=True)
    for path in before:
        assert visitor().get(path).status_code == 404, "an address from when it was public"
    end = visitor().get(ledger.unsubscribe_path(0, row.id)).content
    assert CANARY.encode() not in end and not look_in(end), "who is not invited"
    with tx.write("web"):
        models.PageInvitation.objects.create(
            id=new_id(), page=page, address="kim@example.com", by="ana", at=world.now
        )
    end = visitor().get(ledger.unsubscribe_path(0, row.id)).content
    (css, *_), said = [u for u in look_in(end) if u.endswith("css")], end.decode()
    assert CANARY not in said.replace(css, ""), "its texts stay inside"
    assert CANARY.encode() in visitor().get(css).content, "who is told of it by mail sees its colours"
    mark = css.split("/")[4]
    assert visitor().get(css.replace(mark, mark[:-1] + ("A" if mark[-1] != "A" else "B"))).status_code == 404
    assert visitor().get(css.replace("/open/", "/partners/")).status_code == 404


def test_what_is_refused_to_a_subscriber_is_said_in_their_language(world):
    status_pages.create_page(world.act("ana"), "open", "Open")
    german = subscribing.phrases("de")
    channels = {"email": {"host": "127.0.0.1", "port": 9, "sender": "a@b.example"}}
    with override_settings(QUARTERDECK_CHANNELS=channels):
        told = {"kind": "email", "address": "kim@example.com", "events": "incidents", "language": "de"}
        for wrong, key in (
            ({"events": ""}, "bad_events"), ({"quiet_from": "22:00"}, "bad_quiet"), ({"components": "x"}, "bad_parts"),
            ({"timezone": "Mars"}, "bad_choice"), ({"address": "nobody"}, "bad_address"),
        ):  # fmt: skip
            answer = visitor().post("/subscribe/open", told | wrong)
            assert answer.status_code == 422 and german[key] in answer.content.decode(), key


@override_settings(QUARTERDECK_ORGANISATION="Halden Ferries")
def test_feedback_and_the_end_of_messages_are_in_the_readers_language(world):
    recipient = models.Recipient.objects.create(
        message_id="m", channel="email", address="a@b.example", next_at=world.now
    )
    client = browser(world, None, HTTP_ACCEPT_LANGUAGE="es")
    spanish = outside.phrases("es")
    path = ledger.unsubscribe_path(recipient.id)
    asked = client.get(path)
    assert spanish["u_ask"] in words(asked) and "Halden Ferries" in words(asked)
    assert spanish["u_ended"] in words(client.post(path))
    link = models.FeedbackLink.objects.create(
        id=new_id(), incident_id="INC-1", audience="customers_all", slug="abc", created_by="ana",
        created_at=world.now,
    )  # fmt: skip
    page = f"/f/abc/{customer_feedback.fresh(link.slug)}/"
    assert spanish["f_ask"] in words(client.get(page))
    assert spanish["f_range"] in words(client.post(page, {"rating": "9"}))
    assert client.get("/f/abc/?lang=ar")["Location"].endswith("/?lang=ar")
    answer = client.post(f"{page}?lang=ar", {"rating": "4"}, follow=True)
    assert 'dir="rtl"' in answer.content.decode() and outside.phrases("ar")["f_thanks"] in words(answer)
    assert outside.phrases("ar", n="4")["f_of"] in words(answer)
