"""`quarterdeck rules`: rules of automation: list, show, try dry, switch on and off, write to a file and read back."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

import click

from quarterdeck.core.kernel.refused import Refused

from .local import data_option, local

if TYPE_CHECKING:
    from quarterdeck.app.act import Act

T = TypeVar("T")


@click.group(
    epilog="""\b
Examples:
  quarterdeck rules list
  quarterdeck rules dry-run sev1-liaison               the last 30 days, and what it would do
  quarterdeck rules dry-run sev1-liaison --about INC-1042
  quarterdeck rules enable sev1-liaison --reason "Agreed in the weekly meeting"
  quarterdeck rules export > rules.toml
  quarterdeck rules import rules.toml                  new ones are switched off
  quarterdeck rules import --examples"""
)
def rules() -> None:
    """Rules of automation: what sets one off, what it asks, what it does."""


@rules.command("list")
@data_option
def list_() -> None:
    """Every rule, in the order they are looked at."""
    local(existing=True, current=True)
    from quarterdeck.app.automation import rules as acts

    found = list(acts.rules())
    for row in found:
        state = "on " if row.enabled else "OFF" if row.stopped else "off"
        click.echo(f"{state}  {row.key:<32} v{row.version:<4} {row.trigger:<26} {row.name}")
        if row.stopped:
            click.echo(f"     {row.stopped}")
    if not found:
        click.echo("There are no rules. quarterdeck rules import --examples adds five, switched off.")


@rules.command()
@click.argument("key")
@data_option
def show(key: str) -> None:
    """One rule as TOML, with its versions and last runs."""
    local(existing=True, current=True)
    from quarterdeck.app.automation import files
    from quarterdeck.app.automation import rules as acts

    row = _or_leave(lambda: acts.find(key))
    click.echo(files.dump([row]))
    for version in acts.versions(row)[:10]:
        click.echo(f"# version {version.version}, {version.at:%Y-%m-%d %H:%M} UTC: {version.reason}")
    for run in acts.runs(_act().who).filter(rule_id=row.id)[:10]:
        about = run.incident_id or run.alert_id
        click.echo(f"# run {run.queued_at:%Y-%m-%d %H:%M} UTC, {about}: {run.state} {run.reason}")


@rules.command("dry-run")
@click.argument("key")
@click.option("--about", default="", help="An incident, or the id of an alert, to show it on.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of lines.")
@data_option
def dry_run(key: str, about: str, as_json: bool) -> None:
    """What the rule would have done in the last 30 days. Changes nothing."""
    local(existing=True, current=True)
    from quarterdeck.app.automation import dry_run as trying
    from quarterdeck.app.automation import rules as acts

    row = _or_leave(lambda: acts.find(key))
    shown = _or_leave(lambda: trying.dry_run(_act(), acts.said(row), row.name, about))
    if as_json:
        matches = [{"at": m.at.isoformat(), "about": m.about, "holds": m.holds} for m in shown.matches]
        actions = [
            {"title": a.title, "to": a.to, "text": a.text, "problem": a.problem} for a in shown.actions
        ]
        told = {"seen": shown.seen, "held": shown.held, "complete": shown.complete, "on": shown.on}
        click.echo(json.dumps(told | {"matches": matches, "actions": actions}, indent=2))
        return
    more = "" if shown.complete else " (of the newest looked through)"
    click.echo(f"In 30 days it was set off {shown.seen} times, and would have run {shown.held} times{more}.")
    for m in shown.matches:
        click.echo(
            f"  {m.at:%Y-%m-%d %H:%M} UTC  {'would run' if m.holds else 'would not'}  {m.about} {m.title}"
        )
    click.echo(f"Shown on: {shown.on}")
    for p in shown.parts:
        have = f"  (it is {p.have})" if p.have else ""
        click.echo(f"  {'  ' * p.depth}{'yes' if p.holds else 'no '} {p.text}{have}")
    for a in shown.actions:
        click.echo(f"  {a.title}{f' → {a.to}' if a.to else ''}: {a.text}")
        if a.problem:
            click.echo(f"    but: {a.problem}")


@rules.command()
@click.argument("key")
@click.option("--reason", default="", help="Why; it is kept in the audit.")
@data_option
def enable(key: str, reason: str) -> None:
    """Switch a rule on."""
    _switch(key, True, reason)


@rules.command()
@click.argument("key")
@click.option("--reason", default="", help="Why; it is kept in the audit.")
@data_option
def disable(key: str, reason: str) -> None:
    """Switch a rule off. What waits for its turn does not run."""
    _switch(key, False, reason)


@rules.command()
@data_option
def export() -> None:
    """Every rule as TOML, on the terminal."""
    local(existing=True, current=True)
    from quarterdeck.app.automation import files
    from quarterdeck.app.automation import rules as acts

    click.echo(files.dump(list(acts.rules())), nl=False)


@rules.command("import")
@click.argument("path", required=False, type=click.File("r", encoding="utf-8"))
@click.option("--examples", is_flag=True, help="The rules that come with the product.")
@click.option("--reason", default="Imported", help="Why; it is kept with each version.")
@data_option
def import_(path: click.utils.LazyFile | None, examples: bool, reason: str) -> None:
    """Make and change the rules of a file, all or none. New ones are switched off."""
    if (path is None) is not examples:
        raise click.UsageError("Give a file, or --examples.")
    local(existing=True, current=True)
    from quarterdeck.app.automation import files

    try:
        text = path.read() if path is not None else ""
    except UnicodeDecodeError as e:
        raise click.ClickException(f"The file cannot be read as UTF-8 text ({e}).") from e
    for key, became in _or_leave(
        lambda: files.take_in(_act(), files.examples() if examples else files.parse(text), reason)
    ):
        click.echo(f"{became:<8} {key}")


def _switch(key: str, enabled: bool, reason: str) -> None:
    local(existing=True, current=True)
    from quarterdeck.app.automation import rules as acts

    row = _or_leave(lambda: acts.switch(_act(), key, enabled, reason))
    click.echo(f"{row.key} is switched {'on' if row.enabled else 'off'}.")


def _act() -> Act:
    from quarterdeck.app.act import act_of
    from quarterdeck.app.people.accounts import OPERATOR

    return act_of(OPERATOR, "administrator", datetime.now(UTC), via="cli")


def _or_leave(doing: Callable[[], T]) -> T:
    try:
        return doing()
    except Refused as e:
        raise click.ClickException(e.message) from e
