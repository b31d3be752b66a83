"""The one way out over HTTP: sends to vetted addresses only, within a total time, and follows nothing.

Never shows a user what the other side answered: status class and latency are all that is fit to show.
"""

from __future__ import annotations

import json
import re
import ssl
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpcore2
import httpx2

from quarterdeck.core.kernel.refused import Refused, bad

from .addresses import USUAL_PORTS, Address, AllowList, literal
from .deadlines import MESSAGE_SECONDS, Deadline, Resolver, TooLate, look_up, system_resolver
from .pinned import PinnedTransport

READ_LIMIT_BYTES = 64 * 1024
SSH_PORT = 22
_HOST = re.compile(r"^(?:(?!-)[a-z0-9_-]{1,63}(?<!-)\.)*(?!-)[a-z0-9_-]{1,63}(?<!-)$")
_NUMBER = re.compile(r"^(?:\d+|0x[0-9a-f]*)$")
_DEFAULT_PORT = {"https": 443, "http": 80}
_FAILURES = (
    httpx2.HTTPError,
    httpcore2.NetworkError,
    httpcore2.TimeoutException,
    httpcore2.ProtocolError,
    TooLate,
    OSError,
)
NOWHERE = "its host has no public address that can be looked up; an administrator can allow one inside"
_OURS = frozenset({"host", "content-length", "transfer-encoding", "connection"})


class Unreached(Exception):
    """No answer came back. `ambiguous`: the request may have arrived all the same."""

    def __init__(self, why: str, *, ambiguous: bool) -> None:
        super().__init__(why)
        self.why = why
        self.ambiguous = ambiguous


@dataclass(frozen=True, slots=True)
class Target:
    """A parsed address to send to: ASCII host without brackets or trailing dot, explicit port."""

    scheme: str
    host: str
    port: int
    url: httpx2.URL = field(repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. `body` (undecoded, at most 64 KiB unless more was asked for) is for the channel alone, never for
    a screen.
    """

    status: int
    latency_ms: int
    retry_after_seconds: float | None = None
    body: bytes = field(default=b"", repr=False)
    etag: str = ""
    last_modified: str = ""

    @property
    def shown(self) -> str:
        """All that may be shown to whoever set the address: "2xx in 83 ms"."""
        return f"{self.status // 100}xx in {self.latency_ms} ms"


def parse_target(url: str) -> Target:
    """Reads an http(s) URL strictly. Raises Refused (bad) saying what to write instead; looks nothing up."""
    if len(url) > 2000 or any(c.isspace() or c == "\\" or not c.isprintable() for c in url):
        raise _bad_url("has white space, a backslash or more than 2000 characters in it")
    scheme, mark, rest = url.partition("://")
    if not mark or scheme.lower() not in _DEFAULT_PORT:
        raise _bad_url("does not start with https://")
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    if "@" in authority or "%" in authority:
        raise _bad_url("has a user name, a zone or an escaped host in it")
    try:
        parsed = httpx2.URL(url)
        host = parsed.raw_host.decode("ascii").lower()
    except (httpx2.InvalidURL, UnicodeError, ValueError):
        raise _bad_url("has a host that cannot be read") from None
    host = host[:-1] if host.endswith(".") else host
    _check_host(host)
    port = _DEFAULT_PORT[parsed.scheme] if parsed.port is None else parsed.port
    if not 1 <= port <= 65535:
        raise _bad_url("has a port that does not exist")
    written = f"[{host}]" if ":" in host else host
    return Target(parsed.scheme, host, port, parsed.copy_with(host=written, fragment=None))


class SafeClient:
    """A guarded client for addresses that people and other systems gave us. Safe to share between threads.

    `allow` opens targets beyond the public internet (see `AllowList`); `ca_file` adds a private authority.
    """

    def __init__(
        self,
        *,
        allow: Iterable[str] = (),
        resolve: Resolver = system_resolver,
        ca_file: str | Path | None = None,
        user_agent: str = "Quarterdeck",
    ) -> None:
        self._allow = AllowList.parse(allow)
        self._resolve = resolve
        self._user_agent = user_agent
        self._tls = httpx2.create_ssl_context(trust_env=False)
        if ca_file is not None:
            self._tls = ssl.create_default_context()
            self._tls.load_verify_locations(cafile=str(ca_file))

    def check(self, url: str) -> Target:
        """Whether a form may take this URL, as far as can be said without a look-up. Raises Refused."""
        target = parse_target(url)
        address = literal(target.host)
        if address is not None:
            self._vet(target, [address])
        elif not self._allow.nets:
            self._vet_scheme_and_port(target, [])
        return target

    def vetted(self, url: str, deadline: Deadline) -> tuple[Target, list[Address]]:
        """The target and the addresses it may be reached at, looked up once. Raises Refused or Unreached."""
        target = parse_target(url)
        address = literal(target.host)
        if address is None and not self._allow.nets:
            self._vet_scheme_and_port(target, [])
        found = [address] if address is not None else self._look_up(target, deadline)
        self._vet(target, found)
        return target, found

    def vetted_host(self, host: str, port: int, deadline: Deadline) -> list[Address]:
        """The addresses at which a machine may be reached by ssh; the port is the usual one, or it is listed.

        Raises Refused or Unreached as `vetted` does.
        """
        target = Target("ssh", host.lower(), port, httpx2.URL(f"ssh://{host}"))
        address = literal(target.host)
        found = [address] if address is not None else self._look_up(target, deadline)
        self._vet_addresses(target, found)
        listed = self._allow.lists_host(target.host, port) or all(
            self._allow.lists_address(a, port) for a in found
        )
        if port != SSH_PORT and not listed:
            raise bad(
                "http.port_off_limits",
                f"Port {port} is not open for ssh. Use {SSH_PORT}, or have an administrator allow this host and port.",
            )
        return found

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes = b"",
        deadline_seconds: float = MESSAGE_SECONDS,
        read_bytes: int = READ_LIMIT_BYTES,
    ) -> Reply:
        """One request, one answer. Redirects come back as they are; bodies are cut at `read_bytes`.

        Raises Refused when the target is off limits, Unreached when no answer came in time.
        """
        started = time.monotonic()
        deadline = Deadline(deadline_seconds)
        sent = _headers(headers or {}, self._user_agent)
        target, addresses = self.vetted(url, deadline)
        transport = PinnedTransport([str(a) for a in addresses[:3]], self._tls, deadline)
        try:
            with (
                httpx2.Client(transport=transport, trust_env=False, follow_redirects=False) as client,
                client.stream(method, target.url, headers=sent, content=content, timeout=None) as answer,
            ):
                body = _read_some(answer, read_bytes)
                status, after = answer.status_code, retry_after(answer.headers.get("retry-after", ""))
                marks = [answer.headers.get(name, "")[:200] for name in ("etag", "last-modified")]
        except _FAILURES as failed:
            raise Unreached(_why(failed, transport, deadline), ambiguous=transport.began) from failed
        return Reply(status, round((time.monotonic() - started) * 1000), after, body, *marks)

    def post_json(
        self,
        url: str,
        body: object,
        *,
        headers: Mapping[str, str] | None = None,
        deadline_seconds: float = MESSAGE_SECONDS,
    ) -> Reply:
        """`request` with a JSON body."""
        content = json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
        sent = {"content-type": "application/json", **(headers or {})}
        return self.request("POST", url, headers=sent, content=content, deadline_seconds=deadline_seconds)

    def _look_up(self, target: Target, deadline: Deadline) -> list[Address]:
        try:
            texts = look_up(self._resolve, target.host, target.port, deadline)
        except (OSError, TooLate):
            raise Unreached(NOWHERE, ambiguous=False) from None
        found = [address for text in texts if (address := literal(text)) is not None]
        if not found:
            raise Unreached(NOWHERE, ambiguous=False)
        return found

    def _vet(self, target: Target, addresses: list[Address]) -> None:
        """Every address must be permitted: a mixed answer is how rebinding starts.

        A name that leads inside is told like one that does not exist: nobody learns here which hosts there are inside.
        """
        self._vet_addresses(target, addresses)
        self._vet_scheme_and_port(target, addresses)

    def _vet_addresses(self, target: Target, addresses: list[Address]) -> None:
        for address in addresses:
            why = self._allow.refusal(target.host, address, target.port)
            if why is not None and literal(target.host) is None:
                raise Unreached(NOWHERE, ambiguous=False)
            if why is not None:
                raise bad(
                    "http.address_off_limits",
                    f"{target.host} leads to {why}, and messages are not sent there. "
                    "Use a public address, or ask an administrator to add it to the allow-list.",
                )

    def _vet_scheme_and_port(self, target: Target, addresses: list[Address]) -> None:
        listed = self._allow.lists_host(target.host, target.port) or (
            bool(addresses) and all(self._allow.lists_address(a, target.port) for a in addresses)
        )
        if target.scheme != "https" and not listed:
            raise bad(
                "http.not_https",
                f"{target.host} would be sent to in clear text. "
                "Use https://, or ask an administrator to allow this host.",
            )
        if target.port not in USUAL_PORTS and not listed:
            raise bad(
                "http.port_off_limits",
                f"Port {target.port} is not open for messages. Use 443, 80, 8443 or 8080, "
                "or ask an administrator to allow this host and port.",
            )


def retry_after(value: str, now: datetime | None = None) -> float | None:
    """Seconds to wait by a Retry-After header (number or HTTP date), 0 to a day; None when it has none."""
    value = value.strip()
    if value.isdigit() and value.isascii():
        return float(min(int(value[:9]), 86_400))
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    seconds = (at - (now or datetime.now(UTC))).total_seconds()
    return min(max(seconds, 0.0), 86_400.0)


def _check_host(host: str) -> None:
    if not host or len(host) > 253:
        raise _bad_url("has no host in it")
    if literal(host) is not None:
        return
    if not _HOST.match(host):
        raise _bad_url("has a host that cannot be read")
    if _NUMBER.match(host.rsplit(".", 1)[-1]):
        raise _bad_url(
            "has an address in an unusual spelling. Write it as four plain numbers such as 192.0.2.7"
        )


def _bad_url(what: str) -> Refused:
    return bad("http.url", f"This address {what}. Write one such as https://hooks.example.com/quarterdeck.")


def _headers(given: Mapping[str, str], user_agent: str) -> dict[str, str]:
    sent = {"user-agent": user_agent, "accept-encoding": "identity"}
    for name, value in given.items():
        if (
            name.lower() in _OURS
            or not (name + value).isascii()
            or re.search(r"[\x00-\x1f\x7f]", name + value)
        ):
            raise bad(
                "http.header",
                f"The header {name[:40]!r} cannot be sent. Use plain letters without line ends.",
            )
        sent[name.lower()] = value
    return sent


def _read_some(answer: httpx2.Response, most: int) -> bytes:
    got = bytearray()
    for chunk in answer.iter_raw():
        got += chunk
        if len(got) >= most:
            break
    return bytes(got[:most])


def _why(failed: Exception, transport: PinnedTransport, deadline: Deadline) -> str:
    if (
        isinstance(failed, ssl.SSLError)
        or isinstance(failed.__cause__, ssl.SSLError)
        or "CERTIFICATE" in str(failed)
    ):
        return "the other side's certificate is not trusted"
    if isinstance(failed, (TooLate, httpcore2.TimeoutException, httpx2.TimeoutException)):
        return f"no answer within {deadline.seconds:g} s"
    return "the connection broke off" if transport.began else "no connection could be made"
