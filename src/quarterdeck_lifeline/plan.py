"""What to watch and how to reach people: the lifeline's own file and a little of its environment. Reads only."""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

SHORTEST_SECRET = 16


@dataclass(frozen=True)
class Mail:
    """The lifeline's own mail server. `to` are people who are told besides those on duty."""

    host: str
    sender: str
    port: int = 587
    username: str = ""
    password: str = field(default="", repr=False)
    security: str = "starttls"  # starttls | tls | none
    to: list[str] = field(default_factory=list)

    def recipients(self, snapshot: Mapping[str, Any]) -> list[str]:
        """Everybody who is told, each once."""
        named = [str(duty.get("email", "")) for duty in snapshot.get("on_call", ())]
        return [a for a in dict.fromkeys([*self.to, *named]) if a and not set("\r\n\0") & set(a)]


@dataclass(frozen=True)
class Ntfy:
    """A push server. Those on duty are reached by the topics they gave the product; `topics` are told besides them."""

    server: str = "https://ntfy.sh"
    token: str = field(default="", repr=False)
    topics: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Webhook:
    """An address that gets JSON, signed as Standard Webhooks describes when there is a secret."""

    url: str
    secret: str = field(default="", repr=False)


@dataclass(frozen=True)
class Page:
    """The roster page: read-only, on a port of its own. Opened with a password, or by a path nobody can guess."""

    port: int = 8091
    host: str = "127.0.0.1"
    user: str = "quarterdeck"
    password: str = field(default="", repr=False)
    path: str = field(default="", repr=False)


@dataclass(frozen=True)
class Plan:
    """`silent_seconds` without life is silence; `snapshot_seconds` makes a snapshot old (0: however old it is)."""

    watch: str
    snapshot: Path
    snapshot_key: str = field(repr=False)
    mail: Mail | None = None
    ntfy: Ntfy | None = None
    webhook: Webhook | None = None
    page: Page | None = None
    silent_seconds: float = 120.0
    snapshot_seconds: float = 300.0
    repeat_seconds: float = 900.0
    look_seconds: float = 5.0

    @property
    def roads(self) -> list[str]:
        """How people are reached, in words."""
        named = (("mail", self.mail), ("push", self.ntfy), ("webhook", self.webhook))
        return [name for name, road in named if road is not None]


_KINDS: Mapping[str, tuple[Any, str]] = {
    "str": (str, "a text in quotes"),
    "int": (int, "a whole number"),
    "float": (int | float, "a number"),
    "list[str]": (list, 'a list of texts, such as ["ana@example.com"]'),
}
_SECURITY = ("starttls", "tls", "none")
_TABLES: Mapping[str, type] = {"mail": Mail, "ntfy": Ntfy, "webhook": Webhook, "page": Page}


def read_plan(config: Path, key: str) -> Plan:
    """The plan in the file. Raises OSError without one, ValueError when it cannot be used."""
    values = tomllib.loads(config.read_text(encoding="utf-8"))
    tables = {name: values.pop(name) for name in _TABLES if name in values}
    _known(values, Plan)
    _typed(values, Plan, "")
    parts: dict[str, Any] = {}
    for name, table in tables.items():
        if not isinstance(table, dict):
            raise ValueError(f"[{name}] must be a table")
        _known(table, _TABLES[name], f"[{name}] ")
        _typed(table, _TABLES[name], f"[{name}] ")
        parts[name] = _made(name, table)
    _usable(parts)
    env = os.environ
    plan = {"watch": env.get("LIFELINE_WATCH", ""), "snapshot_key": key} | values | parts
    plan["snapshot"] = Path(values.get("snapshot") or env.get("LIFELINE_SNAPSHOT", "snapshot.json"))
    return Plan(**plan)


def _known(table: Mapping[str, Any], kind: type, where: str = "") -> None:
    names = [f.name for f in fields(kind) if f.name not in _TABLES or kind is not Plan]
    strange = sorted(set(table) - set(names))
    if strange:
        near = difflib.get_close_matches(strange[0], names, n=1)
        hint = f"did you mean '{near[0]}'?" if near else f"known keys: {', '.join(names)}"
        raise ValueError(f"{where}unknown key '{strange[0]}'; {hint}")


def _typed(table: Mapping[str, Any], kind: type, where: str) -> None:
    """Refuse what is not of the kind the plan needs: it would be noticed when people have to be told."""
    for f in fields(kind):
        wanted = _KINDS.get(str(f.type))
        value = table.get(f.name)
        if value is None or wanted is None:
            continue
        if not isinstance(value, wanted[0]) or isinstance(value, bool):
            raise ValueError(f"{where}{f.name} must be {wanted[1]}")
        if isinstance(value, list) and not all(isinstance(v, str) for v in value):
            raise ValueError(f"{where}{f.name} must be {wanted[1]}")
        if isinstance(value, int | float) and value < 0:
            raise ValueError(f"{where}{f.name} must be 0 or more")


def _made(name: str, table: Mapping[str, Any]) -> Any:
    if name == "mail" and not (table.get("host") and table.get("sender")):
        raise ValueError("[mail] needs host and sender")
    if name == "mail" and table.get("security", "starttls") not in _SECURITY:
        raise ValueError(f"[mail] security must be one of: {', '.join(_SECURITY)}")
    if name == "webhook" and not str(table.get("url", "")).startswith(("https://", "http://")):
        raise ValueError("[webhook] needs url, such as https://hooks.example.com/lifeline")
    return _TABLES[name](**table)


def _usable(parts: Mapping[str, Any]) -> None:
    page: Page | None = parts.get("page")
    if page is not None and not page.password and len(page.path.strip("/")) < SHORTEST_SECRET:
        raise ValueError("[page] needs a password, or a path of at least 16 characters that nobody can guess")
    if not parts:
        raise ValueError("it needs [mail], [ntfy] or [webhook] to reach people by, or a [page]")
