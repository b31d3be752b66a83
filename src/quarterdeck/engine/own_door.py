"""Sending to our own intake over the network, as any tool would: how the auditor puts something into the journal."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings

from quarterdeck.app.people import keys
from quarterdeck.channels.safe_http import SafeClient, Unreached
from quarterdeck.core.kernel.refused import Refused

SECONDS = 4.0


class OwnDoor:
    """May reach this installation's own web process on this machine, and nothing else."""

    def __init__(self) -> None:
        self._url: str = settings.QUARTERDECK.inside_url
        self._http = SafeClient(allow=[urlsplit(self._url).netloc], user_agent="Quarterdeck auditor")

    def send(self, purpose: str, body: bytes) -> str:
        """Empty once it is durable, else what was wrong, in words."""
        key = keys.own(purpose)
        if not key:
            return "This process holds no key to send with."
        url = f"{self._url}/in/webhook/{key}"
        headers = {"content-type": "application/json"}
        try:
            reply = self._http.request("POST", url, headers=headers, content=body, deadline_seconds=SECONDS)
        except Unreached as failed:
            return f"Our own intake gave no answer: {failed.why}."
        except Refused as refused:
            return f"Our own intake cannot be asked: {refused.message}"
        return "" if 200 <= reply.status < 300 else f"Our own intake answered {reply.status}."
