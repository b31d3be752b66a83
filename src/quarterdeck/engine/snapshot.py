"""What the lifeline needs when everything else is gone: who is on call and what is open, as one file a minute.

Signed, so that a half-written or foreign file is never believed; replaced in one step.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from datetime import datetime
from pathlib import Path

from django.conf import settings

from quarterdeck.app.oncall.roster import roster
from quarterdeck.core.kernel.moments import text


def write_snapshot(now: datetime) -> Path:
    """Write `<data>/lifeline/snapshot.json`; returns its path."""
    folder = Path(settings.QUARTERDECK_DATA) / "lifeline"
    folder.mkdir(parents=True, exist_ok=True)
    body = json.dumps({"written_at": text(now), **roster(now)}, ensure_ascii=False, sort_keys=True)
    key = settings.QUARTERDECK_LINK_KEY.encode()
    mark = hmac.new(key, body.encode(), hashlib.sha256).hexdigest()
    path = folder / "snapshot.json"
    fresh = folder / "snapshot.json.new"
    fresh.unlink(missing_ok=True)
    # Numbers and addresses of people: never readable by others, not even for a moment.
    with os.fdopen(
        os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
    ) as file:
        file.write(json.dumps({"mark": mark, "body": body}))
    fresh.replace(path)
    return path
