"""Buttons pressed in Telegram: acknowledge a page, or pass it on, as the person whose chat pressed."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse, JsonResponse

from quarterdeck.app.paging import remote_answers
from quarterdeck.channels import telegram
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.kernel.text import clean
from quarterdeck.store import models
from quarterdeck.web.callbacks import forged, known, plain, report
from quarterdeck.web.routes import KEY, route


@report
def update(request: HttpRequest) -> HttpResponse:
    """One update of the bot. What is said about a press goes back in the answer itself; all else is left unread."""
    given = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
    if not telegram.is_known(known(telegram.KIND).get("webhook_secret", ""), given):
        return forged()
    try:
        told = json.loads(request.body)
        press = told.get("callback_query")
        if press is None:
            return HttpResponse(status=200)
        id_, user, data = str(press["id"]), str(int(press["from"]["id"])), clean(str(press.get("data", "")))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
        return plain("This is no update of a bot.", 400)
    kind, _, callout_id = data.partition(":")
    text = _answered(kind, callout_id, user, datetime.now(UTC))
    answer = {
        "method": "answerCallbackQuery",
        "callback_query_id": id_[:100],
        "text": text[:200],
        "show_alert": True,
    }
    return JsonResponse(answer)


def _answered(kind: str, callout_id: str, user: str, at: datetime) -> str:
    person = remote_answers.person_of(telegram.KIND, user, callout_id)
    if person is None:
        return f"No account here has confirmed your chat {user} as its contact. Add and confirm it under Settings."
    try:
        if kind == telegram.ACKNOWLEDGE:
            return f"{remote_answers.acknowledge_for(callout_id, person, at, 'chat')} has it."
        callout = models.Callout.objects.filter(id=callout_id).first()
        if kind != telegram.PASS_ON or callout is None or callout.person_id != person.id:
            return "This asks somebody else. Only they can pass it on."
        passed = remote_answers.pass_on(callout_id, at, "chat")
    except Refused as refused:
        return refused.message
    return (
        "Passed on. The next person is called now."
        if passed
        else "There is nobody after you. It stays with you."
    )


ROUTES = [route("callbacks/telegram", update, name="telegram-update", permission=KEY)]
