"""A published status page as static files that any web server, bucket or second host can serve.

`render(snapshot, settings)` makes the files, `write(files, folder)` puts them in place, `withdraw(folder)`
takes them away; `release` does the first two for what changed. Nothing here decides what is public: what is in the
snapshot is. `keep` and `emergency` are what a page is published from when there is no store any more.
"""

from __future__ import annotations

from . import emergency
from .emergency import EmergencyPost
from .etags import etag, matches
from .kept import Kept, keep, read
from .publish import TARGETS, Withheld, current, held, versions_of, withdraw, write
from .release import release
from .settings import SiteSettings
from .site import marks, render
from .told import folder
from .withdrawn import withdrawn

__all__ = [
    "TARGETS",
    "EmergencyPost",
    "Kept",
    "SiteSettings",
    "Withheld",
    "current",
    "emergency",
    "etag",
    "folder",
    "held",
    "keep",
    "marks",
    "matches",
    "read",
    "release",
    "render",
    "versions_of",
    "withdraw",
    "withdrawn",
    "write",
]
