"""The part "how we responded" as the log tells it, role by role and clock by clock (R-022). Names roles, never people;
its writer goes on from there.
"""

from __future__ import annotations

from quarterdeck.core.kernel.moments import spoken

from .shapes import Clock, Held, Report, Updates

TASKS_NAMED = 6


def how_we_responded(r: Report) -> str:
    """Markdown. Says what was measured and leaves the why to people; "" where nothing was."""
    roles = list(dict.fromkeys(h.role for h in r.roles))
    lines = ["**Role by role**", "", *(_role(r, role) for role in roles), ""] if roles else []
    clocks = [_clock(c) for c in r.clocks] + [_updates(u) for u in r.updates if u.promised or u.unpromised]
    return "\n".join([*lines, *(["**Clock by clock**", "", *clocks] if clocks else [])]).strip()


def _role(r: Report, role: str) -> str:
    held = [h for h in r.roles if h.role == role]
    people = {h.person for h in held}
    done = [t.title for t in r.tasks if t.assignee in people and t.state == "done"]
    late = sum(t.late for t in r.tasks if t.assignee in people)
    said = [_held(held)]
    if done:
        named = "; ".join(done[:TASKS_NAMED])
        said.append(f"did {named}{' and more' if len(done) > TASKS_NAMED else ''}")
    if late:
        said.append(
            f"{_number(late, 'task')} over its time" if late == 1 else f"{late} tasks over their time"
        )
    decided = sum(d.by in people for d in r.decisions)
    if decided:
        said.append(f"made {_number(decided, 'decision')}")
    return f"- {role}: {'; '.join(said)}."


def _held(held: list[Held]) -> str:
    first = min(h.since for h in held)
    until = max((h.until for h in held if h.until), default=None)
    end = f"until {until:%H:%M} UTC" if until and all(h.until for h in held) else "until now"
    hands = f", {len(held)} holders one after the other or together" if len(held) > 1 else ""
    return f"filled from {first:%Y-%m-%d %H:%M} UTC {end}{hands}"


def _clock(c: Clock) -> str:
    time = spoken(c.lasted) if c.lasted is not None else "not reached"
    return f"- {c.title}: {time}{f' ({c.note})' if c.note else ''}."


def _updates(u: Updates) -> str:
    late = f", the latest by {spoken(u.latest_by)}" if u.latest_by is not None else ""
    return f"- Updates to {u.title}: {u.on_time} on time, {u.late} late, {u.missed} missed{late}."


def _number(count: int, what: str) -> str:
    return f"1 {what}" if count == 1 else f"{count} {what}s"
