"""Calls and chats that stand ready before anything happens: set for a team or a response structure, taken by incidents
when they are declared, and looked at once a day. An address that does not answer is named on Health (R-197).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Q

from quarterdeck.channels.safe_http import SafeClient
from quarterdeck.core.incidents import Incident
from quarterdeck.core.incidents.declare import Declaration
from quarterdeck.core.kernel.refused import Refused, bad
from quarterdeck.core.kernel.text import line
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from ..act import Act, need
from ..catalog.catalogue import current
from ..people import teams

TEAM, TEMPLATE = "team", "template"
SCOPES = (TEAM, TEMPLATE)
EVERY = timedelta(hours=24)
# What does not answer is asked more often, so that Health is right soon after it was mended.
EVERY_WHILE_BROKEN = timedelta(minutes=15)
# Whoever began to look and was stopped is not waited for longer.
CLAIM = timedelta(minutes=10)
AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Answer:
    """`why` says what is wrong, "" when it answers."""

    url: str
    why: str = ""


def rows() -> list[models.StandingChannel]:
    return list(models.StandingChannel.objects.order_by("scope", "key"))


def of(scope: str, key: str) -> models.StandingChannel | None:
    return models.StandingChannel.objects.filter(scope=scope, key=key).first()


def put(act: Act, scope: str, key: str, call_url: str, chat_url: str) -> models.StandingChannel | None:
    """Both addresses as they are from now on; with neither, nothing stands ready (None)."""
    need(act, "person.edit" if scope == TEAM else "settings.edit")
    _known(scope, key)
    said = {"call_url": _address("call_url", call_url), "chat_url": _address("chat_url", chat_url)}
    with tx.write("engine", "web"):
        tx.lock("standing-channel")
        row = of(scope, key)
        before = {n: getattr(row, n) for n in said} if row else dict.fromkeys(said, "")
        if before == said:
            return row
        told = {"scope": scope, "key": key, "before": before, "after": said}
        log.audit("StandingChannelSet", told, at=act.at, actor=act.person)
        if not any(said.values()):
            models.StandingChannel.objects.filter(scope=scope, key=key).delete()
            return None
        row = row or models.StandingChannel(id=new_id(), scope=scope, key=key)
        for name, value in said.items():
            if getattr(row, name) != value:
                setattr(row, name, value)
                what = name.removesuffix("_url")
                setattr(row, f"{what}_well", None)
                setattr(row, f"{what}_text", "")
        row.checked_at = row.claimed_at = None
        row.changed_by, row.changed_at = act.person, act.at
        row.save()
    return row


def with_standing(said: Declaration, template: str) -> Declaration:
    """What is declared, with the call and the chat that stand ready where none are given: those of the first service's
    team, else of the structure. One that another open incident talks in is taken only where nothing else stands ready:
    two troubles in one call hear each other. A restricted incident takes none: everybody of a team may be there.
    """
    if said.restricted or (said.bridge_url and said.chat_url):
        return said
    owners = dict(models.Service.objects.filter(key__in=said.services).values_list("key", "team__key"))
    keys = [(TEAM, owners[s]) for s in said.services if owners.get(s)]
    keys.append((TEMPLATE, template))
    wanted = Q()
    for scope, key in keys:
        wanted |= Q(scope=scope, key=key)
    found = {(r.scope, r.key): r for r in models.StandingChannel.objects.filter(wanted)}
    ready = [found[k] for k in dict.fromkeys(keys) if k in found]
    return replace(
        said,
        bridge_url=said.bridge_url or _free("bridge_url", [r.call_url for r in ready if r.call_url]),
        chat_url=said.chat_url or _free("chat_url", [r.chat_url for r in ready if r.chat_url]),
    )


def _free(field: str, urls: list[str]) -> str:
    """The first that no other open incident has; the first of all where each is taken."""
    rows = models.IncidentRow.objects.filter(**{f"{field}__in": urls}, is_open=True, restricted=False)
    taken = set(rows.values_list(field, flat=True)) if urls else set()
    return next((u for u in urls if u not in taken), urls[0] if urls else "")


def shared_with(incident: Incident) -> list[str]:
    """The other open incidents that talk in the same call or chat. Of restricted ones it says nothing."""
    same = Q()
    if incident.bridge_url:
        same |= Q(bridge_url=incident.bridge_url)
    if incident.chat_url:
        same |= Q(chat_url=incident.chat_url)
    if not same or not incident.is_open:
        return []
    rows = models.IncidentRow.objects.filter(same, is_open=True, restricted=False).exclude(id=incident.key)
    return list(rows.order_by("number").values_list("id", flat=True)[:5])


def claim(now: datetime) -> list[models.StandingChannel]:
    """Those whose turn it is to be looked at; nobody else is handed them meanwhile."""
    broken = Q(call_well=False) | Q(chat_well=False)
    due = (
        Q(checked_at=None)
        | Q(checked_at__lte=now - EVERY)
        | (broken & Q(checked_at__lte=now - EVERY_WHILE_BROKEN))
    )
    free = Q(claimed_at=None) | Q(claimed_at__lte=now - CLAIM)
    found = []
    rows = models.StandingChannel.objects.filter(due, free)
    for row in rows.order_by(F("checked_at").asc(nulls_first=True), "id")[:AT_ONCE]:
        if models.StandingChannel.objects.filter(due, free, id=row.id).update(claimed_at=now):
            found.append(row)
    return found


def keep(channel_id: str, call: Answer | None, chat: Answer | None, now: datetime) -> None:
    """What a look found. An address that was changed meanwhile is looked at anew."""
    with tx.write("engine", "web"):
        row = models.StandingChannel.objects.select_for_update().filter(id=channel_id).first()
        if row is None:
            return
        for what, answer in (("call", call), ("chat", chat)):
            if answer is not None and answer.url == getattr(row, f"{what}_url"):
                setattr(row, f"{what}_well", not answer.why)
                setattr(row, f"{what}_text", line(answer.why, 300))
        row.claimed_at = None
        row.checked_at = now
        row.save()


def name(row: models.StandingChannel) -> str:
    """Whose it is, as people say it."""
    if row.scope == TEAM:
        found = models.Team.objects.filter(key=row.key).values_list("name", flat=True).first()
        return f"the team {found or row.key}"
    titles = {t.key: t.title for t in current().templates}
    return f"the structure {titles.get(row.key, row.key)}"


def _known(scope: str, key: str) -> None:
    if scope == TEAM:
        teams.find(key)
    elif scope != TEMPLATE or key not in {t.key for t in current().templates}:
        message = "There is no such structure. Choose one of those in the catalogue."
        raise bad("channel.unknown", message, key=message)


def _address(field: str, text: str) -> str:
    """An address that a browser opens and that may be looked at. Refused otherwise, naming the field."""
    url = line(text, 2000)
    if not url:
        return ""
    try:
        SafeClient(allow=settings.QUARTERDECK_ALLOW_TARGETS).check(url)
    except Refused as refused:
        raise bad(refused.code, refused.message, **{field: refused.message}) from refused
    return url
