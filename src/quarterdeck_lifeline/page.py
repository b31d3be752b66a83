"""The roster page: who is on call, their numbers, what was open. Read-only, from memory, when all else is dead."""

from __future__ import annotations

import base64
import contextlib
import hmac
import http.server
import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any

from .letter import age_seconds, by_now, moment, spoken
from .plan import Page
from .verdict import Word

Known = Callable[[], tuple[Mapping[str, Any], Word, float]]
OLD_SECONDS = 300.0
AT_ONCE = 16
# One address never takes all places, and nobody keeps one by sending a little now and then.
AT_ONCE_FROM_ONE = 4
WHOLE_SECONDS = 10.0
_NUMBER = re.compile(r"[^\d+]")

_HEADERS = (
    ("Content-Type", "text/html; charset=utf-8"),
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Robots-Tag", "noindex"),
)
_STYLE = """
:root{color-scheme:light dark;--bg:#fff;--ink:#1a2230;--faint:#5a6577;--line:#dde2ea;--bad:#b3261e;--good:#1d6b3a}
@media(prefers-color-scheme:dark){:root{--bg:#12161d;--ink:#e6eaf1;--faint:#9aa5b6;--line:#2b3340;--bad:#ff8a80;
--good:#7fd6a0}}
body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:60rem;padding:1.5rem 1rem 3rem;background:var(--bg);
color:var(--ink)}
h1{font-size:1.4rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .5rem}p{margin:.25rem 0}
.bad{color:var(--bad);font-weight:600}.good{color:var(--good);font-weight:600}.faint{color:var(--faint)}
ul{list-style:none;margin:0;padding:0}li{border-top:1px solid var(--line);padding:.6rem 0;overflow-wrap:anywhere}
a{color:inherit}b{font-weight:600}
"""


def serve(page: Page, known: Known, say: Callable[[str], None]) -> None:
    """Serve in the background for as long as this process lives; the port may still be held by who was here before."""
    threading.Thread(target=_serve, args=(page, known, say), name="page", daemon=True).start()


def _serve(page: Page, known: Known, say: Callable[[str], None]) -> None:
    while True:
        try:
            server = Server(page, known)
        except OSError as e:
            say(f"the roster page cannot listen on {page.host} port {page.port} yet: {e}")
            time.sleep(2.0)
            continue
        say(f"the roster page is on http://{page.host}:{server.server_port}")
        server.serve_forever()


class Server(http.server.ThreadingHTTPServer):
    """A bounded number of connections at a time; whoever comes beyond that is turned away."""

    daemon_threads = True
    request_queue_size = 32

    def __init__(self, page: Page, known: Known) -> None:
        self.page, self.known = page, known
        self._free = threading.Semaphore(AT_ONCE)
        self._from: Counter[str] = Counter()
        self._lock = threading.Lock()
        super().__init__((page.host, page.port), Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        if not self._may_come(client_address[0]):
            self.shutdown_request(request)
        elif self._free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self._gone(client_address[0])
            self.shutdown_request(request)

    def _may_come(self, address: str) -> bool:
        with self._lock:
            if self._from[address] >= AT_ONCE_FROM_ONE:
                return False
            self._from[address] += 1
            return True

    def _gone(self, address: str) -> None:
        with self._lock:
            self._from[address] -= 1
            if not self._from[address]:
                del self._from[address]

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        end = threading.Timer(WHOLE_SECONDS, _shut, (request,))
        end.daemon = True
        end.start()
        try:
            super().process_request_thread(request, client_address)
        finally:
            end.cancel()
            self._free.release()
            self._gone(client_address[0])

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that broke is nothing to report."""


def _shut(request: socket.socket) -> None:
    with contextlib.suppress(OSError):
        request.shutdown(socket.SHUT_RDWR)


class Handler(http.server.BaseHTTPRequestHandler):
    """GET of one address; everything else does not exist."""

    server: Server
    timeout = 10.0
    server_version, sys_version = "Lifeline", ""

    def do_GET(self) -> None:
        page = self.server.page
        asked = self.path.partition("?")[0].strip("/").encode("utf-8", "replace")
        if not hmac.compare_digest(asked, page.path.strip("/").encode()):
            self._answer(404, "<h1>There is nothing here.</h1>")
        elif page.password and not self._knows(page):
            time.sleep(0.5)
            self._answer(
                401, "<h1>Who are you?</h1>", ("WWW-Authenticate", 'Basic realm="Lifeline", charset="UTF-8"')
            )
        else:
            self._answer(200, body(*self.server.known(), datetime.now(UTC)))

    do_HEAD = do_GET  # noqa: N815 - the name is the base class's

    def _knows(self, page: Page) -> bool:
        scheme, _, given = self.headers.get("Authorization", "").partition(" ")
        try:
            decoded = base64.b64decode(given, validate=True)
        except ValueError:
            return False
        wanted = f"{page.user}:{page.password}".encode()
        return scheme.lower() == "basic" and hmac.compare_digest(decoded, wanted)

    def _answer(self, status: int, inner: str, *more: tuple[str, str]) -> None:
        raw = _document(inner).encode()
        self.send_response(status)
        for name, value in (*_HEADERS, *more, ("Content-Length", str(len(raw)))):
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(raw)

    def log_message(self, format: str, *args: Any) -> None:
        """The path is the key to the page: it is in no log."""


def _document(inner: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" '
        'content="width=device-width,initial-scale=1"><title>On call – lifeline</title>'
        f"<style>{_STYLE}</style></head><body>{inner}</body></html>"
    )


def body(snapshot: Mapping[str, Any], word: Word, silent_seconds: float, now: datetime) -> str:
    """The page for what is known at `now`. Everything from outside is escaped here."""
    head = "<h1>On call, from the lifeline</h1>" + _standing(word, silent_seconds) + _written(snapshot, now)
    if not snapshot:
        return head
    known = by_now(snapshot, now)
    return "".join(
        (
            head,
            _list(
                "On call now", [_person(d) for d in known.get("on_call", ())], "Nobody, as far as is known."
            ),
            _list("Open incidents", [_incident(i) for i in known.get("incidents", ())], "None known."),
            _list("Open alerts", [_alert(a) for a in list(known.get("alerts", ()))[:50]], "None known."),
            _list("The days ahead", list(_ahead(known, now)), "No shifts are known."),
        )
    )


def _standing(word: Word, silent_seconds: float) -> str:
    if not word.why:
        return '<p class="good">Quarterdeck answers. Use it rather than this page.</p>'
    return f'<p class="bad">Quarterdeck, for {spoken(silent_seconds)}: {escape(word.why)}.</p>'


def _written(snapshot: Mapping[str, Any], now: datetime) -> str:
    age = age_seconds(snapshot, now) if snapshot else None
    if age is None:
        return '<p class="bad">There is no snapshot that can be believed.</p>'
    at = escape(str(snapshot.get("written_at")))
    if abs(age) > OLD_SECONDS:
        kind = "old" if age > 0 else "from the future"
        return f'<p class="bad">This is {kind}: it was written {spoken(age)} {_way(age)}, at {at}.</p>'
    return f'<p class="faint">Written {spoken(age)} ago, at {at}. Times are UTC.</p>'


def _way(age: float) -> str:
    return "ago" if age >= 0 else "ahead"


def _list(title: str, items: Sequence[str], empty: str) -> str:
    rows = "".join(f"<li>{item}</li>" for item in items) or f'<li class="faint">{empty}</li>'
    return f"<h2>{title}</h2><ul>{rows}</ul>"


def _person(duty: Mapping[str, Any]) -> str:
    phone, email = str(duty.get("phone") or ""), str(duty.get("email") or "")
    number = _NUMBER.sub("", phone)
    ways = [f'<a href="tel:{escape(number)}">{escape(phone)}</a>' if number else "no telephone number"]
    ways += [f'<a href="mailto:{escape(email)}">{escape(email)}</a>'] if email else []
    ways += [f"{escape(str(c.get('kind')))} {escape(str(c.get('address')))}" for c in _others(duty, email)]
    until = moment(duty.get("until"))
    end = f' <span class="faint">until {until:%a %d %b %H:%M}</span>' if until else ""
    return (
        f"<b>{escape(str(duty.get('person')))}</b> – {escape(str(duty.get('schedule')))}{end}<br>"
        + " · ".join(ways)
    )


def _others(duty: Mapping[str, Any], email: str) -> Iterable[Mapping[str, Any]]:
    return (c for c in duty.get("contacts", ()) if c.get("address") != email and c.get("kind") != "console")


def _incident(i: Mapping[str, Any]) -> str:
    key, rank, title, phase = (escape(str(i.get(k))) for k in ("id", "severity", "title", "phase"))
    return f"<b>{key}</b> SEV{rank} {title} – {phase}"


def _alert(a: Mapping[str, Any]) -> str:
    return f"{escape(str(a.get('severity')))}: {escape(str(a.get('summary')))}"


def _ahead(snapshot: Mapping[str, Any], now: datetime) -> Iterable[str]:
    people = snapshot.get("people", {})
    for shift in list(snapshot.get("shifts", ()))[:300]:
        begins, ends = moment(shift.get("starts_at")), moment(shift.get("ends_at"))
        if begins is None or ends is None or ends <= now:
            continue
        person = people.get(shift.get("person"), {})
        name, schedule = escape(str(person.get("name") or "nobody")), escape(str(shift.get("schedule")))
        phone = f" · {escape(str(person['phone']))}" if person.get("phone") else ""
        yield f"{begins:%a %d %b %H:%M} – {ends:%a %d %b %H:%M}: <b>{name}</b>{phone} – {schedule}"
