"""What stands beside a message while it is written and before it leaves: findings, facts that moved, previews by
channel, who carries it out, its versions. Reads only.
"""

from __future__ import annotations

import difflib
from datetime import datetime
from typing import Any

from quarterdeck.app.casebook import Case
from quarterdeck.app.comms import linting, message_steps, message_wording, previews, sending
from quarterdeck.core.access import Who
from quarterdeck.core.comms.finding import ERROR, FIELDS, Finding
from quarterdeck.core.incidents import Content, distribution, publish, second_look, stale
from quarterdeck.core.incidents.authority import may
from quarterdeck.core.incidents.parts import Message
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.kernel.text import counted

_SAID = {
    "headline": "Headline",
    "customer_effect": "What they notice",
    "action": "What we are doing",
    "body": "Text",
}
_AROUND = 60
_SHOWN = 30


def found(case: Case, content: Content | Message, now: datetime) -> dict[str, Any]:
    """The findings, each with the words it is about and a little of what stands around them."""
    rows = linting.findings(case, content, now)
    errors = sum(f.level == ERROR for f in rows)
    outside = linting.reader_of(case.template, content.audience).outside
    return {
        "rows": [_finding(content, f, blocks=outside) for f in rows[:_SHOWN]],
        "errors": errors if outside else 0,
        "summary": f"{counted(errors, 'error')}, {counted(len(rows) - errors, 'remark')}" if rows else "",
        "preview": preview(case, content, now),
        "headline": content.headline,
        "body": below(content),
    }


def _finding(content: Content | Message, f: Finding, *, blocks: bool) -> dict[str, Any]:
    said = getattr(content, f.field) if f.field in FIELDS and f.end > f.start else ""
    start, end = max(0, f.start - _AROUND), min(len(said), f.end + _AROUND)
    error = f.level == ERROR and blocks
    return {
        "tone": "red" if error else "amber", "icon": "octagonx" if error else "bulb",
        "kind": "Error" if error else "Remark", "text": f.text, "say": f.suggestion,
        "field": _SAID.get(f.field, ""),
        "before": ("…" if start else "") + said[start : f.start], "word": said[f.start : f.end],
        "after": said[f.end : end] + ("…" if end < len(said) else ""),
    }  # fmt: skip


def below(content: Content | Message) -> str:
    """What readers see below the headline, where the headline stands above by itself."""
    body = sending.public_body(content)  # type: ignore[arg-type]
    return body.removeprefix(content.headline.strip()).lstrip() or body


def preview(case: Case, content: Content | Message, now: datetime) -> list[dict[str, Any]]:
    """The text where it goes: how long it is there, and how it looks."""
    return [
        {
            "label": p.title, "channel": p.channel, "used": p.used, "cut": p.cut, "rich": p.rich,
            "value": f"{p.length} of {p.limit} {p.unit}" if p.limit else f"{p.length} {p.unit}",
            "kind": "rich text" if p.rich else "plain text", "sender": p.sender, "subject": p.subject, "text": p.text,
        }
        for p in previews.of(case, content, now)
    ]  # fmt: skip


def beside(case: Case, message: Message, who: Who, now: datetime) -> dict[str, Any]:
    """The parts of an opened message that `board.message` does not have."""
    incident, template = case.incident, case.template
    moved = stale.changes(incident, message)
    unsent = message.state in ("draft", "in_review")
    lint = found(case, message, now) if unsent else None
    return {
        "lint": lint,
        "stale": [str(c) for c in moved],
        "may_look_again": bool(moved) and unsent and may(incident, template, who, "message.draft", "message.release"),
        "needs_override": bool(moved or (lint and lint["errors"])),
        "override": {"reason": message.override, "texts": message.overridden} if message.override else None,
        "after": steps(case, message, who, now),
        "prompts": prompts(message.prompts),
        "versions": versions(case, message, now),
        "corrects": incident.messages.get(message.corrects),
        "corrected_by": [m for m in incident.messages.values() if m.corrects == message.id and m.state != "superseded"],
        "may_correct": message.state in ("released", "sent")
        and not incident.has_ended
        and may(incident, template, who, "message.draft", "message.release"),
        "agreed": message.agreed,
        "wording": message_wording.pieces(case, message.audience, message.phase) if unsent else (),
    }  # fmt: skip


def steps(case: Case, message: Message, who: Who, now: datetime) -> list[dict[str, Any]]:
    """What comes after release, with who does it."""
    if message.state == "superseded":
        return []
    way = distribution.way(case.incident, case.template, message)
    return [_step(case, message, h, who, now) for h in way]


def may_release(case: Case, message: Message, who: Who, now: datetime) -> bool:
    try:
        publish.may_let_go(case.incident, case.template, who, message, now)
    except Refused:
        return False
    return True


def prompts(ticked: tuple[str, ...]) -> list[dict[str, Any]]:
    return [{"key": k, "text": v, "on": k in ticked} for k, v in second_look.PROMPTS.items()]


def _step(case: Case, message: Message, h: distribution.Handed, who: Who, now: datetime) -> dict[str, Any]:
    role = case.template.role(h.role)
    name = case.directory(now).name
    owners = distribution.owners(case.incident, case.template, h.step)
    if h.done:
        note, state = (
            f"{name(h.done.person)}: {h.done.proof}" if h.done.proof else name(h.done.person),
            "done",
        )
    elif h.records:
        note, state = f"by {counted(message.recipients + message.page_count, 'delivery record')}", "done"
    else:
        note, state = ", ".join(map(name, owners)) or "nobody holds this role", "now" if h.open else ""
        if h.open and h.due:
            minutes = round((h.due - now).total_seconds() / 60)
            note += f", {minutes} min left" if minutes > 0 else f", {-minutes} min late"
    verb = "Carried out" if h.step.step == "distribute" else "Confirmed"
    ready = h.open and message.state in ("released", "sent")
    return {
        "step": h.step.step, "label": f"{verb}: {role.title if role else h.role}", "note": note, "state": state,
        "icon": "send" if h.step.step == "distribute" else "check",
        "may": ready and distribution.may_carry(case.incident, case.template, who, h.step),
        "proof_needed": not (message.recipients or message.page_count),
    }  # fmt: skip


def versions(case: Case, message: Message, now: datetime) -> list[dict[str, Any]]:
    """Newest first, each with what it changed. One text alone is no history."""
    if not message.edited_at:
        return []
    known = list(message_steps.versions(case.incident.key, message.id))
    name = case.directory(now).name
    rows, before = [], ""
    for v in known:
        said = sending.public_body(v.content)
        rows.append({"number": v.number, "by": name(v.person), "at": v.at, "lines": difference(before, said)})
        before = said
    return rows[::-1][:20]


def difference(before: str, after: str) -> list[dict[str, str]]:
    """Lines that came (+) or went (-)."""
    lines = difflib.ndiff(before.splitlines()[:200], after.splitlines()[:200])
    return [{"mark": line[0], "text": line[2:]} for line in lines if line[0] in "+-" and line[2:].strip()]
