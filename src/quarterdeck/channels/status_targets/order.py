"""In which order files are brought to where readers are, so that no reader ever meets half a page. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SAFE_NAME = re.compile(r"(?:[A-Za-z0-9][A-Za-z0-9._-]*/)*[A-Za-z0-9][A-Za-z0-9._-]*")
_ENTRY = re.compile(r"index(?:\.[A-Za-z-]+)?\.html(?:\.gz|\.br)?|fresh\.json(?:\.gz|\.br)?")
_OURS = re.compile(
    r"(?:(?:incidents|history|badges|api)/.+|(?:index|embed)(?:\.[A-Za-z-]{2,10})?"
    r"|age|badge|feed|fresh|history|icon|favicon|logo|maintenance|metrics|preview|status|embed)"
    r"\.(?:html|json|atom|rss|xml|ics|css|js|svg|txt|png|webp|ico|woff2)"
)
_LINKED = ("incidents/", "history/")
_ASSETS = (".css", ".svg", ".png", ".webp", ".js", ".ico", ".woff2")

Stamp = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Plan:
    """`puts` are waves: each is whole before the next begins. `removals` come after all of them."""

    puts: tuple[tuple[str, ...], ...]
    removals: tuple[str, ...]

    @property
    def changes(self) -> int:
        return sum(len(wave) for wave in self.puts) + len(self.removals)


def plan(there: Mapping[str, str], wanted: Mapping[str, str]) -> Plan:
    """What to do so that a place which has `there` (name to digest) has `wanted`: what is the same is left alone, and
    nothing is removed that is not called as files of ours are.
    """
    waves: tuple[list[str], list[str], list[str]] = ([], [], [])
    for name in sorted(wanted):
        if there.get(name) != wanted[name]:
            waves[_wave(name)].append(name)
    gone = sorted(n for n in there if n not in wanted and is_ours(n))
    return Plan(tuple(tuple(wave) for wave in waves), tuple(gone))


def away(there: Iterable[str]) -> list[list[str]]:
    """What to remove of a place that has these files, in waves: where readers come in first. Of ours alone."""
    waves: tuple[list[str], list[str], list[str]] = ([], [], [])
    for name in sorted(set(there)):
        if is_ours(name):
            waves[2 - _wave(name)].append(name)
    return [wave for wave in waves if wave]


def is_ours(name: str) -> bool:
    """Whether a file of a page may be called so, whatever release made it."""
    plain = name.removesuffix(".gz").removesuffix(".br")
    return bool(_SAFE_NAME.fullmatch(name) and _OURS.fullmatch(plain))


def _wave(name: str) -> int:
    """0: what other pages show or lead to; 1: what machines read; 2: where readers come in."""
    if _ENTRY.fullmatch(name):
        return 2
    plain = name.removesuffix(".gz").removesuffix(".br")
    return 0 if name.startswith(_LINKED) or plain.endswith(_ASSETS) else 1


class Digests:
    """SHA-256 of the files of a version; a file that is the same on disk as before is not read again."""

    def __init__(self) -> None:
        self._known: dict[Stamp, str] = {}

    def of(self, version: Path) -> dict[str, str]:
        fresh: dict[Stamp, str] = {}
        found = {}
        for path in sorted(p for p in version.rglob("*") if p.is_file()):
            about = path.stat()
            stamp = (about.st_ino, about.st_mtime_ns, about.st_size)
            digest = self._known.get(stamp) or hashlib.sha256(path.read_bytes()).hexdigest()
            fresh[stamp] = found[path.relative_to(version).as_posix()] = digest
        self._known = fresh
        return found


def checked(manifest: Any) -> dict[str, str]:
    """The files that a place says it has, as far as they can be ours; nothing where that cannot be read."""
    files = manifest.get("files") if isinstance(manifest, dict) else None
    if not isinstance(files, dict):
        return {}
    return {n: d for n, d in files.items() if isinstance(d, str) and _SAFE_NAME.fullmatch(n)}
