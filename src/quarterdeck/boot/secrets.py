"""The installation's own keys: made at the first start, kept in one file only its owner can read.

Each process holds the keys of its class and no others: the supervisor passes them over a pipe, so they are in
no argument, environment or log. Nothing here ever prints a key.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets as randomness
import stat
from collections.abc import Mapping
from pathlib import Path

NAMES = ("web", "link", "engine")
# web: sessions, CSRF, second factors. link: signed acknowledgement links. engine: provider credentials at
# rest. watch: what the auditor sends its own alerts with; it is made from link, and leads to nothing else.
HELD_BY: Mapping[str, tuple[str, ...]] = {
    "web": ("web", "link"),
    "engine": ("engine", "link"),
    "auditor": ("watch",),
    "migrate": (),
    "backup": (),  # it copies the file of the keys, and believes nothing by them
    "demo": NAMES,
    "lifeline": ("link",),  # it believes no snapshot that is not signed
}

_handed: dict[str, str] | None = None


def file(data: Path) -> Path:
    """Where the keys are kept; several nodes share one file by QUARTERDECK_SECRETS_FILE."""
    named = os.environ.get("QUARTERDECK_SECRETS_FILE")
    return Path(named) if named else data / "secrets.json"


def ensure(data: Path) -> dict[str, str]:
    """The keys of this installation, made now if there are none. Never overwrites a file that exists."""
    path = file(data)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f".{path.name}.{os.getpid()}")
        body = json.dumps({name: randomness.token_urlsafe(48) for name in NAMES}, indent=2)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as f:
            f.write(body + "\n")
            f.flush()
            os.fsync(f.fileno())
        try:
            # link() refuses to replace: of two first starts at once, one file wins and both read it.
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return read(path)


def read(path: Path) -> dict[str, str]:
    """The keys in the file. Raises ValueError when it cannot be read or one is missing."""
    try:
        keys = json.loads(path.read_text(encoding="utf-8"))
    except OSError as e:
        raise ValueError(
            f"{path} cannot be read ({e.strerror}). Run this as the user who runs quarterdeck serve."
        ) from None
    except ValueError:
        raise ValueError(f"{path} is damaged. Restore this file from your backup.") from None
    if not isinstance(keys, dict):
        raise ValueError(f"{path} is damaged. Restore this file from your backup.")
    lost = [name for name in NAMES if not isinstance(keys.get(name), str) or len(keys[name]) < 32]
    if lost:
        raise ValueError(f"{path}: no usable key '{lost[0]}'. Restore this file from your backup.")
    return {name: keys[name] for name in NAMES}


def is_open_to_others(path: Path) -> bool:
    """Whether anybody but the owner could read the keys."""
    return bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))


def for_process(name: str, keys: Mapping[str, str]) -> dict[str, str]:
    """The keys a process of this name may hold."""
    known = {**keys, "watch": watch_key(keys)}
    return {k: known[k] for k in HELD_BY.get(name, ())}


def watch_key(keys: Mapping[str, str]) -> str:
    """The key of the installation's own alerts, given or derived; empty for a process that knows neither."""
    if keys.get("watch"):
        return keys["watch"]
    link = keys.get("link", "")
    return hmac.new(link.encode(), b"watch", hashlib.sha256).hexdigest() if link else ""


def hand(keys: Mapping[str, str]) -> None:
    """Keep the keys this process was given; `held` answers with these from now on."""
    global _handed
    _handed = dict(keys)


def held(data: Path) -> dict[str, str]:
    """The keys of this process: those it was handed, else the file's, else throw-away ones (nothing is
    written).
    """
    if _handed is not None:
        return _handed
    path = file(data)
    if path.exists():
        return read(path)
    return {name: randomness.token_urlsafe(48) for name in NAMES}
