"""`drill`: people's practice from a terminal, over the REST interface. (The engine's own test is `selftest`.)"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from .remote import REFUSED, Remote, connect, show, stop
from .respond import as_json_option, person_named


@click.group(
    epilog="""\b
Examples:
  quarterdeck drill list
  quarterdeck drill plan database_failover --kind tabletop --with ben@example.com --with cho@example.com
  quarterdeck drill start ID
  quarterdeck drill inject ID "The press calls" --for communications_lead
  quarterdeck drill results ID"""
)
def drill() -> None:
    """Practise incidents with people: plan a drill, steer it, read what it showed."""


@drill.command("list")
@click.option("--state", type=click.Choice(["planned", "running", "ended", "cancelled"]), help="Only these.")
@as_json_option
def list_(state: str | None, as_json: bool) -> None:
    """Drills, the latest first."""
    found = connect().get("/drills", state=state)["items"]
    lines = [f"{d['id']}  {d['state']:9}  {_when(d['scheduled_at'])}  {d['title']}" for d in found]
    show(found, lines or ["There is no drill yet."], as_json)


@drill.command("show")
@click.argument("drill_id", metavar="ID")
@as_json_option
def show_(drill_id: str, as_json: bool) -> None:
    """One drill: its clock, who plays what, its injects as far as you may see them."""
    one = connect().get(f"/drills/{drill_id}")
    show(one, _told(one), as_json)


@drill.command()
@click.argument("scenario")
@click.option("--kind", type=click.Choice(["tabletop", "fire_drill", "simulation"]), default="simulation")
@click.option(
    "--with", "people", multiple=True, help="Who takes part: mail address, handle or name; may be repeated."
)
@click.option("--at", help="When (RFC 3339); now if left out.")
@click.option("--title", default="", help="What it is called.")
@click.option("--unannounced", is_flag=True, help="Those in it do not hear of it before.")
@as_json_option
def plan(
    scenario: str,
    kind: str,
    people: tuple[str, ...],
    at: str | None,
    title: str,
    unannounced: bool,
    as_json: bool,
) -> None:
    """Plan a drill of a scenario; you facilitate it."""
    remote = connect()
    body: dict[str, Any] = {
        "scenario": scenario, "kind": kind, "title": title, "announced": not unannounced,
        "participants": [person_named(remote, name) for name in people],
    }  # fmt: skip
    made = remote.post("/drills", body | ({"scheduled_at": at} if at else {}))
    show(made, [*_told(made), f"Start it with: quarterdeck drill start {made['id']}"], as_json)


def _move(drill_id: str, state: str, reason: str, as_json: bool) -> None:
    moved = connect().put(f"/drills/{drill_id}/state", {"state": state, "reason": reason})
    show(moved, _told(moved), as_json)


@drill.command()
@click.argument("drill_id", metavar="ID")
@as_json_option
def start(drill_id: str, as_json: bool) -> None:
    """Start a planned drill: its incident is declared and the clock runs."""
    remote = connect()
    if remote.get(f"/drills/{drill_id}")["state"] != "planned":
        stop("Only a planned drill starts. A paused one goes on with: quarterdeck drill resume", REFUSED)
    _move(drill_id, "running", "", as_json)


@drill.command()
@click.argument("drill_id", metavar="ID")
@click.option("--reason", default="", help="Why.")
@as_json_option
def pause(drill_id: str, reason: str, as_json: bool) -> None:
    """The clock stands still, and nothing fires."""
    _move(drill_id, "paused", reason, as_json)


@drill.command()
@click.argument("drill_id", metavar="ID")
@as_json_option
def resume(drill_id: str, as_json: bool) -> None:
    """Go on after a pause."""
    if connect().get(f"/drills/{drill_id}")["state"] != "running":
        stop("Only a drill that runs goes on. Start a planned one with: quarterdeck drill start", REFUSED)
    _move(drill_id, "running", "", as_json)


@drill.command()
@click.argument("drill_id", metavar="ID")
@click.option("--reason", default="", help="Why now.")
@as_json_option
def end(drill_id: str, reason: str, as_json: bool) -> None:
    """It is over: nothing fires any more, and its results are there."""
    _move(drill_id, "ended", reason, as_json)


@drill.command()
@click.argument("drill_id", metavar="ID")
@click.argument("what")
@click.option("--for", "role", default="", help="The role it is for; everybody if left out.")
@click.option("--kind", type=click.Choice(["message", "away", "alert", "fact", "inquiry"]), default="message")
@click.option("--about", default="", help="The fact that changes, or who asks.")
@click.option("--text", default="", help="More of it.")
@click.option("--in", "minutes", type=click.IntRange(0, 480), default=0, help="In so many minutes; 0 is now.")
@as_json_option
def inject(
    drill_id: str, what: str, role: str, kind: str, about: str, text: str, minutes: int, as_json: bool
) -> None:
    """Fire an inject of the script by its key or title, or add WHAT as a surprise of the moment."""
    remote = connect()
    found = _of_script(remote, drill_id, what)
    if found is not None:
        moved = remote.put(f"/drills/{drill_id}/injects/{found['id']}/state", {"state": "fired"})
    else:
        body = {
            "kind": kind,
            "title": what,
            "text": text,
            "role": role,
            "about": about,
            "in_minutes": minutes,
        }
        moved = remote.post(f"/drills/{drill_id}/injects", body)
    show(moved, [f"{moved['state']}: {moved['title']}"], as_json)


def _of_script(remote: Remote, drill_id: str, what: str) -> dict[str, Any] | None:
    waiting = [i for i in remote.get(f"/drills/{drill_id}")["injects"] if i["state"] == "waiting"]
    return next((i for i in waiting if what in (i["id"], i["key"], i["title"])), None)


@drill.command()
@click.argument("drill_id", metavar="ID")
@as_json_option
def results(drill_id: str, as_json: bool) -> None:
    """What it showed: scores of roles, times, gaps. While it runs, for its facilitator alone."""
    remote = connect()
    found = remote.get(f"/drills/{drill_id}/result")
    lines = [f"Score {_points(found['score'])}{' so far' if found['running'] else ''}"]
    for i in [*found["items"], *found["steps"], *found["injects"]]:
        if i["verdict"] != "not_seen":
            lines.append(f"  {i['verdict']:8} {i['title']}{_took(i)}")
    for role in found["roles"]:
        who = ", ".join(p["name"] for p in role["people"]) or "nobody"
        lines.append(f"{role['title']} ({who}): {_points(role['score'])}")
    if not found["running"]:
        gaps = remote.get(f"/drills/{drill_id}/gaps")["items"]
        lines += [f"Gap{' again' if g['repeated'] else ''}: {g['title']} ({g['state']})" for g in gaps]
        found = found | {"gaps": gaps}
    show(found, lines, as_json)


def _points(score: int | None) -> str:
    return "not seen" if score is None else f"{score} of 100"


def _took(item: dict[str, Any]) -> str:
    seconds = item["measured_seconds"]
    return "" if seconds is None else f" after {seconds // 60}:{seconds % 60:02} min"


def _when(text: str) -> str:
    return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M} UTC"


def _told(one: dict[str, Any]) -> list[str]:
    state = "paused" if one["paused"] else one["state"]
    lines = [
        f"{one['id']}  {state}  {one['title']} ({one['kind'].replace('_', ' ')}), {_when(one['scheduled_at'])}"
    ]
    if one["incident"]:
        minute = one["elapsed_seconds"] // 60
        lines.append(f"Incident {one['incident']}, minute {minute} of {one['minutes']}")
    lines += [f"{'observer' if p['observer'] else p['role'] or 'no role':24} {p['person']['name']}"
              for p in one["people"]]  # fmt: skip
    lines += [
        f"inject {i['key']:20} {i['state']:8} minute {i['at_minute']}: {i['title']}" for i in one["injects"]
    ]
    return lines
