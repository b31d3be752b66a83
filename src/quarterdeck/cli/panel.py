"""`quarterdeck status [INCIDENT]`: the command panel of one incident in words, or everything that is open.

Says what the interface answers, in the same words as every other door; decides nothing.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from . import respond
from .remote import connect, show
from .respond import as_json_option


@click.command(
    epilog="""\b
Examples:
  quarterdeck status               what is open, and whether paging works
  quarterdeck status INC-1042      who leads it, who does what now, the next update due"""
)
@click.argument("incident", required=False)
@as_json_option
def status(incident: str | None, as_json: bool) -> None:
    """What is open and whether paging works, or the command panel of one incident."""
    if incident is None:
        overview = respond.status.callback
        assert overview is not None
        overview(as_json)
        return
    key = f"INC-{incident}" if incident.isdigit() else incident.upper()
    remote = connect()
    found = remote.get(f"/incidents/{key}")
    told = remote.get(f"/incidents/{key}/command")
    head = f"{found['id']}  SEV{found['severity']}  {found['phase']}  {found['title']}"
    show(told, [head + (" (drill)" if found["drill"] else ""), *panel(told)], as_json)


def panel(told: dict[str, Any]) -> list[str]:
    """The command panel as lines: the sentence of who leads, roles, work under way, the next update."""
    lines = [told["line"]]
    roles = [_role(r) for r in told["roles"] if r["role"] not in ("commander", "deputy") or not r["holders"]]
    lines += ["Roles", *roles] if roles else []
    lines += ["Now", *(_task(t) for t in told["tasks_now"])] if told["tasks_now"] else ["Now: no open task."]
    return [*lines, _next(told["next_update"])]


def _role(role: dict[str, Any]) -> str:
    if role["holders"]:
        told = ", ".join(f"{h['person']['name']} since {_clock(h['since'])}" for h in role["holders"])
    elif role["called"]:
        told = "VACANT, calling " + ", ".join(p["name"] for p in role["called"])
    else:
        told = "VACANT" + (f": {role['unreachable']}" if role["unreachable"] else "")
    return f"  {role['title']:24} {told}"


def _task(task: dict[str, Any]) -> str:
    state = "LATE" if task["late"] else "not acknowledged" if task["state"] == "given" else task["state"]
    return f"  {task['title']:24} {task['assignee']['name']}, due {_clock(task['due_at'])}, {state}"


def _next(due: dict[str, Any] | None) -> str:
    if due is None:
        return "Next update: none is promised."
    owner = f", {due['owner']['name']}" if due["owner"] else ", nobody owns it"
    was = "was due" if due["overdue"] else "due"
    return f"Next update: {due['title']}, {was} {_clock(due['due_at'])}{owner}"


def _clock(moment: str) -> str:
    return f"{datetime.fromisoformat(moment):%H:%M} UTC"
