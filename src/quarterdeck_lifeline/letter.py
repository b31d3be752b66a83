"""What the lifeline knows and writes: the signed snapshot in, plain mails out, one recipient each."""

from __future__ import annotations

import hashlib
import hmac
import json
import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Mail:
    """The lifeline's own mail server. `to` are people who are told besides those on duty."""

    host: str
    sender: str
    port: int = 587
    username: str = ""
    password: str = field(default="", repr=False)
    security: str = "starttls"  # starttls | tls | none
    to: list[str] = field(default_factory=list)

    def recipients(self, snapshot: Mapping[str, Any]) -> list[str]:
        """Everybody who is told, each once."""
        named = [str(duty.get("email", "")) for duty in snapshot.get("on_call", ())]
        return [a for a in dict.fromkeys([*self.to, *named]) if a and not set("\r\n\0") & set(a)]


def read_snapshot(path: Path, key: str) -> Mapping[str, Any] | None:
    """The state the product wrote last; None when it is missing, cut off, or not signed with our key."""
    try:
        file = json.loads(path.read_text(encoding="utf-8"))
        body, mark = file["body"], file["mark"]
        if not hmac.compare_digest(hmac.new(key.encode(), body.encode(), hashlib.sha256).hexdigest(), mark):
            return None
        snapshot: Mapping[str, Any] = json.loads(body)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return snapshot


def alarm(watched: str, silent_seconds: float, snapshot: Mapping[str, Any]) -> tuple[str, str]:
    """Subject and text that tell people that nobody is paged, what was open, and who was on duty."""
    incidents = [f"- {i['id']} {i['severity']} {i['title']}" for i in snapshot.get("incidents", ())]
    alerts = [f"- {a['severity']}: {a['summary']}" for a in list(snapshot.get("alerts", ()))[:20]]
    duties = [
        f"- {d['schedule']}: {d['person']}, {d.get('phone') or 'no telephone number'}, {d['email']}"
        for d in snapshot.get("on_call", ())
    ]
    lines = [
        f"Quarterdeck has not answered for {int(silent_seconds)} s ({watched}).",
        "While it is silent, nobody is paged. Look at the server, and watch your alert sources yourself.",
        f"What it knew last is from {snapshot.get('written_at', 'an unknown time')}.",
        *("", "On duty:", *(duties or ["- nobody known"])),
        *("", "Open incidents:", *(incidents or ["- none known"])),
        *("", "Open alerts:", *(alerts or ["- none known"])),
    ]
    return "Quarterdeck is silent: nobody is being paged", "\n".join(lines) + "\n"


def all_clear(watched: str) -> tuple[str, str]:
    """Subject and text that end the alarm."""
    return "Quarterdeck answers again", f"{watched} answers again. What fell due meanwhile goes out now.\n"


def send(mail: Mail, to: str, subject: str, text: str) -> str | None:
    """None once the server took it, else what was wrong, in words."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = mail.sender, to, subject
    message["Date"], message["Auto-Submitted"] = formatdate(), "auto-generated"
    message["Message-ID"] = make_msgid(domain=mail.sender.rpartition("@")[2].strip("> ") or "localhost")
    message.set_content("".join(c for c in text if c == "\n" or c.isprintable()))
    context = ssl.create_default_context()
    try:
        if mail.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(mail.host, mail.port, timeout=20, context=context)
        else:
            server = smtplib.SMTP(mail.host, mail.port, timeout=20)
        with server:
            if mail.security == "starttls":
                server.starttls(context=context)
            if mail.username:
                server.login(mail.username, mail.password)
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as e:
        return str(e) or type(e).__name__
    return None
