"""`quarterdeck mail-in`: hands one mail from a mail server's pipe to the running installation. Seldom makes it bounce.

Its exit codes are those mail servers know (sysexits.h): 75 has them try again later, 65 and 78 have them complain.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

_TOO_LARGE, _LATER, _UNUSABLE = 65, 75, 78
_SECONDS = 20.0


@click.command(
    epilog="""\b
Postfix, in /etc/aliases (recipient_delimiter = + must be set in main.cf):
  ack: "|/usr/bin/quarterdeck mail-in --url https://ops.example.com --token-file /etc/quarterdeck-mail.token"
Exim and others: pipe the whole message, with its headers, into the same command."""
)
@click.option("--url", envvar="QUARTERDECK_URL", default="http://127.0.0.1:8080", show_default=True)
@click.option(
    "--token-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A file with inbound_token, readable by the mail server alone (or QUARTERDECK_MAIL_TOKEN).",
)
@click.option(
    "--recipient", default="", help="The address it was delivered to, where its headers do not say."
)
@click.option("--limit-kib", default=1024, show_default=True, help="Longer mails are refused.")
def mail_in(url: str, token_file: Path | None, recipient: str, limit_kib: int) -> None:
    """Take one mail from standard input: a reply to a page answers it."""
    import httpx2

    token = _token(token_file)
    raw = sys.stdin.buffer.read(limit_kib * 1024 + 1)
    if len(raw) > limit_kib * 1024:
        _end(
            _TOO_LARGE,
            f"This mail is longer than {limit_kib} KiB. Answer without what was quoted or attached.",
        )
    headers = {"authorization": f"Bearer {token}", "content-type": "message/rfc822"}
    if recipient.isascii() and recipient.isprintable() and recipient:
        headers["x-recipient"] = recipient[:500]
    try:
        with httpx2.Client(trust_env=False, timeout=_SECONDS) as client:
            answer = client.post(f"{url.rstrip('/')}/callbacks/mail", content=raw, headers=headers)
    except httpx2.InvalidURL:
        _end(_UNUSABLE, f"{url} is no address. Write it whole, such as https://ops.example.com")
    except httpx2.HTTPError as e:
        _end(_LATER, f"{url} cannot be reached ({type(e).__name__}). It is tried again.")
    if answer.status_code == 200:
        told = answer.json()
        click.echo(f"{told['state']}: {told['text']}")
    elif answer.status_code == 413:
        _end(_TOO_LARGE, "This mail is too long. Answer without what was quoted or attached.")
    elif answer.status_code in (400, 422):
        # No mail that anybody wrote: a bounce would only go to whoever was made out as its sender.
        click.echo(f"dropped: {answer.text.strip()[:200]}")
    elif answer.status_code in (401, 403, 404):
        _end(
            _UNUSABLE, f"{url} does not take mail with this token: set inbound_token under [channels.email]."
        )
    else:
        _end(_LATER, f"{url} answered {answer.status_code}. It is tried again.")


def _token(token_file: Path | None) -> str:
    if token_file is None:
        found = os.environ.get("QUARTERDECK_MAIL_TOKEN", "")
    else:
        try:
            found = token_file.read_text(encoding="utf-8")
        except (OSError, UnicodeError) as e:
            _end(_UNUSABLE, f"{token_file} cannot be read: {e}")
    found = found.strip()
    if not found or not found.isascii():
        _end(_UNUSABLE, "No token is given. Name its file with --token-file.")
    return found


def _end(code: int, text: str) -> None:
    click.echo(f"quarterdeck mail-in: {text}", err=True)
    sys.exit(code)
