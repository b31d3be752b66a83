"""What the files of a signed record are called and how its manifest looks, for whoever writes or proves one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

FORMAT = 1
EVENTS, MANIFEST, SIGNATURE = "events.jsonl", "manifest.json", "signature.json"
ATTACHMENTS = "attachments/"
ALGORITHM = "Ed25519"


def as_json(value: Mapping[str, Any]) -> bytes:
    """JSON in its one form: sorted, indented, UTF-8, a line end at the end."""
    return (json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False) + "\n").encode()
