"""Settings that are of the right kind and still cannot be used: addresses, ports, numbers out of range."""

from __future__ import annotations

import ipaddress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from . import channel_config

if TYPE_CHECKING:
    from .config import Config


def check(config: Config) -> None:
    """Raises ValueError with the setting and what to write instead."""
    if config.public_url:
        parts = urlsplit(config.public_url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/"):
            raise ValueError(
                f"public_url: '{config.public_url}' must be the whole address without a path, "
                "such as https://incidents.example.com"
            )
    for peer in config.trusted_proxies:
        try:
            ipaddress.ip_network(peer)
        except ValueError:
            raise ValueError(
                f"trusted_proxies: '{peer}' is not an address or network such as 10.0.0.5 or 10.0.0.0/8"
            ) from None
    _check_store(config)
    _check_watch(config)
    _check_numbers(config)


def _check_store(config: Config) -> None:
    if config.database_url and urlsplit(config.database_url).scheme not in ("postgres", "postgresql"):
        raise ValueError(
            "database_url: only postgres://user:password@host/name is known. Leave it empty for SQLite."
        )
    if config.database_url and find_spec("psycopg") is None:
        raise ValueError(
            "database_url: the driver of PostgreSQL is not installed. Run: pip install 'quarterdeck[postgres]'"
        )


def _check_watch(config: Config) -> None:
    for kind in config.probe:
        if kind not in channel_config.kinds():
            known = ", ".join(channel_config.kinds())
            raise ValueError(f"probe.{kind}: there is no such channel. Known: {known}.")
    _check_mirror(config)
    if config.buddy.url and len(config.buddy.key) < 32:
        raise ValueError("buddy.key: both installations need the same key of at least 32 characters")
    for name, url in (("ping_url", config.ping_url), ("buddy.url", config.buddy.url)):
        if url and urlsplit(url).scheme not in ("http", "https"):
            raise ValueError(
                f"{name}: '{url}' must be a whole address, such as https://watch.example.com/ours"
            )


def _check_mirror(config: Config) -> None:
    kind, address = config.mirror.channel, config.mirror.address
    if not kind:
        return
    if kind not in channel_config.kinds():
        raise ValueError(
            f"mirror.channel: there is no such channel. Known: {', '.join(channel_config.kinds())}."
        )
    try:
        channel_config.check_address(kind, address)
    except channel_config.Unusable as e:
        raise ValueError(str(e)) from None
    rooms = config.channels.get("chat", {}).get("rooms", {})
    if kind == "chat" and address not in rooms:
        raise ValueError(f"mirror.address: there is no room '{address}' under [channels.chat.rooms]")


def _check_numbers(config: Config) -> None:
    if config.backup.every_minutes < 0 or config.backup.keep < 1:
        raise ValueError("backup: every_minutes must be 0 (never) or more, and keep 1 or more")
    if config.limits.requests_per_minute < 0 or config.limits.alerts_per_minute < 0:
        raise ValueError("limits: requests_per_minute and alerts_per_minute must be 0 (no limit) or more")
    if config.selftest.every_days < 0 or not 0 <= config.selftest.hour <= 23:
        raise ValueError("selftest: every_days must be 0 (never) or more, and hour 0 to 23")
    if not 1 <= config.attachments.limit_mib <= 200:
        raise ValueError("attachments.limit_mib: must be 1 to 200")
    if not 1 <= config.status.refresh_minutes <= 1440:
        raise ValueError("status.refresh_minutes: must be 1 to 1440")
    if not all(Path(named).is_absolute() for named in config.status.local_targets):
        raise ValueError("status.local_targets: name whole folders, such as /srv/git")
    for name, least in (
        ("audit_seconds", 1),
        ("port", 0),
        ("web_threads", 1),
        ("web_queue", 1),
        ("body_limit_kib", 16),
        ("session_days", 1),
    ):
        if getattr(config, name) < least:
            raise ValueError(f"{name}: must be {least} or more")
    if config.port > 65535:
        raise ValueError("port: must be 65535 or less")
