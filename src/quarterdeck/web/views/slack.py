"""Buttons pressed in Slack: acknowledge a page, or pass it on, as the person whose member id pressed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse

from quarterdeck.app.paging import remote_answers
from quarterdeck.channels import slack
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.kernel.text import clean
from quarterdeck.store import models
from quarterdeck.web.callbacks import forged, known, plain, report
from quarterdeck.web.routes import KEY, route

_UNKNOWN = (
    "No account here has confirmed your Slack id as its contact. Add and confirm it under Settings: {id}"
)


@report
def interactivity(request: HttpRequest) -> HttpResponse:
    """One press of a button. Slack waits three seconds for an answer; what is said comes later, from the engine."""
    at = datetime.now(UTC)
    timestamp = request.headers.get("X-Slack-Request-Timestamp", "")
    given = request.headers.get("X-Slack-Signature", "")
    secret = known(slack.KIND).get("signing_secret", "")
    if not slack.is_signed(secret, timestamp, request.body, given, at.timestamp()):
        return forged()
    try:
        payload = json.loads(request.POST.get("payload", ""))
        action = payload["actions"][0]
        kind, callout_id, user = (
            clean(str(action["action_id"])),
            clean(str(action.get("value", ""))),
            clean(str(payload["user"]["id"])),
        )
    except (ValueError, KeyError, IndexError, TypeError, RecursionError):
        return plain("This is no press of a button.", 400)
    if kind in (slack.ACKNOWLEDGE, slack.PASS_ON):
        text, to_all = _answered(kind, callout_id, user, at)
        _tell(payload, text, to_all, at)
    return HttpResponse(status=200)


def _answered(kind: str, callout_id: str, user: str, at: datetime) -> tuple[str, bool]:
    """What is said about it, and whether everybody is to read it."""
    person = remote_answers.person_of(slack.KIND, user, callout_id)
    if person is None:
        return _UNKNOWN.format(id=user[:30]), False
    try:
        if kind == slack.ACKNOWLEDGE:
            return f"{remote_answers.acknowledge_for(callout_id, person, at, 'chat')} has it.", True
        callout = models.Callout.objects.filter(id=callout_id).first()
        if callout is None or callout.person_id != person.id:
            return "This asks somebody else. Only they can pass it on.", False
        passed = remote_answers.pass_on(callout_id, at, "chat")
    except Refused as refused:
        return refused.message, False
    if passed:
        return f"{person.name} passed it on. The next person is called now.", True
    return "There is nobody after you. It stays with you.", False


def _tell(payload: dict[str, Any], text: str, to_all: bool, at: datetime) -> None:
    url = payload.get("response_url")
    if isinstance(url, str) and url.startswith("http") and len(url) <= 500:
        remote_answers.tell(slack.KIND, url, text, "all" if to_all else "one", at)


ROUTES = [
    route("callbacks/slack/interactivity", interactivity, name="slack-interactivity", permission=KEY),
]
