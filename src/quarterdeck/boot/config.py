"""What the operator may set: one TOML file and the environment, read once into one frozen object.

An unknown key is refused with the nearest known one. No setting is ever written back by the product.
"""

from __future__ import annotations

import difflib
import ipaddress
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec

from . import pointer

# Addresses that stand for every interface; nobody can open them.
EVERYWHERE = ("0.0.0.0", "::", "")  # noqa: S104
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


class ConfigError(Exception):
    """The configuration cannot be used; the message names the place and what to write instead."""


class Backup(msgspec.Struct, frozen=True, kw_only=True):
    """[backup]: how often the running installation is copied, and where to. Empty `folder`: <data>/backups."""

    every_minutes: int = 15  # 0: never by itself
    folder: str = ""
    keep: int = 96
    secrets: bool = True
    journal_to: str = ""  # a second folder, into which the journal is copied all the while


class Store(msgspec.Struct, frozen=True, kw_only=True):
    """[store]: what PostgreSQL must do before an alert counts as accepted. `required`: no standby in step, no 2xx;
    `degrade`: go on without one, loudly; `off`: PostgreSQL's own settings alone decide.
    """

    synchronous: Literal["required", "degrade", "off"] = "off"


class Buddy(msgspec.Struct, frozen=True, kw_only=True):
    """Another installation that watches this one and is watched by it. Both know the same `key`."""

    url: str = ""
    key: str = ""
    name: str = ""
    silent_seconds: float = 120.0


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """Every setting of an installation. Folders are absolute once loaded."""

    data: Path = Path("data")
    database_url: str = ""
    public_url: str = ""
    host: str = "127.0.0.1"
    port: int = 8080
    trusted_proxies: list[str] = []
    allowed_hosts: list[str] = []
    demo: bool = False
    debug: bool = False
    web_threads: int = 4
    web_queue: int = 64
    body_limit_kib: int = 1024
    session_days: int = 14
    second_factor: Literal["optional", "administrators", "everybody"] = "optional"
    silent_seconds: float = 30.0
    metrics_token: str = ""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    # How many days the raw body of an alert is kept once it was worked through; 0: for ever.
    journal_days: int = 14
    # How this installation is called by those that watch it.
    name: str = "Quarterdeck"
    # The auditor looks this often; 60 s is what everything else is measured for.
    audit_seconds: float = 60.0
    # An address outside that is asked for while all is well, and tells people when it is not.
    ping_url: str = ""
    # Channel -> address of a test contact: each is tried once a day.
    probe: dict[str, str] = {}
    buddy: Buddy = Buddy()
    # Private networks and addresses that webhooks and other channels may reach, such as 10.1.0.0/16.
    allow_targets: list[str] = []
    # One table a channel, named as the channel is: [channels.email] host = "…". Its keys are the channel's
    # Settings.
    channels: dict[str, dict[str, Any]] = {}
    backup: Backup = msgspec.field(default_factory=Backup)
    store: Store = msgspec.field(default_factory=Store)

    @property
    def backups(self) -> Path:
        """Where backups are kept."""
        named = Path(self.backup.folder).expanduser() if self.backup.folder else Path("backups")
        return named if named.is_absolute() else self.data / named

    @property
    def journal_copy(self) -> Path | None:
        """The second folder of the journal; None where none is set."""
        named = Path(self.backup.journal_to).expanduser()
        return None if not self.backup.journal_to else named if named.is_absolute() else self.data / named

    @property
    def run(self) -> Path:
        """Where sockets, locks and heartbeats live; short, because a socket's path may have 100 characters
        only.
        """
        inside = self.data / "run"
        if len(str(inside)) <= 80:
            return inside
        import hashlib
        import tempfile

        digest = hashlib.sha256(str(inside).encode()).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"quarterdeck-{os.getuid()}-{digest}"

    @property
    def url(self) -> str:
        """The address people use, without a slash at the end."""
        if self.public_url:
            return self.public_url.rstrip("/")
        host = "127.0.0.1" if self.host in EVERYWHERE else self.host
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    @property
    def inside_url(self) -> str:
        """The address at which processes on this machine reach the web process, past any proxy."""
        host = "127.0.0.1" if self.host in EVERYWHERE else self.host
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    @property
    def https(self) -> bool:
        return self.url.startswith("https://")

    @property
    def hosts(self) -> list[str]:
        """Names under which this installation answers, without ports. "*" answers under every name."""
        public = urlsplit(self.url).hostname or ""
        named = [f"[{public}]" if ":" in public else public, *self.allowed_hosts, *LOOPBACK]
        return list(dict.fromkeys(h.lower() for h in named if h))


# Environment variable -> setting. Others that begin with QUARTERDECK_ are left alone: container platforms
# make some.
ENVIRONMENT = {
    "QUARTERDECK_DATA": "data",
    "DATABASE_URL": "database_url",
    "QUARTERDECK_PUBLIC_URL": "public_url",
    "QUARTERDECK_HOST": "host",
    "PORT": "port",
    "QUARTERDECK_TRUSTED_PROXIES": "trusted_proxies",
    "QUARTERDECK_ALLOWED_HOSTS": "allowed_hosts",
    "QUARTERDECK_ALLOW_TARGETS": "allow_targets",
    "QUARTERDECK_DEMO": "demo",
    "QUARTERDECK_DEBUG": "debug",
    "QUARTERDECK_WEB_THREADS": "web_threads",
    "QUARTERDECK_WEB_QUEUE": "web_queue",
    "QUARTERDECK_BODY_LIMIT_KIB": "body_limit_kib",
    "QUARTERDECK_SESSION_DAYS": "session_days",
    "QUARTERDECK_SECOND_FACTOR": "second_factor",
    "QUARTERDECK_SILENT_SECONDS": "silent_seconds",
    "QUARTERDECK_METRICS_TOKEN": "metrics_token",
    "QUARTERDECK_LOG_LEVEL": "log_level",
    "QUARTERDECK_JOURNAL_DAYS": "journal_days",
    "QUARTERDECK_NAME": "name",
    "QUARTERDECK_AUDIT_SECONDS": "audit_seconds",
    "QUARTERDECK_PING_URL": "ping_url",
    "QUARTERDECK_BUDDY_URL": "buddy.url",
    "QUARTERDECK_BUDDY_KEY": "buddy.key",
    "QUARTERDECK_BACKUP_FOLDER": "backup.folder",
    "QUARTERDECK_BACKUP_EVERY_MINUTES": "backup.every_minutes",
    "QUARTERDECK_BACKUP_KEEP": "backup.keep",
    "QUARTERDECK_BACKUP_JOURNAL_TO": "backup.journal_to",
    "QUARTERDECK_STORE_SYNCHRONOUS": "store.synchronous",
    "QUARTERDECK_EMAIL_HOST": "channels.email.host",
    "QUARTERDECK_EMAIL_PORT": "channels.email.port",
    "QUARTERDECK_EMAIL_TLS": "channels.email.tls",
    "QUARTERDECK_EMAIL_USER": "channels.email.user",
    "QUARTERDECK_EMAIL_PASSWORD": "channels.email.password",
    "QUARTERDECK_EMAIL_FROM": "channels.email.from_address",
}
_LISTS = frozenset({"trusted_proxies", "allowed_hosts", "allow_targets"})


def load(environ: Mapping[str, str] | None = None) -> Config:
    """The configuration of this process. Raises ConfigError with the file or variable that is wrong."""
    env = os.environ if environ is None else environ
    data = Path(env.get("QUARTERDECK_DATA") or "data")
    named = env.get("QUARTERDECK_CONFIG")
    file = Path(named) if named else data / "quarterdeck.toml"
    values = _read(file) if named or file.exists() else {}
    for name, setting in ENVIRONMENT.items():
        if env.get(name, "") != "":
            _put(values, setting, env[name])
    try:
        config = msgspec.convert(values, Config, strict=False, dec_hook=_to_path)
    except msgspec.ValidationError as e:
        raise ConfigError(f"{_source(e, file, env)}: {e}") from None
    _check(config)
    data = config.data.expanduser().absolute()
    return msgspec.structs.replace(config, data=data, database_url=pointer.resolve(data, config.database_url))


def _to_path(kind: type, value: Any) -> Any:
    if kind is Path and isinstance(value, str):
        return Path(value)
    raise msgspec.ValidationError(f"Expected a text, got {type(value).__name__}")


def _read(file: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as e:
        raise ConfigError(f"{file}: cannot be read ({e.strerror}). Check QUARTERDECK_CONFIG.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as e:
        raise ConfigError(f"{file}: is not valid TOML: {e}") from None
    _known(values, Config, file, "")
    return values


def _known(values: Mapping[str, Any], struct: type[msgspec.Struct], file: Path, where: str) -> None:
    fields = {f.name: f.type for f in msgspec.structs.fields(struct)}
    for key, value in values.items():
        if key not in fields:
            near = difflib.get_close_matches(key, fields, n=1)
            hint = (
                f"Did you mean '{where}{near[0]}'?" if near else f"Known keys: {', '.join(sorted(fields))}."
            )
            raise ConfigError(f"{file}: unknown key '{where}{key}'. {hint}")
        if (
            isinstance(value, dict)
            and isinstance(fields[key], type)
            and issubclass(fields[key], msgspec.Struct)
        ):
            _known(value, fields[key], file, f"{where}{key}.")


def _put(values: dict[str, Any], setting: str, text: str) -> None:
    value: Any = [part.strip() for part in text.split(",") if part.strip()] if setting in _LISTS else text
    if setting in ("demo", "debug"):
        value = {"yes": "true", "on": "true", "no": "false", "off": "false"}.get(text.lower(), text.lower())
    if setting.endswith(".port") and text.isdigit():
        value = int(text)
    *path, last = setting.split(".")
    for part in path:
        values = values.setdefault(part, {})
    values[last] = value


def _source(e: msgspec.ValidationError, file: Path, env: Mapping[str, str]) -> str:
    """The variable or file an unusable value came from."""
    _, _, place = str(e).rpartition("`$.")
    setting = place.rstrip("`").split("[")[0]
    for name, known in ENVIRONMENT.items():
        if known == setting and env.get(name, "") != "":
            return name
    return str(file)


def _check(config: Config) -> None:
    if config.public_url:
        parts = urlsplit(config.public_url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/"):
            raise ConfigError(
                f"public_url: '{config.public_url}' must be the whole address without a path, "
                "such as https://incidents.example.com"
            )
    for peer in config.trusted_proxies:
        try:
            ipaddress.ip_network(peer)
        except ValueError:
            raise ConfigError(
                f"trusted_proxies: '{peer}' is not an address or network such as 10.0.0.5 or 10.0.0.0/8"
            ) from None
    if config.database_url and urlsplit(config.database_url).scheme not in ("postgres", "postgresql"):
        raise ConfigError(
            "database_url: only postgres://user:password@host/name is known. Leave it empty for SQLite."
        )
    if config.backup.every_minutes < 0 or config.backup.keep < 1:
        raise ConfigError("backup: every_minutes must be 0 (never) or more, and keep 1 or more")
    _check_watch(config)
    for name, least in (
        ("audit_seconds", 1),
        ("port", 0),
        ("web_threads", 1),
        ("web_queue", 1),
        ("body_limit_kib", 16),
        ("session_days", 1),
    ):
        if getattr(config, name) < least:
            raise ConfigError(f"{name}: must be {least} or more")
    if config.port > 65535:
        raise ConfigError("port: must be 65535 or less")


def _check_numbers(config: Config) -> None:
    if config.backup.every_minutes < 0 or config.backup.keep < 1:
        raise ConfigError("backup: every_minutes must be 0 (never) or more, and keep 1 or more")
    for name, least in (
        ("port", 0),
        ("web_threads", 1),
        ("web_queue", 1),
        ("body_limit_kib", 16),
        ("session_days", 1),
    ):
        if getattr(config, name) < least:
            raise ConfigError(f"{name}: must be {least} or more")


def _check_watch(config: Config) -> None:
    if config.buddy.url and len(config.buddy.key) < 32:
        raise ConfigError("buddy.key: both installations need the same key of at least 32 characters")
    for name, url in (("ping_url", config.ping_url), ("buddy.url", config.buddy.url)):
        if url and urlsplit(url).scheme not in ("http", "https"):
            raise ConfigError(f"{name}: '{url}' must be a whole address, such as https://watch.example.com/ours")
