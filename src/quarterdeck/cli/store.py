"""`quarterdeck migrate` and `quarterdeck verify`: the store's tables and the proof of its log."""

from __future__ import annotations

import sys

import click

from .local import local


@click.command()
@click.option("--without-backup", is_flag=True, help="Do not copy the store first.")
def migrate(without_backup: bool) -> None:
    """Bring the store's tables up to this release. `serve` does this by itself at every start.

    A SQLite store is copied to <data>/backups/before-… first; the last three such copies are kept.
    Exit code 3: the store belongs to a newer release. 4: it could not be copied. Nothing was changed then.
    """
    local()
    from quarterdeck.boot import migrate as steps
    from quarterdeck.boot.backup import BackupFailed

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
  quarterdeck verify installation  configuration, access and people"""
)
@click.argument("streams", nargs=-1)
def verify(streams: tuple[str, ...]) -> None:
    """Prove that the event log is whole: nothing changed, removed, added in between or put in another order.

    Each event carries the hash of the one before it; this recomputes them all. Exit code 1: a chain is
    broken.
    """
    local()
    from quarterdeck.app import verify as proof
    from quarterdeck.core.kernel.text import counted

    broken = checked = 0
    for stream, events, wrong in proof.streams(streams):
        checked += 1
        if wrong is None:
            click.echo(f"whole   {stream}  {counted(events, 'event')}")
        else:
            broken += 1
            click.echo(f"BROKEN  {wrong}", err=True)
    if checked == 0:
        click.echo("There are no events to check." if not streams else "No stream is called that.")
    elif broken:
        click.echo(
            f"Broken: {broken} of {counted(checked, 'stream')}. Compare with your backup and the anchors.",
            err=True,
        )
    else:
        click.echo("The one stream is whole." if checked == 1 else f"All {checked} streams are whole.")
    sys.exit(1 if broken else 0)
