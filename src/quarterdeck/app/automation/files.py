"""Rules as TOML: written so that reading gives the same rules again, and read without trusting a word of it."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from quarterdeck.app.act import Act, need
from quarterdeck.catalog import automation as shipped
from quarterdeck.core.access import SYSTEM, Who
from quarterdeck.core.incidents.automation import plain, read
from quarterdeck.core.kernel.refused import Refused, bad
from quarterdeck.store import models, tx

from . import veil
from .rules import MOST_RULES, Draft, change, create, said

MOST_LETTERS = 400_000
_PLAIN = ("trigger", "condition", "minutes", "per_hour", "grants")


@dataclass(frozen=True, slots=True)
class Read:
    """A rule of a file."""

    key: str
    draft: Draft


def dump(rows: Sequence[models.AutomationRule], who: Who = SYSTEM) -> str:
    """The rules as a file, as `who` may read them. Whether they are switched on is no part of it: that is said where
    they run.
    """
    teams = dict(models.Team.objects.filter(id__in=[r.team_id for r in rows]).values_list("id", "key"))
    return "\n".join(_one(row, teams.get(row.team_id, ""), who) for row in rows)


def _one(row: models.AutomationRule, team: str, who: Who) -> str:
    told = plain(said(row) if who.is_system else veil.of_rule(said(row), who))
    lines = ["[[rule]]", f"key = {_quoted(row.key)}", f"name = {_quoted(row.name)}"]
    lines += [f"description = {_quoted(row.description)}"] if row.description else []
    lines += [f"team = {_quoted(team)}"] if team else []
    lines += [f"position = {row.position}"] if row.position else []
    lines += [f"{name} = {_value(told[name])}" for name in _PLAIN if name in told]
    for action in told["actions"]:
        lines += ["", "[[rule.action]]", *(f"{k} = {_value(v)}" for k, v in action.items())]
    return "\n".join(lines) + "\n"


def parse(text: str) -> list[Read]:
    """The rules of a file. Refused, naming the line or the rule, where it is none."""
    if len(text) > MOST_LETTERS:
        raise bad("file.large", f"The file has {len(text)} letters; {MOST_LETTERS} is the most.")
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as e:
        raise bad("file.unread", f"The file is no TOML: {e}") from e
    rows = data.get("rule")
    if not isinstance(rows, list) or not rows or len(rows) > MOST_RULES:
        raise bad("file.empty", f"The file holds no [[rule]], or more than {MOST_RULES}.")
    return [_read(n, row) for n, row in enumerate(rows, 1)]


def _read(n: int, row: object) -> Read:
    if not isinstance(row, Mapping):
        raise bad("file.rule", f"Rule {n} is no table. Begin it with [[rule]].")
    known = {"key", "name", "description", "team", "position", "action", *_PLAIN}
    strange = sorted(set(row) - known)
    if strange:
        raise bad("file.word", f"Rule {n} has the word {strange[0]!r}. It knows: {', '.join(sorted(known))}.")
    team = _text(row, "team")
    found = models.Team.objects.filter(key=team).values_list("id", flat=True).first() if team else ""
    if found is None:
        raise bad("team.unknown", f"Rule {n}: there is no team {team!r}.")
    position = row.get("position", 0)
    if not isinstance(position, int) or isinstance(position, bool):
        raise bad("position.unfit", f"Rule {n}: position is a number.")
    rule = read({**{k: row[k] for k in _PLAIN if k in row}, "actions": row.get("action", [])})
    return Read(
        _text(row, "key"), Draft(_text(row, "name"), rule, _text(row, "description"), found, position)
    )


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name, "")
    return value if isinstance(value, str) else ""


def examples() -> list[Read]:
    """The rules that come with the product."""
    return parse(shipped.examples())


def take_in(act: Act, found: Iterable[Read], reason: str) -> list[tuple[str, str]]:
    """Make or change these rules, all of them or none; what became of each: made, changed, same. New ones are off."""
    need(act, "settings.edit")
    told: list[tuple[str, str]] = []
    with tx.write("web"):
        for one in found:
            row = models.AutomationRule.objects.filter(key=one.key).first()
            try:
                if row is None:
                    create(act, one.key, one.draft, reason)
                    told.append((one.key, "made"))
                else:
                    after = change(act, one.key, one.draft, reason)
                    told.append((one.key, "same" if after.version == row.version else "changed"))
            except Refused as e:
                raise Refused(e.code, f"Rule {one.key!r}: {e.message}", kind=e.kind, fields=e.fields) from e
    return told


def add_example(act: Act, key: str) -> models.AutomationRule:
    """Take over one of the shipped rules, switched off."""
    one = next((e for e in examples() if e.key == key), None)
    if one is None:
        raise bad("example.unknown", "There is no such example.")
    return create(act, one.key, one.draft, "Taken over from the examples")


def _value(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_value(v) for v in value)}]"
    return _quoted(value) if isinstance(value, str) else str(value)


def _quoted(text: str) -> str:
    # A JSON string is a TOML basic string once the text holds no DEL, which JSON leaves as it is.
    return json.dumps(text.replace("\x7f", ""), ensure_ascii=False)
