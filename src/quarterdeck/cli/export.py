"""`quarterdeck export`: an incident's signed record, its report, or its whole event log, as a file."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import click

from quarterdeck.boot import secrets
from quarterdeck.boot.config import Config

from .local import data_option, local

FORMATS = ("record", "markdown", "pdf", "events")
_NUMBER = re.compile(r"(?:INC-)?(\d{1,9})", re.IGNORECASE)


@click.command(
    epilog="""\b
Examples:
  quarterdeck export incident 1042                     the signed record: INC-1042-record.zip
  quarterdeck export incident 1042 --names -o r.zip    with people's names instead of their roles
  quarterdeck export INC-1042                          the report as Markdown, on the terminal
  quarterdeck export INC-1042 --as pdf -o report.pdf
  quarterdeck export INC-1042 --as events -o log.jsonl one event a line, with its hash
  quarterdeck export installation --as events          configuration and access: the audit trail
\b
Anybody proves a record with: quarterdeck verify INC-1042-record.zip"""
)
@click.argument("stream", metavar="[incident] STREAM")
@click.argument("number", required=False)
@data_option
@click.option(
    "--as",
    "shape",
    type=click.Choice(FORMATS),
    help="What to write (default: the record after 'incident', else the report as Markdown).",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, writable=True),
    help="The file (default: the terminal, for a record INC-…-record.zip here).",
)
@click.option("--names", is_flag=True, help="In a record: people's names instead of the roles they held.")
@click.option(
    "--restricted", is_flag=True, help="Write a restricted incident too; the audit trail keeps that you did."
)
def export(
    stream: str, number: str | None, shape: str | None, output: str | None, names: bool, restricted: bool
) -> None:
    """Write an incident's signed record, its report or its event log to a file. Run it where the data is."""
    if stream.lower() == "incident" or number is not None:
        stream, shape = _incident(stream, number), shape or "record"
    shape = shape or "markdown"
    config = local(existing=True)
    if shape == "record":
        _need_keys(config)
        _record(stream, output, names, restricted)
        return
    if shape == "pdf" and output is None:
        raise click.UsageError("A PDF goes into a file: add -o report.pdf")
    content = _events(stream) if shape == "events" else _report(stream, shape)
    if output is None:
        sys.stdout.write(content.decode())
    else:
        Path(output).write_bytes(content)
        click.echo(f"Written {len(content):,} bytes to {output}")


def _incident(word: str, number: str | None) -> str:
    found = _NUMBER.fullmatch(number or "")
    if word.lower() != "incident" or found is None:
        raise click.UsageError("Name an incident by its number: quarterdeck export incident 1042")
    return f"INC-{int(found[1])}"


def _need_keys(config: Config) -> None:
    if not secrets.file(config.data).exists():
        raise click.ClickException(
            f"There are no keys to sign with: {secrets.file(config.data)} is missing. Restore it from a backup."
        )


def _record(stream: str, output: str | None, names: bool, restricted: bool) -> None:
    from datetime import UTC, datetime

    from quarterdeck.app import visibility
    from quarterdeck.app.act import Act
    from quarterdeck.app.exports.write import export as write
    from quarterdeck.core.access import SYSTEM
    from quarterdeck.core.kernel.refused import Refused

    if not restricted and visibility.unless_restricted("", stream, "hidden"):
        raise click.ClickException(
            f"{stream} is restricted. Add --restricted to write it all the same; the audit trail keeps it."
        )
    target = Path(output or f"{stream}-record.zip")
    draft = target.with_name(f".{target.name}.part")
    try:
        with draft.open("wb") as out:
            made = write(Act(SYSTEM, datetime.now(UTC), "cli"), stream, out, named=names)
        draft.replace(target)
    except Refused as refused:
        raise click.ClickException(refused.message) from None
    except OSError as e:
        raise click.ClickException(f"{target} cannot be written ({e.strerror}).") from None
    finally:
        draft.unlink(missing_ok=True)
    click.echo(
        f"Written {made.size_bytes:,} bytes to {target}: {made.events} events, {made.files} files, "
        f"signed with key {made.key_id}"
    )
    if made.lost:
        click.echo(f"{made.lost} attached files are not on this machine; the manifest names them.", err=True)


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
    from quarterdeck.app.upkeep import verify

    lines = [json.dumps(e, ensure_ascii=False, sort_keys=True) for e in verify.events(stream)]
    if not lines:
        raise click.ClickException(f"No stream is called {stream}. `quarterdeck verify` lists them.")
    return ("\n".join(lines) + "\n").encode()
