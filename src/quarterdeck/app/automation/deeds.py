"""What each action of a rule does, by the same functions people use, with the rule's own rights and nothing more.

Each returns one sentence about what it did, or raises Refused. Nothing leaves from here: pages, posts and webhooks are
deliveries, which a drill keeps inside.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from quarterdeck.app import casebook
from quarterdeck.app.act import Act, engine_act
from quarterdeck.app.alerts import alert_links
from quarterdeck.app.catalog.catalogue import current
from quarterdeck.app.comms import drafting, messages
from quarterdeck.app.comms.links import alert_url, incident_url
from quarterdeck.app.incidents import command, incidents, record, tasks
from quarterdeck.app.paging.callouts import Request, call, default_expiry
from quarterdeck.app.paging.role_policies import call_for_role
from quarterdeck.app.technical import knowledge
from quarterdeck.core.access import require
from quarterdeck.core.incidents import Incident, proposals
from quarterdeck.core.incidents.authority import may_read
from quarterdeck.core.incidents.declare import Declaration
from quarterdeck.core.kernel.refused import Refused, bad
from quarterdeck.core.kernel.text import clean, line
from quarterdeck.store import models, tx
from quarterdeck.store.ids import new_id

from .facts import Scene
from .targets import people

KEEP_TRYING = timedelta(days=2)


@dataclass(slots=True)
class Desk:
    """What an action needs: who acts, about what, for which run, and whose word the rule is (its author)."""

    act: Act
    scene: Scene
    run: models.AutomationRun
    author: str
    number: int = 0

    @property
    def key(self) -> str:
        """The same for the same action of the same run, however often it is tried."""
        return f"rule/{self.run.id}/{self.number}"

    def incident(self) -> Incident:
        if not self.scene.incident_id:
            raise bad("rule.no_incident", "The alert belongs to no incident.")
        return casebook.load(self.scene.incident_id, self.act.who).incident


Values = Mapping[str, str]


def perform(desk: Desk, deed: str, values: Values) -> str:
    """Do it, inside the caller's transaction."""
    return _DO[deed](desk, values)


def _page(desk: Desk, values: Values) -> str:
    return _call(desk, values, "callout")


def _heads_up(desk: Desk, values: Values) -> str:
    return _call(desk, values, "heads_up")


def _call(desk: Desk, values: Values, kind: str) -> str:
    require(desk.act.who, "page.send")
    scene, directory = desk.scene, desk.scene.directory()
    found = people(values["to"], scene.incident_id, directory)
    if scene.incident_id:
        incident = desk.incident()
        found = tuple(p for p in found if not incident.restricted or may_read(incident, command.who(p)))
        if not found:
            raise bad("person.outside", "They may not know of this restricted incident.")
    text = line(scene.fill(values["text"]), 300)
    link = incident_url(scene.incident_id) if scene.incident_id else alert_url(desk.run.alert_id)
    for person in found:
        call(
            Request(
                person=person, subject=text, reason=f"Automation: {scene.name}", kind=kind,
                urgency="high" if kind == "callout" else "low", expires_at=default_expiry(desk.act.at),
                incident_id=scene.incident_id, alert_id=desk.run.alert_id if kind == "callout" else "",
                created_by=desk.act.person, drill=scene.drill, together=tuple(p for p in found if p != person),
                link="" if kind == "callout" else link,
            ),
            directory,
        )  # fmt: skip
    names = ", ".join(directory.name(p) for p in found)
    return f"{'Paged' if kind == 'callout' else 'Told'} {names}: {text}"


def _call_role(desk: Desk, values: Values) -> str:
    incident, role = desk.incident(), values["role"]
    require_own(desk, "callout.send")
    held = incident.holder(role)
    directory = desk.scene.directory()
    if held is not None:
        return f"{_title(desk, role)} is held by {directory.name(held.person)} already."
    template = casebook.load(incident.key, desk.act.who).template
    made = call_for_role(incident, template, role, "callout", directory)
    if made is None:
        raise Refused("role.nobody", f"Nobody is set to be called as {_title(desk, role)}.", kind="conflict")
    if made:
        casebook.change_within(engine_act(desk.act.at), incident.key, lambda i, t: made)
    return f"Calls for the role {_title(desk, role)}"


def _assign_role(desk: Desk, values: Values) -> str:
    incident, directory = desk.incident(), desk.scene.directory()
    person = people(values["to"], incident.key, directory)[0]
    command.assign_role(desk.act, incident.key, values["role"], person, f"Automation: {desk.scene.name}")
    return f"Assigned {_title(desk, values['role'])} to {directory.name(person)}"


def _task(desk: Desk, values: Values) -> str:
    return _give(desk, desk.scene.fill(values["text"]), values)


def _give(desk: Desk, title: str, values: Values) -> str:
    incident = desk.incident()
    held = incident.holder(values["role"]) or incident.commander
    if held is None:
        raise Refused(
            "role.nobody", f"Nobody holds the role {_title(desk, values['role'])}.", kind="conflict"
        )
    why = f"By the rule {desk.scene.name}"
    tasks.give(desk.act, incident.key, title, held.person, int(values["minutes"]), despite=why)
    return f"Gave {desk.scene.directory().name(held.person)} a task: {title}"


def _check(desk: Desk, values: Values) -> str:
    text = line(desk.scene.fill(values["text"]), 200)
    tasks.plan_check(desk.act, desk.incident().key, text)
    return f"Planned a check: {text}"


def _note(desk: Desk, values: Values) -> str:
    record.write(desk.act, desk.incident().key, "note", desk.scene.fill(values["text"]))
    return "Wrote on the timeline"


def _tell_responders(desk: Desk, values: Values) -> str:
    record.write(desk.act, desk.incident().key, "broadcast", desk.scene.fill(values["text"]))
    return "Told all responders"


def _propose_severity(desk: Desk, values: Values) -> str:
    return _propose(desk, "severity", values["severity"], values["text"], f"SEV{values['severity']}")


def _propose_phase(desk: Desk, values: Values) -> str:
    return _propose(desk, "phase", values["phase"], values["text"], f"the phase {values['phase']}")


def _propose(desk: Desk, kind: str, value: str, reason: str, said: str) -> str:
    incident = desk.incident()
    case = casebook.change_within(
        desk.act,
        incident.key,
        lambda i, t: proposals.propose(
            i, t, desk.act.who, proposal_id=new_id(), kind=kind, value=value, name=desk.scene.name,
            reason=line(desk.scene.fill(reason), 600), severities=tuple(s.rank for s in current().severities),
        ),
    )  # fmt: skip
    same = case.incident.seq == incident.seq
    return f"Nothing to propose: it is {said}, or proposed, already" if same else f"Proposed {said}"


def _draft(desk: Desk, values: Values) -> str:
    incident, audience = desk.incident(), values["audience"]
    case = casebook.load(incident.key, desk.act.who)
    profile = case.template.audience(audience)
    if profile is None:
        raise bad("audience.unknown", f"There is no audience {audience} in this structure.")
    if any(m.audience == audience and m.state == "draft" for m in incident.messages.values()):
        return f"A draft for {profile.title} waits already"
    messages.draft(desk.act, incident.key, drafting.first_draft(case, audience, desk.act.at))
    return f"Drafted a message for {profile.title}; it waits for release"


def _clock(desk: Desk, values: Values) -> str:
    every = timedelta(minutes=int(values["minutes"]))
    messages.set_clock(desk.act, desk.incident().key, values["audience"], every)
    return f"Set the time between updates for {values['audience']} to {values['minutes']} min"


def _propose_component(desk: Desk, values: Values) -> str:
    require(desk.act.who, "status.edit")
    if desk.scene.drill:
        raise bad("rule.drill", "A drill proposes nothing for a status page.")
    rows = models.Component.objects.filter(id=values["component"])
    row = rows.first() or models.Component.objects.filter(name=values["component"]).first()
    if row is None:
        raise bad("component.unknown", "The component is not there any more. Change the rule.")
    if row.state == values["state"] or row.proposed == values["state"]:
        return f"{row.name} shows that, or it is proposed, already"
    models.Component.objects.filter(id=row.id).update(
        proposed=values["state"],
        proposed_reason=line(desk.scene.fill(values["text"]), 300),
        proposed_at=desk.act.at,
    )
    return f"Proposed {values['state'].replace('_', ' ')} for {row.name}"


def _chat(desk: Desk, values: Values) -> str:
    require_own(desk, "chat.post")
    text = clean(desk.scene.fill(values["text"]), 4_000)
    _deliver(desk, "chat", values["room"], f"Automation: {desk.scene.name}", text)
    return f"Posts into the room {values['room']}"


def _webhook(desk: Desk, values: Values) -> str:
    require_own(desk, "webhook.send")
    _deliver(desk, "webhook", values["url"], line(desk.scene.fill(values["text"]), 300), "")
    return f"Calls {_host(values['url'])}"


def _deliver(desk: Desk, channel: str, address: str, subject: str, text: str) -> None:
    """Into the outbox: tried for two days, signed and addressed by the channel, the same key on every retry."""
    scene, now = desk.scene, desk.act.at
    about = {"incident": scene.incident_id} if scene.incident_id else {"alert": desk.run.alert_id}
    link = incident_url(scene.incident_id) if scene.incident_id else alert_url(desk.run.alert_id)
    models.Delivery.objects.create(
        id=new_id(), key=desk.key, cls="message", channel=channel, address=address, incident_id=scene.incident_id,
        alert_id=desk.run.alert_id, drill=scene.drill, next_at=now, not_after=now + KEEP_TRYING, created_at=now,
        body={
            "subject": subject, "text": text, "link": link, "link_label": "Open", "kind": "message", "urgency": "low",
            "thread": scene.incident_id or "automation",
            "data": about | {"rule": scene.name, "run": desk.run.id, "trigger": desk.run.trigger},
        },
    )  # fmt: skip


def _runbook(desk: Desk, values: Values) -> str:
    title = line(desk.scene.fill(values["text"]), 200)
    said = _give(desk, f"Follow the runbook: {title}", values)
    record.write(desk.act, desk.incident().key, "note", f"Runbook: {title}\n{values['url']}", pinned=True)
    return said


def _article(desk: Desk, values: Values) -> str:
    article = knowledge.find(values["article"], command.who(desk.author))
    from django.conf import settings

    url = f"{settings.QUARTERDECK_PUBLIC_URL}/knowledge/{article.id}"
    record.write(desk.act, desk.incident().key, "note", f"Known: {article.title}\n{url}", pinned=True)
    return f"Linked the article “{article.title}”"


def _declare(desk: Desk, values: Values) -> str:
    """One open incident for a rule and a service: a further alert joins it."""
    require(desk.act.who, "incident.declare")
    alert = desk.scene.alert
    assert alert is not None
    service = alert.service.key if alert.service else ""
    tx.lock(f"automation-declare:{desk.act.person}")
    if alert.incident_id:
        return f"It belongs to {alert.incident_id} already"
    mine = models.IncidentRow.objects.filter(is_open=True, drill=False, declared_by=desk.act.person)
    there = next(
        (i for i in mine.order_by("id")[:200] if (service in i.services if service else not i.services)), None
    )
    if there is not None:
        alert_links.link(desk.act, there.id, alert.id)
        desk.run.incident_id = there.id
        return f"Joined {there.id}"
    who = people(values["commander"], "", desk.scene.directory())[0]
    severity = values.get("severity", "")
    said = Declaration(
        title=line(desk.scene.fill(values["text"]), 200), type=values.get("type", ""), source="alert", commander=who,
        severity=int(severity) if severity else None, services=(service,) if service else (),
        both_reason=f"Automation: {desk.scene.name}",
    )  # fmt: skip
    case = incidents.declare(desk.act, said, alert_ids=(alert.id,), token=desk.key)
    desk.run.incident_id = case.incident.key
    return f"Declared {case.incident.key}"


def require_own(desk: Desk, word: str) -> None:
    if word not in desk.act.who.own:
        raise Refused(f"grant.{word}", "The rule was not given the right to do this.", kind="forbidden")


def _title(desk: Desk, role: str) -> str:
    found = desk.scene.case.template.role(role) if desk.scene.case else None
    return found.title if found else role.replace("_", " ")


def _host(url: str) -> str:
    """An address may be as good as a password; everybody who reads the incident reads this."""
    return url.removeprefix("https://").partition("/")[0]


_DO: Mapping[str, Callable[[Desk, Values], str]] = {
    "page": _page,
    "heads_up": _heads_up,
    "call_role": _call_role,
    "assign_role": _assign_role,
    "task": _task,
    "check": _check,
    "note": _note,
    "tell_responders": _tell_responders,
    "propose_severity": _propose_severity,
    "propose_phase": _propose_phase,
    "draft": _draft,
    "clock": _clock,
    "propose_component": _propose_component,
    "chat": _chat,
    "webhook": _webhook,
    "runbook": _runbook,
    "article": _article,
    "declare": _declare,
}
