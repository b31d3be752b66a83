"""Connections to the mail server that are kept between mails: when they are used again, and when not."""

from __future__ import annotations

import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from quarterdeck.channels import smtp_session
from quarterdeck.channels.deadlines import Deadline
from quarterdeck.channels.email import Settings, send
from quarterdeck.channels.outcome import Outgoing, Retry, Sent
from support.certificates import authority
from support.smtp_sink import smtp_sink


class Server(socketserver.ThreadingTCPServer):
    """Says what it is told to say; notes what each connection said."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.pipelining = True
        self.answers: dict[str, str] = {}
        self.heard: list[list[str]] = []
        self.hang_up_after_mail = False
        self.say_nothing_after_mail = False
        self.mails: list[bytes] = []
        self.gone = threading.Event()


class _Talk(socketserver.StreamRequestHandler):
    server: Server
    disable_nagle_algorithm = True

    def handle(self) -> None:
        heard: list[str] = []
        self.server.heard.append(heard)
        self._say("220 here")
        while line := self.rfile.readline():
            words = line.decode().strip()
            verb = words.split(" ")[0].split(":")[0].upper()
            heard.append(words)
            if verb == "EHLO":
                self._say("250-here\r\n250 PIPELINING" if self.server.pipelining else "250 here")
            elif verb == "QUIT":
                self._say("221 bye")
                return
            elif verb == "DATA":
                self._say(self.server.answers.get(verb, "354 go on"))
                if not self._take_mail():
                    return
            else:
                self._say(self.server.answers.get(verb, "250 ok"))

    def _take_mail(self) -> bool:
        """Whether the connection goes on."""
        mail = b""
        while not mail.endswith(b"\r\n.\r\n"):
            line = self.rfile.readline()
            if not line:
                return False
            mail += line
        self.server.mails.append(mail)
        self._say("250 taken")
        if self.server.say_nothing_after_mail:
            self.server.gone.wait(10)
        return not (self.server.hang_up_after_mail or self.server.say_nothing_after_mail)

    def _say(self, words: str) -> None:
        self.wfile.write(words.encode() + b"\r\n")


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as made:
        threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield made
        made.gone.set()
        made.shutdown()


def settings_for(server: Server, **more: object) -> Settings:
    given = {
        "host": "127.0.0.1",
        "port": server.server_address[1],
        "tls": "none",
        "from_address": "p@ops.example",
    }
    return Settings(**{**given, **more})


def mail(number: int, kind: str = "page") -> Outgoing:
    return Outgoing(
        key=f"k{number}", to=f"ana{number}@example.com", subject=f"Mail {number}", text="Text.", kind=kind
    )


@pytest.mark.parametrize("pipelining", [True, False])
def test_mails_one_after_the_other_share_a_connection(server: Server, pipelining: bool) -> None:
    server.pipelining = pipelining
    outcomes = [send(mail(n), settings_for(server)) for n in range(3)]
    assert all(isinstance(o, Sent) for o in outcomes), outcomes
    (heard,) = server.heard
    assert [w for w in heard if w.startswith("RCPT")] == [f"RCPT TO:<ana{n}@example.com>" for n in range(3)]
    assert [b"Subject: Mail %d" % n in m for n, m in enumerate(server.mails)] == [True] * 3


def test_a_test_message_shows_that_a_connection_can_be_made(server: Server) -> None:
    send(mail(0), settings_for(server))
    assert isinstance(send(mail(1, kind="test"), settings_for(server)), Sent)
    assert len(server.heard) == 2


def test_another_login_never_uses_this_connection(server: Server) -> None:
    send(mail(0), settings_for(server))
    send(mail(1), settings_for(server, from_address="q@other.example"))
    assert len(server.heard) == 2


def test_a_server_that_hung_up_in_between_gets_the_mail_on_a_new_connection(server: Server) -> None:
    server.hang_up_after_mail = True
    assert [type(send(mail(n), settings_for(server))) for n in range(3)] == [Sent] * 3
    assert len(server.mails) == 3


def test_a_kept_connection_that_gives_no_answer_costs_a_second_and_not_the_mail(server: Server) -> None:
    server.say_nothing_after_mail = True
    send(mail(0), settings_for(server))
    assert isinstance(send(mail(1), settings_for(server)), Sent)
    assert len(server.mails) == 2


def test_a_server_that_wants_no_more_on_this_connection_gets_a_new_one(server: Server) -> None:
    send(mail(0), settings_for(server))
    server.answers["MAIL"] = "452 4.5.3 too many on this connection"
    server.answers["RCPT"] = "503 no sender"
    server.answers["DATA"] = "503 no recipient"
    outcome = send(mail(1), settings_for(server))
    assert isinstance(outcome, Retry), outcome
    assert not outcome.ambiguous
    assert len(server.heard) == 2  # it was asked again on a connection of its own before that was believed


@pytest.mark.parametrize("pipelining", [True, False])
def test_no_text_follows_a_refused_recipient_even_where_data_was_sent_in_advance(
    server: Server, pipelining: bool
) -> None:
    server.pipelining = pipelining
    server.answers["RCPT"] = "550 nobody of that name"
    assert "nobody of that name" in getattr(send(mail(0), settings_for(server)), "why", "")
    del server.answers["RCPT"]
    assert isinstance(send(mail(1), settings_for(server)), Sent)
    assert len(server.mails) == 1
    assert len(server.heard) == 2  # a connection on which something was refused is not used again


def test_a_recipient_who_cannot_be_reached_now_is_no_fault_of_the_server(server: Server) -> None:
    server.answers["RCPT"] = "452 4.2.2 mailbox full"
    outcome = send(mail(0), settings_for(server))
    assert isinstance(outcome, Retry)
    assert outcome.address_only
    server.answers = {"MAIL": "451 4.3.0 not now"}
    outcome = send(mail(0), settings_for(server))
    assert isinstance(outcome, Retry)
    assert not outcome.address_only


def test_a_connection_is_left_after_fifty_mails(server: Server) -> None:
    for n in range(51):
        assert isinstance(send(mail(n), settings_for(server)), Sent)
    assert [sum(w.startswith("RCPT") for w in heard) for heard in server.heard] == [50, 1]
    assert server.heard[0][-1].upper() == "QUIT"


def test_many_at_once_never_share_a_connection(server: Server) -> None:
    outcomes: list[object] = []
    threads = [
        threading.Thread(target=lambda n=n: outcomes.append(send(mail(n), settings_for(server))))
        for n in range(24)
    ]
    for t in threads:
        t.start()
    for t in threads:
        t.join(10)
    assert [type(o) for o in outcomes] == [Sent] * 24
    assert len({m.split(b"Message-ID: ")[1].split(b"\r\n")[0] for m in server.mails}) == 24
    for heard in server.heard:  # on each connection a mail is whole before the next begins
        verbs = [
            w.split(" ")[0].upper() for w in heard if w.split(" ")[0].upper() in ("MAIL", "RCPT", "DATA")
        ]
        assert verbs == ["MAIL", "RCPT", "DATA"] * (len(verbs) // 3)


def test_a_mail_cut_off_in_time_says_that_its_fate_is_unknown() -> None:
    """A trickle of bytes after the text outlasts no deadline, on a connection that is shared or not."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def trickle() -> None:
            talk, _ = listening.accept()
            with talk, talk.makefile("rb") as said:
                talk.sendall(b"220 here\r\n")
                for line in said:
                    if line.upper().startswith(b"DATA"):
                        talk.sendall(b"354 go on\r\n")
                    elif line == b".\r\n":
                        break
                    elif line[:4].upper() in (b"EHLO", b"MAIL", b"RCPT"):
                        talk.sendall(b"250 ok\r\n")
                for _ in range(40):
                    try:
                        talk.sendall(b"2")
                    except OSError:
                        return
                    threading.Event().wait(0.1)

        threading.Thread(target=trickle, daemon=True).start()
        given = Settings(
            host="127.0.0.1", port=listening.getsockname()[1], tls="none", from_address="p@ops.example",
            page_timeout_seconds=0.5,
        )  # fmt: skip
        outcome = send(mail(0), given)
    assert isinstance(outcome, Retry)
    assert outcome.ambiguous


def test_an_encrypted_connection_that_is_cut_off_never_goes_back_to_plain_text(tmp_path: Path) -> None:
    """Its user may be between two writes at that moment."""
    made = authority(tmp_path, "localhost")
    with smtp_sink(made.server) as sink:
        server = smtp_session.Server(
            "localhost", sink.port, "starttls", "ops.example", ca_file=str(made.ca_file)
        )
        deadline = Deadline(5.0)
        with smtp_session.session(server, deadline) as smtp:
            smtp.cut_off(deadline)
            assert isinstance(smtp.sock, ssl.SSLSocket)
            assert smtp.sock.version() is not None
            with pytest.raises(OSError):
                smtp.sock.sendall(b"x" * 100_000)


def test_an_authority_that_was_renewed_is_trusted_from_the_next_connection_on(tmp_path: Path) -> None:
    for times in range(2):
        folder = tmp_path / str(times)
        folder.mkdir()
        made = authority(folder, "localhost")
        (tmp_path / "ca.pem").write_bytes(made.ca_file.read_bytes())
        with smtp_sink(made.server) as sink:
            given = Settings(
                host="localhost",
                port=sink.port,
                from_address="p@ops.example",
                ca_file=str(tmp_path / "ca.pem"),
            )
            assert isinstance(send(mail(times), given), Sent)
