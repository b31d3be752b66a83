"""What an installation gathers over months, written at once: policies with teams, contacts, sent deliveries.

Used to fill a store for the demo and for measurements. Every change has its audit event; nothing is ever sent.
"""

from __future__ import annotations

from datetime import datetime

from django.db import connection
from django.db.models import F

from quarterdeck.core.escalation.plan import check as check_policy
from quarterdeck.core.escalation.policy import Policy
from quarterdeck.core.kernel.moments import from_micros
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.kernel.text import line
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from ..act import Act, need
from ..chat import channel_steps
from ..comms import ledger
from ..incidents.services import free_key, named
from ..paging.directory import policy_data
from ..people.people import URGENCIES

NODE = "history"
AT_ONCE = 200


def must_be_empty() -> None:
    """Refuse to write a made-up history into an installation that somebody uses."""
    if models.Person.objects.exists() or models.Event.objects.exists():
        raise Refused(
            "seed.not_empty",
            "There are people in this store already, so nothing was added. Choose an empty folder or database.",
            kind="conflict",
        )


def add_policy(act: Act, policy: Policy, team: str = "") -> models.EscalationPolicy:
    """An escalation policy. `team` is a team's key."""
    need(act, "schedule.edit")
    check_policy(policy)
    with tx.write("engine", "web"):
        free_key(models.EscalationPolicy, policy.key, "policy")
        row = models.EscalationPolicy.objects.create(
            id=new_id(), key=policy.key, name=named(policy.name, "policy"), team=_team(team),
            definition=policy_data(policy),
        )  # fmt: skip
        log.audit("PolicyCreated", {"policy": row.id, "after": row.definition}, at=act.at, actor=act.person)
    return row


def reach_by(
    act: Act,
    person_id: str,
    kind: str,
    address: str,
    label: str,
    *,
    keep_others: bool,
    verified_others: bool = False,
) -> None:
    """One verified contact, used at once at every urgency. The others are kept verified, or switched off; those that
    are switched off count as verified only with `verified_others`.
    """
    need(act, "person.edit")
    with tx.write("engine", "web"):
        others = models.ContactMethod.objects.filter(person_id=person_id)
        others.update(
            verified_at=act.at if keep_others or verified_others else None, disabled=not keep_others
        )
        contact = models.ContactMethod.objects.create(
            id=new_id(), person_id=person_id, kind=kind, address=line(address, 500), label=line(label, 60),
            position=others.count(), verified_at=act.at,
        )  # fmt: skip
        models.NotificationRule.objects.filter(person_id=person_id).delete()
        models.NotificationRule.objects.bulk_create(
            models.NotificationRule(id=new_id(), person_id=person_id, contact=contact, urgency=urgency)
            for urgency in URGENCIES
        )
        told = {"person": person_id, "contact": contact.id, "kind": kind, "address": contact.address}
        log.audit("ContactAdded", told, at=act.at, actor=act.person)


def watch_components(act: Act, rule: str) -> None:
    """How every component follows the alerts of its services from now on: "off", "propose" or "publish"."""
    need(act, "status.edit")
    with tx.write("engine", "web"):
        models.Component.objects.update(rule=rule)
        log.audit("ComponentRulesSet", {"rule": rule}, at=act.at, actor=act.person)


def standing() -> tuple[datetime | None, bool]:
    """When the next timer falls due, and whether anything waits in the outbox. Asked after every act: kept cheap."""
    with connection.cursor() as c:
        c.execute(_STANDING)
        due_at, queued = c.fetchone()
    return (None if due_at is None else from_micros(due_at)), queued is not None


_STANDING = """SELECT (SELECT min(due_at) FROM due WHERE state = 'waiting'),
                      (SELECT min(next_at) FROM delivery WHERE state = 'queued')"""


def hand_over(now: datetime) -> int:
    """Record everything that was due to be sent by `now` as accepted, as an engine of that time would have.

    Returns how many. The outbox afterwards holds nothing of the past that could still go out.
    """
    channel_steps.play_along(now)
    rows = models.Delivery.objects.filter(state="queued", next_at__lte=now).order_by("next_at")
    taken = list(rows.values_list("id", "fence", "attempts"))
    if not taken:
        return 0
    told: dict[str, list[str]] = {}
    for message, address in rows.exclude(message_id="").values_list("message_id", "address"):
        told.setdefault(message, []).append(address)
    with tx.write("web"):
        attempts = []
        for delivery, fence, n in taken:
            shared = {"delivery_id": delivery, "n": n + 1, "fence": fence + 1, "node": NODE, "at": now}
            attempts.append(models.Attempt(phase="started", **shared))
            attempts.append(models.Attempt(phase="ended", outcome="accepted", **shared))
        models.Attempt.objects.bulk_create(attempts, batch_size=AT_ONCE)
        for start in range(0, len(taken), AT_ONCE):
            ids = [delivery for delivery, _, _ in taken[start : start + AT_ONCE]]
            models.Delivery.objects.filter(id__in=ids).update(
                state="sent", fence=F("fence") + 1, attempts=F("attempts") + 1, node=NODE, finished_at=now
            )
        for message, addresses in told.items():
            ours = models.Recipient.objects.filter(message_id=message, carrier="outbox", state="queued")
            ours.filter(address__in=addresses).update(state="handed", attempts=1, handed_at=now)
            ledger.finish(message, now)
    return len(taken)


def _team(key: str) -> models.Team | None:
    return models.Team.objects.filter(key=key).first() if key else None
