"""`/buddy`: the sealed word of this installation to the one that watches it. Without the shared key it says nothing."""

from __future__ import annotations

import json
import time
from typing import Any

from quarterdeck.core.kernel import seals

from .edge_answers import Headers, Receive, Scope, Send, header, tell, tell_json
from .edge_health import Health


def buddy(health: Health, key: str, name: str, security: Headers) -> Any:
    """Name, time and whether we can page; the question's nonce is in the seal, so that no answer serves twice."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        nonce = seals.asked(key, header(scope, b"authorization").decode("latin-1"))
        if nonce is None:
            await tell(send, 401, "Only an installation that shares our key is answered here.", security)
            return
        state = await health.state()
        told = {
            "name": name,
            "at": round(time.time()),
            "well": state.pages,
            "why": state.why,
            "late_seconds": round(state.late_seconds, 1),
        }
        body = json.dumps(told, ensure_ascii=False)
        await tell_json(send, 200, {"body": body, "seal": seals.answer(key, nonce, body.encode())}, security)

    return serve
