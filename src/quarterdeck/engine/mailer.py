"""Hands messages to many over to the mail server beside the engine's cycle, in a thread of its own: no page waits.

Each batch is claimed, with its attempts written down, before any of it is handed over. At a kill only the batch in hand
is unclear. A relay that takes nothing is left alone for a while; what it had not begun counts as no attempt.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connections

from quarterdeck.app.comms import ledger
from quarterdeck.app.paging import pause
from quarterdeck.channels import dkim, email, read_settings
from quarterdeck.channels.mail_message import Sender, check_address
from quarterdeck.channels.mail_template import Slots, Template
from quarterdeck.channels.outcome import Outgoing
from quarterdeck.channels.smtp_lanes import Lanes, Mail
from quarterdeck.core.kernel.refused import Refused

# How long a relay that takes nothing is left alone: at first, and at most.
FIRST_SECONDS, MOST_SECONDS = 5.0, 60.0


class Mailer:
    """`clock` says the moment that is written down; `look` begins when something waits and nothing is under way."""

    def __init__(
        self, clock: Callable[[], datetime], node: str, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock, self._node, self._monotonic = clock, node, monotonic
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="mailer")
        self._under_way: Future[int] | None = None
        self._stop = threading.Event()
        self._resting_until = 0.0
        self._rest = 0.0

    def look(self) -> None:
        """Raises what went wrong with the last time."""
        if self._under_way is not None:
            if not self._under_way.done():
                return
            done, self._under_way = self._under_way, None
            done.result()
        if self._monotonic() >= self._resting_until and ledger.running() and not pause.standing():
            self._under_way = self._pool.submit(self._work)

    def _work(self) -> int:
        try:
            return self.run()
        finally:
            connections.close_all()

    def run(self) -> int:
        """Until nothing can be handed over now; returns how many mails the server took."""
        try:
            how = _settings()
            run = _Run(how, self._node, self._clock, self._monotonic)
        except Refused as refused:
            self._left_alone(refused.message)
            return 0
        try:
            while not self._stop.is_set() and not pause.standing() and run.step():
                pass
        finally:
            run.lanes.close()
        if run.trouble:
            self._left_alone(run.trouble)
        else:
            self._rest = 0.0
        return run.taken

    def _left_alone(self, why: str) -> None:
        self._rest = min(max(FIRST_SECONDS, self._rest * 2), MOST_SECONDS)
        self._resting_until = self._monotonic() + self._rest
        ledger.say_all(why)

    def close(self) -> None:
        self._stop.set()
        self._pool.shutdown(wait=True)


def _settings() -> email.Settings:
    values: dict[str, Any] = settings.QUARTERDECK_CHANNELS.get(email.KIND, {})
    found: email.Settings = read_settings(email.KIND, values)
    if not found.host or not found.from_address:
        raise Refused("mail.unset", "No mail server is set up. Enter its host and the sender's address.")
    return found


class _Run:
    """One stretch of work over the same connections."""

    def __init__(
        self, how: email.Settings, node: str, clock: Callable[[], datetime], monotonic: Callable[[], float]
    ) -> None:
        self._how, self._node, self._clock, self._monotonic = how, node, clock, monotonic
        self._sender = Sender(check_address(how.from_address), how.from_name)
        self._key = dkim.load(how.dkim_domain, how.dkim_selector, how.dkim_key_file)
        self._templates: dict[str, Template] = {}
        self._free_at = monotonic()
        self.lanes = Lanes(email.server_of(how), how.bulk_connections)
        self.trouble = ""
        self.taken = 0

    def step(self) -> bool:
        """One batch. False: nothing more can be handed over now."""
        rate = self._how.bulk_per_second
        wait = self._free_at - self._monotonic()
        if wait > 0:
            time.sleep(min(wait, 0.5))
            return True
        batch = ledger.claim(self._node, self._clock(), min(ledger.BATCH, rate) if rate else ledger.BATCH)
        if batch is None:
            return False
        if not batch.rows:
            return True
        answers = self.lanes.hand_over(self._mails(batch))
        ledger.record(
            batch, [(r, answers[r.id].what, answers[r.id].words) for r in batch.rows], self._clock()
        )
        took = sum(a.what == "taken" for a in answers.values())
        self.taken += took
        if rate:
            self._free_at = max(self._free_at, self._monotonic() - 1.0) + len(batch.rows) / rate
        self.trouble = self.lanes.trouble if not took else ""
        if not self.trouble:
            ledger.say(batch.mailing.id, "")
        return not self.trouble

    def _mails(self, batch: ledger.Batch) -> list[Mail]:
        """What cannot be written was not handed over: it counts as no attempt, and does not stand before others."""
        mails: list[Mail] = []
        try:
            mails = [self._mail(batch, row) for row in batch.rows]
        finally:
            if not mails:
                why = "The mail could not be written."
                ledger.record(batch, [(r, "untouched", why) for r in batch.rows], self._clock())
        return mails

    def _mail(self, batch: ledger.Batch, row: ledger.Taken) -> Mail:
        message = batch.mailing
        template = self._templates.get(message.id)
        if template is None:
            template = self._templates[message.id] = self._template(batch)
        subscriber = row.contact_id if message.audience == "subscribers" else ""
        path = ledger.unsubscribe_path(row.id, subscriber) if message.public else ""
        url = settings.QUARTERDECK_PUBLIC_URL + path if path else ""
        name = ledger.message_name(row.id, self._sender.domain)
        data = template.mail(Slots(row.address, row.name, name, url))
        return Mail(row.id, self._envelope(name), row.address, data)

    def _envelope(self, name: str) -> str:
        """Where what cannot be delivered goes: with a bounce address each mail has one of its own."""
        local, _, domain = self._how.bounce_address.rpartition("@")
        return f"{local}+{name[1:].partition('@')[0]}@{domain}" if local else self._sender.address

    def _template(self, batch: ledger.Batch) -> Template:
        message, body = batch.mailing, batch.mailing.body
        outgoing = Outgoing(
            key=message.id, to="", subject=body.get("subject", ""), text=body.get("text", ""),
            facts=tuple((label, value) for label, value in body.get("facts", [])), thread=body.get("thread", ""),
            urgency="low", kind="message", at=message.frozen_at,
            link=body.get("link", ""), link_label=body.get("link_label", ""), data=body.get("data", {}),
        )  # fmt: skip
        return Template(
            outgoing, self._sender.speaking(outgoing), message.frozen_at, with_link=message.public,
            reply_to=email.answers_to(self._how, outgoing), key=self._key,
        )  # fmt: skip
