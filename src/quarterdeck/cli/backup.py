"""`quarterdeck backup` and `quarterdeck restore`: copies that were proved, and putting one back."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path

import click

from quarterdeck.boot import restore as putting_back
from quarterdeck.boot import supervise
from quarterdeck.boot.backup import make, told_of
from quarterdeck.boot.backup_manifest import BackupFailed
from quarterdeck.boot.config import Config, ConfigError, load
from quarterdeck.core.kernel.text import counted

from .local import data_option, local


@click.command(
    epilog="""\b
Examples:
  quarterdeck backup                         into <data>/backups, or [backup] folder
  quarterdeck backup /mnt/backup --keep 30   there, and the oldest beyond 30 removed
  quarterdeck backup /mnt/share --without-secrets
\b
Exit code 1: there is no new backup; the reason is printed."""
)
@click.argument("dest", required=False, type=click.Path(file_okay=False))
@data_option
@click.option("--keep", type=click.IntRange(1), help="Remove the oldest beyond this many.")
@click.option(
    "--without-secrets", is_flag=True, help="Leave out keys and settings; keep those in another place."
)
def backup(dest: str | None, keep: int | None, without_secrets: bool) -> None:
    """Copy everything that cannot be made again, while it is in use, and prove the copy by restoring it."""
    config = _config()
    kept = keep or (0 if dest else config.backup.keep)
    try:
        place, manifest = make(
            config, Path(dest) if dest else None, keep=kept, with_secrets=not without_secrets
        )
    except BackupFailed as e:
        click.echo(f"quarterdeck: {e}", err=True)
        sys.exit(1)
    size = sum(f.bytes for f in manifest.files)
    rows = sum(manifest.counts.values())
    click.echo(f"Backed up to {place}")
    click.echo(f"  {size / 1e6:.1f} MB, {counted(rows, 'row')}, copied in {manifest.copy_seconds:g} s")
    click.echo(
        f"  restored and found whole in {manifest.proof_seconds:g} s: "
        f"{counted(manifest.events, 'event')} in {counted(manifest.streams, 'chain')}"
    )
    click.echo(
        "  " + ("with the keys: keep it where nobody else can read" if manifest.secrets else "without keys")
    )
    _remember(place, told_of(place, manifest))


def _remember(place: Path, told: dict[str, object]) -> None:
    """Let Health know. A store that cannot be written is backed up all the same."""
    local(create=False)
    from django.db import DatabaseError

    from quarterdeck.app.upkeep import installation

    try:
        installation.backed_up(told, datetime.now(UTC))
    except (DatabaseError, installation.models.Installation.DoesNotExist) as e:
        click.echo(f"  The store itself could not note this backup: {e}", err=True)


@click.command(
    epilog="""\b
Examples:
  quarterdeck restore --rehearse /mnt/backup            try the newest one there; starts nothing
  quarterdeck restore /mnt/backup/2026-11-22T03-10-00Z  into an empty data folder
  quarterdeck restore /mnt/backup --move-aside          beside what is there
\b
With DATABASE_URL it restores into that database, which must be empty.
A restored store starts with its engine paused: see quarterdeck engine --help."""
)
@click.argument("source", metavar="FROM", type=click.Path(exists=True, file_okay=False))
@data_option
@click.option(
    "--rehearse", is_flag=True, help="Restore into a temporary place, say what is found, start nothing."
)
@click.option("--move-aside", is_flag=True, help="Put what the data folder holds into a folder beside.")
@click.option("--without-secrets", is_flag=True, help="Do not restore keys and settings.")
def restore(source: str, rehearse: bool, move_aside: bool, without_secrets: bool) -> None:
    """Put a backup back. Nothing is ever overwritten, and nobody is paged before you say so."""
    config = _config()
    try:
        if rehearse:
            _rehearse(config, Path(source))
        else:
            _put_back(config, Path(source), move_aside, not without_secrets)
    except (BackupFailed, supervise.CannotStart) as e:
        click.echo(f"quarterdeck: {e}", err=True)
        sys.exit(1)


def _put_back(config: Config, source: Path, move_aside: bool, with_secrets: bool) -> None:
    with supervise.own(config.data):
        done = putting_back.put_back(config, source, move_aside=move_aside, with_secrets=with_secrets)
        _say(done)
        if done.aside:
            click.echo(f"  What was there before lies in {done.aside}")
        if done.later_bodies:
            bodies = counted(done.later_bodies, "alert body", "alert bodies")
            click.echo(f"  {bodies} accepted after the backup came from the second folder of the journal")
        if done.kept:
            click.echo(f"  Left as they were, and different in the backup: {', '.join(done.kept)}")
        local()
        from quarterdeck.boot import migrate

        migrate.migrate()
        _pending()
    click.echo("Start it with quarterdeck serve. It pages nobody before: quarterdeck engine resume")


def _rehearse(config: Config, source: Path) -> None:
    from quarterdeck.boot import backup_postgres

    _, manifest = putting_back.checked(source)
    on_postgres = manifest.store == "postgresql"
    if on_postgres and not config.database_url:
        raise BackupFailed("This backup is of PostgreSQL: name a server to try it on with DATABASE_URL.")
    place = Path(tempfile.mkdtemp(prefix="rehearsal-", dir=config.data if config.data.is_dir() else None))
    try:
        with backup_postgres.temporary(config.database_url) if on_postgres else nullcontext("") as url:
            done = putting_back.rehearse(place, source, url)
            _say(done)
            for text in done.wrong:
                click.echo(f"  WRONG: {text}", err=True)
            if done.wrong:
                sys.exit(1)
            _look_inside(place, url)
    finally:
        shutil.rmtree(place, ignore_errors=True)
    click.echo("The backup can be used. Nothing was changed and nothing was started.")


def _look_inside(place: Path, url: str) -> None:
    """Bring the restored tables up to this release, there, and say what the engine would do."""
    os.environ["QUARTERDECK_DATA"] = str(place)
    for name in ("QUARTERDECK_CONFIG", "QUARTERDECK_SECRETS_FILE", "DATABASE_URL"):
        os.environ.pop(name, None)
    if url:
        os.environ["DATABASE_URL"] = url
    local(create=False)
    from django.db import connections

    from quarterdeck.boot import migrate

    migrate.migrate()
    _pending()
    connections.close_all()


def _say(done: putting_back.Restored) -> None:
    m = done.manifest
    click.echo(f"Restored {done.source} in {done.seconds:g} s")
    click.echo(f"  made {m.made_at} by release {m.release}, tables {m.schema_version}, {m.store}")
    if not done.wrong:
        rows = counted(sum(m.counts.values()), "row")
        click.echo(f"  {rows} in {counted(len(m.counts), 'table')}, as the manifest says")
        click.echo(f"  {counted(m.events, 'event')} in {counted(m.streams, 'chain')}, every hash holds")


def _pending() -> None:
    from .engine import tell_pending

    tell_pending(datetime.now(UTC))


def _config() -> Config:
    try:
        return load()
    except ConfigError as e:
        click.echo(f"quarterdeck: {e}", err=True)
        sys.exit(2)
