"""Machines, addresses, traces and secrets: the inside of an organisation, which no reader outside needs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from ipaddress import IPv6Address

from ..finding import MOST, Finding, Known, Reader, Text

_SAY_SERVICE = "Name what people use, such as “payments”, not the machine."
_KIND = (
    "db|database|sql|pg|psql|postgres|mysql|mongo|redis|cache|kafka|mq|rabbit|queue|web|www|app|api|srv|svc|server|node|"
    "host|vm|lb|proxy|gw|gateway|nginx|haproxy|k8s|kube|worker|master|replica|primary|elastic|es|etcd|consul|vault|"
    "prod|stage|staging|dev|test|uat|qa|bastion|jump|ns|dns|mail|smtp|ldap|ad|fs|nas|san|sw|rtr|fw|esx|ec2|ip"
)
_PLACE = (
    "internal|intranet|local|localdomain|lan|corp|priv|private|prod|production|stage|staging|dev|int|svc|"
    "cluster|k8s|dc\\d+"
)
_IPV4 = re.compile(
    r"(?<![\w.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\w]|\.\d)"
)
_IPV6 = re.compile(r"(?<![\w:])[0-9A-Fa-f:]{3,39}(?![\w:])")
_DOTTED = re.compile(
    r"(?<![\w@.-])[A-Za-z0-9](?:[A-Za-z0-9_-]{0,62}\.){1,8}[A-Za-z][A-Za-z0-9-]{1,62}(?::\d{2,5})?(?![\w-])"
)
_SHORT = re.compile(
    rf"(?<![\w.@/-])(?=[\w-]*\d)(?:(?:[a-z0-9]+-)*(?:{_KIND})\d*(?:-[a-z0-9]+)+|(?:[a-z0-9]+-)+(?:{_KIND})\d+|(?:{_KIND})\d{{1,4}})(?![\w-])",
    re.IGNORECASE,
)
_NAME = re.compile(r"[\w-]+")
_LABEL = re.compile(rf"(?:{_KIND})?[-_]?\w*\d|(?:{_KIND})(?:[-_].*)?", re.IGNORECASE)
_INSIDE = re.compile(rf"(?:{_PLACE})", re.IGNORECASE)
_LOCALHOST = re.compile(r"(?<![\w.-])localhost(?::\d+)?(?![\w-])", re.IGNORECASE)
_PATH = re.compile(
    r"(?<![\w/:.])(?:/(?:var|etc|usr|opt|home|srv|tmp|proc|mnt|root)(?:/[\w.@-]+)+|[A-Za-z]:\\[\w\\.-]+)"
)
_TRACE = re.compile(
    r"Traceback \(most recent call last\)[^\n]*"
    r"|File \"[^\"\n]{1,200}\", line \d+[^\n]{0,80}"
    r"|\bat [\w$.<>]{3,200}\([\w.$ ]{1,80}(?::\d+)?\)"
    r"|\bgoroutine \d+ \[[^\]\n]{1,40}\]"
    r"|\b[A-Za-z_$][\w$.]{0,120}(?:Exception|Error)\b(?=[:(]|\s+at\b|\s*$)"
    r"|\bSQLSTATE\b[^\n]{0,40}|\b(?:ORA|SQL|ERR)-\d{3,6}\b|\berrno[ =:]?\d*|\bSIG(?:SEGV|KILL|TERM|ABRT)\b"
    r"|\bpanic: [^\n]{1,80}|\b(?:segmentation fault|core dumped|stack ?trace|null ?pointer)\b|\b0x[0-9A-Fa-f]{4,16}\b",
    re.IGNORECASE,
)
_CAMEL = re.compile(r"\b(?:[A-Z][a-z0-9]+){1,8}(?:Exception|Error)\b")
_SECRET = re.compile(
    r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\b(?:password|passwd|pwd|secret|token|api[_-]?key)\s*[=:]\s*\S{4,80}"
    r"|\bBearer [\w.~+/-]{8,200}|-----BEGIN [A-Z ]{3,40}-----|\bgh[pousr]_\w{20,80}|\bxox[abpr]-[\w-]{10,80}",
    re.IGNORECASE,
)


def findings(text: Text, reader: Reader, known: Known) -> Iterator[Finding]:
    """Nothing for the technical team, but secrets belong into no text at all."""
    for name, said in text.parts():
        for found in _SECRET.finditer(said):
            why = "This looks like a password or key. It must not leave, and has to be changed now."
            yield Finding(
                "secret", "error", name, *found.span(), why, "Take it out, then change it where it is used."
            )
        if reader.technical:
            continue
        for code, start, end, why, say in _inside(said, known):
            yield Finding(code, reader.level, name, start, end, f"“{said[start:end][:60]}” {why}", say)


def _inside(said: str, known: Known) -> Iterator[tuple[str, int, int, str, str]]:
    taken: list[tuple[int, int]] = []
    for code, spans, why, say in (
        ("trace", _traces(said), "is a piece of a program's fault.", "Say what people notice."),
        ("address", _addresses(said), "is a network address of ours.", _SAY_SERVICE),
        ("host", _hosts(said, known), "is the name of a machine.", _SAY_SERVICE),
        ("path", _spans(_PATH, said), "is a place on a machine.", "Leave it out."),
    ):
        for start, end in spans:
            if not any(start < b and a < end for a, b in taken):
                taken.append((start, end))
                yield code, start, end, why, say
                if len(taken) >= MOST:
                    return


def _traces(said: str) -> Iterator[tuple[int, int]]:
    yield from _spans(_TRACE, said)
    yield from _spans(_CAMEL, said)


def _addresses(said: str) -> Iterator[tuple[int, int]]:
    yield from _spans(_IPV4, said)
    for found in _IPV6.finditer(said):
        if found[0].count(":") >= 2 and _is_ipv6(found[0]):
            yield found.span()


def _is_ipv6(word: str) -> bool:
    try:
        IPv6Address(word)
    except ValueError:
        return False
    return word != "::"


def _hosts(said: str, known: Known) -> Iterator[tuple[int, int]]:
    yield from _spans(_LOCALHOST, said)
    by_label = _by_label(known.hosts)
    for label in _NAME.finditer(said):
        for host in by_label.get(label[0].casefold(), ()):
            end = label.start() + len(host)
            if said[label.start() : end].casefold() == host and not _joins(said[end : end + 1]):
                yield label.start(), end
    for found in _DOTTED.finditer(said):
        if _is_machine(found[0]):
            yield found.span()
    yield from _spans(_SHORT, said)


@lru_cache(maxsize=4)
def _by_label(hosts: tuple[str, ...]) -> dict[str, list[str]]:
    """First label -> the machines that begin with it: a text is read once, however many machines there are."""
    found: dict[str, list[str]] = {}
    for host in (h.casefold() for h in hosts):
        first = _NAME.match(host)
        if first is not None:
            found.setdefault(first[0], []).append(host)
    return found


def _joins(char: str) -> bool:
    return bool(char) and (char.isalnum() or char in "-_")


def _is_machine(dotted: str) -> bool:
    """A dotted name that no public page has: a port, a name of a place inside, or a first label like db-3."""
    name, _, port = dotted.partition(":")
    labels = name.split(".")
    if port or any(_INSIDE.fullmatch(label) for label in labels):
        return True
    first = labels[0].casefold()
    plain = first in ("www", "api", "app", "mail", "web", "dev", "test", "es")
    return len(labels) > 2 and not plain and bool(_LABEL.fullmatch(first))


def _spans(pattern: re.Pattern[str], said: str) -> Iterator[tuple[int, int]]:
    return (found.span() for found in pattern.finditer(said))
