"""Where alerts come in: key, size and shape are checked, the raw body goes into the journal, and only then 2xx.

Plain ASGI with as few steps as possible: this is the hot path. It never parses more than the check needs, never
touches the main database, and shares no thread with the pages.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from quarterdeck.app.people.keys import Known, digest, integrations_by_digest
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.intake import dialects
from quarterdeck.intake.limits import MAX_BODY
from quarterdeck.store.ids import new_id
from quarterdeck.store.journal import Journal, JournalFull, NotStored, Received

from .ingest_limits import LONGEST_WAIT_SECONDS, Gate, Limits
from .ingest_routes import Place, place_of

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

BODY_SECONDS = 10.0
_JSON = (b"content-type", b"application/json")


@dataclass(slots=True)
class Keyring:
    """Known keys by digest. Refreshed by whoever owns it; an unknown key is looked up once, at most 20 a second."""

    known: dict[str, Known] = field(default_factory=dict)
    _digests: dict[str, str] = field(default_factory=dict)
    _budget: float = 20.0
    _refilled: float = 0.0

    def digest(self, key: str) -> str:
        found = self._digests.get(key)
        if found is None:
            found = digest(key)
            if len(self._digests) > 5000:
                self._digests.clear()
            self._digests[key] = found
        return found

    def refresh(self) -> None:
        self.known = integrations_by_digest()

    async def find(self, key: str) -> Known | None:
        """Its integration, or None; only a key never seen costs a look-up."""
        name = self.digest(key)
        found = self.known.get(name)
        if found is None and self._may_look_up():
            fresh = await asyncio.get_running_loop().run_in_executor(None, integrations_by_digest, name)
            self.known.update(fresh)
            found = fresh.get(name)
        return found

    def _may_look_up(self) -> bool:
        now = time.monotonic()
        self._budget = min(20.0, self._budget + (now - self._refilled) * 20.0)
        self._refilled = now
        if self._budget < 1.0:
            return False
        self._budget -= 1.0
        return True


class Ingest:
    """The ASGI application under /in/. `more` answers the read-only questions that dialects allow."""

    def __init__(
        self,
        journal: Journal,
        keyring: Keyring,
        limits: Limits,
        more: Mapping[str, Callable[[str, str], bytes]],
    ) -> None:
        self._journal = journal
        self._keyring = keyring
        self._limits = limits
        self._more = more
        self._dialects = dialects()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        place = place_of(scope["path"])
        if place is None or place.dialect not in self._dialects:
            await _answer(
                send,
                404,
                _error("ingest.unknown_path", "There is no such intake address. See docs/integrations."),
            )
            return
        method = scope["method"]
        if method == "GET" and place.question:
            await self._ask(place, scope, send)
            return
        if method not in ("POST", "PUT") or place.question == "status":
            await _answer(
                send, 405, _error("ingest.method", "Send alerts with POST."), ((b"allow", b"GET, POST"),)
            )
            return
        await self._take(place, scope, receive, send)

    async def _take(self, place: Place, scope: Scope, receive: Receive, send: Send) -> None:
        dialect: Any = self._dialects[place.dialect]
        try:
            raw = await _body(scope, receive)
            # A key in the path is asked for first: a stranger's body costs nothing, and no more does one too many.
            gate = self._gate(await self._keyring.find(place.key), place, dialect) if place.key else None
            alerts, flawed = _checked(dialect, place, raw)
            if gate is None:
                key = self._key_in(dialect, scope, raw)
                gate = self._gate(await self._keyring.find(key) if key else None, place, dialect)
            wait = gate.take(alerts, time.monotonic())
            if wait:
                raise _too_much(dialect, wait)
            event_id = new_id()
            await self._journal.put(
                Received(time.time_ns() // 1000, gate.integration, place.dialect, event_id, raw)
            )
        except _Refusal as e:
            await _answer(send, e.status, e.body, e.headers)
            return
        except (JournalFull, NotStored):
            body = _error("ingest.busy", "This could not be stored just now. Send it again in a moment.")
            await _answer(send, 503, body, ((b"retry-after", b"1"),))
            return
        gate.requests += 1
        gate.alerts += alerts
        if flawed is not None:
            await _answer(send, *dialect.refusal_body(flawed))
        elif place.change:
            await _answer(send, *dialect.accepted_change_body())
        else:
            await _answer(send, *dialect.accepted_body(raw, event_id))

    def _gate(self, found: Known | None, place: Place, dialect: Any) -> Gate:
        """The gate of a source that may send this here, and now. Raises _Refusal."""
        if found is None or not _admits(found, place.dialect):
            raise _Refusal(*_bad_key(found, place.dialect))
        gate = self._limits.gate(found[0], found[3], found[4])
        wait = gate.request(time.monotonic())
        if wait:
            raise _too_much(dialect, wait)
        return gate

    def _key_in(self, dialect: Any, scope: Scope, raw: bytes) -> str:
        if hasattr(dialect, "routing_key"):
            return dialect.routing_key(raw) or ""
        for name, value in scope["headers"]:
            if name == b"authorization" and value[:7].lower() == b"bearer ":
                return value[7:].decode("latin-1").strip()
        return ""

    async def _ask(self, place: Place, scope: Scope, send: Send) -> None:
        answer = self._more.get(f"{place.dialect}/{place.question}")
        found = await self._keyring.find(place.key) if place.key else None
        if answer is None:
            await _answer(send, 404, _error("ingest.unknown_path", "There is no such address here."))
        elif found is None or not _admits(found, place.dialect):
            await _answer(send, *_bad_key(found, place.dialect))
        else:
            query = scope.get("query_string", b"").decode("latin-1")
            try:
                body = await asyncio.get_running_loop().run_in_executor(None, answer, found[0], query)
            except Refused as refused:
                dialect: Any = self._dialects[place.dialect]
                await _answer(send, *dialect.refusal_body(refused))
            else:
                await _answer(send, 200, body)


class _Refusal(Exception):
    """What a sender is told instead of having its body stored."""

    def __init__(self, status: int, body: bytes, headers: tuple[tuple[bytes, bytes], ...] = ()) -> None:
        super().__init__(status)
        self.status, self.body, self.headers = status, body, headers


def _unreadable(
    status: int, code: str, message: str, headers: tuple[tuple[bytes, bytes], ...] = ()
) -> _Refusal:
    return _Refusal(status, _error(code, message), headers)


def _too_much(dialect: Any, wait_seconds: float) -> _Refusal:
    """In the words of the sender's own peer, with the time to wait."""
    wait = min(math.ceil(wait_seconds), LONGEST_WAIT_SECONDS)
    text = f"This source sends more than it may. Send it again in {wait} s."
    return _Refusal(*dialect.limited_body(text), ((b"retry-after", str(wait).encode()),))


def _checked(dialect: Any, place: Place, raw: bytes) -> tuple[int, Refused | None]:
    """How many alerts a body holds; and what is wrong with some of them, where the others are kept although the answer
    names these. Raises _Refusal where none can be kept.
    """
    try:
        return (dialect.check_change if place.change else dialect.check)(raw), None
    except Refused as refused:
        usable = int(refused.details.get("usable", "0"))
        if not usable:
            raise _Refusal(*dialect.refusal_body(refused)) from None
        return usable, refused


async def _body(scope: Scope, receive: Receive) -> bytes:
    """The whole body, or _Refusal: too long, too slow, cut off, or in an encoding nobody asked for."""
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit() and int(value) > MAX_BODY:
            raise _unreadable(
                413, "ingest.too_large", f"A body may have {MAX_BODY // 1024} KiB. Send fewer alerts at once."
            )
        if name == b"content-encoding" and value.lower() not in (b"", b"identity"):
            raise _unreadable(415, "ingest.encoding", "Send the body without Content-Encoding.")
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body"):
        return _within(message.get("body", b""))
    try:
        async with asyncio.timeout(BODY_SECONDS):
            parts = [message.get("body", b"")]
            size = len(parts[0])
            while message["type"] == "http.request" and message.get("more_body"):
                message = await receive()
                parts.append(message.get("body", b""))
                size += len(parts[-1])
                if size > MAX_BODY:
                    return _within(b"".join(parts))
    except TimeoutError:
        raise _unreadable(408, "ingest.slow", "The body did not arrive in 10 s. Send it again.") from None
    if message["type"] == "http.disconnect":
        raise _unreadable(400, "ingest.cut_off", "The body was cut off. Send it again.")
    return b"".join(parts)


def _within(body: bytes) -> bytes:
    if len(body) > MAX_BODY:
        raise _unreadable(
            413, "ingest.too_large", f"A body may have {MAX_BODY // 1024} KiB. Send fewer alerts at once.",
            ((b"connection", b"close"),),
        )  # fmt: skip
    return body


def _admits(found: Known | None, dialect: str) -> bool:
    return found is not None and not found[2] and found[1] in ("any", dialect)


def _bad_key(found: Known | None, dialect: str) -> tuple[int, bytes]:
    if found is None:
        return 401, _error(
            "ingest.unknown_key",
            "This key is not known. It is shown once, when it is made: make a new one under Catalog, Integrations.",
        )
    if found[2]:
        return 403, _error(
            "ingest.revoked_key", "This key was revoked. Make a new integration and use its key."
        )
    return 403, _error(
        "ingest.wrong_dialect", f"This key is not for {dialect}. Use the address shown with the integration."
    )


def _error(code: str, message: str) -> bytes:
    return f'{{"error":{{"code":"{code}","message":"{message}"}}}}'.encode()


async def _answer(
    send: Send, status: int, body: bytes, headers: tuple[tuple[bytes, bytes], ...] = ()
) -> None:
    start: MutableMapping[str, Any] = {
        "type": "http.response.start",
        "status": status,
        "headers": [
            _JSON,
            (b"content-length", str(len(body)).encode()),
            (b"x-content-type-options", b"nosniff"),
            *headers,
        ],
    }
    await send(start)
    await send({"type": "http.response.body", "body": body})
