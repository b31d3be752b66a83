"""Whether what this installation was told to use is there: its settings, the mail server, the lifeline. Reads only.

A part of `health`. Which of it this process can see for itself it is told in `Machine`: the web process holds no
password of a provider, and shows what the engine found instead.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import DatabaseError

from quarterdeck.channels import email
from quarterdeck.core.kernel.moments import spoken
from quarterdeck.core.kernel.refused import Refused

from ..comms import mail_server
from .health_finding import Finding, fault, ok, warning

SNAPSHOT_SECONDS = 300.0
UNREAD_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Lifeline:
    """The lifeline's file as this process reads it, and what the running lifeline read last.

    `problem`: why the file cannot be used. `unread_seconds`: for how long a newer file was not read; None: it is the
    one in use.
    """

    file: Path
    there: bool = False
    problem: str = ""
    roads: tuple[str, ...] = ()
    running: bool = False
    unread_seconds: float | None = None
    restart: bool = False


def settings(read: str, strange: tuple[str, ...]) -> Iterator[Finding]:
    """Which file and which variables were read, and variables that look like settings and are none."""
    if read:
        yield ok("settings", read)
    for text in strange:
        yield warning("settings", text, "Correct its name, or remove it.")


def mail(values: Mapping[str, Any], known: bool, now: datetime, *, stored: bool) -> Iterator[Finding]:
    """Whether mail can be sent. `known`: this process sees the settings; else what the engine found is told, as it is
    where the engine was started with settings that this process does not have. `stored`: there is a store to ask.
    """
    found = _recorded(now) if stored else None
    if known and any(values.get(name) for name in ("host", "from_address")):
        yield _looked(values)
    elif found is not None:
        hint = (
            ""
            if not known
            else " (These settings were given to serve alone: this command does not see them.)"
        )
        text = f"{found.text} Asked by the engine {spoken(now - found.started_at)} ago.{hint}"
        yield (
            ok("mail", text)
            if found.well
            else fault("mail", text, "Check the settings of mail and the server.")
        )
    elif known:
        yield warning(
            "mail",
            "No mail server is set: nobody can be reached by mail.",
            "Set host and from_address under [channels.email] in quarterdeck.toml, and start serve again.",
        )
    else:
        yield warning(
            "mail",
            "The engine has not asked a mail server lately: perhaps none is set.",
            "Run: quarterdeck doctor",
        )


def _recorded(now: datetime) -> Any:
    try:
        return mail_server.newest(now)
    except DatabaseError:
        return None


def _looked(values: Mapping[str, Any]) -> Finding:
    """A connection as a mail would make it, without a mail."""
    if not values.get("host"):
        return fault(
            "mail", "A sender is set and no mail server: nothing can be sent.", "Set QUARTERDECK_EMAIL_HOST."
        )
    if not values.get("from_address"):
        return fault(
            "mail",
            f"The mail server {values['host']} is set and no sender's address: nothing can be sent.",
            "Set QUARTERDECK_EMAIL_FROM, or from_address under [channels.email].",
        )
    try:
        chosen = email.Settings(**values)
    except (Refused, TypeError) as e:
        why = e.message if isinstance(e, Refused) else str(e)
        return fault(
            "mail", f"The settings of mail cannot be used: {why}", "Correct them in quarterdeck.toml."
        )
    why = email.look(chosen)
    where = f"{chosen.host}:{chosen.port}"
    if why:
        return fault("mail", f"{where}: {why}", "Check host, port, encryption, login and firewall.")
    return ok("mail", f"The mail server {where} answers, and takes our login." if chosen.user else
              f"The mail server {where} answers.")  # fmt: skip


def lifeline(found: Lifeline) -> Iterator[Finding]:
    """Its own file, read as it reads it; that it works only `quarterdeck selftest lifeline` shows."""
    if not found.there:
        yield warning(
            "lifeline",
            "Nobody would be told if Quarterdeck itself stopped.",
            f"Write {found.file} with [mail] host, sender and to.",
        )
    elif found.problem:
        going_on = " The running one goes on with what it read before." if found.running else " It is idle."
        text = f"{found.file} cannot be used: {found.problem}.{going_on}"
        yield fault("lifeline", text, "Correct the file: it is read again by itself.")
    elif not found.roads:
        text = f"{found.file} names no way to people: it has a page, and tells nobody."
        yield warning("lifeline", text, "Add [mail], [ntfy] or [webhook].")
    elif found.unread_seconds is not None and found.unread_seconds > UNREAD_SECONDS:
        text = "The running lifeline has not read its file as it is now."
        yield fault("lifeline", text, "Run quarterdeck serve, or start it again.")
    else:
        yield _snapshot(found)


def _snapshot(found: Lifeline) -> Finding:
    try:
        age = time.time() - (found.file.parent / "snapshot.json").stat().st_mtime
    except OSError:
        return fault("lifeline", "It knows nobody: no snapshot has been written.", "Run quarterdeck serve.")
    known = spoken(timedelta(seconds=age))
    if abs(age) > SNAPSHOT_SECONDS:
        return fault(
            "lifeline",
            f"What it knows of who is on call is {known} old.",
            "The engine writes it each minute: look at its log, the disk and the clock.",
        )
    if found.restart:
        text = "Its file names another page than the one it shows."
        return warning("lifeline", text, "Start quarterdeck serve again.")
    by = " and ".join(found.roads)
    told = f"People are told by {by} when Quarterdeck itself is silent (not when this whole host is)."
    return ok("lifeline", f"{told} What it knows is {known} old.")
