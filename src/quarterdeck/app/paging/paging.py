"""Paging by hand, paging a commander, and answering a callout."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from quarterdeck.channels import channels
from quarterdeck.core.access import Who
from quarterdeck.core.escalation.policy import Target
from quarterdeck.core.kernel.refused import Refused, bad, missing
from quarterdeck.core.kernel.text import line
from quarterdeck.store import log, models, tx

from ..act import Act, need
from ..alerts.alerts import acknowledge_from_callout, acknowledge_many
from ..health import alarms
from ..incidents import command
from ..visibility import about_restricted, unless_restricted
from . import bundles, paging_limits, role_calls
from .callouts import Request, call, default_expiry
from .directory import Directory, policy_from
from .escalations import end_runs, hold

COMMANDER_POLICY = "commander"


def page(
    act: Act,
    targets: Sequence[Target],
    subject: str,
    reason: str,
    *,
    incident_id: str = "",
    urgency: str = "high",
) -> list[models.Callout]:
    """Page people, whoever is on call in schedules, or teams, at once, with a reason they will read."""
    need(act, "page.send")
    subject, reason = line(subject, 300), line(reason, 400)
    if not reason:
        raise bad("page.reason_missing", "Say why: the person you wake will read it.", reason="missing")
    if not targets:
        raise bad(
            "page.target_missing", "Name at least one person, schedule or team to page.", targets="missing"
        )
    with tx.write("engine", "web"):
        directory = Directory(act.at)
        people: dict[str, str] = {}
        for target in targets:
            found = directory.on_call(target)
            for p in found.people:
                people.setdefault(p, directory.label(target))
        if not people:
            raise Refused(
                "page.nobody", "None of these stands for anybody now. Page a person by name, or the default policy.",
                kind="conflict",
            )  # fmt: skip
        paging_limits.check(act, people)
        sender = directory.name(act.person)
        made = [
            call(
                Request(
                    person=p, subject=subject or reason, reason=f"{sender} paged you: {reason}", urgency=urgency,
                    incident_id=incident_id, expires_at=default_expiry(act.at), created_by=act.person,
                    together=tuple(x for x in people if x != p),
                ),
                directory,
            )
            for p in people
        ]  # fmt: skip
        log.audit(
            "PagedByHand",
            {
                "people": list(people) if unless_restricted("x", incident_id, "") else [],
                "subject": unless_restricted(subject, incident_id),
                "reason": unless_restricted(reason, incident_id),
            },
            at=act.at,
            actor=act.person,
        )
    return made


def page_contact(act: Act, contact_id: str) -> models.Callout:
    """A real page to oneself over one contact, at once and whatever rules and quiet hours say."""
    need(act, "page.send")
    with tx.write("engine", "web"):
        contact = models.ContactMethod.objects.filter(id=contact_id, person_id=act.person).first()
        if contact is None:
            raise missing("contact.unknown", "You have no such contact. Reload the page.")
        made = call(
            Request(
                person=act.person, subject=f"Test page by {channel_name(contact.kind)}",
                reason="You asked for a test page. Acknowledge it.", expires_at=default_expiry(act.at),
                created_by=act.person, only=(contact.id,),
            ),
            Directory(act.at),
        )  # fmt: skip
        told = {"person": act.person, "contact": contact.id, "kind": contact.kind}
        log.audit("ContactTested", told, at=act.at, actor=act.person)
    return made


def channel_name(kind: str) -> str:
    module = channels().get(kind)
    return str(module.NAME) if module else kind.capitalize()


def page_commander(act: Act, reason: str, incident_id: str = "") -> list[models.Callout]:
    """Page primary and backup commander at once (R-286). Never hesitate: everybody who can log in may.

    Who they are is the policy with key "commander" (its first two steps), else the default policy's.
    """
    need(act, "commander.call")
    reason = line(reason, 400) or "A commander is needed."
    targets = commander_targets()
    directory = Directory(act.at)
    people = [p for t in targets for p in directory.on_call(t).people]
    if not people:
        raise Refused(
            "commander.nobody",
            "No commander is on call. Call these people yourself: see the phone list.",
            kind="conflict",
        )
    standing = paging_limits.standing(act, set(people), incident_id)
    if standing:
        return standing
    named = [Target("person", p) for p in dict.fromkeys(people)]
    may_page = Act(Who(act.person, frozenset({"responder"})), act.at, act.via)
    return page(may_page, named, f"Commander needed: {reason}", reason, incident_id=incident_id)


def free_commanders(act: Act) -> list[models.Person]:
    """Commanders on call who hold no other incident, the actor left out: who may take a second one (R-028)."""
    directory = Directory(act.at)
    ids = dict.fromkeys(p for t in commander_targets() for p in directory.on_call(t).people)
    people = [directory.person(i) for i in ids if i != act.person and not command.elsewhere(i, "")]
    return [p for p in people if p is not None]


def commander_targets() -> list[Target]:
    rows = {p.key: p for p in models.EscalationPolicy.objects.filter(key__in=(COMMANDER_POLICY, "default"))}
    row = rows.get(COMMANDER_POLICY) or rows.get("default")
    if row is None:
        return []
    policy = policy_from(row.definition)
    return [t for s in policy.steps[:2] for t in s.targets] or list(policy.catch_all)


def phone_list(now: datetime) -> list[dict[str, str]]:
    """Whom to ring by hand when paging fails: commanders on call first, then administrators."""
    directory = Directory(now)
    ids = [p for t in commander_targets() for p in directory.on_call(t).people]
    ids += models.Person.objects.filter(role="administrator", is_active=True).values_list("id", flat=True)
    directory.load_people(set(ids))
    people = [p for i in dict.fromkeys(ids) if (p := directory.person(i))]
    return [{"name": p.name, "title": p.title, "phone": p.phone, "email": p.email} for p in people]


def seen(callout_id: str, at: datetime) -> None:
    """Its recipient has it before their eyes; the first time counts."""
    if models.Callout.objects.filter(id=callout_id, seen_at=None).exists():
        with tx.write("web"):
            models.Callout.objects.filter(id=callout_id, seen_at=None).update(seen_at=at)


def find_callout(callout_id: str) -> models.Callout:
    found = models.Callout.objects.select_related("person").filter(id=callout_id).first()
    if found is None:
        raise missing(
            "callout.unknown", "There is no such callout. The link may be incomplete; open the message again."
        )
    return found


@tx.again
def acknowledge_callout(act: Act, callout_id: str) -> models.Callout:
    """Answer a callout. Only its recipient may; answering again is harmless; what it is about is taken as well."""
    with tx.write("engine", "web"):
        _lock_what_it_is_about(callout_id)
        callout = models.Callout.objects.select_for_update().filter(id=callout_id).first()
        if callout is None:
            raise missing("callout.unknown", "There is no such callout. Open the message again.")
        if act.person != callout.person_id:
            raise Refused(
                "callout.not_yours",
                "This callout is for somebody else. Acknowledge the alert itself instead.",
                kind="forbidden",
            )
        if callout.alert_id:
            # Of an answered callout, too: its alert may have come back since (a snooze is over, nobody resolved it).
            acknowledge_from_callout(callout, act)
        if callout.state == "acknowledged":
            return callout
        _answer(callout, act)
    return find_callout(callout_id)


def _lock_what_it_is_about(callout_id: str) -> None:
    """Several people may answer for one alert or role at once: they queue up here, before any callout is locked."""
    about = models.Callout.objects.filter(id=callout_id).values_list("alert_id", "run_id").first()
    if about is None:
        return
    if about[0]:
        models.Alert.objects.select_for_update().filter(id=about[0]).first()
    elif about[1]:
        hold([about[1]])


def acknowledge_bundle(act: Act, callout_id: str, *, outside: bool = False) -> models.Callout:
    """Answer a callout and all that went out on the same page with it, a few at a time. `outside` as in `bundles`."""
    found = acknowledge_callout(act, callout_id)
    _acknowledge_others(act, bundles.carried_with(callout_id, outside=outside))
    return found


def _acknowledge_others(act: Act, callouts: Sequence[str]) -> None:
    rows = models.Callout.objects.filter(id__in=callouts, person_id=act.person)
    waiting = list(rows.order_by("id").values_list("alert_id", flat=True))
    for start in range(0, len(waiting), bundles.ANSWERED_AT_ONCE):
        acknowledge_many(act, waiting[start : start + bundles.ANSWERED_AT_ONCE])


def acknowledge_by_link(
    callout_id: str, at: datetime, *, bundle: bool = False, via: str = "link"
) -> models.Callout:
    """The signed link's holder is its recipient; expired links are refused with what to do instead. With `bundle` all
    that went out on the same page is answered. `via` is the door where it was no link: sms, phone or chat.

    A restricted incident demands a login always: a forwarded message must not show who knows of it.
    """
    callout = find_callout(callout_id)
    must_be_here(callout)
    if about_restricted(callout):
        raise Refused(
            "callout.restricted", "Its link alone answers nothing here. Log in first.", kind="forbidden"
        )
    if callout.state != "acknowledged" and callout.expires_at < at:
        raise Refused(
            "callout.expired", "This link has expired. Log in to see what is open now.", kind="conflict"
        )
    act = Act(Who(callout.person_id, frozenset({callout.person.role})), at, via)
    return (
        acknowledge_bundle(act, callout_id, outside=True) if bundle else acknowledge_callout(act, callout_id)
    )


def must_be_here(callout: models.Callout) -> None:
    """Refuse what comes from somebody whose account was switched off: they would stop paging and do nothing."""
    if not callout.person.is_active:
        raise Refused(
            "callout.gone",
            "The account this page went to is switched off. It answers nothing.",
            kind="forbidden",
        )


def _answer(callout: models.Callout, act: Act) -> None:
    name = Directory(act.at).name(callout.person_id)
    models.Callout.objects.filter(id=callout.id).exclude(state="acknowledged").update(
        state="acknowledged", acknowledged_at=act.at, acknowledged_via=act.via, version=callout.version + 1
    )
    models.Delivery.objects.filter(callout_id=callout.id, state="queued").update(
        state="cancelled", finished_at=act.at, error=f"{name} acknowledged."
    )
    if callout.run_id and not callout.alert_id:
        others = models.Callout.objects.filter(run_id=callout.run_id, state="waiting").exclude(id=callout.id)
        ids = list(others.values_list("id", flat=True))
        others.update(state="cancelled", note=f"{name} answered.")
        models.Delivery.objects.filter(callout_id__in=ids, state="queued").update(
            state="cancelled", finished_at=act.at, error=f"{name} answered."
        )
        end_runs([callout.run_id], act.at, "answered")
    alarms.clear_alarm("unreachable", callout.id, act.at)
    role_calls.answered(callout, act.at)
