"""What executives do in an incident and what they read of it: questions, guidance, notes, command, the brief."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from quarterdeck.core.access import HOLDER, Who, may
from quarterdeck.core.incidents import Event, Incident, Template, exec_acts, exec_questions
from quarterdeck.core.incidents.boundary import Contacts, ExecQuestion, contacts
from quarterdeck.core.incidents.exec_brief import ExecBrief, as_text, is_status_demand, standing_brief
from quarterdeck.core.incidents.state import COMMANDER, PASSIVE_ROLES
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.kernel.text import clean, line
from quarterdeck.store import models
from quarterdeck.store.ids import new_id

from .. import casebook
from ..act import Act, engine_act
from ..casebook import Case
from ..incidents import command
from ..people import competence
from ..visibility import must_see, visible_incidents

INSIDE = frozenset({"incident.read", "incident.act"})


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of a question: as it stands in the queue, or the answer it got by itself with the next brief's time."""

    question: ExecQuestion
    next_brief_at: datetime | None


# -- the door


def inside(who: Who, permission: str, incident_id: str, path: str = "") -> Who:
    """An executive with the rights of a role they hold in this incident; everybody else as they were. Whoever was
    offered a role may answer that, which `path` tells, and nothing more; whoever was let in to answer in a step of a
    message reads and answers that message.
    """
    if "executive" not in who.roles or permission not in INSIDE or not incident_id:
        return who
    held = models.RoleAssignmentRow.objects.filter(
        incident_id=incident_id, person_id=who.person, ended_at=None
    ).exclude(role__in=PASSIVE_ROLES)
    offered = models.HandoverRow.objects.filter(incident_id=incident_id, to_person=who.person, ended_at=None)
    if held.exists() or ("/handovers/" in path and offered.exists()) or _let_in(who, incident_id, path):
        return Who(who.person, who.roles | {HOLDER})
    return who


def _let_in(who: Who, incident_id: str, path: str) -> bool:
    """Whether they answer in a step of the message this is about, as a backup or because it was passed to them."""
    _, _, rest = path.partition("/messages/")
    asked = models.MessageStandInRow.objects.filter(incident_id=incident_id, person=who.person)
    if rest:
        return asked.filter(message=rest.partition("/")[0]).exists()
    return path.endswith("/communication") and asked.exists()


def refused(who: Who, at: datetime, incident_id: str, what: str) -> None:
    """An act of an executive was refused at the door: written down in the incident, if they may know of it."""
    if "executive" not in who.roles or not incident_id:
        return
    if not visible_incidents(who).filter(id=incident_id).exists():
        return
    said = line(what.replace("_", " ").replace("-", " "), 120)
    try:
        casebook.change(
            engine_act(at),
            incident_id,
            lambda i, t: exec_acts.attempted(i, who, at, crossing_id=new_id(), what=said),
        )
    except Refused:
        return  # the refusal they get is the first one, whatever keeps this from being written


# -- reading


def brief(case: Case, at: datetime) -> ExecBrief:
    """The brief as it stands, without names."""
    return standing_brief(case.incident, case.template, names(case, at))


def brief_text(case: Case, at: datetime) -> str:
    return as_text(brief(case, at))


def load(act: Act, incident_id: str) -> Case:
    """For the executive page: everybody who may read briefs and know of the incident."""
    must_see(act.who, incident_id)
    return casebook.load(incident_id, act.who)


def names(case: Case, at: datetime) -> dict[str, str]:
    """Everybody who had a part in it, by id: whom no text for executives names."""
    incident, directory = case.incident, case.directory(at)
    people = {a.person for a in incident.assignments.values()} | {t.assignee for t in incident.tasks.values()}
    people |= {c.person for c in incident.callouts.values()} | {incident.declared_by}
    directory.load_people(people)
    found = {p: directory.person(p) for p in people}
    return {p: row.name for p, row in found.items() if row is not None}


def count(incident: Incident) -> Contacts:
    """The counter the commander sees, and the review shows."""
    return contacts(incident.boundary)


# -- asking


def ask(act: Act, incident_id: str, text: str, *, critical: bool = False, reason: str = "") -> Asked:
    """One question. The same words as an open one are joined to it; "status?" is answered at once."""
    key = new_id()

    def decide(i: Incident, t: Template) -> list[Event]:
        called = names(Case(i, t), act.at)
        return exec_questions.ask(
            i, t, act.who, act.at, question_id=key, text=clean(text, 4000), critical=critical,
            reason=line(reason, 600), names=called,
        )  # fmt: skip

    case = casebook.change(act, incident_id, decide)
    return _asked(case, act, key, text)


def _asked(case: Case, act: Act, key: str, text: str) -> Asked:
    questions = case.incident.boundary.questions
    mine = questions.get(key)
    if mine is None:
        # Joined to another one, or answered a moment ago: the newest of theirs that says the same.
        same, wanted = is_status_demand(text), exec_questions.plain(text)
        theirs = [q for q in questions.values() if act.person in q.askers and (q.kind == "status") == same]
        mine = max(theirs, key=lambda q: (exec_questions.plain(q.text) == wanted, q.asked_at))
    return Asked(mine, brief(case, act.at).next_brief_at)


def answer(act: Act, incident_id: str, question_id: str, state: str, text: str = "") -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: exec_questions.answer(
            i, t, act.who, question_id=question_id, state=line(state, 20), text=clean(text, 8000)
        ),
    )


def merge(act: Act, incident_id: str, question_id: str, into: str) -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: exec_questions.merge(i, t, act.who, question_id=question_id, into=into),
    )


def pass_on(act: Act, incident_id: str, question_id: str, person: str, note: str = "") -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: exec_questions.pass_on(
            i, t, act.who, question_id=question_id, person=person, note=clean(note, 2000)
        ),
    )


# -- guidance, notes, what came past the liaison


def guide(act: Act, incident_id: str, kind: str, text: str) -> Case:
    key = new_id()
    return casebook.change(
        act,
        incident_id,
        lambda i, t: exec_acts.give_guidance(
            i, act.who, guidance_id=key, kind=line(kind, 20), text=clean(text, 2000)
        ),
    )


def answer_guidance(act: Act, incident_id: str, guidance_id: str, accepted: bool, reason: str = "") -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: exec_acts.answer_guidance(
            i, act.who, guidance_id=guidance_id, accepted=accepted, reason=clean(reason, 2000)
        ),
    )


def note(act: Act, incident_id: str, about: str, text: str, decision_id: str = "") -> Case:
    """For the review: a doubt about the severity, or another mind about a decision."""
    key = new_id()
    return casebook.change(
        act,
        incident_id,
        lambda i, t: exec_acts.leave_note(
            i, act.who, note_id=key, about=line(about, 20), text=clean(text, 2000), decision_id=decision_id
        ),
    )


def off_channel(act: Act, incident_id: str, what: str, quote: str = "", person: str = "") -> Case:
    """A request past the executive liaison. `person` is whose it was: kept, never shown."""
    key, whose = new_id(), command.who(person).person if person else ""
    return casebook.change(
        act,
        incident_id,
        lambda i, t: exec_acts.off_channel(
            i, t, act.who, crossing_id=key, what=line(what, 240), quote=clean(quote, 2000), person=whose
        ),
    )


# -- command


def take_command(act: Act, incident_id: str, reason: str, understood: bool = False) -> Case:
    """Yes: eligible, certified where that is known, then a handover its successor has accepted."""
    key = new_id()
    casebook.load(incident_id, act.who)

    def decide(i: Incident, t: Template) -> list[Event]:
        events = exec_acts.take_command(
            i, t, act.who, handover_id=key, reason=clean(reason, 2000), understood=understood,
            elsewhere=command.elsewhere_known(act, incident_id),
        )  # fmt: skip
        if events:
            card = t.role(COMMANDER)
            competence.must_be_certified(act.person, card.qualification if card else (), act.at)
        return events

    return casebook.change(act, incident_id, decide)


def leave_command(act: Act, incident_id: str, text: str) -> Case:
    """No: what they wanted said goes to the queue of the executive liaison, and that the dialog came up is counted."""
    question, crossing = new_id(), new_id()

    def decide(i: Incident, t: Template) -> list[Event]:
        said = clean(text, 4000)
        return [
            *exec_acts.command_not_taken(i, act.who, crossing_id=crossing, note=said.strip()[:1000]),
            *exec_questions.ask(i, t, act.who, act.at, question_id=question, text=said, kind="note"),
        ]

    return casebook.change(act, incident_id, decide)


def typed_question(who: Who, incident_id: str, text: str) -> str | None:
    """What an executive without a role here asks in a chat: "status", or "ask" and the question; None for the rest."""
    if "executive" not in who.roles or HOLDER in inside(who, "incident.act", incident_id).roles:
        return None
    word, _, rest = text.strip().removeprefix("/").partition(" ")
    if word.lower() == "ask":
        return rest
    return text if is_status_demand(text) else None


def by_chat(act: Act, incident_id: str, text: str) -> str:
    """The answer in the chat: the brief to whoever asks how it stands, else that the liaison has the question."""
    if must_see(act.who, incident_id).restricted:
        return "It is restricted, so nothing is said of it here. Open it in the browser."
    asked = ask(act, incident_id, text)
    if asked.question.kind != "status":
        return "The executive liaison has your question. Its answer stands on your page."
    due = f"{asked.next_brief_at:%H:%M} UTC" if asked.next_brief_at else "when something changes"
    return f"{asked.question.answer}\nNext brief: {due}."


def may_act(who: Who) -> bool:
    return may(who, "executive.act")
