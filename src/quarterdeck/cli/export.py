"""`quarterdeck export`: an incident's report, or its whole event log, as a file."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from .local import data_option, local

FORMATS = ("markdown", "pdf", "events")


@click.command(
    epilog="""\b
Examples:
  quarterdeck export INC-1042                          the report as Markdown, on the terminal
  quarterdeck export INC-1042 --as pdf -o report.pdf
  quarterdeck export INC-1042 --as events -o log.jsonl one event a line, with its hash
  quarterdeck export installation --as events          configuration and access: the audit trail"""
)
@click.argument("stream")
@data_option
@click.option(
    "--as", "shape", type=click.Choice(FORMATS), default="markdown", show_default=True, help="What to write."
)
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, writable=True), help="The file (default: the terminal)."
)
def export(stream: str, shape: str, output: str | None) -> None:
    """Write an incident's report or its event log to a file. Run it where the data is: it reads the store."""
    local(existing=True)
    if shape == "pdf" and output is None:
        raise click.UsageError("A PDF goes into a file: add -o report.pdf")
    content = _events(stream) if shape == "events" else _report(stream, shape)
    if output is None:
        sys.stdout.write(content.decode())
    else:
        Path(output).write_bytes(content)
        click.echo(f"Written {len(content):,} bytes to {output}")


def _report(stream: str, shape: str) -> bytes:
    from datetime import UTC, datetime

    from quarterdeck.app import reports
    from quarterdeck.core.access import SYSTEM
    from quarterdeck.core.kernel.refused import Refused

    try:
        report = reports.build(stream, SYSTEM, datetime.now(UTC))
    except Refused as refused:
        raise click.ClickException(refused.message) from None
    return reports.pdf(report) if shape == "pdf" else reports.markdown(report).encode()


def _events(stream: str) -> bytes:
    from quarterdeck.app import verify

    lines = [json.dumps(e, ensure_ascii=False, sort_keys=True) for e in verify.events(stream)]
    if not lines:
        raise click.ClickException(f"No stream is called {stream}. `quarterdeck verify` lists them.")
    return ("\n".join(lines) + "\n").encode()
