"""Who is here: checking in, being let go and called back, and the roll call."""

from __future__ import annotations

from datetime import datetime

from quarterdeck.core.access import Who, require
from quarterdeck.core.kernel.refused import Refused, bad, forbidden

from .authority import authorise, must_read
from .command import withdrawing
from .events import (
    CheckedIn,
    Event,
    PersonRecalled,
    PersonReleased,
    RollCallAnswered,
    RollCallEnded,
    RollCallStarted,
    TaskReassigned,
)
from .guards import filled, known, not_ended, one_line
from .liaison import must_not_leave
from .staffing import required
from .state import COMMANDER, PASSIVE_ROLES, Incident
from .structure import Template

ANSWERS = ("here", "away")
DOING_LIMIT = 200


def check_in(
    incident: Incident, by: Who, *, doing: str = "", organisation: str = "", guest: bool = False
) -> list[Event]:
    """`by` is here and says as what (R-178, R-284). Answers a running roll call as well. [] when nothing is new."""
    not_ended(incident)
    must_read(incident, by)
    require(by, "incident.act")
    doing = one_line(doing, "doing", DOING_LIMIT)
    events: list[Event] = []
    before = incident.crew.presence.get(by.person)
    if before is None or not before.is_here or (doing and doing != before.doing):
        organisation = organisation or (before.organisation if before else "")
        events.append(CheckedIn(by.person, doing, organisation, guest or bool(before and before.guest)))
    roll = incident.crew.roll_call()
    if roll and by.person in roll.silent:
        events.append(RollCallAnswered(roll.id, by.person, "here"))
    return events


def staying(incident: Incident, leaving: str) -> tuple[str, ...]:
    """Who goes on working when `leaving` has gone."""
    acting = (a.person for a in incident.open_assignments() if a.role not in PASSIVE_ROLES)
    return tuple(p for p in dict.fromkeys(acting) if p != leaving)


def release_person(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    person: str,
    now: datetime,
    reason: str = "",
    override_reason: str = "",
) -> list[Event]:
    """Let somebody go with everything they hold; who stays is recorded (R-290). Oneself, or by who assigns roles.

    Refused for the commander, and for the customer liaison of a business response; and without `override_reason` for
    who has open tasks (R-178), is the only one in a role that is needed (the standby must be here before the primary
    leaves, R-039), or leads a sub-team or a trainee. Open tasks then pass to the commander.
    """
    not_ended(incident)
    if by.person != person:
        authorise(incident, template, by, "role.assign")
    held = [a for a in incident.open_assignments() if a.person == person]
    if not held or incident.crew.has_left(person):
        return []
    if any(a.role == COMMANDER for a in held):
        raise Refused("command.not_released", "The commander hands command over before leaving.")
    for one in held:
        must_not_leave(incident, one)
    why = "; ".join(_why_not(incident, template, person, now))
    if why and not override_reason.strip():
        raise Refused(
            "release.needed", f"They cannot go yet: {why}. Or give a reason to let them go all the same."
        )
    said = " ".join(t.strip() for t in (reason, override_reason) if t.strip())
    commander = incident.commander.person if incident.commander else by.person
    tasks = [
        TaskReassigned(t.id, commander, t.minutes, t.title, person)
        for t in incident.tasks.values()
        if t.is_open and t.assignee == person
    ]
    offers = [e for a in held for e in withdrawing(incident, a, "they were let go")]
    return [*offers, *tasks, PersonReleased(person, said, staying(incident, person))]


def _why_not(incident: Incident, template: Template, person: str, now: datetime) -> list[str]:
    found = []
    for role in required(incident, template, now):
        holders = incident.holders(role.key)
        if holders and all(a.person == person for a in holders):
            found.append(f"nobody else is {role.title}, which is needed; hand it over to a standby first")
    tasks = sum(t.is_open and t.assignee == person for t in incident.tasks.values())
    if tasks:
        found.append(
            f"{tasks} open {'task is' if tasks == 1 else 'tasks are'} theirs; finish or reassign first"
        )
    led = [w.title for w in incident.crew.open_workstreams() if w.leader == person]
    found += [f"they lead the workstream {t}; name another leader" for t in led]
    if any(a.mentor == person and a.role not in PASSIVE_ROLES for a in incident.open_assignments()):
        found.append("they supervise a trainee who acts; end that first")
    return found


def recall(incident: Incident, template: Template, by: Who, *, person: str, reason: str = "") -> list[Event]:
    """Call somebody back who was let go. [] when they never left."""
    not_ended(incident)
    authorise(incident, template, by, "callout.send")
    return [PersonRecalled(person, reason.strip())] if incident.crew.has_left(person) else []


def start_roll_call(incident: Incident, template: Template, by: Who, *, roll_id: str) -> list[Event]:
    """Ask every responder whether they are here. One roll call at a time: a running one ends by the new one."""
    not_ended(incident)
    authorise(incident, template, by, "role.assign", "callout.send", "timer.manage")
    if roll_id in incident.crew.roll_calls:
        return []
    held = (a.person for a in incident.open_assignments() if a.role not in PASSIVE_ROLES)
    guests = (p.person for p in incident.crew.presence.values() if p.guest and p.is_here)
    asked = tuple(p for p in dict.fromkeys([*held, *guests]) if p != by.person)
    if not asked:
        raise Refused("roll.nobody", "Nobody else holds a role here. There is no roll to call.")
    running = incident.crew.roll_call()
    before = [RollCallEnded(running.id, running.silent)] if running else []
    return [*before, RollCallStarted(roll_id, asked)]


def answer_roll_call(incident: Incident, by: Who, *, roll_id: str, answer: str = "here") -> list[Event]:
    """One tap. The last answer ends the roll call."""
    not_ended(incident)
    roll = known(incident.crew.roll_calls.get(roll_id), "roll.unknown", "roll call")
    if answer not in ANSWERS:
        raise bad("roll.answer", f"Answer one of: {', '.join(ANSWERS)}.")
    if by.person not in roll.asked:
        raise forbidden("roll.not_asked", "This roll call did not ask you. Check in instead.")
    if not roll.is_open or roll.answers.get(by.person) == answer:
        return []
    last = [RollCallEnded(roll_id)] if roll.silent == (by.person,) else []
    return [RollCallAnswered(roll_id, by.person, answer), *last]


def end_roll_call(incident: Incident, template: Template, by: Who, *, roll_id: str) -> list[Event]:
    """No more waiting: who did not answer is written down."""
    not_ended(incident)
    roll = known(incident.crew.roll_calls.get(roll_id), "roll.unknown", "roll call")
    if not roll.is_open:
        return []
    authorise(incident, template, by, "role.assign", "callout.send", "timer.manage")
    return [RollCallEnded(roll_id, roll.silent)]


def invited(incident: Incident, template: Template, by: Who, name: str, organisation: str) -> tuple[str, str]:
    """Whether `by` may let a guest in, and the guest's name and organisation as they are kept."""
    not_ended(incident)
    authorise(incident, template, by, "role.assign")
    return (
        one_line(filled(name, "name", "Say who the guest is."), "name", 120),
        one_line(
            filled(organisation, "organisation", "Say where the guest comes from."), "organisation", 200
        ),
    )
