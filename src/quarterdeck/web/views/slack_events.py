"""What Slack reports of channels, and lines typed after /qd there. What takes longer than an answer the engine does."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse, JsonResponse

from quarterdeck.app.chat import chat_commands, chat_inbound
from quarterdeck.channels import chat, slack
from quarterdeck.core.kernel.text import clean
from quarterdeck.web.callbacks import forged, known, plain, report
from quarterdeck.web.routes import KEY, route

_MOST = 3000


def _is_slack(request: HttpRequest, at: datetime) -> bool:
    timestamp = request.headers.get("X-Slack-Request-Timestamp", "")
    given = request.headers.get("X-Slack-Signature", "")
    secret = known(slack.KIND).get("signing_secret", "")
    return slack.is_signed(secret, timestamp, request.body, given, at.timestamp())


@report
def events(request: HttpRequest) -> HttpResponse:
    """One report. Slack sends it again where it is not answered within three seconds; it counts once."""
    at = datetime.now(UTC)
    if not _is_slack(request, at):
        return forged()
    try:
        payload = json.loads(request.body)
    except (ValueError, RecursionError):
        return plain("This is no report of an event.", 400)
    if not isinstance(payload, dict):
        return plain("This is no report of an event.", 400)
    if payload.get("type") == "url_verification":
        return plain(clean(str(payload.get("challenge", "")))[:200], 200)
    event, event_id = payload.get("event"), payload.get("event_id")
    if (
        payload.get("type") != "event_callback"
        or not isinstance(event, dict)
        or not isinstance(event_id, str)
    ):
        return plain("This is no report of an event.", 400)
    chat_inbound.take(clean(event_id)[:60], event, at)
    return HttpResponse(status=200)


@report
def command(request: HttpRequest) -> HttpResponse:
    """A line after /qd. Only whoever typed it reads the answer."""
    at = datetime.now(UTC)
    if not _is_slack(request, at):
        return forged()
    said = request.POST
    text = chat_commands.carry_out(
        clean(said.get("user_id", ""))[:40],
        clean(said.get("channel_id", ""))[:40],
        said.get("text", ""),
        # Slack's own; the signature's time tells two lines apart where there is none.
        clean(said.get("trigger_id", ""))[:80] or request.headers.get("X-Slack-Signature", "")[:80],
        at,
    )
    shown = chat.escape(text[:_MOST], "slack")
    return JsonResponse({"response_type": "ephemeral", "text": shown})


ROUTES = [
    route("callbacks/slack/events", events, name="slack-events", permission=KEY),
    route("callbacks/slack/commands", command, name="slack-commands", permission=KEY),
]
