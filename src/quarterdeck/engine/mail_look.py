"""Asks the mail server now and then whether it would take a mail, beside the engine's work. Sends none."""

from __future__ import annotations

import threading
from datetime import datetime

from django.conf import settings

from quarterdeck.app.comms import mail_server
from quarterdeck.channels import email, read_settings


class MailLook:
    """A chore: called once a minute, it starts a question when one is due and writes down what came of the last."""

    def __init__(self) -> None:
        self._due: datetime | None = None
        self._answer: tuple[str, str] | None = None
        self._asking: threading.Thread | None = None

    def __call__(self, now: datetime) -> None:
        values = settings.QUARTERDECK_CHANNELS.get(email.KIND, {})
        if self._answer is not None:
            why, where = self._answer
            self._answer = None
            mail_server.keep(why, where, now)
        if not values.get("host") or (self._asking is not None and self._asking.is_alive()):
            return
        if self._due is None or now >= self._due:
            self._due = now + mail_server.EVERY
            # A server that hangs must not keep the engine waiting.
            self._asking = threading.Thread(
                target=self._ask, args=(read_settings(email.KIND, values),), name="mail", daemon=True
            )
            self._asking.start()

    def _ask(self, chosen: email.Settings) -> None:
        self._answer = (email.look(chosen), f"{chosen.host}:{chosen.port}")
