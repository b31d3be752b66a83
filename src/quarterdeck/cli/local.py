"""What commands that work on this machine's own store have in common: configuration, keys and Django, or a
clear end.
"""

from __future__ import annotations

import os
import sys
from typing import NoReturn

import click

from quarterdeck.boot import folder, secrets
from quarterdeck.boot.config import Config, ConfigError, load


def _into_environment(context: click.Context, parameter: click.Parameter, value: str | None) -> None:
    if value is not None:
        os.environ["QUARTERDECK_DATA"] = value


data_option = click.option(
    "--data",
    type=click.Path(file_okay=False),
    help="The folder of the installation (default: QUARTERDECK_DATA, else ./data).",
    expose_value=False,
    is_eager=True,
    callback=_into_environment,
)


def local(*, create: bool = True, existing: bool = False, current: bool = False) -> Config:
    """Set up this process for the store of the configuration. Ends the program where that is impossible.

    `existing`: only where there is an installation already; nothing is made then. `current`: only where its store has
    the tables of this release.
    """
    try:
        config = load()
        if existing and not folder.holds_store(config):
            no_store(config)
        if create and not existing:
            folder.make(config.data)
            secrets.ensure(config.data)
        from quarterdeck.boot.wiring import set_up

        set_up()
        if current:
            _must_be_current(config)
    except (ConfigError, ValueError, OSError) as e:
        click.echo(f"quarterdeck: {e}", err=True)
        sys.exit(2)
    return config


def _must_be_current(config: Config) -> None:
    from django.db import DatabaseError

    from quarterdeck.boot import migrate

    try:
        if migrate.is_current(config) or not migrate.pending():
            return
    except DatabaseError as e:
        click.echo(f"quarterdeck: The store cannot be read: {e}", err=True)
        sys.exit(2)
    where = "The database" if config.database_url else f"The store in {config.data}"
    told = "has not the tables of this release yet. Run: quarterdeck migrate, or quarterdeck serve"
    click.echo(f"quarterdeck: {where} {told}", err=True)
    sys.exit(2)


def no_store(config: Config) -> NoReturn:
    """There is nothing to work on here: say where was looked, and what to do."""
    click.echo(
        f"quarterdeck: There is no Quarterdeck in {config.data}. Name its folder with --data or QUARTERDECK_DATA. "
        "To make a new one there: quarterdeck serve, or quarterdeck migrate --new",
        err=True,
    )
    sys.exit(2)
