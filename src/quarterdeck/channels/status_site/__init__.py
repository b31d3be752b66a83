"""A published status page as static files that any web server, bucket or second host can serve.

`render(snapshot, settings)` makes the files, `write(files, folder)` puts them in place, `withdraw(folder)`
takes them away. Nothing here decides what is public: what is in the snapshot is.
"""

from __future__ import annotations

from .etags import etag, matches
from .publish import withdraw, write
from .settings import SiteSettings
from .site import marks, render
from .told import folder

__all__ = ["SiteSettings", "etag", "folder", "marks", "matches", "render", "withdraw", "write"]
