"""One publication of a page: what is over stays as it is out, all else is rendered and swapped in."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from quarterdeck.core.status import Material

from .publish import write
from .settings import SiteSettings
from .site import marks, render
from .told import folder as folder_of

FRESH = "fresh.json"


def release(
    material: Material, settings: SiteSettings, folder: str | Path, now: datetime, before: Mapping[str, str],
    still: Callable[[], bool] | None = None,
) -> dict[str, str]:  # fmt: skip
    """Publishes the page as it is at `now` and answers the marks of what is over, to be given as `before` next time.

    Beside the pages stands `fresh.json`: when this was made, and for how long it may be believed to be the present.
    `still` is as in `write`.
    """
    shown = material.at(now)
    found = marks(shown, settings)
    kept = {ref for ref, mark in found.items() if before.get(ref) == mark and _is_there(Path(folder), ref)}
    files = render(shown, settings, kept)
    at = now.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    told = {"generated_at": at, "fresh_for_seconds": settings.fresh_for}
    files[FRESH] = json.dumps(told).encode() + b"\n"
    write(files, folder, [folder_of(ref) for ref in kept], still)
    return found


def _is_there(folder: Path, ref: str) -> bool:
    return (folder / folder_of(ref) / "index.html").is_file()
