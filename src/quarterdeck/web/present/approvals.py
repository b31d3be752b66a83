"""The way of one message to its release as the board shows it: each step with who, until when, and what they said."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from quarterdeck.app.casebook import Case
from quarterdeck.app.comms.approval_notices import people_for
from quarterdeck.core.access import Who
from quarterdeck.core.incidents import chain
from quarterdeck.core.incidents.authority import may
from quarterdeck.core.incidents.chain import Asked
from quarterdeck.core.incidents.message_authority import in_chain
from quarterdeck.core.incidents.parts import Message
from quarterdeck.core.incidents.response import PARENT_COMMANDER
from quarterdeck.core.kernel.text import counted

from .problems import people

_ICONS = {"review": "eye", "approve": "check"}
_WORDS = {"review": "Review", "approve": "Approval"}
_SAID = {"ok": "ok", "suggestion": "ok, with a suggestion", "objection": "strong objection"}


def shown_state(case: Case, message: Message, now: datetime) -> str:
    """As the board names it: what everybody agreed to is approved, though nobody released it yet."""
    if message.state != "in_review":
        return message.state
    return "in_review" if chain.missing(case.incident, case.template, message, now) else "approved"


def steps(case: Case, message: Message, now: datetime) -> list[dict[str, Any]]:
    """Each step with its state: done, now, or still to come."""
    found = list(_steps(case, message, now))
    if message.state not in ("sent", "released", "superseded"):
        first = next((s for s in found if s["state"] == ""), None)
        if first is not None and not any(s["state"] == "now" for s in found):
            first["state"] = "now"
    return found


def _steps(case: Case, message: Message, now: datetime) -> Iterator[dict[str, Any]]:
    name = case.directory(now).name
    yield _step("Drafted", name(message.edited_by or message.drafted_by), "done", "pencil")
    if message.state == "superseded":
        yield _step("Superseded", message.superseded_reason, "now", "x")
        return
    way = chain.way(case.incident, case.template, message, now)
    if way:
        handed_in = message.submitted_at is not None
        note = f"by {name(message.submitted_by)}" if handed_in else "by whoever wrote it"
        yield _step("Handed in", note, "done" if handed_in else "", "send")
    for asked in way:
        yield _asked(case, message, asked, now)
    released = message.released_by
    note = (
        name(released) if released else f"by the {_releaser(case, message)}, who checks that it is still true"
    )
    if message.broke_glass:
        note += f", past reviews: {message.broke_glass}"
    yield _step("Released" if released else "Release", note, "done" if released else "", "shield")
    if message.broke_glass:
        signed = (
            name(message.countersigned_by)
            if message.countersigned_by
            else "by a second person, within the hour"
        )
        text = f": {message.countersigned_text}" if message.countersigned_text else ""
        done = "done" if message.countersigned_by else "now"
        yield _step(
            "Countersigned" if message.countersigned_by else "Countersign", signed + text, done, "eye"
        )
    sent = message.sent_at is not None
    note = f"to {counted(message.recipients, 'recipient')}" if sent else "at once after release"
    yield _step("Sent", note, "done" if sent else "", "send")


def _asked(case: Case, message: Message, asked: Asked, now: datetime) -> dict[str, Any]:
    name, role = case.directory(now).name, case.template.role(asked.role)
    title = f"{_WORDS[asked.step.step]}: {role.title if role else asked.role}"
    icon = _ICONS[asked.step.step]
    if asked.verdict is not None:
        text = f": {asked.verdict.text}" if asked.verdict.text else ""
        note = f"{name(asked.verdict.person)}, {_SAID[asked.verdict.verdict]}{text}"
        return _step(title, note, "blocked" if asked.blocks else "done", icon)
    who = ", ".join(map(name, people_for(case.incident, case.template, message, asked)))
    if not asked.open or message.state != "in_review":
        return _step(title, who or "nobody holds this role", "", icon)
    until = ""
    if asked.due is not None:
        minutes = round((asked.due - now).total_seconds() / 60)
        until = f", {minutes} min left" if minutes > 0 else f", {-minutes} min late"
    return _step(title, (who or "nobody holds this role") + until, "now", icon)


def asked(case: Case, message: Message, who: Who, now: datetime) -> dict[str, Any]:
    """What this person may do on the way: hand in, answer for a role, send it past the reviews, countersign."""
    incident, template = case.incident, case.template
    lacks = chain.missing(incident, template, message, now)
    way = chain.way(incident, template, message, now)
    drafts = in_chain(incident, template, who, message.audience, "draft")
    writes = drafts or may(incident, template, who, "message.draft", "message.release")
    asked_here = any(in_chain(incident, template, who, message.audience, s) for s in chain.ASKING)
    either = (message.released_by, message.author)
    signs = bool(message.broke_glass and not message.countersigned_by and who.person not in either)
    return {
        "lacks": lacks,
        "may_submit": bool(way) and message.state == "draft" and writes,
        "answers": [
            _answer(case, a)
            for a in way
            if message.state == "in_review"
            and a.since is not None
            and (a.verdict is None or a.verdict.person == who.person)
            and who.person in people_for(incident, template, message, a)
        ],
        "may_countersign": signs and (writes or asked_here),
        "others": people() if way and message.state == "in_review" else (),
    }


def _answer(case: Case, asked: Asked) -> dict[str, Any]:
    role = case.template.role(asked.role)
    return {
        "step": asked.step.step, "role": asked.role, "title": role.title if role else asked.role,
        "approves": asked.step.step == chain.APPROVE, "guidelines": asked.step.guidelines,
        "said": asked.verdict.verdict if asked.verdict else "", "text": asked.verdict.text if asked.verdict else "",
    }  # fmt: skip


def _releaser(case: Case, message: Message) -> str:
    roles = [
        r for s in case.template.chains.get(message.audience, ()) if s.step == "release" for r in s.roles
    ] or ["commander"]
    parent = case.incident.response.parent
    lead = f"commander of {parent}" if parent else "lead"
    titles = [
        lead if r == PARENT_COMMANDER else role.title if (role := case.template.role(r)) else r for r in roles
    ]
    return " or ".join(titles)


def _step(label: str, note: str, state: str, icon: str) -> dict[str, Any]:
    return {"label": label, "note": note, "state": state, "icon": icon}
