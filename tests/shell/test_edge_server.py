"""The whole web process from outside: real sockets, real sessions, real limits."""

from __future__ import annotations

import re
import socket
import subprocess
import threading
import time
from urllib.parse import urlsplit

import pytest

from support.server import COMMAND, PASSWORD, clean_environment, shared_server

__all__ = ["shared_server"]
pytestmark = pytest.mark.slow
REQUIRED = (
    "content-security-policy",
    "x-content-type-options",
    "referrer-policy",
    "cross-origin-opener-policy",
)


@pytest.fixture(scope="module")
def ana(shared_server):
    """The signed-in administrator."""
    return shared_server.sign_in()


def command(server, *arguments, given=""):
    subprocess.run(
        [COMMAND, *arguments],
        env=clean_environment(QUARTERDECK_DATA=str(server.data)),
        input=given + "\n",
        text=True,
        check=True,
        capture_output=True,
        timeout=60,
    )


class Listener(threading.Thread):
    """Reads a live stream until it ends; keeps the text and when it ended."""

    def __init__(self, client, query, headers=None):
        super().__init__(daemon=True)
        self.text, self.status, self.ended = "", 0, None
        self._ask = (client, f"/live?{query}", headers or {})
        self.start()
        end = time.monotonic() + 10
        while not self.text and self.ended is None and time.monotonic() < end:
            time.sleep(0.02)

    def run(self):
        client, url, headers = self._ask
        with client.stream("GET", url, headers=headers, timeout=30) as answer:
            self.status = answer.status_code
            for piece in answer.iter_text():
                self.text += piece
        self.ended = time.monotonic()

    def hears(self, pattern, seconds=10):
        end = time.monotonic() + seconds
        while not re.search(pattern, self.text) and time.monotonic() < end:
            time.sleep(0.02)
        return re.search(pattern, self.text) is not None


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/accounts/login/", 200),
        ("/nowhere", 404),
        ("/healthz", 200),
        ("/metrics", 200),
        ("/live?topics=alerts", 401),
        ("/static/quarterdeck/css/tokens.css", 200),
        ("/static/none.css", 404),
        ("/status/none/", 404),
        ("/accounts/sessions/", 302),
    ],
)
def test_security_headers_stand_on_every_answer(shared_server, path, status):
    answer = shared_server.client().get(path)
    assert answer.status_code == status
    assert [name for name in REQUIRED if name not in answer.headers] == []
    assert "server" not in answer.headers


def test_metrics_and_health_speak_of_the_running_product(shared_server):
    client = shared_server.client()
    assert client.get("/healthz").json()["store"] == "ok"
    text = client.get("/metrics").text
    assert "quarterdeck_store_up 1.0" in text
    assert re.search(r"^quarterdeck_pages_total \d", text, re.MULTILINE)
    assert client.get("/metrics", headers={"X-Forwarded-For": "6.6.6.6"}).status_code == 401


def test_a_page_names_its_files_by_their_content(shared_server):
    client = shared_server.client()
    page = client.get("/accounts/login/").text
    hashed = re.search(r'href="(/static/quarterdeck/css/tokens\.css\?v=\w+)"', page)[1]
    answer = client.get(hashed, headers={"accept-encoding": "br"})
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-encoding"] == "br"
    assert client.get(hashed, headers={"if-none-match": answer.headers["etag"]}).status_code == 304


@pytest.mark.parametrize(
    "path",
    [
        "/static/../secrets.json",
        "/static/%2e%2e/secrets.json",
        "/status/..%2f..%2fsecrets.json",
        "/status/%00",
    ],
)
def test_no_path_leads_out_of_the_served_folders(shared_server, path):
    parts = urlsplit(shared_server.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as s:
        s.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
        answer = b""
        while piece := s.recv(65536):
            answer += piece
    assert answer.split(b" ")[1] in (b"404", b"400")


def test_half_sent_bodies_do_not_stop_a_page(shared_server):
    parts = urlsplit(shared_server.url)
    stuck = []
    for _ in range(6):
        s = socket.create_connection((parts.hostname, parts.port))
        s.sendall(b"POST /accounts/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\nhalf")
        stuck.append(s)
    assert shared_server.client().get("/accounts/login/").status_code == 200
    for s in stuck:
        s.close()


def test_a_body_above_the_limit_is_refused(shared_server):
    answer = shared_server.client().post("/accounts/login/", content=b"x" * (1024 * 1024 + 1))
    assert answer.status_code == 413


def test_a_change_is_heard_by_those_who_may_and_only_on_their_topics(shared_server, ana):
    mine = Listener(ana, "topics=settings")
    other = Listener(ana, "topics=alerts")
    assert (mine.status, other.status) == (200, 200)
    command(shared_server, "user", "create", "ben@example.com", "--password-stdin", given=PASSWORD)
    assert mine.hears(r'"topic": "settings"')
    assert "settings" not in other.text
    assert "PersonCreated" in mine.text
    assert re.search(r"^id: \d+-\d+$", mine.text, re.MULTILINE)


def test_a_client_that_was_away_hears_what_it_missed(shared_server, ana):
    listener = Listener(ana, "topics=settings", {"Last-Event-ID": "0-0"})
    assert listener.hears("PersonCreated")
    assert Listener(ana, "topics=settings&after=0-0").hears("PersonCreated")


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_a_stream_is_not_opened_for_another_site(shared_server, ana, headers):
    assert ana.get("/live?topics=alerts", headers=headers).status_code == 403


def test_topics_nobody_may_see_open_no_stream(ana):
    assert ana.get("/live?topics=incident:INC-9999").status_code == 403
    assert ana.get("/live").status_code == 403


def test_streams_end_within_five_seconds_of_a_new_password(shared_server):
    command(shared_server, "user", "create", "eve@example.com", "--password-stdin", given=PASSWORD)
    eve = shared_server.client()
    eve.cookies = shared_server.sign_in("eve@example.com").cookies
    listener = Listener(eve, "topics=alerts")
    assert listener.status == 200
    command(
        shared_server,
        "user",
        "password",
        "eve@example.com",
        "--password-stdin",
        given="four other plain words",
    )
    changed = time.monotonic()
    listener.join(timeout=10)
    assert "event: signed-out" in listener.text
    assert listener.ended - changed < 5
    assert eve.get("/accounts/sessions/").status_code == 302
