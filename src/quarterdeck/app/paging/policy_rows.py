"""Escalation policies as plain data: the shape kept in `escalation_policy.definition` and pinned in runs.

What has its default is left out, so that a policy without conditions is the same text as before there were any. A
release that does not know roles yet reads `targets` and passes them over; conditions it does not know it pages without.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import time, timedelta
from typing import Any

from quarterdeck.core.escalation.policy import Policy, Step, Target, Window
from quarterdeck.store import models


def policy_of(alert: models.Alert) -> str | None:
    """The policy (id) of an alert: its service's, else its integration's; None where only the default one covers it."""
    return (alert.service.policy_id if alert.service else None) or alert.integration.policy_id


def policy_data(policy: Policy) -> dict[str, Any]:
    """A policy as plain data."""
    found: dict[str, Any] = {
        "key": policy.key,
        "name": policy.name,
        "repeats": policy.repeats,
        "steps": [_step_data(s) for s in policy.steps],
        **_targets_data("catch_all", policy.catch_all),
    }
    if policy.ack_timeout:
        found["ack_timeout_seconds"] = int(policy.ack_timeout.total_seconds())
    return found


def policy_from(data: Mapping[str, Any]) -> Policy:
    return Policy(
        key=data.get("key", ""),
        name=data.get("name", ""),
        repeats=int(data.get("repeats", 0)),
        steps=tuple(_step(s) for s in data.get("steps", [])),
        catch_all=_targets("catch_all", data),
        ack_timeout=timedelta(seconds=data.get("ack_timeout_seconds", 0)),
    )


def _step_data(step: Step) -> dict[str, Any]:
    found = {"wait_seconds": int(step.wait.total_seconds()), **_targets_data("targets", step.targets)}
    if step.severities:
        found["severities"] = list(step.severities)
    if step.windows:
        found["windows"] = [_window_data(w) for w in step.windows]
    if step.mode != "all":
        found["mode"] = step.mode
    if step.urgency:
        found["urgency"] = step.urgency
    return found


def _step(data: Mapping[str, Any]) -> Step:
    return Step(
        targets=_targets("targets", data),
        wait=timedelta(seconds=data["wait_seconds"]),
        severities=tuple(data.get("severities", ())),
        windows=tuple(_window(w) for w in data.get("windows", ())),
        mode=data.get("mode", "all"),
        urgency=data.get("urgency", ""),
    )


def _targets_data(name: str, targets: Iterable[Target]) -> dict[str, Any]:
    """`name` holds what every release knows; with roles among them all stand, in order, under `all_<name>`."""
    known = [{"kind": t.kind, "ref": t.ref} for t in targets]
    plain = [t for t in known if t["kind"] != "role"]
    return {name: plain} if len(plain) == len(known) else {name: plain, f"all_{name}": known}


def _targets(name: str, data: Mapping[str, Any]) -> tuple[Target, ...]:
    return tuple(_target(t) for t in data.get(f"all_{name}") or data.get(name, []))


def _target(data: Mapping[str, str]) -> Target:
    kind = data["kind"]
    if kind not in ("person", "schedule", "team", "role"):
        raise ValueError(f"{kind!r} is not a target: person, schedule, team or role")
    return Target(kind, data["ref"])  # type: ignore[arg-type]


def _window_data(window: Window) -> dict[str, Any]:
    return {
        "start": f"{window.start:%H:%M}",
        "end": f"{window.end:%H:%M}",
        "weekdays": list(window.weekdays),
        "zone": window.zone,
    }


def _window(data: Mapping[str, Any]) -> Window:
    return Window(
        start=time.fromisoformat(data["start"]),
        end=time.fromisoformat(data["end"]),
        weekdays=tuple(data.get("weekdays", ())),
        zone=data.get("zone", "UTC"),
    )
