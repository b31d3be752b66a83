"""Bringing what the emergency command published to the targets of the page, with what was kept beside it and the
installation's keys; without these the targets get it when Quarterdeck is back.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from quarterdeck.channels import status_site
from quarterdeck.channels.safe_http import SafeClient
from quarterdeck.channels.status_targets import Errand, Failed, kept, kind, read_settings
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import boxes

from . import secrets
from .config import Config


def bring(folder: Path, config: Config) -> Iterator[str]:
    """One sentence for each target, as soon as it is known how it went."""
    known = kept.read(folder) if _is_public(folder) else []
    version = status_site.current(folder)
    if not known or version is None:
        return
    path = secrets.file(config.data)
    try:
        keys = secrets.read(path)
    except ValueError:
        names = ", ".join(one.name for one in known)
        yield f"Not brought to {names}: their keys need {path}. They get it when Quarterdeck is back."
        return
    http = SafeClient(allow=config.allow_targets)
    for one in known:
        secret = (
            boxes.opened(one.secret, keys["link"], *keys.get("link.before", "").split()) if one.secret else ""
        )
        try:
            errand = Errand(
                read_settings(one.kind, one.settings), secret, version, kept.scratch(folder, one.id), http,
                tuple(config.status.local_targets),
            )  # fmt: skip
            changes = kind(one.kind).push(errand)
            yield f"Brought to {one.name}: {changes} changes."
        except Failed as e:
            yield f"Not brought to {one.name}: {e.why}"
        except Refused as e:
            yield f"Not brought to {one.name}: {e.message}"
        except OSError as e:
            yield f"Not brought to {one.name}: {folder} cannot be written ({e.strerror})."


def _is_public(folder: Path) -> bool:
    """Whether it was for everybody when Quarterdeck last published it: no other page is brought anywhere."""
    try:
        return status_site.read(folder).public
    except ValueError:
        return False
