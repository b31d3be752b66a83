"""`quarterdeck migrate-store`: move the installation to PostgreSQL while it runs, or back to SQLite."""

from __future__ import annotations

import sys

import click

from quarterdeck.core.kernel.text import counted

from .local import data_option, local


@click.command(
    epilog="""\b
Examples:
  quarterdeck migrate-store --to postgres://quarterdeck:password@db/quarterdeck
  quarterdeck migrate-store --to sqlite
\b
Alerts are accepted all the while. Writing stands still for seconds at the end, and a running
`quarterdeck serve` starts its processes anew with the other store. The old one is closed and kept."""
)
@data_option
@click.option("--to", required=True, metavar="URL", help="An empty PostgreSQL database, or sqlite.")
def migrate_store(to: str) -> None:
    """Move everything to the other kind of store, compare every row, and go on from there."""
    config = local(existing=True)
    from quarterdeck.boot import moving
    from quarterdeck.core.kernel.refused import Refused
    from quarterdeck.store.fence import Fenced

    try:
        done = moving.move(config, to, tell=lambda text: click.echo(f"  {text}"))
    except (moving.MoveFailed, Refused, Fenced) as e:
        click.echo(f"quarterdeck: {e}", err=True)
        sys.exit(1)
    click.echo(f"Moved to {done.to}: {counted(done.rows, 'row')} in {counted(len(done.digests), 'table')}")
    if done.bodies:
        click.echo(
            f"  and {counted(done.bodies, 'accepted alert body', 'accepted alert bodies')} that waited"
        )
    click.echo(f"  writing stood still for {done.stopped_seconds:g} s")
    click.echo(
        "  The old store is closed and refuses to be served. Keep it until you have a backup of the new one."
    )
    if config.attachments_folder.is_dir():
        click.echo(
            f"  Files of records stay in {config.attachments_folder}; other nodes that join must share it."
        )
    click.echo(
        "The data folder points to the new store; set DATABASE_URL as well where other nodes are to join."
    )
