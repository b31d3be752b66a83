"""Whether somebody who can be called is really on call in the next 90 days: gaps, single points, people and policies.

An alarm stands for every schedule that must have no gap and has one; its managers are told once. Reads only, but for
that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from quarterdeck.core.escalation.policy import Policy, Target
from quarterdeck.core.kernel.text import counted
from quarterdeck.core.oncall import Schedule, Shift, coverage, shifts
from quarterdeck.core.oncall.coverage import AHEAD, Coverage
from quarterdeck.core.oncall.lint import Finding, forbidden
from quarterdeck.store import models, tx

from ..executives import executive_training
from ..health import alarms
from ..paging import preflight
from ..paging.directory import absences_of, people_of, policy_from, schedule_from
from ..paging.duty_ahead import NAMED, in_use
from ..paging.role_holders import RoleHolders
from ..people import competence
from . import duty_notes
from .duty_rows import managers

KIND = "coverage"
# How many contacts that were tried out somebody on call needs: one can fail.
CONTACTS = 2
PAGE = "/on-call/coverage"


@dataclass(frozen=True, slots=True)
class Cover:
    """One schedule ahead. `must` says why it may have no gap, "" where it may; `strict` are gaps its layers forbid.
    `ahead`: its shifts.
    """

    at: datetime
    row: models.Schedule
    core: Schedule
    found: Coverage
    strict: tuple[Finding, ...]
    must: str
    ahead: tuple[Shift, ...]

    @property
    def gap(self) -> Shift | None:
        return self.found.gaps[0] if self.found.gaps else None

    @property
    def alarming(self) -> str:
        """The alarm it deserves; "" for none. It stays the same while the same gap is ahead."""
        if self.must and self.gap is not None:
            return f"Nobody is on call in {self.row.name} {_from(self.gap.starts_at, self.at)}: {self.must}"
        if self.strict:
            first = self.strict[0]
            begins = _from(first.starts_at, self.at)
            return f"Nobody is on call in {self.row.name} {begins}: {_layer(self.core, first.ref)} allows no gap."
        return ""


@dataclass(frozen=True, slots=True)
class Weak:
    """Somebody on call ahead with fewer than two contacts that were tried out."""

    person: models.Person
    verified: int
    schedules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unproved:
    """Somebody on call ahead, and their contacts that nobody has confirmed: an answer from there does not count."""

    person: models.Person
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class End:
    """A policy in use that ends in nobody, and why."""

    policy: models.EscalationPolicy
    why: str


@dataclass(frozen=True, slots=True)
class Report:
    schedules: tuple[Cover, ...]
    people: tuple[Weak, ...]
    policies: tuple[End, ...]
    teams: tuple[models.Team, ...]  # without a schedule
    unproved: tuple[Unproved, ...] = ()


def report(now: datetime) -> Report:
    """Everything that is missing ahead."""
    schedules = tuple(covers(now))
    teams = models.Team.objects.filter(schedules=None).order_by("name")
    named = _named(schedules)
    return Report(
        schedules, tuple(_weak(named)), tuple(_ends(schedules, now)), tuple(teams), tuple(_unproved(named))
    )


def covers(now: datetime, only: str = "") -> Iterator[Cover]:
    """Every schedule, or the one with this id, over the next 90 days."""
    rows = models.Schedule.objects.select_related("team").prefetch_related("layers", "overrides")
    must = _must()
    people = dict(models.Person.objects.values_list("id", "is_active"))
    away = absences_of(people)
    for row in rows.filter(id=only) if only else rows:
        core = schedule_from(row)
        known = people_of(core)
        core = replace(core, absences=tuple(a for a in away if a.person in known and a.ends_at > now))
        disabled = {p for p in known if not people.get(p, False)}
        ahead = tuple(shifts(core, now, now + AHEAD))
        whole = coverage.coverage(core, now, AHEAD, disabled, known=ahead)
        strict = tuple(forbidden(core, whole.gaps))
        yield Cover(now, row, core, whole, strict, must.get(row.id, ""), ahead)


def after_saving(schedule_id: str, now: datetime) -> str:
    """What is missing in one schedule, for whoever has just changed it; "" when it is whole."""
    found = next(covers(now, schedule_id), None)
    return " ".join(
        x
        for x in (
            _missing(found, now),
            competence.lacking(schedule_id, now),
            executive_training.after_saving(schedule_id, now),
        )
        if x
    )


def _missing(found: Cover | None, now: datetime) -> str:
    if found is None or found.found.is_whole:
        return ""
    if found.gap is None:
        return "Somebody who is away or switched off has shifts ahead. Look at Coverage."
    return f"{counted(len(found.found.gaps), 'gap')} in the next 90 days, the first {_from(found.gap.starts_at, now)}."


def ends_in_nobody(row: models.EscalationPolicy, now: datetime) -> str:
    """Why a policy ends in nobody at some time ahead, for whoever has just saved it; "" when it does not."""
    policy = policy_from(row.definition)
    active, staffed = _present()
    named = {t.ref for t in _targets(policy) if t.kind == "schedule"}
    whole = {i: c.found.is_whole for i in named for c in covers(now, i)}
    return _why(policy, active, staffed, whole)


def watch(now: datetime) -> int:
    """Make the alarms say exactly what is missing, and tell managers what is new; how many stand."""
    found = {c.row.id: c for c in covers(now) if c.alarming}
    standing = {a.subject: a.text for a in models.Alarm.objects.filter(kind=KIND, cleared_at=None)}
    over = [s for s in standing if s not in found or found[s].alarming != standing[s]]
    new = [c for s, c in found.items() if standing.get(s) != c.alarming]
    if over or new:
        with tx.write("engine", "web"):
            for subject in over:
                alarms.clear_alarm(KIND, subject, now)
            for c in new:
                # Another engine may have been here since it was looked.
                if alarms.raise_alarm(KIND, c.row.id, c.alarming, now) and c.row.id not in standing:
                    subject = f"Nobody is on call ahead: {c.row.name}"
                    text = f"{c.alarming}\n\nAdd somebody to a layer, or an override."
                    duty_notes.tell(managers(c.row), subject, text, PAGE, now)
    return len(found)


class Daily:
    """A chore: called once a minute, it looks when it is started and every hour after."""

    EVERY = timedelta(hours=1)

    def __init__(self) -> None:
        self._due: datetime | None = None

    def __call__(self, now: datetime) -> None:
        if self._due is None or now >= self._due:
            watch(now)
            self._due = now + self.EVERY


def _must() -> dict[str, str]:
    """The schedules by which incidents are commanded and roles filled → why they may have no gap."""
    found: dict[str, str] = {}
    for row in models.EscalationPolicy.objects.filter(NAMED).exclude(key="default"):
        policy = policy_from(row.definition)
        for target in _targets(policy):
            if target.kind == "schedule":
                found.setdefault(target.ref, f"the policy “{row.name}” relies on it.")
    return found


def _targets(policy: Policy) -> list[Target]:
    return [*(t for s in policy.steps for t in s.targets), *policy.catch_all]


def _named(schedules: Sequence[Cover]) -> dict[str, list[str]]:
    """Who is on call ahead → the names of their schedules."""
    named: dict[str, list[str]] = {}
    for c in schedules:
        for person in dict.fromkeys(p for s in c.ahead for p in s.people):
            named.setdefault(person, []).append(c.row.name)
    return named


def _unproved(named: Mapping[str, Sequence[str]]) -> Iterator[Unproved]:
    found: dict[models.Person, list[str]] = {}
    rows = models.ContactMethod.objects.select_related("person").filter(
        person_id__in=named, person__is_active=True, disabled=False, verified_at=None
    )
    for row in rows.order_by("person__name", "position", "id"):
        found.setdefault(row.person, []).append(row.kind)
    for person, kinds in found.items():
        yield Unproved(person, tuple(dict.fromkeys(kinds)))


def _weak(named: Mapping[str, Sequence[str]]) -> Iterator[Weak]:
    tried: dict[str, set[str]] = {}
    rows = models.ContactMethod.objects.filter(person_id__in=named, disabled=False).exclude(verified_at=None)
    for person, kind in rows.values_list("person_id", "kind"):
        tried.setdefault(person, set()).add(kind)
    for row in models.Person.objects.filter(id__in=named, is_active=True):
        verified = len(tried.get(row.id, ()))
        if verified < CONTACTS:
            yield Weak(row, verified, tuple(named[row.id]))


def _ends(schedules: Sequence[Cover], now: datetime) -> Iterator[End]:
    active, staffed = _present()
    whole = {c.row.id: c.found.is_whole for c in schedules}
    for row in in_use():
        policy = policy_from(row.definition)
        why = _why(policy, active, staffed, whole)
        if not why and any(s.severities or s.windows for s in policy.steps):
            why = preflight.told(preflight.unreached(policy, now), 1)
        if why:
            yield End(row, why)


def _present() -> tuple[set[str], set[str]]:
    """Active people, and teams that have one."""
    active = set(models.Person.objects.filter(is_active=True).values_list("id", flat=True))
    rows = models.Membership.objects.filter(person__is_active=True)
    return active, set(rows.values_list("team_id", flat=True))


def _why(policy: Policy, active: set[str], staffed: set[str], whole: Mapping[str, bool]) -> str:
    roles = RoleHolders()

    def stands(target: Target) -> bool:
        match target.kind:
            case "person":
                return target.ref in active
            case "team":
                return target.ref in staffed
            case "role":
                return any(stands(t) for targets in roles.called(target.ref) for t in targets)
        return whole.get(target.ref, False)

    if any(stands(t) for t in policy.catch_all):
        return ""
    if policy.catch_all:
        return "Whom it calls in the end is switched off, empty or not on call all the time."
    if not any(stands(t) for t in _targets(policy)):
        return (
            "At some time in the next 90 days no step of it reaches anybody, and it calls nobody in the end."
        )
    return "It calls nobody in the end: when no step is answered, only the administrators hear of it."


def _from(since: datetime, now: datetime) -> str:
    """Without its end, which moves on with the clock where it is that of what is seen; so does the start of one now."""
    return "now" if since <= now else f"from {since.astimezone(UTC):%a %d %b %Y %H:%M} UTC"


def _layer(core: Schedule, layer_id: str) -> str:
    name = next((layer.name for layer in core.layers if layer.id == layer_id), "")
    return f"the layer “{name}”"
