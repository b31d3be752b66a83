"""`quarterdeck catalog check`: what is wrong in catalogue files, with file, line and a suggestion. Changes nothing."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from quarterdeck import catalog as files
from quarterdeck.boot import folder
from quarterdeck.boot.config import ConfigError, load

from .local import data_option, local

MARKS = {"fault": ("FAULT", "red"), "warning": ("warning", "yellow")}


@click.group()
def catalog() -> None:
    """Types, severities, response templates and role cards of the organisation."""


@catalog.command(
    epilog="""\b
Examples:
  quarterdeck catalog check                            the catalogue in force here
  quarterdeck catalog check templates/flood.toml roles/flood/*.toml
  quarterdeck catalog check --json | jq '.[] | select(.severity == "fault")'
\b
Files are checked as if they were in force. The end of their path says what they are: templates/<key>.toml,
roles/<template>/<key>.toml, types.toml, severities.toml, audiences.toml, matrix.toml, resolution_codes.toml.
\b
Exit code: 0 nothing is wrong, 1 there are warnings only, 2 there is a fault."""
)
@click.argument(
    "paths", metavar="[FILE]...", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--json", "as_json", is_flag=True, help="One JSON list instead of lines.")
@data_option
def check(paths: tuple[Path, ...], as_json: bool) -> None:
    """Check catalogue files: missing duties, circles, unknown words, rules that can never hold."""
    own, saved = _in_force()
    given = dict(map(_read, paths))
    found = files.check(own, {**saved, **given})
    if given:
        known = {(f.where, f.text) for f in files.check(own, saved)}
        found = [f for f in found if f.where in given or (f.where, f.text) not in known]
    if as_json:
        fields = ("severity", "where", "line", "text", "suggestion")
        click.echo(json.dumps([{n: getattr(f, n) for n in fields} for f in found], indent=2))
    else:
        for f in found:
            mark, colour = MARKS[f.severity]
            click.echo(f"{click.style(mark.ljust(8), fg=colour)} {f}")
        if not found:
            click.echo(f"ok       {_looked(given)}: nothing is wrong.")
    levels = {f.severity for f in found}
    sys.exit(2 if "fault" in levels else 1 if levels else 0)


def _looked(given: dict[str, str]) -> str:
    return ", ".join(given) if given else "The catalogue in force"


def _read(path: Path) -> tuple[str, str]:
    place = files.place_of(path)
    if not place:
        raise click.UsageError(
            f"{path} is no file of the catalogue by its name. Put it where it will stand, such as "
            "templates/<key>.toml or roles/<template>/<key>.toml."
        )
    try:
        return place, path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as e:
        raise click.UsageError(f"{path} cannot be read as UTF-8 text ({e}).") from e


def _in_force() -> tuple[Path | None, dict[str, str]]:
    """The organisation's folder and what was saved over it; the shipped catalogue where there is no installation."""
    try:
        if not folder.holds_store(load()):
            return None, {}
    except ConfigError:
        return None, {}
    local(create=False, existing=True, current=True)
    from quarterdeck.app.catalog import catalogue_files, saved_files

    own = catalogue_files.own()
    return (own if own.is_dir() else None), saved_files.texts()
