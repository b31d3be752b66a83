"""Whom to page now, why, and when to look again. Pure: the same position gives the same plan on every node.

Nobody never means silence: a step that reaches nobody is skipped at once and shown, and the next one fires.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from quarterdeck.core.kernel.moments import spoken, text
from quarterdeck.core.kernel.text import counted

from .conditions import Cause, first, why_not
from .lint import MAX_REPEATS, MAX_STEPS
from .lint import check as check
from .policy import Policy, Step, Target

# Ends a walk through a policy of the largest size: every step of every round, the catch-all, one more look.
MAX_FIRINGS = MAX_STEPS * (MAX_REPEATS + 1) + 2
_ORDINALS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Position:
    """Where a run stands: the step (from 0) and the round (from 0) that fire next.

    The round after the last one stands for the catch-all, the one after that for the end.
    `due_at` None means that it is due now: whoever pulls a step forward leaves it out.
    """

    step: int = 0
    cycle: int = 0
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Resolved:
    """The people a target stands for at this moment, by id, in the order to page them.

    `because` is one clause per person without a full stop ("Ana is on call in Payments primary").
    `nobody_because` is a clause too, used when `people` is empty ("Nobody is on call in Payments primary").
    """

    people: tuple[str, ...]
    nobody_because: str = ""
    because: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """One person to page. Step and cycle count from 0; the catch-all is step 0 of one round more.

    `urgency` "" is the run's own.
    """

    person: str
    step: int
    cycle: int
    target: Target
    reason: str
    urgency: str = ""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A target that stood for nobody. `target` is None for a step that names nobody at all, or does not `apply`."""

    target: Target | None
    step: int
    cycle: int
    reason: str
    applies: bool = True


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do now. `exhausted` demands an alarm, and then there is no `next` and no `wake_at`."""

    pages: tuple[Page, ...]
    skipped: tuple[Skipped, ...]
    next: Position | None
    wake_at: datetime | None
    exhausted: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Rung:
    """One firing of a preview, `offset` after the start."""

    offset: timedelta
    pages: tuple[Page, ...]
    skipped: tuple[Skipped, ...]
    exhausted: bool
    reason: str


OnCallNow = Callable[[Target], Resolved]
OnCallAt = Callable[[Target, datetime], Resolved]
Reachable = Callable[[Page], bool]
NOTHING = Cause()


def plan(
    policy: Policy, position: Position, now: datetime, on_call: OnCallNow, cause: Cause = NOTHING
) -> Plan:
    """Fires the step that is due: one step a call, or the catch-all, or nothing when it is too early.

    Waits count from `now`, the actual firing: a late engine does not make up for lost steps in a burst.
    A step that does not apply or stands for nobody is skipped at once. Once every step has been found to reach nobody
    at this moment, further rounds would find the same: the catch-all is called at once. The catch-all is called once
    and ends the run with `exhausted`.
    """
    steps, rounds = policy.steps[:MAX_STEPS], _rounds(policy)
    step, cycle = position.step, position.cycle
    if cycle > rounds:
        return Plan(
            (),
            (),
            None,
            None,
            True,
            "Every step and the catch-all have been called. Nobody further is named.",
        )
    if position.due_at is not None and now < position.due_at:
        reason = f"{_where(policy, step, cycle).capitalize()} is due at {text(position.due_at)}."
        return Plan((), (), Position(step, cycle, position.due_at), position.due_at, False, reason)
    skipped: list[Skipped] = []
    for _ in steps:
        if step >= len(steps):
            step, cycle = 0, cycle + 1
        if cycle >= rounds:
            break
        hindrance = why_not(steps[step], cause, now)
        if hindrance:
            reason = f"{hindrance} ({_where(policy, step, cycle)}, skipped at once)"
            skipped.append(Skipped(None, step, cycle, reason, applies=False))
        else:
            pages, empty = _fire(policy, steps[step], step, cycle, on_call, cause)
            skipped.extend(empty)
            if pages:
                return _then(policy, pages, tuple(skipped), now)
        step += 1
    return _last(policy, tuple(skipped), on_call)


def hurried(made: Plan, now: datetime) -> Plan:
    """The same plan where none of its people can be reached by anything: what comes next comes now."""
    if made.next is None or not made.pages:
        return made
    follows = Position(made.next.step, made.next.cycle)
    return replace(made, next=follows, wake_at=now, reason=f"{made.reason} Nobody paged can be reached: now.")


def preview(
    policy: Policy,
    now: datetime,
    on_call: OnCallAt,
    cause: Cause = NOTHING,
    reachable: Reachable | None = None,
) -> tuple[Rung, ...]:
    """The whole sequence if nobody ever acknowledges, from `now` on: what-if and the policy's ladder."""
    return tuple(walk(policy, now, on_call, cause, reachable))


def walk(
    policy: Policy,
    now: datetime,
    on_call: OnCallAt,
    cause: Cause = NOTHING,
    reachable: Reachable | None = None,
) -> Iterator[Rung]:
    """Each firing in turn. `on_call` is asked for the moment of each, so a handover in the middle shows; `reachable`
    whether a page could be tried by any contact (None: all can).
    """
    position: Position | None = Position()
    at = now
    for _ in range(MAX_FIRINGS):
        if position is None:
            return
        fired = plan(policy, position, at, _at(on_call, at), cause)
        if reachable is not None and not any(reachable(p) for p in fired.pages):
            fired = hurried(fired, at)
        yield Rung(at - now, fired.pages, fired.skipped, fired.exhausted, fired.reason)
        position, at = fired.next, fired.wake_at or at


def _at(on_call: OnCallAt, at: datetime) -> OnCallNow:
    return lambda target: on_call(target, at)


def _rounds(policy: Policy) -> int:
    return min(max(policy.repeats, 0), MAX_REPEATS) + 1


def _where(policy: Policy, step: int, cycle: int) -> str:
    if cycle >= _rounds(policy):
        return "catch-all"
    return f"step {step + 1} of {min(len(policy.steps), MAX_STEPS)}, {_ORDINALS[cycle]} round"


def _fire(
    policy: Policy, step: Step, number: int, cycle: int, on_call: OnCallNow, cause: Cause = NOTHING
) -> tuple[tuple[Page, ...], tuple[Skipped, ...]]:
    where = _where(policy, number, cycle)
    pages: dict[str, Page] = {}
    empty: list[tuple[Target, str]] = []
    for target in step.targets:
        found = on_call(target)
        for person in found.people:
            clause = found.because.get(person) or _clause(person, target)
            page = Page(person, number, cycle, target, f"{clause} ({where})", step.urgency)
            pages.setdefault(person, page)
        if not found.people:
            empty.append(
                (target, found.nobody_because or f"The {target.kind} {target.ref} stands for nobody now")
            )
    chosen = _one_of(tuple(pages.values()), cycle, where, cause) if step.mode == "one_of" else pages.values()
    outcome = "others were paged" if pages else "skipped at once"
    skipped = [Skipped(target, number, cycle, f"{because} ({where}, {outcome})") for target, because in empty]
    if not step.targets:
        skipped = [Skipped(None, number, cycle, f"No target is named ({where}, {outcome})")]
    return tuple(chosen), tuple(skipped)


def _one_of(pages: tuple[Page, ...], cycle: int, where: str, cause: Cause) -> tuple[Page, ...]:
    if len(pages) < 2:
        return pages
    page = pages[first(cause, cycle, len(pages))]
    clause = page.reason.removesuffix(f" ({where})")
    return (replace(page, reason=f"{clause}, one of {len(pages)} in turn ({where})"),)


def _clause(person: str, target: Target) -> str:
    match target.kind:
        case "person":
            return f"{person} is named in the policy"
        case "schedule":
            return f"{person} is on call in {target.ref}"
        case "team":
            return f"{person} is in the team {target.ref}"
        case "role":
            return f"{person} holds the role {target.ref}"


def _then(policy: Policy, pages: tuple[Page, ...], skipped: tuple[Skipped, ...], now: datetime) -> Plan:
    """What follows a step that reached somebody."""
    step, cycle = pages[0].step, pages[0].cycle
    wait = max(policy.steps[step].wait, timedelta(0))
    last = step + 1 >= min(len(policy.steps), MAX_STEPS)
    wake_at = now + wait
    after = Position(0, cycle + 1, wake_at) if last else Position(step + 1, cycle, wake_at)
    people = counted(len(pages), "person is paged", "people are paged")
    reason = (
        f"{_where(policy, step, cycle).capitalize()}: {people}. "
        f"Without an acknowledgement {_where(policy, after.step, after.cycle)} follows in {spoken(wait)}."
    )
    return Plan(pages, skipped, after, wake_at, False, reason)


def _last(policy: Policy, skipped: tuple[Skipped, ...], on_call: OnCallNow) -> Plan:
    """The catch-all, and the end."""
    rounds = _rounds(policy)
    pages: tuple[Page, ...] = ()
    if policy.catch_all:
        pages, empty = _fire(policy, Step(policy.catch_all), 0, rounds, on_call)
        skipped += empty
    if not policy.steps:
        before = "This policy has no steps"
    elif skipped and {s.step for s in skipped if s.cycle < rounds} == set(
        range(len(policy.steps[:MAX_STEPS]))
    ):
        unfit = not any(s.applies for s in skipped if s.cycle < rounds)
        before = f"No step of this policy {'applies' if unfit else 'reaches anybody'} now"
    else:
        before = f"Nobody acknowledged any step in {counted(rounds, 'round')}"
    if pages:
        after = "the catch-all is called, and nobody further is named"
    elif policy.catch_all:
        after = "the catch-all reaches nobody either"
    else:
        after = "no catch-all is set"
    return Plan(pages, skipped, None, None, True, f"{before}; {after}.")
