"""What a target is given to do its work with, and how it says that it could not."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..safe_http import SafeClient

MANIFEST = "quarterdeck-files.json"
# How long the list of a page of many years may be.
MANIFEST_BYTES = 32 * 1024 * 1024
TEST_FILE = "quarterdeck-test.txt"
# How long one publication may take: the first one of a long history is thousands of files.
PUSH_SECONDS = 600.0
TEST_SECONDS = 30.0


class Failed(Exception):
    """It did not work; `why` is for whoever set the target up. The target still shows the last whole page."""

    def __init__(self, why: str, retry_after_seconds: float | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.retry_after_seconds = retry_after_seconds


@dataclass(frozen=True, slots=True)
class Errand:
    """`version` is the folder of a published version, which does not change (where the page is taken away an empty one
    to work in); `scratch` a folder of the target's own.

    `local` are the folders of this machine that the operator allows targets to lie under. `withdraws`: the version says
    that the page is not public any more, and nothing of it may be left as far as that can be done.
    """

    settings: Any
    secret: str = field(repr=False)
    version: Path
    scratch: Path
    http: SafeClient
    local: tuple[str, ...] = ()
    withdraws: bool = False
