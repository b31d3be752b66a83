"""What the lifeline writes and how it leaves: plain text, one recipient a mail, by its own mail server.

The snapshot is a JSON object: {"written_at": "…Z", "people": [{"name", "email", "on_call": […]}],
"incidents": [{"id", "title", "severity", "commander"}]}. Keys it does not know it passes over.
"""

from __future__ import annotations

import json
import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Snapshot:
    """The last state the product wrote down."""

    written_at: str = ""
    people: tuple[dict[str, Any], ...] = ()
    incidents: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class Mail:
    """The lifeline's own mail server. `to` are people who are told besides those in the snapshot."""

    host: str
    sender: str
    port: int = 587
    username: str = ""
    password: str = field(default="", repr=False)
    security: str = "starttls"
    to: list[str] = field(default_factory=list)

    def recipients(self, snapshot: Snapshot) -> list[str]:
        """Everybody who is told, each once."""
        named = [str(p.get("email", "")) for p in snapshot.people if p.get("email")]
        return list(dict.fromkeys(a for a in [*self.to, *named] if a and not _breaks_lines(a)))


def read_snapshot(path: Path) -> Snapshot | None:
    """The snapshot in the file, or None when there is no usable one (the caller keeps the last)."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(value, dict):
        return None
    return Snapshot(
        str(value.get("written_at", "")),
        tuple(p for p in value.get("people", ()) if isinstance(p, dict)),
        tuple(i for i in value.get("incidents", ()) if isinstance(i, dict)),
    )


def alarm(watched: str, silent_seconds: float, snapshot: Snapshot) -> tuple[str, str]:
    """Subject and text of the alarm."""
    lines = [
        f"Quarterdeck has not answered for {int(silent_seconds)} s ({watched}).",
        "While it is silent, nobody is paged. Look at the server, and watch your alert sources yourself.",
        "",
        f"Open incidents, as of {snapshot.written_at or 'an unknown time'}:",
    ]
    for i in snapshot.incidents:
        commander = i.get("commander") or "nobody known"
        lines.append(
            f"- {i.get('id', '')} {i.get('severity', '')} {i.get('title', '')} (commander: {commander})"
        )
    if not snapshot.incidents:
        lines.append("- none")
    lines += ["", "On duty:"]
    for p in snapshot.people:
        duties = ", ".join(str(d) for d in p.get("on_call", ())) or "no shift now"
        reach = " / ".join(str(p[k]) for k in ("phone", "email") if p.get(k))
        lines.append(f"- {p.get('name', '')}: {duties}. {reach}")
    if not snapshot.people:
        lines.append("- the snapshot names nobody")
    return "Quarterdeck is silent: nobody is being paged", "\n".join(lines) + "\n"


def all_clear(watched: str) -> tuple[str, str]:
    return (
        "Quarterdeck answers again",
        f"{watched} answers again. Pages that fell due meanwhile go out now.\n",
    )


def send(mail: Mail, to: str, subject: str, text: str) -> str | None:
    """None once the server took it, else what was wrong, in words."""
    message = EmailMessage()
    message["From"] = mail.sender
    message["To"] = to
    message["Subject"] = " ".join(subject.split())
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain=mail.sender.rpartition("@")[2].strip("> ") or "localhost")
    message["Auto-Submitted"] = "auto-generated"
    message.set_content("".join(c for c in text if c in "\n\t" or c.isprintable()))
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


def _breaks_lines(address: str) -> bool:
    return any(c in address for c in "\r\n\0")
