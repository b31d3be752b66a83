"""Where the synthetic page arrives: nowhere but here. No contact can name it, and nothing leaves the process."""

from __future__ import annotations

from .outcome import Outcome, Outgoing, Sent

# Not a KIND: the registry of channels does not list it, so nobody can choose it.
NAME_IN_OUTBOX = "loopback"


def take(outgoing: Outgoing) -> Outcome:
    """Accepted at once; that it was is recorded as for any other delivery."""
    return Sent(f"loopback:{outgoing.key}"[:300], "came back")
