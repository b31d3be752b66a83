"""A rule as data: read, checked with places and suggestions, and written plainly. Never runs one.

A rule that `check` finds fault with is not saved; nothing in it is code, and its texts know `{{ field }}` alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from ..expressions import Unreadable, parse
from ..structure import PHASES
from .deeds import DEEDS, GRANTS, Deed, Field
from .triggers import TRIGGERS, names

MOST_ACTIONS, MOST_MINUTES, MOST_AN_HOUR = 10, 7 * 24 * 60, 500
USUAL_AN_HOUR = 60
TEXT_LIMIT, LONG_LIMIT, CONDITION_LIMIT = 300, 4_000, 2_000
STATES = ("operational", "degraded_performance", "partial_outage", "major_outage", "under_maintenance")
# What texts may name. Of an alert's rule only those of _ALERT_FIELDS have a value.
_ALERT_FIELDS = ("alert", "alert_severity", "service", "source", "alert_link", "rule")
_INCIDENT_FIELDS = (
    "title", "incident", "summary", "customer_effect", "workaround", "cause", "next_step", "what_we_know",
    "customers_affected", "severity", "phase", "commander", "services", "call", "started_at", "resolved_at", "duration",
    "link", "rule", "trigger_role", "trigger_audience",
)  # fmt: skip
_FIELD = re.compile(r"\{\{ *([a-z][a-z0-9_]{0,63}) *\}\}")
_STRAY = re.compile(r"\{\{[^{}\n]{0,40}\}{0,2}|\{%[^{}\n]{0,40}%?\}?|\}\}")
_KINDS_OF_TARGET = ("role", "person", "schedule", "team")
_KEY = re.compile(r"[a-z][a-z0-9_]{0,63}")


@dataclass(frozen=True, slots=True)
class Action:
    """`values` are the texts of the deed's fields by key."""

    deed: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Rule:
    """What a version of a rule says. `minutes` belongs to triggers that take them, else 0."""

    trigger: str
    condition: str = "always"
    actions: tuple[Action, ...] = ()
    grants: frozenset[str] = frozenset()
    minutes: int = 0
    per_hour: int = USUAL_AN_HOUR

    @property
    def about(self) -> str:
        found = TRIGGERS.get(self.trigger)
        return found.about if found else ""

    @property
    def restricted(self) -> bool:
        return "incident.restricted" in self.grants


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong, where: `field` as a form names it, `at` the place in its text counted from 0, -1 for the whole."""

    field: str
    text: str
    at: int = -1


def read(data: Mapping[str, Any]) -> Rule:
    """A rule from plain data; whatever is missing or of another kind is empty, for `check` to find."""
    actions = data.get("actions")
    grants = data.get("grants")
    return Rule(
        trigger=_text(data.get("trigger")),
        condition=_text(data.get("condition")) or "always",
        actions=tuple(_action(a) for a in actions if isinstance(a, Mapping))
        if isinstance(actions, list)
        else (),
        grants=frozenset(_text(g) for g in grants) if isinstance(grants, list) else frozenset(),
        minutes=_number(data.get("minutes"), 0),
        per_hour=_number(data.get("per_hour", USUAL_AN_HOUR), 0),
    )


def plain(rule: Rule) -> dict[str, Any]:
    """What `read` reads."""
    found: dict[str, Any] = {"trigger": rule.trigger, "condition": rule.condition}
    if rule.minutes:
        found["minutes"] = rule.minutes
    found["per_hour"] = rule.per_hour
    found["grants"] = sorted(rule.grants)
    found["actions"] = [{"do": a.deed, **a.values} for a in rule.actions]
    return found


def texts(rule: Rule) -> Iterator[tuple[int, Field, str]]:
    """Every text of its actions that may hold fields: number of the action, field, text."""
    for n, action in enumerate(rule.actions):
        deed = DEEDS.get(action.deed)
        for field in deed.fields if deed else ():
            if field.kind in ("text", "long"):
                yield n, field, action.values.get(field.key, "")


def check(rule: Rule) -> list[Finding]:
    """Everything that is wrong with it, in the order of the form. Empty: it may be saved."""
    trigger = TRIGGERS.get(rule.trigger)
    if trigger is None:
        return [Finding("trigger", _unknown(rule.trigger, tuple(TRIGGERS), "trigger"))]
    found: list[Finding] = []
    if trigger.minutes and not 1 <= rule.minutes <= MOST_MINUTES:
        found.append(Finding("minutes", f"Say after how many minutes: 1 to {MOST_MINUTES}."))
    if not trigger.minutes and rule.minutes:
        found.append(Finding("minutes", "This trigger takes no minutes. Leave them out."))
    if not 1 <= rule.per_hour <= MOST_AN_HOUR:
        found.append(Finding("per_hour", f"Give 1 to {MOST_AN_HOUR} runs an hour."))
    found += _condition(rule.condition, names(trigger))
    if not 1 <= len(rule.actions) <= MOST_ACTIONS:
        found.append(Finding("actions", f"Give 1 to {MOST_ACTIONS} actions; there are {len(rule.actions)}."))
    for n, action in enumerate(rule.actions):
        found += _acts(n, action, rule, trigger.about)
    strange = sorted(rule.grants - GRANTS.keys())
    if strange:
        found.append(Finding("grants", _unknown(strange[0], tuple(GRANTS), "grant")))
    return found


def _condition(text: str, known: tuple[str, ...]) -> list[Finding]:
    if len(text) > CONDITION_LIMIT:
        return [
            Finding(
                "condition", f"The condition has {len(text)} letters; {CONDITION_LIMIT} fit.", CONDITION_LIMIT
            )
        ]
    try:
        parse(text, known)
    except Unreadable as e:
        said = str(e).removeprefix(f"{text!r}: ")
        return [Finding("condition", f"{said[:1].upper()}{said[1:]}", e.at)]
    return []


def _acts(n: int, action: Action, rule: Rule, about: str) -> Iterator[Finding]:
    at = f"actions.{n}"
    deed = DEEDS.get(action.deed)
    if deed is None:
        yield Finding(f"{at}.do", _unknown(action.deed, tuple(DEEDS), "action"))
        return
    if about not in deed.about:
        yield Finding(f"{at}.do", f"“{deed.title}” cannot follow a trigger of an {about}. Choose another.")
    lacking = [g for g in deed.grants if g not in rule.grants]
    if lacking:
        yield Finding(
            "grants", f"“{deed.title}” needs the right to {GRANTS[lacking[0]]}. Give it to the rule."
        )
    strange = sorted(set(action.values) - {f.key for f in deed.fields})
    if strange:
        yield Finding(f"{at}.{strange[0]}", _unknown(strange[0], tuple(f.key for f in deed.fields), "value"))
    yield from _values(at, deed, action.values, about)


def _values(at: str, deed: Deed, values: Mapping[str, str], about: str) -> Iterator[Finding]:
    for field in deed.fields:
        value = values.get(field.key, "").strip()
        if not value:
            if field.required:
                yield Finding(f"{at}.{field.key}", f"{deed.title}: give “{field.title}”.")
            continue
        fault, place = _unfit(field, value, about)
        if fault:
            yield Finding(f"{at}.{field.key}", fault, place)


def _unfit(field: Field, value: str, about: str) -> tuple[str, int]:
    if field.kind in ("text", "long"):
        return _text_fault(field, value, about)
    if field.kind in _CHOICES:
        known, what = _CHOICES[field.kind]
        return ("", -1) if value in known else (_unknown(value, known, what), 0)
    fits, message = _FORMS.get(field.kind, (_short, "This is too long."))
    return ("", -1) if fits(value) else (message, 0)


_CHOICES: Mapping[str, tuple[tuple[str, ...], str]] = {
    "phase": (PHASES, "phase"),
    "state": (STATES, "state"),
    "severity": (("1", "2", "3", "4", "5"), "severity"),
}


def _short(value: str) -> bool:
    return len(value) <= 200


def _is_target(value: str) -> bool:
    kind, _, ref = value.partition(":")
    return kind in _KINDS_OF_TARGET and bool(ref) and len(value) <= 80


def _is_key(value: str) -> bool:
    return _KEY.fullmatch(value) is not None


def _is_url(value: str) -> bool:
    return value.startswith("https://") and len(value) <= 2_000 and not re.search(r"\s", value)


def _are_minutes(value: str) -> bool:
    return value.isascii() and value.isdecimal() and 1 <= int(value[:9]) <= 24 * 60


_NO_KEY = "This is no key: small letters, digits and underscores."
_FORMS: Mapping[str, tuple[Callable[[str], bool], str]] = {
    "target": (_is_target, "Name role:, person:, schedule: or team: and which one."),
    "minutes": (_are_minutes, "Give 1 to 1440 minutes."),
    "role": (_is_key, _NO_KEY),
    "audience": (_is_key, _NO_KEY),
    "type": (_is_key, _NO_KEY),
    "url": (_is_url, "Give an address that begins with https://."),
}


def _text_fault(field: Field, value: str, about: str) -> tuple[str, int]:
    limit = LONG_LIMIT if field.kind == "long" else TEXT_LIMIT
    if len(value) > limit:
        return f"The text has {len(value)} letters; {limit} fit.", limit
    if field.kind == "text" and "\n" in value:
        return "Put it on one line.", value.index("\n")
    known = _INCIDENT_FIELDS if about == "incident" else _ALERT_FIELDS
    for found in _FIELD.finditer(value):
        if found[1] not in known:
            return _unknown(found[1], known, "field"), found.start(1)
    stray = _STRAY.search(_FIELD.sub(lambda m: " " * len(m[0]), value))
    if stray:
        return f"{stray[0]!r} is no field: write {{{{ field }}}} with a name, nothing else.", stray.start()
    return "", -1


def fields(about: str) -> Sequence[str]:
    """The fields that texts may name."""
    return _INCIDENT_FIELDS if about == "incident" else _ALERT_FIELDS


def _unknown(word: str, known: Sequence[str], what: str) -> str:
    near = get_close_matches(word[:64], known, n=1, cutoff=0.0)
    return (
        f"There is no {what} {word[:64]!r}. Did you mean {near[0]!r}?"
        if near
        else f"There is no {what} {word[:64]!r}."
    )


def _action(data: Mapping[str, Any]) -> Action:
    return Action(
        _text(data.get("do")), {str(k): _text(v) for k, v in data.items() if k != "do" and _text(v)}
    )


def _text(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value).strip()


def _number(value: object, otherwise: int) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**9:
        return value
    text = value.strip() if isinstance(value, str) else ""
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 9 else otherwise
