"""`quarterdeck keys`: replace the keys this installation signs and seals with, and accept new ones after a loss."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import click

from quarterdeck.boot import secrets

from .local import data_option, local


@click.group()
def keys() -> None:
    """Replace the installation's own keys (secrets.json), or accept new ones after the old were lost.

    They sign the links in messages and exported records, and seal second factors. Only the public half of the key that
    signs records is ever shown.
    """


@keys.command()
@data_option
def show() -> None:
    """Print the public keys that prove exported records: the present one, then former ones. They are no secret."""
    config = local(existing=True)
    if not secrets.file(config.data).exists():
        raise click.ClickException(f"{secrets.file(config.data)} is missing. Restore it from a backup.")
    from quarterdeck.app.exports.signing import public_keys

    for key in public_keys():
        click.echo(f"{key.id}  {key.key}  {'signs now' if key.present else 'signed before'}")


@keys.command()
@data_option
def rotate() -> None:
    """Make new keys. What the former ones signed or sealed still opens, until quarterdeck keys forget.

    Links in messages and sessions go on working. Restart every node afterwards, with the same secrets.json on each;
    a lifeline on another machine needs its snapshot_key again.
    """
    config = local(existing=True)
    path = secrets.file(config.data)
    _or_leave(lambda: secrets.rotate(path))
    click.echo(
        f"New keys are in {path}. Make a backup, and restart quarterdeck serve: they count from then on."
    )


@keys.command()
@data_option
@click.option("--yes", is_flag=True, help="Do not ask.")
def forget(yes: bool) -> None:
    """Let former keys open nothing any more: links sent before the last rotation, second factors set up before."""
    config = local(existing=True)
    path = secrets.file(config.data)
    if not yes:
        click.confirm(
            "Second factors that were set up before the last rotation stop working. Go on?", abort=True
        )
    found: list[int] = []
    _or_leave(lambda: found.append(secrets.forget(path)))
    number = found[0]
    click.echo(
        f"{number} former keys are forgotten; restart quarterdeck serve."
        if number
        else "There are no former keys."
    )


@keys.command()
@data_option
def accept() -> None:
    """Take the present keys as this installation's own, after the old ones were lost. The alarm ends."""
    config = local(existing=True)
    from quarterdeck.app.people import accounts
    from quarterdeck.app.upkeep import key_ids
    from quarterdeck.core.kernel.refused import Refused

    ids = secrets.ids(secrets.read(secrets.file(config.data)))
    try:
        key_ids.accept(accounts.operator(datetime.now(UTC)), ids)
    except Refused as refused:
        click.echo(refused.message)
        return
    click.echo("Accepted. The alarm ends within a minute.")


def _or_leave(work) -> None:  # type: ignore[no-untyped-def]
    try:
        work()
    except (ValueError, OSError) as e:
        click.echo(f"quarterdeck: {e}", err=True)
        sys.exit(2)
