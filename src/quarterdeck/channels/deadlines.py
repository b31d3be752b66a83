"""One total time for one send: what is left of it, and name look-ups that cannot outlast it."""

from __future__ import annotations

import queue
import socket
import threading
import time
from collections.abc import Callable, Sequence

Resolver = Callable[[str, int], Sequence[str]]

PAGE_SECONDS = 4.0
MESSAGE_SECONDS = 10.0
_LOOKUPS = threading.BoundedSemaphore(64)


class TooLate(Exception):
    """The total time of a send is used up."""


class Deadline:
    """A total time in seconds on this machine's monotonic clock, started when it is made."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds left, always more than 0. Raises TooLate when there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TooLate(f"no answer within {self.seconds:g} s")
        return left


def system_resolver(host: str, port: int) -> Sequence[str]:
    """The addresses of a host in the order the system prefers. Raises OSError when there are none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def look_up(resolve: Resolver, host: str, port: int, deadline: Deadline) -> Sequence[str]:
    """Asks the resolver once, for at most the time left. Raises OSError or TooLate.

    `getaddrinfo` has no time limit of its own, so it runs on a thread that is left behind when it is slow;
    at most 64 may be left behind at once.
    """
    answers: queue.SimpleQueue[Sequence[str] | OSError | ValueError] = queue.SimpleQueue()
    if not _LOOKUPS.acquire(timeout=deadline.left()):
        raise TooLate("the name server is not answering")

    def ask() -> None:
        try:
            answers.put(resolve(host, port))
        except (OSError, ValueError) as failed:
            answers.put(failed)
        finally:
            _LOOKUPS.release()

    threading.Thread(target=ask, name="lookup", daemon=True).start()
    try:
        answer = answers.get(timeout=deadline.left())
    except queue.Empty:
        raise TooLate(f"the name server did not answer for {host}") from None
    if isinstance(answer, OSError):
        raise answer
    if isinstance(answer, ValueError):
        raise OSError(f"{host} is not a name that can be looked up") from answer
    return answer
