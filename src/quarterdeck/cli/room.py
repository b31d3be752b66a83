"""`say`, `catch-up`, `attach`, `replay`: the war room from a terminal, over the REST interface."""

from __future__ import annotations

import re
from pathlib import Path

import click

from .remote import REFUSED, connect, show, stop
from .respond import as_json_option

_NUMBER = re.compile(r"(?:INC-)?(\d{1,9})", re.IGNORECASE)


class Incident(click.ParamType):
    """An incident by its number: 1042 or INC-1042."""

    name = "incident"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        found = _NUMBER.fullmatch(value)
        if found is None:
            self.fail("Name an incident by its number, such as 1042.", param, ctx)
        return f"INC-{int(found[1])}"


@click.command(
    epilog="""\b
Examples:
  quarterdeck say 1042 "The pool is full since the release"
  quarterdeck say 1042 "/task @ana in 10m Look at the pool"
  quarterdeck say 1042 "/fact cause: release 4.18.0"
  quarterdeck say 1042 "/knowledge pool"     articles; also /lessons, /changes
  quarterdeck say 1042 "/transfer 14:30"     when your handover takes effect
  quarterdeck say 1042 /help          everything that can be typed"""
)
@click.argument("incident", type=Incident())
@click.argument("text", nargs=-1, required=True)
@as_json_option
def say(incident: str, text: tuple[str, ...], as_json: bool) -> None:
    """Type a line into an incident's war room: a note, or a /command as there."""
    said = connect().post(f"/incidents/{incident}/say", {"text": " ".join(text)})
    show(said, [said["text"], *said["lines"]], as_json)


@click.command("catch-up", epilog="\b\nExample:\n  quarterdeck catch-up 1042")
@click.argument("incident", type=Incident())
@as_json_option
def catch_up(incident: str, as_json: bool) -> None:
    """An incident in ten lines: who leads, how bad, what is known, tried and open."""
    told = connect().get(f"/incidents/{incident}/catch-up")
    show(told, told["lines"], as_json)


@click.command(epilog='\b\nExample:\n  quarterdeck attach 1042 graph.png --text "The pool at 14:02"')
@click.argument("incident", type=Incident())
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--text", default="", help="What it shows.")
@as_json_option
def attach(incident: str, file: Path, text: str, as_json: bool) -> None:
    """Put a file into an incident's record. It is never changed, run or unpacked."""
    try:
        content = file.read_bytes()
    except OSError as e:
        stop(f"{file} cannot be read ({e.strerror}).", REFUSED)
    made = connect().send_file(f"/incidents/{incident}/files", file.name, content, text=text)
    show(made, [f"attached: {made['name']}, {made['size_bytes']} bytes, SHA-256 {made['sha256']}"], as_json)


@click.command(epilog="\b\nExample:\n  quarterdeck replay 1042 2026-11-22T14:30:00Z")
@click.argument("incident", type=Incident())
@click.argument("at")
@as_json_option
def replay(incident: str, at: str, as_json: bool) -> None:
    """An incident as it looked at an instant: severity, phase, roles, facts and tasks as known then."""
    then = connect().get(f"/incidents/{incident}/at", t=at)
    lines = [f"{incident} at {then['at']}: SEV{then['severity']}  {then['phase']}  {then['title']}"]
    lines += [f"{r['title']}: {r['person']['name']}" for r in then["roles"]]
    facts = ("what_we_know", "customer_effect", "cause", "workaround", "next_step")
    lines += [f"{name.replace('_', ' ').capitalize()}: {then[name]}" for name in facts if then[name]]
    lines += [f"{t['assignee']['name']}: {t['title']} ({t['state']})" for t in then["tasks"]]
    show(then, lines, as_json)
