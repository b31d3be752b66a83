"""The front of the web process, driven without a server: who answers, within which limits, under which headers."""

from __future__ import annotations

import asyncio
import json

import pytest

from quarterdeck.web import edge, edge_answers
from quarterdeck.web.edge_body import Unusable, whole_body
from quarterdeck.web.edge_health import Figures
from support.asgi import ask
from support.database import db

__all__ = ["db"]
KIB = 1024
REQUIRED = (
    "content-security-policy",
    "x-content-type-options",
    "referrer-policy",
    "cross-origin-opener-policy",
)


async def echo(scope, receive, send):
    """Answers with what it was given; stands for Django."""
    body = (await receive()).get("body", b"")
    told = {
        "headers": [[k.decode(), v.decode("latin-1")] for k, v in scope["headers"]],
        "client": scope["client"][0],
        "scheme": scope["scheme"],
        "body": body.decode("latin-1"),
    }
    await edge_answers.tell_json(send, 200, told)


async def named(scope, receive, send):
    await edge_answers.tell(send, 200, scope["path"])


async def broken(scope, receive, send):
    raise LookupError("a fault in a page")


def front(pages=echo, *, threads=4, queue=4, limit=64 * KIB, trusted=(), hosts=("127.0.0.1",), https=False):
    security = edge_answers.secured(https)
    return edge.build(
        ingest=named,
        static=named,
        status=named,
        native={"/live": named, "/healthz": named, "/metrics": named, "/buddy": named},
        pages=edge.Pages(pages, threads, queue, limit, b"<h1>busy</h1>", Figures()),
        hosts=list(hosts),
        trusted_proxies=list(trusted),
        security=security,
    )


def run(coroutine):
    return asyncio.run(coroutine)


def post(app, body=b"", headers=(), **how):
    return run(ask(app, "POST", "/x", headers, how.pop("chunks", [body]), **how))


@pytest.mark.parametrize("path", ["/in/webhook/k", "/status/acme/", "/static/a.js", "/healthz", "/live"])
def test_native_routes_answer_without_the_page_pool(path):
    answer = run(ask(front(broken), path=path))
    assert (answer.status, answer.text.strip()) == (200, path)


def test_a_whole_body_reaches_the_pages_in_one_piece():
    answer = post(front(), chunks=[b"one ", b"two ", b"three"])
    assert json.loads(answer.text)["body"] == "one two three"


@pytest.mark.parametrize(
    "charset", ["idna", "hex", "undefined", "unicode_escape", "utf-7", '"utf-16"', "", "x; charset=utf-8"]
)
def test_a_body_in_a_charset_that_nobody_needs_is_refused(charset):
    answer = post(
        front(broken), b"a=b", [("content-type", f"multipart/form-data; boundary=x; charset={charset}")]
    )
    assert answer.status == 415


@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "text/plain; charset=UTF-8", 'a/b; charset="utf8"']
)
def test_a_body_in_utf8_passes(kind):
    assert post(front(), b"a=b", [("content-type", kind)]).status == 200


def test_a_body_above_the_limit_is_refused_before_it_is_read():
    answer = post(front(), headers=[("content-length", str(65 * KIB))], never_ends=True)
    assert answer.status == 413
    assert answer.headers["connection"] == "close"


def test_a_body_that_grows_above_the_limit_is_refused():
    answer = post(front(), chunks=[b"x" * KIB] * 66)
    assert answer.status == 413


def test_a_body_that_does_not_come_is_given_up():
    async def wait():
        async def receive():
            await asyncio.sleep(3600)

        await whole_body({"headers": []}, receive, KIB, seconds=0.05)

    with pytest.raises(Unusable) as told:
        run(wait())
    assert told.value.status == 408


def test_a_body_shorter_than_it_claims_is_refused():
    answer = post(front(), b"abc", [("content-length", "5")])
    assert answer.status == 400


def test_an_upload_that_is_cut_off_reaches_no_page():
    seen = []

    async def page(scope, receive, send):
        seen.append(await receive())

    post(front(page), b"half", leaves_early=True)
    assert seen == []


def test_half_sent_bodies_do_not_stop_a_page():
    async def story():
        app = front(threads=1)
        stuck = [
            asyncio.create_task(ask(app, "POST", "/x", (), [b"half"], never_ends=True)) for _ in range(4)
        ]
        await asyncio.sleep(0.01)
        answer = await asyncio.wait_for(ask(app, path="/page"), 20)
        for task in stuck:
            task.cancel()
        return answer

    assert run(story()).status == 200


def test_when_every_thread_and_the_queue_are_taken_the_answer_says_when_to_come_back():
    async def story(accept):
        gate = asyncio.Event()

        async def slow(scope, receive, send):
            await gate.wait()
            await edge_answers.tell(send, 200, "done")

        app = front(slow, threads=1, queue=1)
        taken = [asyncio.create_task(ask(app)) for _ in range(2)]
        await asyncio.sleep(0.01)
        refused = await ask(app, headers=[("accept", accept)])
        gate.set()
        return refused, [(await t).status for t in taken]

    refused, served = run(story("text/html"))
    assert (refused.status, refused.headers["retry-after"], served) == (503, "2", [200, 200])
    assert refused.text == "<h1>busy</h1>"
    assert run(story("*/*"))[0].headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize(
    "name",
    ["X_Forwarded_For", "X-Forwarded-For", "X-Forwarded-Host", "Forwarded", "X-Real-IP", "X-Original-URL"],
)
def test_a_strangers_forwarding_header_reaches_no_page(name):
    told = json.loads(run(ask(front(), headers=[(name, "6.6.6.6")])).text)
    assert "6.6.6.6" not in [value for _, value in told["headers"]]
    assert told["client"] == "203.0.113.9"


def test_a_trusted_proxy_names_the_client_and_the_scheme():
    headers = [("x-forwarded-for", "198.51.100.7"), ("x-forwarded-proto", "https")]
    told = json.loads(run(ask(front(trusted=["10.0.0.0/8"]), headers=headers, client="10.1.2.3")).text)
    assert (told["client"], told["scheme"]) == ("198.51.100.7", "https")
    told = json.loads(run(ask(front(trusted=["10.0.0.0/8"]), headers=headers)).text)
    assert (told["client"], told["scheme"]) == ("203.0.113.9", "http")


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "127.0.0.1:80@evil.example"])
def test_a_page_under_a_foreign_name_is_refused(host):
    answer = run(ask(front(), headers=[("host", host)]))
    assert answer.status == 400
    assert "public_url" in answer.text


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8000", "OPS.example", "[::1]:9000"])
def test_a_page_under_our_own_names_is_served(host):
    app = front(hosts=["127.0.0.1", "ops.example", "[::1]"])
    assert run(ask(app, headers=[("host", host)])).status == 200


def test_health_answers_under_any_name():
    assert run(ask(front(), path="/healthz", headers=[("host", "10.0.0.7")])).status == 200


@pytest.mark.parametrize(
    ("how", "status"),
    [
        ({}, 200),
        ({"headers": [("host", "evil.example")]}, 400),
        ({"method": "POST", "path": "/healthz"}, 405),
        ({"method": "POST", "headers": [("content-length", "99999999")]}, 413),
        ({"method": "POST", "headers": [("content-length", "x")]}, 400),
    ],
)
def test_security_headers_stand_on_every_answer(how, status):
    answer = run(ask(front(), **how))
    assert answer.status == status
    assert [name for name in REQUIRED if name not in answer.headers] == []
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert "strict-transport-security" not in answer.headers


def test_a_page_that_fails_is_answered_with_the_number_of_the_fault():
    answers = []

    async def story():
        async def send(message):
            answers.append(message)

        async def receive():
            return {"type": "http.request", "body": b""}

        from support.asgi import scope_of

        with pytest.raises(LookupError):
            await front(broken)(scope_of("GET", "/"), receive, send)

    run(story())
    headers = {k.decode(): v.decode() for k, v in answers[0]["headers"]}
    assert answers[0]["status"] == 500
    assert headers["x-request-id"] in answers[1]["body"].decode()
    assert [name for name in REQUIRED if name not in headers] == []


def test_an_installation_reached_by_https_tells_browsers_to_stay_there():
    answer = run(ask(front(https=True)))
    assert answer.headers["strict-transport-security"].startswith("max-age=")


def test_a_page_may_set_a_stricter_policy_of_its_own():
    async def page(scope, receive, send):
        await edge_answers.tell(send, 200, "x", [(b"content-security-policy", b"sandbox")])

    assert run(ask(front(page))).headers["content-security-policy"] == "sandbox"


def test_a_native_route_that_is_not_declared_stops_the_start():
    with pytest.raises(RuntimeError, match="/secret"):
        edge.build(
            ingest=named, static=named, status=named, native={"/secret": named}, pages=named,
            hosts=[], trusted_proxies=[], security=[],
        )  # fmt: skip
