"""Looks once a day at the calls and chats that stand ready, beside the engine's work: does the address still answer."""

from __future__ import annotations

import queue
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from quarterdeck.app.chat import standing_channels
from quarterdeck.app.chat.standing_channels import Answer
from quarterdeck.channels.safe_http import SafeClient, Unreached
from quarterdeck.core.kernel.refused import Refused

DEADLINE_SECONDS = 15.0
# Asks for a login, wants another method, or is asked too often: all of them are there.
_THERE = frozenset({401, 403, 405, 406, 426, 429})


@dataclass(frozen=True, slots=True)
class Question:
    channel: str
    call: str
    chat: str


@dataclass(frozen=True, slots=True)
class Found:
    channel: str
    call: Answer | None
    chat: Answer | None


class StandingChannels:
    """A chore: called once a minute, it asks about those that are due and keeps what came of the last."""

    def __init__(self, http: SafeClient | None = None) -> None:
        self._http = http
        self._found: queue.SimpleQueue[Found] = queue.SimpleQueue()
        self._asking: threading.Thread | None = None

    def __call__(self, now: datetime) -> None:
        while not self._found.empty():
            one = self._found.get()
            standing_channels.keep(one.channel, one.call, one.chat, now)
        if self._asking is not None and self._asking.is_alive():
            return
        questions = [Question(r.id, r.call_url, r.chat_url) for r in standing_channels.claim(now)]
        if questions:
            self._http = self._http or SafeClient(allow=settings.QUARTERDECK_ALLOW_TARGETS)
            # A server that hangs must not keep the engine waiting.
            self._asking = threading.Thread(
                target=self._ask, args=(questions, self._http), name="standing-channels", daemon=True
            )
            self._asking.start()

    def wait(self) -> None:
        """Until what is being asked has been answered."""
        if self._asking is not None:
            self._asking.join()

    def _ask(self, questions: Sequence[Question], http: SafeClient) -> None:
        for q in questions:
            call = _asked(q.call, http) if q.call else None
            self._found.put(Found(q.channel, call, _asked(q.chat, http) if q.chat else None))


def _asked(url: str, http: SafeClient) -> Answer:
    """Whether an address answers. Never raises. (That a room behind a login exists nobody can see from here.)"""
    try:
        reply = http.request("GET", url, deadline_seconds=DEADLINE_SECONDS, read_bytes=1024)
    except Unreached as unreached:
        return Answer(url, f"It cannot be reached: {unreached.why}.")
    except Refused as refused:
        return Answer(url, refused.message)
    if reply.status < 400 or reply.status in _THERE:
        return Answer(url)
    return Answer(url, f"The other side answered {reply.status}.")
