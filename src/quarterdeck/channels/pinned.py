"""HTTP over connections that go to addresses vetted beforehand, whatever the name resolves to by then.

Host header, SNI and certificate check keep the name; every read and write shares one total time.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Iterator, Sequence

import httpcore2
import httpx2

from .deadlines import Deadline, TooLate

_CHUNK_BYTES = 8192  # the time left is read again for each, so that a slow reader cannot stretch a write


class PinnedTransport(httpx2.BaseTransport):
    """For one request. `began` turns true with its first byte: from then on it may have arrived."""

    def __init__(self, addresses: Sequence[str], tls: ssl.SSLContext, deadline: Deadline) -> None:
        self._backend = _PinnedBackend(addresses, deadline)
        self._pool = httpcore2.ConnectionPool(
            ssl_context=tls, network_backend=self._backend, max_connections=1
        )

    @property
    def began(self) -> bool:
        return self._backend.began

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        if not isinstance(request.stream, Iterable):
            raise TypeError("only plain bodies can be sent")
        answer = self._pool.handle_request(
            httpcore2.Request(
                method=request.method,
                url=httpcore2.URL(
                    scheme=request.url.raw_scheme,
                    host=request.url.raw_host,
                    port=request.url.port,
                    target=request.url.raw_path,
                ),
                headers=request.headers.raw,
                content=request.stream,
            )
        )
        return httpx2.Response(status_code=answer.status, headers=answer.headers, stream=_Stream(answer))

    def close(self) -> None:
        self._pool.close()


class _Stream(httpx2.SyncByteStream):
    def __init__(self, answer: httpcore2.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


class _PinnedBackend(httpcore2.NetworkBackend):
    """Connects to the vetted addresses in order; the host it is asked for is not looked at."""

    def __init__(self, addresses: Sequence[str], deadline: Deadline) -> None:
        self._addresses = addresses
        self._deadline = deadline
        self._plain = httpcore2.SyncBackend()
        self.began = False

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        last = len(self._addresses) - 1
        for n, address in enumerate(self._addresses):
            # An address that swallows packets must leave time for the next one.
            wait = self._deadline.left() / (last - n + 1)
            try:
                stream = self._plain.connect_tcp(address, port, wait, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                if n == last:
                    raise
            else:
                return _TimedStream(stream, self)
        raise httpcore2.ConnectError("no address to connect to")

    def left(self) -> float:
        return self._deadline.left()


class _TimedStream(httpcore2.NetworkStream):
    """A connection whose every operation ends with the total time, so that a trickle cannot stretch it."""

    def __init__(self, stream: httpcore2.NetworkStream, backend: _PinnedBackend) -> None:
        self._stream = stream
        self._backend = backend

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._left(httpcore2.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._backend.began = True
        for start in range(0, len(buffer), _CHUNK_BYTES):
            self._stream.write(buffer[start : start + _CHUNK_BYTES], self._left(httpcore2.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        left = self._left(httpcore2.ConnectTimeout)
        return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, left), self._backend)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)

    def _left(self, kind: type[httpcore2.TimeoutException]) -> float:
        try:
            return self._backend.left()
        except TooLate as late:
            raise kind(str(late)) from late
