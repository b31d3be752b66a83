"""Mail that comes in: whole messages, from a mail server's pipe or a provider's inbound parsing. Decides nothing.

The caller shows a token, as a bearer or as the password of a basic login; providers can send nothing else.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse

from quarterdeck.app.comms import returned_mails
from quarterdeck.app.desk import inquiry_mails
from quarterdeck.app.figures import report_mails
from quarterdeck.app.paging import mail_answers
from quarterdeck.channels import email, mail_replies, mail_reports, mail_returned
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.web.callbacks import forged, known, plain, report
from quarterdeck.web.routes import KEY, route

# Where providers put the whole mail and whom it was for: SendGrid ("raw"), Mailgun, Postmark.
_MAILS = ("email", "body-mime", "RawEmail")
_RECIPIENTS = ("recipient", "to", "OriginalRecipient")


@report
def mail_in(request: HttpRequest) -> HttpResponse:
    """200 whatever became of it, so that no provider sends it again; 400 for what is no mail."""
    if not _is_known(request.headers.get("Authorization", "")):
        return forged()
    try:
        raw, recipients = _taken(request)
    except RequestDataTooBig:
        return plain("This mail is too long. Answer without what was quoted or attached.", 413)
    if not raw:
        return plain("There is no mail in this request. Send the whole message as message/rfc822.", 400)
    try:
        told = _told(raw, recipients)
    except Refused as refused:
        return plain(refused.message, 400)
    return JsonResponse({"state": told.state, "text": told.text})


def _told(raw: bytes, recipients: tuple[str, ...]) -> mail_answers.Told | returned_mails.Told:
    """What a mail server says of a mail of ours; a report where it went to the address of those; else an answer."""
    if mail_returned.is_report(raw):
        return returned_mails.take(mail_returned.read(raw, recipients), datetime.now(UTC))
    at, set_up = datetime.now(UTC), known(email.KIND)
    address = str(set_up.get("report_address", ""))
    desk = str(set_up.get("inquiry_address", ""))
    asked = mail_reports.tag_of(raw, recipients, desk) if desk else None
    if asked is not None:
        mail = mail_reports.read(raw, asked, str(set_up.get("trusted_relay", "")))
        return inquiry_mails.take(mail, at, own=(desk, address))
    tag = mail_reports.tag_of(raw, recipients, address) if address else None
    if tag is None:
        return mail_answers.take(mail_replies.read(raw, recipients), at)
    mail = mail_reports.read(raw, tag, str(set_up.get("trusted_relay", "")))
    return report_mails.take(mail, at, own=(address,))


def _is_known(authorization: str) -> bool:
    wanted = str(known(email.KIND).get("inbound_token", ""))
    scheme, _, given = authorization.partition(" ")
    if scheme.lower() == "basic":
        try:
            given = base64.b64decode(given, validate=True).decode().partition(":")[2]
        except (binascii.Error, ValueError):
            return False
    elif scheme.lower() != "bearer":
        return False
    return bool(wanted) and hmac.compare_digest(wanted.encode(), given.strip().encode("utf-8", "replace"))


def _taken(request: HttpRequest) -> tuple[bytes, tuple[str, ...]]:
    """The mail, and the recipients of its envelope where the caller says them."""
    kind = (request.content_type or "").lower()
    if kind == "application/json":
        return _from_json(request.body)
    if kind not in ("multipart/form-data", "application/x-www-form-urlencoded"):
        return request.body, tuple(request.headers.get("X-Recipient", "").split(",")[:5])
    files = {name: f.read() for name, f in request.FILES.items() if not isinstance(f, list)}
    mails = [
        *(files[n] for n in _MAILS if n in files),
        *(request.POST[n].encode() for n in _MAILS if n in request.POST),
    ]
    named = [request.POST[n] for n in _RECIPIENTS if n in request.POST]
    return (mails[0] if mails else b""), (*named, *_envelope(request.POST.get("envelope", "")))


def _from_json(body: bytes) -> tuple[bytes, tuple[str, ...]]:
    told = _json(body)
    raw = next((told[n] for n in _MAILS if isinstance(told.get(n), str)), "")
    return raw.encode("utf-8", "replace"), tuple(str(told[n])[:1000] for n in _RECIPIENTS if n in told)


def _envelope(text: str) -> tuple[str, ...]:
    to = _json(text.encode("utf-8", "replace")).get("to")
    return tuple(str(x)[:1000] for x in to[:5]) if isinstance(to, list) else ()


def _json(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


ROUTES = [route("callbacks/mail", mail_in, name="mail-in", permission=KEY)]
