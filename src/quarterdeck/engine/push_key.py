"""Tells browsers, by way of the store, which key the engine signs pushes with. The private half never leaves it."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from quarterdeck.app.paging import push_devices
from quarterdeck.channels import read_settings, web_push


def publish_push_key(now: datetime) -> None:
    """A chore: nothing is written while the key is the same."""
    values = settings.QUARTERDECK_CHANNELS.get(web_push.KIND)
    if values:
        push_devices.publish_key(web_push.public_key(read_settings(web_push.KIND, values)), now)
