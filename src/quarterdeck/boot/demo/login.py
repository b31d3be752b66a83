"""The demo's keys to itself: a password made anew for each story, and the file in which a visitor finds everything."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from quarterdeck.app.people.demo_login import FILE

FOR_VISITORS = "demo-credentials.json"
WORDS = (
    "anchor", "beacon", "bollard", "buoy", "cabin", "canvas", "compass", "crane", "current", "deck", "ebb", "fender",
    "ferry", "fjord", "flag", "foghorn", "gale", "galley", "gangway", "gull", "halyard", "harbour", "hawser", "helm",
    "hull", "island", "jetty", "keel", "knot", "lagoon", "lantern", "ledger", "lighthouse", "mast", "mooring", "oar",
    "oilskin", "pier", "pilot", "quay", "rail", "reef", "rigging", "rudder", "sail", "sextant", "shoal", "signal",
    "sluice", "sound", "spray", "stern", "strait", "swell", "ticket", "tide", "tiller", "timetable", "tug", "wake",
    "wharf", "whistle", "winch", "windlass",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Credentials:
    """How to get into the demo: as a person, as a program, as a monitoring tool."""

    email: str
    password: str
    api_key: str
    integration_key: str


def new_password() -> str:
    """Five words, 30 bits, and never the same twice."""
    return "-".join(secrets.choice(WORDS) for _ in range(5))


def keep(data: Path, found: Credentials) -> None:
    """Beside the store, for the sign-in page and the next start."""
    _write(data / FILE, asdict(found))


def credentials(data: Path) -> Credentials | None:
    """Those of the story in this folder; None where none was told."""
    try:
        return Credentials(**json.loads((data / FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def hand_out(folder: Path, base_url: str, found: Credentials) -> Path:
    """`demo-credentials.json` for whoever tries the demo from a terminal; only its owner can read it."""
    path = folder / FOR_VISITORS
    login = {"email": found.email, "password": found.password}
    keys = {"api_key": found.api_key, "integration_key": found.integration_key}
    _write(path, {"base_url": base_url, "login": login, **keys})
    return path


def _write(path: Path, told: dict[str, object]) -> None:
    """Whole or not at all, and never readable for others, not even for a moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    with os.fdopen(
        os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
    ) as file:
        file.write(json.dumps(told, indent=2) + "\n")
    fresh.replace(path)
