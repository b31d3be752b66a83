"""What is open now: one incident in the middle of things, a small one since yesterday, and the alerts on the wall."""

from __future__ import annotations

from datetime import datetime

from .company import Corvane
from .stage import Stage


def tell(stage: Stage, corvane: Corvane, now: datetime) -> None:
    pass
