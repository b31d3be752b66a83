"""Incoming webhooks of other people's workspaces: only at the hosts of their maker, and gone when it says so."""

from __future__ import annotations

from quarterdeck.core.kernel.refused import bad

from .outcome import GaveUp
from .safe_http import Reply, parse_target


def check(url: str, hosts: str, example: str) -> None:
    """`hosts` are names separated by commas; one with a dot before it stands for everything below. Raises Refused."""
    host = parse_target(url).host
    allowed = [h.strip().lower() for h in hosts.split(",") if h.strip()]
    if not any(host == a.lstrip(".") or (a.startswith(".") and host.endswith(a)) for a in allowed):
        raise bad("hook.host", f"This is no incoming webhook of theirs. It looks like {example}")


def judge(reply: Reply, name: str) -> GaveUp | None:
    """What only such an address says: that it was taken away."""
    if reply.status in (404, 410):
        return GaveUp(f"{name} answered {reply.status}: this webhook was taken away.", gone=True)
    return None
