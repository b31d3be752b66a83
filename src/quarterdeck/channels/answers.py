"""What an HTTP answer means for a delivery: accepted, try again, or never again. Never quotes its body."""

from __future__ import annotations

import json
from typing import Any

from .outcome import GaveUp, Retry, Sent
from .safe_http import Reply, Unreached

_TRY_AGAIN = frozenset({408, 425, 429})


def judge(reply: Reply, name: str, provider_id: str = "") -> Sent | Retry | GaveUp:
    """2xx is Sent; 408, 425, 429 and 5xx are Retry (after Retry-After); everything else can never work."""
    if 200 <= reply.status < 300:
        return Sent(provider_id, reply.shown)
    if reply.status in _TRY_AGAIN or reply.status >= 500:
        return Retry(f"{name} answered {reply.status}", reply.retry_after_seconds)
    if reply.status == 410:
        told = f"{name} answered 410: this address is gone. Remove it or set it up again."
        return GaveUp(told, gone=True)
    if 300 <= reply.status < 400:
        return GaveUp(
            f"{name} answered with a redirect ({reply.status}), which is not followed. Use the final address."
        )
    return GaveUp(f"{name} answered {reply.status}. Check the address and the secret.")


def unreached(failed: Unreached, name: str) -> Retry:
    """No answer: try again; ambiguous when the request may have arrived."""
    return Retry(f"{name}: {failed.why}", ambiguous=failed.ambiguous)


def told(body: bytes) -> Any:
    """The JSON of an answer; None where it is none, or is nested so deep that it is an attack."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
