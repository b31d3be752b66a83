"""How a process writes its log: lines a person reads on a terminal, JSON lines elsewhere.

JSON escapes control characters, so text from outside cannot forge a line. Addresses that are keys (signed links,
intake addresses, links to a new password) lose the part that opens anything, whoever logs them.
"""

from __future__ import annotations

import os
import re
import sys
from typing import Any

import structlog

# What stands behind these beginnings, or has this form, is a secret.
_SECRETS = re.compile(
    r"(?P<kept>/c/[^/\s\"']+/|/callbacks/pushover/[^/\s\"']+/|/bot(?=\d+:)|/in/[a-z-]+/(?!v2/)|/password/reset/key/|[?&]token=)[^/\s\"'&]+"
    r"|(?P<form>qd_(?:in|api)_)[a-z2-7]{32}_[0-9a-f]{6}"
)


def masked(text: str) -> str:
    """A text for the log without the part of an address that opens something."""
    return _SECRETS.sub(lambda found: f"{found['kept'] or found['form']}***", text)


def logging_config(level: str, process: str) -> dict[str, Any]:
    """A `logging.dictConfig` for the standard library's loggers, rendered by structlog."""
    terminal = sys.stderr.isatty()
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.ExtraAdder(allow=("request_id", "person", "status")),
    ]
    final: Any = (
        structlog.dev.ConsoleRenderer(colors=True, pad_event_to=0)
        if terminal
        else structlog.processors.JSONRenderer(sort_keys=False, ensure_ascii=True)
    )
    after: list[Any] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, _named(process)]
    if not terminal:
        after.append(structlog.processors.format_exc_info)
    after.append(_masked)
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "lines": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [*after, final],
                "foreign_pre_chain": shared,
            }
        },
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "lines", "stream": sys.stderr}
        },
        "root": {"handlers": ["stderr"], "level": level.upper()},
        "loggers": {
            # One line an unexpected answer is enough: the edge counts and times every request.
            "django.request": {"level": "ERROR"},
            "django.utils.autoreload": {"level": "WARNING"},
            "asyncio": {"level": "WARNING"},
            "httpx2": {"level": "WARNING"},
            "uvicorn": {"level": "WARNING", "propagate": True},
        },
    }


def join_structlog() -> None:
    """Send what is logged with structlog the same way as everything else."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.StackInfoRenderer(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def _masked(_: Any, __: str, event: dict[str, Any]) -> dict[str, Any]:
    return {k: masked(v) if isinstance(v, str) else v for k, v in event.items()}


def _named(process: str) -> Any:
    pid = os.getpid()

    def add(_: Any, __: str, event: dict[str, Any]) -> dict[str, Any]:
        event["process"] = process
        event["pid"] = pid
        return event

    return add
