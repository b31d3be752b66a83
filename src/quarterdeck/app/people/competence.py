"""Certifications of people for roles of incidents: given, planned, ended; who may be rostered; where too few can.

Eligibility is certification, never a title (R-034). Declaring is never refused: whoever declares commands until
somebody else does.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from django.db.models import F, Q

from quarterdeck.core.incidents import competence as core
from quarterdeck.core.incidents.competence import ENOUGH, POLICIES, Certificate, Policy
from quarterdeck.core.incidents.state import COMMANDER
from quarterdeck.core.incidents.structure import Catalog
from quarterdeck.core.kernel.moments import text
from quarterdeck.core.kernel.refused import Refused, bad, missing
from quarterdeck.core.kernel.text import line
from quarterdeck.core.oncall import shifts
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from ..act import Act, need
from ..catalog import catalogue
from ..paging.directory import must_be_active, people_of, policy_from, schedule_from

NAME = "competence"
COMMANDERS = "commander"  # the policy that says which schedules are those of commanders
LONGEST = timedelta(days=20 * 366)
AHEAD = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Column:
    """A role of the matrix. `qualified` are active people who can fill it now."""

    role: str
    title: str
    qualified: int
    planned: int

    @property
    def is_thin(self) -> bool:
        return self.qualified < ENOUGH


@dataclass(frozen=True, slots=True)
class Matrix:
    """`cells` by (person id, role): the certifications that count or counted, the newest first."""

    columns: tuple[Column, ...]
    people: tuple[models.Person, ...]
    cells: dict[tuple[str, str], list[models.Certification]]


def titles() -> dict[str, str]:
    """The roles one can be certified for, by key: all of the catalogue."""
    return _titles(catalogue.current())


def _titles(catalog: Catalog) -> dict[str, str]:
    roles = [r for t in catalog.templates for r in t.roles]
    # A card may ask for what is no role, such as "media": one is certified for that by its own name.
    asked = {c: c.replace("_", " ").capitalize() for r in roles for c in core.needed(r.qualification)}
    return asked | {r.key: r.title for r in roles}


def policy() -> Policy:
    """What happens to somebody without certification: a warning, or a refusal."""
    row = models.Preference.objects.filter(name=NAME).first()
    kept = row.value.get("policy") if row is not None else None
    return cast(Policy, kept) if kept in POLICIES else "warn"


def set_policy(act: Act, wanted: str) -> None:
    """For everybody, from now on; what stands is not touched."""
    need(act, "settings.edit")
    if wanted not in POLICIES:
        raise bad("competence.policy", "Choose warn or refuse.", policy="unknown")
    with tx.write("web"):
        before = policy()
        models.Preference.objects.update_or_create(name=NAME, defaults={"value": {"policy": wanted}})
        if before != wanted:
            told = {"before": before, "after": wanted}
            log.audit("CompetencePolicySet", told, at=act.at, actor=act.person)


def certify(
    act: Act,
    person_id: str,
    role: str,
    *,
    certified_at: datetime | None = None,
    expires_at: datetime | None = None,
    note: str = "",
) -> models.Certification:
    """Somebody is qualified for a role, from `certified_at` (now) on; a plan for it is fulfilled."""
    since = certified_at or act.at
    if since > act.at or act.at - since > LONGEST:
        raise bad(
            "certification.since",
            "Give the day of the certification: today, or before.",
            certified_at="out of range",
        )
    if expires_at is not None and not since < expires_at <= act.at + LONGEST:
        raise bad(
            "certification.until",
            "It expires after it was given, within 20 years.",
            expires_at="out of range",
        )
    return _add(
        act, person_id, role, note, certified_at=since, expires_at=expires_at, certified_by=act.person
    )


def plan(act: Act, person_id: str, role: str, planned_for: datetime, note: str = "") -> models.Certification:
    """Somebody is to be trained for a role by then. Another plan for the same takes its place."""
    if not act.at < planned_for <= act.at + LONGEST:
        raise bad("certification.plan", "Give a day from tomorrow on.", planned_for="out of range")
    return _add(act, person_id, role, note, planned_for=planned_for)


def learnt(
    act: Act, person_id: str, role: str, *, certified_at: datetime, expires_at: datetime | None, note: str
) -> None:
    """Training that was attended certifies, whoever writes it down (who may is asked before). What lasts longer already
    stays.
    """
    standing = models.Certification.objects.filter(person_id=person_id, role=role, ended_at=None)
    for row in standing.exclude(certified_at=None):
        if row.expires_at is None or (expires_at is not None and row.expires_at >= expires_at):
            return
    _write(
        act, person_id, role, note, certified_at=certified_at, expires_at=expires_at, certified_by=act.person
    )


def _add(act: Act, person_id: str, role: str, note: str, **fields: Any) -> models.Certification:
    need(act, "person.edit")
    return _write(act, person_id, role, note, **fields)


def _write(act: Act, person_id: str, role: str, note: str, **fields: Any) -> models.Certification:
    if role not in titles():
        raise bad(
            "certification.role", "There is no such role in the catalogue. Choose one of it.", role="unknown"
        )
    with tx.write("web"):
        must_be_active(person_id, "person")
        standing = models.Certification.objects.filter(person_id=person_id, role=role, ended_at=None)
        standing.filter(certified_at=None).update(ended_at=act.at)
        if "certified_at" in fields:
            standing.update(ended_at=act.at)
        row = models.Certification.objects.create(
            id=new_id(), person_id=person_id, role=role, note=line(note, 300), created_at=act.at, **fields
        )
        told = {"certification": row.id, "person": person_id, "role": role} | {
            k: text(v) for k, v in fields.items() if isinstance(v, datetime)
        }
        kind = "CertificationGiven" if row.certified_at else "CertificationPlanned"
        log.audit(kind, told, at=act.at, actor=act.person)
    return row


def end(act: Act, certification_id: str) -> None:
    """It counts no longer, or is planned no longer. Twice changes nothing."""
    need(act, "person.edit")
    with tx.write("web"):
        row = models.Certification.objects.select_for_update().filter(id=certification_id).first()
        if row is None:
            raise missing("certification.unknown", "There is no such certification. Reload the page.")
        if row.ended_at is None:
            models.Certification.objects.filter(id=row.id).update(ended_at=act.at)
            told = {"certification": row.id, "person": row.person_id, "role": row.role}
            log.audit("CertificationEnded", told, at=act.at, actor=act.person)


def certificates(roles: Collection[str] = ()) -> list[Certificate]:
    """What stands, of these roles or of all."""
    rows = models.Certification.objects.filter(ended_at=None)
    return [_core(r) for r in (rows.filter(role__in=roles) if roles else rows)]


def _core(row: models.Certification) -> Certificate:
    return Certificate(row.person_id, row.role, row.certified_at, row.expires_at, row.planned_for)


def matrix(now: datetime) -> Matrix:
    """Everybody active against every role that asks for a certification, or for which there is one."""
    catalog = catalogue.current()
    known = _titles(catalog)
    asked = {n for t in catalog.templates for r in t.roles for n in core.needed(r.qualification)}
    rows = list(models.Certification.objects.filter(ended_at=None).order_by("-created_at"))
    wanted = ~Q(role__in=("executive", "observer")) | Q(id__in={r.person_id for r in rows})
    people = tuple(models.Person.objects.filter(wanted, is_active=True).order_by("name"))
    active, found = {p.id for p in people}, [_core(r) for r in rows]
    roles = [r for r in known if r in asked or any(c.role == r for c in found)]
    cells: dict[tuple[str, str], list[models.Certification]] = {}
    for row in rows:
        cells.setdefault((row.person_id, row.role), []).append(row)
    columns = tuple(
        Column(
            role, known[role], core.qualified(role, found, active, now),
            len({c.person for c in found if c.role == role and c.certified_at is None and c.person in active}),
        )
        for role in roles
    )  # fmt: skip
    return Matrix(columns, people, cells)


def plans(now: datetime) -> list[models.Certification]:
    """Who is to be trained for what, the next first."""
    rows = models.Certification.objects.select_related("person").filter(ended_at=None, certified_at=None)
    return list(rows.filter(person__is_active=True).order_by(F("planned_for").asc(nulls_last=True), "id"))


def may_take(person_id: str, qualification: Sequence[str], title: str, now: datetime) -> str:
    """A warning about somebody who takes a role without its certification; "" where it is fine. Raises Refused where
    the installation refuses that.
    """
    return _judged({person_id}, core.needed(qualification), f"the role {title}", now)


def must_be_certified(person_id: str, qualification: Sequence[str], now: datetime) -> None:
    """As `may_take` where the installation refuses: for command taken from outside the response (R-128)."""
    _judged({person_id}, core.needed(qualification), "the role Commander", now, "refuse")


def may_be_rostered(schedule_id: str, people: Collection[str], now: datetime) -> str:
    """As `may_take`, for people who are put on a schedule by which incidents are commanded."""
    if not people or schedule_id not in commander_schedules():
        return ""
    return _judged(set(people), (COMMANDER,), "duty as commander", now)


def commander_schedules() -> set[str]:
    row = models.EscalationPolicy.objects.filter(key=COMMANDERS).first()
    if row is None:
        return set()
    found = policy_from(row.definition)
    targets = [t for s in found.steps for t in s.targets] + list(found.catch_all)
    return {t.ref for t in targets if t.kind == "schedule"}


def uncertified(now: datetime) -> dict[str, tuple[str, ...]]:
    """Who is on a commander's schedule ahead without the certification, with the names of the schedules."""
    found = certificates((COMMANDER,))
    named: dict[str, list[str]] = {}
    rows = models.Schedule.objects.filter(id__in=commander_schedules()).prefetch_related(
        "layers", "overrides"
    )
    for row in rows:
        core_ = schedule_from(row)
        people = {p for s in shifts(core_, now, now + AHEAD) for p in s.people} if people_of(core_) else set()
        for person in people:
            if core.verdict(person, (COMMANDER,), found, (), now, "warn") != "fine":
                named.setdefault(person, []).append(row.name)
    return {p: tuple(sorted(names)) for p, names in named.items()}


def lacking(schedule_id: str, now: datetime) -> str:
    """Who of one schedule commands ahead without the certification, for whoever has just changed it; "" for nobody."""
    name = models.Schedule.objects.filter(id=schedule_id).values_list("name", flat=True).first()
    if schedule_id not in commander_schedules():
        return ""
    ids = [p for p, names in uncertified(now).items() if name in names]
    return f"Not certified for duty as commander: {_named(ids, (COMMANDER,), now)}." if ids else ""


def _named(people: Collection[str], wanted: Sequence[str], now: datetime) -> str:
    """The names, with the day on which a certification ran out: until it is renewed they are not eligible."""
    over: dict[str, datetime] = {}
    rows = models.Certification.objects.filter(person_id__in=people, role__in=wanted, expires_at__lte=now)
    for row in rows.filter(ended_at=None).order_by("expires_at"):
        if row.expires_at is not None:
            over[row.person_id] = row.expires_at
    names = models.Person.objects.filter(id__in=people).order_by("name").values_list("id", "name")
    return ", ".join(
        f"{name} (expired on {over[i]:%Y-%m-%d}, not eligible until renewed)" if i in over else name
        for i, name in names
    )


def _judged(
    people: set[str], wanted: Sequence[str], what: str, now: datetime, strict: Policy | None = None
) -> str:
    if not wanted:
        return ""
    found, rule = certificates(wanted), strict or policy()
    if not any(c.certified_at for c in found):
        return ""
    active = set(models.Person.objects.filter(is_active=True).values_list("id", flat=True))
    judged = {p: core.verdict(p, wanted, found, active, now, rule) for p in people}
    lacking = sorted(p for p, verdict in judged.items() if verdict != "fine")
    if not lacking:
        return ""
    said = f"Not certified for {what}: {_named(lacking, wanted, now)}."
    if "refuse" in judged.values():
        raise Refused(
            "competence.lacking",
            f"{said} Choose somebody who is, or have an administrator certify them.",
            kind="forbidden",
        )
    return said
