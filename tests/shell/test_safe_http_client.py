"""The guarded client against real servers on loopback: pinning, redirects, time, size and what it reveals."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from quarterdeck.channels.safe_http import READ_LIMIT_BYTES, SafeClient, Unreached, retry_after
from quarterdeck.core.kernel.refused import Refused
from support.certificates import authority
from support.http_sink import Answer, http_sink


@pytest.fixture
def sink():
    with http_sink() as running:
        yield running


def to_loopback(*names: str):
    def resolve(host: str, port: int) -> list[str]:
        assert not names or host in names
        return ["127.0.0.1"]

    return resolve


def client_for(sink, **more) -> SafeClient:
    return SafeClient(allow=[f"127.0.0.1:{sink.port}"], **more)


def test_a_request_arrives_with_its_headers_and_body(sink):
    reply = client_for(sink).post_json(
        f"http://127.0.0.1:{sink.port}/in?x=1", {"a": "ü"}, headers={"Authorization": "Bearer t"}
    )
    (arrived,) = sink.arrived
    assert (arrived.method, arrived.path, arrived.body) == ("POST", "/in?x=1", '{"a":"ü"}'.encode())
    assert arrived.headers["authorization"] == "Bearer t"
    assert arrived.headers["content-type"] == "application/json"
    assert arrived.headers["host"] == f"127.0.0.1:{sink.port}"
    assert reply.status == 200


def test_a_redirect_to_inside_is_answered_and_never_followed(sink):
    with http_sink() as inside:
        sink.answer(Answer(302, headers=(("location", f"http://127.0.0.1:{inside.port}/secret"),)))
        reply = client_for(sink).request("GET", f"http://127.0.0.1:{sink.port}/")
        assert reply.status == 302
        assert not inside.arrived


def test_a_redirecting_name_cannot_move_the_connection_by_rebinding(sink):
    """The second look-up, which would lead inside, never happens: one look-up, one vetted address."""
    asked = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["169.254.169.254"]

    client = SafeClient(resolve=rebinding, allow=[f"hooks.example:{sink.port}"])
    assert client.request("GET", f"http://hooks.example:{sink.port}/").status == 200
    assert asked == ["hooks.example"]
    assert sink.arrived[0].headers["host"] == f"hooks.example:{sink.port}"


def test_a_name_that_turns_inside_later_is_refused_then(sink):
    answers = iter([["93.184.215.14"], ["127.0.0.1"]])
    client = SafeClient(resolve=lambda host, port: next(answers))
    with pytest.raises(Unreached):
        client.request("GET", "https://hooks.example/", deadline_seconds=0.05)
    with pytest.raises(Unreached, match="no public address"):
        client.request("GET", "https://hooks.example/")


def test_the_certificate_is_checked_against_the_name_and_not_the_address(tmp_path):
    made = authority(tmp_path, "hooks.example")
    with http_sink(made.server) as sink:
        client = SafeClient(
            resolve=to_loopback(),
            allow=[f"hooks.example:{sink.port}", f"other.example:{sink.port}"],
            ca_file=made.ca_file,
        )
        assert client.request("GET", f"https://hooks.example:{sink.port}/").status == 200
        with pytest.raises(Unreached, match="certificate") as raised:
            client.request("GET", f"https://other.example:{sink.port}/")
        assert not raised.value.ambiguous
        assert sink.server_names == ["hooks.example", "other.example"]
        assert len(sink.arrived) == 1


def test_an_unknown_authority_is_not_trusted(tmp_path):
    made = authority(tmp_path, "hooks.example")
    with http_sink(made.server) as sink:
        client = SafeClient(resolve=to_loopback(), allow=[f"hooks.example:{sink.port}"])
        with pytest.raises(Unreached, match="certificate"):
            client.request("GET", f"https://hooks.example:{sink.port}/")


def test_proxies_and_credentials_of_the_environment_are_not_used(sink, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login ana password secret\n")
    for name, value in {
        "HTTP_PROXY": "http://127.0.0.1:1",
        "ALL_PROXY": "http://127.0.0.1:1",
        "NETRC": netrc,
    }.items():
        monkeypatch.setenv(name, str(value))
    assert client_for(sink).request("GET", f"http://127.0.0.1:{sink.port}/").status == 200
    assert "authorization" not in sink.arrived[0].headers


@pytest.mark.parametrize(
    "slow",
    [
        Answer(delay_seconds=30),
        Answer(body=b"x" * 1000, drip_seconds=0.05),
        Answer(headers=tuple((f"x-{n}", "y") for n in range(3)), body=b"x" * 500, drip_seconds=0.1),
    ],
    ids=["no answer", "a trickle", "a slower trickle"],
)
def test_the_total_time_holds_against_a_slow_server(sink, slow):
    sink.answer(slow)
    started = time.monotonic()
    with pytest.raises(Unreached, match=r"0\.4 s") as raised:
        client_for(sink).request("GET", f"http://127.0.0.1:{sink.port}/", deadline_seconds=0.4)
    assert time.monotonic() - started < 10
    assert raised.value.ambiguous


def test_the_total_time_holds_against_a_slow_name_server():
    def slow(host: str, port: int) -> list[str]:
        time.sleep(6)
        return ["93.184.215.14"]

    started = time.monotonic()
    with pytest.raises(Unreached) as raised:
        SafeClient(resolve=slow).request("GET", "https://hooks.example/", deadline_seconds=0.2)
    assert time.monotonic() - started < 5
    assert not raised.value.ambiguous


def test_a_refused_connection_is_not_ambiguous_and_a_broken_one_is(sink):
    with pytest.raises(Unreached) as raised:
        SafeClient(allow=["127.0.0.1:1"]).request("POST", "http://127.0.0.1:1/")
    assert not raised.value.ambiguous
    sink.answer(Answer(hang_up=True))
    with pytest.raises(Unreached) as raised:
        client_for(sink).request("POST", f"http://127.0.0.1:{sink.port}/", content=b"x")
    assert raised.value.ambiguous


def test_the_next_address_is_tried_when_the_first_does_not_answer(sink):
    client = SafeClient(
        resolve=lambda host, port: ["127.0.0.9", "127.0.0.1"], allow=[f"hooks.example:{sink.port}"]
    )
    assert client.request("GET", f"http://hooks.example:{sink.port}/").status == 200


def test_a_huge_or_zipped_answer_is_cut_and_never_unpacked(sink):
    sink.answer(Answer(body=b"x" * 500_000, headers=(("content-encoding", "gzip"),)))
    reply = client_for(sink).request("GET", f"http://127.0.0.1:{sink.port}/")
    assert len(reply.body) == READ_LIMIT_BYTES


def test_what_may_be_shown_holds_nothing_the_other_side_said(sink):
    sink.answer(Answer(403, body=b"internal secret", headers=(("x-secret", "internal secret"),)))
    reply = client_for(sink).request("GET", f"http://127.0.0.1:{sink.port}/")
    assert reply.shown.startswith("4xx in ")
    assert "secret" not in repr(reply) + reply.shown


@pytest.mark.parametrize("name", ["Host", "Content-Length", "Transfer-Encoding", "X-A\r\nX-B", "X-Ü"])
def test_headers_that_would_change_the_request_are_refused(sink, name):
    with pytest.raises(Refused):
        client_for(sink).request("GET", f"http://127.0.0.1:{sink.port}/", headers={name: "x"})
    with pytest.raises(Refused):
        client_for(sink).request("GET", f"http://127.0.0.1:{sink.port}/", headers={"X-A": "x\r\nX-B: y"})
    assert not sink.arrived


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        ("999999999999", 86_400.0),
        ("Sun, 22 Nov 2026 06:02:00 GMT", 120.0),
        ("Sun, 22 Nov 2020 06:00:00 GMT", 0.0),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("١٢", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_a_date(value, seconds):
    assert retry_after(value, datetime(2026, 11, 22, 6, 0, tzinfo=UTC)) == seconds
