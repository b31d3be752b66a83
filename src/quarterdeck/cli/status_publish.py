"""`quarterdeck status publish`: the emergency path. Works with every process stopped and the database gone."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from quarterdeck.boot import emergency, emergency_targets
from quarterdeck.boot.config import Config, ConfigError, load
from quarterdeck.boot.emergency import STATES, Impossible, Told, Words
from quarterdeck.core.kernel import moments
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.status.words import label

from .local import data_option


@click.command(
    epilog="""\b
Examples:
  quarterdeck status publish --title "Payments fail" --state investigating \\
      --body "Cards are declined. We are looking for the cause." \\
      --component "Card payments=major_outage" --next-update 30m
  quarterdeck status publish --state identified --body "A provider is down." --next-update 1h
  quarterdeck status publish --resolve --body "Payments work again."
\b
It needs the folder of the published pages and nothing else: no process, no database.
When Quarterdeck is back it takes the posts over by itself; nothing is to be typed again."""
)
@click.option("--page", "page", default="", help="The page's key; may be left out where there is one page.")
@click.option("--title", default="", help="What is wrong, in one line. Later posts keep it.")
@click.option("--state", type=click.Choice(STATES), help="Default: investigating for the first post.")
@click.option(
    "--body", default="", help="What customers notice and what you do. Markdown; - reads standard input."
)
@click.option(
    "--component", "components", multiple=True, metavar="NAME=STATE", help="As named on the page; repeat it."
)
@click.option(
    "--next-update", "next_update", default="", help="In how long (30m, 2h), or when (2026-11-23T14:30Z)."
)
@click.option("--resolve", is_flag=True, help="It is over: what it put out of order is operational again.")
@click.option(
    "--incident", default="", help="Continue this open incident of the page, by its id in the address."
)
@click.option("--new", is_flag=True, help="Begin another incident though one is open.")
@click.option(
    "--folder", type=click.Path(file_okay=False, path_type=Path), help="The folder of the published pages."
)
@data_option
def publish(
    page: str,
    title: str,
    state: str | None,
    body: str,
    components: tuple[str, ...],
    next_update: str,
    resolve: bool,
    incident: str,
    new: bool,
    folder: Path | None,
) -> None:
    """Post on a published status page while Quarterdeck itself is down."""
    now = datetime.now(UTC)
    try:
        config = load()
        words = Words(
            title=title,
            state="resolved" if resolve else state or ("investigating" if title else "identified"),
            body=sys.stdin.read() if body == "-" else body,
            components=_components(components),
            next_update_at=_next_update(next_update, now),
            incident=incident,
            new=new,
        )
        told = emergency.publish(folder or config.status_folder, page, words, now)
    except (ConfigError, Impossible) as e:
        _stop(str(e))
    except Refused as e:
        _stop(e.message)
    for line in _lines(told, config):
        click.echo(line)
    for sentence in emergency_targets.bring(told.folder, config):
        click.echo(f"  {sentence}")


def _stop(why: str) -> None:
    click.echo(f"quarterdeck: {why} Nothing was published.", err=True)
    sys.exit(2)


def _components(given: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for one in given:
        name, mark, state = one.rpartition("=")
        if not mark or not name.strip():
            raise Impossible(f'--component {one!r}: write it as "Card payments=major_outage".')
        found[name.strip()] = state
    return found


def _next_update(text: str, now: datetime) -> datetime | None:
    if not text:
        return None
    try:
        at = moments.parse(text) if "-" in text else now + moments.duration(text)
    except (ValueError, OverflowError):
        at = None
    if at is None:
        raise Impossible("--next-update: write a length such as 30m, or a time such as 2026-11-23T14:30Z.")
    if at <= now:
        raise Impossible("--next-update: this time has passed.")
    return at


def _lines(told: Told, config: Config) -> list[str]:
    begun = "A new incident" if told.begun else f"{told.post.incident_ref} goes on"
    age = moments.spoken(datetime.now(UTC) - told.snapshot_at)
    n = len(told.post.components)
    lines = [
        f"Published: {told.folder}",
        f"  {label(told.post.status_word)}: {told.post.title or told.post.body.splitlines()[0][:100]}",
        f"  {begun}, {n} component{'s' * (n != 1)} set. All else on the page is {age} old.",
        "  Quarterdeck takes this post over when it is back; do not type it again.",
    ]
    if not os.access(config.data / "quarterdeck.db", os.R_OK) and not config.database_url:
        lines.append(f"  (There is no database in {config.data}; none was needed.)")
    return lines
