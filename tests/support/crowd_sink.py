"""A mail server in a process of its own that writes down who was sent what: `python -m support.crowd_sink FILE`.

Prints its port. Each mail it takes is a line "recipient Message-ID" in the file, before the sender hears of it. It says
that nobody has an address beginning with "gone", and hangs up after the text of every `HANGS_UP`-th mail, unanswered.
"""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HANGS_UP = 4_999
_ID = re.compile(rb"\r\nMessage-ID: (<[^>]+>)", re.IGNORECASE)


class Taker(asyncio.Protocol):
    taken = 0

    def __init__(self, file: int) -> None:
        self._file = file
        self._buffer = b""
        self._to = b""
        self._in_text = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._out = transport
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        answers: list[bytes] = []
        while (found := self._buffer.find(b"\r\n.\r\n" if self._in_text else b"\r\n")) >= 0:
            piece, skip = self._buffer[:found], 5 if self._in_text else 2
            self._buffer = self._buffer[found + skip :]
            if not self._in_text:
                answers.append(self._command(piece))
            elif (said := self._text(piece)) is None:
                self._out.abort()
                return
            else:
                answers.append(said)
        self._out.write(b"".join(answers))

    def _command(self, line: bytes) -> bytes:
        verb = line[:4].upper()
        if verb == b"EHLO":
            return b"250-sink\r\n250 PIPELINING\r\n"
        if verb == b"RCPT":
            self._to = line.partition(b"<")[2].rstrip(b"> ")
            if self._to.startswith(b"gone"):
                self._to = b""
                return b"550 5.1.1 nobody has this address\r\n"
        if verb == b"DATA":
            self._in_text = bool(self._to)
            return b"354 go on\r\n" if self._to else b"503 no recipient\r\n"
        return b"250 2.0.0 ok\r\n"

    def _text(self, text: bytes) -> bytes | None:
        found = _ID.search(b"\r\n" + text)
        os.write(self._file, self._to + b" " + (found[1] if found else b"-") + b"\n")
        self._in_text, self._to = False, b""
        Taker.taken += 1
        return None if Taker.taken % HANGS_UP == 0 else b"250 2.0.0 taken\r\n"


async def _serve(path: str) -> None:
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    server = await asyncio.get_running_loop().create_server(lambda: Taker(file), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextmanager
def crowd_sink(file: Path) -> Iterator[int]:
    """Its port, while it runs."""
    tests = Path(__file__).resolve().parents[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "support.crowd_sink", str(file)],
        env=os.environ | {"PYTHONPATH": str(tests)}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()


def taken(file: Path) -> Counter[str]:
    """How many mails each recipient was sent."""
    return Counter(line.split()[0] for line in file.read_text().splitlines()) if file.exists() else Counter()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1]))
