"""What is refused when a policy is saved: what could never call anybody, calls itself, or is beyond the caps."""

from __future__ import annotations

from datetime import timedelta

from quarterdeck.core.kernel.refused import bad

from .conditions import is_zone
from .policy import SEVERITIES, Policy, Step, Window

MAX_STEPS = 20
MAX_REPEATS = 10
MAX_TARGETS = 20
MAX_WINDOWS = 14
LONGEST_WAIT = timedelta(hours=24)
LONGEST_ANSWER = timedelta(hours=24)
# Policies by which roles are filled: the one of this key, and those that begin so.
COMMANDER, ROLE = "commander", "role-"


def check(policy: Policy) -> None:
    """Refuses a policy beyond the caps. Planning clamps as well, so that an old snapshot never loops."""
    if len(policy.steps) > MAX_STEPS:
        raise bad(
            "policy.too_many_steps", f"This policy has {len(policy.steps)} steps. Use at most {MAX_STEPS}."
        )
    if not 0 <= policy.repeats <= MAX_REPEATS:
        raise bad(
            "policy.repeats", f"The steps can repeat 0 to {MAX_REPEATS} times. Choose a number between them."
        )
    for number, step in enumerate(policy.steps, 1):
        _step(step, number)
    if len(policy.catch_all) > MAX_TARGETS:
        raise bad(
            "policy.too_many", f"In the end it calls too many at once. Name at most {MAX_TARGETS}, or a team."
        )
    if not policy.steps and not policy.catch_all:
        raise bad("policy.nobody", "This policy reaches nobody. Add a step or a catch-all.")
    if not timedelta(0) <= policy.ack_timeout <= LONGEST_ANSWER:
        raise bad(
            "policy.ack_timeout",
            "An acknowledgement can last 1 minute to 24 hours, or 0 for ever. Choose one.",
        )
    _circle(policy)


def _step(step: Step, number: int) -> None:
    if not step.targets:
        raise bad("policy.empty_step", f"Step {number} names nobody. Add a person, a schedule or a team.")
    if len(step.targets) > MAX_TARGETS:
        raise bad(
            "policy.too_many",
            f"Step {number} names {len(step.targets)} at once. Name at most {MAX_TARGETS}, or a team.",
        )
    if not timedelta(0) < step.wait <= LONGEST_WAIT:
        raise bad("policy.wait", f"Step {number} must wait between 1 second and 24 hours before the next.")
    if step.mode not in ("all", "one_of"):
        raise bad("policy.mode", f"Step {number} calls all or one of its people. Choose one of the two.")
    if step.urgency not in ("", "high", "low"):
        raise bad(
            "policy.urgency", f"The urgency of step {number} is high, low or the alert's own. Choose one."
        )
    strange = [s for s in step.severities if s not in SEVERITIES]
    if strange:
        raise bad(
            "policy.severity",
            f"Step {number} is for alerts of severity {strange[0][:40]!r}, which none has: it could never apply. "
            f"Use {', '.join(SEVERITIES)}.",
        )
    if len(step.windows) > MAX_WINDOWS:
        raise bad(
            "policy.too_many",
            f"Step {number} has {len(step.windows)} times of day. Use at most {MAX_WINDOWS}.",
        )
    for window in step.windows:
        _window(window, number)


def _window(window: Window, number: int) -> None:
    if not is_zone(window.zone):
        raise bad(
            "policy.zone",
            f"Step {number} names the zone {window.zone[:60]!r}, which is none. Use a name such as Europe/Paris.",
        )
    if any(not 0 <= d <= 6 for d in window.weekdays):
        raise bad("policy.weekday", f"A weekday of step {number} is none. Use Monday to Sunday.")


def _circle(policy: Policy) -> None:
    """Whoever fills a role cannot be found by asking who fills it, be it this role or another that asks back."""
    if policy.key != COMMANDER and not policy.key.startswith(ROLE):
        return
    targets = [*(t for s in policy.steps for t in s.targets), *policy.catch_all]
    role = next((t.ref for t in targets if t.kind == "role"), "")
    if role:
        raise bad(
            "policy.circular",
            f"This policy says who fills a role, and it calls the role {role[:60]!r}: that would go in a circle. "
            "Name people, schedules or teams.",
        )
