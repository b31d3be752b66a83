"""The crew of an incident: check-in, release, roll call, reliefs, sub-teams, safety stops, supposed causes."""

from __future__ import annotations

from datetime import datetime

from quarterdeck.core.incidents import crewing, hypotheses, reliefs, safety, workstreams
from quarterdeck.core.kernel.links import safe_url
from quarterdeck.core.kernel.refused import bad
from quarterdeck.core.kernel.text import clean, line
from quarterdeck.store.ids import new_id

from .. import casebook
from ..act import Act
from ..casebook import Case
from ..paging.directory import must_be_active
from .command import who


def check_in(act: Act, incident_id: str, doing: str = "") -> Case:
    """The actor is here, and says as what."""
    return casebook.change(
        act, incident_id, lambda i, t: crewing.check_in(i, act.who, doing=line(doing, 300))
    )


def release(act: Act, incident_id: str, person_id: str, reason: str = "", override_reason: str = "") -> Case:
    """Let somebody go with everything they hold; nobody asks them for anything any more (R-290)."""
    return casebook.change(
        act,
        incident_id,
        lambda i, t: crewing.release_person(
            i, t, act.who, person=person_id, now=act.at, reason=line(reason, 300),
            override_reason=line(override_reason, 300),
        ),
    )  # fmt: skip


def recall(act: Act, incident_id: str, person_id: str, reason: str = "") -> Case:
    """Call somebody back who was let go."""
    return casebook.change(
        act,
        incident_id,
        lambda i, t: crewing.recall(i, t, act.who, person=person_id, reason=line(reason, 300)),
    )


def start_roll_call(act: Act, incident_id: str) -> Case:
    """Ask every responder: are you here?"""
    return casebook.change(
        act, incident_id, lambda i, t: crewing.start_roll_call(i, t, act.who, roll_id=new_id())
    )


def answer_roll_call(act: Act, incident_id: str, roll_id: str, answer: str = "here") -> Case:
    return casebook.change(
        act, incident_id, lambda i, t: crewing.answer_roll_call(i, act.who, roll_id=roll_id, answer=answer)
    )


def end_roll_call(act: Act, incident_id: str, roll_id: str) -> Case:
    return casebook.change(
        act, incident_id, lambda i, t: crewing.end_roll_call(i, t, act.who, roll_id=roll_id)
    )


def plan_relief(act: Act, incident_id: str, role: str, person_id: str, starts_at: datetime) -> Case:
    """Who takes a role next, and when; both are told when the time comes."""
    person = who(person_id)
    return casebook.change(
        act,
        incident_id,
        lambda i, t: reliefs.plan_relief(
            i, t, act.who, relief_id=new_id(), role=role, person=person, starts_at=starts_at, now=act.at
        ),
    )


def cancel_relief(act: Act, incident_id: str, relief_id: str, reason: str = "") -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: reliefs.cancel_relief(i, t, act.who, relief_id=relief_id, reason=line(reason, 300)),
    )


def open_workstream(
    act: Act, incident_id: str, title: str, leader: str, room: str = "", every_minutes: int = 0
) -> Case:
    """A sub-team with a leader, a room and a clock (R-289)."""
    leading, link = who(leader), _room(room)
    return casebook.change(
        act,
        incident_id,
        lambda i, t: workstreams.open_workstream(
            i, t, act.who, workstream_id=new_id(), title=line(title, 300), leader=leading, room=link,
            every_minutes=every_minutes,
        ),
    )  # fmt: skip


def change_workstream(
    act: Act,
    incident_id: str,
    workstream_id: str,
    title: str,
    leader: str,
    room: str = "",
    every_minutes: int = 0,
) -> Case:
    leading, link = who(leader), _room(room)
    return casebook.change(
        act,
        incident_id,
        lambda i, t: workstreams.change_workstream(
            i, t, act.who, workstream_id=workstream_id, title=line(title, 300), leader=leading, room=link,
            every_minutes=every_minutes,
        ),
    )  # fmt: skip


def join_workstream(act: Act, incident_id: str, workstream_id: str, person_id: str) -> Case:
    person = who(person_id)
    return casebook.change(
        act,
        incident_id,
        lambda i, t: workstreams.join_workstream(i, t, act.who, workstream_id=workstream_id, person=person),
    )


def leave_workstream(act: Act, incident_id: str, workstream_id: str, person_id: str) -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: workstreams.leave_workstream(
            i, t, act.who, workstream_id=workstream_id, person=person_id
        ),
    )


def report_workstream(act: Act, incident_id: str, workstream_id: str, text: str) -> Case:
    """What its leader says; the clock starts anew."""
    return casebook.change(
        act,
        incident_id,
        lambda i, t: workstreams.report_workstream(
            i, t, act.who, workstream_id=workstream_id, text=clean(text, 4000)
        ),
    )


def end_workstream(act: Act, incident_id: str, workstream_id: str, result: str = "") -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: workstreams.end_workstream(
            i, t, act.who, workstream_id=workstream_id, result=clean(result, 2000)
        ),
    )


def stop(act: Act, incident_id: str, reason: str, what: str = "everything", subject: str = "") -> Case:
    """Halt work for safety; the commander and every responder are told at once (R-167)."""
    return casebook.change(
        act,
        incident_id,
        lambda i, t: safety.stop(
            i, act.who, stop_id=new_id(), reason=line(reason, 500), what=what, subject=subject
        ),
    )


def clear_stop(act: Act, incident_id: str, stop_id: str, clearance: str) -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: safety.clear(i, t, act.who, stop_id=stop_id, clearance=line(clearance, 500)),
    )


def state_hypothesis(act: Act, incident_id: str, text: str, owner: str = "") -> Case:
    """A supposed cause, with who tests it."""
    if owner:
        must_be_active(owner, "owner")
    return casebook.change(
        act,
        incident_id,
        lambda i, t: hypotheses.state_hypothesis(
            i, act.who, hypothesis_id=new_id(), text=clean(text, 2000), owner=owner
        ),
    )


def judge_hypothesis(act: Act, incident_id: str, hypothesis_id: str, state: str, evidence: str = "") -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: hypotheses.judge_hypothesis(
            i, t, act.who, hypothesis_id=hypothesis_id, state=state, evidence=clean(evidence, 2000)
        ),
    )


def _room(room: str) -> str:
    """A link that a browser opens, or nothing."""
    found = line(room, 2000)
    if found and (safe_url(found) is None or found.startswith("mailto:")):
        message = "The room is a link that starts with https://."
        raise bad("room.link", message, room=message)
    return found
