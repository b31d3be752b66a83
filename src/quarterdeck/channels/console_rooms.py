"""An incident's channel where there is no chat program: the demo's. Every step succeeds; none leaves the machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .outcome import GaveUp, Outcome, Outgoing, Sent
from .slack_rooms import STEP

PROGRAM = "console"


def act(outgoing: Outgoing) -> Outcome:
    """One step, answered as a chat program would: whoever is invited comes, and whoever left stays away."""
    asked = outgoing.data.get(STEP)
    if not isinstance(asked, Mapping):
        return GaveUp("This is no step for a channel.")
    told: dict[str, dict[str, Any]] = {
        "open": {
            "room": f"console-{asked.get('name', '')}"[:40],
            "name": asked.get("name", ""),
            "own": "",
            "url": "",
        },
        "card": {"topic": asked.get("topic", ""), "lacks": []},
        "invite": {"invited": dict.fromkeys(asked.get("members", ()), "")},
        "look": {"members": None, "names": {}},  # as it is known already
        "fetch": {"text": ""},
        "archive": {"done": True},
        "readers": {"set": bool(asked.get("posters")), "why": ""},
        "kick": {"gone": asked.get("member", "")},
        "unarchive": {"back": True},
    }
    found = told.get(str(asked.get("step")))
    return Sent(told=found) if found is not None else GaveUp("This is no step for a channel.")
