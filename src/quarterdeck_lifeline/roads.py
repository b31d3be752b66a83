"""The ways to people: mail, push and webhook. Each is tried once for one recipient, and says what was wrong."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import smtplib
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Any

from .plan import Mail, Ntfy, Plan, Webhook

SECONDS = 15.0


def addresses(plan: Plan, snapshot: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Everybody who is told, each once, as (road, address)."""
    found: list[tuple[str, str]] = []
    if plan.mail is not None:
        found += [("mail", a) for a in plan.mail.recipients(snapshot)]
    if plan.ntfy is not None:
        contacts = [c for d in snapshot.get("on_call", ()) for c in d.get("contacts", ())]
        topics = [
            *plan.ntfy.topics,
            *(str(c.get("address", "")) for c in contacts if c.get("kind") == "ntfy"),
        ]
        found += [("push", t) for t in dict.fromkeys(topics) if t]
    if plan.webhook is not None:
        found.append(("webhook", plan.webhook.url))
    return found


def send_by(plan: Plan, road: str, to: str, subject: str, text: str) -> str | None:
    """None once the other side took it, else what was wrong."""
    if road == "mail" and plan.mail is not None:
        return send(plan.mail, to, subject, text)
    if road == "push" and plan.ntfy is not None:
        return push(plan.ntfy, to, subject, text)
    if road == "webhook" and plan.webhook is not None:
        return post(plan.webhook, subject, text)
    return "there is no such road"


def send(mail: Mail, to: str, subject: str, text: str) -> str | None:
    """One mail to one recipient."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = mail.sender, to, subject
    message["Date"], message["Auto-Submitted"] = formatdate(), "auto-generated"
    message["Message-ID"] = make_msgid(domain=mail.sender.rpartition("@")[2].strip("> ") or "localhost")
    message.set_content("".join(c for c in text if c == "\n" or c.isprintable()))
    context = ssl.create_default_context()
    try:
        if mail.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(mail.host, mail.port, timeout=SECONDS, context=context)
        else:
            server = smtplib.SMTP(mail.host, mail.port, timeout=SECONDS)
        with server:
            if mail.security == "starttls":
                server.starttls(context=context)
            if mail.username:
                server.login(mail.username, mail.password)
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as e:
        return str(e) or type(e).__name__
    return None


def push(ntfy: Ntfy, topic: str, subject: str, text: str) -> str | None:
    """One publish, with the highest priority."""
    body = {
        "topic": topic,
        "title": subject,
        "message": text[:3500],
        "priority": 5,
        "tags": ["rotating_light"],
    }
    headers = {"Authorization": f"Bearer {ntfy.token}"} if ntfy.token else {}
    return _post(ntfy.server, body, headers)


def post(webhook: Webhook, subject: str, text: str) -> str | None:
    """One signed POST."""
    body = {"type": "quarterdeck.lifeline", "data": {"subject": subject, "text": text}}
    return _post(webhook.url, body, {}, webhook.secret)


def _post(url: str, body: object, headers: Mapping[str, str], secret: str = "") -> str | None:
    raw = json.dumps(body, ensure_ascii=False).encode()
    sent = {"Content-Type": "application/json", "User-Agent": "Quarterdeck lifeline", **headers}
    try:
        if secret:
            sent |= _signed(secret, raw)
        request = urllib.request.Request(url, data=raw, headers=sent, method="POST")  # noqa: S310 - the operator's own
        with _opener().open(request, timeout=SECONDS) as answer:
            return None if 200 <= answer.status < 300 else f"it answered {answer.status}"
    except urllib.error.HTTPError as e:
        return f"it answered {e.code}"
    except (OSError, ValueError) as e:
        return str(e) or type(e).__name__


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """What we say is for whom we were told to say it, and for nobody they name."""


def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect())


def _signed(secret: str, body: bytes) -> dict[str, str]:
    """Standard Webhooks' headers."""
    try:
        key = base64.b64decode(secret.removeprefix("whsec_") + "==")
    except binascii.Error:
        raise ValueError("the webhook's secret is not base64") from None
    now = str(int(time.time()))
    name = f"lifeline-{hashlib.sha256(now.encode() + body).hexdigest()[:24]}"
    seal = base64.b64encode(hmac.digest(key, f"{name}.{now}.".encode() + body, "sha256")).decode()
    return {"webhook-id": name, "webhook-timestamp": now, "webhook-signature": f"v1,{seal}"}
