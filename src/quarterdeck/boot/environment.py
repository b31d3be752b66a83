"""Settings that may come from the environment, and variables that look as if they were meant for us."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import Any

# Environment variable -> setting. Others that begin with QUARTERDECK_ are never an error: container platforms
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
    "QUARTERDECK_MAINTENANCE_APPROVAL": "maintenance_approval",
    "QUARTERDECK_SILENT_SECONDS": "silent_seconds",
    "QUARTERDECK_METRICS_TOKEN": "metrics_token",
    "QUARTERDECK_LOG_LEVEL": "log_level",
    "QUARTERDECK_JOURNAL_DAYS": "journal_days",
    "QUARTERDECK_NAME": "name",
    "QUARTERDECK_ORGANISATION": "organisation",
    "QUARTERDECK_AUDIT_SECONDS": "audit_seconds",
    "QUARTERDECK_PING_URL": "ping_url",
    "QUARTERDECK_BUDDY_URL": "buddy.url",
    "QUARTERDECK_BUDDY_KEY": "buddy.key",
    "QUARTERDECK_BACKUP_FOLDER": "backup.folder",
    "QUARTERDECK_BACKUP_EVERY_MINUTES": "backup.every_minutes",
    "QUARTERDECK_BACKUP_KEEP": "backup.keep",
    "QUARTERDECK_BACKUP_JOURNAL_TO": "backup.journal_to",
    "QUARTERDECK_STORE_SYNCHRONOUS": "store.synchronous",
    "QUARTERDECK_LIMITS_REQUESTS_PER_MINUTE": "limits.requests_per_minute",
    "QUARTERDECK_LIMITS_ALERTS_PER_MINUTE": "limits.alerts_per_minute",
    "QUARTERDECK_ATTACHMENTS_FOLDER": "attachments.folder",
    "QUARTERDECK_ATTACHMENTS_LIMIT_MIB": "attachments.limit_mib",
    "QUARTERDECK_STATUS_FOLDER": "status.folder",
    "QUARTERDECK_STATUS_REFRESH_MINUTES": "status.refresh_minutes",
    "QUARTERDECK_STATUS_LOCAL_TARGETS": "status.local_targets",
    "QUARTERDECK_STATUS_SUBSCRIBER_TARGETS": "status.subscriber_targets",
    "QUARTERDECK_SELFTEST_EVERY_DAYS": "selftest.every_days",
    "QUARTERDECK_EMAIL_HOST": "channels.email.host",
    "QUARTERDECK_EMAIL_PORT": "channels.email.port",
    "QUARTERDECK_EMAIL_TLS": "channels.email.tls",
    "QUARTERDECK_EMAIL_USER": "channels.email.user",
    "QUARTERDECK_EMAIL_PASSWORD": "channels.email.password",
    "QUARTERDECK_EMAIL_FROM": "channels.email.from_address",
}
_LISTS = frozenset(
    {"trusted_proxies", "allowed_hosts", "allow_targets", "status.local_targets", "status.subscriber_targets"}
)
# Read elsewhere: which files to use, which server a responder's command line talks to, and our own processes.
_OTHERS = frozenset(
    f"QUARTERDECK_{name}"
    for name in (
        "CONFIG",
        "SECRETS_FILE",
        "URL",
        "API_KEY",
        "PROCESS",
        "PARENT",
        "BEAT_FILE",
        "LOST",
        "LISTEN_FD",
        "SOAK",
    )
)
# What Kubernetes and Docker links make for a service that is called quarterdeck.
_OF_PLATFORMS = re.compile(
    r"^QUARTERDECK_(SERVICE_(HOST|PORT).*|PORT(_\d+_(TCP|UDP).*)?|.*_SERVICE_(HOST|PORT).*)$"
)


def put(values: dict[str, Any], setting: str, text: str) -> None:
    """Enter the text of a variable where the file would have its value."""
    value: Any = [part.strip() for part in text.split(",") if part.strip()] if setting in _LISTS else text
    if setting in ("demo", "debug"):
        value = {"yes": "true", "on": "true", "no": "false", "off": "false"}.get(text.lower(), text.lower())
    *path, last = setting.split(".")
    for part in path:
        values = values.setdefault(part, {})
    values[last] = value


def variable(setting: str, env: Mapping[str, str]) -> str:
    """The variable this setting came from; empty when it came from the file."""
    return next((n for n, known in ENVIRONMENT.items() if known == setting and env.get(n, "") != ""), "")


def strange(env: Mapping[str, str]) -> list[str]:
    """A sentence for each variable that looks like one of ours and is none."""
    found = []
    for name in sorted(env):
        ours = name.startswith("QUARTERDECK_") and name not in ENVIRONMENT and name not in _OTHERS
        if not ours or _OF_PLATFORMS.match(name):
            continue
        near = difflib.get_close_matches(name, ENVIRONMENT, n=1, cutoff=0.8)
        hint = f"Did you mean {near[0]}?" if near else "The operator guide lists those there are."
        found.append(f"{name} is no setting and does nothing. {hint}")
    return found
