"""Every channel with this installation's settings, behind one `send`. Made once in the engine; nobody else sends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from quarterdeck.channels import channels, deliver, read_settings
from quarterdeck.channels.outcome import GaveUp, Outcome, Outgoing
from quarterdeck.channels.safe_http import SafeClient


class Outlets:
    """`settings.QUARTERDECK_CHANNELS` maps a channel's kind to the values of its `Settings`."""

    def __init__(self) -> None:
        values: Mapping[str, Mapping[str, Any]] = settings.QUARTERDECK_CHANNELS
        self._settings = {kind: read_settings(kind, values.get(kind, {})) for kind in channels()}
        self._http = SafeClient(allow=settings.QUARTERDECK_ALLOW_TARGETS)

    def send(self, kind: str, outgoing: Outgoing) -> Outcome:
        """One attempt on one channel. Safe to call from several threads."""
        found = self._settings.get(kind)
        if found is None:
            return GaveUp(f"There is no channel {kind!r} in this installation.")
        return deliver(kind, outgoing, found, self._http)
