"""Whom a policy would call: its steps with who stands for them now, and a what-if as lines in time. Reads only."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from quarterdeck.app.paging.directory import Directory, policy_from
from quarterdeck.app.paging.escalation_preview import Call, Firing, Ladder
from quarterdeck.core.escalation.conditions import is_open, listed, told
from quarterdeck.core.escalation.policy import Step
from quarterdeck.core.kernel.moments import spoken
from quarterdeck.core.kernel.text import counted
from quarterdeck.store import models

from .callouts import channel_name
from .oncall import Names, day_time

_ROUND = re.compile(r"\(step \d+ of \d+, (\w+) round")


def ladder(policy: models.EscalationPolicy, now: datetime, names: Names) -> dict[str, Any]:
    """The steps with whom each would call now, by what, and when it applies."""
    core, directory = policy_from(policy.definition), Directory(now)
    targets = [*(t for s in core.steps for t in s.targets), *core.catch_all]
    directory.load_targets(targets)
    directory.load_reach(p for t in targets for p in directory.on_call(t).people)
    steps, offset = [], timedelta(0)
    for step in core.steps:
        steps.append(_step(spoken(offset) if offset else "0 min", step, now, directory, names))
        offset += step.wait
    if core.catch_all:
        last = _step("last", Step(core.catch_all), now, directory, names)
        steps.append(last | {"note": "; ".join(x for x in ("when nobody has answered", last["note"]) if x)})
    elif steps and core.repeats:
        again = f"then again from the top, {counted(core.repeats, 'time')} more"
        steps[-1]["note"] = "; ".join(x for x in (steps[-1]["note"], again) if x)
    ends = ""
    if core.ack_timeout:
        ends = (
            f"Acknowledged, and still firing after {spoken(core.ack_timeout)}: it starts again from the top."
        )
    return {
        "title": policy.name, "note": "whom it would call now", "steps": steps, "key": policy.key, "ends": ends,
    }  # fmt: skip


def short(step: Step, directory: Directory) -> str:
    """A step in a list: whom it calls, and that it has conditions."""
    whom = ", ".join(directory.label(t) for t in step.targets)
    one = "one of " if step.mode == "one_of" else ""
    only = ", ".join([*step.severities, *(told(w) for w in step.windows)])
    return f"{one}{whom}" + (f" ({only})" if only else "")


def _step(after: str, step: Step, now: datetime, directory: Directory, names: Names) -> dict[str, Any]:
    resolved = [(t, directory.on_call(t)) for t in step.targets]
    urgency = step.urgency or "high"
    people = []
    for person in dict.fromkeys(p for _, r in resolved for p in r.people):
        ways = _ways(person, urgency, directory)
        people.append(
            names.someone(person)
            | {"state": "ok" if ways else "fault", "state_text": ways or "cannot be reached"}
        )
    missing = [r.nobody_because for _, r in resolved if not r.people]
    closed = bool(step.windows) and not any(is_open(w, now) for w in step.windows)
    notes = ["; ".join(missing) + (": skipped at once" if not people else "")] if missing else []
    if step.mode == "one_of" and len(people) > 1:
        notes.insert(0, f"one of these {len(people)}, in turn from alert to alert")
    return {
        "after": after,
        "title": ", ".join(dict.fromkeys(directory.label(t) for t, _ in resolved)),
        "people": people,
        "note": "; ".join(notes),
        "bad": bool(missing) and not people,
        "conditions": _conditions(step),
        "closed": closed,
    }


def _conditions(step: Step) -> list[dict[str, str]]:
    """When a step applies and how it calls, as short marks."""
    found = []
    if step.severities:
        found.append({"icon": "filter", "text": f"only {listed(step.severities)}"})
    found += [{"icon": "clock", "text": told(w)} for w in step.windows]
    if step.urgency:
        found.append({"icon": "phone", "text": f"{step.urgency} urgency"})
    return found


def _ways(person: str, urgency: str, directory: Directory) -> str:
    """By what somebody is tried, in order: push at once, SMS after 1 min."""
    rows = directory.contacts(person)
    tries: dict[str, list[str]] = {}
    for p in directory.ways(person, urgency).planned:
        when = f"after {spoken(p.delay)}" if p.delay else "at once"
        if p.contact_id in rows:
            tries.setdefault(when, []).append(channel_name(rows[p.contact_id].kind))
    return ", ".join(f"{', '.join(dict.fromkeys(kinds))} {when}" for when, kinds in tries.items())


def sequence(made: Ladder) -> list[dict[str, Any]]:
    """A what-if as lines in the order in which things would happen; later rounds in one line each."""
    if made.policy is None:
        text = "No policy covers this service and there is no default one: nobody would be paged."
        return [_line(None, "octagonx", text, "An alarm would stand above every page.", "red")]
    lines: list[dict[str, Any]] = []
    if made.by_turns:
        lines.append(
            _line(
                None,
                "info",
                "A step calls one of several people, in turn.",
                "Another alert may call another.",
            )
        )
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
    quiet = f" Quiet hours hold it back until {day_time(call.quiet)}." if call.quiet else ""
    return [
        _line(
            firing.at + t.after,
            "phone",
            f"{call.person.name}, by {channel_name(t.channel)}",
            f"{call.reason}.{quiet}" if n == 0 else "",
        )
        for n, t in enumerate(call.tries)
    ]
