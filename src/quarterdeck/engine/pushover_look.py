"""Asks Pushover once a minute what became of urgent pages, and has it stop what is answered; beside the engine."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections, connection

from quarterdeck.app.paging import receipt_polls
from quarterdeck.channels import pushover, read_settings
from quarterdeck.channels.safe_http import SafeClient
from quarterdeck.core.kernel.refused import Refused

log = structlog.get_logger("engine")


class PushoverLook:
    """A chore: once a minute it starts a round when the one before is over. Pushover wants five seconds between two
    questions about one page; a round asks about each once.
    """

    def __init__(self) -> None:
        self._asking: threading.Thread | None = None

    def __call__(self, now: datetime) -> None:
        if not settings.QUARTERDECK_CHANNELS.get(pushover.KIND, {}).get("token"):
            return
        if self._asking is not None and self._asking.is_alive():
            return
        pages = receipt_polls.open_receipts(now)
        if pages:
            # A provider that hangs must not keep the engine waiting.
            self._asking = threading.Thread(target=self._round, args=(pages,), name="pushover", daemon=True)
            self._asking.start()

    def wait(self, seconds: float) -> None:
        """Until the round is over."""
        if self._asking is not None:
            self._asking.join(seconds)

    def _round(self, pages: list[receipt_polls.Open]) -> None:
        try:
            ask_about(pages)
        except (OperationalError, InterfaceError, Refused) as e:
            log.error("receipts of pushover", error=repr(e))
        finally:
            connection.close()


def ask_about(pages: list[receipt_polls.Open]) -> None:
    """One round. The first question without an answer ends it: the next minute comes soon."""
    chosen = read_settings(pushover.KIND, settings.QUARTERDECK_CHANNELS[pushover.KIND])
    http = SafeClient(allow=settings.QUARTERDECK_ALLOW_TARGETS)
    for page in pages:
        if page.answered:
            if not pushover.stop(page.receipt, chosen, http):
                return
            close_old_connections()
            receipt_polls.stopped(page, datetime.now(UTC))
            continue
        receipt = pushover.ask(page.receipt, chosen, http)
        if receipt is None:
            return
        if receipt.over:
            close_old_connections()
            receipt_polls.learn(page, receipt, datetime.now(UTC))
