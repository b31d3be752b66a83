"""A server on loopback that speaks Slack's Web API for messages, and presses buttons as Slack does."""

from __future__ import annotations

import json
import time
from typing import Any

from slack_sdk.models.blocks import Block
from slack_sdk.signature import SignatureVerifier

from support.http_sink import Answer

SECRET = "hush-signing"
TOKEN = "xoxb-hush"


def taken(ts: str = "1700000000.000100") -> Answer:
    return Answer(200, json.dumps({"ok": True, "channel": "D024BE91L", "ts": ts}).encode())


def refused(error: str) -> Answer:
    return Answer(200, json.dumps({"ok": False, "error": error}).encode())


def valid(message: dict[str, Any]) -> list[Block]:
    """The blocks as Slack's own library reads and checks them; it raises for what it would not send."""
    blocks = [Block.parse(b) for b in message["blocks"]]
    for block in blocks:
        assert block is not None
        block.validate_json()
    return blocks  # type: ignore[return-value]


def pressed(
    client: Any,
    action: str,
    value: str,
    user: str,
    *,
    secret: str = SECRET,
    age_seconds: int = 0,
    url: str = "",
) -> Any:
    """The request Slack makes when somebody presses a button, signed by its own library."""
    payload = {
        "type": "block_actions",
        "user": {"id": user, "name": "somebody", "team_id": "T1"},
        "response_url": url,
        "actions": [{"type": "button", "action_id": action, "value": value, "block_id": "b"}],
    }
    from urllib.parse import urlencode

    body = urlencode({"payload": json.dumps(payload)})
    timestamp = str(int(time.time()) - age_seconds)
    signature = SignatureVerifier(secret).generate_signature(timestamp=timestamp, body=body) or ""
    return client.post(
        "/callbacks/slack/interactivity",
        body,
        content_type="application/x-www-form-urlencoded",
        headers={"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": signature},
    )
