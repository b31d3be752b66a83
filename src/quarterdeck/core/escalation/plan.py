"""Whom to page now, why, and when to look again. Pure: the same position gives the same plan on every node.

Nobody never means silence: a step that reaches nobody is skipped at once and shown, and the next one fires.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from quarterdeck.core.kernel.moments import spoken, text
from quarterdeck.core.kernel.refused import bad
from quarterdeck.core.kernel.text import counted

from .policy import Policy, Step, Target

MAX_STEPS = 20
MAX_REPEATS = 10
LONGEST_WAIT = timedelta(hours=24)
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
    """One person to page. Step and cycle count from 0; the catch-all is step 0 of one round more."""

    person: str
    step: int
    cycle: int
    target: Target
    reason: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """A target that stood for nobody. `target` is None for a step that names nobody at all."""

    target: Target | None
    step: int
    cycle: int
    reason: str


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


def check(policy: Policy) -> None:
    """Refuses a policy beyond the caps. `plan` clamps as well, so that an old snapshot never loops."""
    if len(policy.steps) > MAX_STEPS:
        raise bad(
            "policy.too_many_steps", f"This policy has {len(policy.steps)} steps. Use at most {MAX_STEPS}."
        )
    if not 0 <= policy.repeats <= MAX_REPEATS:
        raise bad(
            "policy.repeats", f"The steps can repeat 0 to {MAX_REPEATS} times. Choose a number between them."
        )
    for number, step in enumerate(policy.steps, 1):
        if not step.targets:
            raise bad("policy.empty_step", f"Step {number} names nobody. Add a person, a schedule or a team.")
        if not timedelta(0) < step.wait <= LONGEST_WAIT:
            raise bad(
                "policy.wait", f"Step {number} must wait between 1 second and 24 hours before the next."
            )
    if not policy.steps and not policy.catch_all:
        raise bad("policy.nobody", "This policy reaches nobody. Add a step or a catch-all.")


def plan(policy: Policy, position: Position, now: datetime, on_call: OnCallNow) -> Plan:
    """Fires the step that is due: one step a call, or the catch-all, or nothing when it is too early.

    Waits count from `now`, the actual firing: a late engine does not make up for lost steps in a burst.
    Once every step has been found to reach nobody at this moment, further rounds would find the same: the
    catch-all is called at once. The catch-all is called once and ends the run with `exhausted`.
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
        pages, empty = _fire(policy, steps[step], step, cycle, on_call)
        skipped.extend(empty)
        if pages:
            return _then(policy, pages, tuple(skipped), now)
        step += 1
    return _last(policy, tuple(skipped), on_call)


def preview(policy: Policy, now: datetime, on_call: OnCallAt) -> tuple[Rung, ...]:
    """The whole sequence if nobody ever acknowledges, from `now` on: what-if and the policy's ladder.

    `on_call` is asked for the moment of each firing, so a handover in the middle shows.
    """
    rungs: list[Rung] = []
    position: Position | None = Position()
    at = now
    while position is not None and len(rungs) < MAX_FIRINGS:
        fired = plan(policy, position, at, _at(on_call, at))
        rungs.append(Rung(at - now, fired.pages, fired.skipped, fired.exhausted, fired.reason))
        position, at = fired.next, fired.wake_at or at
    return tuple(rungs)


def _at(on_call: OnCallAt, at: datetime) -> OnCallNow:
    return lambda target: on_call(target, at)


def _rounds(policy: Policy) -> int:
    return min(max(policy.repeats, 0), MAX_REPEATS) + 1


def _where(policy: Policy, step: int, cycle: int) -> str:
    if cycle >= _rounds(policy):
        return "catch-all"
    return f"step {step + 1} of {min(len(policy.steps), MAX_STEPS)}, {_ORDINALS[cycle]} round"


def _fire(
    policy: Policy, step: Step, number: int, cycle: int, on_call: OnCallNow
) -> tuple[tuple[Page, ...], tuple[Skipped, ...]]:
    where = _where(policy, number, cycle)
    pages: dict[str, Page] = {}
    empty: list[tuple[Target, str]] = []
    for target in step.targets:
        found = on_call(target)
        for person in found.people:
            clause = found.because.get(person) or _clause(person, target)
            pages.setdefault(person, Page(person, number, cycle, target, f"{clause} ({where})"))
        if not found.people:
            empty.append(
                (target, found.nobody_because or f"The {target.kind} {target.ref} stands for nobody now")
            )
    outcome = "others were paged" if pages else "skipped at once"
    skipped = [Skipped(target, number, cycle, f"{because} ({where}, {outcome})") for target, because in empty]
    if not step.targets:
        skipped = [Skipped(None, number, cycle, f"No target is named ({where}, {outcome})")]
    return tuple(pages.values()), tuple(skipped)


def _clause(person: str, target: Target) -> str:
    match target.kind:
        case "person":
            return f"{person} is named in the policy"
        case "schedule":
            return f"{person} is on call in {target.ref}"
        case "team":
            return f"{person} is in the team {target.ref}"


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
        before = "No step of this policy reaches anybody now"
    else:
        before = f"Nobody acknowledged any step in {counted(rounds, 'round')}"
    if pages:
        after = "the catch-all is called, and nobody further is named"
    elif policy.catch_all:
        after = "the catch-all reaches nobody either"
    else:
        after = "no catch-all is set"
    return Plan(pages, skipped, None, None, True, f"{before}; {after}.")
