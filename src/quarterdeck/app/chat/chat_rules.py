"""Whether incidents get a channel of their own: one rule for all types, and one for each type that differs."""

from __future__ import annotations

import re
from collections.abc import Mapping

from quarterdeck.core.incidents.chat import DEFAULT_MINUTES, Rule
from quarterdeck.core.kernel.refused import bad
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from ..act import Act, need
from ..catalog.catalogue import current

WANTED, RESTRICTED = ("none", "public", "private"), ("none", "private")
MOST_DAYS, MOST_MINUTES = 365, 1440
_PREFIX = re.compile(r"^[a-z][a-z0-9-]{0,18}[a-z0-9]$")
PROGRAMS = {"slack": "Slack", "console": "Console"}
_FIELDS = ("program", "wanted", "restricted", "prefix", "minutes", "archive_days")


def rows() -> list[models.ChatRule]:
    """The rule of all types first."""
    return list(models.ChatRule.objects.order_by("type"))


def rule_of(kind: str) -> Rule:
    """What holds for incidents of a type; none are opened where nothing is set."""
    found = {r.type: r for r in models.ChatRule.objects.filter(type__in=("", kind))}
    row = found.get(kind) or found.get("")
    if row is None:
        return Rule()
    minutes = {int(level): int(n) for level, n in row.minutes.items()}
    return Rule(row.wanted, row.restricted, row.prefix, minutes, row.archive_days, row.program)


def put(
    act: Act,
    kind: str,
    *,
    wanted: str,
    restricted: str = "none",
    prefix: str = "inc",
    minutes: Mapping[int, int] | None = None,
    archive_days: int = 7,
    program: str = "slack",
) -> models.ChatRule:
    """The rule of a type ("" for all) as it is from now on. Channels that stand stay as they are."""
    need(act, "settings.edit")
    said = {
        "program": _one_of(program, tuple(PROGRAMS), "program"),
        "wanted": _one_of(wanted, WANTED, "wanted"), "restricted": _one_of(restricted, RESTRICTED, "restricted"),
        "prefix": _prefix(prefix), "minutes": _minutes(minutes or {}),
        "archive_days": _between(archive_days, 0, MOST_DAYS, "archive_days"),
    }  # fmt: skip
    if kind and kind not in {t.key for t in current().types}:
        message = "There is no such type of incident. Choose one of those in the catalogue."
        raise bad("type.unknown", message, type=message)
    with tx.write("engine", "web"):
        tx.lock("chat-rule")
        row = models.ChatRule.objects.filter(type=kind).first()
        before = {n: getattr(row, n) for n in _FIELDS} if row else {}
        if before == said:
            assert row is not None
            return row
        told = {"type": kind, "before": before, "after": said}
        log.audit("ChatRuleSet", told, at=act.at, actor=act.person)
        row = row or models.ChatRule(id=new_id(), type=kind)
        for name, value in said.items():
            setattr(row, name, value)
        row.changed_by, row.changed_at = act.person, act.at
        row.save()
    return row


def drop(act: Act, kind: str) -> None:
    """The type follows the rule of all types again."""
    need(act, "settings.edit")
    with tx.write("engine", "web"):
        if models.ChatRule.objects.filter(type=kind).delete()[0]:
            log.audit("ChatRuleDropped", {"type": kind}, at=act.at, actor=act.person)


def _one_of(value: str, known: tuple[str, ...], field: str) -> str:
    if value not in known:
        message = f"Choose one of: {', '.join(known)}."
        raise bad(f"chat.{field}", message, **{field: message})
    return value


def _prefix(text: str) -> str:
    found = text.strip().lower()
    if not _PREFIX.match(found):
        message = "Names begin with 2 to 20 small letters, digits or '-', such as inc."
        raise bad("chat.prefix", message, prefix=message)
    return found


def _minutes(said: Mapping[int, int]) -> dict[str, int]:
    """By severity; one that is not given keeps what is usual."""
    found = {}
    for level, usual in DEFAULT_MINUTES.items():
        found[str(level)] = _between(said.get(level, usual), 1, MOST_MINUTES, "minutes")
    return found


def _between(number: int, least: int, most: int, field: str) -> int:
    if not least <= number <= most:
        message = f"Write a number from {least} to {most}."
        raise bad(f"chat.{field}", message, **{field: message})
    return number
