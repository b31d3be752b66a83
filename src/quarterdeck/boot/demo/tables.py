"""The story's data as it is written down: TOML files of this package, read once. Decides nothing."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime, time, timedelta
from importlib import resources
from typing import Any


def table(name: str) -> dict[str, Any]:
    """The contents of data/<name>.toml."""
    file = resources.files(__package__) / "data" / f"{name}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


def incidents(*names: str) -> list[dict[str, Any]]:
    """The incidents of several files, oldest first."""
    found = [plot for name in names for plot in table(name)["incident"]]
    return sorted(found, key=lambda plot: -plot["days"])


def started(plot: dict[str, Any], now: datetime) -> datetime:
    """When an incident of the story gave its first signal."""
    day = now.astimezone(UTC).date() - timedelta(days=plot["days"])
    return datetime.combine(day, time.fromisoformat(plot["at"]), UTC)
