"""`maintenance`: planned work from a terminal, over the REST interface: list, plan, start, finish, extend, cancel."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click

from .remote import REFUSED, connect, show, stop
from .respond import as_json_option

_TIME = "2026-11-30T22:00+01:00"


@click.group(
    epilog="""\b
Examples:
  quarterdeck maintenance list
  quarterdeck maintenance plan "Database upgrade" --start 2026-11-30T22:00+01:00 --end 2026-12-01T00:00+01:00 \\
      --service checkout --propose
  quarterdeck maintenance extend ID 2026-12-01T01:00+01:00 --reason "The index takes longer"
  quarterdeck maintenance finish ID"""
)
def maintenance() -> None:
    """Planned work: see it, plan it, start, extend, finish or cancel it."""


@maintenance.command("list")
@click.option(
    "--view", type=click.Choice(["upcoming", "running", "past", "all"]), default="upcoming", help="Which."
)
@click.option("--service", default="", help="The key of a service.")
@as_json_option
def list_(view: str, service: str, as_json: bool) -> None:
    """What is planned, runs or is over."""
    found = connect().get("/maintenance", view=view, service=service)["items"]
    show(found, [_line(row) for row in found] or ["None."], as_json)


@maintenance.command()
@click.argument("title")
@click.option("--start", "starts_at", required=True, help=f"With its zone, such as {_TIME}.")
@click.option("--end", "ends_at", required=True, help="With its zone.")
@click.option("--zone", default="UTC", help="In which its times are told, such as Europe/Berlin.")
@click.option("--text", default="", help="What the public reads.")
@click.option("--service", "services", multiple=True, help="The key of a covered service; may be repeated.")
@click.option("--component", "components", multiple=True, help="The id of a component; may be repeated.")
@click.option("--rule", default="", help="When it comes again, such as FREQ=WEEKLY;COUNT=8.")
@click.option("--propose", is_flag=True, help="Ask for approval at once.")
@as_json_option
def plan(
    title: str,
    starts_at: str,
    ends_at: str,
    zone: str,
    text: str,
    services: tuple[str, ...],
    components: tuple[str, ...],
    rule: str,
    propose: bool,
    as_json: bool,
) -> None:
    """Plan a maintenance. Nothing happens by itself until it is approved."""
    remote = connect()
    body: dict[str, Any] = {
        "title": title, "starts_at": _moment(starts_at), "ends_at": _moment(ends_at), "zone": zone, "text": text,
        "services": list(services), "components": dict.fromkeys(components, "under_maintenance"), "rule": rule,
    }  # fmt: skip
    made = remote.post("/maintenance", body)
    lines = [_line(made), *(f"Mind: {c['text']}" for c in made["conflicts"])]
    if len(made["windows"]) > 1:
        lines.append(f"{len(made['windows'])} windows.")
    if propose:
        told = remote.put(f"/maintenance/{made['id']}/proposal", {"series": len(made["windows"]) > 1})
        made["state"] = told["state"]
        lines.append(f"It is {told['state']}.")
    show(made, lines, as_json)


@maintenance.command()
@click.argument("window")
@click.option("--text", default="", help="What the public reads.")
@click.option("--break-glass", default="", help="Why you do it beside an incident that is told on its pages.")
@as_json_option
def start(window: str, text: str, break_glass: str, as_json: bool) -> None:
    """Start it now."""
    _put(window, "start", {"text": text, "break_glass": break_glass}, as_json)


@maintenance.command()
@click.argument("window")
@click.option("--text", default="", help="What the public reads.")
@click.option("--break-glass", default="", help="Why you do it beside an incident that is told on its pages.")
@as_json_option
def finish(window: str, text: str, break_glass: str, as_json: bool) -> None:
    """It is over now: alerts that still fire page."""
    _put(window, "completion", {"text": text, "break_glass": break_glass}, as_json)


@maintenance.command()
@click.argument("window")
@click.argument("until")
@click.option("--reason", default="", help="Why; the public reads it.")
@click.option("--break-glass", default="", help="Why you do it beside an incident that is told on its pages.")
@as_json_option
def extend(window: str, until: str, reason: str, break_glass: str, as_json: bool) -> None:
    """A later end for what runs."""
    _put(
        window,
        "extension",
        {"ends_at": _moment(until), "reason": reason, "break_glass": break_glass},
        as_json,
    )


@maintenance.command()
@click.argument("window")
@click.option("--reason", default="", help="Why; the public reads it. Needed once it was announced.")
@click.option("--series", is_flag=True, help="Those of the same plan that come after it as well.")
@click.option("--break-glass", default="", help="Why you do it beside an incident that is told on its pages.")
@as_json_option
def cancel(window: str, reason: str, series: bool, break_glass: str, as_json: bool) -> None:
    """It will not take place, or stops half way."""
    _put(window, "cancellation", {"reason": reason, "series": series, "break_glass": break_glass}, as_json)


def _put(window: str, what: str, body: dict[str, Any], as_json: bool) -> None:
    told = connect().put(f"/maintenance/{window}/{what}", body)
    show(told, [_line(told)], as_json)


def _moment(text: str) -> str:
    """A time with its zone, as the interface takes it."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        stop(f"{text!r} is not a time with its zone. Write it such as {_TIME}.", REFUSED)
    return found.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _line(row: dict[str, Any]) -> str:
    return f"{row['id']}  {row['starts_at']} to {row['ends_at']}  {row['state']:<11}  {row['title']}"
