"""Who may read a status page: public, internal or private, the ways into it, and ending what was let in. Audited.

Readers' side of it is in `page_readers` (who may now) and `page_doors` (getting in).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password

from quarterdeck.channels.mail_message import check_address
from quarterdeck.core.kernel.refused import Refused, bad
from quarterdeck.core.status import access as core
from quarterdeck.store import log, models, tx

from ..act import Act
from ..comms import links
from . import page_seen, page_ways, shown_openly
from .page_seen import need_person
from .page_ways import of, visibility, ways
from .status_pages import find_page

__all__ = ["of", "visibility", "ways"]
SHORTEST_PASSWORD, LONGEST_PASSWORD = 10, 200
LEAST_HOURS, MOST_HOURS = 1, 720


def change(
    act: Act, page_key: str, *, visibility: str | None = None, hidden: bool | None = None,
    members: bool | None = None, password: str | None = None, domains: Sequence[str] | None = None,
    networks: Sequence[str] | None = None, network: str | None = None, hours: int | None = None,
    proven: bool = False,
) -> models.StatusPage:  # fmt: skip
    """Set who may read a page; None leaves a value. `password` "" takes it away, a new one ends every right by the
    old. A page that is public no more is taken from the public folder of this machine before this returns.

    `proven`: they have just shown again who they are. Without, what `needs_proof` names is for administrators.
    """
    need_person(act)
    tamed = _tamed(
        hidden=hidden, members=members, domains=domains, networks=networks, network=network, hours=hours
    )
    if visibility is not None and visibility not in core.VISIBILITIES:
        message = f"A page is one of these: {', '.join(core.VISIBILITIES)}. Choose one."
        raise bad("access.visibility", message, visibility=message)
    secret = None if password is None else _hashed(password)
    with tx.write("web", "engine"):
        page = find_page(page_key, lock=True)
        row = of(page)
        if needs_proof(page, visibility=visibility, password=password, **tamed):
            page_seen.need_proof(act, proven)
        told = {k: v for k, v in tamed.items() if v != getattr(row, k)}
        for name, value in tamed.items():
            setattr(row, name, value)
        if secret is not None and (secret or row.password):
            row.password, row.password_at = secret, act.at if secret else None
            told["password"] = "new" if secret else "none"
        told |= page_seen.show_to(act, page, row, visibility, proven)
        page_seen.kept(act, page, row, told)
    return find_page(page_key)


def needs_proof(
    page: models.StatusPage, *, visibility: str | None = None, password: str | None = None, **more: Any
) -> bool:
    """Whether what is wanted opens the page to all, changes the password that it has, or lets others in than now where
    it shows components of pages that not everybody may read. It is asked with what `change` is asked with.
    """
    row = of(page)
    if (visibility == "public" and not page.public) or (password is not None and row.password):
        return True
    now = page_ways.visibility(page, row)
    if (visibility or now) != "private" or not shown_openly.lent(page):
        return False
    return now != "private" or bool(password) or any(getattr(row, k) != v for k, v in _tamed(**more).items())


def _tamed(**given: Any) -> dict[str, Any]:
    tamed = {k: v for k, v in given.items() if v is not None}
    if "domains" in tamed:
        tamed["domains"] = list(core.domains_of([_ascii(text) for text in tamed["domains"]]))
    if "networks" in tamed:
        tamed["networks"] = list(core.networks_of(tamed["networks"]))
    if tamed.get("network", "off") not in core.NETWORK_RULES:
        message = f"The list of addresses is one of these: {', '.join(core.NETWORK_RULES)}. Choose one."
        raise bad("access.network", message, network=message)
    hours = tamed.get("hours", LEAST_HOURS)
    if isinstance(hours, bool) or not isinstance(hours, int) or not LEAST_HOURS <= hours <= MOST_HOURS:
        message = f"Give whole hours from {LEAST_HOURS} to {MOST_HOURS}."
        raise bad("access.hours", message, hours=message)
    return tamed


def _ascii(text: str) -> str:
    """A mail domain as mail is sent to it; what is none is left for the core to refuse."""
    if text.isascii():
        return text
    try:
        return check_address(f"x@{text.strip().removeprefix('@').rstrip('.')}").partition("@")[2]
    except Refused:
        return text


def _hashed(password: str) -> str:
    if password == "":
        return ""
    if not password.strip() or "\0" in password or not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        message = f"Take {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters that nobody else guesses."
        raise bad("access.password", message, password=message)
    return make_password(password)


def end_rights(act: Act, page_key: str) -> models.StatusPage:
    """Everybody who was let in by a password or a mail is out, links that were mailed open nothing."""
    return _raise(act, page_key, "generation", "PageRightsEnded")


def renew_feeds(act: Act, page_key: str) -> models.StatusPage:
    """A new token for feeds and JSON; the one before opens nothing from now on."""
    return _raise(act, page_key, "feeds", "PageFeedsRenewed")


def end_feeds(act: Act, page_key: str) -> models.StatusPage:
    """No token opens feeds and JSON."""
    need_person(act)
    with tx.write("web"):
        page = find_page(page_key, lock=True)
        row = of(page)
        if row.feeds > 0:
            # Not to 0: a token that was taken away must not come back with the next.
            row.feeds, row.updated_at = -row.feeds, act.at
            row.save()
            log.audit("PageFeedsEnded", {"page": page.id}, at=act.at, actor=act.person)
    return page


def _raise(act: Act, page_key: str, field: str, event: str) -> models.StatusPage:
    need_person(act)
    with tx.write("web"):
        page = find_page(page_key, lock=True)
        row = of(page)
        setattr(row, field, abs(getattr(row, field)) + 1)
        row.updated_at = act.at
        row.save()
        log.audit(event, {"page": page.id}, at=act.at, actor=act.person)
    return page


def feed_token(page: models.StatusPage, row: models.PageAccess) -> str:
    """What programs put behind `?token=`, "" where they have none."""
    return links.token("page-feed", f"{page.id}/{row.feeds}") if row.feeds > 0 else ""


def door_url(page: models.StatusPage) -> str:
    """Where people who are not signed in get in. For a hidden page nobody finds it who was not told."""
    return f"{settings.QUARTERDECK_PUBLIC_URL}{door_path(page)}"


def door_path(page: models.StatusPage) -> str:
    return f"/status-access/{page.key}/{links.token('page-door', door_ref(page))}/"


def door_ref(page: models.StatusPage) -> str:
    """What the token of the door is made from: ending what readers were given ends it, too."""
    return f"{page.id}/{of(page).generation}"
