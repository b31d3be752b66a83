"""What an engine looks after once a minute, each for itself: one that fails never keeps the others from their turn."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from datetime import datetime

from django.conf import settings

from quarterdeck.app.catalog import catalogue
from quarterdeck.app.chat import chat_inbound
from quarterdeck.app.learning import overdue
from quarterdeck.app.oncall import coverage, handoff
from quarterdeck.app.paging import paid_sends, rehearsals
from quarterdeck.app.upkeep import key_ids, retention

from .absence_calendars import AbsenceCalendars
from .mail_look import MailLook
from .push_key import publish_push_key
from .pushover_look import PushoverLook
from .snapshot import write_snapshot
from .standing_channels import StandingChannels


def watch_catalogue(now: datetime) -> None:
    """Files that cannot be read are an alarm; those that can are kept for the day they cannot."""
    catalogue.watch(now, socket.gethostname())


def watch_keys(now: datetime) -> None:
    """Keys that were lost, or that another machine has, are an alarm."""
    key_ids.watch(now, socket.gethostname(), settings.QUARTERDECK_KEY_IDS)


CHORES: Sequence[Callable[[datetime], object]] = (
    write_snapshot, watch_catalogue, watch_keys, retention.tidy, MailLook(), coverage.Daily(), handoff.look,
    AbsenceCalendars(), rehearsals.Monthly(), publish_push_key, PushoverLook(),
    paid_sends.look, StandingChannels(), overdue.Weekly(), chat_inbound.tidy,
)  # fmt: skip
