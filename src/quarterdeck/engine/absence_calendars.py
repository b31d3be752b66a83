"""Fetches people's subscribed calendars beside the engine's work, and hands what was read to the application."""

from __future__ import annotations

import queue
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from quarterdeck.app.oncall import absence_calendars
from quarterdeck.channels.safe_http import SafeClient, Unreached
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.intake.ical import MOST_BYTES, Event, read

DEADLINE_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Question:
    calendar: str
    url: str
    zone: str
    etag: str
    last_modified: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """`events` None: not changed. `why` says what went wrong, for the person whose calendar it is."""

    calendar: str
    events: Sequence[Event] | None = None
    marks: tuple[str, str] = ("", "")
    why: str = ""


class AbsenceCalendars:
    """A chore: called once a minute, it asks about the calendars that are due and keeps what came of the last."""

    def __init__(self, http: SafeClient | None = None) -> None:
        self._http = http
        self._answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
        self._asking: threading.Thread | None = None

    def __call__(self, now: datetime) -> None:
        while not self._answers.empty():
            _keep(self._answers.get(), now)
        if self._asking is not None and self._asking.is_alive():
            return
        questions = [
            Question(r.id, r.url, r.person.timezone or "UTC", r.etag, r.last_modified, now)
            for r in absence_calendars.claim(now)
        ]
        if questions:
            self._http = self._http or SafeClient(allow=settings.QUARTERDECK_ALLOW_TARGETS)
            # A server that hangs, and a calendar that takes long to read, must not keep the engine waiting.
            self._asking = threading.Thread(
                target=self._ask, args=(questions, self._http), name="calendars", daemon=True
            )
            self._asking.start()

    def wait(self) -> None:
        """Until what is being asked has been answered."""
        if self._asking is not None:
            self._asking.join()

    def _ask(self, questions: Sequence[Question], http: SafeClient) -> None:
        for question in questions:
            self._answers.put(_asked(question, http))


def _asked(q: Question, http: SafeClient) -> Answer:
    """One calendar as it is now. Never raises."""
    conditional = {"if-none-match": q.etag, "if-modified-since": q.last_modified}
    headers = {"accept": "text/calendar"} | {k: v for k, v in conditional.items() if v}
    try:
        reply = http.request(
            "GET", q.url, headers=headers, deadline_seconds=DEADLINE_SECONDS, read_bytes=MOST_BYTES + 1
        )
        if reply.status == 304:
            return Answer(q.calendar, marks=(q.etag, q.last_modified))
        if reply.status != 200:
            return Answer(q.calendar, why=f"The other side answered {reply.status}. Check the address.")
        found = read(reply.body, q.zone, q.at, q.at + absence_calendars.AHEAD)
    except Unreached as unreached:
        return Answer(q.calendar, why=f"It could not be fetched: {unreached.why}.")
    except Refused as refused:
        return Answer(q.calendar, why=refused.message)
    return Answer(q.calendar, found.events, (reply.etag, reply.last_modified))


def _keep(answer: Answer, now: datetime) -> None:
    if answer.why:
        absence_calendars.fail(answer.calendar, answer.why)
        return
    try:
        absence_calendars.keep(answer.calendar, answer.events, answer.marks, now)
    except Refused as refused:
        absence_calendars.fail(answer.calendar, refused.message)
