"""Who is asked, reminded and told on the way of a message to its release; and the backups who are let in meanwhile."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from quarterdeck.core.access import ENGINE, Who
from quarterdeck.core.escalation.policy import Target
from quarterdeck.core.incidents import Incident, chain, content_hash, distribution
from quarterdeck.core.incidents import events as ev
from quarterdeck.core.incidents.authority import may, may_read, stands_for
from quarterdeck.core.incidents.chain import Asked
from quarterdeck.core.incidents.parts import Message
from quarterdeck.core.incidents.structure import Template
from quarterdeck.core.kernel.text import line

from ..incidents.crew_notices import Desk
from ..paging import answer_links
from ..paging.callouts import Request
from ..paging.directory import Directory, policy_from
from ..paging.role_policies import policy_for
from ..response import response_releases
from . import distribution_notices


def follow(desk: Desk, event: ev.Event) -> tuple[list[Request], list[ev.Event]]:
    """What is said to whom because of this event, and the events that follow from it."""
    message = _message(desk.incident, event)
    if message is None:
        return [], []
    carried = distribution_notices.follow(desk, event)
    if isinstance(event, ev.MessageStepLate) and event.step in distribution.AFTER:
        return carried, []
    requests, further = _follow(desk, message, event)
    return [*requests, *carried], further


def _follow(desk: Desk, message: Message, event: ev.Event) -> tuple[list[Request], list[ev.Event]]:
    match event:
        case ev.MessageSubmitted():
            return _ask_next(desk, message), []
        case ev.MessageJudged():
            return _judged(desk, message, event), []
        case ev.MessageStepPassed():
            why = line(event.reason, 200) or f"{desk.name(desk.act.person)} passed it to you."
            return [_asking(desk, message, event.step, event.role, event.person, why)], []
        case ev.MessageStepLate(level=1):
            return _remind(desk, message, event), []
        case ev.MessageStepLate():
            return _next_backup(desk, message, event)
        case ev.MessageReleased() if event.broke_glass:
            text = line(f"Countersign: {message.headline}", 200)
            return _tell(
                desk, _chain_people(desk, message), text, f"Sent past its reviews: {event.broke_glass}"
            ), []
        case ev.MessageCountersigned(verdict="objection"):
            text = line(f"Correct this: {message.headline}", 200)
            people = [message.released_by, message.author]
            return _tell(desk, people, text, line(event.text, 300)), []
        case ev.CountersignLate():
            text = line(f"Not countersigned: {message.headline}", 200)
            return [desk.ask(desk.commander, text, "It went out past its reviews an hour ago.")], []
    return [], []


def people_for(incident: Incident, template: Template, message: Message, asked: Asked) -> tuple[str, ...]:
    """Who may answer in a step: whoever holds the role or stands in for it, except who wrote the text."""
    author = message.author
    present = dict.fromkeys(a.person for a in incident.open_assignments())
    found = [p for p in present if asked.role in stands_for(incident, template, Who(p))]
    found += [
        s.person
        for s in incident.approval.stand_ins.values()
        if (s.message, s.step, s.role) == (message.id, asked.step.step, asked.role)
    ]
    return tuple(dict.fromkeys(p for p in found if p != author))


def backups(
    incident: Incident, template: Template, message: Message, asked: Asked, directory: Directory
) -> Iterator[str]:
    """Who may be let in where a step is silent, in order: holders of its backup roles, then its role's policy."""
    for role in asked.step.backup:
        holder = incident.holder(role)
        if holder is not None:
            yield holder.person
        else:
            yield from directory.on_call(Target("role", role), incident.key).people
    row = policy_for(asked.role, incident, template)
    if row is not None:
        for step in policy_from(row.definition).steps:
            for target in step.targets:
                yield from directory.on_call(target, incident.key).people


def _message(incident: Incident, event: ev.Event) -> Message | None:
    wanted = (ev.ApprovalEvent, ev.MessageReleased)
    return incident.messages.get(event.message_id) if isinstance(event, wanted) else None


def _judged(desk: Desk, message: Message, event: ev.MessageJudged) -> list[Request]:
    author = message.author
    who = f"{desk.name(desk.act.person)}, {_title(desk.template, event.role)}"
    if event.verdict == chain.OBJECTION:
        text = line(f"Strong objection: {message.headline}", 200)
        return _tell(desk, [author, _releaser(desk, message)], text, line(f"{who}: {event.text}", 300))
    told = []
    if event.verdict == chain.SUGGESTION:
        text = line(f"Suggestion: {message.headline}", 200)
        told = _tell(desk, [author], text, line(f"{who}: {event.text}", 300))
    return [*told, *_ask_next(desk, message)]


def _ask_next(desk: Desk, message: Message) -> list[Request]:
    """Those whose turn it is and who were not asked before; the releaser once everybody has said yes."""
    now = desk.directory.now
    steps = chain.way(desk.incident, desk.template, message, now)
    if not chain.missing(desk.incident, desk.template, message, now):
        if response_releases.by_parent(desk, message):
            return response_releases.ask_once(desk)
        text = line(f"Release: {message.headline}", 200)
        why = "Everybody on its way said yes. Check that it is still true."
        return [desk.ask(p, text, why) for p in [_releaser(desk, message)] if p != desk.act.person]
    asked = [a for a in steps if a.open and a.since == now]
    return [
        _asking(desk, message, a.step.step, a.role, person, _until(desk, a))
        for a in asked
        for person in people_for(desk.incident, desk.template, message, a)
        if person != desk.act.person
    ]


def _remind(desk: Desk, message: Message, event: ev.MessageStepLate) -> list[Request]:
    asked = _place(desk, message, event)
    if asked is None:
        return []
    people = people_for(desk.incident, desk.template, message, asked)
    title = _title(desk.template, event.role)
    if not people:
        text = line(f"Nobody answers as {title}: {message.headline}", 200)
        return [desk.ask(desk.commander, text, "Fill the role, or let somebody answer in it.")]
    why = "The time for it is over. A backup is called next."
    return [_asking(desk, message, event.step, event.role, p, why) for p in people]


def _asking(desk: Desk, message: Message, step: str, role: str, person: str, why: str) -> Request:
    """With a link to answer exactly this text without a login; of a restricted incident it leads to the sign-in."""
    asked = desk.ask(person, _subject(desk, message, step), why)
    link = answer_links.make(
        "approval", person, desk.incident.key, message.id, desk.directory.now, step=step, role=role,
        content_hash=content_hash(message),
    )  # fmt: skip
    return replace(asked, link=answer_links.url(link), link_label="Read and answer")


def _next_backup(
    desk: Desk, message: Message, event: ev.MessageStepLate
) -> tuple[list[Request], list[ev.Event]]:
    """The next who was not let in yet; the commander hears where there is nobody left."""
    asked = _place(desk, message, event)
    if asked is None:
        return [], []
    incident, template = desk.incident, desk.template
    known = people_for(incident, template, message, asked)
    author = message.author
    for person in backups(incident, template, message, asked, desk.directory):
        if person not in known and person != author and may_read(incident, Who(person)):
            reason = f"{_title(template, event.role)} is silent; you are the backup."
            follows = chain.pass_on(
                incident, template, ENGINE, message_id=message.id, step=event.step,
                role=event.role, person=person, at=desk.directory.now, reason=reason,
            )  # fmt: skip
            return [], list(follows)
    text = line(f"Nobody is left to ask: {message.headline}", 200)
    why = f"{_title(template, event.role)} and every backup are silent."
    return [desk.ask(desk.commander, text, why)], []


def _place(desk: Desk, message: Message, event: ev.MessageStepLate) -> Asked | None:
    steps = chain.way(desk.incident, desk.template, message, desk.directory.now)
    return next((a for a in steps if (a.step.step, a.role) == (event.step, event.role)), None)


def _releaser(desk: Desk, message: Message) -> str:
    """Whoever releases for this audience by the chain; the commander where nobody holds that role."""
    if response_releases.by_parent(desk, message):
        return desk.incident.response.parent_commander
    for step in desk.template.chains.get(message.audience, ()):
        if step.step == "release":
            for role in step.roles:
                holder = desk.incident.holder(role)
                if holder is not None:
                    return holder.person
    return desk.commander


def _chain_people(desk: Desk, message: Message) -> Sequence[str]:
    roles = {r for s in desk.template.chains.get(message.audience, ()) for r in s.roles}
    held = [a.person for a in desk.incident.open_assignments() if a.role in roles]
    able = [
        a.person
        for a in desk.incident.open_assignments()
        if may(desk.incident, desk.template, Who(a.person), "message.release", "message.draft")
    ]
    either = (message.released_by, message.author)
    return [p for p in dict.fromkeys([*held, *able]) if p not in either]


def _tell(desk: Desk, people: Sequence[str], subject: str, why: str) -> list[Request]:
    known = dict.fromkeys(p for p in people if p not in ("", "engine", "system", desk.act.person))
    return [desk.tell(p, subject, why) for p in known]


def _subject(desk: Desk, message: Message, step: str) -> str:
    verb = "Approve" if step == chain.APPROVE else "Review"
    return line(f"{verb}: {message.headline}", 200)


def _until(desk: Desk, asked: Asked) -> str:
    if asked.due is None:
        return "Answer ok, suggest, or object strongly."
    minutes = max(1, round((asked.due - desk.directory.now).total_seconds() / 60))
    return f"Answer within {minutes} min: ok, a suggestion, or a strong objection."


def _title(template: Template, role: str) -> str:
    found = template.role(role)
    return found.title if found else role.replace("_", " ")
