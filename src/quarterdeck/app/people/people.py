"""What is known of people and how they are reached: names, roles, contacts, notification rules. Audited.

Logins are made and ended in `accounts`. Nobody changes another person's contacts without the permission for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Max, Q, QuerySet

from quarterdeck.channels import channels
from quarterdeck.core.access import ROLES
from quarterdeck.core.kernel.refused import Refused, bad, missing
from quarterdeck.core.kernel.text import line
from quarterdeck.core.oncall.wall import check_zone
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from ..act import Act, need, need_own
from ..oncall import holidays
from ..paging import proofs
from ..upkeep import removals

MOST_CONTACTS, MOST_RULES, MOST_SKILLS = 20, 40, 50
LATEST_SECONDS = 24 * 3600
URGENCIES = ("high", "low")
_OWN = ("name", "title", "timezone", "holiday_region", "phone", "skills")


@dataclass(frozen=True, slots=True)
class RuleWanted:
    """One personal rule: use this contact so many seconds after the page, for "high" or "low" urgency."""

    contact_id: str
    urgency: str
    delay_seconds: int


def update(act: Act, person_id: str, **changes: Any) -> models.Person:
    """Change name, title, timezone, phone, skills (one's own, or with person.edit anybody's) and role (with it).

    Values left out or None stay. The last administrator keeps the role.
    """
    changes = {k: v for k, v in changes.items() if v is not None}
    if "role" in changes or act.person != person_id:
        need(act, "person.edit")
    tamed = {k: _tamed(k, v) for k, v in changes.items()}
    with tx.write("web", "engine"):
        person = find(person_id, lock=True)
        before = {k: getattr(person, k) for k in tamed}
        after = {k: v for k, v in tamed.items() if v != before[k]}
        if not after:
            return person
        if "role" in after:
            keep_an_administrator(person)
        models.Person.objects.filter(id=person.id).update(**after, version=F("version") + 1)
        told = {"person": person.id, "before": {k: before[k] for k in after}, "after": after}
        log.audit("PersonChanged", told, at=act.at, actor=act.person)
    return find(person_id)


def _tamed(field: str, value: Any) -> Any:
    if field == "role":
        if value not in ROLES:
            raise bad(
                "person.role",
                f"There is no role {value!r}. Choose one of: {', '.join(ROLES)}.",
                role="unknown",
            )
        return value
    if field not in _OWN:
        raise bad(
            "person.field", f"{field!r} of a person cannot be changed here.", **{field: "not changeable"}
        )
    if field == "skills":
        return list(dict.fromkeys(s for v in value[:MOST_SKILLS] if (s := line(v, 60))))
    if field == "holiday_region":
        return holidays.check(value)
    told = line(value, {"phone": 40, "timezone": 60}.get(field, 120))
    if field == "name" and not told:
        raise bad("person.name_missing", "Give the person's name, as colleagues know it.", name="missing")
    if field == "timezone":
        check_zone(told)
    return told


def keep_an_administrator(person: models.Person) -> None:
    """Refuse to go on when this one is the last. Two who leave at once are asked one after the other."""
    tx.lock("administrators")
    others = models.Person.objects.filter(is_active=True, role="administrator").exclude(id=person.id)
    if person.role == "administrator" and not others.exists():
        raise Refused(
            "person.last_administrator",
            f"{person.name} is the only administrator. Make somebody else one first.",
        )


def find(person_id: str, *, lock: bool = False) -> models.Person:
    rows = models.Person.objects.select_for_update() if lock else models.Person.objects
    person = rows.filter(id=person_id).first()
    if person is None:
        raise missing("person.unknown", "There is no such person. Look them up in the list of people.")
    return person


def add_contact(act: Act, person_id: str, kind: str, address: str, label: str = "") -> models.ContactMethod:
    """Another way to reach a person, tried after the others until its owner confirms it. The channel checks it."""
    need_own(act, person_id)
    address = _address(kind, address)
    with tx.write("web", "engine"):
        person = find(person_id, lock=True)
        mine = models.ContactMethod.objects.filter(person=person)
        if mine.filter(kind=kind, address=address).exists():
            raise Refused("contact.exists", "This contact is there already. Use that one.")
        if mine.count() >= MOST_CONTACTS:
            raise Refused("contact.many", f"A person has at most {MOST_CONTACTS} contacts. Remove one first.")
        last = mine.aggregate(last=Max("position"))["last"]
        row = models.ContactMethod.objects.create(
            id=new_id(), person=person, kind=kind, address=address, label=line(label, 60),
            position=0 if last is None else last + 1,
        )  # fmt: skip
        told = {"person": person.id, "contact": row.id, "kind": kind, "address": address}
        log.audit("ContactAdded", told, at=act.at, actor=act.person)
    return row


def change_contact(
    act: Act, person_id: str, contact_id: str, *, address: str | None = None, label: str | None = None
) -> models.ContactMethod:
    """Another address, or another label; None leaves one. Another address has to be confirmed anew."""
    need_own(act, person_id)
    with tx.write("web", "engine"):
        person = find(person_id, lock=True)
        row = models.ContactMethod.objects.filter(person=person, id=contact_id).first()
        if row is None:
            raise missing("contact.unknown", "There is no such contact. Reload the page.")
        before = {"address": row.address, "label": row.label}
        if label is not None:
            row.label = line(label, 60)
        if address is not None:
            row.address = _address(row.kind, address)
        after = {"address": row.address, "label": row.label}
        if after == before:
            return row
        if row.address != before["address"]:
            others = models.ContactMethod.objects.filter(person=person, kind=row.kind, address=row.address)
            if others.exclude(id=row.id).exists():
                raise Refused("contact.exists", "This contact is there already. Use that one.")
            row.verified_at = None
            proofs.void(row, act.at)
        row.save(update_fields=["address", "label", "verified_at"])
        told = {"person": person.id, "contact": row.id, "kind": row.kind, "before": before, "after": after}
        log.audit("ContactChanged", told, at=act.at, actor=act.person)
    return row


def _address(kind: str, address: str) -> str:
    """The address as its channel writes it. Raises Refused."""
    if kind not in channels():
        known = ", ".join(channels())
        raise bad(
            "contact.kind", f"There is no channel {kind[:40]!r}. Choose one of: {known}.", kind="unknown"
        )
    found: str = channels()[kind].check_address(line(address, 500))
    if not found:
        raise bad("contact.address_missing", "Give the address on this channel.", address="missing")
    return found


def remove_contact(act: Act, person_id: str, contact_id: str) -> None:
    """Take a contact away, with the rules that name it. One that is gone is no error."""
    need_own(act, person_id)
    with tx.write("web", "engine"):
        person = find(person_id, lock=True)
        row = models.ContactMethod.objects.filter(person=person, id=contact_id).first()
        if row is None:
            return
        told = {"person": person.id, "contact": row.id, "kind": row.kind, "address": row.address}
        name = f"{row.kind} of {person.name}"
        removals.note(act, "contact", row.id, name, removals.as_data(row))
        row.delete()
        log.audit("ContactRemoved", told, at=act.at, actor=act.person)


def set_rules(act: Act, person_id: str, rules: Sequence[RuleWanted]) -> None:
    """Replace all personal rules. Without any, every contact is tried, one minute apart."""
    need_own(act, person_id)
    if len(rules) > MOST_RULES:
        raise bad("rule.many", f"A person has at most {MOST_RULES} rules. Drop some.", rules="too many")
    with tx.write("web", "engine"):
        person = find(person_id, lock=True)
        known = set(models.ContactMethod.objects.filter(person=person).values_list("id", flat=True))
        for rule in rules:
            _check_rule(rule, known)
        before = rules_of(person.id)
        wanted = list(dict.fromkeys(rules))
        if before == wanted:
            return
        models.NotificationRule.objects.filter(person=person).delete()
        models.NotificationRule.objects.bulk_create(
            models.NotificationRule(
                id=new_id(),
                person=person,
                contact_id=r.contact_id,
                urgency=r.urgency,
                delay_seconds=r.delay_seconds,
            )
            for r in wanted
        )
        told = {"person": person.id, "before": _plain(before), "after": _plain(wanted)}
        log.audit("NotificationRulesSet", told, at=act.at, actor=act.person)


def rules_of(person_id: str) -> list[RuleWanted]:
    rows = models.NotificationRule.objects.filter(person_id=person_id)
    return [RuleWanted(r.contact_id, r.urgency, r.delay_seconds) for r in rows]


def _check_rule(rule: RuleWanted, known: set[str]) -> None:
    if rule.contact_id not in known:
        raise bad(
            "contact.unknown",
            "A rule names a contact this person does not have. Add it first.",
            rules="unknown contact",
        )
    if rule.urgency not in URGENCIES:
        raise bad("rule.urgency", f"Urgency is one of: {', '.join(URGENCIES)}.", rules="unknown urgency")
    if not 0 <= rule.delay_seconds <= LATEST_SECONDS:
        raise bad("rule.delay", "A rule waits between 0 seconds and 24 hours.", rules="out of range")


def _plain(rules: Sequence[RuleWanted]) -> list[list[str | int]]:
    return [[r.contact_id, r.urgency, r.delay_seconds] for r in rules]


def search(q: str = "", active: bool | None = None) -> QuerySet[models.Person]:
    """People whose name, handle or mail address contains `q`. Unordered."""
    rows = models.Person.objects.all()
    if active is not None:
        rows = rows.filter(is_active=active)
    if q:
        rows = rows.filter(Q(name__icontains=q) | Q(handle__icontains=q) | Q(email__icontains=q))
    return rows
