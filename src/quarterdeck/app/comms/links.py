"""Signed links in messages: they open one page for one recipient and need no login. GET shows, POST acts."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode

from django.conf import settings


def token(purpose: str, ref: str) -> str:
    """An unguessable token bound to a purpose ("callout") and one row (256-bit HMAC, cut to 192)."""
    return _signed(settings.QUARTERDECK_LINK_KEY, purpose, ref)


def holds(purpose: str, ref: str, given: str) -> bool:
    """Whether a token belongs to this purpose and row, in constant time; one that a former key signed does, too."""
    keys = (settings.QUARTERDECK_LINK_KEY, *settings.QUARTERDECK_LINK_KEYS_BEFORE)
    answer = given.encode("utf-8", "replace")
    return any([hmac.compare_digest(_signed(key, purpose, ref).encode(), answer) for key in keys])


def _signed(key: str, purpose: str, ref: str) -> str:
    digest = hmac.new(key.encode(), f"{purpose}\n{ref}".encode(), hashlib.sha256).digest()
    return urlsafe_b64encode(digest[:24]).decode()


def callout_url(callout_id: str) -> str:
    """The page that acknowledges a callout."""
    return f"{settings.QUARTERDECK_PUBLIC_URL}/c/{callout_id}/{token('callout', callout_id)}/"


def incident_url(incident_id: str) -> str:
    return f"{settings.QUARTERDECK_PUBLIC_URL}/incidents/{incident_id}"


def review_url(incident_id: str) -> str:
    return f"{settings.QUARTERDECK_PUBLIC_URL}/reviews/{incident_id}"


def strategic_url(incident_id: str) -> str:
    """The part of a review that is for executives."""
    return f"{review_url(incident_id)}/strategic"


def alert_url(alert_id: str) -> str:
    return f"{settings.QUARTERDECK_PUBLIC_URL}/alerts/{alert_id}"


def problem_url(problem_id: str) -> str:
    return f"{settings.QUARTERDECK_PUBLIC_URL}/problems/{problem_id}"
