"""Whom a policy would call: its steps with who stands for them now, and a what-if as lines in time. Reads only."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from quarterdeck.app.directory import Directory, policy_from
from quarterdeck.app.escalation_preview import Call, Firing, Ladder
from quarterdeck.core.kernel.moments import spoken
from quarterdeck.core.kernel.text import counted
from quarterdeck.store import models

from .callouts import channel_name
from .oncall import Names

_ROUND = re.compile(r"\(step \d+ of \d+, (\w+) round")


def ladder(policy: models.EscalationPolicy, now: datetime, names: Names) -> dict[str, Any]:
    """The steps with whom each would call now and whether they can be reached at all."""
    core, directory = policy_from(policy.definition), Directory(now)
    directory.load_targets([*(t for s in core.steps for t in s.targets), *core.catch_all])
    resolved = [[(t, directory.on_call(t)) for t in s.targets] for s in core.steps]
    last = [(t, directory.on_call(t)) for t in core.catch_all]
    reach = _reach({p for step in [*resolved, last] for _, r in step for p in r.people})
    steps, offset = [], timedelta(0)
    for number, found in enumerate(resolved):
        steps.append(_step(spoken(offset) if offset else "0 min", found, directory, names, reach))
        offset += core.steps[number].wait
    if last:
        steps.append(_step("last", last, directory, names, reach) | {"note": "when nobody has answered"})
    elif steps and core.repeats:
        steps[-1]["note"] = f"then again from the top, {counted(core.repeats, 'time')} more"
    return {"title": policy.name, "note": "whom it would call now", "steps": steps, "key": policy.key}


def _step(
    after: str, found: list[Any], directory: Directory, names: Names, reach: dict[str, str]
) -> dict[str, Any]:
    people = []
    for person in dict.fromkeys(p for _, r in found for p in r.people):
        ways = reach.get(person, "")
        people.append(
            names.someone(person)
            | {"state": "ok" if ways else "fault", "state_text": ways or "cannot be reached"}
        )
    missing = [r.nobody_because for _, r in found if not r.people]
    return {
        "after": after,
        "title": ", ".join(dict.fromkeys(directory.label(t) for t, _ in found)),
        "people": people,
        "note": "; ".join(missing) + (": skipped at once" if missing and not people else ""),
        "bad": bool(missing) and not people,
    }


def _reach(people: set[str]) -> dict[str, str]:
    """Person → the kinds of their contacts in use."""
    found: dict[str, list[str]] = {}
    rows = models.ContactMethod.objects.filter(person_id__in=people, disabled=False)
    for person, kind in rows.values_list("person_id", "kind"):
        found.setdefault(person, []).append(channel_name(kind))
    return {p: ", ".join(dict.fromkeys(kinds)) for p, kinds in found.items()}


def sequence(made: Ladder) -> list[dict[str, Any]]:
    """A what-if as lines in the order in which things would happen; later rounds in one line each."""
    if made.policy is None:
        text = "No policy covers this service and there is no default one: nobody would be paged."
        return [_line(None, "octagonx", text, "An alarm would stand above every page.", "red")]
    lines: list[dict[str, Any]] = []
    present = ""
    for firing in made.firings:
        turn = _round(firing)
        if turn in ("first", ""):
            lines += _firing(firing)
        elif turn != present:
            people = _people(f for f in made.firings if _round(f) == turn)
            lines.append(_line(firing.at, "undo", f"From the top, {turn} round", people))
        present = turn
        if firing.last:
            lines.append(_line(firing.at, "flag" if firing.calls else "octagonx", firing.reason))
    return lines


def _line(at: datetime | None, icon: str, text: str, note: str = "", tone: str = "") -> dict[str, Any]:
    return {"at": at, "icon": icon, "text": text, "note": note, "tone": tone}


def _round(firing: Firing) -> str:
    """The ordinal of its round ("first", "second"), "" for the catch-all and for a firing of nobody."""
    found = _ROUND.search(firing.calls[0].reason) if firing.calls else None
    return found[1] if found else ""


def _people(firings: Iterable[Firing]) -> str:
    return ", ".join(dict.fromkeys(c.person.name for f in firings for c in f.calls))


def _firing(firing: Firing) -> list[dict[str, Any]]:
    lines = [_line(firing.at, "triangle", text, tone="red") for text in firing.skipped]
    for call in firing.calls:
        lines += _tries(call, firing)
    return lines


def _tries(call: Call, firing: Firing) -> list[dict[str, Any]]:
    if not call.tries:
        note = f"{call.unreachable} The next step follows at once."
        return [_line(firing.at, "octagonx", f"{call.person.name} cannot be reached", note, "red")]
    return [
        _line(
            firing.at + t.after,
            "phone",
            f"{call.person.name}, by {channel_name(t.channel)}",
            call.reason if n == 0 else "",
        )
        for n, t in enumerate(call.tries)
    ]
