"""A whole running server under hands that mean it ill: heads without end, foreign names, files of the installation."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import stat
from urllib.parse import urlsplit

import pytest
import uvicorn

from quarterdeck.boot.heads import HEAD_SECONDS, BoundedHeads
from support.server import Server, shared_server

__all__ = ["shared_server"]
pytestmark = pytest.mark.slow
BEGIN = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nA: "


def asked(server: Server, sent: bytes, most: int = 65536) -> bytes:
    parts = urlsplit(server.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as s:
        s.sendall(sent)
        told = b""
        while len(told) < most and (piece := s.recv(65536)):
            told += piece
    return told


def test_a_head_without_end_is_cut_off(shared_server: Server) -> None:
    parts = urlsplit(shared_server.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as s:
        s.sendall(BEGIN)
        taken = _taken(s, 64)
    assert taken < 20
    assert shared_server.client().get("/healthz").status_code == 200


def _taken(s: socket.socket, most: int) -> int:
    """How many megabytes the other side takes before it closes."""
    for n in range(most):
        try:
            s.sendall(b"a" * 1_000_000)
        except OSError:
            return n
    return most


def test_a_head_of_ordinary_length_is_taken(shared_server: Server) -> None:
    told = asked(shared_server, BEGIN + b"a" * 16_000 + b"\r\nConnection: close\r\n\r\n")
    assert told.startswith(b"HTTP/1.1 200")


def test_a_connection_whose_head_never_ends_is_closed() -> None:
    async def never_ends() -> list[bool]:
        config = uvicorn.Config(app=lambda *_: None, lifespan="off", ws="none")  # type: ignore[arg-type, return-value]
        config.load()
        server = uvicorn.Server(config)
        loop = asyncio.get_running_loop()
        listening = await loop.create_server(
            lambda: BoundedHeads(config, server.server_state, {}), "127.0.0.1", 0
        )
        reader, writer = await asyncio.open_connection(*listening.sockets[0].getsockname())
        writer.write(b"GET / HT")
        await asyncio.sleep(0.05)
        (connection,) = server.server_state.connections
        found = []
        for late in (HEAD_SECONDS - 5, HEAD_SECONDS + 5):
            connection.give_up(loop.time() + late)
            found.append(connection.transport.is_closing())
        assert await reader.read() == b""
        writer.close()
        listening.close()
        return found

    assert asyncio.run(never_ends()) == [False, True]


def test_private_pages_are_kept_by_no_cache_and_public_files_are(shared_server: Server) -> None:
    ana = shared_server.sign_in()
    for path in (
        "/",
        "/incidents",
        "/alerts",
        "/accounts/sessions/",
        "/settings/keys",
        "/nowhere",
        "/api/v1/me",
    ):
        assert "no-store" in ana.get(path).headers["cache-control"], path
    page = ana.get("/").text
    hashed = re.search(r'href="(/static/[^"]+\.css\?v=\w+)"', page)
    assert hashed is not None
    assert "immutable" in ana.get(hashed[1]).headers["cache-control"]


@pytest.mark.parametrize(
    "path",
    ["/search?q=%00", "/incidents/%00", "/incidents?team=%00", "/alerts?after=%00", "/%00"],
)
def test_an_address_with_a_nul_reaches_no_database(shared_server: Server, path: str) -> None:
    assert shared_server.client().get(path).status_code in (400, 404)


@pytest.mark.parametrize(
    "lines",
    [
        b"Host: evil.example",
        b"Host: 127.0.0.1\r\nHost: evil.example",
        b"Host: 127.0.0.1:999999",
        b"Host: 127.0.0.1:80x",
        b"Host: 127.0.0.1@evil.example",
        b"",
    ],
)
def test_a_page_under_a_name_that_is_not_ours_is_refused(shared_server: Server, lines: bytes) -> None:
    head = b"GET /accounts/login/ HTTP/1.1\r\n" + lines + b"\r\nConnection: close\r\n\r\n"
    assert asked(shared_server, head.replace(b"\r\n\r\nConn", b"\r\nConn")).startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize("method", ["TRACE", "OPTIONS", "PROPFIND", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize(
    "path", ["/", "/incidents", "/accounts/login/", "/healthz", "/static/none", "/status/"]
)
def test_odd_methods_do_nothing_and_show_no_header_back(
    shared_server: Server, method: str, path: str
) -> None:
    answer = shared_server.client().request(method, path, headers={"X-Canary": "CANARY4711"})
    assert answer.status_code < 500
    assert "CANARY4711" not in answer.text
    assert "content-security-policy" in answer.headers


def test_what_the_installation_keeps_is_readable_by_its_owner_alone(shared_server: Server) -> None:
    shared_server.sign_in()
    open_to_others = [
        f.name
        for f in shared_server.data.iterdir()
        if f.is_file() and stat.S_IMODE(f.stat().st_mode) & 0o077 and f.suffix != ".lock"
    ]
    assert open_to_others == []
    assert stat.S_IMODE((shared_server.data / "run").stat().st_mode) == 0o700


def test_no_key_of_the_installation_is_in_its_log_or_in_what_it_tells(shared_server: Server) -> None:
    ana = shared_server.sign_in()
    keys = json.loads((shared_server.data / "secrets.json").read_text()).values()
    shared_server.client().post("/c/01a2-id/secret_link_token_of_somebody/", data={})
    told = [
        ana.get(p).text
        for p in ("/healthz", "/metrics", "/api/v1/openapi.json", "/settings", "/settings/audit")
    ]
    for key in keys:
        assert key not in shared_server.log
        assert not [text for text in told if key in text]
    assert "secret_link_token_of_somebody" not in shared_server.log
