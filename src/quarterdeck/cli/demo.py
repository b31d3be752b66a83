"""`quarterdeck demo`: the product with the story of a made-up company, in a folder of its own, nothing to set up."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import click

from quarterdeck.boot import demo as story
from quarterdeck.boot import supervise
from quarterdeck.boot.config import Config
from quarterdeck.boot.launch import run_once

from . import serve


@click.command(
    epilog="""\b
Examples:
  quarterdeck demo
  quarterdeck demo --port 9000
  rm -r demo-data && quarterdeck demo      the story from its beginning

Nothing leaves this machine: pages are shown in the demo's own console instead of being sent,
but to a browser of yours where you switch them on under How I am reached."""
)
@click.option("--port", type=click.IntRange(0, 65535), help="Listen here (default 8080; 0 takes a free one).")
@click.option(
    "--data",
    type=click.Path(file_okay=False),
    default="demo-data",
    show_default=True,
    help="Keep the demo in this folder.",
)
def demo(port: int | None, data: str) -> None:
    """Look around: a company of about 40 people, a live incident, a review, a status page. The login is printed."""
    os.environ["QUARTERDECK_DEMO"] = "1"
    sys.exit(serve.run(port=port, data=data, prepare=seed, on_ready=welcome))


def seed(config: Config, keys: Mapping[str, str]) -> None:
    """Tell the story where there is none yet, in a process of its own. Raises CannotStart."""
    if run_once("demo", config, keys) != 0:
        raise supervise.CannotStart("The demo's story could not be told. The reason stands above.")


def welcome(config: Config) -> None:
    """The last lines a newcomer reads: where to go and how to get in."""
    found = story.credentials(config.data)
    supervise.say(f"\n  Open      {config.url}")
    if found is not None:
        kept = story.hand_out(Path.cwd(), config.url, found)
        supervise.say(f"  Login     {found.email}\n  Password  {found.password}")
        supervise.say(f"  Keys      {kept.name}: of the API and for a monitoring tool")
    supervise.say("  Stop      Ctrl-C\n")
