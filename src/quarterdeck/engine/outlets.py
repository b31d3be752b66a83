"""Every channel with this installation's settings, behind one `send`. Made once in the engine; nobody else sends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.conf import settings

from quarterdeck.channels import channels, console, deliver, loopback, read_settings
from quarterdeck.channels.guard import DRILL_STAYS
from quarterdeck.channels.outcome import GaveUp, Outcome, Outgoing, Sent
from quarterdeck.channels.safe_http import SafeClient


class Outlets:
    """`settings.QUARTERDECK_CHANNELS` maps a channel's kind to the values of its `Settings`."""

    def __init__(self) -> None:
        values: Mapping[str, Mapping[str, Any]] = settings.QUARTERDECK_CHANNELS
        self._settings = {kind: read_settings(kind, values.get(kind, {})) for kind in channels()}
        self._http = SafeClient(allow=settings.QUARTERDECK_ALLOW_TARGETS)
        self._outside = SafeClient(allow=settings.QUARTERDECK_SUBSCRIBER_TARGETS)

    def send(self, kind: str, outgoing: Outgoing) -> Outcome:
        """One attempt on one channel. Safe to call from several threads."""
        if kind == loopback.NAME_IN_OUTBOX:
            return loopback.take(outgoing)
        if outgoing.drill and not outgoing.practice and kind != console.KIND:
            return self._show(kind, outgoing)
        found = self._settings.get(kind)
        if found is None:
            return GaveUp(f"There is no channel {kind!r} in this installation.")
        outcome = deliver(kind, outgoing, found, self._outside if outgoing.outside else self._http)
        stays = outgoing.drill and isinstance(outcome, GaveUp) and outcome.why == DRILL_STAYS
        return self._show(kind, outgoing) if stays else outcome

    def _show(self, kind: str, outgoing: Outgoing) -> Outcome:
        """A drill never leaves the building: the console shows what would have gone out, and to whom."""
        by = channels()[kind].NAME if kind in channels() else kind
        shown = replace(outgoing, facts=(*outgoing.facts, ("Would have gone by", f"{by} to {outgoing.to}")))
        outcome = deliver(console.KIND, shown, self._settings[console.KIND], self._http)
        return Sent(outcome.provider_id, DRILL_STAYS) if isinstance(outcome, Sent) else outcome
