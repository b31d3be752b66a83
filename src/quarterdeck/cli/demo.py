"""`quarterdeck demo`: the product with the story of a made-up company, in a folder of its own, nothing to set up."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping

import click

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

Nothing leaves this machine: pages are shown in the demo's own console instead of being sent."""
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
    """Look around: a company of twelve people, a live incident, a review, a status page. The login is printed."""
    os.environ["QUARTERDECK_DEMO"] = "1"
    sys.exit(serve.run(port=port, data=data, prepare=seed, on_ready=welcome))


def seed(config: Config, keys: Mapping[str, str]) -> None:
    """Tell the story where there is none yet, in a process of its own. Raises CannotStart."""
    if run_once("demo", config, keys) != 0:
        raise supervise.CannotStart("The demo's story could not be told. The reason stands above.")


def welcome(config: Config) -> None:
    """The last lines a newcomer reads: where to go and how to get in."""
    told = config.data / "demo-login.json"
    login = json.loads(told.read_text(encoding="utf-8")) if told.exists() else {}
    supervise.say(f"\n  Open      {config.url}")
    if login:
        supervise.say(f"  Login     {login['email']}\n  Password  {login['password']}")
    supervise.say("  Stop      Ctrl-C\n")
