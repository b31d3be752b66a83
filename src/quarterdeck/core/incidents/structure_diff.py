"""What differs between two structures, in sentences a commander reads before taking one for the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from quarterdeck.core.kernel.moments import spoken

from .structure import ChainStep, RoleDefinition, Template

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Difference:
    """`kind` is added, removed or changed; `part` the heading it belongs to."""

    kind: str
    part: str
    text: str


def difference(old: Template, new: Template) -> tuple[Difference, ...]:
    """In the order of the parts: roles, checklists, clocks, callouts, release of messages, gates."""
    return tuple(
        [*_roles(old, new), *_items(old, new), *_clocks(old, new), *_assembly(old, new), *_chains(old, new),
         *_gates(old, new), *_rest(old, new)]
    )  # fmt: skip


def _roles(old: Template, new: Template) -> Iterator[Difference]:
    before, after = _active(old), _active(new)
    for key in after.keys() - before.keys():
        yield Difference("added", "Roles", after[key].title)
    for key in before.keys() - after.keys():
        kept = new.role(key)
        on = new.role(kept.reports_to or "") if kept else None
        went = f"{before[key].title}: its work goes on under {on.title}" if on else before[key].title
        yield Difference("removed", "Roles", went)
    for key in (k for k in after if k in before):
        for name, words in _FIELDS:
            was, now = getattr(before[key], name), getattr(after[key], name)
            if was != now:
                yield Difference("changed", "Roles", f"{after[key].title}: {words} {_say(was)} → {_say(now)}")


_FIELDS = (
    ("title", "title"),
    ("purpose", "purpose"),
    ("required_when", "required when"),
    ("reports_to", "reports to"),
    ("backup", "backup"),
    ("grants", "may"),
    ("excludes", "excludes"),
    ("qualification", "qualification"),
    ("max", "at most"),
    ("understood", "asks to be understood"),
)


def _active(template: Template) -> Mapping[str, RoleDefinition]:
    return {r.key: r for r in template.roles if not r.retired}


def _items(old: Template, new: Template) -> Iterator[Difference]:
    before, after = _texts(old), _texts(new)
    titles = {r.key: r.title for r in (*old.roles, *new.roles)}
    for kind, found in (("added", after - before), ("removed", before - after)):
        for role, phase, text in sorted(found):
            yield Difference(kind, "Checklists", f"{titles[role]}, {phase}: {text}")


def _texts(template: Template) -> set[tuple[str, str, str]]:
    return {(r.key, p, i.text) for r in template.roles for p, items in r.checklist.items() for i in items}


def _clocks(old: Template, new: Template) -> Iterator[Difference]:
    yield from _compared("Clocks", old.clocks, new.clocks, _clock)


def _clock(intervals: Mapping[int, timedelta]) -> str:
    told = (
        f"SEV{rank} every {every.total_seconds() / 60:g} min" for rank, every in sorted(intervals.items())
    )
    return ", ".join(told) or "none"


def _assembly(old: Template, new: Template) -> Iterator[Difference]:
    for kind, first, then in (("added", new, old), ("removed", old, new)):
        for rule in first.assembly:
            if rule not in then.assembly:
                text = f"{rule.role.replace('_', ' ')} by {rule.how.replace('_', '-')} when {rule.when}"
                yield Difference(kind, "Callouts", text)


def _chains(old: Template, new: Template) -> Iterator[Difference]:
    yield from _compared(
        "Release of messages",
        old.chains,
        new.chains,
        lambda steps: " → ".join(map(_step, steps)),
    )


def _step(step: ChainStep) -> str:
    rules = [f"within {spoken(step.eta)}"] if step.eta else []
    rules += [f"backup {', '.join(step.backup)}"] if step.backup else []
    rules += [f"when {step.when}"] if step.when != "always" else []
    rules += [f"{len(step.guidelines)} guidelines"] if step.guidelines else []
    return f"{step.step} ({'; '.join([', '.join(step.roles), *rules])})"


def _gates(old: Template, new: Template) -> Iterator[Difference]:
    yield from _compared("Gates", old.gates, new.gates, lambda words: ", ".join(words) or "nothing")


def _rest(old: Template, new: Template) -> Iterator[Difference]:
    if old.unified_command != new.unified_command:
        text = "unified command may be opened" if new.unified_command else "no unified command"
        yield Difference("changed", "Command", text)
    if old.severities != new.severities:
        yield Difference("changed", "Severities", "what the ranks mean or ask for")
    before, after = ({s.key: s for s in t.switches} for t in (old, new))
    yield from _compared(
        "Switches",
        before,
        after,
        lambda s: (
            f"{s.title}, owned by {s.owner}{', calls a webhook' if s.webhook else ''}, resumes as {s.resume_order}"
        ),
    )


def _compared(
    part: str, before: Mapping[str, T], after: Mapping[str, T], say: Callable[[T], str]
) -> Iterator[Difference]:
    for key in sorted({*before, *after}):
        name = key.replace("_", " ")
        if key not in before:
            yield Difference("added", part, f"{name}: {say(after[key])}")
        elif key not in after:
            yield Difference("removed", part, f"{name}: {say(before[key])}")
        elif before[key] != after[key]:
            yield Difference("changed", part, f"{name}: {say(before[key])} → {say(after[key])}")


def _say(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "nothing"
    return str(value).replace("_", " ") if value not in (None, "") else "nothing"
