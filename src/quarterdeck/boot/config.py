"""What the operator may set: one TOML file and the environment, read once into one frozen object.

An unknown key is refused with the nearest known one. No setting is ever written back by the product.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec

from . import channel_config, config_checks, environment, pointer
from .environment import ENVIRONMENT

# Addresses that stand for every interface; nobody can open them.
EVERYWHERE = ("0.0.0.0", "::", "")  # noqa: S104
FILE = "quarterdeck.toml"
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


class Mirror(msgspec.Struct, frozen=True, kw_only=True):
    """[mirror]: where alerts are told as they open and end, for people who watch a room. Nobody is paged by it."""

    channel: str = ""  # empty: nowhere
    address: str = ""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """[limits]: how much of one integration one web process takes; the rest is refused, counted and told. 0: no limit.

    An integration may have limits of its own.
    """

    requests_per_minute: int = 6000
    alerts_per_minute: int = 30_000


class Selftest(msgspec.Struct, frozen=True, kw_only=True):
    """[selftest]: how often a shadow of this installation is broken on purpose, to see that nothing is lost."""

    every_days: int = 7  # 0: never by itself
    hour: int = 4  # UTC


class Attachments(msgspec.Struct, frozen=True, kw_only=True):
    """[attachments]: files of incidents. Empty `folder`: <data>/attachments; several nodes share one folder."""

    folder: str = ""
    limit_mib: int = 25


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """[status]: published status pages. Empty `folder`: <data>/status; elsewhere they outlive the data folder.

    `local_targets` are folders of this machine under which pages may be copied or pushed to; `subscriber_targets`
    are hosts inside, with ports, that subscribers may be reached at.
    """

    folder: str = ""
    refresh_minutes: int = 10
    local_targets: list[str] = []
    subscriber_targets: list[str] = []


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
    web_queue: int = 256
    body_limit_kib: int = 1024
    session_days: int = 14
    second_factor: Literal["optional", "administrators", "everybody"] = "optional"
    maintenance_approval: Literal["another", "anyone", "none"] = "another"
    silent_seconds: float = 30.0
    metrics_token: str = ""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    # How many days the raw body of an alert is kept once it was worked through; 0: for ever.
    journal_days: int = 14
    # Whose installation it is, as pages for people outside say it; empty: they say nothing.
    organisation: str = ""
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
    limits: Limits = Limits()
    selftest: Selftest = Selftest()
    mirror: Mirror = Mirror()
    attachments: Attachments = Attachments()
    status: Status = Status()

    @property
    def backups(self) -> Path:
        """Where backups are kept."""
        named = Path(self.backup.folder).expanduser() if self.backup.folder else Path("backups")
        return named if named.is_absolute() else self.data / named

    @property
    def attachments_folder(self) -> Path:
        """Where the contents of attached files are kept."""
        named = Path(self.attachments.folder).expanduser() if self.attachments.folder else Path("attachments")
        return named if named.is_absolute() else self.data / named

    @property
    def status_folder(self) -> Path:
        """Where status pages are published."""
        named = Path(self.status.folder).expanduser() if self.status.folder else Path("status")
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


def place(env: Mapping[str, str]) -> tuple[Path, bool]:
    """The file the settings come from, and whether it was named (and so has to be there)."""
    named = env.get("QUARTERDECK_CONFIG")
    return (Path(named), True) if named else (Path(env.get("QUARTERDECK_DATA") or "data") / FILE, False)


def load(environ: Mapping[str, str] | None = None) -> Config:
    """The configuration of this process. Raises ConfigError with the file or variable that is wrong."""
    env = os.environ if environ is None else environ
    file, named = place(env)
    values = _read(file) if named or _is_there(file) else {}
    for name, setting in ENVIRONMENT.items():
        if env.get(name, "") != "":
            environment.put(values, setting, env[name])
    try:
        config = msgspec.convert(values, Config, strict=False, dec_hook=_to_path)
        channels = channel_config.checked(config.channels)
    except msgspec.ValidationError as e:
        setting, why = channel_config.plainly(e, values, Config)
        raise _wrong(setting, why, file, env) from None
    except channel_config.Unusable as e:
        raise _wrong(e.setting, e.why, file, env) from None
    try:
        config_checks.check(config)
    except ValueError as e:
        raise ConfigError(str(e)) from None
    data = config.data.expanduser().absolute()
    url = pointer.resolve(data, config.database_url)
    return msgspec.structs.replace(config, data=data, database_url=url, channels=channels)


def sources(env: Mapping[str, str]) -> str:
    """Where the settings come from, in words: which file was read, and which variables are set."""
    file, _ = place(env)
    here = str(file.absolute())
    said = f"Read from {here}" if _is_there(file) else f"There is no {here}"
    set_here = [name for name in ENVIRONMENT if env.get(name, "") != ""]
    return f"{said}; from the environment: {', '.join(set_here) or 'nothing'}."


def _is_there(file: Path) -> bool:
    try:
        return file.exists()
    except OSError as e:
        raise ConfigError(f"{file}: cannot be read ({e.strerror}). Run this as its owner.") from None


def _wrong(setting: str, why: str, file: Path, env: Mapping[str, str]) -> ConfigError:
    """Named after the variable an unusable value came from, else after the file and its key."""
    name = environment.variable(setting, env)
    return ConfigError(
        f"{name}: {why}" if name else f"{file}: {setting}: {why}" if setting else f"{file}: {why}"
    )


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
            hint = _nearest(key, where, fields)
            raise ConfigError(f"{file}: unknown key '{where}{key}'. {hint}")
        if (
            isinstance(value, dict)
            and isinstance(fields[key], type)
            and issubclass(fields[key], msgspec.Struct)
        ):
            _known(value, fields[key], file, f"{where}{key}.")


def _nearest(key: str, where: str, fields: Mapping[str, Any]) -> str:
    near = difflib.get_close_matches(key, fields, n=1)
    if near and difflib.SequenceMatcher(None, key, near[0]).ratio() > 0.75:
        return f"Did you mean '{where}{near[0]}'?"
    inner = {} if where else _inner()
    deeper = difflib.get_close_matches(key, inner, n=1, cutoff=0.75)
    if deeper:
        return f"Did you mean {inner[deeper[0]]}?"
    return f"Did you mean '{where}{near[0]}'?" if near else f"Known keys: {', '.join(sorted(fields))}."


def _inner() -> dict[str, str]:
    """What somebody may have written for a key of a table: "email_host" for [channels.email] host."""
    found = {}
    for table in msgspec.structs.fields(Config):
        if isinstance(table.type, type) and issubclass(table.type, msgspec.Struct):
            found |= {
                f"{table.name}_{f.name}": f"[{table.name}] {f.name}"
                for f in msgspec.structs.fields(table.type)
            }
    for kind, names in channel_config.known().items():
        found |= {f"{kind}_{name}": f"[channels.{kind}] {name}" for name in names}
    server = dict.fromkeys(("smtp_host", "smtp_server", "mail_server"), "[channels.email] host")
    return found | server | {"email_from": "[channels.email] from_address"}
