"""`quarterdeck migrate` and `quarterdeck verify`: the store's tables and the proof of its log."""

from __future__ import annotations

import sys

import click

from quarterdeck.boot import folder
from quarterdeck.boot.config import ConfigError, load

from .local import data_option, local, no_store


@click.command()
@click.option("--without-backup", is_flag=True, help="Do not copy the store first.")
@click.option("--new", is_flag=True, help="Make a new installation where there is none.")
@data_option
def migrate(without_backup: bool, new: bool) -> None:
    """Bring the store's tables up to this release. `serve` does this by itself at every start.

    A SQLite store is copied to <data>/backups/before-… first; the last three such copies are kept.
    Exit code 3: the store belongs to a newer release. 4: it could not be copied. Nothing was changed then.
    """
    _only_where_wanted(new)
    local()
    from quarterdeck.boot import migrate as steps
    from quarterdeck.boot.backup_manifest import BackupFailed

    try:
        done = steps.migrate(backed_up=not without_backup)
    except BackupFailed as e:
        click.echo(steps.NOT_BEGUN.format(e), err=True)
        sys.exit(steps.NOT_BACKED_UP)
    except (steps.NewerSchema, steps.MovedAway) as e:
        click.echo(str(e), err=True)
        sys.exit(steps.NEWER if isinstance(e, steps.NewerSchema) else steps.MOVED)
    for name in done:
        click.echo(f"migrated {name}")
    click.echo("The store is up to date.")


@click.command(
    epilog="""\b
Examples:
  quarterdeck verify               every stream
  quarterdeck verify INC-1042      one incident
  quarterdeck verify installation  configuration, access and people
  quarterdeck verify INC-1042-record.zip --key 3f9c0a…   an exported record, on any machine"""
)
@click.argument("streams", nargs=-1, metavar="[STREAM|FILE]...")
@click.option("--key", default="", help="The id or the whole public key that must have signed the record.")
@data_option
def verify(streams: tuple[str, ...], key: str) -> None:
    """Prove that the event log is whole: nothing changed, removed, added in between or put in another order.

    Each event carries the hash of the one before it; this recomputes them all. A FILE is a record that quarterdeck
    export wrote: its signature, every file in it and its chain are proved without any store. Exit code 1: something
    was changed. 2: there was nothing to check.
    """
    from .records import is_record, prove

    if any(is_record(s) for s in streams):
        prove(streams, key)
        return
    local(existing=True)
    from django.db import DatabaseError

    from quarterdeck.app.upkeep import verify as proof
    from quarterdeck.core.kernel.text import counted

    broken = checked = 0
    try:
        unknown = sorted(set(streams) - set(proof.names()))
        found = iter(proof.streams(streams))
    except DatabaseError as e:
        click.echo(f"quarterdeck: The event log cannot be read: {e}".strip(), err=True)
        sys.exit(2)
    for stream, events, wrong in found:
        checked += 1
        if wrong is None:
            click.echo(f"whole   {stream}  {counted(events, 'event')}")
        else:
            broken += 1
            click.echo(f"BROKEN  {wrong}", err=True)
    if not streams:
        broken += _missing()
    for name in unknown:
        click.echo(f"No stream is called {name}. quarterdeck verify lists them all.", err=True)
    if broken:
        click.echo(
            f"Broken: {broken} of {counted(checked, 'stream')}. Compare with your backup and the anchors.",
            err=True,
        )
    elif checked:
        click.echo("The one stream is whole." if checked == 1 else f"All {checked} streams are whole.")
    elif not unknown:
        click.echo("There are no events to check.", err=True)
    sys.exit(1 if broken else 2 if unknown or not checked else 0)


def _missing() -> int:
    """Tell what was purged after its time; how many incidents are gone without a word."""
    from quarterdeck.app.upkeep import verify as proof
    from quarterdeck.core.kernel.text import counted

    for incident, events, head in proof.purged():
        click.echo(
            f"purged  {incident}  {counted(events, 'event')}, the last {head[:16]}, after the time it is kept"
        )
    wrong = proof.unexplained()
    for text in wrong:
        click.echo(f"BROKEN  {text}", err=True)
    return len(wrong)


def _only_where_wanted(new: bool) -> None:
    """An empty folder is more often a forgotten QUARTERDECK_DATA than a wish for a second installation."""
    try:
        config = load()
        if new or folder.holds_store(config):
            return
    except ConfigError as e:
        click.echo(f"quarterdeck: {e}", err=True)
        sys.exit(2)
    question = f"There is no Quarterdeck in {config.data}. Make a new one there?"
    if not (sys.stdin.isatty() and click.confirm(question)):
        no_store(config)
