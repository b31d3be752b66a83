"""Reports of Twilio: whether texts and calls arrived, the keys people press, and the texts they answer with."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse

from quarterdeck.app.paging import receipts, remote_answers
from quarterdeck.channels import sms_twilio, twilio, voice_twilio
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.web.callbacks import forged, form_of, known, public_address, report
from quarterdeck.web.routes import KEY, route

_XML = "text/xml; charset=utf-8"
_LOST = {
    "failed": "could not be made",
    "busy": "was busy",
    "no-answer": "was not answered",
    "canceled": "was cancelled",
    "undelivered": "was not delivered",
}


@report
def message(request: HttpRequest) -> HttpResponse:
    """What became of a text message."""
    if not _is_signed(request, sms_twilio.KIND):
        return forged()
    word = request.POST.get("MessageStatus", "")
    _receive(
        request, sms_twilio.KIND, request.POST.get("MessageSid", ""), word, word == "delivered", "The text"
    )
    return HttpResponse(status=204)


@report
def call(request: HttpRequest) -> HttpResponse:
    """What became of a telephone call."""
    if not _is_signed(request, voice_twilio.KIND):
        return forged()
    word = request.POST.get("CallStatus", "")
    _receive(
        request, voice_twilio.KIND, request.POST.get("CallSid", ""), word, word == "completed", "The call"
    )
    return HttpResponse(status=204)


@report
def key(request: HttpRequest) -> HttpResponse:
    """The key that was pressed in a call; the answer is what the voice says next."""
    if not _is_signed(request, voice_twilio.KIND):
        return forged()
    row = receipts.find(request.GET.get("key", ""), [voice_twilio.KIND])
    if row is None or not row.callout_id:
        return _voice("This page is not known any more. Goodbye.")
    pressed, at = request.POST.get("Digits", ""), datetime.now(UTC)
    try:
        if pressed in (voice_twilio.ACKNOWLEDGE, voice_twilio.PASS_ON):
            remote_answers.must_be_proved(row)
        if pressed == voice_twilio.ACKNOWLEDGE:
            remote_answers.acknowledge(row.callout_id, at, "phone")
            return _voice("Acknowledged. It is yours. Goodbye.")
        if pressed == voice_twilio.PASS_ON:
            passed = remote_answers.pass_on(row.callout_id, at, "phone")
            told = (
                "Passed on. The next person is called now."
                if passed
                else "There is nobody after you. It stays with you."
            )
            return _voice(f"{told} Goodbye.")
    except Refused as refused:
        return _voice(f"{refused.message} Goodbye.")
    return _ask_again(request)


@report
def reply(request: HttpRequest) -> HttpResponse:
    """A text message that somebody sent to the sender's number."""
    values = known(sms_twilio.KIND)
    if not _is_signed(request, sms_twilio.KIND) or values.get("replies") is False:
        return forged()
    try:
        number = sms_twilio.check_address(request.POST.get("From", ""))
        found = remote_answers.by_code(
            number, request.POST.get("Body", "")[:1000], [sms_twilio.KIND], datetime.now(UTC)
        )
        said = f"Acknowledged: {found.subject}"
    except Refused as refused:
        said = refused.message
    text = voice_twilio.xml_text(said[:300])
    return HttpResponse(f"<Response><Message>{text}</Message></Response>", content_type=_XML)


def _receive(request: HttpRequest, kind: str, sid: str, word: str, arrived: bool, what: str) -> None:
    if not sid or not (arrived or word in _LOST):
        return
    code = request.POST.get("ErrorCode", "")
    told = f" (error {code})" if len(code) < 10 and code.isascii() and code.isdigit() and int(code) else ""
    advice = twilio.hint(int(code)) if told else ""
    # An answering machine takes a call too: without a key pressed nothing is acknowledged.
    well = "was taken" if kind == voice_twilio.KIND else "arrived"
    detail = f"{what} {well}." if arrived else f"{what} {_LOST[word]}{told}. {advice}".strip()
    verdict: receipts.Word = "delivered" if arrived else "undelivered"
    receipts.record(request.GET.get("key", ""), kind, sid, verdict, detail, datetime.now(UTC))


def _is_signed(request: HttpRequest, kind: str) -> bool:
    given = request.headers.get("X-Twilio-Signature", "")
    return twilio.is_signed(
        known(kind).get("auth_token", ""), public_address(request), form_of(request), given
    )


def _voice(text: str) -> HttpResponse:
    return HttpResponse(f"<Response>{_say(text)}<Hangup/></Response>", content_type=_XML)


def _ask_again(request: HttpRequest) -> HttpResponse:
    values = known(voice_twilio.KIND)
    asked = voice_twilio.gather(
        voice_twilio.CHOICE, public_address(request), values.get("language", "en-GB"), values.get("voice", "")
    )
    return HttpResponse(f"<Response>{asked}{_say('Nobody answered. Goodbye.')}</Response>", content_type=_XML)


def _say(text: str) -> str:
    values = known(voice_twilio.KIND)
    return voice_twilio.say(text, values.get("language", "en-GB"), values.get("voice", ""))


ROUTES = [
    route("callbacks/twilio/message", message, name="twilio-message", permission=KEY),
    route("callbacks/twilio/call", call, name="twilio-call", permission=KEY),
    route("callbacks/twilio/key", key, name="twilio-key", permission=KEY),
    route("callbacks/twilio/reply", reply, name="twilio-reply", permission=KEY),
]
