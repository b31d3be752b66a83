"""Reading what the SMTP sink received as its recipient would: by person, with the links in it."""

from __future__ import annotations

import re
import time
from email.message import EmailMessage

from .smtp_sink import SmtpSink

LINK = re.compile(r"https?://[^\s<>\"']+")


def mails_to(sink: SmtpSink, address: str, about: str = "") -> list[EmailMessage]:
    """The mails of one person, oldest first; those with this text in subject or body."""
    found = [mail.message for mail in sink.mails if address in mail.rcpt_to]
    return [m for m in found if about in str(m["Subject"]) or about in words(m)]


def wait_for_mail(sink: SmtpSink, address: str, about: str = "", seconds: float = 30.0) -> EmailMessage:
    """The first such mail, waiting for it."""
    end = time.monotonic() + seconds
    while not (found := mails_to(sink, address, about)):
        subjects = [(mail.rcpt_to, str(mail.message["Subject"])) for mail in sink.mails]
        assert time.monotonic() < end, (
            f"no mail to {address} about {about!r} in {seconds} s; there are {subjects}"
        )
        time.sleep(0.05)
    return found[0]


def words(mail: EmailMessage) -> str:
    """The plain text of a mail."""
    part = mail.get_body(("plain",))
    return str(part.get_content()) if part is not None else ""


def links(mail: EmailMessage) -> list[str]:
    """Every link in the plain text, in order."""
    return LINK.findall(words(mail))
