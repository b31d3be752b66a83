"""`quarterdeck doctor`: the health checks with what this machine adds, as text or JSON, with an exit code."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime

import click

from .local import data_option, local

MARKS = {"ok": ("ok", "green"), "warning": ("warning", "yellow"), "fault": ("FAULT", "red")}


@click.command(
    epilog="""\b
Examples:
  quarterdeck doctor
  quarterdeck doctor --json | jq '.[] | select(.level != "ok")'
\b
Exit code: 0 all is well, 1 there are warnings, 2 there is a fault."""
)
@click.option("--json", "as_json", is_flag=True, help="One JSON list instead of lines.")
@data_option
def doctor(as_json: bool) -> None:
    """Check this installation: each check says what is so, why it matters, and what to do next."""
    local(create=False)
    from quarterdeck.app.health import health
    from quarterdeck.boot.machine import machine

    found = health.look(machine(), datetime.now(UTC))
    if as_json:
        click.echo(json.dumps(health.plain(found), indent=2))
    else:
        for f in found:
            word, colour = MARKS[f.level]
            click.echo(f"{click.style(f'{word:8}', fg=colour)} {f.name}: {f.text}")
            if f.next:
                click.echo(f"{'':8} -> {f.next}")
    sys.exit(health.worst(found))
