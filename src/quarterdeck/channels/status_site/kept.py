"""What a published page was made of, kept beside its files: enough to publish it again without the store.

It lies in the hidden folder of the page's versions, so that no web server hands it out, and holds nothing that is not
public on the page already.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from quarterdeck.core.status import Material

from .publish import beside, versions_of
from .settings import SiteSettings

_NAME = "snapshot.json"
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Kept:
    """`revision` of the page it was made at; `format` is raised when an older release could not read it.

    `public`: everybody may read it, so that it may be brought to targets.
    """

    material: Material
    settings: SiteSettings
    made_at: datetime
    revision: int = 0
    format: int = _FORMAT
    public: bool = False


def keep(folder: str | Path, kept: Kept) -> None:
    """Puts it beside the site `folder`, whole or not at all."""
    beside(folder, _NAME, msgspec.json.encode(kept, order="deterministic"))


def read(folder: str | Path) -> Kept:
    """What was kept of the site `folder`. Raises ValueError saying what is wrong with it."""
    path = versions_of(folder) / _NAME
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Kept)
    except FileNotFoundError:
        raise ValueError(f"There is no {path}: this page was never published here.") from None
    except OSError as e:
        raise ValueError(
            f"{path} cannot be read ({e.strerror}). Run this as the owner of the folder."
        ) from None
    except msgspec.DecodeError as e:
        raise ValueError(f"{path} is damaged ({e}).") from None
    if found.format > _FORMAT:
        raise ValueError(f"{path} was written by a newer release. Run the command of that release.")
    return found
