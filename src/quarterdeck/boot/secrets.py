"""The installation's own keys: made at the first start, kept in one file only its owner can read.

Keys that were replaced stay in the file for as long as what they signed or sealed is to be believed: beside "web" a
process then finds "web.before", the former ones with a space between them, the newest first.

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
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

NAMES = ("web", "link", "engine")
# What `rotate` makes anew. The engine's key names this installation to the browsers that get pages from it: with
# another one they would all have to be asked again.
ROTATED = ("web", "link")
MOST_BEFORE = 5
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


def ensure(data: Path, *, put_aside: bool = False) -> dict[str, str]:
    """The keys of this installation, made now if there are none. Never overwrites a file that exists.

    `put_aside`: a damaged file is kept under another name and new keys are made, because people must be paged even
    then (`app.key_ids` sees the new keys and raises an alarm); else it is a ValueError.
    """
    path = file(data)
    if put_aside and path.exists() and _is_damaged(path):
        path.rename(path.with_name(f"{path.name}.damaged-{datetime.now(UTC):%Y-%m-%dT%H-%M-%SZ}"))
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = _written(path, {name: _new() for name in NAMES})
        try:
            # link() refuses to replace: of two first starts at once, one file wins and both read it.
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return read(path)


def rotate(path: Path) -> None:
    """New keys; the former ones go on opening what they closed. They count once the processes are started again."""
    keys = _read(path)
    former = {name: keys[name] for name in ROTATED}
    before = [former, *keys.get("before", [])][:MOST_BEFORE]
    _written(path, {**keys, **{name: _new() for name in ROTATED}, "before": before}).replace(path)


def forget(path: Path) -> int:
    """Former keys open nothing any more; returns how many there were."""
    keys = _read(path)
    before = keys.pop("before", [])
    if before:
        _written(path, keys).replace(path)
    return len(before)


def ids(keys: Mapping[str, str]) -> list[str]:
    """What tells keys apart and says nothing about them: of the present one, then of those before it."""
    known = [keys.get("link", ""), *keys.get("link.before", "").split()]
    return [hashlib.sha256(f"id\n{k}".encode()).hexdigest()[:12] for k in known if k]


def _new() -> str:
    return randomness.token_urlsafe(48)


def _written(path: Path, keys: Mapping[str, Any]) -> Path:
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as f:
        f.write(json.dumps(keys, indent=2) + "\n")
        f.flush()
        os.fsync(f.fileno())
    return fresh


def read(path: Path) -> dict[str, str]:
    """The keys in the file. Raises ValueError when it cannot be read or one is missing."""
    keys = _read(path)
    found = {name: keys[name] for name in NAMES}
    for name in ROTATED:
        before = " ".join(former[name] for former in keys.get("before", []))
        if before:
            found[f"{name}.before"] = before
    return found


def _is_damaged(path: Path) -> bool:
    """Whether what stands there is no file of keys; one that this user may not read is not ours to judge."""
    try:
        _read(path)
    except ValueError:
        return os.access(path, os.R_OK)
    return False


def _read(path: Path) -> dict[str, Any]:
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
    lost = [name for name in NAMES if not _usable(keys.get(name))]
    if lost:
        raise ValueError(f"{path}: no usable key '{lost[0]}'. Restore this file from your backup.")
    before = keys.get("before", [])
    if not isinstance(before, list) or not all(
        isinstance(former, dict) and all(_usable(former.get(name)) for name in ROTATED) for former in before
    ):
        raise ValueError(
            f"{path}: the keys before the present ones are damaged. Restore it from your backup."
        )
    return keys


def _usable(key: object) -> bool:
    return isinstance(key, str) and len(key) >= 32 and " " not in key


def is_open_to_others(path: Path) -> bool:
    """Whether anybody but the owner could read the keys."""
    return bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))


def for_process(name: str, keys: Mapping[str, str]) -> dict[str, str]:
    """The keys a process of this name may hold."""
    known = {**keys, "watch": watch_key(keys)}
    held_by = HELD_BY.get(name, ())
    return {k: v for k, v in known.items() if k.removesuffix(".before") in held_by}


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
