"""Hands many mails to one mail server over a few connections that stay open, each mail's end with the next one's start.

Says of every mail what is known: taken, refused, not begun, or unclear because the connection broke after its text.
"""

from __future__ import annotations

import contextlib
import smtplib
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from quarterdeck.core.kernel.text import line

from . import smtp_session
from .deadlines import Deadline, TooLate

What = Literal["taken", "no_mailbox", "refused", "later", "unclear", "untouched"]
OPEN_SECONDS, ANSWER_SECONDS = 20.0, 60.0
_BROKEN = (OSError, smtplib.SMTPException, TooLate, UnicodeError)


@dataclass(frozen=True, slots=True)
class Mail:
    """`data` is as DATA wants it, with the lone dot at its end. Both addresses are checked ones."""

    ref: int
    sender: str
    to: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a mail; `words` are the server's, or say what went wrong."""

    what: What
    words: str = ""


class Lanes:
    """At most `lanes` connections, made when they are needed. Belongs to one thread."""

    def __init__(self, server: smtp_session.Server, lanes: int) -> None:
        self.server = server
        self._most = lanes
        self._lanes: list[_Lane] = []
        self.trouble = ""  # what keeps any mail from being taken just now

    def hand_over(self, mails: Sequence[Mail]) -> dict[int, Answer]:
        """An answer for each of them."""
        todo, found = deque(mails), dict[int, Answer]()
        self.trouble = ""
        self._open(min(self._most, len(mails)))
        while self._lanes and (todo or any(one.is_busy for one in self._lanes)):
            for one in self._lanes:
                one.begin(todo)
            for one in list(self._lanes):
                if not one.go_on(todo, found):
                    self.trouble = one.why or self.trouble
                    one.close()
                    self._lanes.remove(one)
            if not self._lanes and todo:
                self._open(1)
        for mail in todo:
            found[mail.ref] = Answer("untouched", self.trouble)
        return found

    def _open(self, wanted: int) -> None:
        while len(self._lanes) < wanted:
            try:
                self._lanes.append(_Lane(self.server))
            except _BROKEN as failed:
                self.trouble = smtp_session.why(failed, Deadline(OPEN_SECONDS))
                return

    def close(self) -> None:
        for one in self._lanes:
            one.close()
        self._lanes.clear()


class _Lane:
    """One connection: a mail whose text is on its way, and behind it one whose envelope is."""

    def __init__(self, server: smtp_session.Server) -> None:
        self._smtp = smtp_session.Session(server, Deadline(OPEN_SECONDS))
        self._sent: Mail | None = None
        self._asked: Mail | None = None
        self.why = ""
        self._waits = 0
        try:
            self._smtp.open()
        except BaseException:
            self._smtp.close()
            raise
        self._piped = self._smtp.has_extn("pipelining")
        if self._smtp.sock is not None:
            self._smtp.sock.settimeout(ANSWER_SECONDS)

    @property
    def is_busy(self) -> bool:
        return self._sent is not None or self._asked is not None

    def close(self) -> None:
        with contextlib.suppress(*_BROKEN):
            if self._smtp.sock is not None and not self.why:
                self._smtp.sock.settimeout(1.0)
                self._smtp.putcmd("QUIT")
        self._smtp.close()

    def begin(self, todo: deque[Mail]) -> None:
        """Ask for the next mail where none is under way; what breaks shows with its answer."""
        if not self.is_busy and todo:
            self._asked = todo.popleft()
            with contextlib.suppress(OSError):
                self._write(_envelope(self._asked) if self._piped else _first(self._asked))

    def go_on(self, todo: deque[Mail], found: dict[int, Answer]) -> bool:
        """Read what was answered and send what follows. False: this connection is over."""
        try:
            if self._sent is not None:
                mail, (code, said) = self._sent, self._smtp.getreply()
                self._sent = None
                found[mail.ref] = _judged(code, said)
            if self._asked is not None:
                self._answered(self._asked, todo, found)
            return not self.why
        except _BROKEN as failed:
            self.why = smtp_session.why(failed, Deadline(ANSWER_SECONDS))
            if self._sent is not None:
                found[self._sent.ref] = Answer("unclear", self.why)
            if self._asked is not None:
                self._give_back(self._asked, todo, found)
            self._sent = self._asked = None
            return False

    def _give_back(self, mail: Mail, todo: deque[Mail], found: dict[int, Answer]) -> None:
        """No text of it was sent. What broke a connection before it carried anything would break the next one, too."""
        if self._waits:
            todo.appendleft(mail)
        else:
            found[mail.ref] = Answer("untouched", self.why)

    def _answered(self, mail: Mail, todo: deque[Mail], found: dict[int, Answer]) -> None:
        sender, said = self._smtp.getreply()
        if sender != 250:
            self.why = f"The mail server refuses our sender's address: {sender} {_words(said)}"
            if sender == 421:
                self.why = f"The mail server ends the connection: {_words(said)}"
                self._asked = None
                self._give_back(mail, todo, found)
                return
            self._asked = None
            found[mail.ref] = Answer("later", self.why)
            return
        to, words = self._reply(f"RCPT TO:<{mail.to}>")
        data, more = self._reply("DATA") if self._piped or to in (250, 251) else (503, b"")
        self._asked = None
        if to not in (250, 251):
            found[mail.ref] = _address(to, words)
            if data == 354:  # nobody is to get it: an empty text, which the server refuses
                self._write(b".\r\n")
                self._smtp.getreply()
            if not self._piped:
                self._smtp.putcmd("RSET")
                self._smtp.getreply()
            return
        if data != 354:
            found[mail.ref] = Answer("refused" if 500 <= data < 600 else "later", f"{data} {_words(more)}")
            return
        self._waits += 1
        self._asked = todo.popleft() if self._piped and todo else None
        self._sent = mail
        self._write(mail.data + (_envelope(self._asked) if self._asked else b""))

    def _reply(self, command: str) -> tuple[int, bytes]:
        if not self._piped:
            self._write(f"{command}\r\n".encode("ascii"))
        return self._smtp.getreply()

    def _write(self, data: bytes) -> None:
        if self._smtp.sock is None:
            raise smtplib.SMTPServerDisconnected("closed")
        self._smtp.sock.sendall(data)


def _first(mail: Mail) -> bytes:
    return f"MAIL FROM:<{mail.sender}>\r\n".encode("ascii")


def _envelope(mail: Mail) -> bytes:
    return f"MAIL FROM:<{mail.sender}>\r\nRCPT TO:<{mail.to}>\r\nDATA\r\n".encode("ascii")


def _judged(code: int, said: bytes) -> Answer:
    if code == 250:
        return Answer("taken", _words(said))
    return Answer("refused" if 500 <= code < 600 else "later", f"{code} {_words(said)}")


def _address(code: int, said: bytes) -> Answer:
    """Of a recipient refused for good only what is about the mailbox says that it is none: not our reputation."""
    words = f"{code} {_words(said)}"
    if not 500 <= code < 600:
        return Answer("later", words)
    return Answer("no_mailbox" if is_no_mailbox(code, said) else "refused", words)


def is_no_mailbox(code: int, said: bytes) -> bool:
    """Whether a recipient was refused because nobody has the address, not because of who we are (5.7.x)."""
    return 500 <= code < 554 and b" 5.7." not in b" " + said


def _words(said: bytes) -> str:
    return line(said.decode("utf-8", "replace"), 200)
